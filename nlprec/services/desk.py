"""The desk between HTTP and the node: what a request may reach, and which requests are still being answered."""

from collections.abc import Callable
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred

from nlprec.archive import Archive
from nlprec.host import PluginHost
from nlprec.interfaces import IIntake, IPipeline, IRankings
from nlprec.services.metrics import Metrics
from nlprec.settings import Settings


@define(eq=False)
class Desk:
    """
    Everything the HTTP layer needs. The node makes one and keeps it up to date.

    While ``stopping`` is true every new request is to be answered 503 with ``Connection: close``.
    """

    settings: Callable[[], Settings]  #: the current ones: a reload may change them
    host: PluginHost
    archive: Archive
    rankings: IRankings
    intake: IIntake
    pipeline: IPipeline
    metrics: Metrics
    ready: Callable[[], str]  #: "" when the node can answer, else why not
    node: str  #: its name
    log: Callable[..., None]  #: ``log(message, **facts)`` with a message of ``nlprec.logs``
    stopping: bool = False
    _in_flight: set[Any] = field(factory=set, init=False)
    _waiting: list["Deferred[None]"] = field(factory=list, init=False)

    def track(self, request: Any) -> None:
        """Count a twisted.web request as in flight until it is finished or its connection lost; call it first thing."""
        self._in_flight.add(request)
        request.notifyFinish().addBoth(self._finished, request)

    @property
    def busy(self) -> int:
        """Return how many requests are in flight."""
        return len(self._in_flight)

    def idle(self) -> "Deferred[None]":
        """Return a Deferred that fires as soon as no request is in flight."""
        done: Deferred[None] = Deferred(self._waiting.remove)
        self._waiting.append(done)
        self._release_waiting()
        return done

    def _finished(self, _: Any, request: Any) -> None:
        self._in_flight.discard(request)
        self._release_waiting()

    def _release_waiting(self) -> None:
        if not self._in_flight:
            waiting, self._waiting = self._waiting, []
            for done in waiting:
                done.callback(None)
