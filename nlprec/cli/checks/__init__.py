"""
What ``nlprec check --data`` looks at, check by check, gathered in one pass; nothing is stored.

A check sees every batch and then tells what it found. A new one is a class or a function here and a line in
``every_check``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import attrs

from nlprec.cli.checks.counts import Counts
from nlprec.cli.checks.dirt import DirtyRecords
from nlprec.cli.checks.events import RepeatedEvents, odd_ratings, undated, wrong_times
from nlprec.cli.checks.finding import Finding
from nlprec.cli.checks.items import ItemsWithoutText, RepeatedItems, UnknownItems
from nlprec.errors import ConfigError, Problem
from nlprec.kit.events import Batch
from nlprec.kit.options import Options
from nlprec.loading import Loaded
from nlprec.reading.building import component

READERS = {".jsonl": "jsonl", ".json": "jsonl", ".csv": "csv", ".tsv": "csv"}


class Check(Protocol):
    """One thing to look at."""

    def see(self, batch: Batch) -> None:
        """Look at a batch."""

    def findings(self) -> Iterator[Finding]:
        """Tell what was found, once everything was seen; a count of 0 is nothing."""


def every_check() -> list[Check]:
    """Return a fresh instance of every check."""
    return [
        DirtyRecords(),
        RepeatedItems(),
        ItemsWithoutText(),
        RepeatedEvents(),
        UnknownItems(),
        undated(),
        wrong_times(),
        odd_ratings(),
    ]


def sources_of(loaded: Loaded, file: Path | None) -> Iterator[tuple[str, Any]]:
    """
    Yield (name, source): the configured ones, or one that reads ``file``.

    Raises:
        ConfigError: the ending of the file says nothing of how to read it.
    """
    if file is None:
        yield from ((use.name, use.component) for use in loaded.settings.ingest)
        return
    endings = [each for each in file.suffixes if each != ".gz"]
    kind = "jsonl" if file.is_dir() else READERS.get(endings[-1].lower() if endings else "")
    if kind is None:
        hint = f"known endings: {', '.join(READERS)}, each also with .gz; or name it under ingest and say --data alone"
        problem = Problem("--data", f"{file.name} is of no known kind", hint, "command line", 0, "config.option")
        raise ConfigError(problems=(problem,))
    entry = loaded.host.registry.get("source", kind)
    yield str(file), component(loaded.host, "source", {"use": kind, "revision": entry.revision, "path": str(file)})


def examine(name: str, source: Any) -> dict[str, Any]:
    """Return what a source holds and what is odd about it, as JSON values."""
    counts, checks = Counts(), every_check()
    for batch in source.read(Options()):
        counts.see(batch)
        for check in checks:
            check.see(batch)
    found = [attrs.asdict(each) for check in checks for each in check.findings() if each.count]
    return {"source": name, **counts.plain(), "findings": found}
