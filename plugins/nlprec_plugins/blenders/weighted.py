"""A weighted sum of standardised scores: better than ranks when the models are strong and of different families."""

from collections.abc import Mapping

import numpy as np
from attrs import field, frozen
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.interfaces import IBlender
from nlprec.kit.options import ScoreOptions
from nlprec.kit.ranking import zscores


@implementer(IBlender)
@frozen
class Weighted:
    """
    Weight times the score's deviations from the query's mean, over the items the input knows.

    An input that does not know an item gives it the mean, which is 0: not knowing neither helps nor harms. An item is
    blended when any input knows it.
    """

    name = "weighted"
    inputs: Mapping[str, float] = field(factory=dict)  #: recommender -> weight

    def blend(self, scores: Mapping[str, np.ndarray], opts: ScoreOptions) -> dict[str, np.ndarray]:
        """Return contributions float32 [query, item], nan where an input says nothing."""
        return {name: np.asarray(weight * zscores(scores[name]), np.float32) for name, weight in self.inputs.items()}


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the blender."""
    return [Weighted]
