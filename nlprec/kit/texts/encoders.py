"""A ready encoder for bags of terms: vocabulary and weights as plain arrays, applied to any document."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from attrs import field, frozen
from scipy import sparse
from zope.interface import implementer

from nlprec.errors import FitError
from nlprec.interfaces import IEncoder
from nlprec.kit.features import Documents, Features
from nlprec.kit.strings import Strings
from nlprec.kit.texts.terms import terms


@frozen
class Recipe:
    """How documents become terms; part of the encoder, so that new documents are read as those it was fitted on."""

    fields: tuple[str, ...] = ("title", "body")
    title_weight: int = 2  #: times a title is counted
    ngrams: int = 1  #: longest word sequence
    stop: frozenset[str] = frozenset()

    def bags(self, documents: Documents) -> list[Counter[str]]:
        """Return term counts of each document."""
        names = [name for each in self.fields for name in [each] * (self.title_weight if each == "title" else 1)]
        return [Counter(terms(text, self.stop, self.ngrams)) for text in documents.texts(names)]


def choose_vocabulary(
    bags: Sequence[Mapping[str, int]], min_df: int, max_df: float, most: int
) -> tuple[list[str], np.ndarray]:
    """
    Return the terms worth keeping, sorted, and in how many documents each stands, int64 [feature].

    Args:
        bags: term counts of each document.
        min_df: documents a term must stand in, at least.
        max_df: share of the documents it may stand in, at most.
        most: terms kept, the most frequent ones; 0 is all.

    Raises:
        FitError: nothing is left.
    """
    frequency: Counter[str] = Counter()
    for bag in bags:
        frequency.update(bag.keys())
    ceiling = max_df * len(bags)
    kept = [term for term, count in frequency.items() if min_df <= count <= ceiling]
    if most and len(kept) > most:
        kept = sorted(kept, key=lambda term: (-frequency[term], term))[:most]
    if not kept:
        bounds = f"at least {min_df} and at most {ceiling:.0f} of {len(bags)} documents"
        raise FitError(f"no term stands in {bounds}; lower min_df, or look at fields and language")
    kept.sort()
    return kept, np.array([frequency[term] for term in kept], np.int64)


@implementer(IEncoder)
@frozen(eq=False)
class TermEncoder:
    """
    Weighs the known terms of a document; rows are L2-normalised, a document without known terms is a zero row.

    Weight of a term that stands ``c`` times in a document of ``l`` known terms: ``idf * tf(c)``, where tf is 1 + ln c
    (``k1`` = 0), or c (k1 + 1) / (c + k1 (1 - b + b l / average)).
    """

    vocabulary: Strings
    idf: np.ndarray  #: float32 [feature]
    recipe: Recipe
    k1: float = 0.0  #: saturation of BM25; 0: sublinear tf-idf
    b: float = 0.0  #: length normalisation of BM25
    average: float = field(default=1.0)  #: mean number of known terms a document

    @cached_property
    def _place(self) -> dict[str, int]:
        return {term: at for at, term in enumerate(self.vocabulary)}

    def counts(self, bags: Sequence[Mapping[str, int]]) -> sparse.csr_matrix:
        """Return CSR float32 [document, feature]: how often each known term stands in each document."""
        place = self._place
        rows = [sorted((place[term], count) for term, count in bag.items() if term in place) for bag in bags]
        indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
        flat = np.array([pair for row in rows for pair in row], np.int64).reshape(-1, 2)
        return sparse.csr_matrix(
            (flat[:, 1].astype(np.float32), flat[:, 0].astype(np.int32), indptr), (len(bags), len(place))
        )

    def encode(self, documents: Documents, opts: Any) -> Features:
        """Return float32 CSR [document, feature] with L2 rows and sorted indices."""
        counts = self.counts(self.recipe.bags(documents))
        row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        if self.k1:
            length = np.asarray(counts.sum(axis=1)).ravel()[row]
            weight = (
                counts.data * (self.k1 + 1) / (counts.data + self.k1 * (1 - self.b + self.b * length / self.average))
            )
        else:
            weight = 1 + np.log(counts.data)
        weight = weight * self.idf[counts.indices]
        norm = np.sqrt(np.bincount(row, weight.astype(np.float64) ** 2, minlength=counts.shape[0]))
        data = (weight / np.maximum(norm[row], 1e-12)).astype(np.float32)
        return Features(sparse.csr_matrix((data, counts.indices, counts.indptr), counts.shape), self.vocabulary)

    def state(self) -> dict[str, np.ndarray]:
        """Return vocabulary, weights and recipe as arrays."""
        numbers = np.array([self.k1, self.b, self.average, self.recipe.title_weight, self.recipe.ngrams], np.float64)
        words = {**self.vocabulary.arrays("vocabulary"), **Strings.of(sorted(self.recipe.stop)).arrays("stop")}
        return {**words, **Strings.of(self.recipe.fields).arrays("fields"), "idf": self.idf, "numbers": numbers}

    @classmethod
    def restore(cls, state: Mapping[str, np.ndarray]) -> "TermEncoder":
        """Return the encoder of ``state``."""
        k1, b, average, title_weight, ngrams = state["numbers"].tolist()
        arrays = dict(state)
        stop = frozenset(Strings.restore(arrays, "stop"))
        recipe = Recipe(tuple(Strings.restore(arrays, "fields")), int(title_weight), int(ngrams), stop)
        return cls(Strings.restore(arrays, "vocabulary"), state["idf"], recipe, k1, b, average)
