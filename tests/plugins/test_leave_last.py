"""The last liked interactions of each user are held out."""

import numpy as np
import pytest
from nlprec_plugins.splitters.leave_last import LeaveLast

from nlprec.errors import EmptyDataset
from nlprec.kit.dataset import TEST, TRAIN, UNUSED
from nlprec.kit.events import Interaction
from nlprec.kit.options import Options
from nlprec.testing.contracts._preparers import prepared
from nlprec.testing.contracts._splitters import SplitterContract


class TestLeaveLast(SplitterContract):
    """It keeps the word of every splitter."""

    component = LeaveLast


def parts(events, n=1, weight=None):
    """Return {user: parts in time order} of (user, time) pairs."""
    data = prepared([Interaction(user, str(at), time=float(time)) for at, (user, time) in enumerate(events)])
    if weight is not None:
        data = data.evolve(weight=np.array(weight, np.float32))
    part = LeaveLast(n=n).split(data, Options()).part
    return {data.users.id(user): part[data.user == user].tolist() for user in range(data.n_users)}


def test_the_last_of_each_user():
    """Whatever others do, and in whatever order it arrived; who has but one keeps it for learning."""
    events = [("a", 3), ("a", 1), ("a", 2), ("b", 9), ("c", 1), ("c", 0)]
    assert parts(events) == {"a": [TRAIN, TRAIN, TEST], "b": [TRAIN], "c": [TRAIN, TEST]}


def test_more_than_one():
    """The last two of those who have at least three."""
    assert parts([("a", 1), ("a", 2), ("a", 3), ("b", 1), ("b", 2)], n=2) == {
        "a": [TRAIN, TEST, TEST],
        "b": [TRAIN, TRAIN],
    }


def test_ties_keep_their_order_of_arrival():
    """Of two at the same moment the one that arrived last is the last."""
    data = prepared([Interaction("a", item, time=5.0) for item in ("x", "y", "z")])
    part = LeaveLast().split(data, Options()).part
    assert [data.items.id(item) for item in data.item[part == TEST]] == ["z"]


def test_what_is_not_liked_after_it_is_unused():
    """Learning from what came later would look into the future; before it, it is learnt from."""
    assert parts([("a", 0), ("a", 1), ("a", 2), ("a", 3)], weight=[0, 1, 1, 0]) == {"a": [TRAIN, TRAIN, TEST, UNUSED]}


def test_there_is_no_global_cut():
    """Others' later interactions are learnt from."""
    assert np.isnan(LeaveLast().split(prepared([Interaction("a", "1"), Interaction("a", "2")]), Options()).cut)


def test_nobody_with_enough_is_told():
    """With the setting to lower."""
    with pytest.raises(EmptyDataset, match=r"no user has more than 2 liked interactions .* lower prepare\.split\.n"):
        parts([("a", 1), ("a", 2)], n=2)
