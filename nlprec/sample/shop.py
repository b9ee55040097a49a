"""From a seed to a folder: users, items and events of an invented shop."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from attrs import frozen

from nlprec.errors import DataError
from nlprec.kit.options import no_progress
from nlprec.kit.random import generator
from nlprec.sample import dirt, events, files, items, people, themes
from nlprec.sample.dates import DAYS
from nlprec.sample.dirt import Dirty

NAMES = ("users.jsonl", "items.jsonl", "events.jsonl")
MIN_ITEMS = 100  #: below, no theme has enough to choose from


@frozen
class Summary:
    """What was written: counts of clean rows, the dirty ones apart, and where."""

    users: int
    items: int
    events: int
    reviews: int
    new_items: int  #: arrived in the last days
    unseen_new_items: int  #: of those, without any event
    dirty_rows: int
    users_file: Path
    items_file: Path
    events_file: Path
    dirt: tuple[Dirty, ...]  #: the dirty rows, file by file


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
    Write ``users.jsonl``, `items.jsonl``, ``events.jsonl`` and ``README.txt``; the same numbers give the same bytes anywhere.

    Args:
        directory: made when it is not there; other files in it are left alone.
        seed: another seed, another shop; 0 or more.
        n_users: each causes at least three events.
        n_items: at least 100.
        n_events: clean rows of events.jsonl; dirty rows come on top.
        force: write over files of these names that an earlier sample did not write.
        progress: called with (fraction done 0..1, message).

    Raises:
        DataError: the numbers do not fit together, foreign files are in the way, or the disk refuses.
    """
    _check(seed, n_users, n_items, n_events)
    files.check(directory, NAMES, force)
    seeds = partial(generator, seed, "sample")
    language = themes.load()
    progress(0.0, "items")
    catalogue = items.make(seeds("items"), language, n_items)
    users = people.make(seeds("people"), language, n_users, n_events)
    happened = events.make(seeds, language, catalogue, users, lambda share, what: progress(0.1 + 0.8 * share, what))
    order = seeds("order of items").permutation(n_items)
    item_lines, item_dirt = dirt.strew(seeds("item dirt"), NAMES[1], [catalogue.records[at] for at in order], dirt.ITEMS)
    event_lines, event_dirt = dirt.strew(seeds("event dirt"), NAMES[2], [each.record() for each in happened], dirt.EVENTS)
    user_lines = [dirt.dump(record) for record in users.records]
    progress(0.95, "files")
    contents = {name: _text(lines) for name, lines in zip(NAMES, (user_lines, item_lines, event_lines), strict=True)}
    found = (*item_dirt, *event_dirt)
    files.save(directory, contents, _note(language, seed, (n_users, n_items, n_events), found))
    progress(1.0, "done")
    return _summary(directory, catalogue, users, happened, found)


def _check(seed: int, n_users: int, n_items: int, n_events: int) -> None:
    if seed < 0:
        raise DataError(f"seed {seed} is below zero; take any number from 0 up")
    if n_users < 1 or n_items < MIN_ITEMS:
        raise DataError(f"{n_users} users and {n_items} items make no shop; take at least 1 user and {MIN_ITEMS} items")
    if n_events < people.MIN_EVENTS * n_users:
        raise DataError(
            f"{n_events} events are too few for {n_users} users; take at least {people.MIN_EVENTS * n_users}, or fewer users"
        )


def _summary(
    directory: Path, catalogue: items.Catalogue, users: people.People, happened: list[events.Event], found: tuple[Dirty, ...]
) -> Summary:
    touched = {event.item for event in happened}
    new = [name for name, is_new in zip(catalogue.ids, catalogue.new, strict=True) if is_new]
    return Summary(
        users=len(users.records),
        items=len(catalogue.records),
        events=len(happened),
        reviews=sum(event.kind == "review" for event in happened),
        new_items=len(new),
        unseen_new_items=sum(name not in touched for name in new),
        dirty_rows=len(found),
        users_file=directory / NAMES[0],
        items_file=directory / NAMES[1],
        events_file=directory / NAMES[2],
        dirt=found,
    )


def _note(language: themes.Language, seed: int, counts: tuple[int, int, int], found: tuple[Dirty, ...]) -> str:
    """Return the text of README.txt."""
    kinds = dict.fromkeys(f"{each.file}: {each.what}" for each in found)
    dirty = "\n".join(f"  {kind} (line {', '.join(str(each.line) for each in found if f'{each.file}: {each.what}' == kind)})" for kind in kinds)
    n_users, n_items, n_events = counts
    note: str = language.words["readme"].format(
        seed=seed, n_users=n_users, n_items=n_items, n_events=n_events, days=DAYS, new_days=items.NEW_DAYS, dirty=dirty
    )
    return note


def _text(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
