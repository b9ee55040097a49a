"""Mean reciprocal rank: how early the first right item comes."""

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
class Mrr:
    """
    1 / rank of the first relevant item within n, 0 when there is none.
    """

    name = "mrr"
    pooled = False
    n: int = field(default=10, validator=ge(1))  #: list length

    def measure(self, lists: RankedLists, opts: ScoreOptions) -> np.ndarray:
        """Return float64 [query], nan where nothing is relevant."""
        first = lists.first(self.n)
        hits = first.hits
        reciprocal = np.where(hits.any(axis=1), 1.0 / (1 + hits.argmax(axis=1)), 0.0)
        return np.where(first.n_relevant > 0, reciprocal, np.nan)


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the metric."""
    return [Mrr]
