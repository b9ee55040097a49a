"""
The parent's side of a job process: one Hand holds one child, gives it tasks one after the other, and says in words how
each ended.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from typing import IO, Any

from attrs import define, field

from nlprec.errors import JobCancelled, JobCrashed, JobTimedOut, NlprecError, from_wire
from nlprec.kit.options import RunnerOptions, Task

TAIL = 2000  #: characters of a dead child's last words that are quoted
START_LIMIT = 120.0  #: seconds a child may take to import what it needs
GONE_LIMIT = 5.0  #: seconds a child may take to be gone once its pipe is closed


def stopping() -> NlprecError:
    """Return the error of tasks that a stopping runner cannot carry out."""
    return JobCancelled("the runner is stopping; start it again to run this")


class RunningTask(Future[Any]):
    """A future whose ``cancel`` also stops a task that runs already; ``reason`` is then the error it fails with."""

    hand: "Hand | None" = None
    reason: NlprecError | None = None

    def cancel(self) -> bool:
        """Cancel what waits, kill what runs; the future of a killed task fails with JobCancelled."""
        if super().cancel():
            return True
        self.halt(JobCancelled("the job was cancelled"))
        return False

    def halt(self, reason: NlprecError) -> None:
        """Stop it, for a reason: the first one counts."""
        self.reason = self.reason or reason
        if self.hand is not None and not self.done():
            self.hand.kill(self)


@define(eq=False)
class Hand:
    """
    One child process, replaced when it dies. Used by one thread at a time; ``kill`` and ``stop`` may come from any.
    """

    opts: RunnerOptions
    threads: int
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)
    _lines: "IO[bytes] | None" = field(default=None, init=False)
    _words: "IO[bytes] | None" = field(
        default=None, init=False
    )  #: what the child prints, by itself or through a library
    _job: int = field(default=0, init=False)  #: pid of the fork that works now
    _future: RunningTask = field(factory=RunningTask, init=False)  #: of the task that runs now
    _stopped: bool = field(default=False, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def do(self, task: Task, future: RunningTask) -> dict[str, Any]:
        """
        Carry one task out and return its answer.

        Raises:
            NlprecError: the job's own error, JobCrashed, JobTimedOut or JobCancelled.
        """
        with self._lock:
            self._future = future
            if self._stopped:
                future.reason = future.reason or stopping()
        self._start()
        late = JobTimedOut(f"{task.name}: stopped after {task.limit:g} s; raise run.limit or ask for less")
        timer = threading.Timer(task.limit, future.halt, [late])
        if task.limit:
            timer.daemon = True
            timer.start()
        try:
            return self._converse(task)
        finally:
            timer.cancel()
            with self._lock:
                self._job = 0

    def kill(self, future: RunningTask) -> None:
        """Stop the task of this future, if it is the one that runs now."""
        with self._lock:
            if future is self._future:
                self._strike()

    def stop(self) -> None:
        """Stop what runs now, and whatever is asked later."""
        with self._lock:
            self._stopped = True
            self._future.reason = self._future.reason or stopping()
            self._strike()

    def _strike(self) -> None:
        if self._job:
            _kill_group(self._job)
        elif self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End the child and everything it forked, and wait for it."""
        with self._lock:
            process, job = self._process, self._job
        if job:
            _kill_group(job)
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, self._lines, self._words):
                if stream is not None:
                    _close(stream)
        self._process = self._lines = self._words = None

    def _start(self) -> None:
        self._refuse()
        if self._process is not None and self._process.poll() is None:
            return
        self.close()
        read, write = os.pipe()
        self._words = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the child)
        count = str(self.threads)
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": count,
            "OPENBLAS_NUM_THREADS": count,
            "MKL_NUM_THREADS": count,
            "PYTHONUNBUFFERED": "1",
        }
        command = [sys.executable, "-m", "nlprec.kit.io.child", str(write), str(os.getpid())]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=self._words,
            stderr=self._words,
            pass_fds=(write,),
            env=environment,
            start_new_session=True,
        )
        os.close(write)
        self._lines = os.fdopen(read, "rb")
        limit = threading.Timer(START_LIMIT, self._process.kill)
        limit.daemon = True
        limit.start()
        try:
            self._send({"entry": self.opts.entry, "setup": dict(self.opts.setup)})
            answer = self._hear()
        finally:
            limit.cancel()
        if "error" in answer:
            self.close()
            raise from_wire(answer["error"])
        if "ready" not in answer:
            raise self._gone("a job process could not start: it")

    def _refuse(self) -> None:
        if self._future.reason is not None:
            raise self._future.reason

    def _converse(self, task: Task) -> dict[str, Any]:
        self._forget()
        self._send({"body": dict(task.body)})
        outcome: dict[str, Any] = {}
        while True:
            heard = self._hear()
            if not heard:
                raise self._gone(f"{task.name}: the process that starts jobs")
            if "pid" in heard:
                self._working(heard["pid"])
            elif "progress" in heard:
                task.progress(*heard["progress"])
            elif "exit" in heard:
                return self._concluded(task, outcome, heard["exit"])
            else:
                outcome = heard

    def _working(self, pid: int) -> None:
        with self._lock:
            self._job = pid
            if self._future.reason is not None:  # killed between the order and its start
                _kill_group(pid)

    def _concluded(self, task: Task, outcome: Mapping[str, Any], code: int) -> dict[str, Any]:
        self._refuse()
        if "error" in outcome:
            raise from_wire(outcome["error"])
        if "answer" in outcome:
            return {**outcome["answer"], "seconds": outcome["seconds"], "peak_memory": outcome["peak_memory"]}
        raise self._crashed(f"{task.name}: its process", code)

    def _send(self, words: Mapping[str, Any]) -> None:
        if self._process is None or self._process.stdin is None:
            raise JobCancelled("the runner has stopped")
        try:
            self._process.stdin.write(json.dumps(words).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise self._gone("the process that starts jobs") from None

    def _hear(self) -> dict[str, Any]:
        """Return the next whole line, empty when the child is gone; a killed fork may leave half a line behind."""
        while self._lines is not None and (line := self._lines.readline()).endswith(b"\n"):
            try:
                heard: dict[str, Any] = json.loads(line)
            except ValueError:
                continue
            return heard
        return {}

    def _gone(self, subject: str) -> NlprecError:
        """Return why the child is no longer there, and clear up behind it so that the next task gets a new one."""
        code = 0
        if self._process is not None:
            try:
                code = self._process.wait(GONE_LIMIT)
            except subprocess.TimeoutExpired:  # it closed its pipe but lives; close() kills it
                code = -signal.SIGKILL
        error = self._crashed(subject, code)
        self.close()
        return self._future.reason or error

    def _crashed(self, subject: str, code: int) -> NlprecError:
        tail = self._tail()
        return JobCrashed(f"{subject} {_ending(code)}" + (f"; its last words: {tail}" if tail else ""), exit=code)

    def _forget(self) -> None:
        """Drop what earlier tasks printed: a crash quotes its own last words, and the file stays small."""
        if self._words is not None:
            self._words.seek(0)
            self._words.truncate()

    def _tail(self) -> str:
        if self._words is None:
            return ""
        self._words.seek(0, os.SEEK_END)
        self._words.seek(max(0, self._words.tell() - TAIL))
        return " ".join(self._words.read().decode("utf-8", "replace").split())


def _ending(code: int) -> str:
    if code >= 0:
        return f"left with exit code {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    return f"was killed by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")


def _kill_group(pid: int) -> None:
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except OSError:
        return
