"""Hit rate: whether the list holds anything right."""

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
class Hit:
    """
    1 when at least one of the first n is relevant, else 0.
    """

    name = "hit"
    pooled = False
    n: int = field(default=10, validator=ge(1))  #: list length

    def measure(self, lists: RankedLists, opts: ScoreOptions) -> np.ndarray:
        """Return float64 [query], nan where nothing is relevant."""
        first = lists.first(self.n)
        return np.where(first.n_relevant > 0, first.hits.any(axis=1).astype(np.float64), np.nan)


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the metric."""
    return [Hit]
