"""The catalogue: what the shop sells, how it is described, and what no file tells: how good and how wanted it is."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import frozen

from nlprec.sample.chance import chance, pick, picks, share_out
from nlprec.sample.dates import DAY, DAYS, END, START
from nlprec.sample.themes import STYLES, Language, Slots, Sub, Theme

NEW_SHARE = 0.07  #: of the items arrive in the last days
NEW_DAYS = 24  #: how many days that is
MIDWAY_SHARE = 0.12  #: of the items arrive while the events run
NEVER_SEEN = 0.3  #: of the new items no event ever touches
NEW_PULL = 0.55  #: of its later popularity has an item in its first days


@frozen(eq=False)
class Catalogue:
    """Items as records and as columns, all [item]; the columns below ``slots`` are hidden from the files."""

    records: tuple[Mapping[str, Any], ...]  #: what items.jsonl says
    slots: tuple[Slots, ...]  #: the words of each item, for its reviews
    theme: np.ndarray  #: int64
    sub: np.ndarray  #: int64, numbered over all themes
    style: np.ndarray  #: int64
    maker: np.ndarray  #: int64, numbered over all themes
    level: np.ndarray  #: float64, 0 the cheap end of its shelf, 1 the dear end
    quality: np.ndarray  #: float64, about -2 to 2
    pull: np.ndarray  #: float64, popularity before taste
    launch: np.ndarray  #: int64, epoch seconds
    new: np.ndarray  #: bool, arrived in the last days

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids, in the order of the columns."""
        return tuple(record["id"] for record in self.records)


def make(rng: np.random.Generator, language: Language, n_items: int) -> Catalogue:
    """Return ``n_items`` items, theme after theme."""
    themes = language.themes
    sizes = share_out(n_items, np.array([theme.share for theme in themes]))
    theme = np.repeat(np.arange(len(themes)), sizes)
    level = np.round(rng.beta(1.6, 2.2, n_items), 4)
    quality = np.round(np.clip(rng.normal(0.0, 0.9, n_items), -2, 2), 4)
    launch, new = _launches(rng, n_items)
    pull = _pulls(rng, theme, quality) * np.where(new, NEW_PULL, 1.0)
    pull[new & (rng.random(n_items) < NEVER_SEEN)] = 0.0
    writer = _Writer(rng, language)
    places: list[tuple[int, int, int]] = []
    records: list[Mapping[str, Any]] = []
    slots: list[Slots] = []
    for at in range(n_items):
        place, words = writer.invent(int(theme[at]), float(level[at]))
        number = at - int(sizes[: theme[at]].sum()) + 1
        places.append(place)
        slots.append(words)
        records.append(writer.record(int(theme[at]), place, words, number, int(launch[at])))
    sub, style, maker = (np.array(column, np.int64) for column in zip(*places, strict=True))
    return Catalogue(tuple(records), tuple(slots), theme, sub, style, maker, level, quality, pull, launch, new)


def _launches(rng: np.random.Generator, n_items: int) -> tuple[np.ndarray, np.ndarray]:
    """Return epoch seconds int64 [item] of arrival, and bool [item]: in the last days."""
    order = rng.permutation(n_items)
    n_new, n_midway = round(n_items * NEW_SHARE), round(n_items * MIDWAY_SHARE)
    launch = START - rng.integers(1, 900 * DAY, n_items)
    midway, new = order[n_new : n_new + n_midway], order[:n_new]
    launch[midway] = START + rng.integers(0, (DAYS - 60) * DAY, len(midway))
    launch[new] = END - rng.integers(DAY, NEW_DAYS * DAY, len(new))
    return launch, np.isin(np.arange(n_items), new)


