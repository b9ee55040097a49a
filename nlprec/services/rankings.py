"""Answers questions from the live release: gathered for one reactor turn, computed in threads, swapped as a whole."""

from collections import deque
from collections.abc import Callable
from typing import Any

from attrs import define
from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IDelayedCall
from twisted.python.failure import Failure
from zope.interface import implementer

from nlprec.errors import NlprecError, NotReady, Overloaded
from nlprec.host import PluginHost
from nlprec.interfaces import IRankings
from nlprec.kit.events import Batch
from nlprec.services.metrics import Metrics
from nlprec.services.part import Part
from nlprec.services.pool import Pool
from nlprec.services.release.recent import Memory, News
from nlprec.settings import Settings
from nlprec.stages.serve import Answer, LiveRelease, Question

BATCH = 64  #: questions answered together
WAITING = 2048  #: questions that may wait
STUCK = 60.0  #: seconds after which one batch counts as hung


@define(eq=False)
class _Waiting:
    question: Question
    answer: "Deferred[Answer]"
    asked: float
    expires: float


@implementer(IRankings)
class RankingsService(Part):
    """
    Holds the live release. ``swap`` is one assignment: a question is answered by the old or by the new one.

    Questions of one reactor turn are scored together; while all workers compute, the next ones gather.
    """

    def __init__(
        self,
        reactor: Any,
        pool: Pool,
        settings: Callable[[], Settings],
        host: Callable[[], PluginHost],
        metrics: Metrics,
        workers: int = 1,
    ) -> None:
        self._reactor = reactor
        self._pool = pool
        self._settings = settings
        self._host = host
        self._metrics = metrics
        self._workers = workers
        self._release: LiveRelease | None = None
        self._memory = Memory()
        self._waiting: deque[_Waiting] = deque()
        self._computing: dict[int, float] = {}  #: batch number -> when it began
        self._batches = 0
        self._turn: IDelayedCall | None = None
        self._sweep: IDelayedCall | None = None
        self._idle: list[Deferred[None]] = []
        metrics.watch_queue("questions", lambda: len(self._waiting))

    def recommend(self, question: Question) -> "Deferred[Answer]":
        """Answer a question; NotReady without a release, Overloaded after too long, UnknownName for a strange name."""
        if self._release is None or not self.running:
            self._metrics.question("not_ready")
            return fail(NotReady(self.ready()))
        if len(self._waiting) >= WAITING:
            self._metrics.question("overloaded")
            return fail(Overloaded(f"{WAITING} questions are waiting already; come back later"))
        now = self._reactor.seconds()
        mine = _Waiting(question, Deferred(), now, now + self._settings().serve.deadline)
        self._waiting.append(mine)
        self._wake()
        if self._sweep is None:
            self._sweep = self._reactor.callLater(mine.expires - now, self._drop_expired)
        return mine.answer

    def release(self) -> LiveRelease | None:
        """Return the live release, None before the first."""
        return self._release

    def swap(self, release: LiveRelease, news: News) -> None:
        """Make a release the live one; ``news`` is what the store holds beyond it."""
        self._memory.rebase(news)
        self._release = release

    def learn(self, batch: Batch, sequence: int) -> None:
        """Let answers know of a batch that the store has taken, whose head is now ``sequence``."""
        self._memory.learn(batch, sequence)

    def ready(self) -> str:
        """Return why no question can be answered, "" when they can."""
        if not self.running:
            return "the node is stopping"
        return "" if self._release is not None else "there is no release yet; the first run makes one"

    def stuck(self) -> str:
        """Return what is wrong when a batch has been computed for far too long, else ""."""
        oldest = min(self._computing.values(), default=self._reactor.seconds())
        age = self._reactor.seconds() - oldest
        return f"a batch of questions has been computed for {age:.0f} s" if age > STUCK else ""

    def stopService(self) -> "Deferred[None]":
        """Answer what is waiting, then stop."""
        super().stopService()
        idle: Deferred[None] = Deferred()
        self._idle.append(idle)
        self._rest()
        return idle

    def _wake(self) -> None:
        if self._turn is None and self._waiting and len(self._computing) < self._workers:
            self._turn = self._reactor.callLater(0, self._gather)

    def _gather(self) -> None:
        """Take what this turn brought, and compute it in a thread."""
        self._turn = None
        now = self._reactor.seconds()
        batch: list[_Waiting] = []
        while self._waiting and len(batch) < BATCH:
            each = self._waiting.popleft()
            if each.expires <= now:
                self._expire(each)
            elif not each.answer.called:  # given up by the asker
                batch.append(each)
        if batch and self._release is not None:
            self._batches += 1
            self._computing[self._batches] = now
            self._metrics.batch(len(batch))
            computed = self._pool.run(self._release.answer, [each.question for each in batch], self._memory.view)
            computed.addCallbacks(
                self._answered, self._failed, callbackArgs=(batch, self._release.digest), errbackArgs=(batch,)
            )
            computed.addBoth(self._computed, self._batches)
        self._wake()
        self._rest()

    def _answered(self, answers: list[Answer | NlprecError], batch: list[_Waiting], release: str) -> None:
        now = self._reactor.seconds()
        fire = self._host().fire
        for each, answer in zip(batch, answers, strict=True):
            if isinstance(answer, NlprecError):
                self._metrics.question("unknown")
                if not each.answer.called:
                    each.answer.errback(answer)
                continue
            self._metrics.question(answer.step)
            fire("nlprec_ranking_served", release=release, n_items=len(answer.items), seconds=now - each.asked)
            if not each.answer.called:
                each.answer.callback(answer)

    def _failed(self, failure: Failure, batch: list[_Waiting]) -> None:
        """Give a lone question its failure; of several, one may be the cause, so they are asked again one by one."""
        if len(batch) == 1:
            self._metrics.question("failed")
            if not batch[0].answer.called:
                batch[0].answer.errback(failure)
            return
        for each in batch:
            self._alone(each)

    def _alone(self, each: _Waiting) -> None:
        if self._release is None or each.answer.called:
            return
        self._batches += 1
        self._computing[self._batches] = self._reactor.seconds()
        computed = self._pool.run(self._release.answer, [each.question], self._memory.view)
        computed.addCallbacks(
            self._answered, self._failed, callbackArgs=([each], self._release.digest), errbackArgs=([each],)
        )
        computed.addBoth(self._computed, self._batches)

    def _computed(self, _: Any, number: int) -> None:
        del self._computing[number]
        self._wake()
        self._rest()

    def _drop_expired(self) -> None:
        """Give up what has waited too long; while one waits, the next look is at its end."""
        self._sweep = None
        now = self._reactor.seconds()
        while self._waiting and (self._waiting[0].answer.called or self._waiting[0].expires <= now):
            self._expire(self._waiting.popleft())
        if self._waiting:
            self._sweep = self._reactor.callLater(self._waiting[0].expires - now, self._drop_expired)
        self._rest()

    def _expire(self, each: _Waiting) -> None:
        if not each.answer.called:
            self._metrics.question("overloaded")
            each.answer.errback(Overloaded("the question waited longer than serve.deadline; come back later"))

    def _rest(self) -> None:
        """Tell who waits for the end that nothing is left to answer."""
        if self._waiting or self._computing or not self._idle:
            return
        for call in (self._turn, self._sweep):
            if call is not None and call.active():
                call.cancel()
        self._turn = self._sweep = None
        idle, self._idle = self._idle, []
        for each in idle:
            each.callback(None)
