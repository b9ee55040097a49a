"""What every implementation of a node interface keeps its word on: real services, fakes, and later remote stubs."""

import json
from typing import Any

from zope.interface.verify import verifyObject

from nlprec.errors import NotReady, UnknownName
from nlprec.interfaces import IIntake, IPipeline, IRankings
from nlprec.kit.events import Batch, Interaction, Item
from nlprec.stages.serve import Question


class RankingsContract:
    """
    Inherit together with ``SynchronousTestCase`` and write ``make(live)``.

    The release must hold the items ``tent``, ``stove`` and ``novel``, and no model of it is called ``nobody``.
    """

    def make(self, live: bool) -> Any:
        """Return an IRankings with a live release, or with none yet."""
        raise NotImplementedError

    def settle(self) -> None:
        """Let everything that waits be done."""

    def ask(self, rankings: Any, **question: Any) -> Any:
        """Return the Deferred of a question, after everything was done."""
        asked = rankings.recommend(Question(**question))
        self.settle()
        return asked

    def test_it_implements_its_interface(self) -> None:
        """The object provides IRankings."""
        assert verifyObject(IRankings, self.make(True))

    def test_without_a_release_it_is_not_ready(self) -> None:
        """A question before the first release fails with NotReady, and there is no release to show."""
        rankings = self.make(False)
        self.failureResultOf(self.ask(rankings, user="ann"), NotReady)  # type: ignore[attr-defined]
        assert rankings.release() is None

    def test_an_answer_has_as_many_items_as_asked(self) -> None:
        """``n`` is the length of the list, and the answer names the release it came from."""
        rankings = self.make(True)
        answer = self.successResultOf(self.ask(rankings, user="ann", n=2))  # type: ignore[attr-defined]
        assert (len(answer.items), answer.release) == (2, rankings.release().digest)

    def test_what_is_excluded_is_not_shown(self) -> None:
        """An item in ``exclude`` is never part of the answer."""
        answer = self.successResultOf(self.ask(self.make(True), user="ann", exclude=("tent",)))  # type: ignore[attr-defined]
        assert "tent" not in [each.item for each in answer.items]

    def test_an_unknown_model_is_an_unknown_name(self) -> None:
        """Asking for a model that is not there fails with UnknownName."""
        self.failureResultOf(self.ask(self.make(True), user="ann", model="nobody"), UnknownName)  # type: ignore[attr-defined]

    def test_an_unknown_item_has_nothing_similar(self) -> None:
        """Asking what is like an item that is not there fails with UnknownName."""
        self.failureResultOf(self.ask(self.make(True), like="spaceship"), UnknownName)  # type: ignore[attr-defined]


class IntakeContract:
    """Inherit together with ``SynchronousTestCase`` and write ``make()``; the store behind it is empty."""

    def make(self) -> Any:
        """Return an IIntake over an empty store."""
        raise NotImplementedError

    def settle(self) -> None:
        """Let everything that waits be done."""

    def result(self, deferred: Any) -> Any:
        """Return what a Deferred gives, after everything was done."""
        self.settle()
        return self.successResultOf(deferred)  # type: ignore[attr-defined]

    def test_it_implements_its_interface(self) -> None:
        """The object provides IIntake."""
        assert verifyObject(IIntake, self.make())

    def test_a_receipt_counts_what_was_added(self) -> None:
        """New records are counted by kind."""
        receipt = self.result(
            self.make().append(Batch(items=(Item("tent"),), interactions=(Interaction("ann", "tent", time=1.0),)))
        )
        assert (receipt.items, receipt.interactions, receipt.known) == (1, 1, 0)

    def test_sending_twice_is_sending_once(self) -> None:
        """The same interaction again is known, not added."""
        intake = self.make()
        batch = Batch(interactions=(Interaction("ann", "tent", time=1.0),))
        self.result(intake.append(batch))
        receipt = self.result(intake.append(batch))
        assert (receipt.interactions, receipt.known) == (0, 1)

    def test_what_was_stored_can_be_had(self) -> None:
        """``get`` answers in the order of the ids, with None where there is nothing."""
        intake = self.make()
        self.result(intake.append(Batch(items=(Item("tent", "Tent"), Item("stove", "Stove")))))
        found = self.result(intake.get("item", ["stove", "spaceship", "tent"]))
        assert [each and each.title for each in found] == ["Stove", None, "Tent"]

    def test_what_was_deleted_is_gone(self) -> None:
        """After a deletion ``get`` finds nothing."""
        intake = self.make()
        self.result(intake.append(Batch(items=(Item("tent"),))))
        self.result(intake.append(Batch(deleted_items=("tent",))))
        assert self.result(intake.get("item", ["tent"])) == [None]


class PipelineContract:
    """Inherit together with ``SynchronousTestCase`` and write ``make()`` and ``finish(pipeline)``."""

    def make(self) -> Any:
        """Return an idle IPipeline."""
        raise NotImplementedError

    def finish(self, pipeline: Any) -> None:
        """Let the run that goes on end well."""
        raise NotImplementedError

    def test_it_implements_its_interface(self) -> None:
        """The object provides IPipeline."""
        assert verifyObject(IPipeline, self.make())

    def test_asking_starts_a_run(self) -> None:
        """The record of a run is there at once, and found by its id."""
        pipeline = self.make()
        record = pipeline.request("a test")
        assert (record.state, record.why, pipeline.run(record.id)) == ("running", "a test", record)

    def test_asking_often_while_one_runs_makes_one_more(self) -> None:
        """However often it is asked, one run follows the one that goes on."""
        pipeline = self.make()
        first = pipeline.request("first")
        second, third = pipeline.request("second"), pipeline.request("third")
        assert (second is third, [each.id for each in pipeline.runs()]) == (True, [second.id, first.id])

    def test_the_one_that_waits_follows(self) -> None:
        """When a run ends, the one that was asked for meanwhile runs."""
        pipeline = self.make()
        first, second = pipeline.request("first"), pipeline.request("second")
        self.finish(pipeline)
        assert (first.state, second.state) == ("done", "running")

    def test_an_unknown_run_is_none(self) -> None:
        """An id that nobody has is answered with None."""
        assert self.make().run("nobody") is None

    def test_a_record_is_plain(self) -> None:
        """``plain()`` is JSON."""
        record = self.make().request("a test")
        assert json.loads(json.dumps(record.plain())) == record.plain()
