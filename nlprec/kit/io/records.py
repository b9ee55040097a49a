"""
Loose records from outside (mappings of JSON or CSV values) into users, items and interactions, or into Dirt with the
reason.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from nlprec.kit.events import Batch, Dirt, Interaction, Item, User

BATCH = 10_000  #: records in one batch
ID_LIMIT = 500  #: characters of an id
KIND_LIMIT = 100  #: characters of a kind
DEPTH = 32  #: levels that attributes may nest
EARLIEST, LATEST = 0.0, 4_102_444_800.0  #: 1970 to 2100; a time outside is a mistake of units
ALIASES = {
    "kind": ("kind", "type", "event"),
    "value": ("value", "rating", "stars"),
    "time": ("time", "timestamp", "date"),
    "text": ("text", "review", "comment"),
    "body": ("body", "description", "overview"),
    "title": ("title", "name"),
    "categories": ("categories", "genres", "category"),
    "id": ("id", "item_id", "user_id"),
}  #: names by which fields may come, the first that is there counts


class Unusable(ValueError):
    """A record cannot be used; the message is the reason, the same for the same kind of mistake."""


def parse(record: Any, kind: str = "") -> User | Item | Interaction:
    """
    Return the record's noun.

    Args:
        record: a mapping. ``{"user", "item", ...}`` is an interaction, one with "id" or only "item" an item, one with
            only "user" a user.
        kind: "user", "item" or "event" when the place it came from says so; else its own "record" key, else its keys
            decide.

    Raises:
        Unusable: with the reason.
    """
    if not isinstance(record, Mapping):
        raise Unusable("not an object")
    kind = kind or str(record.get("record", ""))
    if not kind:
        kind = (
            "event"
            if "user" in record and "item" in record
            else "user"
            if "user" in record or "user_id" in record
            else "item"
        )
    if kind == "event":
        return interaction(record)
    if kind == "user":
        return User(
            identifier(record, "user", "id", "user_id"),
            _mapping(record.get("attributes")),
            moment(field(record, "time")),
        )
    if kind == "item":
        return item(record)
    raise Unusable("unknown record kind")


def interaction(record: Mapping[str, Any]) -> Interaction:
    """Return an Interaction; raise Unusable."""
    kind = field(record, "kind")
    if kind is not None and not isinstance(kind, str):
        raise Unusable("kind is not a text")
    if kind is not None and len(kind) > KIND_LIMIT:
        raise Unusable("kind is too long")
    return Interaction(
        user=identifier(record, "user", "user_id"),
        item=identifier(record, "item", "item_id"),
        kind=whole(kind) if kind else ("rating" if field(record, "value") is not None else "view"),
        value=number(field(record, "value")),
        time=moment(field(record, "time")),
        text=_text(field(record, "text"), "text"),
        key=_text(record.get("key"), "key"),
    )


def item(record: Mapping[str, Any]) -> Item:
    """Return an Item; raise Unusable."""
    categories = field(record, "categories")
    if isinstance(categories, str):
        categories = [each for each in categories.split("|") if each]
    if categories is not None and not isinstance(categories, (list, tuple)):
        raise Unusable("categories is not a list")
    return Item(
        id=identifier(record, "item", "id", "item_id"),
        title=_text(field(record, "title"), "title"),
        body=_text(field(record, "body"), "body"),
        categories=tuple(_text(each, "category") for each in categories or () if each is not None),
        attributes=_mapping(record.get("attributes")),
        time=moment(field(record, "time")),
        hidden=str(record.get("hidden")).lower() in ("true", "1"),
    )


def field(record: Mapping[str, Any], name: str) -> Any:
    """Return the first of a field's names that has a value, else None."""
    return next((record[alias] for alias in ALIASES.get(name, (name,)) if record.get(alias) not in (None, "")), None)


def identifier(record: Mapping[str, Any], *names: str) -> str:
    """Return an id as text; numbers are accepted as ids, booleans and empty texts are not."""
    value = next((record[name] for name in names if record.get(name) is not None), None)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None or value == "":
        raise Unusable(f"no {names[0]} id")
    if not isinstance(value, str):
        raise Unusable(f"{names[0]} id is not a text")
    if len(value) > ID_LIMIT or any(letter < " " or "\ud800" <= letter <= "\udfff" for letter in value):
        raise Unusable(f"{names[0]} id is too long or has control characters")
    return value


def number(value: Any) -> float:
    """Return a finite number, nan for none."""
    if value is None:
        return math.nan
    try:
        result = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        raise Unusable("value is not a number") from None
    if not math.isfinite(result):
        raise Unusable("value is not a number")
    return result


def moment(value: Any) -> float:
    """Return UTC epoch seconds of a number or an ISO 8601 text (without zone: UTC), nan for none."""
    if value is None:
        return math.nan
    try:
        result = math.nan if isinstance(value, bool) else float(value)
    except OverflowError:
        result = math.inf
    except (TypeError, ValueError):
        result = _iso(value)
    if not math.isfinite(result):
        raise Unusable("time cannot be read")
    if not EARLIEST <= result <= LATEST:
        raise Unusable("time is not between 1970 and 2100 (seconds, not milliseconds?)")
    return result


def _iso(value: Any) -> float:
    try:
        parsed = datetime.fromisoformat(value.strip())
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    except (AttributeError, ValueError, OverflowError):
        return math.nan


def _text(value: Any, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        raise Unusable(f"{name} is not a text")
    return whole(str(value))


def whole(text: str) -> str:
    """Return the text with half characters (lone surrogates, which no store can keep) replaced by ``?``."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _mapping(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Unusable("attributes is not an object")
    if not _fits(value, DEPTH):
        raise Unusable(f"attributes are nested deeper than {DEPTH} levels")
    return dict(value)


def _fits(value: Any, levels: int) -> bool:
    """Return whether JSON values nest no deeper than ``levels``: what walks them later must not run out of stack."""
    if not isinstance(value, (dict, list, tuple)):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_fits(each, levels - 1) for each in inner)


def batches(records: Iterable[tuple[str, Any]], kind: str = "") -> Iterator[Batch]:
    """
    Yield batches of loose records.

    Args:
        records: (place, mapping) or (place, Unusable) pairs; places are for people ("events.jsonl:17").
        kind: as for ``parse``.
    """
    found: dict[type, list[Any]] = {User: [], Item: [], Interaction: [], Dirt: []}
    count = 0
    for place, record in records:
        try:
            if isinstance(record, Unusable):
                raise record
            each: Any = parse(record, kind)
        except Unusable as error:
            each = Dirt(place, str(error), str(record)[:200])
        found[type(each)].append(each)
        count += 1
        if count >= BATCH:
            yield _batch(found)
            found = {name: [] for name in found}
            count = 0
    if count:
        yield _batch(found)


def _batch(found: Mapping[type, list[Any]]) -> Batch:
    return Batch(tuple(found[User]), tuple(found[Item]), tuple(found[Interaction]), dirt=tuple(found[Dirt]))
