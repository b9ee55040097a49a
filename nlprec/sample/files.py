"""The shop on disk: three JSON-lines files and a page that explains them, written whole or not at all."""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from nlprec.errors import DataError
from nlprec.kit.options import no_progress
from nlprec.kit.random import generator
from nlprec.sample.dirt import spoil
from nlprec.sample.events import make_events
from nlprec.sample.items import make_items
from nlprec.sample.people import make_people
from nlprec.sample.words import load_words

NAMES = ("users.jsonl", "items.jsonl", "events.jsonl", "README.txt")
COUNTRIES = ("AT", "CH", "DE", "DK", "FR", "GB", "IE", "NL", "SE")
README = """An invented shop, made by `nlprec sample` from seed {seed}. Nobody in it exists.

users.jsonl   {{"id", "attributes": {{"country"}}, "time": joined}}
items.jsonl   {{"id", "title", "body", "categories", "attributes": {{"maker", "price", "corner"}},
               "time": available from}}
events.jsonl  {{"user", "item", "kind": view | cart | buy | review | dislike, "value": stars of a review, "time",
               "text": the review}}

Times are UTC epoch seconds; the last 180 days end at 2026-11-01. {new} items are new: they appeared in the last days.
{dirty} lines of events.jsonl are bad on purpose; `nlprec check --data` names them.
"""


@frozen
class Summary:
    """What was written."""

    directory: Path
    users: int
    items: int
    events: int
    reviews: int
    new_items: int
    dirty: Mapping[str, int]  #: kind of bad line -> how many


def write(
    directory: Path,
    *,
    seed: int = 7,
    n_users: int = 1500,
    n_items: int = 2500,
    n_events: int = 60_000,
    force: bool = False,
    progress: Callable[..., None] = no_progress,
) -> Summary:
    """
    Write the shop; the same seed and sizes give the same bytes on every machine.

    Raises:
        DataError: a file is there already and ``force`` is not set, the sizes make no shop, or the disk refuses.
    """
    if n_users < 1 or n_items < 20 or n_events < 3 * n_users:
        raise DataError("a shop needs users, at least 20 items, and at least 3 events a user")
    there = [name for name in NAMES if (directory / name).exists()]
    if there and not force:
        raise DataError(
            f"{directory} holds {', '.join(there)} already; say --force to write over it, or choose another folder"
        )
    words = load_words()
    goods = make_items(words, n_items, generator(seed, "items"))
    progress(0.1, "items")
    people = make_people(words, n_users, n_events, generator(seed, "people"))
    events = make_events(words, goods, people, generator(seed, "events"))
    progress(0.9, "events")
    lines, dirty = spoil([_line(event) for event in events], events, generator(seed, "dirt"))
    countries = generator(seed, "countries")
    new = sum(each.new for each in goods)
    note = README.format(seed=seed, new=new, dirty=sum(dirty.values())).rstrip("\n")
    people_lines = [_line(person.record(words, COUNTRIES, countries)) for person in people]
    goods_lines = [_line(each.record(words)) for each in goods]
    _write_all(directory, dict(zip(NAMES, (people_lines, goods_lines, lines, [note]), strict=True)))
    reviews = sum(event["kind"] == "review" for event in events)
    return Summary(directory, len(people), len(goods), len(lines), reviews, new, dirty)


def _line(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False)


def _write_all(directory: Path, contents: Mapping[str, Iterable[str]]) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, lines in contents.items():
            _write(directory / name, lines)
    except OSError as error:
        why = error.strerror or error
        raise DataError(f"{directory} cannot be written: {why}; name another folder, or make room") from error


def _write(path: Path, lines: Iterable[str]) -> None:
    work = path.with_name(f".{path.name}.part")
    try:
        with work.open("w", encoding="utf-8", newline="\n") as handle:
            handle.writelines(f"{line}\n" for line in lines)
            handle.flush()
            os.fsync(handle.fileno())
        work.replace(path)
    finally:
        work.unlink(missing_ok=True)
