"""Draws that come out alike on every machine: weights become whole numbers before anything is decided by them."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")
GRAIN = 1_000_000  #: parts of the largest weight; a last-bit difference of a logarithm cannot move a draw


def pick(rng: np.random.Generator, choices: Sequence[T]) -> T:
    """Return one of the choices, each as likely as the next."""
    return choices[int(rng.integers(len(choices)))]


def picks(rng: np.random.Generator, choices: Sequence[T], n: int) -> list[T]:
    """Return ``n`` different choices (fewer when there are fewer), in random order."""
    return [choices[int(at)] for at in rng.permutation(len(choices))[:n]]


def chance(rng: np.random.Generator, probability: float) -> bool:
    """Return True with this probability."""
    return int(rng.integers(GRAIN)) < round(probability * GRAIN)


def draw(rng: np.random.Generator, weights: np.ndarray) -> int:
    """Return an index drawn by its weight, float [choice], >= 0; -1 when every weight is zero."""
    ends = whole(weights).cumsum()
    total = int(ends[-1]) if len(ends) else 0
    return int(ends.searchsorted(rng.integers(total), side="right")) if total else -1


def whole(weights: np.ndarray) -> np.ndarray:
    """Return the weights as int64 [choice], the largest is ``GRAIN``; all zero stays so."""
    top = weights.max(initial=0.0)
    return np.rint(weights * (GRAIN / top)).astype(np.int64) if top > 0 else np.zeros(len(weights), np.int64)


def share_out(total: int, weights: np.ndarray) -> np.ndarray:
    """Return int64 [choice] summing to ``total``, in proportion to the weights; the remainder goes to the largest fractions."""
    scaled = whole(weights)
    parts, rest = np.divmod(scaled * total, max(int(scaled.sum()), 1))
    lacking = total - int(parts.sum())
    parts[np.argsort(-rest, kind="stable")[:lacking]] += 1
    return parts
