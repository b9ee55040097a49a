"""Kinds and ratings become weights."""

import numpy as np
import pytest
from nlprec_plugins.preparers.weigh import Weigh

from nlprec.kit.events import Interaction
from nlprec.kit.options import Options
from nlprec.testing.contracts._preparers import PreparerContract, prepared


class TestWeigh(PreparerContract):
    """It keeps the word of every preparer."""

    component = Weigh


def weights(*events, **fields):
    """Return the weights of interactions (user, item, kind, value)."""
    data = prepared([Interaction(user, item, kind, value) for user, item, kind, value in events])
    return Weigh(**fields).prepare(data, Options()).weight.tolist()


NONE = float("nan")


def test_each_kind_has_its_weight():
    """As configured; kinds that are not listed have the weight ``other``."""
    found = weights(
        ("a", "1", "view", NONE),
        ("a", "2", "buy", NONE),
        ("a", "3", "hum", NONE),
        kinds={"view": 0.25, "buy": 2.0},
        other=0.5,
    )
    assert found == [0.25, 2.0, 0.5]


@pytest.mark.parametrize(
    ("stars", "weight"),
    [(5.0, 1.0), (4.0, 0.8), (2.5, 0.5), (1.0, 0.2), (0.5, 0.2), (-3.0, 0.2), (7.0, 1.0), (NONE, 1.0)],
)
def test_ratings_scale_the_weight(stars, weight):
    """value / 5, not below 0.2 and not above 1; without a value the kind alone counts."""
    assert weights(("a", "1", "rating", stars)) == pytest.approx([weight])


def test_only_rated_kinds_have_ratings():
    """The value of a purchase is an amount, not stars."""
    assert weights(("a", "1", "buy", 2.0), ("a", "2", "star", 2.0), rated=("star",), scale=4.0) == [1.0, 0.5]


def test_negative_wins():
    """A dislike takes every interaction of that user with that item to 0, before and after, and no other."""
    found = weights(
        ("a", "1", "buy", NONE),
        ("a", "1", "dislike", NONE),
        ("a", "1", "rating", 5.0),
        ("a", "2", "buy", NONE),
        ("b", "1", "buy", NONE),
    )
    assert found == [0.0, 0.0, 0.0, 1.0, 1.0]


def test_what_came_before_does_not_matter():
    """It sets weights, it does not multiply them: doing it twice is doing it once."""
    data = prepared([Interaction("a", "1", "rating", 4.0)])
    once = Weigh().prepare(data, Options())
    assert np.array_equal(Weigh().prepare(once, Options()).weight, once.weight)


def test_the_notes_count_each_kind():
    """How many interactions each kind has, what it weighs, and how many a dislike silenced."""
    notes = []
    data = prepared([Interaction("a", "1", "view"), Interaction("a", "1", "dislike"), Interaction("b", "1", "view")])
    Weigh().prepare(data, Options(note=lambda message, **counts: notes.append((message, counts))))
    assert notes == [
        ("weigh: kind 'view' weighs 0.3", {"events": 2}),
        ("weigh: kind 'dislike' weighs -1", {"events": 1}),
        ("weigh: interactions with a disliked item count as seen, not liked", {"events": 2}),
    ]
