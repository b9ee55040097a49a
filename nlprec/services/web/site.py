"""The web server: bounds on bodies, one dispatcher for every route, and no traceback for anybody."""

import http
import time
from collections.abc import Callable
from random import random
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.python.failure import Failure
from twisted.web.http import datetimeToString
from twisted.web.server import Request, Site

from nlprec.errors import BadRequest, NlprecError, NotReady
from nlprec.logs import REQUEST, REQUEST_FAILED
from nlprec.services.desk import Desk
from nlprec.services.logging import Log
from nlprec.services.web.auth import Guard
from nlprec.services.web.problems import RETRY, bug_problem, problem
from nlprec.services.web.routes import Call, Means, Reply, Route, Router
from nlprec.services.web.table import ROUTES

log = Log(__name__)
IDLE = 75  #: seconds a keep-alive connection may be silent
LINGER = 1.0  #: seconds a refused body may go on arriving, so that its sender reads the answer
UNKNOWN = "unmatched"  #: route label of requests that no route matches
GONE = 499  #: counted when the asker hung up before the answer
FIELDS = 100  #: query parameters in one request
JSON = ("application/json", "")
PROBLEM = "application/problem+json"
HEADERS = {"Server": "nlprec", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}  #: of every answer
encode = msgspec.json.Encoder().encode


def make_site(desk: Desk, reactor: Any = None, in_thread: Callable[..., Any] = deferToThread) -> Site:
    """
    Return the site of a node.

    Args:
        desk: what requests may reach.
        reactor: None takes the one that runs.
        in_thread: ``in_thread(function, *args)`` gives a Deferred of what the function returns.
    """
    return ApiSite(desk, reactor, in_thread)


class ApiRequest(Request):
    """A request whose body is bounded while it arrives, whatever its sender declares."""

    refused = False
    _arrived = 0

    @property
    def _site(self) -> Any:
        channel: Any = self.channel
        return channel.site

    def gotLength(self, length: int | None) -> None:
        """Refuse a body that is declared too long before a byte of it is kept."""
        too_long = length is not None and length > self._site.limit
        super().gotLength(0 if too_long else length)  # type: ignore[no-untyped-call]
        if too_long:
            self.requestHeaders.removeHeader(b"expect")  # or "100 Continue" would follow the answer
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:
        """Keep a piece of the body, unless it has become too long."""
        self._arrived += len(data)
        if not self.refused and self._arrived > self._site.limit:
            self._refuse()
        if not self.refused:
            super().handleContentChunk(data)  # type: ignore[no-untyped-call]

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Go on with a request whose body was taken."""
        if not self.refused:
            super().requestReceived(command, path, version)  # type: ignore[no-untyped-call]

    def process(self) -> None:
        """Hand over to the API: there is no tree of resources to walk."""
        self.responseHeaders.setRawHeaders(b"Date", [datetimeToString()])
        self._site.api.answer(self)

    def _refuse(self) -> None:
        self.refused = True
        limit = self._site.limit
        body = encode(problem(BadRequest(f"the body is longer than {limit} bytes; send it in parts", status=413)))
        headers = {**HEADERS, "Content-Type": PROBLEM, "Content-Length": str(len(body)), "Connection": "close"}
        head = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
        transport: Any = self.channel.transport
        transport.write(f"HTTP/1.1 413 Content Too Large\r\n{head}\r\n".encode() + body)
        self._site.clock.callLater(LINGER, transport.loseConnection)
        self._site.count_refused(self)


class ApiSite(Site):
    """The factory of connections."""

    requestFactory = ApiRequest  # noqa: N815
    displayTracebacks = False  # noqa: N815
    noisy = False

    def __init__(self, desk: Desk, reactor: Any, in_thread: Callable[..., Any]) -> None:
        options = {"timeout": IDLE, "reactor": reactor, "parsePOSTFormSubmission": False}
        super().__init__(None, **options)  # type: ignore[no-untyped-call]
        self._desk = desk
        self.api = Api(desk, Means(in_thread, lambda: deferLater(self.clock, 0)))

    @property
    def limit(self) -> int:
        """Return how many bytes a body may have."""
        return self._desk.settings().serve.http.body

    @property
    def clock(self) -> IReactorTime:
        """Return the reactor as a clock."""
        clock: IReactorTime = self.reactor
        return clock

    def count_refused(self, request: Request) -> None:
        """Count a request that was refused for its size."""
        self._desk.metrics.request(UNKNOWN, "OTHER", 413, 0.0)

    def log(self, request: Any) -> None:
        """Nothing: requests are logged by the dispatcher, sampled."""


class Api:
    """Hands every request to its route."""

    def __init__(self, desk: Desk, means: Means) -> None:
        self._desk = desk
        self._means = means
        self._router = Router(ROUTES)
        self._guard = Guard()

    def answer(self, request: Request) -> None:
        """Answer a request, now or later."""
        self._desk.track(request)
        running = Deferred.fromCoroutine(self._answer(request))
        request.notifyFinish().addErrback(_give_up, running)
        running.addErrback(_given_up)

    async def _answer(self, request: Request) -> None:
        start = time.perf_counter()
        method = request.method.decode("latin-1")
        label, key, reason = UNKNOWN, "", ""
        try:
            route, names = self._router.find(method, request.uri)
            label = route.template
            key = self._admit(request, route)
            reply = await route.handler(self._desk, self._call(request, route, names))
            body = _body(reply)
        except NlprecError as error:
            reply, reason = _problem_reply(error), error.message
            body = _body(reply)
        except CancelledError:
            self._desk.metrics.request(label, _known(method), GONE, time.perf_counter() - start)
            raise
        except Exception as error:  # bulkhead: a bug here costs one answer, and its inside stays inside
            found = bug_problem()
            log.bug(f"{_known(method)} {label}, incident {found.incident}", Failure())
            reply, reason = Reply(found, 500, content_type=PROBLEM), type(error).__name__
            body = _body(reply)
        self._send(request, reply, body)
        self._note(_known(method), label, reply.status, time.perf_counter() - start, key, reason)

    def _admit(self, request: Request, route: Route) -> str:
        """Return the name of the caller's key; raise what keeps the request out."""
        keys = self._desk.settings().serve.http.keys
        self._guard.greet(request, keys)
        key = self._guard.check(request, route.scope, keys)
        if self._desk.stopping:
            raise NotReady("the node is stopping")
        return key

    def _call(self, request: Request, route: Route, names: dict[str, str]) -> Call:
        query = _query(request, route)
        if route.takes is None:
            return Call(names, query, self._means)
        data = request.content.read() if request.content is not None else b""
        kind = _header(request, b"content-type").partition(";")[0].strip().lower()
        if route.takes is bytes:
            return Call(names, query, self._means, data, kind)
        if kind not in JSON:
            raise BadRequest(f"the body is {kind}; send application/json", status=415)
        return Call(names, query, self._means, parse(data or b"{}" if route.bare else data, route.takes), kind)

    def _send(self, request: Request, reply: Reply, body: bytes) -> None:
        if request._disconnected or request.finished:
            return
        request.setResponseCode(reply.status, http.HTTPStatus(reply.status).phrase.encode())
        headers = {**HEADERS, **reply.headers}
        if reply.status != 204:
            headers["Content-Length"] = str(len(body))
            headers["Content-Type"] = reply.content_type
        if self._desk.stopping:
            headers["Connection"] = "close"
        for name, text in headers.items():
            request.setHeader(name, text)
        if body:
            request.write(body)  # Twisted keeps it back for HEAD
        request.finish()

    def _note(self, method: str, route: str, status: int, seconds: float, key: str, reason: str) -> None:
        self._desk.metrics.request(route, method, status, seconds)
        if status >= 500 and reason:  # a node that says it is not ready yet has not failed
            log.say(REQUEST_FAILED, method=method, route=route, status=status, seconds=seconds, key=key, reason=reason)
        elif random() < self._desk.settings().log.access:
            log.say(REQUEST, method=method, route=route, status=status, seconds=seconds, key=key)


