"""Rankings: gathered by turn, never by both releases, never later than promised."""

from attrs import evolve
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from nlprec.errors import NotReady, Overloaded
from nlprec.host import PluginHost
from nlprec.kit.events import Batch, Interaction, Item
from nlprec.kit.units import Duration
from nlprec.services.metrics import Metrics
from nlprec.services.rankings import BATCH, STUCK, WAITING, RankingsService
from nlprec.services.release.recent import News
from nlprec.settings import ServeSettings, Settings
from nlprec.stages.serve import Question
from nlprec.testing.contracts import RankingsContract
from nlprec.testing.fakes_services import FakeRelease, HandPool

SETTINGS = Settings(serve=ServeSettings(deadline=Duration(2.0)))


class Bench(SynchronousTestCase):
    """A service with a clock and a pool in the test's hands."""

    def setUp(self):
        self.clock, self.pool, self.metrics, self.host = Clock(), HandPool(), Metrics(), PluginHost()
        self.rankings = RankingsService(self.clock, self.pool, lambda: SETTINGS, lambda: self.host, self.metrics)
        self.release = FakeRelease()
        self.rankings.startService()
        self.rankings.swap(self.release, News())

    def ask_many(self, n, **more):
        return [self.rankings.recommend(Question(user=f"user-{at}", **more)) for at in range(n)]

    def turn(self):
        self.clock.advance(0)

    def settle(self):
        self.turn()
        while self.pool.waiting:
            self.pool.work_off()
            self.turn()


class TestContract(Bench, RankingsContract):
    """The real service keeps the contract."""

    def make(self, live):
        if not live:
            self.rankings = RankingsService(self.clock, self.pool, lambda: SETTINGS, lambda: self.host, Metrics())
            self.rankings.startService()
        return self.rankings


class TestBatches(Bench):
    """Questions are answered together."""

    def test_questions_of_one_turn_are_one_batch(self):
        """What is asked in one reactor turn is scored together."""
        self.ask_many(3)
        self.settle()
        assert [len(batch) for batch in self.release.asked] == [3]

    def test_what_comes_while_it_computes_is_the_next_batch(self):
        """While a batch is computed, the next ones gather; nothing is left behind when it ends."""
        answers = self.ask_many(1)
        self.turn()
        answers += self.ask_many(2)
        self.turn()
        answers += self.ask_many(3)
        self.settle()
        assert ([len(batch) for batch in self.release.asked], all(each.called for each in answers)) == ([1, 5], True)

    def test_a_batch_is_bounded(self):
        """More than BATCH questions are several batches."""
        self.ask_many(BATCH + 1)
        self.settle()
        assert [len(batch) for batch in self.release.asked] == [BATCH, 1]

    def test_a_question_that_breaks_its_batch_fails_alone(self):
        """The others of the batch are answered."""
        self.release.breaks = "user-1"
        answers = self.ask_many(3)
        self.settle()
        self.failureResultOf(answers[1], RuntimeError)
        assert [len(self.successResultOf(answers[at]).items) for at in (0, 2)] == [3, 3]

    def test_who_gives_up_is_not_computed_for(self):
        """A cancelled question is left out of the batch."""
        first, second = self.ask_many(2)
        first.addErrback(lambda _: None)
        first.cancel()
        self.settle()
        assert (
            [each.user for each in self.release.asked[0]],
            len(self.successResultOf(second).items),
        ) == (["user-1"], 3)


class TestSwap(Bench):
    """A release is swapped as a whole."""

    def test_what_is_being_computed_stays_with_the_old_release(self):
        """A swap while a batch computes: that batch is the old release's, the next is the new one's."""
        before = self.ask_many(1)
        self.turn()
        self.rankings.swap(FakeRelease("1" * 32), News())
        after = self.ask_many(1)
        self.settle()
        assert [self.successResultOf(each).release for each in before + after] == ["0" * 32, "1" * 32]

    def test_no_question_fails_in_many_swaps(self):
        """Every question between swaps is answered."""
        answers = []
        for number in range(20):
            answers += self.ask_many(3)
            self.rankings.swap(FakeRelease(f"{number:032x}"), News())
            self.turn()
        self.settle()
        assert len([self.successResultOf(each) for each in answers]) == 60


class TestTime(Bench):
    """Nobody waits longer than promised."""

    def test_a_question_that_waits_too_long_is_overloaded(self):
        """The deadline holds even while a batch hangs."""
        self.ask_many(1)
        self.turn()
        late = self.ask_many(1)[0]
        self.clock.advance(2.0)
        self.failureResultOf(late, Overloaded)

    def test_a_full_queue_refuses_at_once(self):
        """Beyond the bound a question fails without waiting."""
        answers = self.ask_many(WAITING + 1)
        self.failureResultOf(answers[-1], Overloaded)
        self.settle()
        assert len([self.successResultOf(each) for each in answers[:-1]]) == WAITING

    def test_a_hanging_batch_is_noticed(self):
        """After STUCK seconds the health check says what is wrong."""
        self.ask_many(1)[0].addErrback(lambda _: None)
        self.turn()
        self.clock.advance(STUCK + 1)
        assert "has been computed for 61 s" in self.rankings.stuck()


