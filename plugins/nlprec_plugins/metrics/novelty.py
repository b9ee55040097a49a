"""Novelty: how unknown the shown items are."""

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
class Novelty:
    """
    Mean over the list of -log2 of the share of training users who met the item; an item nobody met counts as
    met by half as many as the rarest that was.

    Source:
        Vargas, Castells, "Rank and Relevance in Novelty and Diversity Metrics for Recommender Systems", RecSys 2011.
    """

    name = "novelty"
    pooled = False
    n: int = field(default=10, validator=ge(1))  #: list length

    def measure(self, lists: RankedLists, opts: ScoreOptions) -> np.ndarray:
        """Return float64 [query], bits; nan for an empty list."""
        shown = lists.first(self.n).items
        met = lists.popularity[lists.popularity > 0]
        floor = met.min() / 2 if len(met) else 1.0
        surprise = -np.log2(np.maximum(lists.popularity, floor))
        listed = shown >= 0
        total = np.where(listed, surprise[np.maximum(shown, 0)], 0.0).sum(axis=1)
        return np.asarray(total / np.where(listed.any(axis=1), listed.sum(axis=1), np.nan))


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the metric."""
    return [Novelty]
