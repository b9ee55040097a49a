"""Services in order, each start and stop awaited; the first failure stops what has started and names the child."""

from collections.abc import Iterable
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, maybeDeferred
from twisted.python.failure import Failure

from nlprec.logs import STOP_FAILED
from nlprec.services.logging import Log, one_line
from nlprec.services.part import Part

log = Log(__name__)


class ChildFailedError(Exception):
    """A child of a tree could not be started; ``__cause__`` says why."""

    def __init__(self, child: str, reason: str) -> None:
        super().__init__(f"{child}: {reason}")
        self.child = child
        self.reason = reason


class Tree(Part):
    """
    Named children, each leaning on those before it.

    Twisted's MultiService ignores what ``startService`` returns, stops all at once and hides failures; this does not.
    """

    def __init__(
        self, clock: Any, children: Iterable[tuple[str, Any]] = (), start_limit: float = 300.0, stop_limit: float = 30.0
    ) -> None:
        self._clock = clock
        self._children = list(children)
        self._start_limit = start_limit  #: seconds each child may take
        self._stop_limit = stop_limit
        self._started: list[tuple[str, Any]] = []
        self._starting: Deferred[None] | None = None

    def add(self, name: str, service: Any) -> None:
        """Append a child; only before the tree starts."""
        self._children.append((name, service))

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the children, in the order they start."""
        return tuple(name for name, _ in self._children)

    def startService(self) -> "Deferred[None]":
        """Fire when every child is up, or fail with ChildFailedError after the started ones were stopped."""
        super().startService()
        self._starting = Deferred.fromCoroutine(self._start())
        return self._starting

    def stopService(self) -> "Deferred[None]":
        """Fire when every child has stopped or used up its time; what is still starting is given up."""
        super().stopService()
        if self._starting is not None:
            self._starting.cancel()
        return Deferred.fromCoroutine(self._stop())

    async def _start(self) -> None:
        for name, child in self._children:
            try:
                await maybeDeferred(child.startService).addTimeout(self._start_limit, self._clock)
            except CancelledError:
                raise
            except Exception as error:  # bulkhead: whatever a child does, the tree stops in order and says which it was
                await self._stop()
                raise ChildFailedError(name, one_line(error)) from error
            self._started.append((name, child))

    async def _stop(self) -> None:
        while self._started:
            name, child = self._started.pop()
            await (
                maybeDeferred(child.stopService)
                .addTimeout(self._stop_limit, self._clock)
                .addErrback(_not_stopped, name)
            )


def _not_stopped(failure: Failure, name: str) -> None:
    log.say(STOP_FAILED, child=name, reason=one_line(failure.value))
