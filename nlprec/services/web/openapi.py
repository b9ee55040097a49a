"""The description of the API, made from the routes and their types."""

import re
from functools import cache
from typing import Any

import msgspec

from nlprec import __version__
from nlprec.services.desk import Desk
from nlprec.services.web.routes import Call, Reply, Route
from nlprec.services.web.types import MOST, Event, Health, Problem

REFERENCE = "#/components/schemas/{name}"
MEANING = {
    400: "the request does not say what it should",
    401: "no valid key",
    403: "the key may not do this, or a web page from elsewhere asks a node without keys",
    404: "there is no such thing",
    405: "the path does not take this method",
    413: "the body is too long",
    415: "the body is of another type",
    422: "no record can be used",
    429: "too much is waiting; come back after Retry-After",
    500: "a bug, with an incident number",
    503: "not ready, stopping, or the store is in trouble",
}  #: of each status
EVERYWHERE = frozenset((400, 403, 405, 500, 503))  #: statuses that any route may answer with
SAYS = {401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}  #: header of a status
JSON = "application/json"


async def describe(desk: Desk, call: Call) -> Reply:
    """Return the description."""
    return Reply(document())


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    from nlprec.services.web.table import ROUTES  # the table names this module's handler

    kinds = {kind for route in ROUTES for kind in (route.takes, route.gives) if kind not in (None, bytes)} | {
        Event,
        Problem,
    }
    _, schemas = msgspec.json.schema_components(sorted(kinds, key=lambda kind: kind.__name__), ref_template=REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.template, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "nlprec",
            "version": __version__,
            "summary": "A recommender that reads",
            "license": {"name": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    names = re.findall(r"\{(\w+)\}", route.template)
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": route.summary,
        "description": route.handler.__doc__,
        "parameters": [
            *({"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names),
            *(
                {"name": name, "in": "query", "description": each.meaning, "schema": dict(each.schema)}
                for name, each in route.query.items()
            ),
        ],
        "responses": _responses(route),
        "security": [{"bearer": []}, {"key": []}, {}] if route.scope else [],
    }
    if route.takes is not None:
        operation["requestBody"] = {"required": not route.bare, "content": _taken(route.takes)}
    return operation


def _taken(kind: Any) -> dict[str, Any]:
    if kind is not bytes:
        return {JSON: {"schema": _reference(kind)}}
    event = _reference(Event)
    return {
        JSON: {"schema": {"anyOf": [event, {"type": "array", "items": event, "maxItems": MOST}]}},
        "application/x-ndjson": {"schema": {"type": "string", "description": "one Event a line"}},
    }


def _responses(route: Route) -> dict[str, Any]:
    statuses = set(EVERYWHERE | set(route.fails))
    statuses |= {401} if route.scope else set()
    statuses |= {413, 415} if route.takes is not None else set()
    answers = {str(status): _failure(status) for status in sorted(statuses)}
    if route.gives is Health:
        answers["503"]["content"][JSON] = {"schema": _reference(Health)}
    return {str(route.status): _success(route), **answers}


def _success(route: Route) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": route.summary}
    if route.gives is bytes:
        answer["content"] = {"text/plain": {"schema": {"type": "string"}}}
    elif route.gives is not None:
        answer["content"] = {JSON: {"schema": _reference(route.gives)}}
    elif route.status != 204:
        answer["content"] = {JSON: {"schema": {"type": "object"}}}
    if route.status == 202:
        answer["headers"] = {"Location": {"description": "where to look how it goes", "schema": {"type": "string"}}}
    return answer


def _failure(status: int) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": MEANING[status],
        "content": {"application/problem+json": {"schema": _reference(Problem)}},
    }
    if status in SAYS:
        answer["headers"] = {SAYS[status]: {"schema": {"type": "string"}}}
    return answer


def _reference(kind: Any) -> dict[str, str]:
    return {"$ref": REFERENCE.format(name=kind.__name__)}
