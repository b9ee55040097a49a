"""What customers write: sentences by aspect and tone, in a voice, mostly of one mind with the stars."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nlprec.sample.chance import chance, pick, picks
from nlprec.sample.themes import Slots, Theme

AGREE = 0.88  #: of the reviews say what the stars say
MIXED = 0.07  #: say one good and one bad thing whatever the stars; the rest say the opposite (the wrong star was clicked)
OWN_ASPECT = 0.55  #: of the reviews speak of what only this theme has

Sentences = list[str]


def write(rng: np.random.Generator, words: Mapping[str, Any], theme: Theme, slots: Slots, stars: int, voice: str) -> str:
    """
    Return a review.

    Args:
        words: the "review" part of the shop's language.
        slots: the words of the item that is reviewed.
        stars: 1 to 5.
        voice: plain, long, lower (no capitals), dry (one or two sentences) or loud.
    """
    tone = _tone(rng, stars)
    sentences = _opinion(rng, words, theme, tone, stars, voice)
    return _spoken(" ".join(slots.fill(each) for each in sentences), voice)


def _tone(rng: np.random.Generator, stars: int) -> str:
    """Return "good", "fair" or "bad": what the words will say."""
    right = "good" if stars >= 4 else "bad" if stars <= 2 else "fair"
    wrong = {"good": "bad", "bad": "good"}.get(right) or pick(rng, ("good", "bad"))
    if chance(rng, AGREE):
        return right
    return "fair" if chance(rng, MIXED / (1 - AGREE)) and right != "fair" else wrong


def _opinion(rng: np.random.Generator, words: Mapping[str, Any], theme: Theme, tone: str, stars: int, voice: str) -> Sentences:
    if voice == "dry":
        lines = [pick(rng, words["open"][tone])] if tone == "fair" else _aspects(rng, words, theme, tone, 1)
        return [*lines, pick(rng, words["end"][tone])] if chance(rng, 0.3) else lines
    if tone == "fair":
        first, second = picks(rng, ("good", "bad"), 2)
        middle = [*_aspects(rng, words, theme, first, 1), pick(rng, words["but"][second]), *_aspects(rng, words, theme, second, 1)]
        lines = [pick(rng, words["open"]["fair"]), *middle] if chance(rng, 0.7) else middle
    else:
        other = "bad" if tone == "good" else "good"
        count = int(rng.integers(3, 5)) if voice == "long" else int(rng.integers(2, 4))
        lines = _aspects(rng, words, theme, tone, count)
        if chance(rng, 0.75):
            lines.insert(0, pick(rng, words["open"][tone]))
        if chance(rng, 0.3 if stars in (2, 4) else 0.06):
            lines += [pick(rng, words["but"][other]), *_aspects(rng, words, theme, other, 1)]
    return [*lines, pick(rng, words["end"][tone])] if chance(rng, 0.35) else lines


def _aspects(rng: np.random.Generator, words: Mapping[str, Any], theme: Theme, tone: str, n: int) -> Sentences:
    """Return ``n`` sentences of one tone, each on another aspect."""
    own = theme.praise if tone == "good" else theme.blame
    chosen = [pick(rng, words[tone][aspect]) for aspect in picks(rng, list(words[tone]), n)]
    if chance(rng, OWN_ASPECT):
        chosen[int(rng.integers(len(chosen)))] = pick(rng, own)
    return chosen


def _spoken(text: str, voice: str) -> str:
    if voice == "lower":
        return text.lower().replace("!", "").removesuffix(".")
    if voice == "loud":
        return text.removesuffix(".").removesuffix("!") + "!!!"
    return text
