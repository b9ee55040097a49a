"""From the snapshot's columns to a dataset in time order, and to what a window may see."""

import numpy as np
import pytest

from nlprec.kit.artifact import Artifact, Manifest
from nlprec.kit.dataset import TEST, TRAIN, UNUSED
from nlprec.kit.events import Interaction, Item, User
from nlprec.kit.io.columns import build_snapshot
from nlprec.kit.windows import load_test, load_window
from nlprec.stages.extract import known_items
from nlprec.stages.prepare import from_snapshot

NAN = float("nan")


@pytest.fixture
def data():
    """Return a dataset of four interactions, given out of order, one without a time."""
    events = [
        Interaction("ann", "tent", "buy", NAN, 30.0, "late"),
        Interaction("bob", "lamp", "rating", 4.0, 10.0),
        Interaction("ann", "atlas", "view", NAN, NAN),
        Interaction("bob", "tent", "view", NAN, 20.0),
    ]
    items = [Item("tent", "Tent", time=5.0), Item("new", "New", time=25.0), Item("odd", "Odd", hidden=True)]
    return from_snapshot(build_snapshot([User("ann")], items, events, 7))


def test_events_are_in_time_order_the_undated_first(data):
    """Reviews and values move along."""
    assert [data.items.id(item) for item in data.item] == ["atlas", "lamp", "tent", "tent"]
    assert (list(data.review), data.now) == (["", "", "", "late"], 30.0)


def test_items_without_interactions_are_part_of_it(data):
    """Records first, then ids that only interactions name."""
    assert (list(data.items.ids), data.catalogue.hidden.tolist()) == (
        ["tent", "new", "odd", "lamp", "atlas"],
        [False, False, True, False, False],
    )


def test_every_weight_starts_at_one(data):
    """Preparers change it."""
    assert data.weight.tolist() == [1.0] * 4


def artifact(data, part, cut):
    """Return what the prepare stage would have kept."""
    return Artifact(
        Manifest("d" * 32, "prepare", "dataset", meta={**data.meta(), "cut": cut}),
        {**data.arrays(), "part": np.array(part, np.int8)},
    )


def test_the_training_window_ends_at_the_cut(data):
    """What was held out is not in it, nor is anything after the cut known."""
    window = load_window(artifact(data, [TRAIN, TRAIN, UNUSED, TEST], 20.0), "train")
    assert (window.n_events, window.now, window.n_items) == (2, 20.0, 5)


def test_the_full_window_holds_everything(data):
    """A release learns from all of it."""
    window = load_window(artifact(data, [TRAIN, TRAIN, UNUSED, TEST], 20.0), "full")
    assert (window.n_events, window.now) == (4, 30.0)


def test_a_split_without_a_cut_keeps_the_present(data):
    """Then the window ends where the data ends."""
    assert load_window(artifact(data, [TRAIN, TRAIN, TRAIN, TEST], NAN), "train").now == 30.0


def test_the_held_out_part_is_what_judges(data):
    """Only TEST, neither TRAIN nor UNUSED."""
    test = load_test(artifact(data, [TRAIN, TRAIN, UNUSED, TEST], 20.0))
    assert [(test.users.id(user), test.items.id(item)) for user, item in zip(test.user, test.item, strict=True)] == [
        ("ann", "tent")
    ]


def test_texts_of_items_that_came_later_are_not_learnt_from(data):
    """An item is known when it was available by the end of the window, or has no date."""
    window = load_window(artifact(data, [TRAIN, TRAIN, UNUSED, TEST], 20.0), "train")
    assert known_items(window).tolist() == [True, False, True, True, True]
