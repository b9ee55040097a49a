"""EASE: the best linear item-item model in closed form. Strong, simple, and quick below some ten thousand items."""

import numpy as np
from attrs import field, frozen
from attrs.validators import ge, gt
from scipy import sparse
from scipy.linalg import lapack
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.errors import FitError
from nlprec.interfaces import IRecommender
from nlprec.kit.dataset import Dataset
from nlprec.kit.neighbours import keep_largest
from nlprec.kit.options import FitOptions
from nlprec.kit.scorers import ItemItem

BLOCK = 512  #: columns worked on at once


@implementer(IRecommender)
@frozen
class Ease:
    """
    Ridge regression of every item on all others, with a zero diagonal.

    Source:
        Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019, eq. 8.
    """

    name = "ease"
    revision = 1
    ridge: float = field(default=250.0, validator=gt(0))  #: on the Gram diagonal; 5-50 sparse data, 100-1000 dense
    top: int = field(default=0, validator=ge(0))  #: weights kept for each item, largest first; 0: all

    def fit(self, data: Dataset, opts: FitOptions) -> ItemItem:
        """
        Solve for the item-item weights in closed form, in one array from Gram matrix to weights.

        Args:
            data: ``matrix`` CSR float32 [user, item], weights >= 0.
                Memory: 5 * hot**2 bytes and a block of 512 columns, hot being the number of items with interactions.
            opts: ``threads`` BLAS threads, ``memory`` bytes it may take, ``deadline``, ``progress``.

        Returns:
            IScorer with weights float32 [item, item], zero diagonal, over the items with interactions; others score
            nan.

        Raises:
            FitError: the regularised Gram matrix is singular, or would not fit in ``opts.memory``.
        """
        hot = np.flatnonzero(np.bincount(data.matrix.indices, minlength=data.n_items)).astype(np.int32)
        if not len(hot):
            raise FitError("ease: no interaction has a weight above 0; look at prepare")
        need = 5 * len(hot) ** 2 + 16 * BLOCK * len(hot)
        if opts.memory and need > opts.memory:
            advice = "raise run.memory, drop rare items with min_count, or use item_knn"
            short = f"ease needs {need >> 20} MiB for {len(hot)} items and may take {opts.memory >> 20} MiB"
            raise FitError(f"{short}; {advice}", need=need)
        table = self._gram(data.matrix[:, hot], opts)
        self._invert(table)
        opts.progress(0.9, "inverted")
        weights = table.T  # symmetric, so this is the same matrix in C order
        weights /= -np.diag(weights).copy()
        weights[np.diag_indices(len(hot))] = 0
        return ItemItem(self._few(weights) if self.top else weights, hot, data.n_items)

    def _gram(self, matrix: sparse.csr_matrix, opts: FitOptions) -> np.ndarray:
        """Return the regularised Gram matrix float32 [item, item], Fortran order."""
        size = matrix.shape[1]
        items = sparse.csr_matrix(matrix.T)
        gram = np.empty((size, size), np.float32, order="F")
        for start in range(0, size, BLOCK):
            opts.check_deadline()
            gram[:, start : start + BLOCK] = (items[start : start + BLOCK] @ matrix).toarray().T
            opts.progress(0.5 * min(1.0, (start + BLOCK) / size), "Gram matrix")
        gram[np.diag_indices(size)] += np.float32(self.ridge)
        return gram

    def _invert(self, table: np.ndarray) -> None:
        """Invert a positive definite matrix in place: lower half by LAPACK, upper half by symmetry."""
        _, failed = lapack.spotrf(table, lower=1, clean=0, overwrite_a=1)
        if not failed:
            _, failed = lapack.spotri(table, lower=1, overwrite_c=1)
        if failed:
            raise FitError(f"ease: the Gram matrix cannot be inverted with ridge {self.ridge:g}; raise ridge")
        for start in range(0, len(table), BLOCK):
            end = start + BLOCK
            table[start:end, end:] = table[end:, start:end].T
            lower = np.tril(table[start:end, start:end])
            table[start:end, start:end] = lower + np.tril(lower, -1).T

    def _few(self, weights: np.ndarray) -> sparse.csr_matrix:
        """Return the ``top`` weights into each item, CSR [from, to]."""
        starts = range(0, len(weights), BLOCK)
        blocks = [keep_largest(np.ascontiguousarray(weights[:, at : at + BLOCK].T), self.top) for at in starts]
        return sparse.csr_matrix(sparse.vstack(blocks, format="csr").T)


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the recommender."""
    return [Ease]
