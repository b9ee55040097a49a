"""How well each model did: metric -> mean, interval, n, with the vector per query kept for paired comparison."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import Factory, asdict, frozen


@frozen
class Measure:
    """One metric of one model: mean over queries with its bootstrap interval."""

    mean: float
    low: float  #: lower end of the interval
    high: float  #: upper end
    n: int  #: queries for which the metric is defined


@frozen
class Comparison:
    """One model against another on the same queries: the mean difference and its paired bootstrap interval."""

    mean: float
    low: float
    high: float

    @property
    def worse(self) -> bool:
        """Return whether the interval lies wholly below zero."""
        return self.high < 0

    @property
    def better(self) -> bool:
        """Return whether the interval lies wholly above zero."""
        return self.low > 0


@frozen(eq=False)
class Report:
    """
    What ``evaluate`` found.

    ``table`` maps model -> metric -> Measure. ``vectors`` maps ``model/metric`` to float64 [query], nan undefined, in
    the order of ``users``; pooled metrics (coverage) have no vector.
    """

    table: Mapping[str, Mapping[str, Measure]]
    vectors: Mapping[str, np.ndarray] = Factory(dict)
    facts: Mapping[str, Any] = Factory(dict)  #: split, counts, cost, what "relevant" means; JSON values

    @property
    def models(self) -> tuple[str, ...]:
        """Return the models, in the order of the configuration."""
        return tuple(self.table)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Return the metrics, in the order of the configuration."""
        return tuple(next(iter(self.table.values()), {}))

    def compare(self, model: str, other: str, metric: str, resamples: int = 2000, level: float = 0.95) -> Comparison:
        """Return ``model`` minus ``other`` on a metric with a vector; the same queries are drawn for both."""
        return paired(self.vectors[f"{model}/{metric}"], self.vectors[f"{other}/{metric}"], resamples, level)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the vectors, stacked, as one array for the archive."""
        return {"vectors": np.array(list(self.vectors.values()), np.float64)} if self.vectors else {}

    def meta(self) -> dict[str, Any]:
        """Return table and facts, as JSON values."""
        table = {
            model: {metric: asdict(measure) for metric, measure in row.items()} for model, row in self.table.items()
        }
        names = {"models": list(self.models), "metrics": list(self.metrics), "vectors": list(self.vectors)}
        return {"table": table, "facts": dict(self.facts), **names}

    @classmethod
    def restore(cls, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> "Report":
        """Return the Report that ``arrays`` and ``meta`` described."""
        rows = {
            model: {metric: Measure(**meta["table"][model][metric]) for metric in meta["metrics"]}
            for model in meta["models"]
        }
        vectors = dict(zip(meta["vectors"], arrays["vectors"], strict=True)) if meta["vectors"] else {}
        return cls(rows, vectors, meta["facts"])


def bootstrap(values: np.ndarray, resamples: int, level: float, rng: np.random.Generator) -> tuple[float, float]:
    """
    Return the percentile interval of the mean of ``values`` over resampled queries.

    Source:
        Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
    """
    if len(values) == 0:
        return float("nan"), float("nan")
    means = np.empty(resamples)
    for start in range(0, resamples, 100):  # in blocks: memory stays flat whatever the number of queries
        stop = min(start + 100, resamples)
        means[start:stop] = values[rng.integers(0, len(values), (stop - start, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def paired(mine: np.ndarray, other: np.ndarray, resamples: int = 2000, level: float = 0.95) -> Comparison:
    """
    Return the comparison of two vectors of one metric, float64 [query]; queries where either is undefined are left out.
    """
    difference = mine - other
    difference = difference[~np.isnan(difference)]
    mean = float(difference.mean()) if len(difference) else 0.0
    low, high = bootstrap(difference, resamples, level, np.random.default_rng(len(difference)))
    return Comparison(mean, low, high)
