"""The processes runner: a crash, a leak or a hang costs one job, never the node."""

import os
import threading
import time
from pathlib import Path

import pytest
from nlprec_plugins.runners.processes import Processes

from nlprec.errors import JobCancelled, JobCrashed, StoreError
from nlprec.kit.options import RunnerOptions, Task
from nlprec.testing.contracts._runners import PATIENCE, RunnerContract
from nlprec.testing.jobs import ENTRY


def ask(runner, do, **body):
    """Carry one job out and return its answer."""
    return runner.run(Task(do, {"do": do, **body})).result(PATIENCE)


def gone(pid):
    """Wait until a process has ended (a zombie has), and say whether it did."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state in "ZX":
            return True
        threading.Event().wait(0.005)
    return False


@pytest.fixture(scope="module")
def runner():
    """Return a runner of one process."""
    runner = Processes(workers=1)
    runner.start(RunnerOptions(ENTRY))
    yield runner
    runner.stop()


class TestProcesses(RunnerContract):
    """It keeps the word of every runner."""

    component = Processes
    settings = {"workers": 2}


def test_as_many_as_cores_by_default():
    """Zero workers means one for each core this process may use."""
    assert Processes().capacity() == len(os.sched_getaffinity(0))


def test_a_signal_is_named_with_the_last_words(runner):
    """A job that dies by a signal fails with the signal's name and what it printed last."""
    with pytest.raises(
        JobCrashed, match=r"die: its process was killed by SIGSEGV; its last words:.*these are my last words"
    ):
        ask(runner, "die")


def test_a_crash_does_not_quote_an_earlier_job(runner):
    """Last words are the job's own."""
    ask(runner, "print")
    with pytest.raises(JobCrashed) as caught:
        ask(runner, "exit")
    assert "library that prints" not in str(caught.value)


def test_an_exit_is_named(runner):
    """A job that leaves fails with its exit code."""
    with pytest.raises(JobCrashed, match="exit: its process left with exit code 3"):
        ask(runner, "exit")


def test_prints_are_not_answers(runner):
    """What libraries print, in Python or C, does not disturb the conversation."""
    assert ask(runner, "print")["said"] == "the answer"


def test_a_half_written_line_is_passed_over(runner):
    """A job killed in the middle of a line fails by itself alone."""
    with pytest.raises(JobCrashed, match="tear: its process was killed by SIGKILL"):
        ask(runner, "tear")
    assert ask(runner, "echo", say="next")["said"] == "next"


def test_an_answer_that_is_not_plain_is_the_jobs_mistake(runner):
    """A set in an answer is named, not lost."""
    with pytest.raises(JobCrashed, match=r"TypeError: .*set is not JSON"):
        ask(runner, "strange")


def test_every_job_has_a_process_of_its_own(runner):
    """Two jobs are two processes of one parent, so that imports are paid once; neither can read the other's orders."""
    first, second = ask(runner, "family"), ask(runner, "family")
    assert first["pid"] != second["pid"]
    assert (first["parent"], first["orders"]) == (second["parent"], "")


def test_peak_memory_is_the_jobs_own(runner):
    """A greedy job reports what it took; the next one does not."""
    size = 200 * 1024**2
    greedy, modest = ask(runner, "allocate", size=size), ask(runner, "echo")
    assert (greedy["peak_memory"] > size, modest["peak_memory"] < size) == (True, True)


def test_the_forking_process_is_replaced(runner):
    """
    When the process that forks dies, the running job fails, its fork dies with it, and the next job gets a new one.
    """
    heard = []
    future = runner.run(Task("orphan", {"do": "orphan"}, progress=lambda _, pid="": heard.append(int(pid))))
    assert "the process that starts jobs was killed by SIGKILL" in str(future.exception(PATIENCE))
    assert all(gone(pid) for pid in set(heard))
    assert ask(runner, "echo", say="next")["said"] == "next"


def test_an_entry_that_fails_is_told_to_every_task():
    """When the workshop cannot open, its error reaches the caller; the runner can still be stopped."""
    runner = Processes(workers=1)
    runner.start(RunnerOptions("nlprec.testing.jobs:broken_entry"))
    errors = [runner.run(Task("echo", {"do": "echo"})).exception(PATIENCE) for _ in range(2)]
    runner.stop()
    assert [(type(error), error.facts) for error in errors] == [(StoreError, {"day": "tomorrow"})] * 2


def test_stopping_leaves_no_process():
    """Neither the job nor the process that forked it is left."""
    runner = Processes(workers=1)
    runner.start(RunnerOptions(ENTRY))
    parent = ask(runner, "family")["parent"]
    heard, running = [], threading.Event()
    future = runner.run(
        Task("hang", {"do": "hang"}, progress=lambda _, pid="": (heard.append(int(pid)), running.set()))
    )
    assert running.wait(PATIENCE)
    runner.stop()
    assert isinstance(future.exception(), JobCancelled)
    assert (gone(heard[0]), gone(parent)) == (True, True)
