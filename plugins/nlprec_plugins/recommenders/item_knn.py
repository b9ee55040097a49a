"""Item neighbours: what the same people liked. Cheap, sparse, and it explains itself."""

import numpy as np
from attrs import field, frozen
from attrs.validators import ge, in_
from scipy import sparse
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.interfaces import IRecommender
from nlprec.kit.dataset import Dataset
from nlprec.kit.neighbours import keep_largest
from nlprec.kit.options import FitOptions
from nlprec.kit.scorers import ItemItem

BLOCK = 512  #: item rows compared at once
K1, B = 100.0, 0.8  #: saturation and length normalisation of bm25, as implicit has them


@implementer(IRecommender)
@frozen
class ItemKnn:
    """
    Cosine of the items' user vectors, times p / (p + shrink) with p the product of their lengths before weighting.

    Source:
        Sarwar, Karypis, Konstan, Riedl, "Item-based collaborative filtering recommendation algorithms", WWW 2001;
        shrinkage: Bell, Koren, "Improved neighborhood-based collaborative filtering", KDD Cup 2007.
    """

    name = "item_knn"
    revision = 1
    k: int = field(default=100, validator=ge(1))  #: neighbours kept for each item
    shrink: float = field(default=20.0, validator=ge(0))  #: items with few users count less; 0: not
    weighting: str = field(default="none", validator=in_(("none", "tfidf", "bm25")))  #: users who like much say less

    def fit(self, data: Dataset, opts: FitOptions) -> ItemItem:
        """
        Compare every item with every other, a block at a time.

        Args:
            data: ``matrix`` CSR float32 [user, item].
                Memory: a dense block of 512 * n_items floats, and k * n_items sparse entries.
            opts: ``deadline`` and ``progress``.

        Returns:
            IScorer with weights CSR float32 [item, item], zero diagonal, over the items with interactions; others score
            nan, and an item no neighbour votes for scores 0.
        """
        hot = np.flatnonzero(np.bincount(data.matrix.indices, minlength=data.n_items)).astype(np.int32)
        plain = sparse.csr_matrix(data.matrix[:, hot].T, dtype=np.float32)
        weighed = self._weighed(plain)
        raw, length = _norms(plain), _norms(weighed)
        items = sparse.csr_matrix(
            sparse.diags(np.divide(1, length, out=np.zeros_like(length), where=length > 0)) @ weighed
        )
        users = sparse.csr_matrix(items.T)
        rows = [sparse.csr_matrix((0, len(hot)), dtype=np.float32)]
        for start in range(0, len(hot), BLOCK):
            opts.check_deadline()
            rows.append(self._block(items, users, raw, start))
            opts.progress(min(1.0, (start + BLOCK) / len(hot)))
        weights = sparse.vstack(rows, format="csr")  # a row holds the neighbours that vote for its item
        return ItemItem(sparse.csr_matrix(weights.T), hot, data.n_items)

    def _weighed(self, items: sparse.csr_matrix) -> sparse.csr_matrix:
        """Return CSR [item, user] with each entry weighed as a term (user) of a document (item)."""
        if self.weighting == "none":
            return items
        each = np.bincount(items.indices, minlength=items.shape[1])
        counts = items.data.copy()
        if self.weighting == "bm25":
            idf = np.log(max(items.shape[0], 1)) - np.log1p(each)
            length = np.asarray(items.sum(axis=1)).ravel()
            relative = (1 - B) + B * length / (float(length.sum()) / max(len(length), 1) or 1.0)
            counts *= (K1 + 1) / (K1 * np.repeat(relative, np.diff(items.indptr)) + counts)
        else:
            idf = np.log(max(items.shape[0], 1) / np.maximum(each, 1))
        data = (counts * np.maximum(idf, 0)[items.indices]).astype(np.float32)
        return sparse.csr_matrix((data, items.indices, items.indptr), items.shape)

    def _block(
        self, items: sparse.csr_matrix, users: sparse.csr_matrix, raw: np.ndarray, start: int
    ) -> sparse.csr_matrix:
        """
        Return the k nearest of some items of length 1, CSR [block, item]; ``raw`` lengths say how far to trust one.
        """
        dense = np.asarray((items[start : start + BLOCK] @ users).toarray(), np.float32)
        if self.shrink:
            trust = raw[start : start + len(dense), None] * raw[None, :]
            dense *= trust / (trust + np.float32(self.shrink))
        at = np.arange(len(dense))
        dense[at, start + at] = 0
        return keep_largest(dense, self.k)


def _norms(matrix: sparse.csr_matrix) -> np.ndarray:
    return np.asarray(np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()), np.float32)


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the recommender."""
    return [ItemKnn]
