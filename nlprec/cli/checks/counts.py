"""How much there is: no check, but what a person wants to see first."""

import collections
import math
from datetime import UTC, datetime
from typing import Any

from attrs import define, field

from nlprec.kit.events import Batch


@define
class Counts:
    """Users, items and interactions by kind, and the time they span."""

    users: set[str] = field(factory=set)
    items: set[str] = field(factory=set)
    kinds: collections.Counter[str] = field(factory=collections.Counter)
    reviews: int = 0
    first: float = math.inf
    last: float = -math.inf

    def see(self, batch: Batch) -> None:
        """Count a batch."""
        self.users.update(user.id for user in batch.users)
        self.items.update(item.id for item in batch.items)
        for event in batch.interactions:
            self.users.add(event.user)
            self.items.add(event.item)
            self.kinds[event.kind] += 1
            self.reviews += bool(event.text)
            if not math.isnan(event.time):
                self.first, self.last = min(self.first, event.time), max(self.last, event.time)

    def plain(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        return {
            "counts": {
                "users": len(self.users),
                "items": len(self.items),
                "interactions": self.kinds.total(),
                "reviews": self.reviews,
            },
            "kinds": dict(self.kinds.most_common()),
            "times": [_day(self.first), _day(self.last)] if self.first <= self.last else [],
        }


def _day(time: float) -> str:
    try:
        return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d")
    except (ValueError, OverflowError, OSError):
        return f"{time:g}"
