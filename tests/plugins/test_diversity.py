"""Diversity: how unlike each other the items of one list are."""

import numpy as np
import pytest
from nlprec_plugins.metrics.diversity import Diversity
from scipy import sparse

from nlprec.testing.contracts._metrics import OPTS, MetricContract, example, lists_of


class TestDiversity(MetricContract):
    """It keeps the word of every metric."""

    component = Diversity
    judges = False


def test_hand_worked():
    """
    Even and odd items have nothing in common: of the 10 pairs of 3, 1, 4, 0, 2 the pairs 3-1, 4-0, 4-2, 0-2 are alike.
    """
    assert Diversity(n=5).measure(example(), OPTS)[0] == pytest.approx(1 - 4 / 10)


def test_half_alike():
    """Two items at an angle of 60 degrees: cosine 1/2."""
    matrix = sparse.csr_matrix([[1.0, 0.0], [0.5, np.sqrt(3) / 2]])
    assert Diversity(n=2).measure(lists_of([[0, 1]], [[0]], 2, None, matrix), OPTS) == pytest.approx([0.5])


def test_items_without_features_are_unlike_all():
    """Rows of zeros: diversity 1."""
    lists = lists_of([[0, 1]], [[0]], 2, None, sparse.csr_matrix((2, 3)))
    assert Diversity(n=2).measure(lists, OPTS).tolist() == [1.0]


def test_fewer_than_two_items_have_no_mark():
    """There is no pair."""
    assert np.isnan(Diversity(n=5).measure(example(), OPTS)).tolist() == [False, True, False, False, True]


def test_without_features_there_is_no_mark():
    """nan for every list when the run has no features."""
    assert np.isnan(Diversity(n=5).measure(lists_of([[1, 2]], [[1]]), OPTS)).all()
