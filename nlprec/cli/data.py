"""What ``nlprec check --data`` looks at: one function a check, each with a count and the first offender."""

import collections
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from attrs import define, field

from nlprec.building import component
from nlprec.errors import ConfigError, Problem
from nlprec.kit.events import Interaction
from nlprec.kit.options import Options
from nlprec.loading import Loaded

READERS = {".jsonl": "jsonl", ".json": "jsonl", ".csv": "csv", ".tsv": "csv"}


@define
class Data:
    """Everything the checks look at, gathered in one pass."""

    users: set[str] = field(factory=set)
    items: collections.Counter[str] = field(factory=collections.Counter)
    texts: int = 0  #: items with a title or a body
    events: list[Interaction] = field(factory=list)
    dirt: dict[str, list[str]] = field(factory=dict)  #: reason -> places


def sources_of(loaded: Loaded, file: Path | None) -> Iterator[tuple[str, Any]]:
    """Yield (name, source): the configured ones, or one that reads ``file``."""
    if file is None:
        yield from ((use.name, use.component) for use in loaded.settings.ingest)
        return
    suffix = "".join(each for each in file.suffixes if each != ".gz")
    kind = "jsonl" if file.is_dir() else READERS.get(suffix)
    if kind is None:
        raise ConfigError(
            problems=(Problem("--file", f"{file.name} is of no known kind", f"known endings: {', '.join(READERS)}"),)
        )
    entry = loaded.host.registry.get("source", kind)
    yield str(file), component(loaded.host, "source", {"use": kind, "revision": entry.revision, "path": str(file)})


def examine(name: str, source: Any) -> dict[str, Any]:
    """Return what a source holds and what is odd about it; nothing is stored."""
    data = Data()
    for batch in source.read(Options()):
        data.users.update(user.id for user in batch.users)
        data.items.update(item.id for item in batch.items)
        data.texts += sum(bool(item.title or item.body) for item in batch.items)
        data.events.extend(batch.interactions)
        for dirt in batch.dirt:
            data.dirt.setdefault(dirt.reason, []).append(dirt.place)
    findings = [
        {"what": what, "count": count, "first": first}
        for check in CHECKS
        for what, count, first in check(data)
        if count
    ]
    counts = {
        "users": len({event.user for event in data.events} | data.users),
        "items": len(data.items),
        "interactions": len(data.events),
    }
    return {"source": name, "counts": counts, "findings": findings}


Finding = tuple[str, int, str]  # what, how many, the first


def dirty_records(data: Data) -> Iterator[Finding]:
    """Records that could not be used, by reason."""
    for reason, places in data.dirt.items():
        yield f"unusable records: {reason}", len(places), places[0]


def repeated_items(data: Data) -> Iterator[Finding]:
    """Items described more than once: the last description counts."""
    twice = [name for name, count in data.items.items() if count > 1]
    yield "items described more than once (the last counts)", len(twice), twice[0] if twice else ""


def items_without_text(data: Data) -> Iterator[Finding]:
    """Items that have neither a title nor a body."""
    yield "items without any text", sum(data.items.values()) - data.texts, ""


def repeated_events(data: Data) -> Iterator[Finding]:
    """Interactions that are there more than once: stored once."""
    seen = collections.Counter(event.identity() for event in data.events)
    twice = [event for event in data.events if seen[event.identity()] > 1]
    yield (
        "interactions given more than once (stored once)",
        sum(count - 1 for count in seen.values()),
        _event(twice[0]) if twice else "",
    )


def unknown_items(data: Data) -> Iterator[Finding]:
    """Interactions with items nobody described."""
    if data.items:
        strange = [event for event in data.events if event.item not in data.items]
        yield "interactions with items that are not described", len(strange), _event(strange[0]) if strange else ""


def undated(data: Data) -> Iterator[Finding]:
    """Interactions without a time: a temporal split learns from them."""
    found = [event for event in data.events if math.isnan(event.time)]
    yield "interactions without a time", len(found), _event(found[0]) if found else ""


def future(data: Data) -> Iterator[Finding]:
    """Interactions later than now."""
    found = [event for event in data.events if event.time > time.time() + 86_400]
    yield "interactions more than a day in the future", len(found), _event(found[0]) if found else ""


def odd_ratings(data: Data) -> Iterator[Finding]:
    """Ratings outside 0 to 5: is the scale another?"""
    found = [
        event
        for event in data.events
        if event.kind in ("rating", "review") and not math.isnan(event.value) and not 0 <= event.value <= 5
    ]
    yield "ratings outside 0 to 5 (set scale in weigh)", len(found), _event(found[0]) if found else ""


def _event(event: Interaction) -> str:
    return f"{event.user} {event.kind} {event.item}"


CHECKS: tuple[Callable[[Data], Iterator[Finding]], ...] = (
    dirty_records,
    repeated_items,
    items_without_text,
    repeated_events,
    unknown_items,
    undated,
    future,
    odd_ratings,
)
