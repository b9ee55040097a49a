"""The inline runner: jobs in a thread of this process."""

from nlprec.testing.contracts._runners import RunnerContract
from nlprec_plugins.runners.inline import Inline


class TestInline(RunnerContract):
    """It keeps the word of every runner."""

    component = Inline


def test_one_at_a_time():
    """It never does two jobs at once, however many cores there are."""
    assert Inline().capacity() == 1
