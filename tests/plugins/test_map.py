"""Map: precision at every hit, averaged."""

import numpy as np
import pytest
from nlprec_plugins.metrics.map import Map
from sklearn.metrics import label_ranking_average_precision_score

from nlprec.testing.contracts._metrics import OPTS, MetricContract, example, lists_of


def random_rankings():
    """Return whole rankings int [query, item] and what was wanted bool [query, item], at least one item each."""
    rng = np.random.default_rng(11)
    rankings = np.argsort(rng.random((20, 30)), axis=1)
    wanted = rng.random((20, 30)) < 0.15
    wanted[np.arange(20), rng.integers(0, 30, 20)] = True
    return rankings, wanted


class TestMap(MetricContract):
    """It keeps the word of every metric."""

    component = Map


def test_hand_worked():
    """Hits at ranks 2 and 5 of three wanted: (1/2 + 2/5) / 3."""
    assert Map(n=5).measure(example(), OPTS)[[0, 1, 3, 4]] == pytest.approx([0.3, 1.0, 0.0, 0.0])


def test_it_divides_by_all_that_was_wanted():
    """Not by min(n, wanted): a perfect list of two, of four wanted, has a half."""
    assert Map(n=2).measure(lists_of([[1, 2]], [[1, 2, 3, 4]]), OPTS).tolist() == [0.5]


def test_whole_rankings_agree_with_scikit_learn():
    """With every item in the list it is the label ranking average precision (sklearn.metrics, 1.5 and later)."""
    rankings, wanted = random_rankings()
    scores = -np.argsort(rankings, axis=1)
    expected = [
        label_ranking_average_precision_score(row[None], score[None]) for row, score in zip(wanted, scores, strict=True)
    ]
    lists = lists_of(rankings.tolist(), [np.flatnonzero(row).tolist() for row in wanted], 30)
    assert Map(n=30).measure(lists, OPTS) == pytest.approx(expected)
