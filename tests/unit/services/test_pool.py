"""Threads are bounded, and end when told."""

import threading

import pytest
from twisted.trial.unittest import SynchronousTestCase

from nlprec.services.pool import Pool
from nlprec.testing.reactor import HandReactor


class TestPool(SynchronousTestCase):
    """A pool of one thread."""

    def setUp(self):
        self.reactor = HandReactor()
        self.pool = Pool(self.reactor, "test", 1)
        self.pool.startService()
        self.addCleanup(lambda: self.pool.running and self.reactor.result(self.pool.stopService()))

    def test_work_is_done_in_another_thread(self):
        """The answer comes back in the reactor's."""
        name = self.reactor.result(self.pool.run(lambda: threading.current_thread().name))
        assert "nlprec-test" in name

    def test_what_is_raised_comes_back(self):
        """An exception is the Deferred's failure."""
        with pytest.raises(ZeroDivisionError):
            self.reactor.result(self.pool.run(lambda: 1 / 0))

    def test_more_than_its_threads_waits(self):
        """Two calls in a pool of one are never at once."""
        lock, failed = threading.Lock(), []

        def alone():
            if not lock.acquire(blocking=False):
                failed.append("two at once")
            lock.release()

        for done in [self.pool.run(alone) for _ in range(20)]:
            self.reactor.result(done)
        assert failed == []

    def test_the_stop_waits_for_what_runs(self):
        """The threads end after their work, not before, and the reactor is not blocked meanwhile."""
        go, done = threading.Event(), []
        self.pool.run(lambda: go.wait(10)).addCallback(done.append)
        stopped = self.pool.stopService()
        self.assertNoResult(stopped)
        go.set()
        self.reactor.result(stopped)
        assert done == [True]
