"""Recommend what is popular, recent interactions first."""

import numpy as np
from attrs import field, frozen
from attrs.validators import ge
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.interfaces import IRecommender
from nlprec.kit.dataset import Dataset
from nlprec.kit.options import FitOptions
from nlprec.kit.scorers import ItemScores
from nlprec.kit.units import Duration


@implementer(IRecommender)
@frozen
class Popular:
    """Summed weight with exponential time decay; the same list for everyone."""

    name = "popular"
    half_life: Duration = field(
        default=Duration(30 * 86_400.0), validator=ge(Duration(0.0))
    )  #: age at which an interaction counts half; 0s: no decay

    def fit(self, data: Dataset, opts: FitOptions) -> ItemScores:
        """
        Sum the decayed weights.

        Args:
            data: ``weight`` [event], ``time`` epoch seconds [event]; an interaction without a time counts as old as the
                oldest.
            opts: ignored.

        Returns:
            IScorer with one score an item; nan for items nobody liked.
        """
        weight = data.weight.astype(np.float64)
        dated = ~np.isnan(data.time)
        if self.half_life > 0 and dated.any():
            end = data.time[dated].max() if np.isnan(data.now) else data.now
            age = end - np.where(dated, data.time, data.time[dated].min())
            weight = weight * 0.5 ** (np.maximum(age, 0) / self.half_life)
        scores = np.bincount(data.item, weight, minlength=data.n_items)
        return ItemScores(np.where(data.n_item_events > 0, scores, np.nan))


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the recommender."""
    return [Popular]
