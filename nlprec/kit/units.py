"""Quantities with units, as YAML writes them: ``7d``, ``50ms``, ``64MiB``; inside they are seconds and bytes."""

import re
from typing import NewType

Duration = NewType("Duration", float)  #: seconds
Size = NewType("Size", int)  #: bytes

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
BYTES = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "TiB": 1024**4}
_NUMBER = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*$")


def _parse(text: object, units: dict[str, float] | dict[str, int], example: str) -> float:
    match = _NUMBER.match(text) if isinstance(text, str) else None
    if match is None or match[2] not in units:
        raise ValueError(f"{text!r} is not a number with a unit ({', '.join(units)}), as in {example}")
    return float(match[1]) * units[match[2]]


def duration(text: object) -> Duration:
    """Return seconds; raise ValueError when it is not a duration with a unit."""
    return Duration(_parse(text, SECONDS, "7d or 50ms"))


def size(text: object) -> Size:
    """Return bytes; raise ValueError when it is not a size with a unit."""
    return Size(int(_parse(text, BYTES, "64MiB")))


def show_duration(seconds: float) -> str:
    """Return the shortest exact spelling, so that reading it back gives the same number."""
    return _show(seconds, SECONDS, "s")


def show_size(count: int) -> str:
    """Return the shortest exact spelling, so that reading it back gives the same number."""
    return _show(count, BYTES, "B")


def _show(amount: float, units: dict[str, float] | dict[str, int], base: str) -> str:
    for unit in reversed(list(units)):
        if amount and amount % units[unit] == 0:
            return f"{amount / units[unit]:.0f}{unit}"
    return f"{amount:g}{base}" if float(f"{amount:g}") == amount else f"{amount!r}{base}"
