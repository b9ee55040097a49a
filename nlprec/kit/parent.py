"""The parent's side of a job process: one Hand holds one child, gives it tasks one after the other, and says in words how each ended."""

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


@define
class Hand:
    """One child process, replaced when it dies. Used by one thread at a time; ``kill`` may come from any."""

    opts: RunnerOptions
    threads: int
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)
    _lines: "IO[bytes] | None" = field(default=None, init=False)
    _words: "IO[bytes] | None" = field(default=None, init=False)  #: what the child prints, by itself or through a library
    _job: int = field(default=0, init=False)  #: pid of the fork that works now
    _reason: NlprecError | None = field(default=None, init=False)  #: why we killed it
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def do(self, task: Task, future: "Future[Any]") -> dict[str, Any]:
        """
        Carry one task out and return its answer.

        Raises:
            NlprecError: the job's own error, JobCrashed, JobTimedOut or JobCancelled.
        """
        self._reason = None
        self._start()
        timer = threading.Timer(task.limit, self.kill, [JobTimedOut(f"{task.name}: stopped after {task.limit:g} s; raise run.limit or ask for less")])
        if task.limit:
            timer.daemon = True
            timer.start()
        try:
            return self._converse(task, future)
        finally:
            timer.cancel()
            with self._lock:
                self._job = 0

    def kill(self, reason: NlprecError) -> None:
        """Stop the task that runs now; its future fails with the reason."""
        with self._lock:
            self._reason = self._reason or reason
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
        if self._process is not None and self._process.poll() is None:
            return
        self.close()
        read, write = os.pipe()
        self._words = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the child)
        count = str(self.threads)
        environment = {**os.environ, "OMP_NUM_THREADS": count, "OPENBLAS_NUM_THREADS": count, "MKL_NUM_THREADS": count, "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "nlprec.kit.child", str(write)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=self._words, stderr=self._words, pass_fds=(write,), env=environment, start_new_session=True
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
            raise from_wire(answer["error"])
        if "ready" not in answer:
            raise self._died("a job process could not start")

    def _converse(self, task: Task, future: "Future[Any]") -> dict[str, Any]:
        self._send({"body": dict(task.body)})
        outcome: dict[str, Any] = {}
        while True:
            heard = self._hear()
            if not heard:
                raise self._died(f"{task.name}: its process died")
            if "pid" in heard:
                self._working(heard["pid"], future)
            elif "progress" in heard:
                task.progress(*heard["progress"])
            elif "exit" in heard:
                return self._concluded(task, outcome, heard["exit"])
            else:
                outcome = heard

    def _working(self, pid: int, future: "Future[Any]") -> None:
        with self._lock:
            self._job = pid
            if self._reason is not None:  # killed between the order and its start
                _kill_group(pid)

    def _concluded(self, task: Task, outcome: Mapping[str, Any], code: int) -> dict[str, Any]:
        if self._reason is not None:
            raise self._reason
        if "error" in outcome:
            raise from_wire(outcome["error"])
        if "answer" in outcome:
            return {**outcome["answer"], "seconds": outcome["seconds"], "peak_memory": outcome["peak_memory"]}
        raise self._died(f"{task.name}: its process {_ending(code)}")

    def _send(self, words: Mapping[str, Any]) -> None:
        if self._process is None or self._process.stdin is None:
            raise JobCancelled("the runner has stopped")
        try:
            self._process.stdin.write(json.dumps(words).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise self._died("a job process died before it was asked") from None

    def _hear(self) -> dict[str, Any]:
        """Return the next line, empty when the child is gone."""
        line = self._lines.readline() if self._lines is not None else b""
        heard: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {}
        return heard

    def _died(self, message: str) -> NlprecError:
        if self._reason is not None:
            return self._reason
        tail = self._tail()
        return JobCrashed(f"{message}{f'; its last words: {tail}' if tail else ''}")

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
