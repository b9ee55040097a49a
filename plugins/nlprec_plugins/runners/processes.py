"""Jobs in child processes of this machine: a crash, a leak or a hang costs one job, never the node."""

import os
import queue
import threading
from concurrent.futures import Future
from typing import Any

from attrs import define, field
from attrs.validators import ge
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.errors import NlprecError
from nlprec.interfaces import IRunner
from nlprec.kit.io.parent import Hand, RunningTask, stopping
from nlprec.kit.options import RunnerOptions, Task


@implementer(IRunner)
@define(eq=False)
class Processes:
    """
    A few long-lived processes that import everything once and fork for each task (``nlprec.kit.io.child``).

    A fork is cheap, its peak memory is the job's own, and it dies with its parent.
    """

    name = "processes"
    workers: int = field(default=0, validator=ge(0))  #: tasks at once; 0: one for each core
    threads: int = field(default=1, validator=ge(1))  #: BLAS threads of each
    _queue: "queue.SimpleQueue[tuple[Task, RunningTask] | None]" = field(factory=queue.SimpleQueue, init=False)
    _hands: list[Hand] = field(factory=list, init=False)
    _crew: list[threading.Thread] = field(factory=list, init=False)

    def start(self, opts: RunnerOptions) -> None:
        """Get the threads ready; each starts its process with its first task."""
        self._hands = [Hand(opts, self.threads) for _ in range(self.capacity())]
        self._crew = [
            threading.Thread(target=self._serve, args=(hand,), name="nlprec-runner", daemon=True)
            for hand in self._hands
        ]
        for thread in self._crew:
            thread.start()

    def run(self, task: Task) -> Future[Any]:
        """Hand a task over to the next free process."""
        future = RunningTask()
        if self._crew:
            self._queue.put((task, future))
        else:
            future.set_exception(stopping())
        return future

    def stop(self) -> None:
        """Cancel what waits, kill what runs, and wait until every process is gone."""
        crew, self._crew = self._crew, []
        for hand in self._hands:
            hand.stop()
        for _ in crew:
            self._queue.put(None)
        for thread in crew:
            thread.join()
        self._hands = []

    def capacity(self) -> int:
        """Return the number of processes."""
        return self.workers or len(os.sched_getaffinity(0))

    def _serve(self, hand: Hand) -> None:
        while (entry := self._queue.get()) is not None:
            task, future = entry
            future.hand = hand
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(hand.do(task, future))
            except NlprecError as error:
                future.set_exception(error)
            except Exception as error:  # bulkhead: a caller's progress callback may raise; the crew must go on
                hand.close()
                future.set_exception(error)
        hand.close()


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the runner."""
    return [Processes]
