"""Texts of strangers, made safe and cut into terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlprec.kit.texts.terms import LIMIT, clean, stop_words, terms, tokens


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        ("plain", "plain"),
        ("a<b>bold</b>c", "a bold c"),
        ("<br/>new", " new"),
        ("fish &amp; chips", "fish & chips"),
        ("1 < 2 > 0", "1   0"),
        ("2 > 1", "2 > 1"),
        ("ﬁne ＳＥＡ", "fine SEA"),
        ("a\x00b\ud800c\ufeffd", "a b c d"),
        ("line\nbreak", "line\nbreak"),
        ("see https://example.org/x?y=1 now", "see   now"),
        ("WWW.example.org", " "),
    ],
)
def test_clean(dirty, expected):
    """Markup, links, control characters and half characters go; letters become plain; line breaks stay."""
    assert clean(dirty) == expected


def test_length_is_capped_first():
    """Only the beginning of a huge text is looked at."""
    assert len(clean("a" * (LIMIT + 5))) == LIMIT


@given(st.text(max_size=300))
def test_any_text_gives_plain_terms(text):
    """Terms are lower-case words joined by single blanks that survive UTF-8, whatever the text."""
    for term in terms(text, frozenset(), 2):
        assert term == " ".join(term.split())
        assert term.encode().decode() == term
        assert term == term.lower()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't stop", ["don't", "stop"]),
        ("Don’t", ["don't"]),
        ("snake_case e-mail", ["snake", "case", "e", "mail"]),
        ("12.5 km", ["12", "5", "km"]),
        ("Море 海", ["море", "海"]),
        ("'quoted'", ["quoted"]),
        ("", []),
    ],
)
def test_tokens(text, expected):
    """Words keep their inner apostrophes; everything else divides."""
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("red sea kayak", 2, ["red", "sea", "kayak", "red sea", "sea kayak"]),
        ("red sea kayak", 3, ["red", "sea", "kayak", "red sea", "sea kayak", "red sea kayak"]),
        ("red the sea", 2, ["red", "sea"]),
        ("red. sea", 2, ["red", "sea"]),
        ("red\nsea", 2, ["red", "sea"]),
        ("a b 海", 1, ["海"]),
        ("Vertigo 1958 film", 2, ["vertigo", "film"]),
    ],
)
def test_terms(text, longest, expected):
    """Word sequences do not cross stop words, marks and line breaks; letters and numbers alone are no terms."""
    assert list(terms(text, frozenset(["the"]), longest)) == expected


def test_stop_words_of_a_language():
    """English has the, German has und."""
    assert ("the" in stop_words("en"), "und" in stop_words("de")) == (True, True)


def test_no_stop_words():
    """Language "none" drops nothing."""
    assert stop_words("none") == frozenset()


def test_stop_words_are_as_tokens_are():
    """A contraction that spaCy splits is dropped whole too: every stop word's tokens are stop words."""
    words = stop_words("en")
    assert all(piece in words for word in words for piece in tokens(word))


@pytest.mark.parametrize("language", ["klingon", "", "../en", "en\x00"])
def test_unknown_languages_are_told(language):
    """The error says what would do."""
    with pytest.raises(ValueError, match="knows no language"):
        stop_words(language)
