"""Ndcg: right items count more the earlier they come."""

import numpy as np
import pytest
from nlprec_plugins.metrics.ndcg import Ndcg
from sklearn.metrics import ndcg_score

from nlprec.testing.contracts._metrics import OPTS, MetricContract, example, lists_of


def random_rankings():
    """Return whole rankings int [query, item] and what was wanted bool [query, item], at least one item each."""
    rng = np.random.default_rng(11)
    rankings = np.argsort(rng.random((20, 30)), axis=1)
    wanted = rng.random((20, 30)) < 0.15
    wanted[np.arange(20), rng.integers(0, 30, 20)] = True
    return rankings, wanted


class TestNdcg(MetricContract):
    """It keeps the word of every metric."""

    component = Ndcg


def test_hand_worked():
    """Hits at ranks 2 and 5 of three wanted: (1/log2 3 + 1/log2 6) / (1 + 1/log2 3 + 1/2)."""
    first = (1 / np.log2(3) + 1 / np.log2(6)) / (1 + 1 / np.log2(3) + 1 / 2)
    assert Ndcg(n=5).measure(example(), OPTS)[[0, 1, 3, 4]] == pytest.approx([first, 1.0, 0.0, 0.0])


def test_the_ideal_list_is_no_longer_than_n():
    """Two hits in a list of two are perfect, however many were wanted."""
    assert Ndcg(n=2).measure(lists_of([[1, 2]], [[1, 2, 3, 4]]), OPTS) == pytest.approx([1.0])


@pytest.mark.parametrize("n", [1, 5, 10, 30])
def test_it_agrees_with_scikit_learn(n):
    """For binary gains it is sklearn.metrics.ndcg_score with k = n."""
    rankings, wanted = random_rankings()
    scores = -np.argsort(rankings, axis=1)
    expected = [ndcg_score(row[None], score[None], k=n) for row, score in zip(wanted, scores, strict=True)]
    lists = lists_of(rankings[:, :n].tolist(), [np.flatnonzero(row).tolist() for row in wanted], 30)
    assert Ndcg(n=n).measure(lists, OPTS) == pytest.approx(expected)
