"""Interactions: given twice, without a time, at impossible times, with ratings on another scale."""

import math
import time
from collections.abc import Callable, Iterator

from attrs import define, field

from nlprec.cli.checks.finding import Finding, words
from nlprec.kit.events import Batch, Interaction

RATED = ("rating", "review")  #: kinds whose value is a rating
BEST = 5.0  #: the usual scale of stars
DAY = 86_400.0
EARLIEST = 315_532_800.0  #: 1980-01-01: earlier times are more likely hours, years or milliseconds gone wrong


@define
class RepeatedEvents:
    """Interactions that are there more than once."""

    _seen: set[int] = field(factory=set)  #: hashes: names of millions of interactions would fill the memory
    _count: int = 0
    _first: str = ""

    def see(self, batch: Batch) -> None:
        """Compare with everything seen before."""
        for event in batch.interactions:
            name = hash(event.identity())
            if name in self._seen:
                self._count += 1
                self._first = self._first or words(event)
            self._seen.add(name)

    def findings(self) -> Iterator[Finding]:
        """Tell how many are too many, and the first."""
        yield Finding("interactions given more than once", self._count, self._first, "stored once")


@define
class _Odd:
    """Counts the interactions that are odd in one way."""

    what: str
    meaning: str
    is_odd: Callable[[Interaction], bool]
    count: int = 0
    first: str = ""

    def see(self, batch: Batch) -> None:
        """Look at each interaction."""
        for event in batch.interactions:
            if self.is_odd(event):
                self.count += 1
                self.first = self.first or words(event)

    def findings(self) -> Iterator[Finding]:
        """Tell how many, and the first."""
        yield Finding(self.what, self.count, self.first, self.meaning)


def undated() -> _Odd:
    """Return the check for interactions without a time."""
    return _Odd(
        "interactions without a time", "a temporal split learns from them", lambda event: math.isnan(event.time)
    )


def wrong_times(now: float | None = None) -> _Odd:
    """Return the check for interactions before 1980 or more than a day after ``now`` (epoch seconds)."""
    latest = (time.time() if now is None else now) + DAY
    what = "interactions before 1980 or in the future"
    meaning = "times are UTC epoch seconds; are these milliseconds?"
    return _Odd(what, meaning, lambda event: event.time < EARLIEST or event.time > latest)


def odd_ratings() -> _Odd:
    """Return the check for ratings outside 0 to 5."""

    def is_odd(event: Interaction) -> bool:
        return event.kind in RATED and not math.isnan(event.value) and not 0 <= event.value <= BEST

    return _Odd(f"ratings outside 0 to {BEST:g}", "say the best rating as scale of weigh", is_odd)