class TestEnd(Bench):
    """Stopping answers what was asked."""

    def test_it_stops_when_everything_is_answered(self):
        """The stop waits for the batch that is computed, and new questions are refused."""
        answers = self.ask_many(1)
        self.turn()
        stopped = self.rankings.stopService()
        self.failureResultOf(self.rankings.recommend(Question()), NotReady)
        self.assertNoResult(stopped)
        self.settle()
        self.successResultOf(stopped)
        assert len(self.successResultOf(answers[0]).items) == 3

    def test_it_leaves_no_timer(self):
        """After the stop nothing is scheduled any more."""
        self.ask_many(1)
        self.settle()
        self.successResultOf(self.rankings.stopService())
        assert self.clock.getDelayedCalls() == []


class TestNews(Bench):
    """What happened since the release is known to it."""

    def told(self):
        """Return what the release was told with the last question."""
        self.ask_many(1)
        self.settle()
        return self.release.told[-1]

    def test_what_was_learnt_counts_at_once(self):
        """An interaction is part of the next question."""
        self.rankings.learn(Batch(interactions=(Interaction("ann", "tent", "buy", 2.0),)), 1)
        assert self.told().events["ann"] == (("tent", "buy", 2.0),)

    def test_twice_is_once(self):
        """The same interaction again changes nothing."""
        batch = Batch(interactions=(Interaction("ann", "tent", "buy", 2.0),))
        self.rankings.learn(batch, 1)
        self.rankings.learn(batch, 2)
        assert len(self.told().events["ann"]) == 1

    def test_a_new_release_forgets_what_it_was_trained_on(self):
        """Only what came after the store was read stays, beside what was read."""
        self.rankings.learn(Batch(interactions=(Interaction("ann", "tent", time=1.0),)), 5)
        self.rankings.learn(Batch(interactions=(Interaction("ann", "stove", time=1.0),)), 9)
        self.rankings.swap(self.release, News((Interaction("bob", "novel", time=1.0),), sequence=7))
        assert {user: [each[0] for each in events] for user, events in self.told().events.items()} == {
            "ann": ["stove"],
            "bob": ["novel"],
        }

    def test_what_is_hidden_or_deleted_is_not_shown(self):
        """Hidden and deleted items are named, and one that is shown again is not."""
        self.rankings.learn(
            Batch(items=(Item("tent", hidden=True), Item("lamp", hidden=True)), deleted_items=("stove",)), 1
        )
        self.rankings.learn(Batch(items=(Item("lamp"),)), 2)
        assert frozenset(["tent", "stove"]) == self.told().hidden

    def test_a_deleted_user_is_forgotten(self):
        """Neither the release's history nor what came after is used."""
        self.rankings.learn(Batch(interactions=(Interaction("ann", "tent", time=1.0),)), 1)
        self.rankings.learn(Batch(deleted_users=("ann",)), 2)
        told = self.told()
        assert (frozenset(["ann"]), False) == (told.forgotten, "ann" in told.events)

    def test_a_deletion_outlives_a_release_made_before_it(self):
        """A swap to a release from before the deletion keeps it in mind; a later one does not need it."""
        self.rankings.learn(Batch(deleted_users=("ann",)), 8)
        self.rankings.swap(self.release, News(sequence=7))
        kept = self.told().forgotten
        self.rankings.swap(self.release, News(sequence=8))
        assert (frozenset(["ann"]), frozenset()) == (kept, self.told().forgotten)


class TestMetrics(Bench):
    """What is counted."""

    def test_outcomes_are_counted(self):
        """Answers and refusals are told apart."""
        self.ask_many(2)
        self.ask_many(1, model="nobody")[0].addErrback(lambda _: None)
        self.settle()
        text = self.metrics.render().decode()
        assert 'nlprec_questions_total{outcome="model"} 2.0' in text
        assert 'nlprec_questions_total{outcome="unknown"} 1.0' in text

    def test_settings_may_change(self):
        """The deadline is the one of now."""
        settings = [SETTINGS]
        rankings = RankingsService(self.clock, self.pool, lambda: settings[0], lambda: self.host, Metrics())
        rankings.startService()
        rankings.swap(self.release, News())
        settings[0] = evolve(SETTINGS, serve=ServeSettings(deadline=Duration(0.5)))
        rankings.recommend(Question()).addErrback(lambda _: None)
        self.turn()
        late = rankings.recommend(Question())
        self.clock.advance(0.6)
        self.failureResultOf(late, Overloaded)
