"""Walking the flow: once to compute, a second time to find everything there; what fails says why and harms nothing."""

import json

import numpy as np
import pytest

from nlprec.archive import Archive
from nlprec.flow import Flow, load_report
from nlprec.kit.events import Batch, Interaction
from nlprec.kit.options import StoreOptions
from nlprec.loading import load_text

CONFIG = """
version: 1
ingest: {{use: jsonl, path: {path}}}
store: {{use: memory}}
run: {{runner: {{use: inline}}}}
prepare: {{steps: [weigh], split: {{use: leave_last}}}}
extract: {{text: {{use: tfidf, min_df: 1, max_df: 1.0}}}}
train:
  recommenders:
    popular: {{use: popular, half_life: 0s}}
    ease: {{use: ease, ridge: {ridge}}}
    close: {{use: content, features: text}}
  blenders: {{mix: {{use: rrf, inputs: {{ease: 1.0, close: 1.0}}}}}}
evaluate: {{metrics: [{{use: ndcg, n: 3}}, {{use: coverage, n: 3}}], resamples: 100}}
publish: {{release: {release}, gate: {gate}}}
archive: {{path: {archive}}}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Write a checkerboard shop: even users like even items, odd users odd ones."""
    folder = tmp_path_factory.mktemp("shop")
    words = ("tent rope camp fire", "novel story page book")
    items = [{"id": f"i{item}", "title": f"Item {item}", "body": words[item % 2]} for item in range(12)]
    rng = np.random.default_rng(1)
    events = [
        {"user": f"u{user}", "item": f"i{item}", "kind": "buy", "time": 1000 + float(rng.integers(1000))}
        for user in range(20)
        for item in range(12)
        if (user + item) % 2 == 0 and rng.random() < 0.8
    ]
    (folder / "items.jsonl").write_text("\n".join(map(json.dumps, items)))
    (folder / "events.jsonl").write_text("\n".join(map(json.dumps, events)) + "\nnot json\n")
    return folder


class Walk:
    """A store and an archive that several walks share, as a daemon's do."""

    def __init__(self, shop, folder):
        self.shop = shop
        self.archive = Archive(folder / "archive")
        self.folder = folder
        self.store = None
        self.heard = []

    def __call__(self, ridge=5.0, release="mix", gate="{}", change=None):
        text = CONFIG.format(path=self.shop, ridge=ridge, release=release, gate=gate, archive=self.folder / "archive")
        loaded = load_text(change(text) if change else text)
        self.store = self.store or loaded.settings.store.component
        self.flow = Flow(
            loaded.settings,
            loaded.host,
            self.archive,
            self.store,
            loaded.settings.run.runner.component,
            self.heard.append,
        )
        return self.flow.run()


@pytest.fixture
def walk(shop, tmp_path):
    """Return a walk that has not begun."""
    return Walk(shop, tmp_path)


@pytest.fixture(scope="module")
def walked(shop, tmp_path_factory):
    """Return a walk that was done once, with its outcome; tests only read it."""
    walk = Walk(shop, tmp_path_factory.mktemp("walked"))
    return walk, walk()


def statuses(outcome):
    """Return job name -> status."""
    return {step.job.name: step.status for step in outcome.steps}


def test_a_walk_trains_judges_and_publishes(walked):
    """Every job is done, and the pointer names the release."""
    walk, outcome = walked
    assert (outcome.ok, outcome.published, set(statuses(outcome).values())) == (True, True, {"done"})
    assert walk.archive.releases()[0]["digest"] == outcome.release


def test_personal_models_beat_popularity_on_a_checkerboard(walked):
    """The right item of every user is known, so the report must say so."""
    walk, outcome = walked
    report = load_report(walk.archive, outcome.report)
    means = {model: report.table[model]["ndcg@3"].mean for model in report.models}
    assert list(means) == ["popular", "ease", "close", "mix"]
    assert means["ease"] > means["popular"]
    assert means["close"] > means["popular"]


def test_the_report_keeps_vectors_intervals_and_facts(walked):
    """Per user for the metrics that have it; the interval holds the mean; the dirt is counted."""
    walk, outcome = walked
    report = load_report(walk.archive, outcome.report)
    for row in report.table.values():
        assert all(measure.low <= measure.mean <= measure.high for measure in row.values())
    assert report.vectors["ease/ndcg@3"].mean() == pytest.approx(report.table["ease"]["ndcg@3"].mean)
    assert (report.facts["queries"], set(report.facts["cost"])) == (20, {"popular", "ease", "close"})
    assert report.compare("mix", "ease", "ndcg@3").low <= report.compare("mix", "ease", "ndcg@3").mean


def test_a_second_walk_computes_nothing(walk):
    """Everything is cached and the release is live already."""
    first = walk()
    again = walk()
    assert (set(statuses(again).values()), again.published, again.verdict) == ({"cached"}, False, "already live")
    assert again.release == first.release


