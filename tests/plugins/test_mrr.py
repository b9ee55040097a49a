"""Mrr: how early the first right item comes."""

from nlprec_plugins.metrics.mrr import Mrr

from nlprec.testing.contracts._metrics import OPTS, MetricContract, example, lists_of


class TestMrr(MetricContract):
    """It keeps the word of every metric."""

    component = Mrr


def test_hand_worked():
    """1 / rank of the first hit; 0 without one."""
    assert Mrr(n=5).measure(example(), OPTS)[[0, 1, 3, 4]].tolist() == [1 / 2, 1.0, 0.0, 0.0]


def test_later_hits_do_not_count():
    """One hit at rank 3 is as good as hits at 3 and 4."""
    assert Mrr(n=5).measure(lists_of([[5, 6, 1, 2]], [[1, 2]]), OPTS).tolist() == [1 / 3]
