"""Intake: committed together, answered when safe, one bad batch fails alone."""

from attrs import evolve
from nlprec_plugins.stores.memory import Memory
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from nlprec.errors import NotReady, Overloaded, StoreError
from nlprec.kit.events import Batch, Interaction, Item, Receipt
from nlprec.services.intake import BATCHES, RECORDS, WAITING, IntakeService, merge, shares
from nlprec.services.metrics import Metrics
from nlprec.testing.contracts import IntakeContract
from nlprec.testing.fakes_services import HandPool, StubStore


def events(user, n=1):
    """Return a batch of n interactions of a user."""
    return Batch(interactions=tuple(Interaction(user, f"item-{at}", time=float(at)) for at in range(n)))


def many(n):
    """Return a batch of n records that costs nothing to make."""
    return Batch(deleted_users=("nobody",) * n)


class Bench(SynchronousTestCase):
    """A service with a clock and a pool in the test's hands."""

    def setUp(self):
        self.build(StubStore("bad"))

    def build(self, store):
        self.clock, self.pool, self.store, self.metrics, self.heard = Clock(), HandPool(), store, Metrics(), []
        self.intake = IntakeService(
            self.clock, store, self.pool, self.pool, self.metrics, lambda batch, head: self.heard.append((batch, head))
        )
        self.intake.startService()

    def settle(self):
        self.clock.advance(0)
        while self.pool.waiting:
            self.pool.work_off()
            self.clock.advance(0)

    def sizes(self):
        """Return how many records each commit had."""
        return [len(batch) for batch in self.store.batches]


class TestContract(Bench, IntakeContract):
    """The real service keeps the contract over a real store."""

    def make(self):
        self.build(Memory())
        return self.intake


class TestCommits(Bench):
    """What arrives together is committed together."""

    def test_batches_of_one_turn_are_one_commit(self):
        """Everything of one reactor turn is one append."""
        for user in "abc":
            self.intake.append(events(user))
        self.settle()
        assert self.sizes() == [3]

    def test_what_comes_during_a_commit_is_the_next(self):
        """While one commit runs the next ones gather, and none is forgotten."""
        receipts = [self.intake.append(events("a"))]
        self.clock.advance(0)
        receipts += [self.intake.append(events(user)) for user in "bc"]
        self.settle()
        assert (self.sizes(), all(each.called for each in receipts)) == ([1, 2], True)

    def test_nothing_is_answered_before_it_is_safe(self):
        """A receipt comes after the append has returned."""
        receipt = self.intake.append(events("a"))
        self.clock.advance(0)
        self.assertNoResult(receipt)
        self.settle()
        assert self.successResultOf(receipt).interactions == 1

    def test_commits_are_bounded(self):
        """Neither records nor batches of one commit are without end."""
        for at in range(BATCHES + 1):
            self.intake.append(events(f"user-{at}"))
        self.intake.append(events("many", RECORDS))
        self.settle()
        assert self.sizes() == [BATCHES, 1, RECORDS]

    def test_nothing_follows_a_deletion_in_its_commit(self):
        """An item that is deleted and put again in one turn is there afterwards."""
        self.intake.append(Batch(deleted_items=("tent",)))
        self.intake.append(Batch(items=(Item("tent"),)))
        self.settle()
        assert [batch.deleted_items for batch in self.store.batches] == [("tent",), ()]

    def test_a_named_batch_is_alone(self):
        """A name stands for one batch, so nothing is merged with it."""
        self.intake.append(events("a"))
        self.intake.append(evolve(events("b"), name="b"))
        self.intake.append(events("c"))
        self.settle()
        assert [batch.name for batch in self.store.batches] == ["", "b", ""]


