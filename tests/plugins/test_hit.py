"""Hit: whether the list holds anything right."""

from nlprec_plugins.metrics.hit import Hit

from nlprec.testing.contracts._metrics import OPTS, MetricContract, example


class TestHit(MetricContract):
    """It keeps the word of every metric."""

    component = Hit


def test_hand_worked():
    """1 with a hit among the first n, else 0."""
    assert Hit(n=5).measure(example(), OPTS)[[0, 1, 3, 4]].tolist() == [1.0, 1.0, 0.0, 0.0]


def test_the_beginning_alone():
    """At n = 1, the hit at rank 2 does not count."""
    assert Hit(n=1).measure(example(), OPTS)[[0, 1]].tolist() == [0.0, 1.0]
