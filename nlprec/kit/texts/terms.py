"""Texts of strangers made safe and cut into terms: a length cap first, then clean, tokenise, n-grams."""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator

from nlprec.errors import MissingExtra

LIMIT = 100_000  #: characters of one text that are looked at
TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")  #: keeps don't whole
_TAG = re.compile(r"<[^<>]{0,1000}>")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200b\ufeff]+")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def clean(text: str) -> str:
    """Return the text without markup, links, control characters and lone surrogates, in NFKC; line breaks stay."""
    text = html.unescape(_TAG.sub(" ", text[:LIMIT])) if "<" in text or "&" in text else text[:LIMIT]
    return unicodedata.normalize("NFKC", _CONTROL.sub(" ", _LINK.sub(" ", text)))


def tokens(text: str) -> list[str]:
    """Return the lower-cased words of a cleaned text."""
    return TOKEN.findall(text.lower().replace("’", "'"))


def terms(text: str, stop: frozenset[str], longest: int = 1) -> Iterator[str]:
    """
    Yield words and word sequences of up to ``longest`` words.

    A sequence never crosses a stop word, a line break or a sentence mark, so that it reads like a phrase; a single
    letter or a bare number (a year, a size) is no term.
    """
    for piece in re.split(r"[\n.;:!?()\[\]\"“”]+", clean(text)):
        run: list[str] = []
        for word in [*tokens(piece), ""]:
            if word and word not in stop and not word.isdigit() and (len(word) > 1 or not word.isascii()):
                run.append(word)
                continue
            for size in range(1, longest + 1):
                yield from (" ".join(run[at : at + size]) for at in range(len(run) - size + 1))
            run = []


def stop_words(language: str) -> frozenset[str]:
    """
    Return spaCy's stop words of a language (a code such as "en"), none for "none".

    Raises:
        ValueError: spaCy does not know the language.
        MissingExtra: spaCy is not installed.
    """
    if language == "none":
        return frozenset()
    try:
        import spacy  # heavy: 0.5 s, so only where it is used
    except ImportError as error:
        raise MissingExtra("stop words need the package 'spacy': pip install spacy, or language: none") from error
    try:
        words: Iterable[str] = spacy.blank(language).Defaults.stop_words
    except ImportError as error:
        raise ValueError(f"spaCy knows no language '{language}'; use a code such as en, de, fr, or none") from error
    return frozenset(words) | {piece for word in words for piece in tokens(word)}
