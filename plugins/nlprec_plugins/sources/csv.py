"""CSV and TSV: interactions in one file, and maybe items in another, with a header line or named columns."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen
from attrs.validators import max_len
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.errors import DataError
from nlprec.interfaces import ISource
from nlprec.kit.events import Batch
from nlprec.kit.files import content_digest, open_text
from nlprec.kit.options import Options
from nlprec.kit.records import Unusable, batches

SAMPLE = 64 * 1024  #: characters looked at to find the delimiter


@implementer(ISource)
@frozen
class Csv:
    """Columns are found by their header: user, item, kind, value, time, text; ``columns`` says where a header has other words."""

    name = "csv"
    path: Path  #: interactions
    items: Path | None = None  #: item texts: id, title, body, categories (joined by |)
    columns: Mapping[str, str] = field(factory=dict)  #: our field -> the header's word, in both files
    delimiter: str = field(default="", validator=max_len(1))  #: empty: found by looking at the first lines
    encoding: str = "utf-8"  #: of the text
    kind: str = ""  #: kind of interactions that have no kind column

    def fingerprint(self) -> str:
        """Return a digest of the content and of how it is read."""
        files = [self.path, *([self.items] if self.items else [])]
        return content_digest(files, sorted(self.columns.items()), self.delimiter, self.encoding, self.kind)

    def read(self, opts: Options) -> Iterator[Batch]:
        """Yield batches; a row that is no record becomes dirt with its place."""
        if self.items is not None:
            yield from batches(self._rows(self.items, ("id", "item"), opts), "item")
        yield from batches(self._rows(self.path, ("user", "item"), opts), "event")

    def _rows(self, path: Path, wanted: tuple[str, str], opts: Options) -> Iterator[tuple[str, Any]]:
        with open_text(path, self.encoding) as handle:
            sample = handle.read(SAMPLE)
            delimiter = self.delimiter or self._sniff(sample, path)
            opts.note(f"{path.name}: columns are separated by {delimiter!r}, text is {self.encoding}")
            handle.seek(0)
            rows = csv.reader(handle, delimiter=delimiter)
            header = [cell.strip().lstrip("\ufeff") for cell in next(rows, [])]
            names = self._names(header)
            if not any(name in names for name in wanted):
                known = ", ".join(header)
                raise DataError(f"{path}: the header ({known}) names no column '{wanted[0]}'; say which it is under columns:", path=str(path))
            for row in rows:
                place = f"{path.name}:{rows.line_num}"
                if len(row) != len(header):
                    yield place, Unusable(f"{'fewer' if len(row) < len(header) else 'more'} columns than the header")
                    continue
                record = {name: cell for name, cell in zip(names, row, strict=True) if cell != ""}
                yield place, {"kind": self.kind, **record} if self.kind else record

    def _names(self, header: list[str]) -> list[str]:
        """Return our field for each column of the header."""
        given = {word: name for name, word in self.columns.items()}
        usual = {"userid": "user", "user_id": "user", "itemid": "item", "item_id": "item", "movieid": "item"}
        return [given.get(word, usual.get(word.lower(), word.lower())) for word in header]

    def _sniff(self, sample: str, path: Path) -> str:
        try:
            return csv.Sniffer().sniff(sample[: sample.rfind("\n") + 1] or sample, ",;\t|").delimiter
        except csv.Error:
            first = sample.partition("\n")[0]
            found = max(",;\t|", key=first.count)
            if not first.count(found):
                raise DataError(f"{path}: no delimiter found in its first line; set delimiter:", path=str(path)) from None
            return found


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the source."""
    return [Csv]
