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
from nlprec.kit.io.files import content_digest, open_text, readable
from nlprec.kit.io.records import Unusable, batches
from nlprec.kit.options import Options


@implementer(ISource)
@frozen
class Csv:
    """
    Columns are found by their header: user, item, kind, value, time, text; ``columns`` says where a header has other
    words.
    """

    name = "csv"
    path: Path  #: interactions
    items: Path | None = None  #: item texts: id, title, body, categories (joined by |)
    columns: Mapping[str, str] = field(factory=dict)  #: our field -> the header's word, in both files
    delimiter: str = field(default="", validator=max_len(1))  #: empty: the likeliest of the header
    encoding: str = "utf-8"  #: of the text
    kind: str = ""  #: kind of interactions that have no kind column

    def fingerprint(self) -> str:
        """Return a digest of the content and of how it is read."""
        files = [self.path, *([self.items] if self.items else [])]
        return content_digest(files, sorted(self.columns.items()), self.delimiter, self.encoding, self.kind)

    def read(self, opts: Options) -> Iterator[Batch]:
        """Yield batches; a row that is no record becomes dirt with its place."""
        if self.items is not None:
            yield from batches(self._rows(self.items, [{"id", "item"}], opts), "item")
        yield from batches(self._rows(self.path, [{"user"}, {"item"}], opts), "event")

    def _rows(self, path: Path, wanted: list[set[str]], opts: Options) -> Iterator[tuple[str, Any]]:
        with open_text(path, self.encoding) as handle, readable(path):
            first = handle.readline().lstrip("\ufeff")
            delimiter = self.delimiter or self._find(first, path)
            opts.note(f"{path.name}: columns are separated by {delimiter!r}, text is {self.encoding}")
            header = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter), [])]
            names = self._names(header)
            for some in wanted:
                if not some & set(names):
                    known = ", ".join(header)
                    message = (
                        f"{path}: the header ({known}) names no column '{min(some)}'; say which it is under columns:"
                    )
                    raise DataError(message, path=str(path))
            yield from self._records(csv.reader(handle, delimiter=delimiter), path.name, names)

    def _records(self, rows: Any, file: str, names: list[str]) -> Iterator[tuple[str, Any]]:
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error:
                yield f"{file}:{rows.line_num + 1}", Unusable("not a line of the table (a quote that never ends?)")
                continue
            place = f"{file}:{rows.line_num + 1}"
            if len(row) == len(names):
                record = {name: cell for name, cell in zip(names, row, strict=True) if cell != ""}
                yield place, {"kind": self.kind, **record} if self.kind else record
            elif row:
                yield place, Unusable(f"{'fewer' if len(row) < len(names) else 'more'} columns than the header")

    def _names(self, header: list[str]) -> list[str]:
        """Return our field for each column of the header."""
        given = {word: name for name, word in self.columns.items()}
        usual = {"userid": "user", "user_id": "user", "itemid": "item", "item_id": "item", "movieid": "item"}
        return [given.get(word, usual.get(word.lower(), word.lower())) for word in header]

    def _find(self, header: str, path: Path) -> str:
        found = max(",;\t|", key=header.count)
        if found not in header:
            raise DataError(f"{path}: no delimiter found in its first line; set delimiter:", path=str(path))
        return found


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the source."""
    return [Csv]
