"""
Ready fitted scorers. Most algorithms end in one of four shapes; a plugin returns one instead of writing its own.

``ItemScores`` the same score for everyone · ``ItemItem`` history times item-item weights · ``Factors`` latent factors
with fold-in · ``Profile`` cosine of features with the history's mean.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import field, frozen
from scipy import sparse
from scipy.linalg import lapack
from zope.interface import implementer

from nlprec.errors import FitError
from nlprec.interfaces import IExplainer, IScorer
from nlprec.kit.features import matrix_arrays, matrix_restore
from nlprec.kit.ranking import Evidence, Queries

EVIDENCE = 5  #: history items and features named for one recommendation


def _single(value: Any) -> np.ndarray:
    return np.asarray(value, np.float32)


def _finite(instance: object, attribute: Any, value: Any) -> None:
    data = value.data if sparse.issparse(value) else value
    if not np.isfinite(data).all():
        advice = "use more regularisation or look at the weights"
        raise FitError(f"{attribute.name} of {type(instance).__name__} is not finite; {advice}")


def _local(queries: Queries, hot: np.ndarray) -> sparse.csr_matrix:
    """Return the history over the hot items, CSR float32 [query, hot]."""
    return queries.history if len(hot) == queries.n_items else queries.history[:, hot]


def _spread(known: np.ndarray, local: sparse.csr_matrix, hot: np.ndarray, n_items: int) -> np.ndarray:
    """Return scores of hot items as float32 [query, item]: nan elsewhere, and in rows without hot history."""
    result = np.asarray(known, np.float32)
    if len(hot) < n_items:
        result = np.full((len(known), n_items), np.nan, np.float32)
        result[:, hot] = known
    result[np.diff(local.indptr) == 0] = np.nan
    return result


def _solve(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the solution of positive definite equations; LAPACK directly, since a fold-in is a few microseconds."""
    _, found, failed = lapack.dposv(left, right, lower=1, overwrite_a=1)
    if failed:
        raise FitError("a history cannot be folded in: its equations are singular; train again with more ridge")
    return np.asarray(found)


def _largest(indices: np.ndarray, shares: np.ndarray) -> tuple[tuple[int, float], ...]:
    order = np.argsort(-shares, kind="stable")[:EVIDENCE]
    return tuple((int(indices[at]), float(shares[at])) for at in order if shares[at] > 0)


@implementer(IScorer, IExplainer)
@frozen(eq=False)
class ItemScores:
    """One score an item, the same list for everyone."""

    scores: np.ndarray = field(converter=_single)  #: float32 [item], nan unknown
    note: str = "popular"  #: what evidence says

    def score(self, queries: Queries, opts: Any) -> np.ndarray:
        """Return the same row for each query, float32 [query, item]."""
        return np.broadcast_to(self.scores, (queries.n_queries, len(self.scores)))

    def explain(self, queries: Queries, items: np.ndarray, opts: Any) -> list[list[Evidence]]:
        """Return the note for every item."""
        return [[Evidence(note=self.note) for _ in row] for row in items]

    def state(self) -> dict[str, np.ndarray]:
        """Return the scores and the note."""
        return {"scores": self.scores, "note": np.frombuffer(self.note.encode(), np.uint8)}

    @classmethod
    def restore(cls, state: Mapping[str, np.ndarray]) -> "ItemScores":
        """Return the scorer of ``state``."""
        return cls(state["scores"], state["note"].tobytes().decode())


