"""The shop's vocabulary, from ``shop.yaml``."""

from collections.abc import Mapping
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
    materials: tuple[str, ...]
    uses: tuple[str, ...]
    season: int  #: month of the year in which it sells best


@frozen
class Words:
    """Everything the generator may say."""

    makers: tuple[str, ...]
    qualities: tuple[str, ...]
    registers: tuple[tuple[str, ...], ...]
    subs: tuple[Sub, ...]
    reviews: Mapping[str, Mapping[str, tuple[str, ...]]]  #: mood -> aspect -> sentences


def load_words() -> Words:
    """Return the vocabulary."""
    raw: dict[str, Any] = yaml.safe_load(files("nlprec.sample").joinpath("shop.yaml").read_text("utf-8"))
    subs = [
        Sub(theme["title"], name, tuple(sub["things"]), tuple(sub["words"]), tuple(theme["materials"]), tuple(theme["uses"]), theme["season"])
        for theme in raw["themes"].values()
        for name, sub in theme["subs"].items()
    ]
    reviews = {mood: {aspect: tuple(lines) for aspect, lines in aspects.items()} for mood, aspects in raw["reviews"].items()}
    registers = tuple(tuple(each) for each in raw["registers"].values())
    return Words(tuple(raw["makers"]), tuple(raw["qualities"]), registers, tuple(subs), reviews)
