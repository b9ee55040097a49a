"""Ready scorers: by hand, and their reasons add up."""

import numpy as np
import pytest
from scipy import sparse

from nlprec.errors import FitError
from nlprec.kit.options import ScoreOptions
from nlprec.kit.ranking import Queries
from nlprec.kit.scorers import Factors, ItemItem, ItemScores, Profile

OPTS = ScoreOptions()
NAN = np.nan


def ask(*histories, n_items=4, now=0.0, last=None):
    """Return queries of these histories."""
    queries = Queries.of_histories([list(each) for each in histories], n_items, now=now)
    return queries if last is None else Queries(queries.user, queries.history, queries.seen, np.array(last), now)


def shares(scorer, queries, item):
    """Return the evidence of one item for the first query."""
    return scorer.explain(queries, np.array([[item]]), OPTS)[0][0]


class TestItemScores:
    """The same list for everyone."""

    def test_everyone_gets_it(self):
        """A row for each query."""
        assert ItemScores(np.array([1.0, 2.0])).score(ask([], [], n_items=2), OPTS).tolist() == [[1, 2]] * 2

    def test_the_note_is_kept(self):
        """What evidence says survives the archive, any letters."""
        again = ItemScores.restore(ItemScores(np.zeros(1), "beliebt für alle").state())
        assert shares(again, ask([], n_items=1), 0).note == "beliebt für alle"


@pytest.mark.parametrize("shape", [np.asarray, sparse.csr_matrix])
class TestItemItem:
    """History times weights; items 0, 2 and 3 are hot."""

    weights = np.array([[0, 0.5, 0.1], [0.4, 0, -0.2], [0, 0.3, 0]], np.float32)

    def scorer(self, shape):
        """Return the scorer with dense or sparse weights."""
        return ItemItem(shape(self.weights), np.array([0, 2, 3], np.int32), 4)

    def test_by_hand(self, shape):
        """Item 0 once and item 3 half: 0, .5 + .15, .1."""
        found = self.scorer(shape).score(ask([(0, 1.0), (3, 0.5)]), OPTS)
        assert found[0].tolist() == pytest.approx([0, NAN, 0.65, 0.1], nan_ok=True)

    def test_history_outside_says_nothing(self, shape):
        """Only item 1, which has no weights, was met: nan everywhere."""
        assert np.isnan(self.scorer(shape).score(ask([(1, 1.0)]), OPTS)).all()

    def test_reasons_add_up(self, shape):
        """Item 2 leans on item 0 with .5 and on item 3 with .15: the score."""
        evidence = shares(self.scorer(shape), ask([(0, 1.0), (3, 0.5)]), 2)
        assert [(item, pytest.approx(share)) for item, share in evidence.items] == [(0, 0.5), (3, 0.15)]

    def test_what_speaks_against_is_no_reason(self, shape):
        """Item 3 has a weight of -.2 from item 2; only item 0 is named."""
        assert [item for item, _ in shares(self.scorer(shape), ask([(0, 1.0), (2, 1.0)]), 3).items] == [0]

    @pytest.mark.parametrize("item", [-1, 1])
    def test_no_reason_for_nothing(self, shape, item):
        """An empty place, and an item without weights, have no evidence."""
        assert shares(self.scorer(shape), ask([(0, 1.0)]), item).items == ()

    def test_scores_are_single_precision(self, shape):
        """Weights in double precision do not leak out."""
        wide = ItemItem(shape(self.weights.astype(np.float64)), np.arange(3, dtype=np.int32), 3)
        assert wide.score(ask([(0, 1.0)], n_items=3), OPTS).dtype == np.float32


def test_weights_must_be_finite():
    """A weight that is no number is refused, with what to do."""
    with pytest.raises(FitError, match="weights of ItemItem is not finite; use more regularisation"):
        ItemItem(np.array([[NAN]], np.float32), np.array([0]), 1)


