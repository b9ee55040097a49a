"""Tables and lines for people."""

import pytest

from nlprec.cli.progress import Progress, line
from nlprec.cli.render import answer_table, report_tables, steps_summary, verdict_line
from nlprec.errors import FitError
from nlprec.flow import Outcome, Step
from nlprec.kit.report import Measure, Report
from nlprec.plan import Job
from nlprec.stages.serve import Answer, Reason, Shown

KNN, PUBLISH = Job("train", "train knn", "a" * 32), Job("publish", "publish", "b" * 32)
COMPARISONS = {
    "better": (0.01, 0.002, 0.02),
    "worse": (-0.01, -0.02, -0.002),
    "no difference beyond the interval": (0.01, -0.002, 0.02),
}


def report(n_metrics=1, comparison=(0.0, -1.0, 1.0)):
    """Return a report of two models."""
    names = [f"metric{at}@10" for at in range(n_metrics)]
    table = {model: {name: Measure(mean, 0.1, 0.3, 9) for name in names} for model, mean in (("a", 0.1), ("mix", 0.2))}
    mean, low, high = comparison
    facts = {
        "queries": 9,
        "relevant_pairs": 12,
        "cold_users": 1,
        "relevance": "any",
        "ranking": "all items",
        "split": "temporal",
        "level": 0.95,
        "cost": {"a": {"fit_seconds": 1.25, "fit_memory": 3 << 20, "score_us": 41.6, "bytes": 1 << 20}},
        "notes": [{"message": "min_count: few", "dropped": 3}],
        "comparisons": [{"model": "mix", "other": "a", "metric": names[0], "mean": mean, "low": low, "high": high}],
    }
    return Report(table, {}, facts)


class TestReport:
    """The evaluation."""

    def test_the_best_is_marked(self, capsys):
        """The best of a column carries a star, the release an arrow."""
        report_tables(report(), "mix")
        rows = [text for text in capsys.readouterr().out.splitlines() if text.startswith(("│ a ", "│ mix"))]
        assert [("*" in row, "←" in row) for row in rows[:2]] == [(False, False), (True, True)]

    @pytest.mark.parametrize("words", COMPARISONS)
    def test_a_comparison_in_words(self, capsys, words):
        """An interval off zero is better or worse, any other is no difference."""
        report_tables(report(comparison=COMPARISONS[words]), "mix")
        assert f"], {words}\n" in capsys.readouterr().out

    def test_many_metrics(self, capsys):
        """More metrics than fit the width come in several tables, none cut off."""
        report_tables(report(n_metrics=30), "mix")
        out = capsys.readouterr().out
        assert [at for at in range(30) if f" metric{at}@10 " not in out] == []

    def test_costs_and_notes(self, capsys):
        """Seconds, memory, microseconds a user and bytes; notes with their counts."""
        report_tables(report(), "mix")
        out = capsys.readouterr().out
        assert [cell.strip() for cell in out.split("│ a ")[-1].split("│")[1:5]] == ["1.25", "3", "42", "1.0"]
        assert "note: min_count: few (dropped 3)" in out


class TestSteps:
    """What became of the jobs."""

    def test_a_line(self):
        """A job is a line with its state, seconds, memory and words."""
        step = Step(KNN, "failed", 1.5, 5 << 20, message="singular\nmatrix")
        assert f"✗ {'train knn':28} failed in 1.50 s, 5 MiB: singular matrix" == line(step)

    def test_only_ends_are_told_without_a_terminal(self, capsys):
        """Waiting, running and cached jobs say nothing meanwhile."""
        with Progress(quiet=False) as progress:
            for status in ("waiting", "running", "done", "cached"):
                progress(Step(KNN, status))
        assert len(capsys.readouterr().out.splitlines()) == 1

    def test_quiet(self, capsys):
        """A quiet progress says nothing."""
        Progress(quiet=True)(Step(KNN, "done"))
        assert capsys.readouterr().out == ""

    def test_summary(self, capsys):
        """Counts, seconds and the largest memory are told."""
        steps_summary(Outcome((Step(KNN, "done", 1.0, 7 << 20), Step(PUBLISH, "cached")), seconds=2.0))
        last = capsys.readouterr().out.splitlines()[-1]
        assert last == "1 computed, 1 cached, 2.00 s, peak memory of a job 7 MiB"

    def test_verdicts(self, capsys):
        """Published, refused and failed are told apart."""
        verdict_line(Outcome((), "r", True, "first release"))
        verdict_line(Outcome((), "r", False, "ndcg@10 is below"))
        verdict_line(Outcome((), "r", errors=(FitError("no"),)))
        verdict_line(Outcome((), errors=(FitError("no"),)))
        expected = [
            "release r: published (first release)",
            "release r: not published (ndcg@10 is below)",
            "release r: not published (the run failed)",
            "no release",
        ]
        assert expected == capsys.readouterr().out.splitlines()


class TestAnswer:
    """A ranking."""

    def test_titles_are_printed_as_they_are(self, capsys):
        """What looks like markup in a title is text."""
        shown = Shown(
            "9", "[REC] :smile:", 0.5, {"knn": 0.5}, Reason("Because.", (("1", "[red]", 0.3),), (("zombie", 0.2),))
        )
        answer_table(Answer((shown,), "r" * 32, "model", "knn"), "for u", True)
        out = capsys.readouterr().out
        assert [words in out for words in ("[REC] :smile:", "liked [red] (0.3)", "zombie (0.2)")] == [True, True, True]

    def test_nothing(self, capsys):
        """An empty ranking is told in words."""
        answer_table(Answer((), "r" * 32, "fallback", "knn"), "for u", False)
        assert capsys.readouterr().out.endswith(": nothing to recommend\n")
