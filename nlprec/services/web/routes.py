"""A route is a method, a template, what it takes and gives. Paths are split raw, so that ids may hold anything."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from attrs import Factory, frozen

from nlprec.errors import BadRequest


@frozen
class Means:
    """How a handler steps aside, so that the reactor turns for others meanwhile."""

    in_thread: Callable[..., Awaitable[Any]]  #: ``in_thread(function, *args)`` for what reads files
    pause: Callable[[], Awaitable[Any]]  #: between two pieces of long work


@frozen
class Call:
    """One request, parsed as far as every handler needs it."""

    path: Mapping[str, str]  #: the template's names -> decoded segments
    query: Mapping[str, str]  #: the last value of each query parameter
    means: Means
    body: Any = None  #: of the route's ``takes`` type; raw bytes when that is ``bytes``
    content_type: str = ""


@frozen
class Reply:
    """What a handler gives back."""

    value: Any = None  #: a Struct, plain JSON values, or bytes as they are
    status: int = 200
    headers: Mapping[str, str] = Factory(dict)
    content_type: str = "application/json"


@frozen
class Parameter:
    """One query parameter."""

    meaning: str
    schema: Mapping[str, Any] = Factory(lambda: {"type": "string"})  #: JSON Schema


Handler = Callable[[Any, Call], Awaitable[Reply]]


@frozen(kw_only=True)
class Route:
    """One entry of the API."""

    method: str
    template: str  #: ``/v1/items/{id}``
    handler: Handler
    scope: str  #: of the key; "" needs none
    summary: str
    takes: Any = None  #: Struct of the JSON body, ``bytes`` for a body the handler reads itself, None for no body
    bare: bool = False  #: whether the body may be left out
    gives: Any = None  #: Struct of the answer, ``bytes`` for text, None for no or any JSON
    query: Mapping[str, Parameter] = Factory(dict)
    status: int = 200
    fails: tuple[int, ...] = ()  #: statuses of its problems beside those that every route has

    @property
    def segments(self) -> tuple[str, ...]:
        """Return the template's parts."""
        return tuple(self.template.split("/"))


class Router:
    """Finds a route by method and path."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self._routes = [(route, route.segments) for route in routes]

    def find(self, method: str, uri: bytes) -> tuple[Route, dict[str, str]]:
        """
        Return the route and the decoded names of its template.

        Raises:
            BadRequest: 404 no such path, 405 another method (facts ``allow``), 400 a segment is not UTF-8.
        """
        given = _path(uri).split(b"/")
        allowed = set()
        for route, segments in self._routes:
            names = _match(segments, given)
            if names is None:
                continue
            accepts = {"GET", "HEAD"} if route.method == "GET" else {route.method}
            if method in accepts:
                return route, {name: _decode(part) for name, part in names.items()}
            allowed |= accepts
        if allowed:
            allow = ", ".join(sorted(allowed))
            raise BadRequest(f"this path does not take that method; it takes {allow}", status=405, allow=allow)
        raise BadRequest("there is no such path; /openapi.json lists all there are", status=404)


def _path(uri: bytes) -> bytes:
    """Return the raw path; ``http://host/path``, as proxies may say it, counts as ``/path``."""
    path = uri.partition(b"?")[0]
    if path[:7].lower() == b"http://" or path[:8].lower() == b"https://":
        path = b"/" + path.partition(b"://")[2].partition(b"/")[2]
    return path


def _match(segments: tuple[str, ...], given: list[bytes]) -> dict[str, bytes] | None:
    """Return the raw segment for each name of the template, None when the path is another; no name is empty."""
    if len(segments) != len(given):
        return None
    names = {}
    for segment, part in zip(segments, given, strict=True):
        if segment.startswith("{") and part:
            names[segment[1:-1]] = part
        elif segment.encode() != part:
            return None
    return names


def _decode(part: bytes) -> str:
    try:
        return unquote_to_bytes(part).decode()
    except UnicodeDecodeError:
        raise BadRequest("a part of the path is not UTF-8; percent-encode ids as UTF-8", status=400) from None
