"""Rankings as arrays: sorted, without repeats, the same whoever else asks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats import rankdata

from nlprec.kit.ranking import Queries, RankedLists, ranks, top, total, zscores
from nlprec.testing.data import START, arrays_of, same, tiny_dataset

NAN = np.nan
few = st.sampled_from([NAN, -np.inf, -1.0, 0.0, 0.5, 1.0, 2.0])
tables = arrays.arrays(np.float32, arrays.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=9), elements=few)
finite = st.one_of(st.just(NAN), st.floats(-1e6, 1e6, width=32))
known_tables = arrays.arrays(np.float32, st.tuples(st.integers(1, 4), st.integers(1, 9)), elements=finite)


@given(tables, st.integers(0, 12))
def test_top_is_the_head_of_a_full_sort(scores, n):
    """The best n in order of score, equal ones by index, -1 where there are fewer."""
    items, best = top(scores, n)
    for row, line in enumerate(scores):
        good = [at for at in range(len(line)) if line[at] > -np.inf]
        expected = sorted(good, key=lambda at: (-line[at], at))[:n]
        assert items[row].tolist() == expected + [-1] * (n - len(expected))
        assert best[row].tolist() == pytest.approx(
            [line[at] for at in expected] + [NAN] * (n - len(expected)), nan_ok=True
        )


def test_top_of_nothing():
    """No items, or a list of length 0, are no trouble."""
    assert top(np.zeros((2, 0), np.float32), 3)[0].tolist() == [[-1] * 3] * 2
    assert top(np.zeros((2, 3), np.float32), 0)[0].shape == (2, 0)


def test_top_leaves_its_scores_alone():
    """Read-only scores, such as one row for everyone, will do."""
    line = np.array([1, NAN, 3], np.float32)
    assert top(np.broadcast_to(line, (2, 3)), 2)[0].tolist() == [[2, 0]] * 2


@given(known_tables)
def test_ranks_are_mean_ranks(scores):
    """They are scipy's rankdata(method="average") of the known scores, best first."""
    found = ranks(scores)
    for row, line in enumerate(scores):
        known = ~np.isnan(line)
        assert np.isnan(found[row]).tolist() == (~known).tolist()
        assert found[row][known].tolist() == rankdata(-line[known]).tolist()


def test_zscores_by_hand():
    """1, 2, 3 have mean 2 and deviation sqrt(2/3); what is unknown stays unknown."""
    found = zscores(np.array([[1, NAN, 2, 3]], np.float32))
    assert found[0].tolist() == pytest.approx([-(1.5**0.5), NAN, 0, 1.5**0.5], nan_ok=True)


@given(known_tables)
def test_zscores_have_mean_0_and_deviation_1(scores):
    """Of known scores; or are all 0 when those do not differ."""
    for line, original in zip(zscores(scores), scores, strict=True):
        known = line[~np.isnan(original)]
        assert np.isnan(line).tolist() == np.isnan(original).tolist()
        if known.any():
            assert (known.mean(), known.std()) == (pytest.approx(0, abs=1e-3), pytest.approx(1, abs=1e-3))


@given(st.floats(2.0**-100, 2.0**100, width=32), st.integers(1, 50))
def test_equal_scores_have_no_deviation(value, n):
    """However the sum rounds, n times the same number deviates by nothing."""
    assert not zscores(np.full((1, n), value, np.float32)).any()


def test_total_adds_what_is_there():
    """Contributions are added; nan only where nobody contributes."""
    parts = {"a": np.array([[1, NAN, NAN]], np.float32), "b": np.array([[2, 3, NAN]], np.float32)}
    assert total(parts)[0].tolist() == pytest.approx([3, 3, NAN], nan_ok=True)


def test_total_leaves_its_parts_alone():
    """The first part is not added into."""
    part = np.array([[1, NAN]], np.float32)
    total({"a": part, "b": np.ones((1, 2), np.float32)})
    assert part[0].tolist() == pytest.approx([1, NAN], nan_ok=True)


class TestQueries:
    """Histories as arrays."""

    def test_of_users(self):
        """Ann likes tea and coffee; the newcomer likes nothing but has seen tea."""
        queries = Queries.of_users(tiny_dataset(), np.array([3, 0]))
        assert queries.history.toarray().tolist() == [[0] * 6, [1, 0.5, 0, 0, 0, 0]]
        assert queries.seen.toarray().tolist() == [[1, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0]]

    def test_times_go_with_the_history(self):
        """``last`` says when each history item was met, in the order of the history's entries."""
        queries = Queries.of_users(tiny_dataset(), np.array([2, 0]))
        assert ((queries.last - START) / 86_400).tolist() == [4, 5, 6, 0, 1]

    def test_take_keeps_times_beside_their_items(self):
        """Turned around, every entry has its own time still."""
        data = tiny_dataset()
        turned = Queries.of_users(data, np.arange(4)).take(np.array([2, 0]))
        assert same(arrays_of(turned), arrays_of(Queries.of_users(data, np.array([2, 0]))))

    def test_of_histories(self):
        """Weight 0 is seen, not liked; the same item twice adds up; nobody is -1."""
        queries = Queries.of_histories([[(2, 1.0), (0, 0.0), (2, 0.5)], []], 3)
        assert queries.history.toarray().tolist() == [[0, 0, 1.5], [0, 0, 0]]
        assert (queries.seen.toarray() > 0).tolist() == [[True, False, True], [False] * 3]
        assert (queries.user.tolist(), queries.last.tolist()) == ([-1, -1], [0.0])

    def test_indices_are_sorted(self):
        """Histories given in any order are stored in item order."""
        assert Queries.of_histories([[(2, 1.0), (0, 1.0), (1, 1.0)]], 3).history.indices.tolist() == [0, 1, 2]


class TestRankedLists:
    """What metrics judge."""

    def lists(self):
        """Return two lists, one short."""
        relevant = Queries.of_histories([[(1, 1.0), (4, 1.0)], [(0, 1.0)]], 5).history
        return RankedLists(np.array([[4, 2, 1], [3, -1, -1]], np.int32), relevant, np.zeros(5))

    def test_hits(self):
        """A hit where the item was held out for that user; an empty place is none."""
        assert self.lists().hits.tolist() == [[True, False, True], [False] * 3]

    def test_how_many_were_wanted(self):
        """Held-out items a user."""
        assert self.lists().n_relevant.tolist() == [2, 1]

    def test_cut_and_drawn(self):
        """Cut at length 1, and drawn with repeats."""
        drawn = self.lists().first(1).take(np.array([1, 0, 0]))
        assert (drawn.items.tolist(), drawn.n_relevant.tolist()) == ([[3], [4], [4]], [1, 2, 2])
