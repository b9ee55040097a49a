"""Recommend what is popular now."""

import numpy as np
from attrs import field, frozen, validators
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.interfaces import IRecommender
from nlprec.kit.scorers import ItemScores


@implementer(IRecommender)
@frozen
class Trending:
    """Interaction weight with exponential time decay; the same list for everyone."""

    name = "acme.trending"
    half_life: float = field(default=7.0, validator=validators.gt(0))  #: days

    def fit(self, data, opts):
        age = (data.now - data.time) / 86_400  # days, [event]
        weight = data.weight * 0.5 ** (age / self.half_life)
        return ItemScores(np.bincount(data.item, weight, minlength=data.n_items))


@hookimpl
def nlprec_components():
    return [Trending]
