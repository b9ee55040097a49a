"""Jobs in a thread of this process, one at a time: for tests, small data and debuggers."""

import importlib
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from attrs import define, field
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.errors import JobCancelled, JobCrashed, JobTimedOut, NlprecError
from nlprec.interfaces import IRunner
from nlprec.kit.options import RunnerOptions, Task


@implementer(IRunner)
@define(eq=False)
class Inline:
    """
    One thread. A job that crashes the interpreter takes the node with it; time limits and cancelling act at the job's next progress report.

    Peak memory is not told apart by job and is reported as 0.
    """

    name = "inline"
    threads: int = 1  #: BLAS threads
    _perform: Callable[..., Any] | None = field(default=None, init=False)
    _pool: ThreadPoolExecutor | None = field(default=None, init=False)
    _stopping: bool = field(default=False, init=False)

    def start(self, opts: RunnerOptions) -> None:
        """Open the workshop in this process."""
        module, _, name = opts.entry.partition(":")
        self._perform = getattr(importlib.import_module(module), name)(opts.setup)
        self._pool = ThreadPoolExecutor(1, "nlprec-inline")
        self._stopping = False

    def run(self, task: Task) -> Future[Any]:
        """Queue a task."""
        if self._pool is None:
            raise JobCancelled("the runner has stopped")
        return self._pool.submit(self._do, task)

    def stop(self) -> None:
        """Cancel what waits and wait for what runs."""
        self._stopping = True
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = self._perform = None

    def capacity(self) -> int:
        """Return 1."""
        return 1

    def _do(self, task: Task) -> dict[str, Any]:
        start = time.monotonic()

        def progress(fraction: float, message: str = "") -> None:
            if self._stopping:
                raise JobCancelled("the runner is stopping")
            if task.limit and time.monotonic() - start > task.limit:
                raise JobTimedOut(f"{task.name}: stopped after {task.limit:g} s; raise run.limit or ask for less")
            task.progress(fraction, message)

        try:
            answer = self._perform(task.body, progress) if self._perform is not None else {}
        except NlprecError:
            raise
        except Exception as error:  # bulkhead: a component may raise anything; it leaves here as a JobCrashed in words
            raise JobCrashed(f"{task.name}: {type(error).__name__}: {error}") from error
        return {**answer, "seconds": time.monotonic() - start, "peak_memory": 0}


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the runner."""
    return [Inline]
