"""Precision: the share of the list that was right."""

from nlprec_plugins.metrics.precision import Precision

from nlprec.testing.contracts._metrics import OPTS, MetricContract, example


class TestPrecision(MetricContract):
    """It keeps the word of every metric."""

    component = Precision


def test_hand_worked():
    """Hits divided by n, also when the list is shorter than n."""
    assert Precision(n=5).measure(example(), OPTS)[[0, 1, 3, 4]].tolist() == [2 / 5, 1 / 5, 0.0, 0.0]


def test_the_beginning_alone():
    """At n = 2, the first list has one hit in two."""
    assert Precision(n=2).measure(example(), OPTS)[0] == 1 / 2
