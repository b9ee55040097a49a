"""A random walk of three steps, item to user to item, held back from what is popular anyway. Strong on sparse data."""

import numpy as np
from attrs import field, frozen
from attrs.validators import ge, gt
from scipy import sparse
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.interfaces import IRecommender
from nlprec.kit.dataset import Dataset
from nlprec.kit.neighbours import keep_largest
from nlprec.kit.options import FitOptions
from nlprec.kit.scorers import ItemItem

BLOCK = 512  #: item rows walked at once


@implementer(IRecommender)
@frozen
class Rp3beta:
    """
    The chance to walk from a history item over one of its users to another item, divided by its popularity to ``beta``.

    Source:
        Paudel, Christoffel, Newell, Bernstein, "Updatable, Accurate, Diverse, and Scalable Recommendations for
        Interactive Applications", ACM TiiS 7(1), 2017, section 4.2.
    """

    name = "rp3beta"
    revision = 1
    alpha: float = field(default=0.8, validator=gt(0))  #: exponent of each step's chance
    beta: float = field(default=0.4, validator=ge(0))  #: how much popularity is held against an item
    k: int = field(default=200, validator=ge(1))  #: items kept that each item leads to

    def fit(self, data: Dataset, opts: FitOptions) -> ItemItem:
        """
        Walk from every item, a block at a time.

        Args:
            data: ``matrix`` CSR float32 [user, item].
                Memory: a dense block of 512 * n_items floats, and k * n_items sparse entries.
            opts: ``deadline`` and ``progress``.

        Returns:
            IScorer with weights CSR float32 [item, item], zero diagonal, over the items with interactions.
        """
        hot = np.flatnonzero(np.bincount(data.matrix.indices, minlength=data.n_items)).astype(np.int32)
        matrix = sparse.csr_matrix(data.matrix[:, hot], dtype=np.float32)
        to_items = self._chances(matrix)
        to_users = self._chances(sparse.csr_matrix(matrix.T))
        popularity = np.bincount(matrix.indices, minlength=len(hot)).astype(np.float32)
        hold = np.maximum(popularity, 1) ** np.float32(-self.beta)
        rows = [sparse.csr_matrix((0, len(hot)), dtype=np.float32)]
        for start in range(0, len(hot), BLOCK):
            opts.check_deadline()
            dense = np.asarray((to_users[start : start + BLOCK] @ to_items).toarray(), np.float32) * hold
            at = np.arange(len(dense))
            dense[at, start + at] = 0
            rows.append(keep_largest(dense, self.k))
            opts.progress(min(1.0, (start + BLOCK) / len(hot)))
        return ItemItem(sparse.vstack(rows, format="csr"), hot, data.n_items)

    def _chances(self, matrix: sparse.csr_matrix) -> sparse.csr_matrix:
        """Return CSR with each row's weights as chances that sum to 1, to the power alpha."""
        total = np.asarray(matrix.sum(axis=1)).ravel()
        data = (matrix.data / np.repeat(total, np.diff(matrix.indptr))) ** np.float32(self.alpha)
        return sparse.csr_matrix((data.astype(np.float32), matrix.indices, matrix.indptr), matrix.shape)


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the recommender."""
    return [Rp3beta]
