"""Als: implicit's factors, and a fold-in that gives the users implicit would."""

import numpy as np
import pytest
from implicit.cpu.als import AlternatingLeastSquares
from nlprec_plugins.recommenders.als import Als
from scipy import sparse
from threadpoolctl import threadpool_limits

from nlprec.errors import FitError, JobTimedOut
from nlprec.kit.options import FitOptions, ScoreOptions
from nlprec.kit.ranking import Queries
from nlprec.testing.contracts import RecommenderContract
from nlprec.testing.data import checkerboard, dataset_of, tiny_dataset

SETTINGS = {"factors": 8, "ridge": 0.5, "alpha": 4.0, "epochs": 6}


def implicits(data, item_factors=None):
    """Return implicit's own model of the same confidences, fitted or with given item factors."""
    confidence = sparse.csr_matrix(data.matrix, copy=True)
    confidence.data = 1 + 4 * confidence.data
    model = AlternatingLeastSquares(
        factors=8, regularization=0.5, alpha=1.0, iterations=6, num_threads=1, random_state=3
    )
    if item_factors is None:
        model.fit(confidence, show_progress=False)
    else:
        model.item_factors = item_factors
    return model, confidence


@pytest.fixture(autouse=True, scope="module")
def _one_blas_thread():
    """Keep BLAS to one thread, as implicit asks for when it is used directly."""
    with threadpool_limits(1, "blas"):
        yield


@pytest.fixture(scope="module")
def board():
    """Return a checkerboard."""
    return checkerboard(12)


class FixedSeed:
    """A generator that gives implicit the seed 3."""

    def integers(self, high):
        return 3


class TestAls(RecommenderContract):
    """It keeps the word of every recommender."""

    component = Als
    options = SETTINGS


def test_item_factors_are_implicits(board):
    """From the same seed and confidences the item factors are implicit's."""
    model, _ = implicits(board)
    assert np.abs(Als(**SETTINGS).fit(board, FitOptions(rng=FixedSeed())).factors - model.item_factors).max() < 1e-5


def test_fold_in_is_implicits_recalculate_user(board):
    """Scores from a history equal implicit's recalculated user factors times its item factors."""
    scorer = Als(**SETTINGS).fit(board, FitOptions(rng=FixedSeed()))
    model, confidence = implicits(board, scorer.factors)
    expected = model.recalculate_user(np.arange(12), confidence) @ scorer.factors.T
    scores = scorer.score(Queries.of_users(board, np.arange(12)), ScoreOptions())
    assert np.abs(scores - expected).max() < 1e-4


def test_only_items_with_interactions_have_factors():
    """The four liked items of six have factors, the others score nan."""
    data = tiny_dataset()
    scorer = Als(**SETTINGS).fit(data, FitOptions())
    scores = scorer.score(Queries.of_users(data, np.array([0])), ScoreOptions())
    assert np.isnan(scores[0]).tolist() == [False, False, False, False, True, True]


def test_another_seed_gives_other_factors(board):
    """The first factors come from opts.rng."""
    one, other = (Als(**SETTINGS).fit(board, FitOptions(rng=np.random.default_rng(seed))).factors for seed in (1, 2))
    assert not np.allclose(one, other)


def test_each_epoch_is_told(board):
    """Progress after every alternation."""
    told = []
    Als(**SETTINGS).fit(board, FitOptions(progress=lambda fraction, message="": told.append((fraction, message))))
    assert told == [((at + 1) / 6, f"epoch {at + 1} of 6") for at in range(6)]


def test_the_deadline_ends_it_between_epochs(board):
    """A passed deadline raises JobTimedOut."""
    with pytest.raises(JobTimedOut):
        Als(**SETTINGS).fit(board, FitOptions(deadline=1e-9))


def test_factors_that_overflow_are_told():
    """Confidences beyond float32 end in words, not in nan scores."""
    rows = [(f"u{user}", item, 1e30) for user in range(3) for item in "ab"]
    with np.errstate(over="ignore", invalid="ignore"), pytest.raises(FitError, match="raise ridge or lower alpha"):
        Als(factors=2, alpha=1e20, epochs=1).fit(dataset_of(rows), FitOptions())
