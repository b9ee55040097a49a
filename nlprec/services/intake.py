"""The way into the store: what arrives together is committed together, and is answered only once it is safe on disk."""

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from attrs import define
from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IDelayedCall
from twisted.python.failure import Failure
from zope.interface import implementer

from nlprec.errors import NotReady, Overloaded
from nlprec.interfaces import IIntake
from nlprec.kit.events import Batch, Item, Receipt, User
from nlprec.kit.options import StoreOptions
from nlprec.logs import INTAKE_FAILED
from nlprec.services.logging import Log, one_line
from nlprec.services.metrics import Metrics
from nlprec.services.part import Part
from nlprec.services.pool import Pool

log = Log(__name__)
RECORDS = 2000  #: records one commit holds
BATCHES = 64  #: batches one commit holds
WAITING = 100_000  #: records that may wait
Heard = Callable[[Batch, int], None]


@define(eq=False)
class _Waiting:
    batch: Batch
    receipt: "Deferred[Receipt]"


def no_listener(batch: Batch, sequence: int) -> None:
    """Ignore what was committed."""


@implementer(IIntake)
class IntakeService(Part):
    """
    One writer; while it commits, what comes next gathers for the commit after. Reads have threads of their own.

    A merged commit that fails is tried again batch by batch, so that one bad batch fails alone.
    """

    def __init__(
        self, reactor: Any, store: Any, writer: Pool, readers: Pool, metrics: Metrics, heard: Heard = no_listener
    ) -> None:
        self._reactor = reactor
        self._store = store
        self._writer = writer
        self._readers = readers
        self._metrics = metrics
        self._heard = heard
        self._waiting: deque[_Waiting] = deque()
        self._records = 0  #: in all of ``_waiting``
        self._committing = False
        self._turn: IDelayedCall | None = None
        self._idle: list[Deferred[None]] = []
        metrics.watch_queue("records", lambda: self._records)

    def append(self, batch: Batch) -> "Deferred[Receipt]":
        """
        Take a batch; the receipt comes when it would survive a power cut.

        Counts are exact, except that a commit which mixes new interactions with known ones from several batches can
        only say how many there were in all; they are then counted against the batches in the order of arrival.
        """
        if not self.running:
            return fail(NotReady("the node is stopping"))
        if self._records and self._records + len(batch) > WAITING:
            return fail(Overloaded(f"{self._records} records are waiting to be written; come back later"))
        mine = _Waiting(
            batch, Deferred()
        )  # giving up is harmless: what was taken is written even if the asker has gone
        self._waiting.append(mine)
        self._records += len(batch)
        self._wake()
        return mine.receipt

    def get(self, kind: str, ids: Sequence[str]) -> "Deferred[list[User | Item | None]]":
        """Return the stored records of a kind ("user" | "item"), None where there is none."""
        if not self.running:
            return fail(NotReady("the node is stopping"))
        return self._readers.run(self._store.get, kind, list(ids), StoreOptions())

    def stopService(self) -> "Deferred[None]":
        """Take nothing more, and fire when everything taken is on disk."""
        super().stopService()
        idle: Deferred[None] = Deferred()
        self._idle.append(idle)
        self._rest()
        return idle

    def _wake(self) -> None:
        if self._turn is None and self._waiting and not self._committing:
            self._turn = self._reactor.callLater(0, self._gather)

    def _gather(self) -> None:
        self._turn = None
        group = self._next_group()
        self._committing = True
        self._commit(group).addErrback(partial(log.bug, "intake")).addBoth(self._committed)

    def _next_group(self) -> list[_Waiting]:
        """Return what is committed together: nothing after a deletion, which a merged batch would apply last."""
        group: list[_Waiting] = []
        size = 0
        while self._waiting and len(group) < BATCHES:
            batch = self._waiting[0].batch
            before = group[-1].batch if group else None
            if before is not None and (
                size + len(batch) > RECORDS or batch.name or before.name or before.deleted_users or before.deleted_items
            ):
                break
            group.append(self._waiting.popleft())
            size += len(batch)
        self._records -= size
        return group

    def _commit(self, group: list[_Waiting]) -> "Deferred[None]":
        batch = merge([each.batch for each in group])
        written = self._writer.run(self._store.append, batch, StoreOptions())
        return written.addCallbacks(self._safe, self._retry, callbackArgs=(batch, group), errbackArgs=(group,))

    def _safe(self, receipt: Receipt, batch: Batch, group: list[_Waiting]) -> None:
        self._metrics.appended(receipt)
        try:
            self._heard(batch, receipt.sequence)
        finally:  # the records are safe, whatever the listener made of them
            for each, share in zip(group, shares(receipt, [each.batch for each in group]), strict=True):
                each.receipt.callback(share)

    def _retry(self, failure: Failure, group: list[_Waiting]) -> "Deferred[None] | None":
        """Give a lone batch its failure; try several one by one."""
        if len(group) == 1:
            log.say(INTAKE_FAILED, records=len(group[0].batch), reason=one_line(failure.value))
            group[0].receipt.errback(failure)
            return None
        return Deferred.fromCoroutine(self._one_by_one(group))

    async def _one_by_one(self, group: list[_Waiting]) -> None:
        for each in group:
            await self._commit([each])

    def _committed(self, _: Any) -> None:
        self._committing = False
        self._wake()
        self._rest()

    def _rest(self) -> None:
        if self._waiting or self._committing:
            return
        idle, self._idle = self._idle, []
        for each in idle:
            each.callback(None)


def merge(batches: Sequence[Batch]) -> Batch:
    """Return one batch that does what all of them do, in their order."""
    if len(batches) == 1:
        return batches[0]
    columns = ("users", "items", "interactions", "deleted_users", "deleted_items", "dirt")
    merged: dict[str, Any] = {
        name: tuple(record for batch in batches for record in getattr(batch, name)) for name in columns
    }
    return Batch(**merged)


def shares(receipt: Receipt, batches: Sequence[Batch]) -> list[Receipt]:
    """Return each batch's part of the receipt of their common commit."""
    if len(batches) == 1:
        return [receipt]
    known, found = receipt.known, []
    for batch in batches:
        mine = min(known, len(batch.interactions))
        known -= mine
        users, items = len(batch.users) + len(batch.deleted_users), len(batch.items) + len(batch.deleted_items)
        found.append(Receipt(users, items, len(batch.interactions) - mine, mine, receipt.sequence))
    return found
