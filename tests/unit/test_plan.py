"""The plan: a pure function from settings and world to jobs, compared by equality."""

import pytest
from attrs import evolve, field, frozen

from nlprec.kit.events import Head
from nlprec.plan import World, needed, plan
from nlprec.settings import EvaluateSettings, PrepareSettings, PublishSettings, Settings, TrainSettings, Use


@frozen
class Thing:
    """A component with one number."""

    number: float = 1.0


@frozen
class Reader:
    """A component that wants features."""

    features: str = "text"


@frozen
class Blend:
    """A blend of one."""

    inputs: dict = field(factory=lambda: {"ease": 1.0})


def use(kind, name, component=None, revision=1):
    """Return a chosen component."""
    return Use(kind, name, revision, component or Thing())


SETTINGS = Settings(
    ingest=(use("source", "jsonl"),),
    store=use("store", "sqlite"),
    prepare=PrepareSettings((use("preparer", "weigh"),), use("splitter", "temporal")),
    extract={"text": use("extractor", "tfidf")},
    train=TrainSettings(
        {"ease": use("recommender", "ease"), "close": use("recommender", "content", Reader())},
        {"mix": use("blender", "rrf", Blend())},
    ),
    evaluate=EvaluateSettings((use("metric", "ndcg"),)),
    publish=PublishSettings("mix"),
)
BEFORE = World({"ingest[0]": "file-1"}, Head(0, "store:0"))
BATCH = plan(SETTINGS, BEFORE)[0].digest
AFTER = World({"ingest[0]": "file-1"}, Head(7, "store:7", frozenset({BATCH})))


def digests(settings, world=AFTER):
    """Return job name -> digest."""
    return {job.name: job.digest for job in plan(settings, world)}


def changed(settings, world=AFTER):
    """Return the names of the jobs whose digest differs from the usual ones."""
    usual = digests(SETTINGS)
    return {name for name, digest in digests(settings, world).items() if usual.get(name) != digest}


def test_the_plan_ends_at_the_append_while_the_store_lacks_a_batch():
    """What comes after depends on what the store will then hold."""
    assert [(job.stage, job.name) for job in plan(SETTINGS, BEFORE)] == [
        ("ingest", "ingest jsonl"),
        ("store", "append"),
    ]


def test_the_whole_flow_in_an_order_that_can_run():
    """Every input of a job stands before it."""
    jobs = plan(SETTINGS, AFTER)
    assert [job.stage for job in jobs] == [
        "ingest",
        "store",
        "prepare",
        *["extract", "train", "train"] * 2,
        "evaluate",
        "publish",
    ]
    made = set()
    for job in jobs:
        assert set(job.inputs.values()) <= made
        made.add(job.digest)


def test_equal_settings_and_world_give_equal_plans():
    """A plan is a value."""
    assert plan(SETTINGS, AFTER) == plan(evolve(SETTINGS), evolve(AFTER))


def test_one_changed_number_recomputes_exactly_what_leans_on_it():
    """Another ridge: the model in both windows, the report and the release; not the other model."""
    ease = use("recommender", "ease", Thing(2.0))
    settings = evolve(
        SETTINGS, train=evolve(SETTINGS.train, recommenders={**SETTINGS.train.recommenders, "ease": ease})
    )
    assert changed(settings) == {"train ease", "train ease (release)", "evaluate", "publish"}


def test_another_extractor_recomputes_the_models_that_read_it():
    """Features, the model that wants them, report and release; not the model that does not."""
    settings = evolve(SETTINGS, extract={"text": use("extractor", "tfidf", Thing(2.0))})
    assert changed(settings) == {
        "extract text",
        "extract text (release)",
        "train close",
        "train close (release)",
        "evaluate",
        "publish",
    }


def test_another_blend_trains_nothing():
    """Report and release only."""
    settings = evolve(
        SETTINGS, train=evolve(SETTINGS.train, blenders={"mix": use("blender", "rrf", Blend({"ease": 2.0}))})
    )
    assert changed(settings) == {"evaluate", "publish"}


def test_another_metric_only_judges_again():
    """The release names its report, so it changes with it."""
    assert changed(evolve(SETTINGS, evaluate=EvaluateSettings((use("metric", "recall"),)))) == {"evaluate", "publish"}


def test_serving_settings_change_no_artifact():
    """No stage reads the settings of a later one."""
    assert changed(evolve(SETTINGS, serve=evolve(SETTINGS.serve, n=3), run=evolve(SETTINGS.run, limit=5.0))) == set()


def test_new_events_recompute_everything_after_the_store():
    """Another head, another snapshot."""
    world = World(AFTER.fingerprints, Head(8, "store:8", AFTER.head.applied))
    assert "ingest jsonl" not in changed(SETTINGS, world)
    assert len(changed(SETTINGS, world)) == len(plan(SETTINGS, AFTER)) - 1


def test_another_file_is_another_batch():
    """A source that would read something else is read again, and the store lacks that batch."""
    assert [job.stage for job in plan(SETTINGS, World({"ingest[0]": "file-2"}, AFTER.head))] == ["ingest", "store"]


def test_where_a_file_lies_is_no_part_of_its_name():
    """Moving data and archive to another folder computes nothing anew."""
    assert digests(evolve(SETTINGS, ingest=(use("source", "jsonl", Thing(5.0)),))) == digests(SETTINGS)


def test_a_component_revision_is_part_of_the_name():
    """A component that would give other numbers makes another artifact."""
    settings = evolve(SETTINGS, prepare=evolve(SETTINGS.prepare, split=use("splitter", "temporal", revision=2)))
    assert "prepare" in changed(settings)


def test_the_seed_is_part_of_what_is_learnt():
    """Data stages do not draw numbers; fitting does."""
    assert {"train ease", "extract text"} <= changed(evolve(SETTINGS, seed=8))
    assert "prepare" not in changed(evolve(SETTINGS, seed=8))


def test_without_recommenders_the_flow_ends_with_the_dataset():
    """A store can be filled and checked before anything is trained."""
    settings = evolve(SETTINGS, train=TrainSettings(), publish=PublishSettings())
    assert [job.stage for job in plan(settings, AFTER)] == ["ingest", "store", "prepare"]


def test_nothing_is_needed_when_report_and_release_are_there():
    """Old inputs may be swept away without being made again."""
    jobs = plan(SETTINGS, AFTER)
    assert needed(jobs, frozenset(job.digest for job in jobs if job.stage in ("evaluate", "publish"))) == ()


def test_only_what_a_missing_artifact_leans_on_is_made():
    """A lost model brings back its own line, nothing else."""
    jobs = plan(SETTINGS, AFTER)
    lost = {job.digest for job in jobs if job.name in ("publish", "train close (release)")}
    assert [job.name for job in needed(jobs, frozenset(job.digest for job in jobs) - lost)] == [
        "train close (release)",
        "publish",
    ]


@pytest.mark.parametrize("world", [BEFORE, AFTER])
def test_everything_is_needed_at_first(world):
    """An empty archive lacks all of it, except batches that the store has."""
    jobs = plan(SETTINGS, world)
    names = [job.name for job in needed(jobs, frozenset())]
    assert names == [job.name for job in jobs if world is BEFORE or job.stage != "ingest"]
