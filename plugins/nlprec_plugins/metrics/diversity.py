"""Diversity: how unlike each other the items of one list are."""

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
class Diversity:
    """
    1 - mean cosine of the features of all pairs in the first n; items without features count as unlike all.

    Source:
        Ziegler et al., "Improving Recommendation Lists Through Topic Diversification", WWW 2005 (intra-list
        similarity).
    """

    name = "diversity"
    pooled = False
    n: int = field(default=10, validator=ge(1))  #: list length

    def measure(self, lists: RankedLists, opts: ScoreOptions) -> np.ndarray:
        """Return float64 [query], 0..1; nan for lists of fewer than two items, or without features."""
        shown = lists.first(self.n).items
        result = np.full(len(shown), np.nan)
        if lists.matrix is None:
            return result
        for row, items in enumerate(shown):
            mine = lists.matrix[items[items >= 0]]
            n = mine.shape[0]
            if n > 1:
                whole = np.asarray(mine.sum(axis=0)).ravel()
                alike = float(whole @ whole) - float(mine.multiply(mine).sum())
                result[row] = 1.0 - alike / (n * (n - 1))
        return result


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the metric."""
    return [Diversity]
