"""Catalogue coverage: how much of the catalogue is ever shown."""

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
class Coverage:
    """
    Distinct items in the first n of all lists / items in the catalogue.
    """

    name = "coverage"
    pooled = True
    n: int = field(default=10, validator=ge(1))  #: list length

    def measure(self, lists: RankedLists, opts: ScoreOptions) -> np.ndarray:
        """Return float64 [1]."""
        shown = lists.first(self.n).items
        return np.array([len(np.unique(shown[shown >= 0])) / max(len(lists.popularity), 1)])


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the metric."""
    return [Coverage]
