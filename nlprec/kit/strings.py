"""A column of strings as two flat arrays, so that texts live in the archive like numbers: no pickle, memory-mapped."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import overload

import numpy as np


class Strings(Sequence[str]):
    """
    An immutable column of str: ``blob`` uint8 (UTF-8, end to end) and ``offsets`` int64 [n + 1].

    Lone surrogates cannot be encoded; they are replaced by ``?`` on the way in.
    """

    __slots__ = ("blob", "offsets")

    def __init__(self, blob: np.ndarray, offsets: np.ndarray) -> None:
        self.blob = blob
        self.offsets = offsets

    @classmethod
    def of(cls, values: Iterable[str]) -> "Strings":
        """Return the column of ``values``."""
        encoded = [value.encode("utf-8", "replace") for value in values]
        offsets = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum([len(piece) for piece in encoded], out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    @classmethod
    def restore(cls, arrays: dict[str, np.ndarray], prefix: str) -> "Strings":
        """Return the column that ``arrays(prefix)`` described."""
        return cls(arrays[f"{prefix}.blob"], arrays[f"{prefix}.offsets"])

    def arrays(self, prefix: str) -> dict[str, np.ndarray]:
        """Return ``{prefix.blob, prefix.offsets}`` for the archive."""
        return {f"{prefix}.blob": self.blob, f"{prefix}.offsets": self.offsets}

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> "Strings": ...
    def __getitem__(self, index: int | slice) -> "str | Strings":
        if isinstance(index, slice):
            return self.take(np.arange(len(self))[index])
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        index %= len(self)
        return self.blob[self.offsets[index] : self.offsets[index + 1]].tobytes().decode("utf-8", "replace")

    def __iter__(self) -> Iterator[str]:
        whole = self.blob.tobytes()
        for start, end in pairwise(self.offsets.tolist()):
            yield whole[start:end].decode("utf-8", "replace")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Strings):
            return NotImplemented
        return bool(np.array_equal(self.offsets, other.offsets) and np.array_equal(self.blob, other.blob))

    __hash__ = None  # type: ignore[assignment]

    def take(self, rows: np.ndarray) -> "Strings":
        """Return the column of the given rows (int indices or a bool mask), in that order."""
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows
        start, end = self.offsets[:-1][rows], self.offsets[1:][rows]
        offsets = np.concatenate([[0], np.cumsum(end - start)]).astype(np.int64)
        if not offsets[-1]:
            return Strings(np.zeros(0, np.uint8), offsets)
        whole = self.blob.tobytes()
        pieces = [whole[at:to] for at, to in zip(start.tolist(), end.tolist(), strict=True)]
        return Strings(np.frombuffer(b"".join(pieces), np.uint8), offsets)
