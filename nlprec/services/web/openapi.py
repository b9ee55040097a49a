"""The description of the API, made from the routes and their types."""

import re
from functools import cache
from typing import Any

import msgspec

from nlprec import __version__
from nlprec.services.desk import Desk
from nlprec.services.web.routes import Call, Reply, Route
from nlprec.services.web.types import Event, Problem

REFERENCE = "#/components/schemas/{name}"
USUAL = {
    400: "the request does not say what it should",
    401: "no valid key",
    403: "the key may not do this",
    500: "a bug, with an incident number",
}
MEANING = {
    404: "there is no such thing",
    422: "no record can be used",
    429: "too much is waiting; come back after Retry-After",
    503: "not ready, stopping, or the store is in trouble",
}


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
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": route.summary,
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in re.findall(r"\{(\w+)\}", route.template)
            ),
            *(
                {"name": name, "in": "query", "description": text, "schema": {"type": "string"}}
                for name, text in route.query.items()
            ),
        ],
        "responses": _responses(route),
        "security": [{"bearer": []}, {"key": []}, {}] if route.scope else [],
    }
    if route.takes is bytes:
        event = {"$ref": REFERENCE.format(name="Event")}
        operation["requestBody"] = {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"anyOf": [event, {"type": "array", "items": event, "maxItems": 10_000}]}
                },
                "application/x-ndjson": {"schema": {"type": "string", "description": "an Event a line"}},
            },
        }
    elif route.takes is not None:
        operation["requestBody"] = {"content": {"application/json": {"schema": _reference(route.takes)}}}
    return operation


def _responses(route: Route) -> dict[str, Any]:
    good: dict[str, Any] = {"description": route.summary}
    if route.gives is not None:
        good["content"] = {"application/json": {"schema": _reference(route.gives)}}
    codes = {**USUAL, **{status: MEANING[status] for status in route.fails}}
    if not route.scope:
        codes = {status: text for status, text in codes.items() if status not in (401, 403)}
    if route.takes is not None:
        codes[413], codes[415] = "the body is too long", "the body is of another type"
    bad = {"application/problem+json": {"schema": _reference(Problem)}}
    return {
        str(route.status): good,
        **{str(status): {"description": text, "content": bad} for status, text in sorted(codes.items())},
    }


def _reference(kind: Any) -> dict[str, str]:
    return {"$ref": REFERENCE.format(name=kind.__name__)}
