"""A route is a method, a template and what it takes and gives; finding one splits the raw path, so that ids may hold anything."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from attrs import Factory, frozen

from nlprec.errors import BadRequest


@frozen
class Call:
    """One request, parsed as far as every handler needs it."""

    path: Mapping[str, str]  #: the template's names -> decoded segments
    query: Mapping[str, str]  #: the last value of each query parameter
    body: Any = None  #: of the route's ``takes`` type; raw bytes when that is ``bytes``
    content_type: str = ""


@frozen
class Reply:
    """What a handler gives back."""

    value: Any = None  #: a Struct, plain JSON values, or bytes as they are
    status: int = 200
    headers: Mapping[str, str] = Factory(dict)
    content_type: str = "application/json"


Handler = Callable[[Any, Call], Awaitable[Reply]]


@frozen
class Route:
    """One entry of the API."""

    method: str
    template: str  #: ``/v1/items/{id}``
    handler: Handler
    scope: str  #: of the key; "" needs none
    summary: str
    takes: Any = None  #: Struct of the JSON body, ``bytes`` for a body the handler reads itself, None for no body
    gives: Any = None  #: Struct of the answer
    query: Mapping[str, str] = Factory(dict)  #: name -> what it means
    status: int = 200
    fails: tuple[int, ...] = ()  #: statuses of its problems beside those that every route has

    @property
    def segments(self) -> tuple[str, ...]:
        """Return the template's parts."""
        return tuple(self.template.strip("/").split("/"))


class Router:
    """Finds a route by method and path."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self.routes = routes

    def find(self, method: str, path: bytes) -> tuple[Route, dict[str, str]]:
        """
        Return the route and the decoded names of its template.

        Raises:
            BadRequest: 404 no such path, 405 another method (facts ``allow``), 400 a segment is not UTF-8.
        """
        given = path.split(b"?")[0].strip(b"/").split(b"/")
        allowed = []
        for route in self.routes:
            names = _match(route.segments, given)
            if names is None:
                continue
            if method in (route.method, {"GET": "HEAD"}.get(route.method, "")):
                return route, names
            allowed.append(route.method)
        if allowed:
            raise BadRequest(f"{method} is not possible here", status=405, allow=", ".join(sorted(set(allowed))))
        raise BadRequest("there is no such path; /openapi.json lists all there are", status=404)


def _match(segments: tuple[str, ...], given: list[bytes]) -> dict[str, str] | None:
    if len(segments) != len(given):
        return None
    names = {}
    for segment, part in zip(segments, given, strict=True):
        if segment.startswith("{"):
            names[segment[1:-1]] = _decode(part)
        elif segment.encode() != part:
            return None
    return names


def _decode(part: bytes) -> str:
    try:
        return unquote_to_bytes(part).decode()
    except UnicodeDecodeError:
        raise BadRequest("a part of the path is not UTF-8", status=400) from None
