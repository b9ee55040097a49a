"""
Ready fitted scorers. Most algorithms end in one of four shapes; a plugin returns one instead of writing its own.

``ItemScores`` the same score for everyone · ``ItemItem`` history times item-item weights · ``Factors`` latent factors
with fold-in · ``Profile`` cosine of features with the history's mean.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import field, frozen
from scipy import linalg, sparse
from zope.interface import implementer

from nlprec.errors import FitError
from nlprec.interfaces import IExplainer, IScorer
from nlprec.kit.features import matrix_arrays, matrix_restore
from nlprec.kit.ranking import Evidence, Queries

EVIDENCE = 5  #: history items and features named for one recommendation


def _finite(instance: object, attribute: Any, value: Any) -> None:
    data = value.data if sparse.issparse(value) else value
    if not np.isfinite(data).all():
        raise FitError(
            f"{attribute.name} of {type(instance).__name__} is not finite; use more regularisation or look at the weights"
        )


def _largest(indices: np.ndarray, shares: np.ndarray) -> tuple[tuple[int, float], ...]:
    order = np.argsort(-shares, kind="stable")[:EVIDENCE]
    return tuple((int(indices[at]), float(shares[at])) for at in order if shares[at] > 0)


@implementer(IScorer, IExplainer)
@frozen(eq=False)
class ItemScores:
    """One score an item, the same list for everyone."""

    scores: np.ndarray = field(converter=lambda value: np.asarray(value, np.float32))  #: float32 [item], nan unknown
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

    def _local(self, queries: Queries) -> sparse.csr_matrix:
        return queries.history[:, self.hot]

    def score(self, queries: Queries, opts: Any) -> np.ndarray:
        """Return float32 [query, item]; nan outside ``hot``, and everywhere for a query without hot history."""
        local = self._local(queries)
        product = local @ self.weights
        known = product.toarray() if sparse.issparse(product) else np.asarray(product)
        result = np.full((queries.n_queries, self.n_items), np.nan, np.float32)
        result[:, self.hot] = known
        result[np.diff(local.indptr) == 0] = np.nan
        return result

    def explain(self, queries: Queries, items: np.ndarray, opts: Any) -> list[list[Evidence]]:
        """Return the history items whose weights make up each score."""
        local = self._local(queries)
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

    def _solved(self, indices: np.ndarray, weights: np.ndarray) -> tuple[Any, np.ndarray, np.ndarray]:
        rows = self.factors[indices].astype(np.float64)
        confidence = self.alpha * weights.astype(np.float64)
        left = self.gram + (rows.T * confidence) @ rows
        return linalg.cho_factor(left, check_finite=False), rows, 1.0 + confidence

    def score(self, queries: Queries, opts: Any) -> np.ndarray:
        """Return float32 [query, item]; nan outside ``hot``, and everywhere for a query without hot history."""
        local = queries.history[:, self.hot]
        result = np.full((queries.n_queries, self.n_items), np.nan, np.float32)
        asked = np.flatnonzero(np.diff(local.indptr))
        users = np.zeros((len(asked), self.factors.shape[1]), np.float32)
        for at, row in enumerate(asked):
            span = slice(local.indptr[row], local.indptr[row + 1])
            solved, rows, confidence = self._solved(local.indices[span], local.data[span])
            users[at] = linalg.cho_solve(solved, rows.T @ confidence, check_finite=False)
        result[np.ix_(asked, self.hot)] = users @ self.factors.T
        return result

    def explain(self, queries: Queries, items: np.ndarray, opts: Any) -> list[list[Evidence]]:
        """Return each history item's share of the score (Hu et al. section 5): exact, the shares sum to the score."""
        local = queries.history[:, self.hot]
        place = np.full(self.n_items, -1, np.int64)
        place[self.hot] = np.arange(len(self.hot))
        answer = []
        for row in range(queries.n_queries):
            span = slice(local.indptr[row], local.indptr[row + 1])
            mine = local.indices[span]
            if not len(mine):
                answer.append([Evidence() for _ in items[row]])
                continue
            solved, rows, confidence = self._solved(mine, local.data[span])
            basis = rows * confidence[:, None]
            line = []
            for item in items[row]:
                target = int(place[item]) if item >= 0 else -1
                if target < 0:
                    line.append(Evidence())
                    continue
                toward = linalg.cho_solve(solved, self.factors[target].astype(np.float64), check_finite=False)
                line.append(Evidence(items=_largest(self.hot[mine], basis @ toward)))
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

    def _profiles(self, queries: Queries) -> sparse.csr_matrix:
        history = queries.history.copy()
        if self.half_life > 0:
            age = np.where(queries.last > 0, np.maximum(queries.now - queries.last, 0), 0) / 86_400
            history.data = (history.data * 0.5 ** (age / self.half_life)).astype(np.float32)
        profiles = history @ self.matrix
        norm = np.sqrt(np.asarray(profiles.multiply(profiles).sum(axis=1)).ravel())
        scale = np.divide(1.0, norm, out=np.zeros_like(norm), where=norm > 0)
        return sparse.csr_matrix(sparse.diags(scale.astype(np.float32)) @ profiles)

    def score(self, queries: Queries, opts: Any) -> np.ndarray:
        """
        Return float32 [query, item] in 0..1; nan for items without text, and everywhere for a query whose history has
        none.
        """
        profiles = self._profiles(queries)
        result = np.asarray((profiles @ self.matrix.T).toarray(), np.float32)
        result[:, np.diff(self.matrix.indptr) == 0] = np.nan
        result[np.diff(profiles.indptr) == 0] = np.nan
        return result

    def explain(self, queries: Queries, items: np.ndarray, opts: Any) -> list[list[Evidence]]:
        """Return the history items most alike, and the features shared with the profile."""
        profiles = self._profiles(queries)
        answer = []
        for row in range(queries.n_queries):
            span = slice(queries.history.indptr[row], queries.history.indptr[row + 1])
            mine = queries.history.indices[span]
            theirs = self.matrix[mine]
            line = []
            for item in items[row]:
                if item < 0 or not len(mine):
                    line.append(Evidence())
                    continue
                target = self.matrix[int(item)]
                alike = np.asarray((theirs @ target.T).toarray()).ravel() * queries.history.data[span]
                shared = sparse.csr_matrix(target.multiply(profiles[row]))
                line.append(Evidence(items=_largest(mine, alike), features=_largest(shared.indices, shared.data)))
            answer.append(line)
        return answer

    def state(self) -> dict[str, np.ndarray]:
        """Return the item features."""
        return {**matrix_arrays(self.matrix, "matrix"), "half_life": np.array(self.half_life)}

    @classmethod
    def restore(cls, state: Mapping[str, np.ndarray]) -> "Profile":
        """Return the scorer of ``state``."""
        return cls(matrix_restore(state, "matrix"), float(state["half_life"]))
