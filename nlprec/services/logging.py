"""Declared messages out of the process: JSON lines for machines, short lines for a terminal."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import IO, Any

from twisted.logger import ILogObserver, LogEvent, Logger, LogLevel, LogLevelFilterPredicate, PredicateResult, formatEvent
from zope.interface import implementer

from nlprec.logs import Message

LEVELS = {"debug": LogLevel.debug, "info": LogLevel.info, "warn": LogLevel.warn, "error": LogLevel.error}
QUIET = ("twisted.web", "twisted.internet", "twisted.python", "twisted.scripts", "twisted.application", "twisted.protocols")

Tell = Callable[..., None]


def teller(namespace: str, **context: Any) -> Tell:
    """Return ``tell(message, **fields)`` of a module; the context (node, run) goes into every event."""
    log = Logger(namespace)

    def tell(message: Message, **fields: Any) -> None:
        log.emit(LEVELS[message.level], "{nlprec_text}", nlprec_text=message.sentence.format(**fields), nlprec_message=message, nlprec_fields={**context, **fields})

    return tell


def as_json(event: LogEvent) -> dict[str, Any]:
    """Return an event as the JSON line says it: time, level, event, message, and the declared fields."""
    message: Message | None = event.get("nlprec_message")
    level = event.get("log_level")
    line: dict[str, Any] = {
        "time": round(float(event.get("log_time", time.time())), 6),
        "level": level.name if level is not None else "info",
        "event": message.name if message is not None else "twisted",
        "message": formatEvent(event),
    }
    fields: Mapping[str, Any] = event.get("nlprec_fields", {})
    line.update({name: value if isinstance(value, (str, int, float, bool)) else str(value) for name, value in fields.items()})
    failure = event.get("log_failure")
    if failure is not None:
        line["traceback"] = failure.getTraceback()
    return line


@implementer(ILogObserver)
class Observer:
    """Writes events at or above a level; of Twisted's own chatter only warnings and worse."""

    def __init__(self, out: IO[str], level: str = "info", human: bool = False) -> None:
        self._out = out
        self._human = human
        self.level = level
        self._twisted = LogLevelFilterPredicate(defaultLogLevel=LogLevel.warn)

    def __call__(self, event: LogEvent) -> None:
        """Write one event."""
        if not self._wanted(event):
            return
        if self._human:
            words = as_json(event)
            stamp = time.strftime("%H:%M:%S", time.localtime(words["time"]))
            self._out.write(f"{stamp} {words['level']:5} {words['message']}\n")
        else:
            self._out.write(json.dumps(as_json(event), ensure_ascii=False, default=str) + "\n")
        self._out.flush()

    def _wanted(self, event: LogEvent) -> bool:
        if "nlprec_message" in event:
            mine = event.get("log_level", LogLevel.info)
            return bool(mine >= LEVELS[self.level])
        return self._twisted(event) is not PredicateResult.no


def json_observer() -> Observer:
    """Return the observer that ``twistd --logger nlprec.services.logging.json_observer`` names: JSON lines on standard output."""
    return Observer(sys.stdout)
