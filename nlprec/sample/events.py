"""What happened in the shop: people look, some put things into the cart, fewer buy, a few say what they think."""

import time as clock
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nlprec.sample.items import DAY, END, SPAN, Goods
from nlprec.sample.people import Person
from nlprec.sample.reviews import review, stars
from nlprec.sample.words import Words

CART, BUY, REVIEW, DISLIKE = 0.35, 0.6, 0.55, 0.02  #: chance of each step once the one before was made
NOVELTY = 2.5  #: how much more a new item draws, while somebody may find it at all
UNSEEN = 0.35  #: share of new items nobody has found yet


class Shelves:
    """Which items a person may meet, by corner and time."""

    def __init__(self, words: Words, goods: Sequence[Goods], rng: np.random.Generator) -> None:
        self.goods = goods
        self.months = np.array([sub.season for sub in words.subs])
        hidden = rng.random(len(goods)) < UNSEEN
        self._corners = [
            np.array([at for at, each in enumerate(goods) if each.sub == corner], np.int64)
            for corner in range(len(words.subs))
        ]
        self.pull = np.array([each.pull * (0.4 + each.quality) * (NOVELTY if each.new else 1.0) for each in goods])
        self.pull[np.array([each.new for each in goods]) & hidden] = 0.0
        self.time = np.array([each.time for each in goods])
        self.maker = np.array([each.maker for each in goods])

    def draw(
        self, corner: int, moment: float, known: frozenset[str], loyalty: float, met: set[int], rng: np.random.Generator
    ) -> int:
        """Return an item of a corner that is there at a moment and was not met yet, -1 when there is none."""
        here = self._corners[corner]
        weights = self.pull[here] * (self.time[here] <= moment)
        weights = weights * np.where(np.isin(self.maker[here], list(known)), loyalty, 1.0)
        weights[np.isin(here, list(met))] = 0.0
        total = weights.sum()
        return int(rng.choice(here, p=weights / total)) if total > 0 else -1


def make_events(
    words: Words, goods: Sequence[Goods], people: Sequence[Person], rng: np.random.Generator
) -> list[dict[str, Any]]:
    """Return every interaction, in time order."""
    shelves = Shelves(words, goods, rng)
    events = [event for person in people for event in _history(words, shelves, person, rng)]
    return sorted(events, key=lambda event: (event["time"], event["user"], event["item"], event["kind"]))


def _history(words: Words, shelves: Shelves, person: Person, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Yield one person's interactions: sessions of some visits each, until their number is made."""
    made, met, makers = 0, set[int](), frozenset[str]()
    while made < person.visits:
        start = END - SPAN + SPAN * float(rng.beta(1.6, 1.1))
        for step in range(int(rng.integers(1, 5))):
            moment = min(round(start + step * float(rng.exponential(300))), END - 1)
            item = _meet(shelves, person, moment, makers, met, rng)
            if item < 0 or made >= person.visits:
                break
            met.add(item)
            for event in _funnel(words, shelves.goods[item], person, moment, rng):
                made += 1
                if event["kind"] in ("buy", "review"):
                    makers |= {shelves.goods[item].maker}
                yield event
        else:
            continue
        if len(met) > 0.9 * len(shelves.goods):
            return


def _meet(
    shelves: Shelves, person: Person, moment: float, makers: frozenset[str], met: set[int], rng: np.random.Generator
) -> int:
    tastes = person.taste_at((moment - END + SPAN) / SPAN)
    month = clock.gmtime(moment).tm_mon
    distance = np.minimum(np.abs(shelves.months - month), 12 - np.abs(shelves.months - month))
    weights = tastes * (1.0 + 0.8 * np.exp(-distance / 1.5))
    for _ in range(5):
        item = shelves.draw(
            int(rng.choice(len(weights), p=weights / weights.sum())), moment, makers, person.loyalty, met, rng
        )
        if item >= 0:
            return item
    return -1


def _funnel(
    words: Words, goods: Goods, person: Person, moment: float, rng: np.random.Generator
) -> Iterator[dict[str, Any]]:
    """Yield the steps of one meeting."""
    match = float(person.tastes[goods.sub] / person.tastes.max())
    event = {"user": person.id, "item": goods.id}
    yield {**event, "kind": "view", "time": moment}
    if rng.random() < DISLIKE * (2 - match):
        yield {**event, "kind": "dislike", "time": min(moment + 20, END)}
        return
    if rng.random() > CART * (0.4 + match):
        return
    yield {**event, "kind": "cart", "time": min(moment + 60, END)}
    if rng.random() > BUY:
        return
    yield {**event, "kind": "buy", "time": min(moment + 300, END)}
    later = moment + float(rng.uniform(2, 12)) * DAY
    if rng.random() < REVIEW and later < END:
        value = stars(person, goods, match, rng)
        yield {
            **event,
            "kind": "review",
            "value": value,
            "time": round(later),
            "text": review(words, goods, value, rng),
        }
