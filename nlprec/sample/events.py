"""What happened: visits in which a user looks at a few things, puts some in the cart, buys some and writes about some."""

from collections.abc import Callable
from typing import Any

import numpy as np
from attrs import frozen

from nlprec.sample import reviews
from nlprec.sample.chance import chance, draw
from nlprec.sample.dates import DAY, END, START, month
from nlprec.sample.items import Catalogue
from nlprec.sample.people import People
from nlprec.sample.themes import Language

SEASON = 0.45  #: how far a theme's sales swing around their mean
STAY = 5.0  #: how much likelier the next look goes to the same shelf than taste alone would have it
RETURN = 0.14  #: of the looks go to something the user has looked at before
CART, BUY, REVIEW, DISLIKE = 0.34, 0.62, 0.55, 0.012  #: shares of views, carts, bought things, views
HOURS = (7, 8, 12, 12, 13, 17, 18, 19, 19, 20, 20, 20, 21, 21, 21, 22, 22, 23)  #: of the day, when people visit


@frozen
class Event:
    """One line of events.jsonl."""

    time: int  #: epoch seconds
    user: str
    item: str
    kind: str
    value: int = 0  #: stars; 0 none
    text: str = ""

    def record(self) -> dict[str, Any]:
        """Return the JSON object, without what is not there."""
        full = {"user": self.user, "item": self.item, "kind": self.kind, "value": self.value, "time": self.time}
        if not self.value:
            del full["value"]
        return {**full, "text": self.text} if self.text else full


def make(
    seeds: Callable[[str], np.random.Generator],
    language: Language,
    items: Catalogue,
    people: People,
    progress: Callable[[float, str], None],
) -> list[Event]:
    """Return every user's events, in order of time; ``seeds`` gives each user a generator of their own."""
    found: list[Event] = []
    swing = _seasons(language)[:, items.theme]
    n_users = len(people.records)
    for user in range(n_users):
        found += _Life(seeds(f"user {user}"), language, items, people, swing, user).live()
        if user % 100 == 0:
            progress(user / n_users, "events")
    return sorted(found, key=lambda event: (event.time, event.user, event.item, event.kind))


def _seasons(language: Language) -> np.ndarray:
    """Return float64 [month, theme]: how much a theme is wanted in a month, row 0 is unused, mean 1."""
    peaks = np.array([theme.peak for theme in language.themes])
    months = np.arange(14)[:, None]
    return np.asarray(np.round(1 + SEASON * np.cos((months - peaks) * (2 * np.pi / 12)), 6))


class _Life:
    """One user's visits, until the user's share of events is used up."""

    def __init__(
        self, rng: np.random.Generator, language: Language, items: Catalogue, people: People, swing: np.ndarray, user: int
    ) -> None:
        self.rng = rng
        self.language = language
        self.items = items
        self.people = people
        self.swing = swing
        self.user = user
        self.name = str(people.records[user]["id"])
        self.wants, self.match = people.wants(user, items)
        self.seen: dict[int, int] = {}  # item -> time first looked at
        self.taken: set[tuple[int, str]] = set()  # bought, reviewed or disliked once is enough
        self.found: list[Event] = []

    def live(self) -> list[Event]:
        """Return exactly the user's budget of events."""
        budget = int(self.people.budget[self.user])
        while len(self.found) < budget:
            self._visit(self._moment())
        return self.found[:budget]

    def _moment(self) -> int:
        """Return when a visit begins: on a day of the user's stay, rather in the evening than at noon."""
        first = max(int(self.people.first[self.user]), START)
        day = int(self.rng.integers(first // DAY, max(int(self.people.last[self.user]) // DAY, first // DAY + 1)))
        hour = HOURS[int(self.rng.integers(len(HOURS)))]
        return max(day * DAY + hour * 3600 + int(self.rng.integers(3600)), first)

    def _visit(self, time: int) -> None:
        weights = self.wants[int(time >= self.people.moves[self.user])] * self.swing[int(month(time))]
        weights = weights * (self.items.launch <= time)
        shelf = -1
        for _ in range(1 + int(self.rng.integers(5))):
            at = self._look(weights if shelf < 0 else weights * np.where(self.items.sub == shelf, STAY, 1.0), time)
            weights[at] = 0.0
            shelf = int(self.items.sub[at])
            time = self._follow(at, time) + int(self.rng.integers(20, 400))
            if time >= END:
                return

    def _look(self, weights: np.ndarray, time: int) -> int:
        """Return the next item: now and then an old acquaintance."""
        known = sorted(at for at, when in self.seen.items() if when < time)
        if known and chance(self.rng, RETURN):
            return known[int(self.rng.integers(len(known)))]
        return draw(self.rng, weights)

    def _follow(self, at: int, time: int) -> int:
        """Add a view and what may come of it; return when it was over."""
        self.seen[at] = min(time, self.seen.get(at, time))
        self._add(at, "view", time)
        liking = 0.5 + float(self.match[at]) + 0.15 * float(self.items.quality[at])
        if chance(self.rng, DISLIKE * (2.0 if liking < 0.6 else 0.5)):
            self._add(at, "dislike", time + 30)
        elif chance(self.rng, min(CART * liking * 1.4, 0.9)):
            time = self._add(at, "cart", time + int(self.rng.integers(10, 200)))
            if chance(self.rng, BUY) and (at, "buy") not in self.taken:
                time = self._add(at, "buy", time + int(self.rng.integers(60, 900)))
                self._review(at, time + int(self.rng.integers(3 * DAY, 16 * DAY)))
        return time

    def _review(self, at: int, time: int) -> None:
        if time >= END or not chance(self.rng, REVIEW):
            return
        mood = int(self.rng.integers(-130, 131)) / 100  # a plain draw: what the user's day was like
        happy = 3.75 + 0.75 * float(self.items.quality[at]) + 1.6 * (float(self.match[at]) - 0.25) + mood
        stars = min(max(round(happy), 1), 5)
        theme = self.language.themes[int(self.items.theme[at])]
        voice = self.people.voice[self.user]
        text = reviews.write(self.rng, self.language.words["review"], theme, self.items.slots[at], stars, voice)
        self._add(at, "review", time, stars, text)

    def _add(self, at: int, kind: str, time: int, stars: int = 0, text: str = "") -> int:
        """Add an event unless the shop's days are over; return its time."""
        if time < END and (at, kind) not in self.taken:
            if kind in ("buy", "review", "dislike"):
                self.taken.add((at, kind))
            self.found.append(Event(time, self.name, self.items.ids[at], kind, stars, text))
        return time
