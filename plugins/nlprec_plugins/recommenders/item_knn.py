"""Item neighbours: what the same people liked. Cheap, sparse, and it explains itself."""

import numpy as np
from attrs import field, frozen
from attrs.validators import ge, in_
from scipy import sparse
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.interfaces import IRecommender
from nlprec.kit.dataset import Dataset
from nlprec.kit.options import FitOptions
from nlprec.kit.scorers import ItemItem

BLOCK = 512  #: item rows compared at once


@implementer(IRecommender)
@frozen
class ItemKnn:
    """
    Shrunk cosine of the items' user vectors; the ``k`` nearest of each item are kept.

    Source:
        Sarwar, Karypis, Konstan, Riedl, "Item-based collaborative filtering recommendation algorithms", WWW 2001; shrinkage: Bell, Koren,
        "Improved neighborhood-based collaborative filtering", KDD Cup 2007.
    """

    name = "item_knn"
    k: int = field(default=100, validator=ge(1))  #: neighbours kept for each item
    shrink: float = field(default=20.0, validator=ge(0))  #: added to the product of norms: few common users count less
    weighting: str = field(default="none", validator=in_(("none", "tfidf")))  #: tfidf: users who like everything say less

    def fit(self, data: Dataset, opts: FitOptions) -> ItemItem:
        """
        Compare every item with every other, a block at a time.

        Args:
            data: ``matrix`` CSR float32 [user, item]. Memory: a dense block of 512 * n_items floats, and k * n_items sparse entries.
            opts: ``deadline`` and ``progress``.
        Returns:
            IScorer with weights CSR float32 [item, item], zero diagonal, over the items with interactions.
        """
        hot = np.flatnonzero(np.diff(data.matrix.tocsc().indptr)).astype(np.int32)
        matrix = sparse.csr_matrix(data.matrix[:, hot], dtype=np.float32)
        if self.weighting == "tfidf":
            says = np.log(len(hot) / np.maximum(np.diff(matrix.indptr), 1)).astype(np.float32)
            matrix = sparse.csr_matrix(sparse.diags(np.maximum(says, 0)) @ matrix)
        items = sparse.csr_matrix(matrix.T)
        norm = np.sqrt(np.asarray(items.multiply(items).sum(axis=1)).ravel())
        rows = []
        for start in range(0, len(hot), BLOCK):
            opts.check_deadline()
            rows.append(self._block(items, matrix, norm, start))
            opts.progress(min(1.0, (start + BLOCK) / len(hot)))
        weights = sparse.vstack(rows, format="csr") if rows else sparse.csr_matrix((0, 0), dtype=np.float32)
        return ItemItem(sparse.csr_matrix(weights.T), hot, data.n_items)

    def _block(self, items: sparse.csr_matrix, matrix: sparse.csr_matrix, norm: np.ndarray, start: int) -> sparse.csr_matrix:
        """Return the k nearest of some items: CSR [block, item], a row holds the neighbours that vote for it."""
        part = items[start : start + BLOCK]
        dense = np.asarray((part @ matrix).toarray(), np.float32)
        dense /= norm[start : start + part.shape[0], None] * norm[None, :] + np.float32(self.shrink) + np.float32(1e-12)
        at = np.arange(part.shape[0])
        dense[at, start + at] = 0
        if dense.shape[1] > self.k:
            bar = np.partition(dense, dense.shape[1] - self.k, axis=1)[:, dense.shape[1] - self.k]
            dense[dense < bar[:, None]] = 0
        return sparse.csr_matrix(dense)


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the recommender."""
    return [ItemKnn]
