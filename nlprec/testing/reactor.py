"""A reactor in the test's hands: time stands still, threads are real, nothing is opened."""

import queue
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

PATIENCE = 30.0  #: seconds a test waits for a thread


class HandPort:
    """A port that nobody can reach; it remembers that it was closed."""

    closed = False

    def stopListening(self) -> None:
        """Close."""
        self.closed = True


class HandReactor(Clock):
    """What threads hand over is done in ``until``, in the test's own thread."""

    def __init__(self) -> None:
        super().__init__()
        self._handed: queue.Queue[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = queue.Queue()
        self.port: HandPort | None = None
        self.factory: Any = None  #: of the port
        self.stopped = False

    def callFromThread(self, function: Callable[..., Any], *args: Any, **more: Any) -> None:
        """Take a call; any thread may."""
        self._handed.put((function, args, more))

    def callWhenRunning(self, function: Callable[..., Any], *args: Any, **more: Any) -> None:
        """Take a call; a test's reactor always runs."""
        self._handed.put((function, args, more))

    def adoptStreamPort(self, descriptor: int, family: int, factory: Any) -> HandPort:
        """Open nothing."""
        self.factory, self.port = factory, HandPort()
        return self.port

    def stop(self) -> None:
        """Remember that it was stopped."""
        self.stopped = True

    def until(self, true: Callable[[], Any]) -> Any:
        """Do what was handed over and what is due, until something is true; return that."""
        while True:
            self.advance(0)
            if found := true():
                return found
            wait = 0.0 if self.calls and self.calls[0].getTime() <= self.seconds() else PATIENCE
            try:
                function, args, more = self._handed.get(timeout=wait or 1e-9)
            except queue.Empty:
                if wait:
                    raise AssertionError(f"nothing happened for {PATIENCE} s") from None
                continue
            function(*args, **more)

    def result(self, deferred: "Deferred[Any]") -> Any:
        """Return what a Deferred gives, or raise what it fails with."""
        found: list[Any] = []
        failed: list[Any] = []
        deferred.addCallbacks(found.append, failed.append)
        self.until(lambda: found or failed)
        for failure in failed:
            failure.raiseException()
        return found[0]
