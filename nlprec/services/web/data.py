"""Users, items and events on their way in and out of the store."""

import math
from typing import Any

import msgspec

from nlprec.errors import BadEvent, BadRequest, UnknownName
from nlprec.kit.events import Batch, Interaction, Item, User
from nlprec.kit.io.records import Unusable, parse
from nlprec.services.desk import Desk
from nlprec.services.web.routes import Call, Reply
from nlprec.services.web.types import MOST, EventsAnswer, ItemAnswer, Stored, UserAnswer, Verdict

AT_ONCE = 500  #: events parsed before others have their turn: about 5 ms
LINES = ("application/x-ndjson", "application/jsonl", "application/ndjson")
KNOWN = frozenset(["user", "item", "kind", "value", "time", "text", "key"])


async def get_item(desk: Desk, call: Call) -> Reply:
    """Return what is stored of an item."""
    item: Item | None = (await desk.intake.get("item", [call.path["id"]]))[0]
    if item is None:
        raise UnknownName(f"there is no item '{call.path['id']}'")
    return Reply(
        ItemAnswer(
            item.id,
            item.title,
            item.body,
            list(item.categories),
            dict(item.attributes),
            _moment(item.time),
            item.hidden,
        )
    )


async def put_item(desk: Desk, call: Call) -> Reply:
    """Store an item, whole: fields that are not sent are empty."""
    item = _record({**msgspec.structs.asdict(call.body), "id": call.path["id"]}, "item")
    receipt = await desk.intake.append(Batch(items=(item,)))
    return Reply(Stored(item.id, bool(receipt.items)))


async def delete_item(desk: Desk, call: Call) -> Reply:
    """Forget an item and the interactions with it; it is not shown from now on."""
    await desk.intake.append(Batch(deleted_items=(call.path["id"],)))
    return Reply(status=204)


async def get_user(desk: Desk, call: Call) -> Reply:
    """Return what is stored of a user."""
    user: User | None = (await desk.intake.get("user", [call.path["id"]]))[0]
    if user is None:
        raise UnknownName(f"there is no user '{call.path['id']}'")
    return Reply(UserAnswer(user.id, dict(user.attributes), _moment(user.time)))


async def put_user(desk: Desk, call: Call) -> Reply:
    """Store a user, whole."""
    user = _record({**msgspec.structs.asdict(call.body), "id": call.path["id"]}, "user")
    receipt = await desk.intake.append(Batch(users=(user,)))
    return Reply(Stored(user.id, bool(receipt.users)))


async def delete_user(desk: Desk, call: Call) -> Reply:
    """Forget a user and everything they did; their history is not used from now on."""
    await desk.intake.append(Batch(deleted_users=(call.path["id"],)))
    return Reply(status=204)


async def post_events(desk: Desk, call: Call) -> Reply:
    """Store events: one object, an array, or one a line (NDJSON). Good ones are taken though others are not."""
    good: list[Interaction] = []
    rejected: list[Verdict] = []
    for index, record in enumerate(_records(call)):
        if index and index % AT_ONCE == 0:
            await call.means.pause()
        try:
            good.append(_event(record))
        except BadEvent as error:
            rejected.append(Verdict(index, error.code, error.message))
    if not good and rejected:
        first = rejected[0]
        detail = f"none of {len(rejected)} events can be used; the first: {first.detail}"
        raise BadEvent(detail, index=first.index, rejected=rejected)
    receipt = await desk.intake.append(Batch(interactions=tuple(good)))
    return Reply(EventsAnswer(receipt.interactions, receipt.known, rejected))


def _records(call: Call) -> list[Any]:
    """Return the records of a body; lines are decoded one by one, when their turn comes."""
    if call.content_type in LINES:
        found = [_Line(line) for line in call.body.splitlines() if line.strip()]
    elif call.content_type in ("application/json", ""):
        try:
            value = msgspec.json.decode(call.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadRequest(f"the body is not JSON: {error}") from error
        found = value if isinstance(value, list) else [value]
    else:
        raise BadRequest(f"the body is {call.content_type}; send application/json or application/x-ndjson", status=415)
    if len(found) > MOST:
        raise BadRequest(f"{len(found)} events at once; at most {MOST}, send them in parts", status=413)
    return found


class _Line(bytes):
    """One line of NDJSON, decoded when its turn comes."""


def _event(record: Any) -> Interaction:
    if isinstance(record, _Line):
        try:
            record = msgspec.json.decode(record)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise BadEvent("the line is not JSON") from None
    if isinstance(record, dict) and (unknown := sorted(set(record) - KNOWN)):
        raise BadEvent(f"unknown field '{unknown[0]}'; known: {', '.join(sorted(KNOWN))}")
    event: Interaction = _record(record, "event")
    return event


def _record(record: Any, kind: str) -> Any:
    try:
        return parse(record, kind)
    except Unusable as error:
        raise BadEvent(str(error)) from error


def _moment(time: float) -> float | None:
    return None if math.isnan(time) else time
