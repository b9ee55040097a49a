"""A few bad lines, as every export has them: what ingest must name, count and survive."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

EACH = 4  #: bad lines of each kind


def spoil(
    lines: list[str], records: Sequence[dict[str, Any]], rng: np.random.Generator
) -> tuple[list[str], dict[str, int]]:
    """
    Return the lines with bad ones strewn in, and how many of each kind.

    Kinds that ingest must refuse: broken JSON, no user, a value that is no number, a time in milliseconds. Kinds it
    must survive: a line given twice, an item nobody described, control characters and markup in a text.
    """
    makers: dict[str, Callable[[dict[str, Any]], str]] = {
        "broken JSON": lambda event: json.dumps(event, ensure_ascii=False)[:-12],
        "no user": lambda event: json.dumps({name: value for name, value in event.items() if name != "user"}),
        "value is no number": lambda event: json.dumps({**event, "kind": "review", "value": "five"}),
        "time in milliseconds": lambda event: json.dumps({**event, "time": event["time"] * 1000}),
        "given twice": lambda event: json.dumps(event, ensure_ascii=False),
        "unknown item": lambda event: json.dumps({**event, "item": f"x{event['item']}"}),
        "odd text": lambda event: json.dumps(
            {**event, "kind": "review", "value": 4, "text": "<b>Nice</b>\u0000 &amp; cheap\u0007"}
        ),
    }
    spoilt = list(lines)
    for make in makers.values():
        for _ in range(EACH):
            event = records[int(rng.integers(len(records)))]
            spoilt.insert(int(rng.integers(len(spoilt))), make(event))
    return spoilt, dict.fromkeys(makers, EACH)
