"""The gate: who may replace the live release."""

import pytest

from nlprec.kit.report import Measure, Report
from nlprec.stages.publish import decide


def report(mean, half=0.02, model="mix", exam="one"):
    """Return a report of one model and one metric."""
    return Report({model: {"ndcg@10": Measure(mean, mean - half, mean + half, 100)}}, facts={"exam": exam})


@pytest.mark.parametrize(
    ("mine", "rule", "expected"),
    [
        (0.30, "no_worse", True),
        (0.29, "no_worse", True),
        (0.27, "no_worse", False),
        (0.31, "better", False),
        (0.33, "better", True),
    ],
)
def test_intervals_decide(mine, rule, expected):
    """No worse: not wholly below the champion's mean; better: wholly above it."""
    assert decide(report(mine), report(0.30), "mix", "mix", {"ndcg@10": rule}).publish is expected


def test_a_refusal_says_by_how_much():
    """Both figures and the interval."""
    verdict = decide(report(0.2), report(0.3), "mix", "mix", {"ndcg@10": "no_worse"})
    assert verdict.reason == "ndcg@10 0.2000 [0.1800, 0.2200] is below the live release's 0.3000"


def test_the_first_release_has_no_rival():
    """There is nothing to compare with."""
    assert decide(report(0.1), None, "mix", "", {"ndcg@10": "better"}).publish


def test_without_a_gate_everything_passes():
    """The operator asked for no check."""
    assert decide(report(0.1), report(0.9), "mix", "mix", {}).publish


def test_reports_of_different_exams_are_not_compared():
    """A changed split makes easier or harder questions; that says nothing about the models."""
    assert decide(report(0.1), report(0.9, exam="two"), "mix", "mix", {"ndcg@10": "no_worse"}).publish


def test_a_metric_the_champion_lacks_holds_nobody_back():
    """A newly configured metric has no old value."""
    assert decide(report(0.1), report(0.9, model="other"), "mix", "mix", {"ndcg@10": "no_worse"}).publish
