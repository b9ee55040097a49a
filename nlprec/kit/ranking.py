"""Questions and answers as arrays: Queries, top-k, ranked lists, evidence."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import Factory, frozen
from scipy import sparse

from nlprec.kit.dataset import Dataset


@frozen(eq=False)
class Queries:
    """
    Who asks. Everything a scorer may know of a user is the history: a stranger with a history is served like anybody.

    ``history`` CSR float32 [query, item]: weights > 0, sorted indices. ``seen`` CSR [query, item]: everything met,
    liked or not. ``last`` float64, aligned with ``history.data``: when each pair last met, UTC epoch seconds, 0
    unknown.
    """

    user: np.ndarray  #: int32 [query], index into the release's users, -1 unknown
    history: sparse.csr_matrix
    seen: sparse.csr_matrix
    last: np.ndarray
    now: float = 0.0  #: UTC epoch seconds

    @property
    def n_queries(self) -> int:
        """Return how many queries there are."""
        return int(self.history.shape[0])

    @property
    def n_items(self) -> int:
        """Return how many items there are."""
        return int(self.history.shape[1])

    @classmethod
    def of_users(cls, data: Dataset, users: np.ndarray) -> "Queries":
        """Return a query for each user index, with the history that ``data`` holds."""
        history, seen, last = data.matrix[users], data.seen[users], data.last[users]
        aligned = _align(history, last)
        return cls(np.asarray(users, np.int32), history, seen, aligned, data.now)

    @classmethod
    def of_histories(
        cls, histories: Sequence[Sequence[tuple[int, float]]], n_items: int, users: Sequence[int] = (), now: float = 0.0
    ) -> "Queries":
        """Return a query for each list of (item index, weight); weight 0 is seen but not liked. Times are unknown."""
        rows = [row for row, history in enumerate(histories) for _ in history]
        columns = [item for history in histories for item, _ in history]
        weights = np.array([weight for history in histories for _, weight in history], np.float32)
        shape = (len(histories), n_items)
        seen = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape)
        history = sparse.csr_matrix((weights, (rows, columns)), shape)
        history.eliminate_zeros()
        user = np.array(users if len(users) else [-1] * len(histories), np.int32)
        return cls(user, history, seen, np.zeros(history.nnz), now)

    def take(self, rows: np.ndarray) -> "Queries":
        """Return the given queries (int indices)."""
        picked = sparse.csr_matrix((self.last, self.history.indices, self.history.indptr), self.history.shape)[rows]
        return Queries(self.user[rows], self.history[rows], self.seen[rows], picked.data, self.now)


def _align(history: sparse.csr_matrix, last: sparse.csr_matrix) -> np.ndarray:
    """
    Return the entries of ``last`` at the pattern of ``history`` (a subset of its pattern), explicit zeros included.
    """
    n_items = history.shape[1]
    rows = np.repeat(np.arange(history.shape[0], dtype=np.int64), np.diff(history.indptr))
    wide_rows = np.repeat(np.arange(last.shape[0], dtype=np.int64), np.diff(last.indptr))
    wide = wide_rows * n_items + last.indices
    return np.asarray(last.data[np.searchsorted(wide, rows * n_items + history.indices)], np.float64)


@frozen
class Evidence:
    """What one score leans on. Shares are parts of the score, in its own scale; the largest first."""

    items: tuple[tuple[int, float], ...] = ()  #: (history item index, share)
    features: tuple[tuple[int, float], ...] = ()  #: (feature index, share)
    note: str = ""  #: for scorers that lean on neither: "popular", "recent"


@frozen(eq=False)
class RankedLists:
    """What metrics judge: lists of one model for the same users, with what those users then did."""

    items: np.ndarray  #: int32 [query, n], best first, -1 where the list is shorter
    relevant: sparse.csr_matrix  #: CSR [query, item]: held-out items, explicit entries only
    popularity: np.ndarray  #: float64 [item]: share of training users who met the item, 0..1
    matrix: Any = None  #: CSR float32 [item, feature] L2 rows, or None: what "similar" means for diversity

    @property
    def hits(self) -> np.ndarray:
        """Return bool [query, n]: the item at this rank was held out for this user."""
        n_items = self.relevant.shape[1]
        rows = np.repeat(np.arange(self.relevant.shape[0], dtype=np.int64), np.diff(self.relevant.indptr))
        wanted = rows * n_items + self.relevant.indices
        asked = np.arange(len(self.items), dtype=np.int64)[:, None] * n_items + self.items
        return np.asarray(np.isin(asked, wanted) & (self.items >= 0))

    @property
    def n_relevant(self) -> np.ndarray:
        """Return int64 [query]: how many items were held out."""
        return np.asarray(np.diff(self.relevant.indptr), np.int64)

    def first(self, n: int) -> "RankedLists":
        """Return the lists cut at length ``n``."""
        return RankedLists(self.items[:, :n], self.relevant, self.popularity, self.matrix)

    def take(self, rows: np.ndarray) -> "RankedLists":
        """Return the lists of the given queries (with repeats, for resampling)."""
        return RankedLists(self.items[rows], self.relevant[rows], self.popularity, self.matrix)


def top(scores: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """
    Pick the best ``n`` items of each row; equal scores are ordered by item index, so the answer is always the same.

    Args:
        scores: float [query, item]; nan and -inf are never picked.
        n: length of the lists.

    Returns:
        items int32 [query, n] (-1 where there are fewer) and their scores float32 [query, n] (nan there).
    """
    n_queries, n_items = scores.shape
    size = min(n, n_items)
    items = np.full((n_queries, n), -1, np.int32)
    best = np.full((n_queries, n), np.nan, np.float32)
    if size == 0:
        return items, best
    clean = np.where(np.isnan(scores), -np.inf, scores)
    for row in range(n_queries):
        line = clean[row]
        bar = np.partition(line, n_items - size)[n_items - size]
        chosen = np.flatnonzero((line >= bar) & (line > -np.inf))
        order = np.lexsort((chosen, -line[chosen]))[:size]
        picked = chosen[order]
        items[row, : len(picked)] = picked
        best[row, : len(picked)] = line[picked]
    return items, best


def total(parts: "dict[str, np.ndarray]") -> np.ndarray:
    """Return float32 [query, item]: the sum of the contributions, nan where there is none."""
    arrays = list(parts.values())
    known = ~np.isnan(arrays[0])
    result = np.where(known, arrays[0], 0)
    for array in arrays[1:]:
        here = ~np.isnan(array)
        result += np.where(here, array, 0)
        known |= here
    result[~known] = np.nan
    return np.asarray(result, np.float32)


def ranks(scores: np.ndarray) -> np.ndarray:
    """Return float32 [query, item]: 1 for the best, nan where the score is nan; equal scores share their mean rank."""
    result = np.full(scores.shape, np.nan, np.float32)
    for row, line in enumerate(scores):
        known = np.flatnonzero(~np.isnan(line))
        order = known[np.argsort(-line[known])]
        level = line[order]
        first = np.flatnonzero(np.concatenate([[True], level[1:] != level[:-1]])[: len(order)])
        sizes = np.diff(first, append=len(order))
        result[row, order] = np.repeat(first + (sizes + 1) / 2, sizes)
    return result


def zscores(scores: np.ndarray) -> np.ndarray:
    """
    Return float32 [query, item]: each row shifted to mean 0 and scaled to deviation 1 over its known scores.

    A row whose scores differ by no more than rounding is 0 throughout: noise is not blown up to whole deviations.
    """
    known = ~np.isnan(scores)
    plain = np.where(known, scores, 0)
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    mean = plain.sum(axis=1, keepdims=True, dtype=np.float64) / count
    away = np.where(known, plain - mean, 0)
    spread = np.sqrt((away**2).sum(axis=1, keepdims=True) / count)
    rounding = 4 * np.finfo(np.float32).eps * np.abs(plain).max(axis=1, keepdims=True, initial=0)
    scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > rounding)
    return np.where(known, away * scale, np.nan).astype(np.float32)


@frozen
class Ranking:
    """One answer: items best first, each with its score and what each source gave to it."""

    items: tuple[int, ...]
    scores: tuple[float, ...]
    sources: tuple[dict[str, float], ...] = Factory(tuple)
