"""Ease: the closed form, against the closed form."""

import numpy as np
import pytest
from nlprec_plugins.recommenders.ease import BLOCK, Ease

from nlprec.errors import FitError
from nlprec.kit.options import FitOptions
from nlprec.testing.contracts import RecommenderContract
from nlprec.testing.data import dataset_of, tiny_dataset

OPTS = FitOptions()


def closed_form(matrix, ridge):
    """Return Steck's eq. 8 by a plain inverse in float64."""
    inverse = np.linalg.inv(matrix.T @ matrix + ridge * np.eye(matrix.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights


def random_dataset(n_users=60, n_items=30):
    """Return a dataset of seeded random weights."""
    rng = np.random.default_rng(5)
    table = np.where(rng.random((n_users, n_items)) < 0.2, rng.random((n_users, n_items)) + 0.1, 0)
    rows = [(f"u{user}", f"i{item}", float(table[user, item])) for user, item in np.argwhere(table > 0)]
    return dataset_of(rows, users=[f"u{at}" for at in range(n_users)], items=[f"i{at}" for at in range(n_items)])


class TestEase(RecommenderContract):
    """It keeps the word of every recommender."""

    component = Ease
    options = {"ridge": 5.0}


class TestSparseEase(RecommenderContract):
    """So it does with few weights kept."""

    component = Ease
    options = {"ridge": 5.0, "top": 9}


def test_two_items_by_hand():
    """
    Two users like both, one likes the first: P is the inverse of [[4, 2], [2, 3]], so a gives b 1/2 and b gives a 2/3.
    """
    rows = [("u", "a"), ("u", "b"), ("v", "a"), ("v", "b"), ("w", "a")]
    weights = Ease(ridge=1.0).fit(dataset_of(rows), OPTS).weights
    assert weights.tolist() == [pytest.approx([0, 1 / 2]), pytest.approx([2 / 3, 0])]


def test_it_is_the_closed_form():
    """In one array and float32 the weights are those of a plain inverse in float64."""
    data = random_dataset()
    expected = closed_form(data.matrix.toarray().astype(np.float64), 3.0)
    assert np.abs(Ease(ridge=3.0).fit(data, OPTS).weights - expected).max() < 1e-5


def test_more_items_than_a_block():
    """530 items take two blocks, and the weights are those of the plain inverse still."""
    data = random_dataset(60, BLOCK + 18)
    scorer = Ease(ridge=3.0).fit(data, OPTS)
    expected = closed_form(data.matrix[:, scorer.hot].toarray().astype(np.float64), 3.0)
    assert np.abs(scorer.weights - expected).max() < 1e-5


def test_only_items_with_interactions_take_room():
    """The four liked items of six have weights; a seen item of weight 0 has none."""
    scorer = Ease().fit(tiny_dataset(), OPTS)
    assert (scorer.hot.tolist(), scorer.weights.shape) == ([0, 1, 2, 3], (4, 4))


def test_top_keeps_the_largest_into_each_item():
    """With top = 3 every column holds its three largest weights, unchanged."""
    data = random_dataset()
    full, few = Ease(ridge=3.0).fit(data, OPTS).weights, Ease(ridge=3.0, top=3).fit(data, OPTS).weights.toarray()
    bar = np.sort(np.abs(full), axis=0)[-3]
    assert np.array_equal(np.where(np.abs(full) >= bar, full, 0), few)


def test_too_little_memory_is_told_before_it_is_taken():
    """The error says what it needs, what it may take, and what to do."""
    with pytest.raises(FitError, match=r"ease needs .* for 30 items .*min_count.*item_knn"):
        Ease().fit(random_dataset(), FitOptions(memory=1000))


def test_memory_is_what_it_says():
    """The need it states is 5 bytes an item pair and 16 bytes an entry of a block."""
    with pytest.raises(FitError) as caught:
        Ease().fit(random_dataset(), FitOptions(memory=1))
    assert caught.value.facts["need"] == 5 * 30**2 + 16 * 512 * 30


def test_a_ridge_lost_to_rounding_is_told():
    """Two items liked by the same people and hardly any ridge cannot be inverted in float32."""
    rows = [(f"u{user}", item) for user in range(50) for item in "ab"]
    with pytest.raises(FitError, match="raise ridge"):
        Ease(ridge=1e-9).fit(dataset_of(rows), OPTS)
