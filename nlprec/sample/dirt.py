"""A few rows as real files have them: broken, incomplete, doubled, or from another century."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from attrs import frozen

from nlprec.sample.chance import pick

Record = Mapping[str, Any]
YEAR_2199 = 7_226_582_400  #: epoch seconds
MARKUP = "<p>Great stuff<br/> &amp; cheap!</p><script>alert('hi')</script>"


@frozen
class Dirty:
    """One dirty row: where it stands and what is the matter with it."""

    file: str  #: name of the file
    line: int  #: counted from 1
    what: str  #: the kind of dirt


def dump(record: Record) -> str:
    """Return a record as one line of JSON."""
    return json.dumps(record, ensure_ascii=False, separators=(", ", ": "))


#: kind of dirt -> (how many rows, what it makes of a clean record); an unknown kind is no mistake, only unexpected
EVENTS: Mapping[str, tuple[int, Callable[[Record], str]]] = {
    "broken JSON": (4, lambda record: dump(record)[:-9]),
    "no user": (3, lambda record: dump({name: each for name, each in record.items() if name != "user"})),
    "value is a word": (3, lambda record: dump({**record, "kind": "review", "value": "five", "text": "Five stars!"})),
    "year 2199": (3, lambda record: dump({**record, "time": YEAR_2199})),
    "duplicate": (4, dump),
    "control characters": (3, lambda record: dump({**record, "kind": "review", "value": 4, "text": "Fine\0 so far.\x07\x1b[0m"})),
    "markup in the text": (3, lambda record: dump({**record, "kind": "review", "value": 5, "text": MARKUP})),
    "unknown item": (3, lambda record: dump({**record, "item": "discontinued-0001"})),
    "unknown kind": (2, lambda record: dump({**record, "kind": "wishlist"})),
}
ITEMS: Mapping[str, tuple[int, Callable[[Record], str]]] = {
    "broken JSON": (1, lambda record: dump(record)[:40]),
    "no id": (1, lambda record: dump({name: each for name, each in record.items() if name != "id"})),
    "duplicate": (1, dump),
    "categories is a number": (1, lambda record: dump({**record, "id": f"{record['id']}-x", "categories": 7})),
    "markup in the text": (1, lambda record: dump({**record, "id": f"{record['id']}-b", "body": f"<b>{record['body']}</b>&nbsp;"})),
    "control characters": (1, lambda record: dump({**record, "id": f"{record['id']}-n", "body": f"\0{record['body']}\x0b"})),
}


def strew(
    rng: np.random.Generator, file: str, records: list[Record], kinds: Mapping[str, tuple[int, Callable[[Record], str]]]
) -> tuple[list[str], list[Dirty]]:
    """
    Put dirty rows between clean ones.

    Returns:
        (the lines of the file, which of them are dirty); every clean record is there, in its order.
    """
    wanted = [what for what, (count, _) in kinds.items() for _ in range(count)]
    where = [(int(place), what) for what, place in zip(wanted, rng.integers(1, len(records) + 1, len(wanted)), strict=True)]
    lines: list[str] = []
    dirty: list[Dirty] = []
    waiting = sorted(where, reverse=True)
    for at, record in enumerate(records):
        lines.append(dump(record))
        while waiting and waiting[-1][0] == at + 1:
            what = waiting.pop()[1]
            source = record if what == "duplicate" else pick(rng, records)
            lines.append(kinds[what][1](source))
            dirty.append(Dirty(file, len(lines), what))
    return lines, dirty
