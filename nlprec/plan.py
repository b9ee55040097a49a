"""What there is to do: settings and the state of the world in, jobs out. Pure values, tested by equality."""

from collections.abc import Mapping
from typing import Any

from attrs import Factory, frozen

from nlprec.kit.artifact import digest
from nlprec.kit.events import Head
from nlprec.settings import Settings, Use, plain

TRAIN, FULL = "train", "full"  #: windows: what the splitter left for training, and everything
REVISIONS = {
    "ingest": 1,
    "store": 1,
    "prepare": 1,
    "extract": 1,
    "train": 1,
    "evaluate": 2,
    "publish": 1,
}  #: bumped when a stage changes


@frozen
class World:
    """What a plan depends on beside the settings."""

    fingerprints: Mapping[str, str] = Factory(
        dict
    )  #: settings path of a component that reads outside -> what it would read
    head: Head = Factory(Head)  #: of the store


@frozen
class Job:
    """
    One stage to run, as names: any node that has the archive can do it, twice is as good as once.

    The answer is a digest: the job's own, except that ``append`` answers with nothing and changes the store instead.
    """

    stage: str
    name: str  #: for people
    digest: str
    settings: Mapping[str, Any] = Factory(dict)  #: plain values of this stage alone
    inputs: Mapping[str, str] = Factory(dict)  #: role -> digest of an artifact

    def plain(self) -> dict[str, Any]:
        """Return the job as JSON values."""
        return {
            "stage": self.stage,
            "name": self.name,
            "digest": self.digest,
            "settings": dict(self.settings),
            "inputs": dict(self.inputs),
        }


def recipe(use: Use) -> dict[str, Any]:
    """Return a component as plain values from which ``nlprec.reading.building.component`` builds it again."""
    return {"use": use.name, "revision": use.revision, **plain(use.component)}


def job(stage: str, name: str, settings: Mapping[str, Any], inputs: Mapping[str, str]) -> Job:
    """Return a job named by what it is made from; ``name`` is no part of that, nor where a component's files lie."""
    return Job(stage, name, digest(stage, REVISIONS[stage], settings, inputs), settings, inputs)


def snapshot_job(head: str) -> Job:
    """Return the job that takes everything a store held at the head of this name."""
    return job("store", "snapshot", {"head": head, "append": False}, {})


def plan(settings: Settings, world: World) -> tuple[Job, ...]:
    """
    Return every job of the flow in an order that can be run.

    While the store lacks a batch, the plan ends at the append: what comes after depends on what the store then holds.
    """
    ingest = tuple(_ingest(settings, world))
    lacking = [each for each in ingest if each.digest not in world.head.applied]
    if lacking:
        inputs = {f"batch.{at}": each.digest for at, each in enumerate(lacking)}
        return (*ingest, job("store", "append", {"head": world.head.name, "append": True}, inputs))
    snapshot = snapshot_job(world.head.name)
    split = {**recipe(settings.prepare.split), "fingerprint": world.fingerprints.get("prepare.split", "")}
    steps = [recipe(step) for step in settings.prepare.steps]
    dataset = job("prepare", "prepare", {"steps": steps, "split": split}, {"snapshot": snapshot.digest})
    first = (*ingest, snapshot, dataset)
    if not settings.train.recommenders:
        return first
    return (*first, *_models(settings, dataset.digest))


def _ingest(settings: Settings, world: World) -> list[Job]:
    jobs = []
    for at, source in enumerate(settings.ingest):
        fingerprint = world.fingerprints.get(f"ingest[{at}]", "")
        made_from = {"use": source.name, "revision": source.revision, "fingerprint": fingerprint}
        name = digest("ingest", REVISIONS["ingest"], made_from, {})
        jobs.append(
            Job("ingest", f"ingest {source.name}", name, {"source": recipe(source), "fingerprint": fingerprint})
        )
    return jobs


def _models(settings: Settings, dataset: str) -> list[Job]:
    """
    Return extract, train, evaluate and publish; what is judged learnt from the training window, what is released from
    everything.
    """
    jobs: list[Job] = []
    features: dict[tuple[str, str], str] = {}
    models: dict[tuple[str, str], str] = {}
    for window in (TRAIN, FULL):
        for name, use in settings.extract.items():
            each = job(
                "extract",
                _title("extract", name, window),
                {"extractor": recipe(use), "window": window, "seed": settings.seed},
                {"dataset": dataset},
            )
            features[name, window] = each.digest
            jobs.append(each)
        for name, use in settings.train.recommenders.items():
            inputs = {"dataset": dataset}
            wanted = getattr(use.component, "features", "")
            if wanted:
                inputs["features"] = features[wanted, window]
            each = job(
                "train",
                _title("train", name, window),
                {"recommender": recipe(use), "window": window, "seed": settings.seed},
                inputs,
            )
            models[name, window] = each.digest
            jobs.append(each)
    report = _evaluate(settings, dataset, features, models)
    return [*jobs, report, _publish(settings, dataset, report.digest, features, models)]


def _title(stage: str, name: str, window: str) -> str:
    return f"{stage} {name}" if window == TRAIN else f"{stage} {name} (release)"


def _blends(settings: Settings) -> list[list[Any]]:
    return [[name, recipe(use)] for name, use in settings.train.blenders.items()]


def _evaluate(
    settings: Settings, dataset: str, features: Mapping[tuple[str, str], str], models: Mapping[tuple[str, str], str]
) -> Job:
    inputs = {"dataset": dataset, **{f"model.{name}": models[name, TRAIN] for name in settings.train.recommenders}}
    alike = settings.evaluate.features or next(iter(settings.extract), "")
    if alike:
        inputs["features"] = features[alike, TRAIN]
    judge = settings.evaluate
    values = {
        "models": list(settings.train.recommenders),
        "blends": _blends(settings),
        "metrics": [recipe(metric) for metric in judge.metrics],
        "relevant": judge.relevant,
        "resamples": judge.resamples,
        "level": judge.level,
        "seed": settings.seed,
    }
    return job("evaluate", "evaluate", values, inputs)


def _publish(
    settings: Settings,
    dataset: str,
    report: str,
    features: Mapping[tuple[str, str], str],
    models: Mapping[tuple[str, str], str],
) -> Job:
    inputs = {"dataset": dataset, "report": report}
    inputs.update({f"model.{name}": models[name, FULL] for name in settings.train.recommenders})
    inputs.update({f"features.{name}": features[name, FULL] for name in settings.extract})
    recommenders = [[name, recipe(use)] for name, use in settings.train.recommenders.items()]
    extractors = [[name, recipe(use)] for name, use in settings.extract.items()]
    values = {
        "recommenders": recommenders,
        "extractors": extractors,
        "blends": _blends(settings),
        "release": settings.publish.release,
    }
    return job("publish", "publish", values, inputs)


def needed(jobs: tuple[Job, ...], present: frozenset[str]) -> tuple[Job, ...]:
    """
    Return the jobs that must run, in order: an absent artifact is made only when something still to be made leans on
    it.

    The report and the release are always wanted, and so is whatever a plan ends with.
    """
    wanted = {each.digest for each in jobs if each.stage in ("evaluate", "publish")} | {
        each.digest for each in jobs[-1:]
    }
    run = []
    for each in reversed(jobs):
        if each.digest in wanted and each.digest not in present:
            run.append(each)
            wanted.update(each.inputs.values())
    return tuple(reversed(run))
