"""Reciprocal rank fusion: only ranks count, so models of any scale can be blended. The safe default."""

from collections.abc import Mapping

import numpy as np
from attrs import field, frozen
from attrs.validators import ge
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.interfaces import IBlender
from nlprec.kit.options import ScoreOptions
from nlprec.kit.ranking import ranks


@implementer(IBlender)
@frozen
class Rrf:
    """
    An input gives weight / (damping + rank) to every item it ranks.

    Source:
        Cormack, Clarke, Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and individual rank learning methods",
        SIGIR 2009.
    """

    name = "rrf"
    inputs: Mapping[str, float] = field(factory=dict)  #: recommender -> weight
    damping: float = field(default=60.0, validator=ge(0))  #: ranks; larger: the first places count less

    def blend(self, scores: Mapping[str, np.ndarray], opts: ScoreOptions) -> dict[str, np.ndarray]:
        """Return contributions float32 [query, item], nan where an input says nothing."""
        return {
            name: np.asarray(weight / (self.damping + ranks(scores[name])), np.float32)
            for name, weight in self.inputs.items()
        }


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the blender."""
    return [Rrf]
