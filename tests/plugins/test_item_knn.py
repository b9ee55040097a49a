"""ItemKnn: shrunk cosine, against scikit-learn and implicit."""

import numpy as np
import pytest
from implicit.nearest_neighbours import bm25_weight
from nlprec_plugins.recommenders.item_knn import BLOCK, ItemKnn
from sklearn.metrics.pairwise import cosine_similarity

from nlprec.kit.options import FitOptions
from nlprec.testing.contracts import RecommenderContract
from nlprec.testing.data import dataset_of, tiny_dataset

OPTS = FitOptions()


def random_dataset(n_users=40, n_items=25):
    """Return a dataset of seeded random weights."""
    rng = np.random.default_rng(6)
    table = np.where(rng.random((n_users, n_items)) < 0.25, rng.random((n_users, n_items)) + 0.1, 0)
    rows = [(f"u{user}", f"i{item}", float(table[user, item])) for user, item in np.argwhere(table > 0)]
    return dataset_of(rows, users=[f"u{at}" for at in range(n_users)], items=[f"i{at}" for at in range(n_items)])


class TestItemKnn(RecommenderContract):
    """It keeps the word of every recommender."""

    component = ItemKnn


class TestTfidfItemKnn(RecommenderContract):
    """So it does with weighed users."""

    component = ItemKnn
    options = {"weighting": "tfidf"}


class TestBm25ItemKnn(RecommenderContract):
    """So it does with BM25."""

    component = ItemKnn
    options = {"weighting": "bm25", "k": 5}


def test_hand_worked():
    """Tea (1, 1, 0), coffee (.5, 0, 1): .5 / (sqrt 2 * sqrt 1.25 + shrink 1); tea and pot share nobody."""
    weights = ItemKnn(shrink=1.0).fit(tiny_dataset(), OPTS).weights.toarray()
    assert weights[0].tolist() == pytest.approx([0, 0.5 / (2.5**0.5 + 1), 1 / (2**0.5 * 2**0.5 + 1), 0])


def test_without_shrinkage_it_is_the_cosine():
    """The weights are scikit-learn's cosine_similarity of the item columns, without the diagonal."""
    data = random_dataset()
    expected = cosine_similarity(data.matrix.toarray().T)
    np.fill_diagonal(expected, 0)
    assert np.abs(ItemKnn(shrink=0.0).fit(data, OPTS).weights.toarray() - expected).max() < 1e-6


def test_k_neighbours_vote_for_each_item():
    """With k = 4 every column holds its four largest likenesses, unchanged."""
    data = random_dataset()
    full = ItemKnn(k=25).fit(data, OPTS).weights.toarray()
    few = ItemKnn(k=4).fit(data, OPTS).weights.toarray()
    assert np.array_equal(np.where(full >= np.sort(full, axis=0)[-4], full, 0), few)


def test_of_equal_neighbours_only_k_stay():
    """Five items liked by one user are all alike; with k = 2 each still has two neighbours, the first ones."""
    weights = ItemKnn(k=2).fit(dataset_of([("u", item) for item in "abcde"]), OPTS).weights
    assert np.diff(weights.tocsc().indptr).tolist() == [2] * 5
    assert weights[:, [4]].tocoo().row.tolist() == [0, 1]


def test_tfidf_silences_who_likes_everything():
    """A user who likes every item says nothing: log(n / n) = 0."""
    rows = [("all", item) for item in "abcd"] + [("some", "a"), ("some", "b")]
    weights = ItemKnn(weighting="tfidf", shrink=0.0).fit(dataset_of(rows), OPTS).weights.toarray()
    assert (weights > 0).tolist() == [
        [False, True, False, False],
        [True, False, False, False],
        [False] * 4,
        [False] * 4,
    ]


def test_bm25_is_implicits():
    """BM25 weights are implicit.nearest_neighbours.bm25_weight of the [item, user] matrix, K1 = 100 and B = .8."""
    data = random_dataset()
    weighed = bm25_weight(data.matrix.T.tocsr(), K1=100, B=0.8).toarray()
    expected = cosine_similarity(weighed)
    np.fill_diagonal(expected, 0)
    fitted = ItemKnn(weighting="bm25", shrink=0.0).fit(data, OPTS).weights.toarray()
    assert np.abs(fitted - expected).max() < 1e-6


def test_more_items_than_a_block():
    """530 items take two blocks, and the weights are cosines still."""
    data = random_dataset(40, BLOCK + 18)
    scorer = ItemKnn(shrink=0.0, k=BLOCK + 18).fit(data, OPTS)
    expected = cosine_similarity(data.matrix[:, scorer.hot].toarray().T)
    np.fill_diagonal(expected, 0)
    assert np.abs(scorer.weights.toarray() - expected).max() < 1e-6
