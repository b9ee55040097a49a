"""The shop's vocabulary, from ``shop.yaml``."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import yaml
from attrs import frozen


@frozen
class Sub:
    """A corner of a theme: what is sold there, and the words that give it away."""

    theme: str  #: its title
    name: str
    things: tuple[str, ...]
    words: tuple[str, ...]
    materials: Mapping[str, tuple[str, ...]]  #: thing -> what it is made of or comes in
    uses: Mapping[str, tuple[str, ...]]  #: thing -> sentences
    qualities: tuple[str, ...]
    season: int  #: month of the year in which it sells best


@frozen
class Words:
    """Everything the generator may say."""

    makers: tuple[str, ...]
    models: tuple[str, ...]
    facts: tuple[str, ...]
    thoughts: tuple[str, ...]
    registers: tuple[tuple[str, ...], ...]
    subs: tuple[Sub, ...]
    reviews: Mapping[str, Mapping[str, tuple[str, ...]]]  #: mood -> aspect -> sentences


def load_words() -> Words:
    """Return the vocabulary."""
    raw: dict[str, Any] = yaml.safe_load(files("nlprec.sample").joinpath("shop.yaml").read_text("utf-8"))
    subs = [
        _sub(theme, name, sub, theme.get("qualities", raw["qualities"]))
        for theme in raw["themes"].values()
        for name, sub in theme["subs"].items()
    ]
    reviews = {
        mood: {aspect: tuple(lines) for aspect, lines in aspects.items()} for mood, aspects in raw["reviews"].items()
    }
    registers = tuple(tuple(each) for each in raw["registers"].values())
    makers, models, facts, thoughts = (tuple(raw[name]) for name in ("makers", "models", "facts", "thoughts"))
    return Words(makers, models, facts, thoughts, registers, tuple(subs), reviews)


def _sub(theme: Mapping[str, Any], name: str, raw: Mapping[str, Any], qualities: Sequence[str]) -> Sub:
    things = tuple(raw["things"])
    materials, uses = ({thing: _fitting(raw[part], thing) for thing in things} for part in ("materials", "uses"))
    return Sub(theme["title"], name, things, tuple(raw["words"]), materials, uses, tuple(qualities), theme["season"])


def _fitting(phrases: Sequence[str], thing: str) -> tuple[str, ...]:
    """Return what may be said of a thing: all phrases but those marked ``@a|b`` for other things."""
    split = [phrase.partition(" @") for phrase in phrases]
    return tuple(text for text, mark, only in split if not mark or any(part in thing for part in only.split("|")))


def is_plural(thing: str) -> bool:
    """Return whether one says "these": shoes, gaiters; not compass, nor string of pearls."""
    return thing.endswith("s") and not thing.endswith("ss") and " of " not in thing


def this(thing: str) -> str:
    """Return "this" or "these"."""
    return "these" if is_plural(thing) else "this"


def named(quality: str, thing: str) -> str:
    """Return "an old-fashioned kettle", "a light tarp", "sturdy gaiters"."""
    text = f"{quality} {thing}"
    return text if is_plural(thing) else f"{'an' if quality[0] in 'aeiou' else 'a'} {text}"


def capital(text: str) -> str:
    """Return the text with its first letter large, the rest as it is."""
    return text[:1].upper() + text[1:]