def _give_up(failure: Failure, running: "Deferred[None]") -> None:
    """Stop answering somebody who has hung up."""
    running.cancel()


def _given_up(failure: Failure) -> None:
    failure.trap(CancelledError)


def _known(method: str) -> str:
    """Return the method as metrics and logs name it: callers cannot invent labels."""
    return method if method in ("GET", "HEAD", "POST", "PUT", "DELETE") else "OTHER"


def _header(request: Request, name: bytes) -> str:
    value: bytes = request.requestHeaders.getRawHeaders(name, [b""])[0]
    return value.decode("latin-1")


def _query(request: Request, route: Route) -> dict[str, str]:
    raw = request.uri.partition(b"?")[2].decode("latin-1")
    try:
        query = dict(parse_qsl(raw, keep_blank_values=True, max_num_fields=FIELDS))
    except ValueError:
        raise BadRequest(f"more than {FIELDS} query parameters") from None
    for name in query:
        if name not in route.query:
            raise BadRequest(f"unknown query parameter '{name}'; known: {', '.join(route.query) or 'none'}")
    return query


def _body(reply: Reply) -> bytes:
    value = reply.value
    return b"" if value is None else value if isinstance(value, bytes) else encode(value)


def parse(data: bytes, kind: Any) -> Any:
    """
    Return a JSON body as its type.

    Raises:
        BadRequest: with the path of what is wrong, as ``$.n``.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        raise BadRequest(f"the body is not as described: {error}", hint="see /openapi.json") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"the body is not JSON: {error}") from error


def _problem_reply(error: NlprecError) -> Reply:
    found = problem(error)
    headers = {}
    if found.status in RETRY:
        headers["Retry-After"] = RETRY[found.status]
    if found.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="nlprec"'
    if "allow" in error.facts:
        headers["Allow"] = str(error.facts["allow"])
    return Reply(found, found.status, headers, PROBLEM)
