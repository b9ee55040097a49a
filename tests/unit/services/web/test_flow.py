"""Releases and runs over HTTP."""

import tempfile

import numpy as np
from twisted.trial.unittest import SynchronousTestCase

from nlprec.errors import JobCrashed, NotReady, to_wire
from nlprec.kit.artifact import Manifest
from nlprec.services.pipeline import Elsewhere
from nlprec.testing.fakes_services import FakeRankings, FakeRelease
from tests.unit.services.web.bench import Bench, archive_at

LIVE, OLD, REPORT = "a" * 32, "b" * 32, "c" * 32
MEASURE = {"mean": 0.25, "low": 0.125, "high": 0.5, "n": 40}
META = {
    "release": "mix",
    "recommenders": [["ease", {}]],
    "blends": [["mix", {}]],
    "report": REPORT,
    "data": {"users": 3},
}


class TestReleases(SynchronousTestCase):
    """What was published."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.archive = archive_at(cls.folder.name)
        nothing = {"ndcg@10": {**MEASURE, "mean": float("nan")}}
        cls.archive.save(
            Manifest(REPORT, "evaluate", "report", meta={"table": {"mix": {"ndcg@10": MEASURE}, "ease": nothing}}),
            {"x": np.zeros(1)},
        )
        cls.archive.save(Manifest(LIVE, "publish", "release", meta=META), {})
        for digest in (OLD, LIVE):
            cls.archive.point(digest, 3)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def setUp(self):
        self.bench = Bench(rankings=FakeRankings(FakeRelease(LIVE)), archive=self.archive)

    def test_the_live_one_comes_first(self):
        """All that are kept, newest first, the live one marked."""
        listed = self.bench.ask("GET", "/v1/releases").json["releases"]
        assert [(each["digest"], each["live"]) for each in listed] == [(LIVE, True), (OLD, False)]

    def test_a_release_with_its_evaluation(self):
        """Models, data and the table; what is undefined is null."""
        found = self.bench.ask("GET", f"/v1/releases/{LIVE}").json
        undefined = {"ndcg@10": {**MEASURE, "mean": None}}
        expected = ("mix", ["ease", "mix"], {"users": 3}, {"mix": {"ndcg@10": MEASURE}, "ease": undefined})
        assert (found["model"], found["models"], found["data"], found["table"]) == expected

    def test_a_release_whose_files_are_gone(self):
        """It is listed with what is wrong; the others are not hidden by it."""
        assert self.bench.ask("GET", f"/v1/releases/{OLD}").json["problem"] == "archive.unknown"

    def test_an_unknown_release(self):
        """404, whatever the digest looks like."""
        assert [self.bench.ask("GET", f"/v1/releases/{each}").status for each in ("d" * 32, "..", "..%2F..")] == [
            404
        ] * 3

    def test_before_the_first(self):
        """An empty list."""
        with tempfile.TemporaryDirectory() as folder:
            assert Bench(archive=archive_at(folder)).ask("GET", "/v1/releases").json == {"releases": []}


class TestRuns(SynchronousTestCase):
    """Walks of the flow."""

    def setUp(self):
        self.bench = Bench()

    def test_a_run_is_asked_for(self):
        """202, and where to look."""
        answer = self.bench.ask("POST", "/v1/runs", {"why": "new prices"})
        assert (answer.status, answer.headers["location"], answer.json["why"]) == (202, "/v1/runs/run-1", "new prices")

    def test_the_body_may_be_left_out(self):
        """A bare POST is enough."""
        assert self.bench.ask("POST", "/v1/runs").json["why"] == "api"

    def test_the_reason_is_one_line(self):
        """It goes to the log, so it has no line breaks."""
        assert [self.bench.ask("POST", "/v1/runs", {"why": each}).status for each in ("a\nb", "a\n", "\x1b[2J")] == [
            400
        ] * 3

    def test_a_run_shows_its_progress(self):
        """Every job with its status, and what failed."""
        self.bench.ask("POST", "/v1/runs")
        (record,) = self.bench.pipeline.records
        step = {
            "name": "train[ease]",
            "stage": "train",
            "digest": "e" * 32,
            "status": "running",
            "seconds": 0.0,
            "peak_memory": 0,
            "fraction": 0.5,
            "message": "half",
        }
        record.steps["e" * 32] = step
        record.errors = [to_wire(JobCrashed("killed", signal=9))]
        found = self.bench.ask("GET", "/v1/runs/run-1").json
        assert (found["steps"], found["errors"]) == (
            [step],
            [{"code": "job.crashed", "message": "killed", "facts": {"signal": 9}}],
        )

    def test_runs_are_listed(self):
        """Newest first."""
        self.bench.ask("POST", "/v1/runs")
        self.bench.ask("POST", "/v1/runs")
        assert [each["id"] for each in self.bench.ask("GET", "/v1/runs").json["runs"]] == ["run-2", "run-1"]

    def test_an_unknown_run(self):
        """404 with our code."""
        answer = self.bench.ask("GET", "/v1/runs/nobody")
        assert (answer.status, answer.json["code"]) == (404, "serve.unknown")

    def test_a_node_that_does_not_drive(self):
        """503 says who could."""
        answer = Bench(pipeline=Elsewhere()).ask("POST", "/v1/runs")
        assert (answer.status, answer.json["code"], "drive" in answer.json["detail"]) == (503, NotReady.code, True)
