"""Recall: the share of what was wanted that the list holds."""

from nlprec_plugins.metrics.recall import Recall

from nlprec.testing.contracts._metrics import OPTS, MetricContract, example, lists_of


class TestRecall(MetricContract):
    """It keeps the word of every metric."""

    component = Recall


def test_hand_worked():
    """Hits divided by what was wanted."""
    assert Recall(n=5).measure(example(), OPTS)[[0, 1, 3, 4]].tolist() == [2 / 3, 1.0, 0.0, 0.0]


def test_it_is_not_capped_at_n():
    """Two of three wanted in a list of two is two thirds, not everything."""
    assert Recall(n=2).measure(lists_of([[1, 2]], [[1, 2, 3]]), OPTS).tolist() == [2 / 3]
