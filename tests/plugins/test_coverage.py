"""Coverage: how much of the catalogue is ever shown."""

from nlprec_plugins.metrics.coverage import Coverage

from nlprec.testing.contracts._metrics import OPTS, MetricContract, example, lists_of


class TestCoverage(MetricContract):
    """It keeps the word of every metric."""

    component = Coverage
    judges = False


def test_hand_worked():
    """All lists together show every item but none twice counted: 10 of 10; the first places show 0, 3, 5 and 6."""
    assert [Coverage(n=n).measure(example(), OPTS).tolist() for n in (5, 1)] == [[1.0], [0.4]]


def test_the_same_list_for_everyone_covers_little():
    """Three different items of ten, however many users there are."""
    assert Coverage(n=3).measure(lists_of([[1, 2, 3]] * 50, [[1]] * 50), OPTS).tolist() == [0.3]


def test_nothing_shown_covers_nothing():
    """Empty lists are 0, not an error."""
    assert Coverage(n=3).measure(lists_of([[], []], [[1], [2]]), OPTS).tolist() == [0.0]