@implementer(IScorer, IExplainer)
@frozen(eq=False)
class ItemItem:
    """
    History times item-item weights: kNN, EASE, SLIM and every other linear model.

    ``hot`` int32 [hot]: the item indices that the weights speak of; all other items score nan.
    """

    weights: sparse.csr_matrix | np.ndarray = field(validator=_finite)  #: float32 [hot from, hot to]
    hot: np.ndarray  #: int32 [hot], ascending
    n_items: int

    def score(self, queries: Queries, opts: Any) -> np.ndarray:
        """Return float32 [query, item]; nan outside ``hot``, and everywhere for a query without hot history."""
        local = _local(queries, self.hot)
        product = local @ self.weights
        known = product.toarray() if sparse.issparse(product) else np.asarray(product)
        return _spread(known, local, self.hot, self.n_items)

    def explain(self, queries: Queries, items: np.ndarray, opts: Any) -> list[list[Evidence]]:
        """Return the history items whose weights make up each score."""
        local = _local(queries, self.hot)
        place = np.full(self.n_items, -1, np.int64)
        place[self.hot] = np.arange(len(self.hot))
        answer = []
        for row in range(queries.n_queries):
            span = slice(local.indptr[row], local.indptr[row + 1])
            mine, weight = local.indices[span], local.data[span]
            answer.append([self._one(mine, weight, int(place[item]) if item >= 0 else -1) for item in items[row]])
        return answer

    def _one(self, mine: np.ndarray, weight: np.ndarray, target: int) -> Evidence:
        if target < 0 or not len(mine):
            return Evidence()
        column = self.weights[mine, target]
        column = column.toarray().ravel() if sparse.issparse(column) else np.asarray(column).ravel()
        return Evidence(items=_largest(self.hot[mine], weight * column))

    def state(self) -> dict[str, np.ndarray]:
        """Return the weights and which items they speak of."""
        return {**matrix_arrays(self.weights, "weights"), "hot": self.hot, "n_items": np.array(self.n_items)}

    @classmethod
    def restore(cls, state: Mapping[str, np.ndarray]) -> "ItemItem":
        """Return the scorer of ``state``."""
        return cls(matrix_restore(state, "weights"), state["hot"], int(state["n_items"]))


