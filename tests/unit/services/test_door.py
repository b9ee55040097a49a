"""The door: claimed first, opened last, closed first, and closed politely."""

import socket

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from nlprec.errors import ConfigError
from nlprec.kit.units import Duration
from nlprec.services.desk import Desk
from nlprec.services.door import FLUSH, Door, claim
from nlprec.services.metrics import Metrics
from nlprec.settings import HttpSettings, ServeSettings, Settings
from nlprec.testing.fakes_services import FakeIntake, FakePipeline, FakeRankings

SETTINGS = Settings(serve=ServeSettings(http=HttpSettings(drain=Duration(5.0))))


class Port:
    """An adopted port that remembers that it was closed."""

    closed = False

    def stopListening(self):
        self.closed = True


class HandReactor(Clock):
    """A reactor whose ports are adopted by name only."""

    def adoptStreamPort(self, descriptor, family, factory):
        self.factory, self.port = factory, Port()
        return self.port


class Transport(StringTransport):
    """A transport whose end the test decides."""

    aborted = False

    def abortConnection(self):
        self.aborted = True


class Echo(Protocol):
    """Gives back what it gets, and remembers how it ended."""

    ended = False

    def dataReceived(self, data):
        self.transport.write(data)

    def connectionLost(self, reason):
        self.ended = True


class Request:
    """A request that ends when the test says so."""

    def __init__(self):
        self.done = Deferred()

    def notifyFinish(self):
        return self.done


class Bench(SynchronousTestCase):
    """An open door."""

    def setUp(self):
        self.reactor = HandReactor()
        self.desk = Desk(
            lambda: SETTINGS,
            None,
            None,
            FakeRankings(),
            FakeIntake(),
            FakePipeline(),
            Metrics(),
            lambda: "",
            "solo",
            print,
        )
        self.claimed = claim("127.0.0.1:0")
        self.addCleanup(self.claimed.close)
        self.door = Door(self.reactor, self.claimed, lambda desk: Factory.forProtocol(Echo), self.desk)
        self.door.startService()

    def connect(self):
        """Return the protocol and the transport of a new connection."""
        guest, transport = self.reactor.factory.buildProtocol(None), Transport()
        guest.makeConnection(transport)
        return guest, transport

    def wait(self, seconds):
        """Let time pass in small steps."""
        self.reactor.pump([0.1] * round(seconds * 10))


class TestConnections(Bench):
    """Bytes go straight through."""

    def test_bytes_come_and_go(self):
        """A connection behaves as without the door."""
        guest, transport = self.connect()
        guest.dataReceived(b"hello")
        assert transport.value() == b"hello"

    def test_the_end_is_told(self):
        """The protocol hears that its connection was lost, and the door forgets it."""
        guest, _ = self.connect()
        guest.connectionLost(None)
        assert (True, set()) == (guest._inner.ended, self.reactor.factory.guests)


class TestStop(Bench):
    """How it closes."""

    def test_without_requests_it_closes_at_once(self):
        """Nothing listens any more, and the desk knows."""
        self.successResultOf(self.door.stopService())
        assert (self.reactor.port.closed, self.desk.stopping) == (True, True)

    def test_a_running_request_is_waited_for(self):
        """The stop ends when the last request has."""
        request = Request()
        self.desk.track(request)
        stopped = self.door.stopService()
        self.wait(4)
        self.assertNoResult(stopped)
        request.done.callback(None)
        self.successResultOf(stopped)

    def test_the_wait_is_bounded(self):
        """After ``drain`` seconds what is still running is dropped."""
        self.desk.track(Request())
        stopped = self.door.stopService()
        self.wait(5.1)
        self.successResultOf(stopped)

    def test_a_lost_connection_is_no_running_request(self):
        """A client that goes away is not waited for."""
        request = Request()
        self.desk.track(request)
        stopped = self.door.stopService()
        request.done.errback(ConnectionError("gone"))
        self.successResultOf(stopped)

    def test_idle_connections_are_closed_after_their_last_bytes(self):
        """They may flush; the stop ends when they are gone."""
        guest, transport = self.connect()
        stopped = self.door.stopService()
        assert (transport.disconnecting, transport.aborted) == (True, False)
        guest.connectionLost(None)
        self.wait(0.1)
        self.successResultOf(stopped)

    def test_one_that_does_not_take_its_bytes_is_cut(self):
        """After FLUSH seconds nobody keeps the node from its end."""
        _, transport = self.connect()
        stopped = self.door.stopService()
        self.wait(FLUSH + 0.2)
        assert (transport.aborted, self.successResultOf(stopped)) == (True, None)


class TestClaim(SynchronousTestCase):
    """Who gets the port."""

    def refused(self, listen):
        """Return the one problem of a claim that fails."""
        with pytest.raises(ConfigError) as caught:
            claim(listen)
        return caught.value.problems[0]

    def test_a_taken_port_is_said_with_its_name(self):
        """The problem names the address and what to do."""
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            listen = f"127.0.0.1:{other.getsockname()[1]}"
            problem = self.refused(listen)
        assert ("serve.http.listen", f"cannot listen on {listen}: Address already in use", "config.listen") == (
            problem.path,
            problem.message,
            problem.code,
        )

    def test_an_impossible_port_is_refused(self):
        """There is no port 99999."""
        assert self.refused("127.0.0.1:99999").code == "config.listen"

    def test_a_foreign_address_is_refused(self):
        """Only an address of this machine can be listened on."""
        assert self.refused("192.0.2.1:0").code == "config.listen"

    def test_what_was_claimed_never_blocks(self):
        """The reactor must not wait in accept."""
        with claim("127.0.0.1:0") as claimed:
            assert not claimed.getblocking()

    def test_version_6_is_claimed_by_brackets(self):
        """``[::1]:0`` is an address like any other."""
        if not socket.has_ipv6:
            self.skipTest("no IPv6 here")
        with claim("[::1]:0") as claimed:
            assert claimed.family == socket.AF_INET6
