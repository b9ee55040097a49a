"""Novelty: how unknown the shown items are."""

import numpy as np
from nlprec_plugins.metrics.novelty import Novelty

from nlprec.testing.contracts._metrics import OPTS, MetricContract, example, lists_of


class TestNovelty(MetricContract):
    """It keeps the word of every metric."""

    component = Novelty
    judges = False
    bounded = False


def test_hand_worked():
    """Items met by a half, a quarter and an eighth of the users carry 1, 2 and 3 bits: 2 on average."""
    popularity = [1 / 2, 1 / 4, 1 / 8, 1.0]
    lists = lists_of([[0, 1, 2], [3]], [[0], [0]], 4, popularity)
    assert Novelty(n=3).measure(lists, OPTS).tolist() == [2.0, 0.0]


def test_an_item_nobody_met_counts_as_half_of_the_rarest():
    """One bit more than the rarest that was met, not infinitely many."""
    lists = lists_of([[1], [2]], [[0], [0]], 3, [1.0, 1 / 4, 0.0])
    assert Novelty(n=1).measure(lists, OPTS).tolist() == [2.0, 3.0]


def test_an_empty_list_has_no_mark():
    """There is nothing to be surprised by."""
    assert np.isnan(Novelty(n=5).measure(example(), OPTS)).tolist() == [False] * 4 + [True]


def test_without_any_history_there_is_no_surprise():
    """When nobody met anything, every item counts as known to all: 0 bits."""
    assert Novelty(n=2).measure(lists_of([[0, 1]], [[0]], 2, [0.0, 0.0]), OPTS).tolist() == [0.0]