@implementer(IScorer, IExplainer)
@frozen(eq=False)
class Factors:
    """
    Latent item factors; a user is folded in from the history by the normal equations of implicit ALS, so strangers are
    served alike.

    Source:
        Hu, Koren, Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", ICDM 2008, eq. 4.
    """

    factors: np.ndarray = field(validator=_finite)  #: float32 [hot, factor]
    hot: np.ndarray  #: int32 [hot], ascending
    n_items: int
    ridge: float  #: added to the diagonal
    alpha: float  #: confidence of a weight w is 1 + alpha * w
    gram: np.ndarray = field(init=False)  #: float64 [factor, factor]

    @gram.default
    def _gram(self) -> np.ndarray:
        wide = self.factors.astype(np.float64)
        return wide.T @ wide + self.ridge * np.eye(wide.shape[1])

    def _equations(self, indices: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the left side float64 [factor, factor] of one user's equations, and c * y of each history item."""
        rows = self.factors[indices].astype(np.float64)
        confidence = self.alpha * weights.astype(np.float64)[:, None]
        scaled = rows * confidence
        return self.gram + scaled.T @ rows, rows + scaled

    def score(self, queries: Queries, opts: Any) -> np.ndarray:
        """Return float32 [query, item]; nan outside ``hot``, and everywhere for a query without hot history."""
        local = _local(queries, self.hot)
        users = np.zeros((queries.n_queries, self.factors.shape[1]), np.float32)
        for row in np.flatnonzero(np.diff(local.indptr)):
            span = slice(local.indptr[row], local.indptr[row + 1])
            left, basis = self._equations(local.indices[span], local.data[span])
            users[row] = _solve(left, basis.sum(axis=0))
        return _spread(users @ self.factors.T, local, self.hot, self.n_items)

    def explain(self, queries: Queries, items: np.ndarray, opts: Any) -> list[list[Evidence]]:
        """Return each history item's share of the score (Hu et al. section 5): exact, the shares sum to the score."""
        local = _local(queries, self.hot)
        place = np.full(self.n_items, -1, np.int64)
        place[self.hot] = np.arange(len(self.hot))
        answer = []
        for row in range(queries.n_queries):
            span = slice(local.indptr[row], local.indptr[row + 1])
            mine = local.indices[span]
            if not len(mine):
                answer.append([Evidence() for _ in items[row]])
                continue
            left, basis = self._equations(mine, local.data[span])
            targets = place[np.maximum(items[row], 0)]
            known = np.flatnonzero((items[row] >= 0) & (targets >= 0))
            toward = _solve(left, self.factors[targets[known]].astype(np.float64).T)
            line = [Evidence() for _ in items[row]]
            for at, shares in zip(known, (basis @ toward).T, strict=True):
                line[at] = Evidence(items=_largest(self.hot[mine], shares))
            answer.append(line)
        return answer

    def state(self) -> dict[str, np.ndarray]:
        """Return the factors and the two numbers of fold-in."""
        numbers = np.array([self.ridge, self.alpha], np.float64)
        return {"factors": self.factors, "hot": self.hot, "n_items": np.array(self.n_items), "numbers": numbers}

    @classmethod
    def restore(cls, state: Mapping[str, np.ndarray]) -> "Factors":
        """Return the scorer of ``state``."""
        ridge, alpha = state["numbers"].tolist()
        return cls(state["factors"], state["hot"], int(state["n_items"]), ridge, alpha)


@implementer(IScorer, IExplainer)
@frozen(eq=False)
class Profile:
    """
    Cosine between an item's features and the weighted sum of the history's features; speaks of items nobody met yet.
    """

    matrix: sparse.csr_matrix = field(validator=_finite)  #: CSR float32 [item, feature], L2 rows, zero row: no text
    half_life: float = 0.0  #: days after which a history item counts half; 0 is never

    def _aged(self, queries: Queries) -> sparse.csr_matrix:
        """Return the history CSR float32 [query, item] as it counts now; what has faded to nothing is gone."""
        if self.half_life <= 0:
            return queries.history
        age = np.where(queries.last > 0, np.maximum(queries.now - queries.last, 0), 0) / 86_400
        history = queries.history.copy()
        history.data = (history.data * 0.5 ** (age / self.half_life)).astype(np.float32)
        history.eliminate_zeros()
        return history

    def _profiles(self, history: sparse.csr_matrix) -> tuple[sparse.csr_matrix, np.ndarray]:
        """Return the profiles CSR float32 [query, feature], L2 rows, and the factor that gave them length 1."""
        profiles = history @ self.matrix
        norm = np.sqrt(np.asarray(profiles.multiply(profiles).sum(axis=1)).ravel())
        scale = np.divide(1.0, norm, out=np.zeros_like(norm), where=norm > 0).astype(np.float32)
        found = sparse.csr_matrix(sparse.diags(scale) @ profiles)
        found.eliminate_zeros()
        return found, scale

    def score(self, queries: Queries, opts: Any) -> np.ndarray:
        """
        Return float32 [query, item] in 0..1; nan for items without text, and everywhere for a query whose history has
        none.
        """
        profiles, _ = self._profiles(self._aged(queries))
        result = np.asarray((profiles @ self.matrix.T).toarray(), np.float32)
        result[:, np.diff(self.matrix.indptr) == 0] = np.nan
        result[np.diff(profiles.indptr) == 0] = np.nan
        return result

    def explain(self, queries: Queries, items: np.ndarray, opts: Any) -> list[list[Evidence]]:
        """Return the history items alike and the features shared; the shares of either kind sum to the score."""
        history = self._aged(queries)
        profiles, scale = self._profiles(history)
        answer = []
        for row in range(queries.n_queries):
            span = slice(history.indptr[row], history.indptr[row + 1])
            mine = history.indices[span]
            shares = (self.matrix[mine] @ self.matrix[np.maximum(items[row], 0)].T).toarray()
            shares = shares * history.data[span][:, None] * scale[row]
            line = []
            for at, item in enumerate(items[row].tolist()):
                if item < 0 or not len(mine):
                    line.append(Evidence())
                    continue
                shared = sparse.csr_matrix(self.matrix[item].multiply(profiles[row]))
                features = _largest(shared.indices, shared.data)
                line.append(Evidence(items=_largest(mine, shares[:, at]), features=features))
            answer.append(line)
        return answer

    def state(self) -> dict[str, np.ndarray]:
        """Return the item features."""
        return {**matrix_arrays(self.matrix, "matrix"), "half_life": np.array(self.half_life)}

    @classmethod
    def restore(cls, state: Mapping[str, np.ndarray]) -> "Profile":
        """Return the scorer of ``state``."""
        return cls(matrix_restore(state, "matrix"), float(state["half_life"]))
