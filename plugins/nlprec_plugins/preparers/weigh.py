"""Kinds and ratings become weights: how sure we are that the user liked the item."""

from collections.abc import Mapping

import numpy as np
from attrs import field, frozen
from attrs.validators import ge, gt
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.interfaces import IPreparer
from nlprec.kit.dataset import Dataset
from nlprec.kit.options import Options

USUAL = {"view": 0.3, "cart": 0.6, "buy": 1.0, "like": 1.0, "rating": 1.0, "review": 1.0, "dislike": -1.0}


@implementer(IPreparer)
@frozen
class Weigh:
    """
    Weight = weight of the kind, times clip(value / scale, floor, 1) for kinds that carry a rating.

    A negative kind wins: every interaction of that user with that item gets weight 0 (seen, not liked). Low ratings
    keep a small weight: dropping or negating them costs ranking quality.

    Source:
        Hu, Koren, Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", ICDM 2008, section 4
        (confidence).
    """

    name = "weigh"
    kinds: Mapping[str, float] = field(factory=lambda: dict(USUAL))  #: kind -> weight, negative: not liked
    other: float = field(default=1.0, validator=ge(0))  #: weight of kinds that are not listed
    rated: tuple[str, ...] = ("rating", "review")  #: kinds whose value is a rating
    scale: float = field(default=5.0, validator=gt(0))  #: the best rating
    floor: float = field(default=0.2, validator=ge(0))  #: least share of a rated interaction's weight

    def prepare(self, data: Dataset, opts: Options) -> Dataset:
        """Return the dataset with weights float32 [event], >= 0."""
        per_kind = np.array([self.kinds.get(kind, self.other) for kind in data.kinds], np.float64)
        weight = per_kind[data.kind]
        rated = np.isin(data.kind, [code for code, kind in enumerate(data.kinds) if kind in self.rated]) & ~np.isnan(
            data.value
        )
        weight[rated] *= np.clip(data.value[rated] / self.scale, self.floor, 1.0)
        pair = data.user.astype(np.int64) * data.n_items + data.item
        disliked = np.isin(pair, pair[weight < 0])
        weight[disliked] = 0.0
        for code, kind in enumerate(data.kinds):
            opts.note(f"weigh: kind '{kind}' weighs {per_kind[code]:g}", events=int((data.kind == code).sum()))
        if disliked.any():
            opts.note("weigh: interactions with a disliked item count as seen, not liked", events=int(disliked.sum()))
        return data.evolve(weight=weight.astype(np.float32))


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the preparer."""
    return [Weigh]
