"""What every metric keeps its word on."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from scipy import sparse
from zope.interface.verify import verifyObject

from nlprec.interfaces import IMetric
from nlprec.kit.options import ScoreOptions
from nlprec.kit.ranking import RankedLists

OPTS = ScoreOptions()


def lists_of(
    items: Sequence[Sequence[int]],
    relevant: Sequence[Sequence[int]],
    n_items: int = 10,
    popularity: Any = None,
    matrix: Any = None,
) -> RankedLists:
    """
    Return ranked lists from plain rows.

    Args:
        items: best first, padded with -1 here.
        relevant: held-out items of each query.
        n_items: in the catalogue.
        popularity: share of users [item]; none: a tenth each.
        matrix: features of the items, or none.
    """
    longest = max(map(len, items))
    padded = np.array([[*row, *[-1] * (longest - len(row))] for row in items], np.int32).reshape(len(items), longest)
    rows = [at for at, row in enumerate(relevant) for _ in row]
    columns = [item for row in relevant for item in row]
    wanted = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), (len(items), n_items))
    return RankedLists(padded, wanted, np.full(n_items, 0.1) if popularity is None else np.asarray(popularity), matrix)


def example() -> RankedLists:
    """
    Return five lists whose marks are easy to work out by hand, with two features an item (even, odd).

    0: hits at ranks 2 and 5 of three wanted. 1: one item, which is right. 2: nothing was wanted. 3: no hit. 4: an empty
    list.
    """
    features = sparse.csr_matrix(np.eye(2, dtype=np.float32)[np.arange(10) % 2])
    lists = [[3, 1, 4, 0, 2], [5], [6, 7, 8, 9, 0], [0, 1, 2, 3, 4], []]
    return lists_of(lists, [[1, 2, 7], [5], [], [9], [0]], popularity=np.arange(10) / 10, matrix=features)


class MetricContract:
    """Inherit, set ``component``; ``judges`` is False for metrics that never look at what was held out."""

    component: Any
    settings: ClassVar[Mapping[str, Any]] = {}  #: fields of the component beside n
    judges: ClassVar[bool] = True
    bounded: ClassVar[bool] = True  #: between 0 and 1

    def measure(self, lists: RankedLists, n: int = 5) -> np.ndarray:
        """Return the component's marks."""
        return np.asarray(self.component(n=n, **self.settings).measure(lists, OPTS))

    def test_it_implements_its_interface(self) -> None:
        """The object provides IMetric."""
        assert verifyObject(IMetric, self.component(**self.settings))

    def test_there_is_a_mark_for_each_list(self) -> None:
        """float64 [query], or a single one when all lists are judged together."""
        marks = self.measure(example())
        assert (str(marks.dtype), marks.shape) == ("float64", (1,) if self.component.pooled else (5,))

    def test_marks_are_in_range(self) -> None:
        """Never negative, never infinite, and at most 1 when it is a share."""
        marks = self.measure(example())
        known = marks[~np.isnan(marks)]
        assert bool((np.isfinite(known) & (known >= 0)).all())
        assert not self.bounded or bool((known <= 1).all())

    def test_the_order_of_queries_does_not_matter(self) -> None:
        """Each list is judged by itself, so that marks can be resampled."""
        order = np.array([3, 0, 4, 1, 2, 0])
        if not self.component.pooled:
            assert np.array_equal(self.measure(example().take(order)), self.measure(example())[order], equal_nan=True)

    def test_only_the_first_n_count(self) -> None:
        """A longer list has the mark of its beginning."""
        assert np.array_equal(self.measure(example(), 2), self.measure(example().first(2), 2), equal_nan=True)

    def test_lists_shorter_than_n_are_judged(self) -> None:
        """Five items where ten are looked at are no error."""
        assert self.measure(example(), 10).shape == self.measure(example(), 5).shape

    def test_nothing_wanted_has_no_mark(self) -> None:
        """A query without held-out items is nan, not 0: it says nothing about the list."""
        if self.judges:
            assert np.isnan(self.measure(example())).tolist() == [False, False, True, False, False]

    def test_finding_everything_at_once_is_the_best(self) -> None:
        """A list of exactly what was wanted has mark 1 when n fits; finding nothing has mark 0."""
        if self.judges:
            lists = lists_of([[4, 2, 6], [1, 3, 5]], [[2, 4, 6], [0]])
            assert self.measure(lists, 3).tolist() == [1.0, 0.0]

    def test_no_lists_have_no_marks(self) -> None:
        """Zero queries are no error."""
        lists = example().take(np.zeros(0, np.int64))
        assert self.measure(lists).shape == ((1,) if self.component.pooled else (0,))
