"""Datasets: vocabularies, matrices, and what they keep through the archive."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlprec.kit.dataset import Dataset, Vocabulary
from nlprec.testing.data import START, arrays_of, dataset_of, same, stored, tiny_dataset

rows = st.lists(
    st.tuples(
        st.sampled_from("uvw"),
        st.sampled_from("abcd"),
        st.sampled_from([0.0, 0.2, 1.0]),
        st.one_of(st.just(np.nan), st.floats(1, 1e9)),
    ),
    max_size=15,
)


@given(st.lists(st.text(max_size=5), unique=True, max_size=10))
def test_a_vocabulary_goes_both_ways(ids):
    """The id at an index is the one whose index it is; others are -1."""
    ids = [
        each for each in ids if each != "?" and each.encode("utf-8", "replace") == each.encode("utf-8", "surrogatepass")
    ]
    vocabulary = Vocabulary(ids)
    assert [vocabulary.id(vocabulary.index(each)) for each in ids] == ids
    assert vocabulary.indices([*ids, "no such id"]).tolist() == [*range(len(ids)), -1]
    assert ("no such id" in vocabulary, len(vocabulary)) == (False, len(ids))


class TestTiny:
    """The tiny dataset, by hand."""

    data = tiny_dataset()

    def test_matrix_holds_what_is_liked(self):
        """Summed weights above 0."""
        assert self.data.matrix.toarray().round(3).tolist() == [
            [1, 0.5, 0, 0, 0, 0],
            [1, 0, 1, 0, 0, 0],
            [0, 1, 1, pytest.approx(0.2), 0, 0],
            [0] * 6,
        ]

    def test_seen_holds_what_was_met(self):
        """The newcomer met tea without liking it."""
        assert (self.data.seen.nnz, self.data.matrix.nnz, self.data.seen[3, 0]) == (8, 7, 1)

    def test_events_of_an_item(self):
        """Liked interactions an item."""
        assert self.data.n_item_events.tolist() == [2, 2, 2, 1, 0, 0]

    def test_keep_keeps_vocabularies(self):
        """Fewer interactions, the same users and items."""
        kept = self.data.keep(self.data.user == 0)
        assert (kept.n_events, kept.n_users, kept.n_items) == (2, 4, 6)

    def test_keep_starts_afresh(self):
        """Matrices are those of what is left."""
        assert self.data.keep(np.array([0])).matrix.toarray().sum() == 1

    def test_it_comes_back_from_the_archive(self):
        """Through files and back all of it is there."""
        again = Dataset.restore(stored(self.data.arrays()), self.data.meta())
        assert same(arrays_of(self.data), arrays_of(again))
        assert (list(again.catalogue.title), again.now, again.kinds) == (
            list(self.data.catalogue.title),
            self.data.now,
            ("view",),
        )


def test_meeting_twice():
    """Weights add up, meetings are counted, the last time is the latest."""
    data = dataset_of([("u", "a", 0.5, START + 5), ("u", "a", 0.2, START + 9), ("u", "a", 0.0, np.nan)])
    assert (data.matrix[0, 0], data.seen[0, 0], data.last[0, 0]) == (pytest.approx(0.7), 3, START + 9)


@given(rows)
def test_last_is_the_latest_time_of_a_pair(rows):
    """For every pair that met: the largest known time, 0 when none is known; in the pattern of ``seen``."""
    data = dataset_of(rows, users="uvw", items="abcd")
    expected = {(user, item): 0.0 for user, item, _, _ in rows}
    for user, item, _, time in rows:
        if not np.isnan(time):
            expected[user, item] = max(expected[user, item], time)
    last = data.last.tocoo()
    found = {(data.users.id(u), data.items.id(i)): t for u, i, t in zip(last.row, last.col, last.data, strict=True)}
    assert found == expected
    assert np.array_equal(data.last.indices, data.seen.indices)


def test_times_before_1970_are_times():
    """A negative time is known; it is not the latest when there is a later one."""
    assert dataset_of([("u", "a", 1.0, -5.0), ("u", "a", 1.0, -9.0)]).last[0, 0] == -5


def test_matrices_have_sorted_indices():
    """Whatever the order of interactions."""
    data = dataset_of([("u", "b"), ("u", "a"), ("u", "c")], items="abc")
    assert [matrix.indices.tolist() for matrix in (data.matrix, data.seen, data.last)] == [[0, 1, 2]] * 3