def _pulls(rng: np.random.Generator, theme: np.ndarray, quality: np.ndarray) -> np.ndarray:
    """Return float64 [item]: within each theme a long tail, led by the good and the lucky."""
    liking = np.round(quality + rng.normal(0.0, 1.2, len(quality)), 6)
    pull = np.zeros(len(quality))
    for each in np.unique(theme):
        mine = np.flatnonzero(theme == each)
        rank = np.empty(len(mine))
        rank[np.argsort(-liking[mine], kind="stable")] = np.arange(len(mine))
        pull[mine] = (rank + 4.0) ** -0.75
    return np.round(pull, 6)


class _Writer:
    """Names and describes items; no two titles are alike while the words last."""

    def __init__(self, rng: np.random.Generator, language: Language) -> None:
        self.rng = rng
        self.language = language
        self.first_sub = np.cumsum([0, *(len(theme.subs) for theme in language.themes)])
        self.first_maker = np.cumsum([0, *(len(theme.makers) for theme in language.themes)])
        self.titles: set[str] = set()

    def invent(self, at: int, level: float) -> tuple[tuple[int, int, int], Slots]:
        """Return (sub, style, maker) of a new item of theme ``at``, and its words."""
        theme = self.language.themes[at]
        sub, style = int(self.rng.integers(len(theme.subs))), int(self.rng.integers(len(STYLES)))
        maker = int(self.rng.integers(len(theme.makers)))
        shelf = theme.subs[sub]
        low, high = shelf.price
        feature, feature2 = picks(self.rng, shelf.features, 2)
        words = Slots(
            maker=theme.makers[maker],
            noun=pick(self.rng, shelf.nouns),
            adjective=pick(self.rng, theme.styles[STYLES[style]]),
            material=pick(self.rng, theme.materials),
            measure=pick(self.rng, shelf.measures),
            feature=feature,
            feature2=feature2,
            use=pick(self.rng, theme.uses),
            style=STYLES[style],
            price=f"{int(low + (high - low) * level)}.{pick(self.rng, ('00', '50', '90', '95'))}",
        )
        return (int(self.first_sub[at]) + sub, style, int(self.first_maker[at]) + maker), words

    def record(self, at: int, place: tuple[int, int, int], words: Slots, number: int, launch: int) -> dict[str, Any]:
        """Return the item as items.jsonl tells it; ``words`` learns the item's proper name."""
        theme = self.language.themes[at]
        shelf = theme.subs[place[0] - int(self.first_sub[at])]
        title = self._title(theme, words)
        return {
            "id": f"{theme.key}-{number:04d}",
            "title": title,
            "body": self._body(theme, shelf, words),
            "categories": [theme.label, shelf.name],
            "attributes": {"maker": words["maker"], "material": words["material"], "price": float(words["price"])},
            "time": launch,
        }

    def _title(self, theme: Theme, words: Slots) -> str:
        title = ""
        for _ in range(20):
            words["model"] = pick(self.rng, self.language.words["models"])
            words["number"] = str(int(self.rng.integers(2, 60)))
            if theme.names:
                words["name"] = f"{pick(self.rng, theme.names['first'])} {pick(self.rng, theme.names['second'])}"
            title = words.fill(pick(self.rng, theme.titles))
            if title not in self.titles:
                break
        self.titles.add(title)
        return title

    def _body(self, theme: Theme, shelf: Sub, words: Slots) -> str:
        """Return two to four sentences: what it is, then some of what else there is to say."""
        shared = self.language.words
        more = [
            pick(self.rng, shared["seconds"]),
            pick(self.rng, shared["for_use"]),
            pick(self.rng, shared["styles"][words["style"]]),
            pick(self.rng, theme.notes),
            pick(self.rng, shared["closings"]),
        ]
        keep = sorted(picks(self.rng, (0, 0, 1, 1, 2, 2, 3, 4), int(self.rng.integers(1, 4))))
        sentences = [pick(self.rng, theme.openers), *(more[each] for each in dict.fromkeys(keep))]
        if chance(self.rng, 0.12):
            sentences.append(f"Also on the {shelf.name} shelf: ask us, we like to talk.")
        return " ".join(words.fill(each) for each in sentences[:4])
