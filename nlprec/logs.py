"""
Every log message, declared once: a message is an interface for operators, who search for its name and read its fields.

No message at ``info`` or above carries ids or texts of users. ``nlprec.services.logging`` writes them.
"""

from collections.abc import Mapping

from attrs import Factory, frozen

LEVELS = ("debug", "info", "warn", "error", "critical")


@frozen
class Message:
    """One declared message."""

    name: str  #: for machines: stable, snake_case
    level: str  #: one of LEVELS
    sentence: str  #: for people; ``{field}`` is filled in
    fields: Mapping[str, type] = Factory(dict)  #: what comes with it, and of which type


def _message(name: str, level: str, sentence: str, **fields: type) -> Message:
    return Message(name, level, sentence, fields)


NODE_STARTING = _message("node_starting", "info", "node {node} starts as {roles}", node=str, roles=str, settings=str)
NODE_STARTED = _message("node_started", "info", "node {node} is up after {seconds:.1f} s", node=str, seconds=float)
NODE_STOPPING = _message(
    "node_stopping", "info", "node {node} stops; {in_flight} requests are still running", node=str, in_flight=int
)
NODE_STOPPED = _message("node_stopped", "info", "node {node} has stopped", node=str)
START_FAILED = _message("start_failed", "critical", "cannot start: {child}: {reason}", child=str, reason=str)
STOP_FAILED = _message("stop_failed", "error", "{child} did not stop cleanly: {reason}", child=str, reason=str)
LISTENING = _message("listening", "info", "listening on http://{address}", address=str)
DRAIN_ENDED = _message(
    "drain_ended", "warn", "{in_flight} requests were not finished in time and are dropped", in_flight=int
)
CONFIG_WARNING = _message("config_warning", "warn", "{warning}", warning=str)

RELEASE_LOADED = _message(
    "release_loaded", "info", "release {release} is live; loading took {seconds:.2f} s", release=str, seconds=float
)
RELEASE_REFUSED = _message(
    "release_refused", "error", "release {release} cannot be used and is withdrawn: {reason}", release=str, reason=str
)
RELEASE_NOT_LOADED = _message(
    "release_not_loaded", "error", "the live release cannot be loaded, the old one stays: {reason}", reason=str
)

RUN_STARTED = _message("run_started", "info", "run {run} starts ({why})", run=str, why=str)
RUN_DONE = _message(
    "run_done",
    "info",
    "run {run} is done after {seconds:.1f} s: {verdict}",
    run=str,
    seconds=float,
    verdict=str,
    release=str,
    published=bool,
)
RUN_FAILED = _message(
    "run_failed", "error", "run {run} failed, the release stays as it is: {reason}", run=str, seconds=float, reason=str
)
RUN_CANCELLED = _message("run_cancelled", "info", "run {run} was cancelled", run=str)
JOB_DONE = _message("job_done", "info", "{job} is done after {seconds:.1f} s", run=str, job=str, seconds=float)
JOB_FAILED = _message("job_failed", "error", "{job} failed: {reason}", run=str, job=str, reason=str)

RELOADED = _message("reloaded", "info", "new settings adopted; changed: {changed}", changed=str, settings=str)
RELOAD_REFUSED = _message(
    "reload_refused", "error", "the new settings are wrong, nothing changes: {problem}", problem=str
)
RESTART_NEEDED = _message("restart_needed", "error", "restart needed: {paths}; nothing changes until then", paths=str)

INTAKE_FAILED = _message(
    "intake_failed", "error", "the store refused {records} records: {reason}", records=int, reason=str
)
REQUEST = _message(
    "request",
    "info",
    "{method} {route} {status} in {seconds:.4f} s",
    method=str,
    route=str,
    status=int,
    seconds=float,
    key=str,
)
REQUEST_FAILED = _message(
    "request_failed",
    "error",
    "{method} {route} {status}: {reason}",
    method=str,
    route=str,
    status=int,
    seconds=float,
    key=str,
    reason=str,
)
NEWS_FAILED = _message(
    "news_failed", "warn", "plugin {plugin} failed in {hook}: {reason}", plugin=str, hook=str, reason=str
)
NOTIFY_FAILED = _message("notify_failed", "warn", "systemd could not be told: {reason}", reason=str)
UNHEALTHY = _message("unhealthy", "error", "the watchdog is not fed: {reason}", reason=str)
BUG = _message("bug", "critical", "an error nobody foresaw, in {where}: {reason}", where=str, reason=str)


def every_message() -> dict[str, Message]:
    """Return every declared message by its name."""
    return {each.name: each for each in globals().values() if isinstance(each, Message)}
