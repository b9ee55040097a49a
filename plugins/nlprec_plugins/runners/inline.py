"""Jobs in a thread of this process, one at a time: for tests, small data and debuggers."""

import importlib
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from attrs import define, field
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.errors import JobTimedOut, NlprecError, from_wire
from nlprec.interfaces import IRunner
from nlprec.kit.io.child import describe
from nlprec.kit.io.parent import RunningTask, stopping
from nlprec.kit.options import RunnerOptions, Task


@implementer(IRunner)
@define(eq=False)
class Inline:
    """
    One thread. A job that crashes the interpreter takes the node with it; time limits and cancelling act at the job's
    next progress report.

    Peak memory is not told apart by job and is reported as 0.
    """

    name = "inline"
    threads: int = 1  #: BLAS threads
    _perform: Callable[..., Any] | None = field(default=None, init=False)
    _queue: "queue.SimpleQueue[tuple[Task, RunningTask] | None]" = field(factory=queue.SimpleQueue, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)
    _open: "set[RunningTask]" = field(factory=set, init=False)  #: futures that are not done

    def start(self, opts: RunnerOptions) -> None:
        """Open the workshop in this process."""
        module, _, name = opts.entry.partition(":")
        self._perform = getattr(importlib.import_module(module), name)(opts.setup)
        self._thread = threading.Thread(target=self._serve, name="nlprec-inline", daemon=True)
        self._thread.start()

    def run(self, task: Task) -> Future[Any]:
        """Queue a task."""
        future = RunningTask()
        if self._thread is None:
            future.set_exception(stopping())
            return future
        self._open.add(future)
        future.add_done_callback(self._open.discard)
        self._queue.put((task, future))
        return future

    def stop(self) -> None:
        """Cancel what waits and wait for what runs."""
        thread, self._thread = self._thread, None
        for future in list(self._open):
            future.halt(stopping())
        if thread is not None:
            self._queue.put(None)
            thread.join()

    def capacity(self) -> int:
        """Return 1."""
        return 1

    def _serve(self) -> None:
        while (entry := self._queue.get()) is not None:
            task, future = entry
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(self._do(task, future))
            except NlprecError as error:
                future.set_exception(error)
            except Exception as error:  # bulkhead: a component may raise anything; it leaves here in words
                future.set_exception(from_wire(describe(error)))

    def _do(self, task: Task, future: RunningTask) -> dict[str, Any]:
        start = time.monotonic()

        def check() -> None:
            if task.limit and time.monotonic() - start > task.limit:
                future.halt(
                    JobTimedOut(f"{task.name}: stopped after {task.limit:g} s; raise run.limit or ask for less")
                )
            if future.reason is not None:
                raise future.reason

        def progress(fraction: float, message: str = "") -> None:
            check()
            task.progress(fraction, message)

        check()
        answer = self._perform(task.body, progress) if self._perform is not None else {}
        check()
        return {**answer, "seconds": time.monotonic() - start, "peak_memory": 0}


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the runner."""
    return [Inline]
