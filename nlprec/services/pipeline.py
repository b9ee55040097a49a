"""Walks the flow on a timer or on demand, one run at a time in a thread, and brings what was published to life."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from attrs import Factory, define, field
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall
from twisted.python.failure import Failure
from zope.interface import implementer

from nlprec.errors import NlprecError, NotReady, to_wire
from nlprec.flow import Outcome, Step
from nlprec.interfaces import IPipeline
from nlprec.logs import JOB_DONE, JOB_FAILED, RUN_CANCELLED, RUN_DONE, RUN_FAILED, RUN_STARTED
from nlprec.services.logging import Log, one_line
from nlprec.services.metrics import Metrics
from nlprec.services.part import Part
from nlprec.services.pool import Pool
from nlprec.settings import Settings

log = Log(__name__)
KEPT = 20  #: runs remembered


@define(eq=False)
class RunRecord:
    """One walk of the flow, from the request to its end. Plain values: ``plain()`` is what the API shows."""

    id: str
    why: str  #: who asked: start, timer, reload, or a name
    asked: float  #: UTC epoch seconds
    state: str = "queued"  #: queued, running, done, failed or cancelled
    started: float | None = None  #: UTC epoch seconds
    finished: float | None = None  #: UTC epoch seconds
    steps: dict[str, dict[str, Any]] = Factory(
        dict
    )  #: job digest -> name, stage, status, seconds, peak_memory, fraction, message
    release: str = ""  #: digest of the candidate
    published: bool = False  #: whether it became the live one
    verdict: str = ""
    errors: list[dict[str, Any]] = Factory(list)  #: ``{code, message, facts}`` each
    cancelled: threading.Event = field(factory=threading.Event, repr=False)

    def plain(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        names = ("id", "why", "asked", "state", "started", "finished", "release", "published", "verdict")
        return {
            **{name: getattr(self, name) for name in names},
            "errors": list(self.errors),
            "steps": list(self.steps.values()),
        }

    def note(self, step: Step) -> None:
        """Take in what became of a job."""
        self.steps[step.job.digest] = {
            "name": step.job.name,
            "stage": step.job.stage,
            "digest": step.job.digest,
            "status": step.status,
            "seconds": step.seconds,
            "peak_memory": step.peak_memory,
            "fraction": step.fraction,
            "message": step.message,
        }


MakeFlow = Callable[[Settings, Callable[[Step], None], threading.Event], Any]  #: -> something with ``run() -> Outcome``


@implementer(IPipeline)
class PipelineService(Part):
    """
    At most one run at a time; asking while one runs makes one more follow, however often it is asked.

    A failed run changes nothing but its own record: the release stays.
    """

    def __init__(
        self,
        reactor: Any,
        pool: Pool,
        settings: Callable[[], Settings],
        make_flow: MakeFlow,
        refresh: "Callable[[], Deferred[None]]",
        metrics: Metrics,
    ) -> None:
        self._reactor = reactor
        self._pool = pool
        self._settings = settings
        self._make_flow = make_flow
        self._refresh = refresh  #: makes what is published the live release
        self._metrics = metrics
        self._records: deque[RunRecord] = deque(maxlen=KEPT)
        self._running: RunRecord | None = None
        self._next: RunRecord | None = None
        self._count = 0
        self._timer: IDelayedCall | None = None
        self._idle: list[Deferred[None]] = []

    def startService(self) -> None:
        """Start the first run, if the settings ask for one, and the timer."""
        super().startService()
        self.rewind()
        if self._settings().run.at_start:
            self.request("start")

    def stopService(self) -> "Deferred[None]":
        """Cancel what runs, and fire when its processes are gone."""
        super().stopService()
        self.rewind()
        if self._next is not None:
            self._end(self._next, "cancelled")
            self._next = None
        idle: Deferred[None] = Deferred()
        self._idle.append(idle)
        if self._running is not None:
            self._running.cancelled.set()
        self._rest()
        return idle

    def request(self, why: str) -> RunRecord:
        """Start a run, or mark that another must follow the one that runs."""
        if not self.running:
            raise NotReady("the node is stopping")
        if self._next is None:
            self._count += 1
            now = self._reactor_time()
            name = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now))}-{self._count}"
            self._next = RunRecord(name, why, now)
            self._records.appendleft(self._next)
        asked = self._next
        self._wake()
        return asked

    def runs(self) -> tuple[RunRecord, ...]:
        """Return the last runs, newest first."""
        return tuple(self._records)

    def run(self, name: str) -> RunRecord | None:
        """Return the run of an id."""
        return next((each for each in self._records if each.id == name), None)

    def rewind(self) -> None:
        """Start the timer anew, after ``run.every`` may have changed."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        every = self._settings().run.every
        self._timer = self._reactor.callLater(every, self._ring) if every and self.running else None

    def _ring(self) -> None:
        self._timer = None
        self.rewind()
        self.request("timer")

    def _reactor_time(self) -> float:
        return time.time()

    def _wake(self) -> None:
        if self._running is not None or self._next is None:
            return
        record, self._next = self._next, None
        self._running = record
        record.state, record.started = "running", self._reactor_time()
        self._metrics.run_started()
        log.say(RUN_STARTED, run=record.id, why=record.why)
        self._pool.run(self._walk, record).addCallbacks(
            self._walked, self._broke, callbackArgs=(record,), errbackArgs=(record,)
        ).addBoth(self._ended)

    def _walk(self, record: RunRecord) -> Outcome:
        """Run in the thread: make a flow with the settings of now and walk it."""

        def listener(step: Step) -> None:
            self._reactor.callFromThread(self._note, record, step)

        outcome: Outcome = self._make_flow(self._settings(), listener, record.cancelled).run()
        return outcome

    def _note(self, record: RunRecord, step: Step) -> None:
        record.note(step)
        if step.status == "done":
            log.say(JOB_DONE, run=record.id, job=step.job.name, seconds=step.seconds)
        elif step.status == "failed" and not record.cancelled.is_set():
            log.say(JOB_FAILED, run=record.id, job=step.job.name, reason=step.message)

    def _walked(self, outcome: Outcome, record: RunRecord) -> "Deferred[None] | None":
        record.release, record.published, record.verdict = outcome.release, outcome.published, outcome.verdict
        record.errors = [to_wire(error) for error in outcome.errors]
        if record.cancelled.is_set():
            self._end(record, "cancelled")
            return None
        if outcome.errors:
            self._end(record, "failed", "; ".join(one_line(error) for error in outcome.errors))
            return None
        return self._refresh().addCallback(lambda _: self._end(record, "done"))

    def _broke(self, failure: Failure, record: RunRecord) -> None:
        log.bug(f"run {record.id}", failure)
        error = NlprecError(f"an error nobody foresaw: {one_line(failure.value)}; the log has the details")
        record.errors = [to_wire(error)]
        self._end(record, "failed", one_line(failure.value))

    def _end(self, record: RunRecord, state: str, reason: str = "") -> None:
        record.state, record.finished = state, self._reactor_time()
        seconds = record.finished - (record.started or record.finished)
        self._metrics.run_ended(state)
        if state == "done":
            facts = {
                "verdict": record.verdict or "nothing to publish",
                "release": record.release,
                "published": record.published,
            }
            log.say(RUN_DONE, run=record.id, seconds=seconds, **facts)
        elif state == "failed":
            log.say(RUN_FAILED, run=record.id, seconds=seconds, reason=reason)
        else:
            log.say(RUN_CANCELLED, run=record.id)

    def _ended(self, result: Any) -> None:
        record, self._running = self._running, None
        if (
            isinstance(result, Failure) and record is not None
        ):  # bringing the release to life failed in a way nobody foresaw
            self._broke(result, record)
        self._wake()
        self._rest()

    def _rest(self) -> None:
        if self._running is None:
            idle, self._idle = self._idle, []
            for each in idle:
                each.callback(None)


@implementer(IPipeline)
class Elsewhere:
    """The pipeline of a node without the role ``drive``: it knows of no runs and starts none."""

    def request(self, why: str) -> RunRecord:
        """Refuse."""
        raise NotReady("this node has no 'drive' role; ask one that has")

    def runs(self) -> tuple[RunRecord, ...]:
        """Return none."""
        return ()

    def run(self, name: str) -> RunRecord | None:
        """Return None."""
        return None
