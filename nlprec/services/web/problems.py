"""Errors as RFC 9457 problems: the same dotted codes as everywhere, and the HTTP status that fits."""

import http
import secrets

from nlprec.errors import AccessDenied, BadEvent, BadRequest, NlprecError, NotReady, Overloaded, StoreError, UnknownName
from nlprec.services.web.types import Problem

STATUS: tuple[tuple[type[NlprecError], int], ...] = (
    (NotReady, 503),
    (Overloaded, 429),
    (UnknownName, 404),
    (BadRequest, 400),
    (BadEvent, 422),
    (AccessDenied, 403),
    (StoreError, 503),
)
HIDDEN = ("status", "hint", "path")  #: facts that are said elsewhere, or are nobody's business outside
RETRY = {429: "1", 503: "5"}  #: seconds a caller should wait, by status


def status_of(error: NlprecError) -> int:
    """Return the HTTP status of an error; what is nobody's fault outside is 500."""
    if isinstance(error, (BadRequest, AccessDenied)) and "status" in error.facts:
        return int(error.facts["status"])
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def problem(error: NlprecError) -> Problem:
    """Return an error as a problem; its facts are those a caller may see."""
    status = status_of(error)
    rejected = error.facts.get("rejected", [])
    facts = {
        name: value
        for name, value in error.facts.items()
        if isinstance(value, (str, int, float, bool)) and name not in HIDDEN
    }
    return Problem(
        type=f"/docs/errors#{error.code}",
        title=http.HTTPStatus(status).phrase,
        status=status,
        detail=error.message,
        code=error.code,
        hint=str(error.facts.get("hint", "")),
        facts=facts,
        rejected=list(rejected) if isinstance(rejected, (list, tuple)) else [],
    )


def bug_problem() -> Problem:
    """Return the answer to an error nobody foresaw: an incident number, and nothing of the inside."""
    incident = secrets.token_hex(6)
    detail = "this is a bug; the node's log has more under the incident number"
    return Problem("/docs/errors#bug", "Internal Server Error", 500, detail, "bug", incident=incident)
