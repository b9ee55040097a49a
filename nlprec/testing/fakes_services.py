"""Stand-ins for a node's services, without threads, files or time: they keep the same contracts as the real ones."""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import Factory, define, field
from twisted.internet.defer import Deferred, execute, fail, succeed
from zope.interface import implementer

from nlprec.errors import NlprecError, NotReady, StoreError, UnknownName
from nlprec.flow import Outcome
from nlprec.interfaces import IIntake, IPipeline, IRankings
from nlprec.kit.events import Batch, Head, Item, Receipt, User
from nlprec.services.pipeline import RunRecord
from nlprec.stages.serve import Answer, Question, Recent, Shown


@define(eq=False)
class FakeRelease:
    """Answers every question with its items in order; knows one model, and the items it has."""

    digest: str = "0" * 32
    items: tuple[str, ...] = ("tent", "stove", "novel")
    model: str = "popular"
    asked: list[list[Question]] = Factory(list)  #: the batches, as they came
    told: list[Recent] = Factory(list)  #: what had happened by then
    breaks: str = ""  #: a user whose question breaks the whole batch

    def answer(self, questions: Sequence[Question], recent: Recent) -> list[Answer | UnknownName]:
        """Answer as ``LiveRelease.answer`` does."""
        self.asked.append(list(questions))
        self.told.append(recent)
        if any(question.user and question.user == self.breaks for question in questions):
            raise RuntimeError("this question breaks everything")
        return [self._one(question) for question in questions]

    def _one(self, question: Question) -> Answer | UnknownName:
        if question.model not in ("", self.model):
            return UnknownName(f"no model '{question.model}'")
        if question.like and question.like not in self.items:
            return UnknownName(f"item '{question.like}' is not in the live release")
        wanted = [item for item in self.items if item not in (*question.exclude, question.like)]
        shown = tuple(Shown(item, item.title(), 1.0 / (at + 1)) for at, item in enumerate(wanted[: question.n]))
        return Answer(shown, self.digest, "model", self.model)


@implementer(IRankings)
@define(eq=False)
class FakeRankings:
    """Answers at once from a FakeRelease, or says that there is none."""

    live: FakeRelease | None = Factory(FakeRelease)

    def recommend(self, question: Question) -> "Deferred[Answer]":
        """Answer a question."""
        if self.live is None:
            return fail(NotReady("there is no release yet"))
        answer = self.live.answer([question], Recent())[0]
        return fail(answer) if isinstance(answer, NlprecError) else succeed(answer)

    def release(self) -> FakeRelease | None:
        """Return the live release."""
        return self.live


@implementer(IIntake)
@define(eq=False)
class FakeIntake:
    """Keeps records in dictionaries and answers at once; with ``error`` set it refuses everything."""

    error: NlprecError | None = None
    users: dict[str, User] = Factory(dict)
    items: dict[str, Item] = Factory(dict)
    events: dict[str, Any] = Factory(dict)
    batches: list[Batch] = Factory(list)

    def append(self, batch: Batch) -> "Deferred[Receipt]":
        """Take a batch."""
        if self.error is not None:
            return fail(self.error)
        self.batches.append(batch)
        before = len(self.events)
        self.users.update((each.id, each) for each in batch.users)
        self.items.update((each.id, each) for each in batch.items)
        self.events.update((each.identity(), each) for each in batch.interactions)
        for user in batch.deleted_users:
            self.users.pop(user, None)
        for item in batch.deleted_items:
            self.items.pop(item, None)
        added = len(self.events) - before
        return succeed(
            Receipt(len(batch.users), len(batch.items), added, len(batch.interactions) - added, len(self.batches))
        )

    def get(self, kind: str, ids: Sequence[str]) -> "Deferred[list[User | Item | None]]":
        """Return stored records, None where there is none."""
        if self.error is not None:
            return fail(self.error)
        table: Mapping[str, Any] = self.users if kind == "user" else self.items
        return succeed([table.get(each) for each in ids])


@implementer(IPipeline)
@define(eq=False)
class FakePipeline:
    """Remembers who asked; a run goes on until ``finish`` is called."""

    records: list[RunRecord] = Factory(list)

    def request(self, why: str) -> RunRecord:
        """Start a run, or mark that another must follow."""
        queued = next((each for each in self.records if each.state == "queued"), None)
        if queued is None:
            busy = any(each.state == "running" for each in self.records)
            queued = RunRecord(f"run-{len(self.records) + 1}", why, 0.0, "queued" if busy else "running")
            self.records.insert(0, queued)
        return queued

    def runs(self) -> tuple[RunRecord, ...]:
        """Return the last runs, newest first."""
        return tuple(self.records)

    def run(self, name: str) -> RunRecord | None:
        """Return the run of an id."""
        return next((each for each in self.records if each.id == name), None)

    def finish(self, state: str = "done") -> None:
        """End the run that goes on; a queued one follows."""
        for each in reversed(self.records):
            if each.state == "running":
                each.state = state
            elif each.state == "queued":
                each.state = "running"


@define(eq=False)
class HandPool:
    """A pool without threads: work waits until the test does it, in order."""

    waiting: deque[tuple["Deferred[Any]", Callable[..., Any], tuple[Any, ...]]] = Factory(deque)

    def run(self, function: Callable[..., Any], *args: Any) -> "Deferred[Any]":
        """Queue a call."""
        done: Deferred[Any] = Deferred()
        self.waiting.append((done, function, args))
        return done

    def work(self, times: int = 1) -> None:
        """Do the next calls."""
        for _ in range(times):
            done, function, args = self.waiting.popleft()
            execute(function, *args).chainDeferred(done)

    def work_off(self) -> None:
        """Do everything, and what comes of it."""
        while self.waiting:
            self.work()


@define(eq=False)
class StubStore:
    """A store that remembers what was appended; a batch with an interaction by ``refused`` fails whole."""

    refused: str = ""
    batches: list[Batch] = Factory(list)
    closed: bool = False

    def append(self, batch: Batch, opts: Any) -> Receipt:
        """Keep a batch."""
        if any(each.user == self.refused for each in batch.interactions):
            raise StoreError("the store does not take this")
        self.batches.append(batch)
        return Receipt(len(batch.users), len(batch.items), len(batch.interactions), 0, len(self.batches))

    def get(self, kind: str, ids: Sequence[str], opts: Any) -> list[None]:
        """Return nothing for each id."""
        return [None for _ in ids]

    def head(self, opts: Any) -> Head:
        """Return where it stands."""
        return Head(len(self.batches), f"stub:{len(self.batches)}")

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True


@define(eq=False)
class StubFlow:
    """A flow that comes to a given end."""

    outcome: Outcome | Exception = Factory(lambda: Outcome((), "f" * 32, True, "first release"))
    cancelled: threading.Event = field(factory=threading.Event)

    def run(self) -> Outcome:
        """Come to the end."""
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome
