"""Bags of terms: which are chosen, and how they are counted."""

from collections import Counter

import numpy as np
import pytest

from nlprec.errors import FitError
from nlprec.kit.features import Documents
from nlprec.kit.options import ScoreOptions
from nlprec.kit.strings import Strings
from nlprec.kit.texts.encoders import Recipe, TermEncoder, choose_vocabulary

BAGS = [Counter("aab"), Counter("abc"), Counter("acd"), Counter("a")]


def chosen(min_df=1, max_df=1.0, most=0):
    """Return the vocabulary of the bags and how many documents each term stands in."""
    terms, frequency = choose_vocabulary(BAGS, min_df, max_df, most)
    return dict(zip(terms, frequency.tolist(), strict=True))


def test_documents_are_counted_not_words():
    """a stands in four documents, though five times."""
    assert chosen() == {"a": 4, "b": 2, "c": 2, "d": 1}


@pytest.mark.parametrize(
    ("min_df", "max_df", "most", "expected"),
    [(2, 1.0, 0, "abc"), (1, 0.5, 0, "bcd"), (2, 0.5, 0, "bc"), (1, 1.0, 2, "ab"), (1, 0.5, 1, "b")],
)
def test_bounds(min_df, max_df, most, expected):
    """Too rare and too common terms go; then the most frequent stay, of equal ones the first by letter."""
    assert list(chosen(min_df, max_df, most)) == list(expected)


def test_nothing_left_is_told():
    """With the numbers that ruled everything out."""
    with pytest.raises(FitError, match=r"at least 5 and at most 4 of 4 documents; lower min_df"):
        chosen(min_df=5)


def test_a_title_counts_as_often_as_it_says():
    """Three times here; a phrase never joins title and body."""
    recipe = Recipe(("title", "body"), title_weight=3, ngrams=2)
    (bag,) = recipe.bags(Documents({"title": ["red hat"], "body": ["warm wool"]}))
    assert bag == {"red": 3, "hat": 3, "red hat": 3, "warm": 1, "wool": 1, "warm wool": 1}


def test_unknown_terms_are_passed_over():
    """A term that was not learnt changes nothing, not even the length."""
    encoder = TermEncoder(Strings.of(["hat", "red"]), np.ones(2, np.float32), Recipe(("body",)), 1.2, 0.75, 2.0)
    rows = encoder.encode(Documents({"body": ["red hat", "red hat zzyzx qwxv"]}), ScoreOptions()).matrix.toarray()
    assert rows[0].tolist() == rows[1].tolist()


def test_the_recipe_is_kept():
    """Stop words, fields and numbers survive the archive."""
    recipe = Recipe(("body", "reviews"), 3, 2, frozenset(["the", "of"]))
    encoder = TermEncoder(Strings.of(["hat"]), np.ones(1, np.float32), recipe, 1.2, 0.75, 2.5)
    again = TermEncoder.restore(encoder.state())
    assert (again.recipe, again.k1, again.b, again.average) == (recipe, 1.2, 0.75, 2.5)
