"""A bounded pool of threads as a service: what blocks runs there, never in the reactor."""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from nlprec.services.part import Part


class Pool(Part):
    """
    At most ``size`` threads. Started with the node's tree, stopped after those who use it.

    Stopping waits, without blocking the reactor, until what runs has ended.
    """

    def __init__(self, reactor: Any, name: str, size: int) -> None:
        self._reactor = reactor
        self._threads = ThreadPool(0, size, f"nlprec-{name}")
        self._busy = 0
        self._idle: list[Deferred[None]] = []

    def startService(self) -> None:
        """Accept work."""
        super().startService()
        self._threads.start()

    def run(self, function: Callable[..., Any], *args: Any) -> "Deferred[Any]":
        """Call a function in a thread of the pool; return a Deferred of what it returns or raises."""
        self._busy += 1
        return deferToThreadPool(self._reactor, self._threads, function, *args).addBoth(self._done)

    def stopService(self) -> "Deferred[None]":
        """Return a Deferred that fires when the threads are gone."""
        super().stopService()
        idle: Deferred[None] = Deferred()
        self._idle.append(idle)
        self._tell_idle()
        return idle.addCallback(lambda _: self._threads.stop())

    def _done(self, result: Any) -> Any:
        self._busy -= 1
        self._tell_idle()
        return result

    def _tell_idle(self) -> None:
        if not self._busy:
            idle, self._idle = self._idle, []
            for each in idle:
                each.callback(None)
