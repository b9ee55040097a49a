"""Tfidf: scikit-learn's numbers from plain arrays."""

import numpy as np
import pytest
from nlprec_plugins.extractors.tfidf import Tfidf
from sklearn.feature_extraction.text import TfidfVectorizer

from nlprec.errors import FitError
from nlprec.kit.options import FitOptions
from nlprec.kit.texts.encoders import Recipe
from nlprec.testing.contracts import ExtractorContract
from nlprec.testing.contracts._extractors import BODIES, OPTS, TITLES, dense, documents

PLAIN = {"language": "none", "min_df": 1, "max_df": 1.0}


class TestTfidf(ExtractorContract):
    """It keeps the word of every extractor."""

    component = Tfidf


class TestPhraseTfidf(ExtractorContract):
    """So it does with word pairs."""

    component = Tfidf
    options = {"min_df": 1, "max_df": 1.0, "ngrams": 2}


@pytest.mark.parametrize(("ngrams", "min_df", "max_df"), [(1, 1, 1.0), (2, 1, 1.0), (2, 2, 0.5), (3, 2, 1.0)])
def test_it_agrees_with_scikit_learn(ngrams, min_df, max_df):
    """Vocabulary and numbers are those of TfidfVectorizer(sublinear_tf=True) over the same terms."""
    recipe = Recipe(("title", "body"), 2, ngrams)
    bags = recipe.bags(documents())
    vectorizer = TfidfVectorizer(
        analyzer=lambda bag: list(bag.elements()), sublinear_tf=True, min_df=min_df, max_df=max_df
    )
    expected = vectorizer.fit_transform(bags).toarray()
    encoder = Tfidf(language="none", ngrams=ngrams, min_df=min_df, max_df=max_df).fit(documents(), FitOptions())
    features = encoder.encode(documents(), OPTS)
    assert list(features.names) == vectorizer.get_feature_names_out().tolist()
    assert np.abs(dense(features) - expected).max() < 1e-6


def test_its_words_are_scikit_learns():
    """On plain English the words are those of scikit-learn's own tokeniser, which also drops single letters."""
    words = TfidfVectorizer().fit([f"{title} {body}" for title, body in zip(TITLES, BODIES, strict=True)])
    encoder = Tfidf(**PLAIN).fit(documents(), FitOptions())
    assert list(encoder.vocabulary) == words.get_feature_names_out().tolist()


def test_hand_worked():
    """Of "red red hat" and "red": idf(hat) = ln(3/2) + 1, idf(red) = 1, tf(red) = 1 + ln 2."""
    texts = documents(("", ""), ("red red hat", "red"))
    hat, red = np.log(3 / 2) + 1, 1 + np.log(2)
    expected = [[hat / np.hypot(hat, red), red / np.hypot(hat, red)], [0, 1]]
    assert dense(Tfidf(**PLAIN).fit(texts, FitOptions()).encode(texts, OPTS)).tolist() == [
        pytest.approx(row) for row in expected
    ]


def test_stop_words_are_left_out():
    """English stop words are no terms, and no phrase reaches over one."""
    names = list(Tfidf(min_df=1, max_df=1.0, ngrams=2).fit(documents(), FitOptions()).vocabulary)
    assert ("the" in names, "open sea" in names, "mountain tent" in names, "chart open" in names) == (
        False,
        True,
        True,
        False,
    )


def test_a_title_counts_twice():
    """With title_weight 2 a title word counts as if written twice."""
    once = Tfidf(**PLAIN, title_weight=1).fit(documents(("red red", "x y"), ("hat", "z")), FitOptions())
    twice = Tfidf(**PLAIN, title_weight=2).fit(documents(("red", "x y"), ("hat", "z")), FitOptions())
    one, other = documents(("red red",), ("hat",)), documents(("red",), ("hat",))
    assert dense(once.encode(one, OPTS))[0] == pytest.approx(dense(twice.encode(other, OPTS))[0])


def test_the_most_frequent_terms_stay():
    """With max_terms 2 the terms of most documents stay, of equal ones the first by letter."""
    encoder = Tfidf(**PLAIN, max_terms=2).fit(documents(("", "", ""), ("bb aa cc", "bb cc", "bb aa dd")), FitOptions())
    assert list(encoder.vocabulary) == ["aa", "bb"]


def test_an_unknown_language_is_told():
    """spaCy knows no such language: the error says what would do."""
    with pytest.raises(FitError, match="spaCy knows no language 'klingon'; use a code such as en"):
        Tfidf(language="klingon").fit(documents(), FitOptions())


def test_an_empty_vocabulary_is_told():
    """When every word is too rare or too common the error names the settings."""
    with pytest.raises(FitError, match="lower min_df"):
        Tfidf(min_df=100).fit(documents(), FitOptions())


def test_an_unknown_field_is_told():
    """A field that documents do not have is named with those there are."""
    with pytest.raises(FitError, match=r"no field 'abstract'; there are: .*body.*title"):
        Tfidf(fields=("abstract",)).fit(documents(), FitOptions())
