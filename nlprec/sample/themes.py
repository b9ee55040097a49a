"""The words of the shop: themes and phrases, read from ``shop.yaml`` and ``words.yaml`` beside this module."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import yaml
from attrs import frozen

STYLES = ("classic", "modern", "sturdy", "playful")  #: the four tastes of the shop, in index order
CONSONANT_SOUND = ("us", "uni", "one", "eu")  #: they begin with a vowel and are spoken without


@frozen
class Sub:
    """A shelf of a theme: what lies on it and what is said of it."""

    name: str
    price: tuple[float, float]  #: cheapest and dearest
    measures: tuple[str, ...]
    nouns: tuple[str, ...]
    features: tuple[str, ...]  #: noun phrases that may follow "with"


@frozen
class Theme:
    """A department of the shop with a language of its own."""

    key: str  #: the first part of its items' ids
    label: str
    peak: int  #: month of most sales, 1 to 12
    share: float  #: of the shop, relative
    makers: tuple[str, ...]
    materials: tuple[str, ...]
    styles: Mapping[str, tuple[str, ...]]  #: style -> adjectives
    uses: tuple[str, ...]  #: noun phrases that may follow "for"
    notes: tuple[str, ...]  #: whole sentences
    praise: tuple[str, ...]  #: whole sentences of happy reviews
    blame: tuple[str, ...]  #: whole sentences of unhappy reviews
    subs: tuple[Sub, ...]
    titles: tuple[str, ...]  #: templates
    openers: tuple[str, ...]  #: templates of first sentences
    names: Mapping[str, tuple[str, ...]]  #: "first" and "second" words of a proper name; empty where things have none


@frozen
class Language:
    """All themes, and the phrases they share."""

    themes: tuple[Theme, ...]
    words: Mapping[str, Any]  #: the content of ``words.yaml``


class Slots(dict[str, str]):
    """What fills ``{slots}``: ``{Noun}`` begins large, ``{a_noun}`` and ``{A_noun}`` carry their article."""

    def __missing__(self, key: str) -> str:
        if key.startswith("a_"):
            return with_article(self[key[2:]])
        if key.startswith("A_"):
            return capital(with_article(self[key[2:]]))
        if key[:1].isupper():
            return capital(self[key[0].lower() + key[1:]])
        raise KeyError(key)

    def fill(self, template: str) -> str:
        """Return the template with every slot filled."""
        return template.format_map(self)


def capital(text: str) -> str:
    """Return the text with its first letter large."""
    return text[:1].upper() + text[1:]


def with_article(text: str) -> str:
    """Return the text after "a" or "an"."""
    low = text.lower()
    vowel = low[:1] in tuple("aeiou8") and not low.startswith(CONSONANT_SOUND)
    return f"{'an' if vowel else 'a'} {text}"


def load() -> Language:
    """Return the shop's language from the files of this package."""
    words = _read("words.yaml")
    return Language(tuple(_theme(raw, words) for raw in _read("shop.yaml")), words)


def _read(name: str) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where libyaml is there
    return yaml.load(files("nlprec.sample").joinpath(name).read_text(encoding="utf-8"), loader)  # noqa: S506  (both are safe)


def _theme(raw: Mapping[str, Any], words: Mapping[str, Any]) -> Theme:
    lists = {name: tuple(raw[name]) for name in ("makers", "materials", "uses", "notes", "praise", "blame")}
    return Theme(
        key=raw["key"],
        label=raw["label"],
        peak=raw["peak"],
        share=raw["share"],
        styles={style: tuple(raw["styles"][style]) for style in STYLES},
        subs=tuple(_sub(each) for each in raw["subs"]),
        titles=tuple(raw.get("titles", words["titles"])),
        openers=tuple(raw.get("openers", words["openers"])),
        names={part: tuple(each) for part, each in raw.get("names", {}).items()},
        **lists,
    )


def _sub(raw: Mapping[str, Any]) -> Sub:
    low, high = raw["price"]
    return Sub(raw["name"], (low, high), tuple(raw["measures"]), tuple(raw["nouns"]), tuple(raw["features"]))
