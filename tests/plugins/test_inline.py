"""The inline runner: jobs in a thread of this process."""

from nlprec_plugins.runners.inline import Inline

from nlprec.testing.contracts._runners import RunnerContract


class TestInline(RunnerContract):
    """It keeps the word of every runner."""

    component = Inline


def test_one_at_a_time():
    """It never does two jobs at once, however many cores there are."""
    assert Inline().capacity() == 1
