"""Precision: the share of the list that was right."""

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
class Precision:
    """
    hits / n, also when the list is shorter than n.
    """

    name = "precision"
    pooled = False
    n: int = field(default=10, validator=ge(1))  #: list length

    def measure(self, lists: RankedLists, opts: ScoreOptions) -> np.ndarray:
        """Return float64 [query], nan where nothing is relevant."""
        first = lists.first(self.n)
        return np.where(first.n_relevant > 0, first.hits.sum(axis=1) / self.n, np.nan)


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the metric."""
    return [Precision]
