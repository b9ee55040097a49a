"""Mean average precision: precision at every hit, averaged."""

import numpy as np
from attrs import field, frozen
from attrs.validators import ge
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.interfaces import IMetric
from nlprec.kit.options import ScoreOptions
from nlprec.kit.ranking import RankedLists


@implementer(IMetric)
@frozen
class Map:
    """
    Sum over hits of (hits so far / rank), divided by the number of relevant items (not by min(n, relevant)).
    """

    name = "map"
    pooled = False
    n: int = field(default=10, validator=ge(1))  #: list length

    def measure(self, lists: RankedLists, opts: ScoreOptions) -> np.ndarray:
        """Return float64 [query], nan where nothing is relevant."""
        first = lists.first(self.n)
        hits = first.hits
        precision = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
        return np.asarray((precision * hits).sum(axis=1) / np.where(first.n_relevant > 0, first.n_relevant, np.nan))


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the metric."""
    return [Map]
