"""Bm25: the formula, term by term."""

import math

import numpy as np
import pytest
from nlprec_plugins.extractors.bm25 import Bm25

from nlprec.errors import FitError
from nlprec.kit.options import FitOptions
from nlprec.testing.contracts import ExtractorContract
from nlprec.testing.contracts._extractors import OPTS, dense, documents

PLAIN = {"language": "none", "min_df": 1, "max_df": 1.0}


class TestBm25(ExtractorContract):
    """It keeps the word of every extractor."""

    component = Bm25


def test_hand_worked():
    """Of "red red hat" (3 words) and "red" (1 word), average 2, the weights are those of the written formula."""
    texts = documents(("", ""), ("red red hat", "red"))

    def weight(count, length, frequency):
        idf = math.log(1 + (2 - frequency + 0.5) / (frequency + 0.5))
        return idf * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * length / 2))

    hat, red = weight(1, 3, 1), weight(2, 3, 2)
    expected = [[hat / math.hypot(hat, red), red / math.hypot(hat, red)], [0, 1]]
    assert dense(Bm25(**PLAIN).fit(texts, FitOptions()).encode(texts, OPTS)).tolist() == [
        pytest.approx(row) for row in expected
    ]


def test_a_word_everywhere_still_has_a_weight():
    """The idf is never negative, not even of a word in every document."""
    assert (Bm25(**PLAIN).fit(documents(("ab", "ab"), ("cd", "ef")), FitOptions()).idf > 0).all()


def test_counts_saturate():
    """A word said fifty times hardly counts more than one said ten times, a word said twice clearly more than once."""
    texts = documents(("",) * 4, ("hat cap", "hat hat cap", "hat " * 10 + "cap", "hat " * 50 + "cap"))
    found = dense(Bm25(**PLAIN, b=0.0).fit(texts, FitOptions()).encode(texts, OPTS))
    cap, hat = found.T
    ratio = (hat / cap) / (hat[0] / cap[0])
    assert ratio.tolist() == pytest.approx([count * 2.2 / (count + 1.2) for count in (1, 2, 10, 50)], rel=1e-4)


def test_an_unknown_language_is_told():
    """spaCy knows no such language: the error says what would do."""
    with pytest.raises(FitError, match="spaCy knows no language"):
        Bm25(language="klingon").fit(documents(), FitOptions())


def test_rows_have_length_one():
    """A row is of length 1, or zero when nothing in it is known."""
    found = dense(Bm25(**PLAIN).fit(documents(), FitOptions()).encode(documents(), OPTS))
    assert np.linalg.norm(found, axis=1).round(6).tolist() == [1, 1, 1, 1, 1, 1, 0, 1]
