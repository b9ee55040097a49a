"""One way to leave the reactor thread: a bounded pool of one's own, that nobody else can starve."""

from collections.abc import Callable
from typing import Any, TypeVar

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

Result = TypeVar("Result")


class Pool(Service):
    """At most ``size`` threads; work beyond that waits its turn."""

    def __init__(self, reactor: Any, name: str, size: int) -> None:
        self._reactor = reactor
        self._pool = ThreadPool(0, size, name)

    def startService(self) -> None:
        """Get ready."""
        super().startService()
        self._pool.start()

    def stopService(self) -> None:
        """Wait for what runs and let the threads go."""
        super().stopService()
        self._pool.stop()

    def call(self, work: Callable[..., Result], *arguments: Any) -> "Deferred[Result]":
        """Do work in a thread; the Deferred fires in the reactor thread."""
        return deferToThreadPool(self._reactor, self._pool, work, *arguments)
