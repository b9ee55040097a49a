"""Implicit ALS: latent factors of users and items, weighted by confidence. Linear in interactions, so it scales."""

import numpy as np
from attrs import field, frozen
from attrs.validators import ge, gt
from scipy import sparse
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.errors import FitError, MissingExtra
from nlprec.interfaces import IRecommender
from nlprec.kit.dataset import Dataset
from nlprec.kit.options import FitOptions
from nlprec.kit.scorers import Factors


@implementer(IRecommender)
@frozen
class Als:
    """
    ``implicit``'s alternating least squares; users are folded in from their history when asked, so strangers are served
    alike.

    Source:
        Hu, Koren, Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", ICDM 2008.
    """

    name = "als"
    factors: int = field(default=64, validator=ge(1))  #: latent dimensions
    ridge: float = field(default=20.0, validator=gt(0))  #: L2 penalty of every factor vector; sweep on a log scale
    alpha: float = field(default=2.0, validator=gt(0))  #: confidence of an interaction of weight w is 1 + alpha * w
    epochs: int = field(default=15, validator=ge(1))  #: alternations

    def fit(self, data: Dataset, opts: FitOptions) -> Factors:
        """
        Alternate between users and items.

        Args:
            data: ``matrix`` CSR float32 [user, item]. Memory: 8 * factors * (n_users + n_items) bytes.
            opts: ``rng`` starts the factors, ``threads``, ``deadline``, ``progress``.

        Returns:
            IScorer with factors float32 [item, factor] over the items with interactions; others score nan.

        Raises:
            FitError: the factors are not finite.
        """
        hot = np.flatnonzero(np.bincount(data.matrix.indices, minlength=data.n_items)).astype(np.int32)
        if not len(hot):
            raise FitError("als: no interaction has a weight above 0; look at prepare")
        confidence = sparse.csr_matrix(data.matrix[:, hot], dtype=np.float32)
        confidence.data = 1 + np.float32(self.alpha) * confidence.data
        confidence.indices, confidence.indptr = confidence.indices.astype(np.int32), confidence.indptr.astype(np.int32)
        factors = self._alternate(confidence, opts)
        if not np.isfinite(factors).all():
            raise FitError("als: the factors are not finite; raise ridge or lower alpha")
        return Factors(factors, hot, data.n_items, self.ridge, self.alpha)

    def _alternate(self, confidence: sparse.csr_matrix, opts: FitOptions) -> np.ndarray:
        """
        Return factors float32 [item, factor]; an entry of ``confidence`` [user, item] is c of the paper, 1 elsewhere.
        """
        try:
            from implicit.cpu.als import AlternatingLeastSquares
            from implicit.recommender_base import ModelFitError
            from threadpoolctl import threadpool_limits
        except ImportError as error:
            raise MissingExtra("als needs the package 'implicit': pip install implicit") from error

        def each_epoch(epoch: int, seconds: float, loss: object = None) -> None:
            opts.check_deadline()
            opts.progress((epoch + 1) / self.epochs, f"epoch {epoch + 1} of {self.epochs}")

        opts.check_deadline()
        # implicit's own threads share the work; BLAS threads beside them would slow it tenfold
        with threadpool_limits(1, "blas"):
            model = AlternatingLeastSquares(
                factors=self.factors,
                regularization=self.ridge,
                alpha=1.0,
                iterations=self.epochs,
                num_threads=max(opts.threads, 1),
                random_state=int(opts.rng.integers(2**31)),
            )
            try:
                model.fit(confidence, show_progress=False, callback=each_epoch)
            except ModelFitError:
                return np.full((1, self.factors), np.nan, np.float32)
        return np.asarray(model.item_factors, np.float32)


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the recommender."""
    return [Als]
