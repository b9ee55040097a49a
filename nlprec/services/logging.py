"""Log messages as they leave the process: JSON lines for machines, short lines for people."""

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

import msgspec
from twisted.logger import ILogObserver, Logger, LogLevel, formatEvent
from twisted.python.failure import Failure
from zope.interface import implementer

from nlprec.logs import BUG, LEVELS, Message

LOUD = ("twisted.", "log_legacy")  #: namespaces whose ``info`` is chatter to an operator of nlprec


class Log:
    """The logger of one module: says declared messages and nothing else."""

    def __init__(self, module: str) -> None:
        self._logger = Logger(namespace=module)

    def say(self, message: Message, **facts: Any) -> None:
        """
        Log a declared message with its facts.

        Raises:
            TypeError: a declared field is missing, or a fact was never declared.
        """
        if facts.keys() != message.fields.keys():
            raise TypeError(f"log message {message.name} has the fields {sorted(message.fields)}, not {sorted(facts)}")
        level = LogLevel.lookupByName(message.level)
        self._logger.emit(level, message.sentence, nlprec_event=message.name, nlprec_fields=tuple(facts), **facts)

    def bug(self, where: str, failure: Failure) -> None:
        """Log an error that should not exist, with everything that helps to find it."""
        facts: dict[str, Any] = {"where": where, "reason": one_line(failure.value)}
        self._logger.failure(
            BUG.sentence, failure, LogLevel.critical, nlprec_event=BUG.name, nlprec_fields=tuple(facts), **facts
        )


@implementer(ILogObserver)
class Lines:
    """An observer that writes one line an event; ``level`` may be changed at any time."""

    def __init__(self, stream: TextIO, level: str = "info", human: bool = False, debug: bool = False) -> None:
        self.level = level
        self._stream = stream
        self._write = self._short if human else self._json
        self._debug = debug
        self._lock = threading.Lock()  # events come from every thread

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Write the event, unless it is below the level."""
        level = _level(event)
        if LEVELS.index(level) < LEVELS.index("debug" if self._debug else self.level):
            return
        line = self._write(event, level)
        with self._lock:
            try:
                self._stream.write(line)
                self._stream.flush()
            except (OSError, ValueError):  # nobody reads any more: that must not stop the node
                return

    def _json(self, event: Mapping[str, Any], level: str) -> str:
        moment = datetime.fromtimestamp(event["log_time"], UTC).isoformat(timespec="milliseconds")
        entry: dict[str, Any] = {"time": moment, "level": level, "logger": event.get("log_namespace") or ""}
        entry["event"] = event.get("nlprec_event", "")
        entry["message"] = formatEvent(event)  # type: ignore[arg-type]
        entry.update((name, event[name]) for name in event.get("nlprec_fields", ()))
        failure = event.get("log_failure")
        if failure is not None:
            entry["error"] = one_line(failure.value)
            entry["traceback"] = failure.getTraceback()
        return msgspec.json.encode(entry, enc_hook=str).decode() + "\n"

    def _short(self, event: Mapping[str, Any], level: str) -> str:
        moment = time.strftime("%H:%M:%S", time.localtime(event["log_time"]))
        mark = "" if level in ("info", "debug") else f"{level}: "
        line = f"{moment} {mark}{formatEvent(event)}\n"  # type: ignore[arg-type]
        failure = event.get("log_failure")
        return line + failure.getTraceback() if failure is not None and self._debug else line


def one_line(error: BaseException | None) -> str:
    """Return an error in one line: our own as they are, others with their type."""
    text = " ".join(str(error).split())
    return text if hasattr(error, "code") else f"{type(error).__name__}: {text}"


def _level(event: Mapping[str, Any]) -> str:
    level = event.get("log_level")
    name = level.name if level is not None else "info"
    loud = name == "info" and str(event.get("log_namespace")).startswith(LOUD)
    return "debug" if loud else name
