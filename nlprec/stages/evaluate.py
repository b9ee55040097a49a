"""evaluate -> Report: rank everything for every held-out user with every model and blend, and judge the lists."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import frozen
from scipy import sparse

from nlprec.bench import Bench, Made, restore
from nlprec.errors import EmptyDataset
from nlprec.kit.artifact import Manifest, digest
from nlprec.kit.dataset import Dataset
from nlprec.kit.features import Features
from nlprec.kit.mixing import mix
from nlprec.kit.options import ScoreOptions
from nlprec.kit.random import generator
from nlprec.kit.ranking import Queries, RankedLists, top
from nlprec.kit.report import Measure, Report, bootstrap, paired
from nlprec.kit.windows import load_test, load_window

BLOCK = 16 * 1024 * 1024  #: scores held at once for one model, [query, item]


@frozen(eq=False)
class Exam:
    """Who is asked and what they then did. Users without training history are counted, not averaged in."""

    train: Dataset
    users: np.ndarray  #: int64 [query]
    relevant: sparse.csr_matrix  #: [query, item]
    n_cold: int


def run(bench: Bench) -> Made:
    """
    Judge every model by full ranking of all items its user had not met in training.

    Returns:
        the Report's vectors and meta.

    Raises:
        EmptyDataset: nobody has both a training history and a relevant held-out item.
    """
    artifact = bench.load("dataset")
    exam = _exam(load_window(artifact, "train"), load_test(artifact), bench.settings["relevant"])
    metrics = {
        metric_name(metric): metric
        for metric in (bench.component("metric", recipe) for recipe in bench.settings["metrics"])
    }
    longest = max((int(getattr(metric, "n", 10)) for metric in metrics.values()), default=10)
    scorers, manifests = _scorers(bench)
    blends = {name: bench.component("blender", recipe) for name, recipe in bench.settings["blends"]}
    lists, cost = _rank(bench, exam, scorers, blends, longest)
    matrix = _alike(bench)
    popularity = np.bincount(exam.train.seen.indices, minlength=exam.train.n_items) / max(
        len(np.unique(exam.train.user)), 1
    )
    ranked = {name: RankedLists(items, exam.relevant, popularity, matrix) for name, items in lists.items()}
    table, vectors = _judge(bench, ranked, metrics)
    facts = _facts(bench, exam, artifact.meta, cost, manifests)
    facts["exam"] = digest(artifact.manifest.settings, bench.settings["relevant"])
    report = Report(table, vectors, {**facts, "comparisons": _comparisons(bench, blends, vectors)})
    return Made("report", report.arrays(), report.meta())


def metric_name(metric: Any) -> str:
    """Return ``name@n``, or ``name`` for a metric without a list length."""
    return f"{metric.name}@{metric.n}" if hasattr(metric, "n") else str(metric.name)


def _exam(train: Dataset, test: Dataset, bar: float) -> Exam:
    """Return the questions: held-out pairs above the bar whose user has a history and had not met the item."""
    events = test.keep(test.weight > bar)
    pairs = sparse.csr_matrix((np.ones(events.n_events, np.float32), (events.user, events.item)), train.seen.shape)
    pairs.data[:] = 1
    fresh = pairs - pairs.multiply(train.seen > 0)
    fresh = sparse.csr_matrix(fresh)
    fresh.eliminate_zeros()
    asked = np.diff(fresh.indptr) > 0
    warm = np.diff(train.matrix.indptr) > 0
    users = np.flatnonzero(asked & warm)
    if not len(users):
        raise EmptyDataset(
            "no user has both a training history and a new held-out item; hold out more, or lower evaluate.relevant"
        )
    return Exam(train, users, fresh[users], int((asked & ~warm).sum()))


def _scorers(bench: Bench) -> tuple[dict[str, Any], dict[str, Manifest]]:
    scorers, manifests = {}, {}
    digests = bench.roles("model")
    for name in bench.settings["models"]:
        artifact = bench.archive.load(digests[name])
        scorers[name] = restore(
            bench.host, "recommender", artifact.meta["recommender"], artifact.meta["scorer"], artifact.arrays
        )
        manifests[name] = artifact.manifest
    return scorers, manifests


def _rank(
    bench: Bench, exam: Exam, scorers: Mapping[str, Any], blends: Mapping[str, Any], n: int
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Return the lists int32 [query, n] of every model and blend, and the seconds each recommender's scoring took."""
    parts: dict[str, list[np.ndarray]] = {name: [] for name in [*scorers, *blends]}
    opts = bench.options(ScoreOptions, "evaluate")
    size = max(1, BLOCK // max(exam.train.n_items, 1))
    cost = dict.fromkeys(scorers, 0.0)
    shown = ~exam.train.catalogue.hidden
    for start in range(0, len(exam.users), size):
        queries = Queries.of_users(exam.train, exam.users[start : start + size])
        eligible = (queries.seen.toarray() == 0) & shown
        mixture = mix(
            {name: _Timed(scorer, name, cost) for name, scorer in scorers.items()}, blends, queries, eligible, opts
        )
        for name, found in parts.items():
            found.append(top(mixture.final(name), n)[0])
        bench.progress(
            min(1.0, (start + size) / len(exam.users)),
            f"{min(start + size, len(exam.users))} of {len(exam.users)} users",
        )
    return {name: np.vstack(found) for name, found in parts.items()}, cost


@frozen(eq=False)
class _Timed:
    """A scorer that adds the time it takes to a table."""

    scorer: Any
    name: str
    cost: dict[str, float]

    def score(self, queries: Queries, opts: Any) -> np.ndarray:
        start = time.perf_counter()
        scores: np.ndarray = self.scorer.score(queries, opts)
        self.cost[self.name] += time.perf_counter() - start
        return scores


def _alike(bench: Bench) -> Any:
    """Return CSR float32 [item, feature] with L2 rows, or None: what "similar" means for diversity."""
    if "features" not in bench.inputs:
        return None
    matrix = sparse.csr_matrix(Features.restore(dict(bench.load("features").arrays)).matrix)
    norm = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scale = np.divide(1.0, norm, out=np.zeros_like(norm), where=norm > 0)
    return sparse.csr_matrix(sparse.diags(scale) @ matrix)


def _judge(
    bench: Bench, ranked: Mapping[str, RankedLists], metrics: Mapping[str, Any]
) -> tuple[dict[str, dict[str, Measure]], dict[str, np.ndarray]]:
    opts = bench.options(ScoreOptions, "measure")
    resamples, level, seed = (
        int(bench.settings["resamples"]),
        float(bench.settings["level"]),
        int(bench.settings["seed"]),
    )
    table: dict[str, dict[str, Measure]] = {}
    vectors: dict[str, np.ndarray] = {}
    for model, lists in ranked.items():
        table[model] = {}
        for name, metric in metrics.items():
            rng = generator(seed, "bootstrap", name)  # the same users are drawn for every model
            values = np.asarray(metric.measure(lists, opts), np.float64)
            if metric.pooled:
                table[model][name] = _pooled(metric, lists, opts, float(values[0]), min(resamples, 300), level, rng)
                continue
            vectors[f"{model}/{name}"] = values
            known = values[~np.isnan(values)]
            mean = float(known.mean()) if len(known) else float("nan")
            table[model][name] = Measure(mean, *bootstrap(known, resamples, level, rng), len(known))
    return table, vectors


def _pooled(
    metric: Any,
    lists: RankedLists,
    opts: ScoreOptions,
    mean: float,
    resamples: int,
    level: float,
    rng: np.random.Generator,
) -> Measure:
    """Return a pooled metric with its interval: the whole set of lists is drawn anew each time."""
    n = len(lists.items)
    drawn = [float(metric.measure(lists.take(rng.integers(0, n, n)), opts)[0]) for _ in range(resamples)]
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Measure(mean, float(low), float(max(high, mean)), n)


def _comparisons(bench: Bench, blends: Mapping[str, Any], vectors: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """Return each blend against its best member, by the first metric that has a vector."""
    metric = next((name.partition("/")[2] for name in vectors), "")
    found = []
    for name, blender in blends.items():
        best = max(blender.inputs, key=lambda each: float(np.nanmean(vectors[f"{each}/{metric}"]))) if metric else ""
        if best:
            comparison = paired(
                vectors[f"{name}/{metric}"],
                vectors[f"{best}/{metric}"],
                int(bench.settings["resamples"]),
                float(bench.settings["level"]),
            )
            found.append(
                {
                    "model": name,
                    "other": best,
                    "metric": metric,
                    "mean": comparison.mean,
                    "low": comparison.low,
                    "high": comparison.high,
                }
            )
    return found


def _facts(
    bench: Bench, exam: Exam, prepared: Mapping[str, Any], cost: Mapping[str, float], manifests: Mapping[str, Manifest]
) -> dict[str, Any]:
    n = len(exam.users)
    costs = {
        name: {
            "fit_seconds": manifest.seconds,
            "fit_memory": manifest.peak_memory,
            "score_us": 1e6 * cost[name] / n,
            "bytes": bench.archive.size(manifest.digest),
        }
        for name, manifest in manifests.items()
    }
    bar = float(bench.settings["relevant"])
    relevance = (
        "any held-out interaction with an item not met in training"
        if bar == 0
        else f"held-out interactions of weight above {bar:g}"
    )
    return {
        "queries": n,
        "cold_users": exam.n_cold,
        "relevant_pairs": int(exam.relevant.nnz),
        "relevance": relevance,
        "ranking": "full catalogue, items met in training and hidden items left out",
        "split": prepared["split"],
        "cut": prepared["cut"],
        "data": prepared["facts"],
        "notes": prepared["notes"],
        "steps": prepared["steps"],
        "level": float(bench.settings["level"]),
        "cost": costs,
    }
