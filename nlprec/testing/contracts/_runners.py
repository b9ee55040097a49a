"""What every runner keeps its word on."""

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, wait
from typing import Any, ClassVar

import pytest
from zope.interface.verify import verifyObject

from nlprec.errors import JobCancelled, JobCrashed, JobTimedOut, StoreError
from nlprec.interfaces import IRunner
from nlprec.kit.options import RunnerOptions, Task
from nlprec.testing.jobs import ENTRY

PATIENCE = 60.0  #: seconds after which a test gives up


class RunnerContract:
    """Inherit, set ``component``, maybe ``settings``; jobs are those of ``nlprec.testing.jobs``."""

    component: type
    settings: ClassVar[Mapping[str, Any]] = {}  #: fields of the component

    @pytest.fixture(scope="class")
    @classmethod
    def runner(cls) -> Iterator[Any]:
        """Return a started runner, stopped at the end."""
        runner = cls.component(**cls.settings)
        runner.start(RunnerOptions(ENTRY, {"house": "blue"}))
        yield runner
        runner.stop()

    def ask(self, runner: Any, do: str, **body: Any) -> Any:
        """Carry one job out and return its answer."""
        return runner.run(Task(do, {"do": do, **body})).result(PATIENCE)

    def hanging(self, runner: Any, limit: float = 0.0) -> "tuple[Future[Any], threading.Event]":
        """Start a job that never ends; return its future, and an event that is set once it runs."""
        running = threading.Event()
        return runner.run(Task("hang", {"do": "hang"}, limit, lambda *_: running.set())), running

    def test_it_implements_its_interface(self, runner: Any) -> None:
        """The object provides IRunner."""
        assert verifyObject(IRunner, runner)

    def test_an_answer_comes_back_whole(self, runner: Any) -> None:
        """Plain values cross and come back: texts of any script, numbers, lists, nothing."""
        said = {"text": "naïve 東京 🎬\n", "numbers": [1, 2.5, -3e300], "nothing": None, "yes": True}
        assert self.ask(runner, "echo", say=said)["said"] == said

    def test_the_setup_reaches_every_job(self, runner: Any) -> None:
        """What the runner was started with is there in each job."""
        assert self.ask(runner, "echo")["setup"] == {"house": "blue"}

    def test_an_answer_says_what_it_cost(self, runner: Any) -> None:
        """Seconds and peak memory are added to the answer."""
        answer = self.ask(runner, "echo")
        assert (answer["seconds"] >= 0, answer["peak_memory"] >= 0) == (True, True)

    def test_capacity_is_at_least_one(self, runner: Any) -> None:
        """It can do something at once."""
        assert runner.capacity() >= 1

    def test_progress_is_passed_on(self, runner: Any) -> None:
        """Every report reaches the caller, in order."""
        heard: list[tuple[float, str]] = []
        runner.run(
            Task("report", {"do": "report"}, progress=lambda fraction, message="": heard.append((fraction, message)))
        ).result(PATIENCE)
        assert heard == [(0.5, "half way"), (1.0, "")]

    def test_an_error_of_ours_arrives_as_it_was_raised(self, runner: Any) -> None:
        """Class, message and facts are kept."""
        with pytest.raises(StoreError) as caught:
            self.ask(runner, "fail")
        assert (caught.value.message, caught.value.facts) == (
            "the disk is full; free some space",
            {"path": "/var", "rows": 3},
        )

    def test_a_bug_is_named(self, runner: Any) -> None:
        """
        An unexpected exception becomes JobCrashed with its type, message and place; the traceback is a fact, not the
        message.
        """
        with pytest.raises(JobCrashed, match=r"KeyError: 'missing thing' \(at .*jobs\.py:\d+\)") as caught:
            self.ask(runner, "bug")
        assert "Traceback (most recent call last)" in caught.value.facts["traceback"]

    def test_a_failed_job_costs_no_other(self, runner: Any) -> None:
        """After a failure the same runner answers as before."""
        with pytest.raises(JobCrashed):
            self.ask(runner, "bug")
        assert self.ask(runner, "echo", say="still here")["said"] == "still here"

    def test_more_tasks_than_it_can_do_at_once_are_all_done(self, runner: Any) -> None:
        """What finds no room waits, and each answer belongs to its question."""
        futures = [runner.run(Task("echo", {"do": "echo", "say": at})) for at in range(3 * runner.capacity() + 1)]
        assert [future.result(PATIENCE)["said"] for future in futures] == list(range(len(futures)))

    def test_a_job_over_its_limit_is_stopped(self, runner: Any) -> None:
        """It fails with JobTimedOut, which names the job and the limit."""
        future, _ = self.hanging(runner, 0.05)
        with pytest.raises(JobTimedOut, match=r"hang: stopped after 0.05 s"):
            future.result(PATIENCE)

    def test_a_running_job_can_be_cancelled(self, runner: Any) -> None:
        """Cancelling its future stops it; the future fails with JobCancelled."""
        future, running = self.hanging(runner)
        assert running.wait(PATIENCE)
        future.cancel()
        with pytest.raises(JobCancelled):
            future.result(PATIENCE)

    def test_a_waiting_job_can_be_cancelled(self, runner: Any) -> None:
        """It never starts, and nothing else is disturbed."""
        busy = [self.hanging(runner) for _ in range(runner.capacity())]
        assert all(running.wait(PATIENCE) for _, running in busy)
        waiting = runner.run(Task("echo", {"do": "echo"}))
        assert (waiting.cancel(), waiting.cancelled()) == (True, True)
        for future, _ in busy:
            future.cancel()
        wait([future for future, _ in busy], PATIENCE)
        assert self.ask(runner, "echo", say="next")["said"] == "next"

    def test_a_progress_callback_that_raises_costs_only_its_job(self, runner: Any) -> None:
        """The future fails, and the runner goes on."""

        def raising(*_: Any) -> None:
            raise ArithmeticError("a bug of the caller")

        future = runner.run(Task("report", {"do": "report"}, progress=raising))
        assert "a bug of the caller" in str(future.exception(PATIENCE))
        assert self.ask(runner, "echo", say="next")["said"] == "next"

    def test_stopping_ends_everything(self) -> None:
        """
        What runs and what waits fails with JobCancelled, and so does what is asked afterwards; stopping twice is once.
        """
        runner = self.component(**self.settings)
        runner.start(RunnerOptions(ENTRY))
        first, running = self.hanging(runner)
        assert running.wait(PATIENCE)
        others = [self.hanging(runner)[0] for _ in range(runner.capacity())]
        runner.stop()
        runner.stop()
        futures = [first, *others, runner.run(Task("echo", {"do": "echo"}))]
        done = wait(futures, PATIENCE).done
        assert len(done) == len(futures)
        assert all(future.cancelled() or isinstance(future.exception(), JobCancelled) for future in futures)

    def test_it_can_be_started_again(self) -> None:
        """A stopped runner that is started again works."""
        runner = self.component(**self.settings)
        for house in ("red", "green"):
            runner.start(RunnerOptions(ENTRY, {"house": house}))
            assert self.ask(runner, "echo")["setup"] == {"house": house}
            runner.stop()
