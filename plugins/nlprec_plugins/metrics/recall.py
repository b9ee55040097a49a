"""Recall: the share of what was right that the list holds."""

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
class Recall:
    """
    hits / relevant, not capped at n.
    """

    name = "recall"
    pooled = False
    n: int = field(default=10, validator=ge(1))  #: list length

    def measure(self, lists: RankedLists, opts: ScoreOptions) -> np.ndarray:
        """Return float64 [query], nan where nothing is relevant."""
        first = lists.first(self.n)
        return np.asarray(first.hits.sum(axis=1) / np.where(first.n_relevant > 0, first.n_relevant, np.nan))


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the metric."""
    return [Recall]
