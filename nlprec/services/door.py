"""The port: claimed before the node starts, opened last, closed first, and closed politely."""

import contextlib
import socket
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.interfaces import IAddress, IListeningPort, IProtocol
from twisted.internet.protocol import ServerFactory
from twisted.internet.task import deferLater
from twisted.python.failure import Failure
from zope.interface import implementer

from nlprec.errors import ConfigError, Problem
from nlprec.logs import DRAIN_ENDED, LISTENING
from nlprec.services.desk import Desk
from nlprec.services.logging import Log
from nlprec.services.part import Part

log = Log(__name__)
BACKLOG = 1024  #: connections the kernel holds for us
LAST_PORT = 65_535
FLUSH = 2.0  #: seconds the last bytes of answers may take to leave
TICK = 0.02  #: seconds between two looks whether they have left


def claim(listen: str) -> socket.socket:
    """
    Return a socket bound to ``address:port`` that nobody can connect to yet.

    Raises:
        ConfigError: the port is taken, not ours to take, or the address is not of this machine.
    """
    host, _, port = listen.rpartition(":")
    try:
        if int(port) > LAST_PORT:  # getaddrinfo would quietly take another
            raise OverflowError(f"ports end at {LAST_PORT}")
        family, kind, protocol, _, address = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)[0]
        claimed = socket.socket(family, kind, protocol)
    except (OSError, OverflowError) as error:
        raise _refused(listen, error) from error
    claimed.setblocking(False)  # the reactor adopts it as it is, and must never wait in accept
    claimed.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        claimed.bind(address)
    except (OSError, OverflowError) as error:
        claimed.close()
        raise _refused(listen, error) from error
    return claimed


def _refused(listen: str, error: Exception) -> ConfigError:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    hint = "stop what listens there (ss -ltnp shows it), or choose another address"
    return ConfigError(
        problems=(Problem("serve.http.listen", f"cannot listen on {listen}: {reason}", hint, code="config.listen"),)
    )


@implementer(IProtocol)
class _Guest:
    """One connection: stands between transport and protocol only to know both; the bytes go straight through."""

    def __init__(self, inner: Any, guests: "set[_Guest]") -> None:
        self._inner = inner
        self._guests = guests
        self.transport: Any = None
        self.dataReceived = inner.dataReceived

    def makeConnection(self, transport: Any) -> None:
        self.transport = transport
        self._guests.add(self)
        self._inner.makeConnection(transport)

    def connectionMade(self) -> None:
        """Nothing: ``makeConnection`` of the inner protocol calls its own."""

    def connectionLost(self, reason: Failure) -> None:
        self._guests.discard(self)
        self._inner.connectionLost(reason)


class _Hall(ServerFactory):
    """A factory that knows who is in."""

    noisy = False

    def __init__(self, site: Any) -> None:
        self._site = site
        self.guests: set[_Guest] = set()

    def doStart(self) -> None:
        self._site.doStart()

    def doStop(self) -> None:
        self._site.doStop()

    def buildProtocol(self, addr: IAddress | None) -> Any:
        inner = self._site.buildProtocol(addr)
        return _Guest(inner, self.guests) if inner is not None else None


class Door(Part):
    """Listens while the node is up. Stopping refuses new requests and waits ``drain`` seconds for the running ones."""

    def __init__(self, reactor: Any, claimed: socket.socket, make_site: Callable[[Desk], Any], desk: Desk) -> None:
        self._reactor = reactor
        self._claimed = claimed
        self._make_site = make_site
        self._desk = desk
        self._hall: _Hall | None = None
        self._port: IListeningPort | None = None

    def startService(self) -> None:
        """Let connections in."""
        super().startService()
        self._hall = _Hall(self._make_site(self._desk))
        with contextlib.closing(self._claimed):
            try:
                self._claimed.listen(BACKLOG)
            except OSError as error:
                raise _refused(self._desk.settings().serve.http.listen, error) from error
            self._port = self._reactor.adoptStreamPort(self._claimed.fileno(), self._claimed.family, self._hall)
            host, port = self._claimed.getsockname()[:2]
        log.say(LISTENING, address=f"[{host}]:{port}" if ":" in host else f"{host}:{port}")

    def stopService(self) -> "Deferred[None]":
        """Fire when every request has been answered, or the time is up, and every connection is closed."""
        super().stopService()
        return Deferred.fromCoroutine(self._close())

    async def _close(self) -> None:
        self._desk.stopping = True
        if self._port is not None:
            await _as_deferred(self._port.stopListening())
        try:
            await self._desk.idle().addTimeout(self._desk.settings().serve.http.drain, self._reactor)
        except TimeoutError:
            log.say(DRAIN_ENDED, in_flight=self._desk.busy)
        guests = self._hall.guests if self._hall is not None else set()
        for guest in list(guests):
            guest.transport.loseConnection()  # after its last bytes
        end = self._reactor.seconds() + FLUSH
        while guests and self._reactor.seconds() < end:
            await deferLater(self._reactor, TICK)
        for guest in list(guests):
            guest.transport.abortConnection()


def _as_deferred(result: "Deferred[None] | None") -> "Deferred[None]":
    if result is not None:
        return result
    done: Deferred[None] = Deferred()
    done.callback(None)
    return done
