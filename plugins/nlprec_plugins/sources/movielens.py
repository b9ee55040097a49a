"""MovieLens in the ``ml-latest`` form: ratings.csv, movies.csv, maybe tags.csv and items_with_overview.csv."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.errors import DataError
from nlprec.interfaces import ISource
from nlprec.kit.events import Batch
from nlprec.kit.io.files import content_digest, open_text, readable
from nlprec.kit.io.records import batches
from nlprec.kit.options import Options

YEAR = re.compile(r"\((\d{4})\)\s*$")
FILES = ("ratings.csv", "movies.csv", "tags.csv", "items_with_overview.csv")
NO_GENRE = "(no genres listed)"


@implementer(ISource)
@frozen
class MovieLens:
    """
    Films with titles, genres, overviews and free tags; star ratings of 0.5 to 5.

    Source:
        Harper, Konstan, "The MovieLens Datasets: History and Context", ACM TiiS 5(4), 2015.
    """

    name = "movielens"
    path: Path  #: the folder

    def fingerprint(self) -> str:
        """Return a digest of the files."""
        return content_digest(self._files())

    def read(self, opts: Options) -> Iterator[Batch]:
        """Yield films, then ratings."""
        self._files()
        yield from batches(self._films(), "item")
        opts.progress(0.2, "films")
        yield from batches(self._ratings(), "event")

    def _files(self) -> list[Path]:
        for name in FILES[:2]:
            if not (self.path / name).is_file():
                raise DataError(
                    f"{self.path} has no {name}; point path at a folder of MovieLens in the ml-latest form",
                    path=str(self.path),
                )
        return [self.path / name for name in FILES if (self.path / name).is_file()]

    def _rows(self, name: str, *wanted: str) -> Iterator[tuple[str, dict[str, Any]]]:
        path = self.path / name
        if path.is_file():
            with open_text(path, "utf-8-sig") as handle, readable(path):
                rows = csv.DictReader(handle, restval="")
                if missing := set(wanted) - set(rows.fieldnames or ()):
                    raise DataError(
                        f"{path}: no column {', '.join(sorted(missing))} in its header; is it of MovieLens?",
                        path=str(path),
                    )
                for row in rows:
                    yield f"{name}:{rows.line_num}", row

    def _films(self) -> Iterator[tuple[str, Any]]:
        overviews = {
            row["movieId"]: row["overview"] for _, row in self._rows("items_with_overview.csv", "movieId", "overview")
        }
        tags: dict[str, dict[str, None]] = {}
        for _, row in self._rows("tags.csv", "movieId", "tag"):
            tags.setdefault(row["movieId"], {})[row["tag"].strip()] = None
        for place, row in self._rows("movies.csv", "movieId", "title", "genres"):
            year = YEAR.search(row["title"])
            attributes: dict[str, Any] = {"year": int(year[1])} if year else {}
            if row["movieId"] in tags:
                attributes["tags"] = list(tags[row["movieId"]])
            genres = [each for each in row["genres"].split("|") if each and each != NO_GENRE]
            body = overviews.get(row["movieId"], "")
            yield (
                place,
                {
                    "id": row["movieId"],
                    "title": row["title"],
                    "body": body,
                    "categories": genres,
                    "attributes": attributes,
                },
            )

    def _ratings(self) -> Iterator[tuple[str, Any]]:
        for place, row in self._rows("ratings.csv", "userId", "movieId", "rating", "timestamp"):
            yield (
                place,
                {
                    "user": row["userId"],
                    "item": row["movieId"],
                    "kind": "rating",
                    "value": row["rating"],
                    "time": row["timestamp"],
                },
            )


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the source."""
    return [MovieLens]
