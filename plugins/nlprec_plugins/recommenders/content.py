"""Content: items whose texts are like those the user liked. The only one that knows items nobody met yet."""

import numpy as np
from attrs import field, frozen
from attrs.validators import ge
from scipy import sparse
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.errors import FitError
from nlprec.interfaces import IRecommender
from nlprec.kit.dataset import Dataset
from nlprec.kit.options import FitOptions
from nlprec.kit.scorers import Profile
from nlprec.kit.units import Duration


@implementer(IRecommender)
@frozen
class Content:
    """
    Cosine between an item's features and the weighted sum of the history's.

    Source:
        Pazzani, Billsus, "Content-Based Recommendation Systems", The Adaptive Web, 2007, section 10.3.
    """

    name = "content"
    features: str = "text"  #: which features of extract
    half_life: Duration = field(
        default=Duration(0.0), validator=ge(Duration(0.0))
    )  #: age at which a history item counts half; 0s: no decay

    def fit(self, data: Dataset, opts: FitOptions) -> Profile:
        """
        Normalise the features.

        Args:
            data: only its number of items is looked at.
            opts: ``features`` float32 [item, feature].

        Returns:
            IScorer over all items with text, met or not; others score nan.

        Raises:
            FitError: there are no features.
        """
        if opts.features is None:
            raise FitError("content needs features: name an entry of extract in its 'features'")
        matrix = sparse.csr_matrix(opts.features.matrix, dtype=np.float32, copy=True)
        matrix.eliminate_zeros()
        norm = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        matrix.data /= np.repeat(norm, np.diff(matrix.indptr)).astype(np.float32)
        return Profile(matrix, self.half_life / 86_400)


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the recommender."""
    return [Content]
