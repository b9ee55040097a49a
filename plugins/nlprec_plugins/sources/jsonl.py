"""
JSON lines: a file of mixed records, or a folder with ``users.jsonl``, ``items.jsonl`` and ``events.jsonl`` (each maybe
``.gz``).

An interaction is ``{"user", "item", "kind", "value", "time", "text", "key"}``, an item ``{"id", "title", "body",
"categories", "attributes", "time", "hidden"}``, a user ``{"id", "attributes", "time"}``; times are epoch seconds or ISO
8601.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import field, frozen
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.errors import DataError
from nlprec.interfaces import ISource
from nlprec.kit.events import Batch
from nlprec.kit.io.files import content_digest, lines
from nlprec.kit.io.records import Unusable, batches
from nlprec.kit.options import Options

PARTS = {"users": "user", "items": "item", "events": "event"}


@implementer(ISource)
@frozen
class Jsonl:
    """In a folder the file says what a record is; in a single file its ``record`` key or its fields do."""

    name = "jsonl"
    path: Path  #: a file, or a folder
    encoding: str = field(default="utf-8")  #: of the text

    def fingerprint(self) -> str:
        """Return a digest of the content and of how it is read."""
        files = self._files()
        return content_digest([path for path, _ in files], self.encoding, [kind for _, kind in files])

    def read(self, opts: Options) -> Iterator[Batch]:
        """Yield batches; a line that is no record becomes dirt with its place."""
        files = self._files()
        for at, (path, kind) in enumerate(files):
            yield from batches(self._records(path), kind)
            opts.progress((at + 1) / len(files), path.name)

    def _records(self, path: Path) -> Iterator[tuple[str, Any]]:
        for place, line in lines(path, self.encoding):
            try:
                yield place, json.loads(line)
            except (ValueError, RecursionError):
                yield place, Unusable("not JSON")

    def _files(self) -> list[tuple[Path, str]]:
        if not self.path.is_dir():
            return [(self.path, "")]
        found = [
            (path, kind)
            for part, kind in PARTS.items()
            for path in sorted(self.path.glob(f"{part}.jsonl*"))
            if path.suffix in (".jsonl", ".gz")
        ]
        if not found:
            raise DataError(
                f"{self.path} holds none of {', '.join(f'{part}.jsonl' for part in PARTS)}", path=str(self.path)
            )
        return found


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the source."""
    return [Jsonl]
