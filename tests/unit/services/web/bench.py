"""A web server without sockets: requests go in as bytes, by Twisted's own parser, and answers come out as bytes."""

import json
from pathlib import Path

from attrs import define, evolve, field
from twisted.internet.defer import maybeDeferred
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from nlprec.archive import Archive
from nlprec.host import PluginHost
from nlprec.kit.units import Size
from nlprec.services.desk import Desk
from nlprec.services.metrics import Metrics
from nlprec.services.web.site import make_site
from nlprec.settings import HttpSettings, KeySettings, LogSettings, Secret, ServeSettings, Settings
from nlprec.testing.fakes_services import FakeIntake, FakePipeline, FakeRankings

KEYS = (
    KeySettings("reader", Secret("r" * 32), ("read",)),
    KeySettings("ops", Secret("o" * 32), ("read", "write", "admin")),
)


@define
class Answer:
    """One answer, taken apart."""

    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        """Return the body as JSON."""
        return json.loads(self.body)


@define
class Bench:
    """A desk with fakes on it, and a site in front."""

    settings: Settings = field(factory=lambda: Settings(log=LogSettings(access=0.0), serve=ServeSettings(n_max=50)))
    rankings: FakeRankings = field(factory=FakeRankings)
    intake: FakeIntake = field(factory=FakeIntake)
    pipeline: FakePipeline = field(factory=FakePipeline)
    archive: Archive = None
    why_not: str = ""
    clock: Clock = field(factory=Clock)
    metrics: Metrics = field(factory=Metrics)
    desk: Desk = field(init=False)
    site: object = field(init=False)

    def __attrs_post_init__(self):
        """Put everything in its place."""
        self.desk = Desk(
            lambda: self.settings,
            PluginHost(),
            self.archive,
            self.rankings,
            self.intake,
            self.pipeline,
            self.metrics,
            lambda: self.why_not,
            "solo",
            print,
        )
        self.site = make_site(self.desk, self.clock, maybeDeferred)

    def serve(self, **changes):
        """Change settings of ``serve.http``."""
        http = HttpSettings(**changes)
        self.settings = evolve(self.settings, serve=evolve(self.settings.serve, http=http))
        return self

    def with_keys(self):
        """Demand keys."""
        return self.serve(keys=KEYS)

    def with_limit(self, limit):
        """Bound bodies."""
        return self.serve(body=Size(limit))

    def connect(self):
        """Return a new connection's protocol and transport."""
        protocol, transport = self.site.buildProtocol(None), StringTransport()
        protocol.makeConnection(transport)
        return protocol, transport

    def send(self, data, turns=0):
        """Send bytes on a new connection; return every answer that came."""
        protocol, transport = self.connect()
        protocol.dataReceived(data)
        self.clock.pump([0] * turns)
        found = answers(transport.value(), head=data.startswith(b"HEAD "))
        protocol.connectionLost(Failure(ConnectionDone()))
        self.clock.advance(1000)  # no timer outlives its connection
        return found

    def ask(self, method, target, body=None, turns=0, **headers):
        """Ask once; ``body`` is bytes, or a value to be sent as JSON."""
        (answer,) = self.send(request(method, target, body, **headers), turns)
        return answer


def request(method, target, body=None, **headers):
    """Return a request as bytes."""
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    if body is not None:
        headers = {"content_type": "application/json", "content_length": len(data), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items() if value is not None]
    head = "\r\n".join([f"{method} {target} HTTP/1.1", "Host: localhost", *lines])
    return head.encode() + b"\r\n\r\n" + data


def answers(data, head=False):
    """Take a stream of answers apart, by their lengths."""
    found = []
    while data:
        top, _, data = data.partition(b"\r\n\r\n")
        lines = top.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        length = 0 if head else int(headers.get("content-length", "0"))
        found.append(Answer(int(lines[0].split()[1]), headers, data[:length]))
        data = data[length:]
    return found


def archive_at(folder):
    """Return an empty archive in a folder."""
    return Archive(Path(folder))
