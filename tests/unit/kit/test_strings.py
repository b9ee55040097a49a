"""Strings: a column of texts as two arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlprec.kit.strings import Strings

texts = st.lists(st.text(max_size=8), max_size=12)


@given(texts)
def test_texts_come_back(values):
    """What went in comes out: in order, by index, through arrays."""
    column = Strings.of(values)
    assert list(column) == values
    assert [column[at] for at in range(len(values))] == values
    assert Strings.restore(column.arrays("x"), "x") == column


@given(texts, st.data())
def test_take_is_a_list_comprehension(values, data):
    """Rows in any order, with repeats and from the end."""
    rows = data.draw(st.lists(st.integers(-len(values), len(values) - 1))) if values else []
    taken = Strings.of(values).take(np.array(rows, np.int64))
    assert list(taken) == [values[row] for row in rows]
    assert (taken.offsets.dtype, taken.blob.dtype) == (np.int64, np.uint8)


def test_take_by_mask():
    """A bool mask keeps the order."""
    assert list(Strings.of(["a", "", "ü"]).take(np.array([True, False, True]))) == ["a", "ü"]


def test_slices_and_negative_indices():
    """As a list does it."""
    column = Strings.of(["a", "bb", "c"])
    assert (list(column[1:]), list(column[::-1]), column[-1]) == (["bb", "c"], ["c", "bb", "a"], "c")


def test_an_index_too_far():
    """Raises IndexError, so that iteration protocols end."""
    with pytest.raises(IndexError):
        Strings.of(["a"])[1]


def test_lone_surrogates_are_replaced():
    """What UTF-8 cannot hold becomes a question mark on the way in."""
    assert list(Strings.of(["a\ud800b"])) == ["a?b"]


def test_a_damaged_blob_still_reads():
    """Bytes that are no UTF-8 become replacement characters, not an exception in the middle of an answer."""
    assert Strings(np.array([255, 97], np.uint8), np.array([0, 2])).__getitem__(0) == "\ufffda"


def test_equality():
    """By content, and with columns only."""
    assert Strings.of(["ab", ""]) == Strings.of(["ab", ""])
    assert Strings.of(["ab", ""]) != Strings.of(["a", "b"])
    assert Strings.of(["a"]) != ["a"]


def test_nothing_but_empty_texts():
    """A column of empty texts takes no bytes."""
    column = Strings.of(["", "", ""]).take(np.array([2, 0]))
    assert (list(column), len(column.blob)) == (["", ""], 0)
