"""What people see: tables of an evaluation, of costs, of a ranking with its reasons."""

import sys
from collections.abc import Mapping, Sequence
from textwrap import shorten
from typing import Any

from rich.console import Console
from rich.table import Table

from nlprec.flow import Outcome
from nlprec.kit.report import Report

CELL = 17  #: characters a metric's column takes
SHOWN = 100  #: characters of a dirty record


class _Console(Console):
    """A console whose reader may go away."""

    def on_broken_pipe(self) -> None:
        """Tell the command line, which ends quietly; rich would end the thread it happens to be in."""
        raise BrokenPipeError


def console() -> Console:
    """
    Return a console on standard output that prints texts as they are; wide where it is no terminal, so tables stay
    whole.
    """
    return _Console(width=None if sys.stdout.isatty() else 200, highlight=False, markup=False, emoji=False)


def steps_summary(outcome: Outcome) -> None:
    """Print what was computed and what was there already, with seconds and peak memory."""
    out = console()
    cached = [step for step in outcome.steps if step.status == "cached"]
    done = [step for step in outcome.steps if step.status == "done"]
    peak = max((step.peak_memory for step in outcome.steps), default=0)
    if done and out.is_terminal:  # elsewhere each has had its line
        table = Table("job", "seconds", "peak MiB", title="computed", title_justify="left")
        for step in done:
            memory = f"{step.peak_memory >> 20}" if step.peak_memory else ""
            table.add_row(step.job.name, f"{step.seconds:.2f}", memory)
        out.print(table)
    for step in cached:
        out.print(f"= {step.job.name:28} cached")
    counts = f"{len(done)} computed, {len(cached)} cached, {outcome.seconds:.2f} s"
    out.print(counts + (f", peak memory of a job {peak >> 20} MiB" if peak else ""))


def verdict_line(outcome: Outcome) -> None:
    """Print what became of the release."""
    if not outcome.release:
        words = "no recommender is configured, so there is nothing to publish" if outcome.ok else "no release"
        console().print(words)
        return
    state = "published" if outcome.published else "not published"
    console().print(f"release {outcome.release}: {state} ({outcome.verdict or 'the run failed'})")


def dirt_lines(dirt: Sequence[Mapping[str, Any]]) -> None:
    """Print the records that could not be used, by reason."""
    out = console()
    for each in dirt:
        first = shorten(each["first"], SHOWN, placeholder=" …")
        out.print(f"dirt: {each['source']}: {each['count']} unusable: {each['reason']}; first: {first}")


def report_tables(report: Report, release: str) -> None:
    """
    Print models by metrics with intervals, the best of each column marked; blends against their best member; cost.
    """
    out = console()
    facts = report.facts
    asked = f"{facts['queries']} users, {facts['relevant_pairs']} held-out pairs, split {facts['split']}"
    title = f"{asked}; mean [{facts['level']:.0%} interval], * best"
    out.print(f"relevant: {facts['relevance']}; {facts['ranking']}")
    out.print(f"{facts['cold_users']} users without history are not averaged in")
    for at, metrics in enumerate(_columns(report, out.width)):
        out.print(_table(report, metrics, release, title if at == 0 else None))
    for each in facts["comparisons"]:
        out.print(f"{each['model']} - {each['other']} (its best input) on {each['metric']}: {_signed(each)}")
    _cost(out, {model: facts["cost"][model] for model in report.models if model in facts["cost"]})
    for note in facts["notes"]:
        rest = ", ".join(f"{name} {value}" for name, value in note.items() if name != "message")
        out.print(f"note: {note['message']}" + (f" ({rest})" if rest else ""))


def _columns(report: Report, width: int) -> list[tuple[str, ...]]:
    """Return the metrics in groups that fit beside the models' names."""
    room = max(1, (width - max(map(len, report.models), default=0) - 8) // CELL)
    return [report.metrics[at : at + room] for at in range(0, len(report.metrics), room)]


def _table(report: Report, metrics: Sequence[str], release: str, title: str | None) -> Table:
    table = Table("model", *metrics, title=title, title_justify="left")
    means = {metric: [row[metric].mean for row in report.table.values()] for metric in metrics}
    best = {metric: max((mean for mean in values if mean == mean), default=0.0) for metric, values in means.items()}
    for model, row in report.table.items():
        cells = []
        for metric in metrics:
            measure = row[metric]
            mark = "*" if measure.mean == best[metric] else ""
            cells.append(f"{measure.mean:.4f}{mark}\n[{measure.low:.3f}, {measure.high:.3f}]")
        table.add_row(f"{model} ←" if model == release else model, *cells)
    return table


def _signed(comparison: Mapping[str, Any]) -> str:
    words = "no difference beyond the interval"
    if comparison["low"] > 0:
        words = "better"
    elif comparison["high"] < 0:
        words = "worse"
    return f"{comparison['mean']:+.4f} [{comparison['low']:+.4f}, {comparison['high']:+.4f}], {words}"


def _cost(out: Console, costs: Mapping[str, Mapping[str, float]]) -> None:
    heads = ("model", "fit seconds", "fit peak MiB", "score µs a user", "MiB on disk")
    table = Table(*heads, title="cost", title_justify="left")
    for model, cost in costs.items():
        memory, disk = f"{int(cost['fit_memory']) >> 20}", f"{cost['bytes'] / 2**20:.1f}"
        table.add_row(model, f"{cost['fit_seconds']:.2f}", memory, f"{cost['score_us']:.0f}", disk)
    out.print(table)


def answer_table(answer: Any, subject: str, explain: bool) -> None:
    """Print a ranking with its reasons, and with ``explain`` the evidence and its shares."""
    out = console()
    step = f"model {answer.model}"
    if answer.step == "fallback":
        step = "nobody the models know: the fallback list"
    title = f"{subject} ({step}, release {answer.release[:8]})"
    if not answer.items:
        out.print(f"{title}: nothing to recommend")
        return
    table = Table("#", "item", "title", "score", "sources", "why", title=title, title_justify="left")
    for at, shown in enumerate(answer.items, 1):
        sources = ", ".join(f"{name} {share:.3g}" for name, share in shown.sources.items())
        table.add_row(str(at), shown.item, shown.title, f"{shown.score:.4g}", sources, _why(shown.reason, explain))
    out.print(table)


def _why(reason: Any, explain: bool) -> str:
    if not explain:
        return str(reason.text)
    because = "; ".join(f"liked {title} ({share:.3g})" for _, title, share in reason.because)
    shared = ", ".join(f"{term} ({share:.3g})" for term, share in reason.terms)
    return "\n".join(filter(None, [reason.text, because, f"shared: {shared}" if shared else ""]))


def plugin_tables(fates: Sequence[Any]) -> None:
    """Print the plugins that are there, then each that was left out or is broken, with its reason."""
    out = console()
    table = Table("plugin", "from", "brings")
    for fate in fates:
        if fate.status == "loaded":
            table.add_row(fate.name, _origin(fate), ", ".join(fate.components))
    out.print(table)
    for fate in fates:
        if fate.status == "disabled":
            out.print(f"disabled: {fate.name} ({_origin(fate)})")
        if fate.status == "broken":
            out.print(f"broken: {fate.name} ({_origin(fate)}), at {fate.stage}")
            out.print(f"    {fate.error}")
            out.print(f"    hint: {fate.hint}")


def _origin(fate: Any) -> str:
    return f"{fate.distribution} {fate.version}".strip() or str(fate.source)
