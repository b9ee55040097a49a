"""
Every error a person can fix, as one tree.

::

    NlprecError
    ├ ConfigError             problems: every mistake of a file, with path, line and hint
    ├ DataError ─ BadEvent, EmptyDataset
    ├ FitError
    ├ PluginError ─ UnknownComponent, BrokenPlugin, MissingExtra
    ├ ArchiveError ─ UnknownArtifact, CorruptArtifact
    ├ StoreError
    ├ JobError ─ JobCrashed, JobTimedOut, JobCancelled
    ├ ServeError ─ NotReady, Overloaded, UnknownName, BadRequest
    ├ AccessDenied
    └ RestartNeeded

Each class has a stable dotted ``code`` and keyword ``facts``; both survive a process boundary (``to_wire``,
``from_wire``). A bug keeps its own type: only what a person can act on belongs here.
"""

from collections.abc import Mapping
from typing import Any

from attrs import frozen


class NlprecError(Exception):
    """Anything a person can fix: says what, where and what to do, and carries ``code`` and ``facts``."""

    code = "nlprec"

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts

    def __str__(self) -> str:
        return f"[{self.code}] {self.message}"


@frozen
class Problem:
    """One mistake in a configuration: where (dotted path, file, line), what, and how to mend it."""

    path: str
    message: str
    hint: str = ""
    file: str = ""
    line: int = 0
    code: str = "config"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.line else f"{self.file}: " if self.file else ""
        subject = f"{self.path}: " if self.path else ""
        return f"{place}{subject}{self.message} [{self.code}]" + (f"; {self.hint}" if self.hint else "")


class ConfigError(NlprecError):
    """The settings are wrong; ``problems`` holds every mistake at once, never only the first."""

    code = "config"

    def __init__(self, message: str = "", *, problems: tuple[Problem, ...] = (), **facts: Any) -> None:
        text = message or "\n".join(str(problem) for problem in problems)
        super().__init__(text, **facts)
        self.problems = problems


class DataError(NlprecError):
    """The data cannot be used as it is."""

    code = "data"


class BadEvent(DataError):
    """A record from outside is not a user, an item or an interaction."""

    code = "data.bad_event"


class EmptyDataset(DataError):
    """Nothing is left to learn from or to judge by."""

    code = "data.empty"


class FitError(NlprecError):
    """A component could not be fitted to this data with these numbers."""

    code = "fit"


class PluginError(NlprecError):
    """A plugin could not be loaded, or a component could not be had."""

    code = "plugin"


class UnknownComponent(PluginError, LookupError):
    """No component of this kind has this name."""

    code = "plugin.unknown"


class BrokenPlugin(PluginError):
    """A plugin failed to load, and the configuration needs it."""

    code = "plugin.broken"


class MissingExtra(PluginError):
    """A component needs an optional dependency that is not installed; the message names the extra."""

    code = "plugin.missing_extra"


class ArchiveError(NlprecError):
    """The archive cannot do what was asked."""

    code = "archive"


class UnknownArtifact(ArchiveError, LookupError):
    """No artifact of this digest is in the archive."""

    code = "archive.unknown"


class CorruptArtifact(ArchiveError):
    """An artifact's bytes do not have the digest its manifest promises."""

    code = "archive.corrupt"


class StoreError(NlprecError):
    """The event store could not be read or written (locked, full, not a store)."""

    code = "store"


class JobError(NlprecError):
    """A job failed; the run that needed it fails with it, nothing else does."""

    code = "job"


class JobCrashed(JobError):
    """The child process that ran a job died or broke; the message says how."""

    code = "job.crashed"


class JobTimedOut(JobError):
    """A job used up its time limit and was stopped."""

    code = "job.timed_out"


class JobCancelled(JobError):
    """A job was cancelled: by a person, or because the node is stopping."""

    code = "job.cancelled"


class ServeError(NlprecError):
    """A question from outside cannot be answered."""

    code = "serve"


class NotReady(ServeError):
    """There is no release to answer from yet, or the node is stopping."""

    code = "serve.not_ready"


class Overloaded(ServeError):
    """More is waiting than can be answered in time; come back later."""

    code = "serve.overloaded"


class UnknownName(ServeError, LookupError):
    """No such item, user, run or model."""

    code = "serve.unknown"


class BadRequest(ServeError):
    """A request does not say what it should; facts ``status`` is the HTTP status that fits."""

    code = "serve.bad_request"


class AccessDenied(NlprecError):
    """The caller's key is missing, wrong, or does not allow this."""

    code = "access.denied"


class RestartNeeded(NlprecError):
    """A setting changed that a running node cannot adopt (ports, roles, stores)."""

    code = "config.restart_needed"


def every_error() -> dict[str, type[NlprecError]]:
    """Return every error class of the tree by its code."""
    found: dict[str, type[NlprecError]] = {}
    waiting: list[type[NlprecError]] = [NlprecError]
    while waiting:
        kind = waiting.pop()
        found.setdefault(kind.code, kind)
        waiting.extend(kind.__subclasses__())
    return found


def to_wire(error: NlprecError) -> dict[str, Any]:
    """Return ``{code, message, facts}`` of plain values, fit for JSON or msgpack."""
    facts = {
        name: value if isinstance(value, (str, int, float, bool)) else str(value) for name, value in error.facts.items()
    }
    return {"code": error.code, "message": error.message, "facts": facts}


def from_wire(answer: Mapping[str, Any]) -> NlprecError:
    """Return the error that ``to_wire`` described: the same class, or ``NlprecError`` for an unknown code."""
    kind = every_error().get(answer["code"], NlprecError)
    return kind(answer["message"], **answer.get("facts", {}))
