"""A tree starts in order, stops in reverse, and names what failed."""

from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred, fail
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from nlprec.errors import StoreError
from nlprec.services.tree import ChildFailedError, Tree


class Child(Service):
    """A service that tells when it starts and stops, and does so as told."""

    def __init__(self, name, told, start=None, stop=None):
        self.name_, self.told, self.start, self.stop = name, told, start, stop

    def startService(self):
        self.told.append(f"{self.name_} up")
        return self.start() if self.start else None

    def stopService(self):
        self.told.append(f"{self.name_} down")
        return self.stop() if self.stop else None


class Bench(SynchronousTestCase):
    """A tree over three children."""

    def setUp(self):
        self.clock, self.told, self.logged = Clock(), [], []
        globalLogPublisher.addObserver(self.logged.append)
        self.addCleanup(globalLogPublisher.removeObserver, self.logged.append)

    def tree(self, **second):
        """Return a tree whose second child behaves as told."""
        children = [("a", Child("a", self.told)), ("b", Child("b", self.told, **second)), ("c", Child("c", self.told))]
        return Tree(self.clock, children, start_limit=10, stop_limit=5)


class TestStart(Bench):
    """Starting."""

    def test_children_start_in_order(self):
        """Each starts after the one before it."""
        self.successResultOf(self.tree().startService())
        assert self.told == ["a up", "b up", "c up"]

    def test_each_is_awaited(self):
        """The next child waits for the Deferred of the one before."""
        up = Deferred()
        started = self.tree(start=lambda: up).startService()
        before = list(self.told)
        up.callback(None)
        self.successResultOf(started)
        assert (before, self.told[-1]) == (["a up", "b up"], "c up")

    def test_a_failure_stops_what_has_started_and_names_the_child(self):
        """What was up is stopped in reverse; what comes later never starts."""
        started = self.tree(start=lambda: fail(StoreError("locked"))).startService()
        error = self.failureResultOf(started, ChildFailedError).value
        assert (self.told, error.child, error.reason) == (["a up", "b up", "a down"], "b", "[store] locked")

    def test_an_exception_is_a_failure_too(self):
        """A child that raises at once is named as well."""
        error = self.failureResultOf(self.tree(start=lambda: 1 / 0).startService(), ChildFailedError).value
        assert str(error) == "b: ZeroDivisionError: division by zero"

    def test_a_child_that_takes_too_long_has_failed(self):
        """The start of each child has a deadline."""
        started = self.tree(start=Deferred).startService()
        self.clock.advance(10)
        assert self.failureResultOf(started, ChildFailedError).value.child == "b"

    def test_a_stop_during_the_start_gives_it_up(self):
        """What is up is stopped, what is starting is cancelled, the rest never starts."""
        tree = self.tree(start=Deferred)
        started = tree.startService()
        self.successResultOf(tree.stopService())
        self.failureResultOf(started, CancelledError)
        assert self.told == ["a up", "b up", "a down"]


class TestStop(Bench):
    """Stopping."""

    def stop(self, **second):
        """Start a tree and stop it; return the Deferred of the stop."""
        tree = self.tree(**second)
        self.successResultOf(tree.startService())
        del self.told[:]
        return tree.stopService()

    def test_children_stop_in_reverse(self):
        """Each stops before what it leans on."""
        self.successResultOf(self.stop())
        assert self.told == ["c down", "b down", "a down"]

    def test_each_is_awaited(self):
        """What a child leans on stays up until it has stopped."""
        down = Deferred()
        stopped = self.stop(stop=lambda: down)
        before = list(self.told)
        down.callback(None)
        self.successResultOf(stopped)
        assert (before, self.told[-1]) == (["c down", "b down"], "a down")

    def test_one_that_hangs_or_fails_does_not_keep_the_others(self):
        """Its time runs out, the log names it, and the rest stops."""
        stopped = self.stop(stop=Deferred)
        self.clock.advance(5)
        self.successResultOf(stopped)
        assert (
            self.told[-1],
            [each["child"] for each in self.logged if each.get("nlprec_event") == "stop_failed"],
        ) == ("a down", ["b"])

    def test_stopping_twice_stops_once(self):
        """The second stop finds nothing to do."""
        tree = self.tree()
        self.successResultOf(tree.startService())
        self.successResultOf(tree.stopService())
        self.successResultOf(tree.stopService())
        assert len([each for each in self.told if each.endswith("down")]) == 3
