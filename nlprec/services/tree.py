"""A service whose children start in order and stop in reverse, each awaited, each with a deadline, the first failure blamed by name."""

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.internet.interfaces import IReactorTime

from nlprec.errors import NlprecError
from nlprec.services.part import Part


class StartFailed(Exception):
    """A child could not start; what had started before it has been stopped again."""

    def __init__(self, child: str, reason: str) -> None:
        super().__init__(f"{child}: {reason}")
        self.child = child
        self.reason = reason


class Tree(Part):
    """
    Children by name, in the order of starting.

    ``MultiService`` ignores what children return, stops them all at once and hides their failures; this one waits and names.
    """

    def __init__(self, clock: IReactorTime, start_limit: float = 120.0, stop_limit: float = 60.0) -> None:
        self._clock = clock
        self._start_limit = start_limit
        self._stop_limit = stop_limit
        self._children: list[tuple[str, Any]] = []
        self._started: list[tuple[str, Any]] = []
        self.trouble: list[str] = []  #: children that did not stop as they should, with the reason

    def add(self, name: str, child: Any) -> Any:
        """Add a child after the others; return it."""
        child.setName(name)
        self._children.append((name, child))
        return child

    def __getitem__(self, name: str) -> Any:
        """Return a child by name."""
        return dict(self._children)[name]

    def __contains__(self, name: str) -> bool:
        return name in dict(self._children)

    @property
    def names(self) -> Sequence[str]:
        """Return the children's names in the order of starting."""
        return [name for name, _ in self._children]

    async def start(self) -> None:
        """
        Start every child, one after the other.

        Raises:
            StartFailed: naming the child; those started before it have been stopped.
        """
        for name, child in self._children:
            try:
                await self._limited(maybeDeferred(child.startService), self._start_limit)
            except Exception as error:
                await self.stop()
                raise StartFailed(name, reason(error, self._start_limit)) from error
            self._started.append((name, child))
        self.running = 1

    async def stop(self) -> None:
        """Stop what has started, the last first; one that fails or hangs does not keep the others from stopping."""
        self.running = 0
        while self._started:
            name, child = self._started.pop()
            try:
                await self._limited(maybeDeferred(child.stopService), self._stop_limit)
            except Exception as error:  # every child must get its chance to stop; the trouble is kept and logged by the node
                self.trouble.append(f"{name}: {reason(error, self._stop_limit)}")

    def _limited(self, waiting: "Deferred[Any]", limit: float) -> "Deferred[Any]":
        return waiting.addTimeout(limit, self._clock)

    def startService(self) -> "Deferred[None]":
        """Start; the Deferred fires when every child runs."""
        return Deferred.fromCoroutine(self.start())

    def stopService(self) -> "Deferred[None]":
        """Stop; the Deferred fires when every child has stopped."""
        return Deferred.fromCoroutine(self.stop())


def reason(error: BaseException, limit: float) -> str:
    """Return one line about an error."""
    if isinstance(error, DeferredTimeout):
        return f"not done after {limit:g} s"
    return str(error) if isinstance(error, (NlprecError, StartFailed)) else f"{type(error).__name__}: {error}"
