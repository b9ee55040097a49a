"""From the scores of several models to one, the same way in evaluation and in serving."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import frozen

from nlprec.kit.options import Options
from nlprec.kit.ranking import Queries, total


@frozen(eq=False)
class Mixture:
    """Scores of one set of queries: of each model, and what each gives to each blend."""

    scores: Mapping[str, np.ndarray]  #: recommender -> float32 [query, item], nan where not eligible
    parts: Mapping[str, Mapping[str, np.ndarray]]  #: blend -> recommender -> contribution float32 [query, item]

    def final(self, model: str) -> np.ndarray:
        """Return float32 [query, item]: the scores by which a model or blend ranks."""
        return total(dict(self.parts[model])) if model in self.parts else self.scores[model]


def mix(
    scorers: Mapping[str, Any], blends: Mapping[str, Any], queries: Queries, eligible: np.ndarray, opts: Options
) -> Mixture:
    """
    Score queries with every model and blend them.

    Args:
        scorers: recommender name -> IScorer.
        blends: blend name -> IBlender whose ``inputs`` are among the scorers.
        eligible: bool, broadcastable to [query, item]; other items become nan before anything is ranked or blended.
    """
    scores = {
        name: np.where(eligible, scorer.score(queries, opts), np.float32(np.nan)) for name, scorer in scorers.items()
    }
    parts = {
        name: blender.blend({each: scores[each] for each in blender.inputs}, opts) for name, blender in blends.items()
    }
    return Mixture(scores, parts)
