"""A fit that goes wrong costs that job alone, in words: the flow with real child processes and the rehearsals."""

import json
from pathlib import Path

import pytest

import nlprec.testing
from nlprec.archive import Archive
from nlprec.errors import FitError, JobCrashed, JobTimedOut
from nlprec.flow import Flow
from nlprec.loading import load_text

pytestmark = pytest.mark.slow

CONFIG = """
version: 1
ingest: {{use: jsonl, path: {folder}/events.jsonl}}
store: {{use: sqlite, path: {folder}/nlprec.db}}
run: {{runner: {{use: processes, workers: 2}}, limit: {limit}}}
prepare: {{split: {{use: leave_last}}}}
train: {{recommenders: {{popular: {{use: popular}}, rehearsal: {{{rehearsal}}}}}}}
evaluate: {{metrics: [{{use: hit, n: 3}}], resamples: 100}}
publish: {{release: popular}}
archive: {{path: {folder}/archive}}
plugins: {{paths: [{plugin}]}}
"""


@pytest.fixture
def walk(tmp_path):
    """Return a function that walks the flow with a rehearsal beside a good recommender."""
    events = [{"user": f"u{at % 5}", "item": f"i{at % 7}", "time": at} for at in range(30)]  # no pair twice
    (tmp_path / "events.jsonl").write_text("\n".join(map(json.dumps, events)))
    plugin = Path(nlprec.testing.__path__[0]) / "fakes.py"

    def run(rehearsal, limit="60s"):
        loaded = load_text(CONFIG.format(folder=tmp_path, rehearsal=rehearsal, limit=limit, plugin=plugin))
        settings = loaded.settings
        store = settings.store.component
        flow = Flow(settings, loaded.host, Archive(tmp_path / "archive"), store, settings.run.runner.component)
        try:
            return flow.run()
        finally:
            store.close()

    return run


@pytest.mark.parametrize(
    ("rehearsal", "error", "words"),
    [
        ("use: testing.failing", FitError, "this recommender fails on purpose"),
        ("use: testing.failing, how: crash", JobCrashed, "its process was killed by SIGSEGV"),
        ("use: testing.nan", FitError, "gives no score to any of 5 known users"),
    ],
)
def test_a_failure_is_named_and_nothing_is_published(walk, rehearsal, error, words):
    """The run fails with the job's own error."""
    outcome = walk(rehearsal)
    assert (outcome.ok, outcome.published) == (False, False)
    assert [each for each in outcome.errors if type(each) is error and words in each.message]


def test_after_a_failure_the_same_archive_and_store_publish(walk):
    """Once the rehearsal is over, the next run finds everything as it should be."""
    walk("use: testing.failing, how: exit")
    assert walk("use: testing.slow, seconds: 0").published


def test_a_deaf_job_is_stopped_at_the_limit(walk):
    """A fit that never looks at the clock is killed by the runner, long before it would have ended."""
    outcome = walk("use: testing.slow, seconds: 600, deaf: true", limit="2s")
    assert [type(each) for each in outcome.errors if isinstance(each, JobTimedOut)]