class TestFailures(Bench):
    """One bad batch costs nobody else."""

    def test_a_bad_batch_fails_alone(self):
        """A merged commit that fails is tried again one by one, in the order of arrival."""
        receipts = [self.intake.append(events(user)) for user in ("a", "bad", "c")]
        self.settle()
        self.failureResultOf(receipts[1], StoreError)
        assert tuple(self.successResultOf(receipts[at]).interactions for at in (0, 2)) == (1, 1)

    def test_the_next_commit_goes_on(self):
        """After a failure the intake works as before."""
        self.intake.append(events("bad")).addErrback(lambda _: None)
        self.settle()
        receipt = self.intake.append(events("a"))
        self.settle()
        self.successResultOf(receipt)

    def test_who_gives_up_is_still_written_for(self):
        """A cancelled receipt changes nothing about the commit."""
        receipt = self.intake.append(events("a"))
        receipt.addErrback(lambda _: None)
        receipt.cancel()
        self.settle()
        assert self.sizes() == [1]

    def test_a_full_queue_refuses_at_once(self):
        """Beyond the bound a batch fails without waiting, and nothing of it is written."""
        first = self.intake.append(many(WAITING))
        self.failureResultOf(self.intake.append(events("b")), Overloaded)
        self.settle()
        self.successResultOf(first)

    def test_one_great_batch_is_always_taken(self):
        """A batch larger than the bound is taken when nothing else waits."""
        receipt = self.intake.append(many(WAITING + 1))
        self.settle()
        self.successResultOf(receipt)

    def test_a_listener_that_breaks_costs_no_receipt(self):
        """The records are safe, so the receipt says so; the bug is logged."""
        self.intake = IntakeService(self.clock, self.store, self.pool, self.pool, Metrics(), self.breaks)
        self.intake.startService()
        receipt = self.intake.append(events("a"))
        self.settle()
        assert (self.successResultOf(receipt).interactions, len(self.flushLoggedErrors(ZeroDivisionError))) == (1, 1)

    def breaks(self, batch, head):
        """Break."""
        raise ZeroDivisionError


class TestEnd(Bench):
    """Stopping writes what was taken."""

    def test_it_stops_when_everything_is_written(self):
        """The stop waits for the last commit, and nothing new is taken."""
        receipt = self.intake.append(events("a"))
        stopped = self.intake.stopService()
        self.failureResultOf(self.intake.append(events("b")), NotReady)
        self.failureResultOf(self.intake.get("item", ["a"]), NotReady)
        self.assertNoResult(stopped)
        self.settle()
        assert (self.successResultOf(receipt).interactions, self.successResultOf(stopped)) == (1, None)


class TestNews(Bench):
    """Listeners hear what was committed."""

    def test_a_commit_is_heard_with_its_head(self):
        """The batch and the store's head arrive before the receipt."""
        batch = events("a")
        receipt = self.intake.append(batch)
        receipt.addCallback(lambda _: list(self.heard))
        self.settle()
        assert [(batch, 1)] == self.successResultOf(receipt)

    def test_a_failed_commit_is_not_heard(self):
        """What was not written never happened."""
        self.intake.append(events("bad")).addErrback(lambda _: None)
        self.settle()
        assert self.heard == []

    def test_records_are_counted(self):
        """The metrics know how many of each kind."""
        self.intake.append(events("a", 3))
        self.settle()
        assert 'nlprec_records_appended_total{kind="interactions"} 3.0' in self.metrics.render().decode()


class TestShares(SynchronousTestCase):
    """A common receipt is divided."""

    def test_one_batch_has_the_whole_receipt(self):
        """Alone the counts are the store's own."""
        receipt = Receipt(1, 2, 3, 4, 5)
        assert [receipt] == shares(receipt, [events("a")])

    def test_all_new_is_exact(self):
        """Without known interactions each has its own length."""
        assert [each.interactions for each in shares(Receipt(interactions=5), [events("a", 2), events("b", 3)])] == [
            2,
            3,
        ]

    def test_all_known_is_exact(self):
        """With nothing new each has its own length as known."""
        assert [
            (each.interactions, each.known) for each in shares(Receipt(known=5), [events("a", 2), events("b", 3)])
        ] == [(0, 2), (0, 3)]

    def test_the_sum_is_right(self):
        """Mixed counts are divided so that their sum is the receipt's."""
        divided = shares(Receipt(interactions=3, known=2), [events("a", 2), events("b", 3)])
        assert (sum(each.interactions for each in divided), sum(each.known for each in divided)) == (3, 2)

    def test_merging_keeps_the_order(self):
        """A merged batch holds the records in the order of arrival."""
        merged = merge([Batch(items=(Item("a", "old"),)), Batch(items=(Item("a", "new"),))])
        assert [item.title for item in merged.items] == ["old", "new"]
