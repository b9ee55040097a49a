"""Rp3beta: chances of a walk, by hand and against a dense computation of the formula."""

import numpy as np
import pytest
from nlprec_plugins.recommenders.rp3beta import Rp3beta

from nlprec.kit.options import FitOptions
from nlprec.testing.contracts import RecommenderContract
from nlprec.testing.data import dataset_of


class TestRp3beta(RecommenderContract):
    """It keeps the word of every recommender."""

    component = Rp3beta


def weights(scorer):
    """Return the weights as a dense array."""
    return scorer.weights.toarray()


def test_two_users_by_hand():
    """From a: half a chance each to ann (who leads to a or b) and bob (a or c); so a quarter each to b and c."""
    data = dataset_of([("ann", "a", 1.0), ("ann", "b", 1.0), ("bob", "a", 1.0), ("bob", "c", 1.0)])
    found = weights(Rp3beta(alpha=1.0, beta=0.0).fit(data, FitOptions()))
    assert found == pytest.approx(np.array([[0, 0.25, 0.25], [0.5, 0, 0], [0.5, 0, 0]]))


def test_popularity_is_held_against_an_item():
    """With beta 1 the chance of reaching a is divided by its two users, that of b and c by one."""
    data = dataset_of([("ann", "a", 1.0), ("ann", "b", 1.0), ("bob", "a", 1.0), ("bob", "c", 1.0)])
    found = weights(Rp3beta(alpha=1.0, beta=1.0).fit(data, FitOptions()))
    assert found == pytest.approx(np.array([[0, 0.25, 0.25], [0.25, 0, 0], [0.25, 0, 0]]))


def test_the_formula_in_dense_numbers():
    """(Xt/row sums)^alpha times (X/row sums)^alpha, columns over popularity^beta, diagonal 0."""
    rng = np.random.default_rng(4)
    table = np.where(rng.random((12, 8)) < 0.5, rng.random((12, 8)) + 0.1, 0)
    rows = [(f"u{user:02}", f"i{item}", float(table[user, item])) for user, item in np.argwhere(table > 0)]
    data = dataset_of(rows, users=[f"u{at:02}" for at in range(12)], items=[f"i{at}" for at in range(8)])
    to_items, to_users = (each / each.sum(axis=1, keepdims=True) for each in (table, table.T))
    expected = (to_users**0.7 @ to_items**0.7) / (table > 0).sum(axis=0) ** 0.3
    np.fill_diagonal(expected, 0)
    assert weights(Rp3beta(alpha=0.7, beta=0.3, k=8).fit(data, FitOptions())) == pytest.approx(expected, rel=1e-5)


def test_only_the_nearest_are_kept():
    """Each item leads to k others at most."""
    rng = np.random.default_rng(5)
    rows = [(f"u{user}", f"i{item}", 1.0) for user in range(10) for item in range(9) if rng.random() < 0.6]
    found = Rp3beta(k=3).fit(dataset_of(rows), FitOptions()).weights
    assert max(np.diff(found.indptr)) == 3
