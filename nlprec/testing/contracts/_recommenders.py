"""What every recommender promises: right answers on a checkerboard, and nothing that depends on who else asks."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import numpy as np
import pytest
from zope.interface.verify import verifyObject

from nlprec.errors import JobTimedOut, NlprecError
from nlprec.interfaces import IExplainer, IRecommender, IScorer
from nlprec.kit.dataset import Dataset
from nlprec.kit.options import FitOptions, ScoreOptions
from nlprec.kit.ranking import Evidence, Queries, top
from nlprec.registry import verify
from nlprec.testing.data import arrays_of, checkerboard, dataset_of, features_of, same, stored, tiny_dataset

OPTS = ScoreOptions()


def options(data: Dataset, **more: Any) -> FitOptions:
    """Return options to fit with: one seed, and features made of the titles."""
    return FitOptions(rng=np.random.default_rng(7), features=features_of(data), **more)


class RecommenderContract:
    """
    Inherit it and name the component: ``class TestTrending(RecommenderContract): component = Trending; personal =
    False``.

    Override ``make`` when the component needs more than ``options``.
    """

    component: Any
    options: ClassVar[Mapping[str, Any]] = {}  #: fields for the small data here, where the defaults are made for large
    personal = True  #: False: the same list for everyone

    def make(self) -> Any:
        """Return a new component."""
        return self.component(**self.options)

    def fit(self, data: Dataset, **more: Any) -> Any:
        """Return a scorer fitted to data."""
        return self.make().fit(data, options(data, **more))

    @pytest.fixture(scope="class")
    @classmethod
    def board(cls) -> Dataset:
        """Return the checkerboard."""
        return checkerboard()

    @pytest.fixture(scope="class")
    @classmethod
    def scorer(cls, board: Dataset) -> Any:
        """Return a scorer fitted to the checkerboard."""
        return cls().fit(board)

    @pytest.fixture(scope="class")
    @classmethod
    def everyone(cls, board: Dataset) -> Queries:
        """Return a query for each user of the checkerboard."""
        return Queries.of_users(board, np.arange(board.n_users))

    def test_the_component_fits_its_interface(self) -> None:
        """The registry takes it, and an instance is what it says."""
        verify(type(self.make()), "recommender")
        assert verifyObject(IRecommender, self.make())

    def test_fit_returns_a_scorer(self, scorer: Any) -> None:
        """What ``fit`` returns implements IScorer."""
        assert verifyObject(IScorer, scorer)

    def test_the_missing_item_is_recommended(self, scorer: Any, everyone: Queries) -> None:
        """
        Of what a user has not met, the item of the user's own parity comes first; a list for everyone is the same list.
        """
        scores = np.array(scorer.score(everyone, OPTS))
        if not self.personal:
            assert (scores == scores[:1]).all()
            return
        scores[everyone.seen.toarray() > 0] = np.nan
        assert list(range(everyone.n_queries)) == top(scores, 1)[0].ravel().tolist()

    def test_scores_are_float32_of_every_query_and_item(self, scorer: Any, everyone: Queries) -> None:
        """Scores are float32 [query, item] and never infinite."""
        scores = scorer.score(everyone, OPTS)
        assert (np.float32, (everyone.n_queries, everyone.n_items), False) == (
            scores.dtype,
            scores.shape,
            bool(np.isinf(scores).any()),
        )

    def test_no_queries_no_rows(self, scorer: Any, everyone: Queries) -> None:
        """An empty set of queries is answered with no rows."""
        assert (0, everyone.n_items) == scorer.score(everyone.take(np.zeros(0, np.int64)), OPTS).shape

    def test_the_company_of_a_query_changes_nothing(self, scorer: Any, everyone: Queries) -> None:
        """Asked alone, in another order or all at once, a query gets the same scores."""
        whole = scorer.score(everyone, OPTS)
        order = np.random.default_rng(3).permutation(everyone.n_queries)
        assert close(whole[order], scorer.score(everyone.take(order), OPTS))
        assert close(whole[5:6], scorer.score(everyone.take(np.array([5])), OPTS))

    def test_a_stranger_with_the_same_history_gets_the_same(self, scorer: Any, everyone: Queries) -> None:
        """Only the history counts: index -1 is served like the user who has it."""
        strangers = Queries(
            np.full(everyone.n_queries, -1, np.int32), everyone.history, everyone.seen, everyone.last, everyone.now
        )
        assert close(scorer.score(everyone, OPTS), scorer.score(strangers, OPTS))

    def test_an_empty_history_is_not_guessed_at(self, scorer: Any, everyone: Queries) -> None:
        """
        A personal scorer has nothing to say to a query without history; a list for everyone is for that query too.
        """
        scores = scorer.score(Queries.of_histories([[]], everyone.n_items), OPTS)
        assert self.personal == bool(np.isnan(scores).all())

    def test_several_threads_may_ask_at_once(self, scorer: Any, everyone: Queries) -> None:
        """Scores asked for by four threads at once equal those asked for by one."""
        whole = scorer.score(everyone, OPTS)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: scorer.score(everyone, OPTS), range(8)))
        assert all(close(whole, each) for each in answers)

    def test_scoring_alters_nothing(self, scorer: Any, everyone: Queries) -> None:
        """Queries and the scorer's own arrays are as they were."""
        before = [*arrays_of(everyone), *(array.copy() for array in scorer.state().values())]
        scorer.score(everyone, OPTS)
        assert same(before, [*arrays_of(everyone), *scorer.state().values()])

    def test_fitting_alters_nothing(self) -> None:
        """Data and features are as they were after a fit."""
        data = tiny_dataset()
        opts = options(data)
        before = [*arrays_of(data), *arrays_of(opts.features)]
        self.make().fit(data, opts)
        assert same(before, [*arrays_of(data), *arrays_of(opts.features)])

    def test_the_same_seed_gives_the_same_state(self, scorer: Any, board: Dataset) -> None:
        """A second fit with the same seed is equal to the last bit."""
        assert same(list(scorer.state().values()), list(self.fit(board).state().values()))

    def test_a_stored_state_scores_the_same(self, scorer: Any, everyone: Queries) -> None:
        """Through a file and back, without pickle and read-only, a scorer gives the same scores."""
        again = type(scorer).restore(stored(scorer.state()))
        assert close(scorer.score(everyone, OPTS), again.score(everyone, OPTS))

    def test_means_change_no_number(self, scorer: Any, board: Dataset, everyone: Queries) -> None:
        """More threads, a memory limit, a far deadline and a listener move sums by rounding at most."""
        other = self.fit(board, threads=2, memory=1 << 30, deadline=1e18, progress=lambda fraction, message="": None)
        assert close(scorer.score(everyone, OPTS), other.score(everyone, OPTS), 1e-2)

    def test_progress_goes_from_nothing_to_all(self, board: Dataset) -> None:
        """What is reported lies in 0..1 and never goes back."""
        told: list[float] = []
        self.fit(board, progress=lambda fraction, message="": told.append(fraction))
        assert sorted(told) == told
        assert all(0 <= each <= 1 for each in told)

    def test_a_passed_deadline_only_raises(self, scorer: Any, board: Dataset) -> None:
        """A fit whose time is up raises JobTimedOut, or was quick enough to give the same numbers."""
        try:
            late = self.fit(board, deadline=1e-9)
        except JobTimedOut:
            return
        assert same(list(scorer.state().values()), list(late.state().values()))

    def test_fitting_prints_nothing(self, board: Dataset, capfd: pytest.CaptureFixture[str]) -> None:
        """Nothing is written to the terminal, not by libraries either."""
        self.fit(board)
        assert capfd.readouterr() == ("", "")

    def test_items_without_interactions_are_no_trouble(self) -> None:
        """
        Items with texts only, and with nothing at all, get a number or nan; a user who liked nothing is no trouble
        either.
        """
        data = tiny_dataset()
        scores = self.fit(data).score(Queries.of_users(data, np.arange(data.n_users)), OPTS)
        assert (scores.shape, bool(np.isinf(scores).any())) == ((4, 6), False)
        assert not np.isnan(scores[:3]).all(axis=1).any()

    def test_one_item_and_one_user(self) -> None:
        """The smallest dataset there is can be learnt from, or is refused in words."""
        data = dataset_of([("u", "i")], titles={"i": "only one"})
        try:
            scores = self.fit(data).score(Queries.of_users(data, np.arange(1)), OPTS)
        except NlprecError:
            return
        assert (scores.shape, bool(np.isinf(scores).any())) == ((1, 1), False)

    def test_nothing_liked(self) -> None:
        """
        Data without any liked pair is refused in words, or gives a scorer with nothing to say: nan, or for one list for
        everybody, no item before another.
        """
        data = dataset_of([("u", "a", 0.0), ("v", "b", 0.0)], titles={"a": "first", "b": "second"})
        try:
            scores = self.fit(data).score(Queries.of_users(data, np.arange(2)), OPTS)
        except NlprecError:
            return
        silent = np.isnan(scores) if self.personal else np.isnan(scores) | (scores == scores[0, 0])
        assert bool(silent.all())

    def test_times_may_be_unknown(self) -> None:
        """Data without any time, and without an end of the window, gives scores, nan at worst, or an error in words."""
        rows = [("u", "a", 1.0, np.nan), ("u", "b", 1.0, np.nan), ("v", "a", 1.0, np.nan), ("v", "c", 0.5, np.nan)]
        data = dataset_of(rows, titles={"a": "red hat", "b": "red shoe", "c": "blue hat"})
        try:
            scores = self.fit(data).score(Queries.of_users(data, np.arange(2)), OPTS)
        except NlprecError:
            return
        assert (scores.shape, bool(np.isinf(scores).any())) == ((2, 3), False)

    def test_reasons_name_the_history(self, scorer: Any, everyone: Queries) -> None:
        """An explainer gives Evidence for every place of a list; the items it names are in the query's history."""
        items, _ = top(np.array(scorer.score(everyone, OPTS)), 3)
        if not IExplainer.providedBy(scorer):
            pytest.skip("this scorer does not explain itself")
        assert verifyObject(IExplainer, scorer)
        items[0, 2] = -1
        lines = scorer.explain(everyone, items, OPTS)
        assert [3] * everyone.n_queries == [len(line) for line in lines]
        for row, line in enumerate(lines):
            history = set(everyone.history[row].indices.tolist())
            assert all(isinstance(each, Evidence) and {at for at, _ in each.items} <= history for each in line)
        if self.personal:
            assert all(line[0].items or line[0].features for line in lines)


def close(left: np.ndarray, right: np.ndarray, tolerance: float = 1e-4) -> bool:
    """
    Return whether two arrays of scores say the same: nan at the same places, numbers within a share of the largest.
    """
    known = ~np.isnan(left)
    scale = float(np.abs(left[known]).max(initial=1e-6))
    return bool((known == ~np.isnan(right)).all() and (np.abs(left[known] - right[known]) <= tolerance * scale).all())
