"""EASE: the best linear item-item model in closed form. Strong, simple, and quick below some ten thousand items."""

import numpy as np
from attrs import field, frozen
from attrs.validators import gt
from scipy.linalg import lapack
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.errors import FitError
from nlprec.interfaces import IRecommender
from nlprec.kit.dataset import Dataset
from nlprec.kit.options import FitOptions
from nlprec.kit.scorers import ItemItem


@implementer(IRecommender)
@frozen
class Ease:
    """
    Ridge regression of every item on all others, with a zero diagonal.

    Source:
        Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019, eq. 8.
    """

    name = "ease"
    ridge: float = field(default=250.0, validator=gt(0))  #: added to the Gram diagonal; 5 to 50 for sparse data, 100 to 1000 for dense

    def fit(self, data: Dataset, opts: FitOptions) -> ItemItem:
        """
        Solve for the item-item weights in closed form.

        Args:
            data: ``matrix`` CSR float32 [user, item], weights >= 0. Memory: 8 * hot**2 bytes, hot being the items with interactions.
            opts: ``threads`` BLAS threads, ``memory`` bytes it may take; the rest is ignored.
        Returns:
            IScorer with weights float32 [item, item], zero diagonal, over the items with interactions; others score nan.
        Raises:
            FitError: the regularised Gram matrix is singular, or would not fit in ``opts.memory``.
        """
        hot = np.flatnonzero(np.diff(data.matrix.tocsc().indptr)).astype(np.int32)
        need = 8 * len(hot) ** 2
        if opts.memory and need > opts.memory:
            advice = "raise run.memory, drop rare items with min_count, or use item_knn"
            raise FitError(f"ease needs {need >> 20} MiB for {len(hot)} items and may take {opts.memory >> 20}; {advice}", need=need)
        matrix = data.matrix[:, hot]
        gram = np.asfortranarray((matrix.T @ matrix).toarray(), np.float32)
        gram[np.diag_indices(len(hot))] += np.float32(self.ridge)
        factor, failed = lapack.spotrf(gram, lower=1, overwrite_a=1)
        if failed:
            raise FitError(f"ease: the Gram matrix is singular with ridge {self.ridge:g}; raise ridge")
        opts.progress(0.5, "factorised")
        inverse, failed = lapack.spotri(factor, lower=1, overwrite_c=1)
        if failed:
            raise FitError(f"ease: the Gram matrix cannot be inverted with ridge {self.ridge:g}; raise ridge")
        lower = np.tril(inverse)
        inverse = lower + np.tril(lower, -1).T
        weights = np.asarray(inverse / -np.diag(inverse)[None, :], np.float32, order="C")
        weights[np.diag_indices(len(hot))] = 0
        return ItemItem(weights, hot, data.n_items)


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the recommender."""
    return [Ease]
