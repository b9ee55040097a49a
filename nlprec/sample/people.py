"""The customers: what each likes, how often each comes, and how tastes move."""

import numpy as np
from attrs import frozen

from nlprec.sample.items import END, SPAN
from nlprec.sample.words import Words

LEAST = 3  #: interactions of the quietest user


@frozen(eq=False)
class Person:
    """One user, with what only the generator knows."""

    id: str
    tastes: np.ndarray  #: float64 [corner], sums to 1, at the beginning
    later: np.ndarray  #: float64 [corner], at the end: some people move on
    visits: int  #: interactions to make
    loyalty: float  #: how much a maker they know draws them
    mood: float  #: added to every star they give
    time: float  #: joined

    def record(self, words: Words, countries: tuple[str, ...], rng: np.random.Generator) -> dict[str, object]:
        """Return the user as their JSON line says it."""
        return {"id": self.id, "attributes": {"country": str(rng.choice(countries))}, "time": self.time}

    def taste_at(self, share: float) -> np.ndarray:
        """Return the tastes when ``share`` of the shop's past has gone by."""
        return (1 - share) * self.tastes + share * self.later


def make_people(words: Words, count: int, n_events: int, rng: np.random.Generator) -> list[Person]:
    """Return users whose interactions add up to about ``n_events``, a few of them with most."""
    themes = [sub.theme for sub in words.subs]
    activity = rng.lognormal(0.0, 1.0, count)
    visits = LEAST + np.floor(activity / activity.sum() * max(n_events - LEAST * count, 0)).astype(int)
    people = []
    for at in range(count):
        tastes = _tastes(themes, rng)
        later = _tastes(themes, rng) if rng.random() < 0.25 else tastes
        people.append(
            Person(
                id=f"u{at + 1:05d}",
                tastes=tastes,
                later=later,
                visits=int(visits[at]),
                loyalty=float(rng.uniform(1, 3)),
                mood=float(rng.normal(0, 0.4)),
                time=round(END - SPAN - float(rng.uniform(0, 400)) * 86_400),
            )
        )
    return people


def _tastes(themes: list[str], rng: np.random.Generator) -> np.ndarray:
    """Return weights over corners: one to three themes strong, in each a corner or two, and a little of everything."""
    names = sorted(set(themes))
    chosen = rng.choice(len(names), int(rng.integers(1, 4)), replace=False)
    weights = np.full(len(themes), 0.002)
    for rank, theme in enumerate(chosen):
        corners = np.array([at for at, name in enumerate(themes) if name == names[int(theme)]])
        weights[corners] += (0.6**rank) * rng.dirichlet(np.full(len(corners), 0.4))
    return np.asarray(weights / weights.sum())
