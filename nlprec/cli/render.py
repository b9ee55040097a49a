"""What people see: progress, tables, reasons."""

import sys
import threading
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from nlprec.flow import Outcome, Step
from nlprec.kit.report import Report

MARKS = {"done": "✓", "cached": "=", "failed": "✗", "skipped": "-"}


def console() -> Console:
    """Return a console on standard output; wide enough to keep tables whole when it is no terminal."""
    return Console(width=None if sys.stdout.isatty() else 200, highlight=False)


class Progress:
    """Listens to a walk: a live table on a terminal, else a line when a job ends. Called from several threads."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._console = console()
        self._steps: dict[str, Step] = {}
        self._lock = threading.Lock()
        self._live = (
            Live(console=self._console, refresh_per_second=8, transient=True)
            if self._console.is_terminal and not quiet
            else None
        )

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
            elif not self._quiet and step.status in ("done", "failed", "skipped"):
                memory = f", {step.peak_memory >> 20} MiB" if step.peak_memory else ""
                words = f": {step.message}" if step.message else ""
                self._console.print(
                    f"{MARKS[step.status]} {step.job.name:28} {step.status} in {step.seconds:.2f} s{memory}{words}",
                    markup=False,
                )

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for step in self._steps.values():
            bar = "█" * round(20 * step.fraction) + "·" * (20 - round(20 * step.fraction))
            seconds = f"{step.seconds:.1f} s" if step.seconds else ""
            table.add_row(
                MARKS.get(step.status, "…"),
                step.job.name,
                bar if step.status == "running" else step.status,
                seconds,
                step.message[:60],
            )
        return table


def steps_table(outcome: Outcome) -> None:
    """Print what was computed and what was there already, with seconds and peak memory."""
    out = console()
    cached = [step for step in outcome.steps if step.status == "cached"]
    done = [step for step in outcome.steps if step.status == "done"]
    peak = max((step.peak_memory for step in outcome.steps), default=0)
    if done:
        table = Table("job", "seconds", "peak MiB", title="computed", title_justify="left")
        for step in done:
            table.add_row(step.job.name, f"{step.seconds:.2f}", f"{step.peak_memory >> 20}" if step.peak_memory else "")
        out.print(table)
    for step in cached:
        out.print(f"= {step.job.name:28} cached", markup=False)
    out.print(
        f"{len(done)} computed, {len(cached)} cached, {outcome.seconds:.2f} s, peak memory of a job {peak >> 20} MiB"
    )


def verdict_line(outcome: Outcome) -> None:
    """Print what became of the release."""
    if outcome.release:
        state = "published" if outcome.published else "not published"
        console().print(f"release {outcome.release}: {state} ({outcome.verdict or 'the run failed'})", markup=False)


def report_tables(report: Report, release: str) -> None:
    """
    Print models by metrics with intervals, the best of each column marked; blends against their best member; what it
    cost.
    """
    out = console()
    facts = report.facts
    title = f"{facts['queries']} users, {facts['relevant_pairs']} held-out pairs, split {facts['split']}; mean [{facts['level']:.0%} interval], * best"
    out.print(
        f"relevant: {facts['relevance']}; {facts['ranking']}; {facts['cold_users']} users without history are not averaged in",
        markup=False,
    )
    table = Table("model", *report.metrics, title=title, title_justify="left")
    best = {metric: max((row[metric].mean for row in report.table.values()), default=0.0) for metric in report.metrics}
    for model, row in report.table.items():
        cells = [
            f"{m.mean:.4f}{'*' if m.mean == best[name] else ''}\n[{m.low:.3f}, {m.high:.3f}]" for name, m in row.items()
        ]
        table.add_row(f"{model} ←" if model == release else model, *cells)
    out.print(table)
    for each in facts["comparisons"]:
        out.print(
            f"{each['model']} - {each['other']} (its best input) on {each['metric']}: {_signed(each)}", markup=False
        )
    _cost(out, {model: facts["cost"][model] for model in report.models if model in facts["cost"]})
    for note in facts["notes"]:
        rest = ", ".join(f"{name} {value}" for name, value in note.items() if name != "message")
        out.print(f"note: {note['message']}" + (f" ({rest})" if rest else ""), markup=False)


def _signed(comparison: Mapping[str, Any]) -> str:
    words = "no difference beyond the interval"
    if comparison["low"] > 0:
        words = "better"
    elif comparison["high"] < 0:
        words = "worse"
    return f"{comparison['mean']:+.4f} [{comparison['low']:+.4f}, {comparison['high']:+.4f}], {words}"


def _cost(out: Console, costs: Mapping[str, Mapping[str, float]]) -> None:
    table = Table(
        "model", "fit seconds", "fit peak MiB", "score µs a user", "MiB on disk", title="cost", title_justify="left"
    )
    for model, cost in costs.items():
        table.add_row(
            model,
            f"{cost['fit_seconds']:.2f}",
            f"{int(cost['fit_memory']) >> 20}",
            f"{cost['score_us']:.0f}",
            f"{cost['bytes'] / 2**20:.1f}",
        )
    out.print(table)


def answer_table(answer: Any, subject: str, explain: bool) -> None:
    """Print a ranking with its reasons, and with ``explain`` the evidence and its shares."""
    out = console()
    step = "nobody the models know: the fallback list" if answer.step == "fallback" else f"model {answer.model}"
    table = Table(
        "#",
        "item",
        "title",
        "score",
        "sources",
        "why",
        title=f"{subject} ({step}, release {answer.release[:8]})",
        title_justify="left",
    )
    for at, shown in enumerate(answer.items, 1):
        sources = ", ".join(f"{name} {share:.3g}" for name, share in shown.sources.items())
        table.add_row(str(at), shown.item, shown.title, f"{shown.score:.4g}", sources, _why(shown.reason, explain))
    out.print(table, markup=False)
    if not answer.items:
        out.print("nothing to recommend")


def _why(reason: Any, explain: bool) -> str:
    if not explain:
        return str(reason.text)
    because = [f"liked {title} ({share:.3g})" for _, title, share in reason.because]
    shared = [f"{term} ({share:.3g})" for term, share in reason.terms]
    return "\n".join(filter(None, [reason.text, "; ".join(because), f"shared: {', '.join(shared)}" if shared else ""]))
