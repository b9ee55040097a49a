"""Stars and the words that go with them, most of the time."""

import numpy as np

from nlprec.sample.items import Goods
from nlprec.sample.people import Person
from nlprec.sample.words import Words, this

AGREE = 0.88  #: share of reviews whose words say what the stars say
SECOND = 0.5  #: share with a second sentence
MIXED = 0.15  #: share of second sentences of another mood


def stars(person: Person, goods: Goods, match: float, rng: np.random.Generator) -> int:
    """Return 1 to 5: quality and match draw it up, a mood moves it."""
    return int(np.clip(round(1.6 + 2.6 * goods.quality + 0.8 * match + person.mood + rng.normal(0, 0.6)), 1, 5))


def mood_of(value: int) -> str:
    """Return the mood of a number of stars."""
    return "bad" if value <= 2 else "middling" if value == 3 else "good"


def review(words: Words, goods: Goods, value: int, rng: np.random.Generator) -> str:
    """Return a review of one to three sentences."""
    mood = mood_of(value)
    if rng.random() > AGREE:
        mood = str(rng.choice([each for each in words.reviews if each != mood]))
    text = [_sentence(words, goods, mood, rng)]
    if rng.random() < SECOND:
        other = str(rng.choice(list(words.reviews))) if rng.random() < MIXED else mood
        sentence = _sentence(words, goods, other, rng)
        text.append(f"But {_small(sentence)}" if other != mood else sentence)
    return " ".join(dict.fromkeys(text))


def _sentence(words: Words, goods: Goods, mood: str, rng: np.random.Generator) -> str:
    aspects = words.reviews[mood]
    aspect = str(rng.choice(list(aspects)))
    word = str(rng.choice(words.subs[goods.sub].words))
    return str(rng.choice(aspects[aspect])).format(thing=goods.thing, this=this(goods.thing), word=word)


def _small(sentence: str) -> str:
    """Return the sentence as it reads after "But"; "I" stays large."""
    return sentence if sentence.startswith("I ") else sentence[0].lower() + sentence[1:]
