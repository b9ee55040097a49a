"""What algorithms learn from: vocabularies (id to index), the catalogue, and weighted interactions as arrays."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from attrs import evolve, frozen
from scipy import sparse

from nlprec.kit.strings import Strings

TRAIN, TEST, UNUSED = 0, 1, 2  #: the values of ``Split.part``


class Vocabulary:
    """The two-way map between ids (str, outside) and indices (int32, inside); index order is the order of ``ids``."""

    def __init__(self, ids: Strings | Sequence[str]) -> None:
        self.ids = ids if isinstance(ids, Strings) else Strings.of(ids)

    @cached_property
    def _known(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.ids)}

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, name: object) -> bool:
        return name in self._known

    def index(self, name: str) -> int:
        """Return the index of an id, -1 when unknown."""
        return self._known.get(name, -1)

    def indices(self, names: Iterable[str]) -> np.ndarray:
        """Return int32 indices of ids, -1 where unknown."""
        return np.array([self._known.get(name, -1) for name in names], np.int32)

    def id(self, index: int) -> str:
        """Return the id at an index."""
        return self.ids[int(index)]


@frozen(eq=False)
class Catalogue:
    """The items' texts and facts, in the order of the item vocabulary."""

    title: Strings
    body: Strings
    categories: Strings  #: JSON arrays of str
    attributes: Strings  #: JSON objects
    time: np.ndarray  #: float64 [item], available from, nan unknown
    hidden: np.ndarray  #: bool [item]

    TEXTS = ("title", "body", "categories", "attributes")

    def arrays(self) -> dict[str, np.ndarray]:
        """Return every column as flat arrays for the archive."""
        found = {"catalogue.time": self.time, "catalogue.hidden": self.hidden}
        for name in self.TEXTS:
            found.update(getattr(self, name).arrays(f"catalogue.{name}"))
        return found

    @classmethod
    def restore(cls, arrays: dict[str, np.ndarray]) -> "Catalogue":
        """Return the Catalogue that ``arrays`` described."""
        texts = {name: Strings.restore(arrays, f"catalogue.{name}") for name in cls.TEXTS}
        return cls(**texts, time=arrays["catalogue.time"], hidden=arrays["catalogue.hidden"])


@frozen(eq=False)
class Split:
    """Which interactions are learnt from (TRAIN) and which are held out (TEST)."""

    part: np.ndarray  #: int8 [event]: TRAIN, TEST or UNUSED
    cut: float  #: UTC epoch seconds at which training stops; nan when the split is not by time


@frozen(eq=False)
class Dataset:
    """
    Interactions of known users and items, as arrays in time order, with the catalogue beside them.

    Items without any interaction are part of it: they are *warm* (texts) where others are *hot* (interactions).
    """

    users: Vocabulary
    items: Vocabulary
    catalogue: Catalogue
    user: np.ndarray  #: int32 [event]
    item: np.ndarray  #: int32 [event]
    weight: np.ndarray  #: float32 [event], >= 0; 0 is seen but not liked
    value: np.ndarray  #: float32 [event], the raw rating or amount, nan none
    time: np.ndarray  #: float64 [event], UTC epoch seconds, nan unknown
    kind: np.ndarray  #: int16 [event], index into kinds
    review: Strings  #: texts [event]
    kinds: tuple[str, ...] = ()
    now: float = float("nan")  #: UTC epoch seconds at which the window ends: nothing later is in it

    EVENTS = ("user", "item", "weight", "value", "time", "kind")

    @property
    def n_users(self) -> int:
        """Return how many users the vocabulary has."""
        return len(self.users)

    @property
    def n_items(self) -> int:
        """Return how many items the vocabulary has, with or without interactions."""
        return len(self.items)

    @property
    def n_events(self) -> int:
        """Return how many interactions there are."""
        return len(self.user)

    @cached_property
    def matrix(self) -> sparse.csr_matrix:
        """Return CSR float32 [user, item]: summed weights, > 0 only, sorted indices."""
        matrix = self._csr(self.weight)
        matrix.eliminate_zeros()
        return matrix

    @cached_property
    def seen(self) -> sparse.csr_matrix:
        """Return CSR float32 [user, item]: how often each pair met, liked or not."""
        return self._csr(np.ones(self.n_events, np.float32))

    @cached_property
    def last(self) -> sparse.csr_matrix:
        """Return CSR float64 [user, item]: the time each pair last met, in the pattern of ``seen``; 0 where unknown."""
        seen = self.seen
        rows = np.repeat(np.arange(self.n_users, dtype=np.int64), np.diff(seen.indptr))
        place = np.searchsorted(
            rows * self.n_items + seen.indices, self.user.astype(np.int64) * self.n_items + self.item
        )
        latest = np.full(seen.nnz, -np.inf)
        np.maximum.at(latest, place, np.where(np.isnan(self.time), -np.inf, self.time))
        latest[np.isneginf(latest)] = 0
        return sparse.csr_matrix((latest, seen.indices.copy(), seen.indptr.copy()), seen.shape)

    @cached_property
    def n_item_events(self) -> np.ndarray:
        """Return int64 [item]: interactions with weight > 0."""
        return np.bincount(self.item[self.weight > 0], minlength=self.n_items)

    def _csr(self, data: np.ndarray) -> sparse.csr_matrix:
        matrix = sparse.csr_matrix((data, (self.user, self.item)), (self.n_users, self.n_items), dtype=np.float32)
        matrix.sum_duplicates()
        return matrix

    def keep(self, events: np.ndarray) -> "Dataset":
        """Return the same dataset with only the given events (bool mask or indices); users and items stay."""
        rows = np.flatnonzero(events) if events.dtype == bool else events
        columns = {name: getattr(self, name)[rows] for name in self.EVENTS}
        return evolve(self, **columns, review=self.review.take(rows))

    def evolve(self, **changes: Any) -> "Dataset":
        """Return a copy with some fields changed."""
        return evolve(self, **changes)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return every column as flat arrays for the archive."""
        found = {name: getattr(self, name) for name in self.EVENTS}
        found.update(self.users.ids.arrays("users"), **self.items.ids.arrays("items"))
        found.update(self.review.arrays("review"), **self.catalogue.arrays())
        return found

    def meta(self) -> dict[str, Any]:
        """Return the rest, as JSON values."""
        return {"kinds": list(self.kinds), "now": self.now}

    @classmethod
    def restore(cls, arrays: dict[str, np.ndarray], meta: Mapping[str, Any]) -> "Dataset":
        """Return the Dataset that ``arrays`` and ``meta`` described."""
        return cls(
            users=Vocabulary(Strings.restore(arrays, "users")),
            items=Vocabulary(Strings.restore(arrays, "items")),
            catalogue=Catalogue.restore(arrays),
            review=Strings.restore(arrays, "review"),
            kinds=tuple(meta["kinds"]),
            now=meta["now"],
            **{name: arrays[name] for name in cls.EVENTS},
        )
