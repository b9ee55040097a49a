"""Users, items and interactions: as records on the way in (Batch), as columns on the way to training (Snapshot)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from attrs import Factory, evolve, frozen

from nlprec.kit.strings import Strings


@frozen
class User:
    """Who is served."""

    id: str
    attributes: Mapping[str, Any] = Factory(dict)  #: free facts, JSON values
    time: float = float("nan")  #: joined at, UTC epoch seconds; nan unknown


@frozen
class Item:
    """What is recommended, with its texts."""

    id: str
    title: str = ""
    body: str = ""
    categories: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = Factory(dict)  #: free facts, JSON values
    time: float = float("nan")  #: available from, UTC epoch seconds; nan unknown
    hidden: bool = False  #: kept and learnt from, never shown


@frozen
class Interaction:
    """One user-item record: its kind, maybe a value (rating, amount), its time, maybe a review."""

    user: str
    item: str
    kind: str = "view"
    value: float = float("nan")  #: rating or amount; nan none
    time: float = float("nan")  #: UTC epoch seconds; nan unknown
    text: str = ""  #: the review
    key: str = ""  #: idempotency key; empty: made of the other fields except the text

    def identity(self) -> str:
        """Return the key that makes sending this twice the same as once."""
        if self.key:
            return self.key
        parts = json.dumps([self.user, self.item, self.kind, repr(self.value), repr(self.time)], ensure_ascii=False)
        return "~" + hashlib.blake2b(parts.encode("utf-8", "replace"), digest_size=12).hexdigest()


@frozen
class Dirt:
    """A record that could not be used: where it stood and why."""

    place: str  #: file and line, for people
    reason: str  #: one short sentence; the same reason for the same kind of mistake, so that it can be counted
    record: str = ""  #: the beginning of the record, at most 200 characters


@frozen
class Batch:
    """Records that enter the store together."""

    users: tuple[User, ...] = ()
    items: tuple[Item, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    deleted_users: tuple[str, ...] = ()
    deleted_items: tuple[str, ...] = ()
    dirt: tuple[Dirt, ...] = ()
    name: str = ""  #: a batch with a name is applied once: the digest of the artifact it came from

    def __len__(self) -> int:
        return (
            len(self.users)
            + len(self.items)
            + len(self.interactions)
            + len(self.deleted_users)
            + len(self.deleted_items)
        )


@frozen
class Receipt:
    """What ``IStore.append`` did."""

    users: int = 0  #: added or changed
    items: int = 0  #: added or changed
    interactions: int = 0  #: added
    known: int = 0  #: interactions that were already there
    sequence: int = 0  #: the head afterwards


@frozen
class Head:
    """Where a store stands."""

    sequence: int = 0  #: of the last change; grows with every append that changed something
    name: str = ""  #: names store and content: equal names, equal snapshots
    applied: frozenset[str] = frozenset()  #: names of the batches applied


@frozen(eq=False)
class Snapshot:
    """
    Everything a store held at one head, as columns.

    ``users`` and ``items`` hold every id that has a record or an interaction, in order of first appearance.
    """

    users: Strings  #: ids
    user_attributes: Strings  #: JSON objects, as users
    items: Strings  #: ids
    title: Strings
    body: Strings
    categories: Strings  #: JSON arrays of str
    item_attributes: Strings  #: JSON objects
    item_time: np.ndarray  #: float64 [item], nan unknown
    hidden: np.ndarray  #: bool [item]
    user: np.ndarray  #: int32 [event], index into users
    item: np.ndarray  #: int32 [event], index into items
    kind: np.ndarray  #: int16 [event], index into kinds
    value: np.ndarray  #: float32 [event], nan none
    time: np.ndarray  #: float64 [event], nan unknown
    review: Strings  #: texts [event]
    kinds: tuple[str, ...] = ()
    sequence: int = 0  #: of the head

    TEXTS = ("users", "user_attributes", "items", "title", "body", "categories", "item_attributes", "review")
    ARRAYS = ("item_time", "hidden", "user", "item", "kind", "value", "time")

    @property
    def n_users(self) -> int:
        """Return how many users there are."""
        return len(self.users)

    @property
    def n_items(self) -> int:
        """Return how many items there are."""
        return len(self.items)

    @property
    def n_events(self) -> int:
        """Return how many interactions there are."""
        return len(self.user)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return every column as flat arrays for the archive."""
        found = {name: getattr(self, name) for name in self.ARRAYS}
        for name in self.TEXTS:
            found.update(getattr(self, name).arrays(name))
        return found

    def meta(self) -> dict[str, Any]:
        """Return the rest, as JSON values."""
        return {"kinds": list(self.kinds), "sequence": self.sequence}

    @classmethod
    def restore(cls, arrays: dict[str, np.ndarray], meta: Mapping[str, Any]) -> "Snapshot":
        """Return the Snapshot that ``arrays`` and ``meta`` described."""
        columns: dict[str, Any] = {name: arrays[name] for name in cls.ARRAYS}
        columns.update({name: Strings.restore(arrays, name) for name in cls.TEXTS})
        return cls(**columns, kinds=tuple(meta["kinds"]), sequence=meta["sequence"])


def named(batch: Batch, name: str) -> Batch:
    """Return the same batch under a name, so that a store applies it once."""
    return evolve(batch, name=name)


def pack(batch: Batch) -> bytes:
    """Return a batch as msgpack."""
    return msgspec.msgpack.encode(batch)


def unpack(data: bytes) -> Batch:
    """Return the batch that ``pack`` made."""
    return msgspec.msgpack.decode(data, type=Batch)