class TestFactors:
    """Fold-in by the normal equations."""

    factors = np.array([[1, 0], [0, 1], [1, 1]], np.float32)

    def scorer(self, hot=(0, 1, 3), n_items=4):
        """Return the scorer; item 2 is cold."""
        return Factors(self.factors, np.array(hot, np.int32), n_items, 0.5, 2.0)

    def test_by_hand(self):
        """Solve (Y'Y + ridge + alpha w y y') x = (1 + alpha w) y for item 0 with w = 1, by numpy."""
        y = self.factors.astype(float)
        user = np.linalg.solve(y.T @ y + 0.5 * np.eye(2) + 2 * np.outer(y[0], y[0]), 3 * y[0])
        assert self.scorer().score(ask([(0, 1.0)]), OPTS)[0][[0, 1, 3]].tolist() == pytest.approx((y @ user).tolist())

    def test_cold_items_and_strangers_are_nan(self):
        """Item 2 has no factors; an empty history no score."""
        found = self.scorer().score(ask([(0, 1.0)], [], [(2, 1.0)]), OPTS)
        assert np.isnan(found).sum(axis=1).tolist() == [1, 4, 4]

    def test_reasons_add_up(self):
        """The shares of the history items sum to the score, exactly as Hu et al. section 5 has it."""
        queries = ask([(0, 1.0), (1, 0.3)])
        total = sum(share for _, share in shares(self.scorer(), queries, 3).items)
        assert total == pytest.approx(self.scorer().score(queries, OPTS)[0, 3])

    @pytest.mark.parametrize("item", [-1, 2])
    def test_no_reason_for_nothing(self, item):
        """An empty place, and an item without factors, have no evidence."""
        assert shares(self.scorer(), ask([(0, 1.0)]), item).items == ()

    def test_numbers_are_kept(self):
        """Ridge and alpha survive the archive: restored, it folds in alike."""
        again = Factors.restore(self.scorer().state())
        queries = ask([(0, 1.0), (3, 2.0)])
        assert np.array_equal(again.score(queries, OPTS), self.scorer().score(queries, OPTS), equal_nan=True)


class TestProfile:
    """Cosine with the history's texts."""

    matrix = sparse.csr_matrix(np.array([[1, 0], [0.6, 0.8], [0, 1], [0, 0]], np.float32))

    def test_by_hand(self):
        """The profile of items 0 and 2 is (1, 1) / sqrt 2."""
        found = Profile(self.matrix).score(ask([(0, 1.0), (2, 1.0)]), OPTS)
        assert found[0].tolist() == pytest.approx([0.5**0.5, 1.4 * 0.5**0.5, 0.5**0.5, NAN], nan_ok=True)

    def test_a_history_without_text_says_nothing(self):
        """Item 3 has no text."""
        assert np.isnan(Profile(self.matrix).score(ask([(3, 1.0)]), OPTS)).all()

    def test_age_counts(self):
        """An item two half-lives old counts a quarter; an unknown time counts in full."""
        queries = ask([(0, 1.0), (2, 1.0)], now=3 * 86_400.0, last=[86_400.0, 0.0])
        assert Profile(self.matrix, 1.0).score(queries, OPTS)[0, :3].tolist() == pytest.approx(
            (self.matrix.toarray()[:3] @ [0.25, 1] / np.hypot(0.25, 1)).tolist()
        )

    def test_the_future_is_now(self):
        """An item met after ``now`` counts in full, not more."""
        queries = ask([(0, 1.0), (2, 1.0)], now=10.0, last=[86_400.0, 1.0])
        assert Profile(self.matrix, 1e-3).score(queries, OPTS)[0, 0] == pytest.approx(0.5**0.5, abs=0.1)

    @pytest.mark.parametrize("half_life", [0.0, 1.0])
    def test_reasons_add_up(self, half_life):
        """The shares of the items, and those of the features, each sum to the score."""
        scorer = Profile(self.matrix, half_life)
        queries = ask([(0, 1.0), (2, 0.5)], now=3 * 86_400.0, last=[86_400.0, 2 * 86_400.0])
        evidence, score = shares(scorer, queries, 1), scorer.score(queries, OPTS)[0, 1]
        assert sum(share for _, share in evidence.items) == pytest.approx(score)
        assert sum(share for _, share in evidence.features) == pytest.approx(score)

    def test_no_reason_for_nothing(self):
        """An empty place, and an empty history, have no evidence."""
        assert shares(Profile(self.matrix), ask([(0, 1.0)]), -1).items == ()
        assert shares(Profile(self.matrix), ask([]), 1).items == ()
