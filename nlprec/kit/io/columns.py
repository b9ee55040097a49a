"""Records into the columns of a Snapshot, and records into JSON and back: what stores share."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from nlprec.kit.events import Interaction, Item, Snapshot, User
from nlprec.kit.strings import Strings


def compact(value: Any) -> str:
    """Return JSON without spaces, non-ASCII as it is; half characters (lone surrogates) become ``?``."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def build_snapshot(
    users: Sequence[User], items: Sequence[Item], events: Iterable[Interaction], sequence: int
) -> Snapshot:
    """Return records as columns; ids that appear only in interactions get empty texts, after the others."""
    listed = list(events)
    user_index = {user.id: at for at, user in enumerate(users)}
    item_index = {item.id: at for at, item in enumerate(items)}
    kinds: dict[str, int] = {}
    rows = [
        (
            user_index.setdefault(event.user, len(user_index)),
            item_index.setdefault(event.item, len(item_index)),
            kinds.setdefault(event.kind, len(kinds)),
        )
        for event in listed
    ]
    codes = np.array(rows, np.int64).reshape(-1, 3)
    return assemble(
        users, items, list(user_index), list(item_index), codes, tuple(kinds),
        np.array([event.value for event in listed], np.float32),
        np.array([event.time for event in listed], np.float64),
        Strings.of(event.text for event in listed),
        sequence,
    )  # fmt: skip


def assemble(
    users: Sequence[User], items: Sequence[Item], user_ids: Sequence[str], item_ids: Sequence[str],
    codes: np.ndarray, kinds: tuple[str, ...], value: np.ndarray, time: np.ndarray, review: Strings, sequence: int,
) -> Snapshot:  # fmt: skip
    """
    Return a Snapshot from records and coded interactions.

    Args:
        users: the records of the first ids of ``user_ids``, in their order.
        items: likewise, of ``item_ids``.
        user_ids: every id; index in the Snapshot.
        item_ids: every id; index in the Snapshot.
        codes: int64 [event, 3]: user, item and kind index.
        kinds: names of the kinds.
        value: float32 [event], nan none.
        time: float64 [event], UTC epoch seconds, nan unknown.
        review: texts [event].
        sequence: of the head.
    """
    more_users, more_items = len(user_ids) - len(users), len(item_ids) - len(items)
    return Snapshot(
        users=Strings.of(user_ids),
        user_attributes=Strings.of([*(compact(dict(user.attributes)) for user in users), *["{}"] * more_users]),
        items=Strings.of(item_ids),
        title=Strings.of([*(item.title for item in items), *[""] * more_items]),
        body=Strings.of([*(item.body for item in items), *[""] * more_items]),
        categories=Strings.of([*(compact(list(item.categories)) for item in items), *["[]"] * more_items]),
        item_attributes=Strings.of([*(compact(dict(item.attributes)) for item in items), *["{}"] * more_items]),
        item_time=np.array([*(item.time for item in items), *[np.nan] * more_items], np.float64),
        hidden=np.array([*(item.hidden for item in items), *[False] * more_items], bool),
        user=codes[:, 0].astype(np.int32),
        item=codes[:, 1].astype(np.int32),
        kind=codes[:, 2].astype(np.int16),
        value=value,
        time=time,
        review=review,
        kinds=kinds,
        sequence=sequence,
    )
