"""A walk as people see it: a live table on a terminal, else a line when a job ends."""

import threading

from rich.live import Live
from rich.table import Table

from nlprec.cli.render import console
from nlprec.flow import Step

MARKS = {"done": "✓", "cached": "=", "failed": "✗", "skipped": "-"}
ENDS = ("done", "failed", "skipped")
BAR = 20  #: cells of a progress bar


class Progress:
    """A listener of the walk; it is called from several threads."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._console = console()
        self._steps: dict[str, Step] = {}
        self._lock = threading.Lock()
        self._live: Live | None = None
        if self._console.is_terminal and not quiet:
            self._live = Live(console=self._console, refresh_per_second=8, transient=True)

    def __enter__(self) -> "Progress":
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, step: Step) -> None:
        """Take a step."""
        with self._lock:
            self._steps[step.job.digest] = step
            if self._live is not None:
                self._live.update(self._table())
            elif not self._quiet and step.status in ENDS:
                self._console.print(line(step))

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for step in self._steps.values():
            full = round(BAR * step.fraction)
            state = "█" * full + "·" * (BAR - full) if step.status == "running" else step.status
            seconds = f"{step.seconds:.1f} s" if step.seconds else ""
            table.add_row(MARKS.get(step.status, "…"), step.job.name, state, seconds, step.message[:60])
        return table


def line(step: Step) -> str:
    """Return what became of a job, in one line."""
    memory = f", {step.peak_memory >> 20} MiB" if step.peak_memory else ""
    words = f": {' '.join(step.message.split())}" if step.message else ""
    return f"{MARKS[step.status]} {step.job.name:28} {step.status} in {step.seconds:.2f} s{memory}{words}"
