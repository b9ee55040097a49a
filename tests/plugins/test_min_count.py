"""The k-core: users and items with too few liked interactions fall, until nothing more falls."""

import numpy as np
import pytest
from nlprec_plugins.preparers.min_count import MinCount

from nlprec.kit.events import Interaction
from nlprec.kit.options import Options
from nlprec.testing.contracts._preparers import PreparerContract, prepared


class TestMinCount(PreparerContract):
    """It keeps the word of every preparer."""

    component = MinCount
    settings = {"user": 3, "item": 3}


def pairs(data):
    """Return the (user, item) ids of a dataset's interactions."""
    return [(data.users.id(user), data.items.id(item)) for user, item in zip(data.user, data.item, strict=True)]


def events(text):
    """Return a dataset of words like "a1": user a met item 1."""
    return prepared([Interaction(word[0], word[1]) for word in text.split()])


def test_a_chain_falls_one_after_the_other():
    """Item 3 falls for its one user; then c has one item left and falls too; the square of a, b, 1, 2 stays."""
    left = MinCount(user=2, item=2).prepare(events("a1 a2 b1 b2 c2 c3"), Options())
    assert pairs(left) == [("a", "1"), ("a", "2"), ("b", "1"), ("b", "2")]


def test_everything_may_fall():
    """A path without a square has no 2-core."""
    assert MinCount(user=2, item=2).prepare(events("a1 b1 b2 c2 c3 d3"), Options()).n_events == 0


def test_repeats_count_once():
    """Ten views of one item are one item."""
    assert MinCount(user=2, item=1).prepare(events("a1 " * 10), Options()).n_events == 0


def test_what_is_not_liked_does_not_count_but_stays_with_its_user():
    """Weight 0 makes nobody richer; for those who stay it is kept, since it was seen."""
    data = events("a1 a2 b1 b2 a3 b3 c1 c3")
    data = data.evolve(weight=np.array([1, 1, 1, 1, 1, 1, 1, 0], np.float32))
    left = MinCount(user=2, item=2).prepare(data, Options())
    assert pairs(left) == [("a", "1"), ("a", "2"), ("b", "1"), ("b", "2"), ("a", "3"), ("b", "3")]
    more = data.evolve(weight=np.array([1, 1, 1, 1, 1, 0, 1, 1], np.float32))
    assert ("b", "3") in pairs(MinCount(user=2, item=2).prepare(more, Options()))


def test_the_note_counts():
    """What was dropped and kept."""
    notes = []
    MinCount(user=2, item=2).prepare(
        events("a1 a2 b1 b2 c2 c3"), Options(note=lambda _, **counts: notes.append(counts))
    )
    assert notes == [{"dropped": 2, "kept": 4}]


def test_less_than_one_is_refused():
    """Asking for nobody is a mistake."""
    with pytest.raises(ValueError, match="user"):
        MinCount(user=0)
