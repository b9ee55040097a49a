"""publish -> Release: everything that must flip together, under one name; and the rule by which it may."""

from collections.abc import Mapping

from attrs import frozen

from nlprec.bench import Bench, Made
from nlprec.kit.report import Report


@frozen
class Verdict:
    """Whether a candidate may become the live release, and why."""

    publish: bool
    reason: str


def run(bench: Bench) -> Made:
    """Return a Release: no arrays, only which artifacts play which part; every one of them is checked on the way."""
    for role in bench.inputs:
        bench.load(role)
    dataset = bench.archive.manifest(bench.inputs["dataset"])
    meta = {
        "release": bench.settings["release"],
        "recommenders": bench.settings["recommenders"],
        "extractors": bench.settings["extractors"],
        "blends": bench.settings["blends"],
        "dataset": bench.inputs["dataset"],
        "report": bench.inputs["report"],
        "models": bench.roles("model"),
        "features": bench.roles("features"),
        "data": dataset.meta["facts"],
    }
    return Made("release", {}, meta)


def decide(
    report: Report, champion: Report | None, release: str, champion_release: str, gate: Mapping[str, str]
) -> Verdict:
    """
    Say whether a candidate may replace the champion, metric by metric.

    ``no_worse`` holds unless the candidate's whole interval lies below the champion's mean; ``better`` asks that it
    lies above. Both were judged on their own held-out users, which differ when the data moved on, so the comparison is
    of intervals, not of pairs. Reports of different exams (another split, other weights, another notion of relevant)
    cannot be compared, and the candidate passes.
    """
    if champion is None or not gate:
        return Verdict(True, "first release" if champion is None else "no gate is set")
    if champion.facts.get("exam") != report.facts.get("exam"):
        return Verdict(
            True, "the live release was judged by another split or other weights, so there is nothing to compare"
        )
    for metric, rule in gate.items():
        mine = report.table[release][metric]
        other = champion.table.get(champion_release, {}).get(metric)
        if other is None:
            continue
        figures = f"{metric} {mine.mean:.4f} [{mine.low:.4f}, {mine.high:.4f}]"
        if rule == "no_worse" and mine.high < other.mean:
            return Verdict(False, f"{figures} is below the live release's {other.mean:.4f}")
        if rule == "better" and mine.low <= other.mean:
            return Verdict(False, f"{figures} is not above the live release's {other.mean:.4f}")
    return Verdict(True, "every gate holds")
