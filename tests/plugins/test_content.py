"""Content: cosine of an item's features with the history's."""

import numpy as np
import pytest
from nlprec_plugins.recommenders.content import Content
from scipy import sparse

from nlprec.errors import FitError
from nlprec.kit.features import Features
from nlprec.kit.options import FitOptions, ScoreOptions
from nlprec.kit.ranking import Queries
from nlprec.kit.strings import Strings
from nlprec.kit.units import Duration
from nlprec.testing.contracts import RecommenderContract
from nlprec.testing.data import DAY, START, dataset_of, features_of, tiny_dataset

OPTS = ScoreOptions()


def scores_of(data, component, user=0):
    """Return the scores of one user."""
    scorer = component.fit(data, FitOptions(features=features_of(data)))
    return scorer.score(Queries.of_users(data, np.array([user])), OPTS)[0]


class TestContent(RecommenderContract):
    """It keeps the word of every recommender."""

    component = Content


def test_hand_worked():
    """
    Ann's profile is tea 1 x (green, tea) + coffee .5 x (black, coffee): cosine with "tea cup" is 1 / (2 sqrt 1.25).
    """
    length = 1.25**0.5
    expected = [1 / length, 0.5 / length, 0.5 / length, 0.25 / length, 0.5 / length, np.nan]
    assert scores_of(tiny_dataset(), Content()).tolist() == pytest.approx(expected, nan_ok=True)


def test_a_half_life_forgets():
    """A liked item of one half-life ago counts half: cosines 2 / sqrt 5 and 1 / sqrt 5."""
    rows = [("u", "old", 1.0, START), ("u", "new", 1.0, START + DAY)]
    data = dataset_of(rows, titles={"old": "sea", "new": "hill"})
    assert scores_of(data, Content(half_life=Duration(DAY))).tolist() == pytest.approx([5**-0.5, 2 * 5**-0.5])


def test_what_is_forgotten_altogether_says_nothing():
    """A history so old that nothing of it is left gives nan, not zero."""
    rows = [("u", "old", 1.0, START)]
    data = dataset_of(rows, titles={"old": "sea"}, now=START + 100_000 * DAY)
    assert np.isnan(scores_of(data, Content(half_life=Duration(DAY)))).all()


def test_longer_texts_weigh_the_same():
    """Features come as they are and are normalised here."""
    data = dataset_of([("u", "a"), ("v", "b")], titles={"a": "x", "b": "y"})
    matrix = sparse.csr_matrix(np.array([[3.0, 4.0], [30.0, 40.0]], np.float32))
    scorer = Content().fit(data, FitOptions(features=Features(matrix, Strings.of(["x", "y"]))))
    assert scorer.score(Queries.of_users(data, np.array([0])), OPTS)[0].tolist() == pytest.approx([1.0, 1.0])


def test_dense_features_are_read_too():
    """An extractor may give a dense matrix."""
    data = dataset_of([("u", "a"), ("v", "b")])
    dense = Features(np.array([[1.0, 0.0], [1.0, 1.0]], np.float32), Strings.of(["x", "y"]))
    scorer = Content().fit(data, FitOptions(features=dense))
    assert scorer.score(Queries.of_users(data, np.array([0])), OPTS)[0].tolist() == pytest.approx([1.0, 0.5**0.5])


def test_no_features_is_told():
    """Without features it says how to name them."""
    with pytest.raises(FitError, match="name an entry of extract"):
        Content().fit(tiny_dataset(), FitOptions())
