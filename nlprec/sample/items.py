"""The catalogue: what is sold, by whom, how good it is, and since when."""

import numpy as np
from attrs import frozen

from nlprec.sample.words import Sub, Words, capital, named, this

DAY = 86_400.0
END = 1_793_491_200.0  #: 2026-11-01 00:00 UTC: the shop's present
SPAN = 180 * DAY  #: how far its past reaches
NEW = 0.07  #: share of items that appear in the last days
NEWEST = 12 * DAY  #: how long ago the new ones began to appear

What = tuple[str, str, str, str]  #: maker, quality, material and thing: title and body speak of the same


@frozen
class Goods:
    """One item, with what only the generator knows of it."""

    id: str
    title: str
    body: str
    sub: int  #: index of its corner
    maker: str
    price: float
    time: float  #: available from, UTC epoch seconds
    quality: float  #: 0..1, shows in reviews
    pull: float  #: how much it draws attention, heavy-tailed
    thing: str
    new: bool

    def record(self, words: Words) -> dict[str, object]:
        """Return the item as its JSON line says it."""
        sub = words.subs[self.sub]
        facts = {"maker": self.maker, "price": self.price, "corner": sub.name}
        return {
            "id": self.id,
            "title": self.title,
            "body": self.body,
            "categories": [sub.theme],
            "attributes": facts,
            "time": self.time,
        }


def make_items(words: Words, count: int, rng: np.random.Generator) -> list[Goods]:
    """Return the catalogue; the last ``NEW`` share of it appeared in the last days."""
    weights = rng.gamma(4.0, size=len(words.subs))
    corners = rng.choice(len(words.subs), count, p=weights / weights.sum())
    ranks = rng.permutation(count) + 1
    titles: set[str] = set()
    goods = []
    first_new = count - round(count * NEW)
    for at in range(count):
        sub = words.subs[int(corners[at])]
        new = at >= first_new
        time = END - float(rng.uniform(0, NEWEST)) if new else END - SPAN - float(rng.uniform(0, 300)) * DAY
        maker = _maker(words, int(corners[at]), rng)
        thing = str(rng.choice(sub.things))
        quality, material = str(rng.choice(sub.qualities)), str(rng.choice(sub.materials[thing]))
        title = _title(words, (maker, quality, material, thing), titles, rng)
        goods.append(
            Goods(
                id=f"i{at + 1:05d}",
                title=title,
                body=_body(words, sub, (maker, quality, material, thing), rng),
                sub=int(corners[at]),
                maker=maker,
                price=round(float(rng.lognormal(3.2, 0.8)), 2),
                time=round(time),
                quality=float(rng.beta(4, 2)),
                pull=float(ranks[at] ** -0.75),
                thing=thing,
                new=new,
            )
        )
    return goods


def _maker(words: Words, corner: int, rng: np.random.Generator) -> str:
    """Return a maker; each corner has a few that are at home there."""
    home = [words.makers[(corner * 3 + step) % len(words.makers)] for step in range(4)]
    return str(rng.choice(home if rng.random() < 0.8 else list(words.makers)))


def _title(words: Words, what: What, taken: set[str], rng: np.random.Generator) -> str:
    """Return a title that no other item has."""
    maker, quality, material, thing = what
    model = str(rng.choice(words.models))
    forms = [
        f"{maker} {thing}",
        f"{maker} {quality} {thing}",
        f"{maker} {model} {thing}",
        f"{capital(thing)} {model} by {maker}",
    ]
    forms += [f"{capital(quality)} {thing} by {maker}", f"{maker} {thing}, {material}"]
    start = int(rng.integers(len(forms)))
    for step in range(len(forms)):
        title = forms[(start + step) % len(forms)]
        if title not in taken:
            break
    else:
        number = 2
        while f"{title} No. {number}" in taken:
            number += 1
        title = f"{title} No. {number}"
    taken.add(title)
    return title


def _body(words: Words, sub: Sub, what: What, rng: np.random.Generator) -> str:
    """Return a description of two to four sentences in one of the shop's registers."""
    register = words.registers[int(rng.integers(len(words.registers)))]
    some = [str(each) for each in rng.permutation(np.array(sub.words))]
    numbers = dict(zip(("one", "two", "three", "four"), some, strict=False))
    maker, quality, material, thing = what
    text = str(rng.choice(register)).format(
        thing=thing,
        Thing=capital(thing),
        this=this(thing),
        maker=maker,
        quality=quality,
        Quality=capital(quality),
        a_quality_thing=named(quality, thing),
        A_quality_thing=capital(named(quality, thing)),
        material=material,
        Material=capital(material),
        fact=str(rng.choice(words.facts)).format(**numbers),
        use=str(rng.choice(sub.uses[thing])),
    )
    if rng.random() < 0.5:
        text += " " + str(rng.choice(words.thoughts)).format(**numbers)
    return text
