"""Documents (the texts of items) and Features (what an encoder makes of them)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import frozen
from scipy import sparse

from nlprec.errors import FitError
from nlprec.kit.dataset import Dataset
from nlprec.kit.strings import Strings


@frozen(eq=False)
class Documents:
    """Texts by field, one row a document. Fields: ``title``, ``body``, ``categories``, ``attributes``, ``reviews``."""

    columns: Mapping[str, Sequence[str]]

    @property
    def n_documents(self) -> int:
        """Return how many documents there are."""
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def texts(self, fields: Sequence[str]) -> list[str]:
        """
        Return the text of each document: its fields, in the given order, joined by a line break.

        Raises:
            FitError: a field does not exist.
        """
        for name in fields:
            if name not in self.columns:
                raise FitError(f"documents have no field '{name}'; there are: {', '.join(sorted(self.columns))}")
        return [
            "\n".join(piece for piece in row if piece)
            for row in zip(*(self.columns[name] for name in fields), strict=True)
        ]

    def take(self, rows: np.ndarray) -> "Documents":
        """Return the documents of the given rows (int indices or a bool mask)."""
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows
        return Documents({name: [column[int(row)] for row in rows] for name, column in self.columns.items()})


def item_documents(data: Dataset) -> Documents:
    """Return a document an item; ``reviews`` are those of the window's own interactions, so nothing later leaks in."""
    reviews: list[list[str]] = [[] for _ in range(data.n_items)]
    has_review = np.flatnonzero(np.diff(data.review.offsets))
    for event in has_review.tolist():
        reviews[data.item[event]].append(data.review[event])
    catalogue = data.catalogue
    return Documents(
        {
            "title": list(catalogue.title),
            "body": list(catalogue.body),
            "categories": ["\n".join(json.loads(row or "[]")) for row in catalogue.categories],
            "attributes": [_attribute_text(json.loads(row or "{}")) for row in catalogue.attributes],
            "reviews": ["\n".join(texts) for texts in reviews],
        }
    )


def _attribute_text(attributes: Mapping[str, Any]) -> str:
    pieces: list[str] = []
    for value in attributes.values():
        pieces.extend(str(each) for each in (value if isinstance(value, list) else [value]))
    return "\n".join(pieces)


@frozen(eq=False)
class Features:
    """
    What an encoder makes of documents.

    ``matrix`` float32 [document, feature], CSR (sorted indices) or dense C order; 0 is absent. ``names`` say what each
    feature is.
    """

    matrix: sparse.csr_matrix | np.ndarray
    names: Strings

    @property
    def n_documents(self) -> int:
        """Return how many documents there are."""
        return int(self.matrix.shape[0])

    @property
    def n_features(self) -> int:
        """Return how many features there are."""
        return int(self.matrix.shape[1])

    def arrays(self) -> dict[str, np.ndarray]:
        """Return flat arrays for the archive."""
        return {**matrix_arrays(self.matrix, "matrix"), **self.names.arrays("names")}

    @classmethod
    def restore(cls, arrays: dict[str, np.ndarray]) -> "Features":
        """Return the Features that ``arrays`` described."""
        return cls(matrix_restore(arrays, "matrix"), Strings.restore(arrays, "names"))


def matrix_arrays(matrix: sparse.csr_matrix | np.ndarray, prefix: str) -> dict[str, np.ndarray]:
    """Return a CSR or dense matrix as flat arrays for the archive."""
    if isinstance(matrix, np.ndarray):
        return {f"{prefix}.dense": matrix}
    shape = np.array(matrix.shape, np.int64)
    return {
        f"{prefix}.data": matrix.data,
        f"{prefix}.indices": matrix.indices,
        f"{prefix}.indptr": matrix.indptr,
        f"{prefix}.shape": shape,
    }


def matrix_restore(arrays: Mapping[str, np.ndarray], prefix: str) -> sparse.csr_matrix | np.ndarray:
    """Return the matrix that ``matrix_arrays`` described."""
    if f"{prefix}.dense" in arrays:
        return arrays[f"{prefix}.dense"]
    parts = (arrays[f"{prefix}.data"], arrays[f"{prefix}.indices"], arrays[f"{prefix}.indptr"])
    return sparse.csr_matrix(parts, shape=tuple(arrays[f"{prefix}.shape"].tolist()))
