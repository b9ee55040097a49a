"""Normalised discounted cumulative gain: right items count more the earlier they come."""

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
class Ndcg:
    """
    Binary gain, log2 discount, ideal list of min(n, relevant) items.

    Source:
        Järvelin, Kekäläinen, "Cumulated Gain-based Evaluation of IR Techniques", ACM TOIS 20(4), 2002.
    """

    name = "ndcg"
    pooled = False
    n: int = field(default=10, validator=ge(1))  #: list length

    def measure(self, lists: RankedLists, opts: ScoreOptions) -> np.ndarray:
        """Return float64 [query], nan where nothing is relevant."""
        first = lists.first(self.n)
        discount = 1.0 / np.log2(np.arange(2, self.n + 2))
        gain = (first.hits * discount[: first.hits.shape[1]]).sum(axis=1)
        ideal = np.concatenate([[np.nan], np.cumsum(discount)])
        return np.asarray(gain / ideal[np.minimum(first.n_relevant, self.n)])


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the metric."""
    return [Ndcg]
