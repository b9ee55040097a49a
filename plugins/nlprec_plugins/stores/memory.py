"""A store in this process's memory: for tests and trials; everything is gone when the process ends."""

import threading
import uuid
from collections.abc import Sequence
from typing import Any

from attrs import define, field
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.interfaces import IStore
from nlprec.kit.events import Batch, Head, Interaction, Item, Receipt, Snapshot, User
from nlprec.kit.io.columns import build_snapshot
from nlprec.kit.options import StoreOptions


@implementer(IStore)
@define(eq=False)
class Memory:
    """Dictionaries behind one lock, with the same meaning as the durable stores."""

    name = "memory"
    shared = False
    _users: dict[str, User] = field(factory=dict, init=False)  #: of every id, in order of first appearance
    _items: dict[str, Item] = field(factory=dict, init=False)
    _bare: set[tuple[str, str]] = field(factory=set, init=False)  #: (kind, id) that only interactions name
    _events: dict[str, tuple[int, Interaction]] = field(factory=dict, init=False)
    _applied: set[str] = field(factory=set, init=False)
    _sequence: int = field(default=0, init=False)
    _id: str = field(factory=lambda: uuid.uuid4().hex, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def append(self, batch: Batch, opts: StoreOptions) -> Receipt:
        """Add a batch; one of a name that was applied before changes nothing."""
        with self._lock:
            if batch.name and batch.name in self._applied:
                return Receipt(sequence=self._sequence)
            before = self._sequence
            users = self._upsert("user", self._users, batch.users)
            items = self._upsert("item", self._items, batch.items)
            added = sum(self._insert(each) for each in batch.interactions)
            self._delete(batch)
            if batch.name:
                self._applied.add(batch.name)
                self._sequence = max(self._sequence, before + 1)
            return Receipt(users, items, added, len(batch.interactions) - added, self._sequence)

    def _upsert(self, kind: str, table: dict[str, Any], records: Sequence[Any]) -> int:
        changed = 0
        for each in records:
            bare = (kind, each.id) in self._bare
            if bare or repr(table.get(each.id)) != repr(each):  # repr, since nan times are not equal to themselves
                table[each.id] = each
                self._bare.discard((kind, each.id))
                self._sequence += 1
                changed += 1
        return changed

    def _insert(self, event: Interaction) -> bool:
        key = event.identity()
        if key in self._events:
            return False
        self._sequence += 1
        self._events[key] = (self._sequence, event)
        if event.user not in self._users:
            self._users[event.user] = User(event.user)
            self._bare.add(("user", event.user))
        if event.item not in self._items:
            self._items[event.item] = Item(event.item)
            self._bare.add(("item", event.item))
        return True

    def _delete(self, batch: Batch) -> None:
        users, items = set(batch.deleted_users) & self._users.keys(), set(batch.deleted_items) & self._items.keys()
        if not users | items:
            return
        for name in users:
            del self._users[name]
        for name in items:
            del self._items[name]
        self._bare -= {("user", name) for name in users} | {("item", name) for name in items}
        self._events = {
            key: entry
            for key, entry in self._events.items()
            if entry[1].user not in users and entry[1].item not in items
        }
        self._sequence += 1

    def head(self, opts: StoreOptions) -> Head:
        """Return where it stands."""
        with self._lock:
            return Head(self._sequence, f"memory:{self._id}:{self._sequence}", frozenset(self._applied))

    def snapshot(self, opts: StoreOptions) -> Snapshot:
        """Return everything as columns."""
        with self._lock:
            events = [event for _, event in self._events.values()]
            return build_snapshot(list(self._users.values()), list(self._items.values()), events, self._sequence)

    def get(self, kind: str, ids: Sequence[str], opts: StoreOptions) -> list[Any]:
        """Return the records of ids."""
        tables: dict[str, dict[str, Any]] = {"user": self._users, "item": self._items}
        table = tables[kind]
        with self._lock:
            return [None if (kind, name) in self._bare else table.get(name) for name in ids]

    def since(self, sequence: int, opts: StoreOptions) -> tuple[int, list[Interaction]]:
        """Return interactions appended after a sequence number."""
        with self._lock:
            found = [entry for entry in self._events.values() if entry[0] > sequence][: opts.limit]
            last = found[-1][0] if found else max(sequence, self._sequence)
            return last, [event for _, event in found]

    def close(self) -> None:
        """Forget nothing: the object may still be looked at."""


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the store."""
    return [Memory]
