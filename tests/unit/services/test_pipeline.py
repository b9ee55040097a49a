"""The pipeline: one run at a time, a failed one changes nothing, and an end that leaves nothing behind."""

import pytest
from attrs import evolve
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from nlprec.errors import FitError, NotReady
from nlprec.flow import Outcome, Step
from nlprec.kit.units import Duration
from nlprec.plan import Job
from nlprec.services.metrics import Metrics
from nlprec.services.pipeline import KEPT, Elsewhere, PipelineService
from nlprec.settings import RunSettings, Settings
from nlprec.testing.contracts import PipelineContract
from nlprec.testing.fakes_services import HandPool, StubFlow

QUIET = Settings(run=RunSettings(at_start=False))
JOB = Job("train", "train ease", "e" * 32)


class NowClock(Clock):
    """A clock that takes what other threads ask for at once: there are none."""

    def callFromThread(self, function, *args):
        function(*args)


class Bench(SynchronousTestCase):
    """A service with a clock and a pool in the test's hands, and flows that end as the test says."""

    def setUp(self):
        self.clock, self.pool, self.metrics = NowClock(), HandPool(), Metrics()
        self.settings, self.outcome, self.steps, self.refreshed, self.cancelled = (
            QUIET,
            Outcome((), "f" * 32, True, "first release"),
            [],
            0,
            [],
        )
        self.fresh = succeed
        self.pipeline = PipelineService(
            self.clock, self.pool, lambda: self.settings, self.flow, self.refresh, self.metrics
        )

    def flow(self, settings, listener, cancelled):
        for step in self.steps:
            listener(step)
        self.cancelled.append(cancelled)
        return StubFlow(self.outcome)

    def refresh(self):
        self.refreshed += 1
        return self.fresh(None)

    def run_once(self, outcome=None):
        """Ask for a run, let it end, and return its record."""
        self.outcome = outcome or self.outcome
        record = self.pipeline.request("a test")
        self.pool.work()
        return record


class TestContract(Bench, PipelineContract):
    """The real service keeps the contract."""

    def make(self):
        self.pipeline.startService()
        return self.pipeline

    def finish(self, pipeline):
        self.pool.work()


class TestRuns(Bench):
    """How runs end."""

    def setUp(self):
        super().setUp()
        self.pipeline.startService()

    def test_a_good_run_brings_its_release_to_life(self):
        """What was published is loaded before the run counts as done."""
        self.fresh = lambda _: Deferred()
        record = self.run_once()
        assert (record.state, self.refreshed) == ("running", 1)

    def test_the_record_says_what_came_of_it(self):
        """Release, verdict and publication are told."""
        record = self.run_once()
        assert (
            record.state,
            record.release,
            record.published,
            record.verdict,
        ) == ("done", "f" * 32, True, "first release")

    def test_a_failed_run_loads_nothing(self):
        """The release stays, and the record has the error with its code."""
        record = self.run_once(Outcome((), errors=(FitError("the Gram matrix is singular"),)))
        assert (record.state, self.refreshed, record.errors[0]["code"]) == ("failed", 0, "fit")

    def test_a_bug_fails_the_run_alone(self):
        """An error nobody foresaw is logged, told in the record, and the next run starts."""
        record = self.run_once(KeyError("oops"))
        self.flushLoggedErrors(KeyError)
        after = self.run_once(Outcome((), "f" * 32, True))
        assert ("failed", "KeyError: 'oops'" in record.errors[0]["message"], "done") == (
            record.state,
            True,
            after.state,
        )

    def test_a_release_that_cannot_be_loaded_fails_the_run(self):
        """A bug while loading is the run's failure, not the service's end."""
        self.fresh = lambda _: fail(ZeroDivisionError())
        record = self.run_once()
        self.flushLoggedErrors(ZeroDivisionError)
        assert record.state == "failed"

    def test_progress_is_in_the_record(self):
        """Each job's last word is kept, in the order jobs began."""
        self.steps = [Step(JOB, "running", fraction=0.5), Step(JOB, "done", 1.5, 2**20, 1.0)]
        record = self.run_once()
        assert tuple(record.plain()["steps"][0][name] for name in ("name", "status", "seconds")) == (
            "train ease",
            "done",
            1.5,
        )

    def test_only_the_last_runs_are_kept(self):
        """The history is bounded, newest first."""
        records = [self.run_once() for _ in range(KEPT + 5)]
        assert records[: -KEPT - 1 : -1] == list(self.pipeline.runs())

    def test_runs_are_counted(self):
        """The metrics tell done from failed."""
        self.run_once()
        self.run_once(Outcome((), errors=(FitError("no"),)))
        text = self.metrics.render().decode()
        assert 'nlprec_runs_total{state="done"} 1.0' in text
        assert 'nlprec_runs_total{state="failed"} 1.0' in text


class TestTimes(Bench):
    """When runs start by themselves."""

    def test_the_start_is_a_reason(self):
        """With ``run.at_start`` the first run is asked for at once."""
        self.settings = Settings()
        self.pipeline.startService()
        assert [each.why for each in self.pipeline.runs()] == ["start"]

    def test_the_timer_rings_again_and_again(self):
        """With ``run.every`` a run is asked for each time."""
        self.settings = evolve(QUIET, run=RunSettings(at_start=False, every=Duration(60.0)))
        self.pipeline.startService()
        for _ in range(2):
            self.clock.advance(60)
            self.pool.work_off()
        assert [each.why for each in self.pipeline.runs()] == ["timer", "timer"]

    def test_another_interval_holds_at_once(self):
        """After a reload the timer follows the new settings."""
        self.settings = evolve(QUIET, run=RunSettings(at_start=False, every=Duration(60.0)))
        self.pipeline.startService()
        self.settings = evolve(QUIET, run=RunSettings(at_start=False, every=Duration(5.0)))
        self.pipeline.rewind()
        self.clock.advance(5)
        assert len(self.pipeline.runs()) == 1


class TestEnd(Bench):
    """Stopping cancels."""

    def setUp(self):
        super().setUp()
        self.settings = evolve(QUIET, run=RunSettings(at_start=False, every=Duration(60.0)))
        self.pipeline.startService()

    def test_an_idle_pipeline_stops_at_once(self):
        """Nothing is waited for, and no timer stays."""
        self.successResultOf(self.pipeline.stopService())
        assert self.clock.getDelayedCalls() == []

    def test_what_runs_is_cancelled_and_waited_for(self):
        """The stop ends with the run; what was to follow never starts."""
        running, queued = self.pipeline.request("first"), self.pipeline.request("second")
        stopped = self.pipeline.stopService()
        self.assertNoResult(stopped)
        assert running.cancelled.is_set()
        self.pool.work()
        self.successResultOf(stopped)
        assert (running.state, queued.state, self.refreshed) == ("cancelled", "cancelled", 0)

    def test_nothing_is_started_any_more(self):
        """Asking a stopping node is NotReady."""
        self.pipeline.stopService()
        with pytest.raises(NotReady):
            self.pipeline.request("late")


class TestElsewhere(SynchronousTestCase):
    """A node that does not drive."""

    def test_it_starts_nothing(self):
        """Asking says which role is missing."""
        with pytest.raises(NotReady) as caught:
            Elsewhere().request("a test")
        assert ("'drive'" in caught.value.message, Elsewhere().runs(), Elsewhere().run("x")) == (True, (), None)
