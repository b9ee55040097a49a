"""The customers: what they like, how much they do, when they come, and how their tastes move."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import frozen

from nlprec.sample.chance import pick, share_out
from nlprec.sample.dates import DAY, DAYS, END, START
from nlprec.sample.items import Catalogue
from nlprec.sample.themes import STYLES, Language

MIN_EVENTS = 3  #: that everybody causes
MOVERS = 0.35  #: of the users change their taste once
CURIOSITY = 0.06  #: of a taste is spread over the whole shop
LOYALTY = 4.0  #: how much more a favourite maker is wanted
FAVOURITES = 0.22  #: of the makers are a user's favourites
VOICES = ("plain", "plain", "plain", "plain", "long", "lower", "dry", "loud")


@frozen(eq=False)
class People:
    """Users as records and as columns."""

    records: tuple[Mapping[str, Any], ...]  #: what users.jsonl says
    shelves: np.ndarray  #: float64 [user, 2, sub]: liking of each shelf, before and after the user's taste moves
    moves: np.ndarray  #: int64 [user], epoch seconds of that change; after the end for those who stay as they are
    styles: np.ndarray  #: float64 [user, style]
    makers: np.ndarray  #: float64 [user, maker], 1 or ``LOYALTY``
    purse: np.ndarray  #: float64 [user], 0 buys cheap, 1 buys dear
    budget: np.ndarray  #: int64 [user], events caused
    first: np.ndarray  #: int64 [user], epoch seconds from which the user comes
    last: np.ndarray  #: int64 [user], epoch seconds until which
    voice: tuple[str, ...]  #: [user], how they write

    def wants(self, user: int, items: Catalogue) -> tuple[np.ndarray, np.ndarray]:
        """
        Return what a user wants.

        Returns:
            (attraction float64 [2, item] before and after the change of taste, popularity within; match float64 [item],
            0 to about 1, how well an item's maker, style and price fit, popularity aside).
        """
        price = 1.0 - np.abs(items.level - self.purse[user])
        match = self.styles[user, items.style] * self.makers[user, items.maker] * price * price
        attraction = self.shelves[user][:, items.sub] * (match * items.pull)
        return attraction, np.minimum(match / LOYALTY, 1.0)


def make(rng: np.random.Generator, language: Language, n_users: int, n_events: int) -> People:
    """Return ``n_users`` users who will cause ``n_events`` events between them, at least ``MIN_EVENTS`` each."""
    first, last = _stays(rng, n_users)
    moves = np.where(rng.random(n_users) < MOVERS, START + rng.integers(30 * DAY, 130 * DAY, n_users), END + DAY)
    weights = np.round(rng.lognormal(0.0, 0.95, n_users), 6) * (0.3 + (last - np.maximum(first, START)) / (DAYS * DAY))
    busy = np.argsort(weights, kind="stable")[int(n_users * 0.93)]
    weights[[0, busy]] = weights[[busy, 0]]  # the first user is the one people look at first: one with a history
    first[0], last[0] = START - 90 * DAY, END
    makers = sum(len(theme.makers) for theme in language.themes)
    return People(
        records=tuple(_record(rng, language, at, int(first[at])) for at in range(n_users)),
        shelves=np.stack([_tastes(rng, language) for _ in range(n_users)]),
        moves=moves,
        styles=np.round(0.12 + rng.dirichlet(np.full(len(STYLES), 0.6), n_users), 6),
        makers=np.where(rng.random((n_users, makers)) < FAVOURITES, LOYALTY, 1.0),
        purse=np.round(rng.beta(1.5, 2.0, n_users), 6),
        budget=MIN_EVENTS + share_out(n_events - MIN_EVENTS * n_users, weights),
        first=first,
        last=last,
        voice=tuple(pick(rng, VOICES) for _ in range(n_users)),
    )


def _stays(rng: np.random.Generator, n_users: int) -> tuple[np.ndarray, np.ndarray]:
    """Return from when and until when each user comes, int64 [user]: most stay, some join late, some leave early."""
    joined = rng.random(n_users)
    first = np.where(
        joined < 0.55,
        START - rng.integers(0, 700 * DAY, n_users),
        START + rng.integers(0, (DAYS - 15) * DAY, n_users),
    )
    leaves = rng.random(n_users) < 0.2
    stay = rng.integers(10 * DAY, 100 * DAY, n_users)
    last = np.where(leaves, np.minimum(np.maximum(first, START) + stay, END), END)
    return first, last


def _tastes(rng: np.random.Generator, language: Language) -> np.ndarray:
    """Return float64 [2, sub]: the liking of each shelf, now and after a change that keeps the strongest theme."""
    share = np.array([theme.share for theme in language.themes])
    chosen = [int(at) for at in rng.permutation(len(share))[: int(rng.integers(2, 5))]]
    before, after = chosen[: max(len(chosen) - 1, 1)], [chosen[0], chosen[-1]]
    inner = [np.round(rng.dirichlet(np.full(len(theme.subs), 0.7)) + 0.03, 6) for theme in language.themes]
    return np.stack([_shelves(rng, share, themes, inner) for themes in (before, after)])


def _shelves(rng: np.random.Generator, share: np.ndarray, themes: list[int], inner: list[np.ndarray]) -> np.ndarray:
    strength = CURIOSITY * share / share.sum()
    strength[themes] += (1 - CURIOSITY) * np.round(rng.dirichlet(np.full(len(themes), 1.5)), 6)
    return np.concatenate([strength[at] * each / each.sum() for at, each in enumerate(inner)])


def _record(rng: np.random.Generator, language: Language, at: int, joined: int) -> dict[str, Any]:
    words = language.words
    attributes = {
        "country": pick(rng, words["countries"]),
        "found_by": pick(rng, words["found_by"]),
        "newsletter": bool(rng.integers(2)),
    }
    return {"id": f"u{at + 1:05d}", "attributes": attributes, "time": joined}