def test_a_changed_number_recomputes_what_leans_on_it(walk):
    """Another ridge: one model in both windows, report and release."""
    walk()
    again = walk(ridge=9.0)
    assert {name for name, status in statuses(again).items() if status == "done"} == {
        "train ease",
        "train ease (release)",
        "evaluate",
        "publish",
    }


def test_new_events_make_a_new_release(walk):
    """What came through the API since is learnt from."""
    first = walk()
    walk.store.append(Batch(interactions=(Interaction("u0", "i2", "buy", time=5000.0),)), StoreOptions())
    again = walk()
    assert (again.published, again.release == first.release, statuses(again)["ingest jsonl"]) == (True, False, "cached")


class Busy:
    """A store that gets one more event whenever its head has just been looked at, a few times."""

    shared = False

    def __init__(self, store, times):
        self.store, self.times = store, times

    def __getattr__(self, name):
        return getattr(self.store, name)

    def head(self, opts):
        head = self.store.head(opts)
        if self.times:
            self.times -= 1
            event = Interaction("u0", "i0", "view", time=6000.0 + self.times)
            self.store.append(Batch(interactions=(event,)), opts)
        return head


def test_events_that_arrive_while_it_is_read_get_a_snapshot_of_their_own(walk):
    """One name never stands for two contents: a snapshot is named by the head it holds, and the run goes on from it."""
    walk()
    walk.store.append(Batch(interactions=(Interaction("u0", "i0", "view", time=5999.0),)), StoreOptions())
    walk.store = Busy(walk.store, 3)
    again = walk()
    snapshot = next(step.job for step in again.steps if step.job.name == "snapshot")
    manifest = walk.archive.manifest(snapshot.digest)
    assert (again.ok, again.published, manifest.meta["head"]) == (True, True, snapshot.settings["head"])
    assert manifest.meta["sequence"] == walk.store.head(StoreOptions()).sequence


def test_a_failing_model_fails_alone_and_keeps_the_old_release(walk):
    """What does not lean on it is still done; nothing is published; the error says why."""
    first = walk()
    again = walk(ridge=7.0, change=lambda text: text.replace("min_df: 1", "min_df: 1000"))
    assert (again.ok, [error.code for error in again.errors]) == (False, ["fit", "fit"])
    assert statuses(again)["train ease"] == "done"
    assert {statuses(again)["train close"], statuses(again)["evaluate"], statuses(again)["publish"]} == {"skipped"}
    assert walk.archive.releases()[0]["digest"] == first.release


def test_a_corrupt_artifact_is_made_again(walk):
    """Refused by digest, rebuilt, and the run goes on."""
    walk()
    model = next(step.job for step in walk.heard if step.job.name == "train close (release)")
    path = next(walk.archive.root.glob(f"objects/*/{model.digest}/*.npy"))
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    again = walk(change=lambda text: text.replace("inputs: {ease: 1.0", "inputs: {ease: 2.0"))
    assert (again.ok, statuses(again)["train close (release)"], walk.archive.verify()) == (True, "done", [])


def test_a_gate_keeps_a_worse_candidate_out(walk):
    """Popularity does not replace a blend that is better on this data; the verdict says by how much."""
    first = walk()
    again = walk(release="popular", gate="{ndcg@3: no_worse}")
    assert (again.ok, again.published, "ndcg@3" in again.verdict) == (True, False, True)
    assert walk.archive.releases()[0]["digest"] == first.release


def test_an_empty_store_is_one_clear_error(walk):
    """Nothing to learn from is said, not stumbled over."""
    outcome = walk(change=lambda text: "\n".join(line for line in text.splitlines() if not line.startswith("ingest")))
    assert [error.code for error in outcome.errors] == ["data.empty"]


def test_a_missing_file_is_one_clear_error(walk):
    """With the path and what to do."""
    outcome = walk(change=lambda text: text.replace(str(walk.shop), "/nowhere"))
    assert [error.code for error in outcome.errors] == ["data"]
    assert "/nowhere" in outcome.errors[0].message


def test_a_cancelled_walk_says_so(walk):
    """And publishes nothing."""
    walk()
    walk.store = None
    text = CONFIG.format(path=walk.shop, ridge=1.0, release="mix", gate="{}", archive=walk.folder / "archive")
    loaded = load_text(text)
    flow = Flow(
        loaded.settings,
        loaded.host,
        walk.archive,
        loaded.settings.store.component,
        loaded.settings.run.runner.component,
    )
    flow.cancelled.set()
    assert [error.code for error in flow.run().errors] == ["job.cancelled"]


def test_listeners_hear_every_step(walked):
    """Waiting, running, done, in that order, for each job."""
    walk, _ = walked
    heard = [step.status for step in walk.heard if step.job.name == "train ease"]
    assert (heard[0], heard[1], heard[-1]) == ("waiting", "running", "done")
