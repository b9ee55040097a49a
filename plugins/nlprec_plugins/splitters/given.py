"""A fixed split: held-out pairs are listed in a second file, as published benchmarks do."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from attrs import frozen
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.errors import EmptyDataset
from nlprec.interfaces import ISplitter
from nlprec.kit.dataset import TEST, TRAIN, UNUSED, Dataset, Split
from nlprec.kit.io.files import content_digest, lines
from nlprec.kit.options import Options


@implementer(ISplitter)
@frozen
class Given:
    """
    Lines of ``user item`` or ``user item item …``, separated by tabs, else by commas, else by blanks.

    With ``pairs`` only the first two columns count (the rest is a rating and a time). The pairs must be among the
    ingested interactions.
    """

    name = "given"
    path: Path  #: the file of held-out pairs
    pairs: bool = False  #: true: a line is one pair, whatever follows

    def fingerprint(self) -> str:
        """Return a digest of the file."""
        return content_digest([self.path], self.pairs)

    def split(self, data: Dataset, opts: Options) -> Split:
        """Return the split; there is no global cut."""
        pairs = [(data.users.index(user), data.items.index(item)) for user, item in self._pairs()]
        listed = np.array(pairs, np.int64).reshape(-1, 2)
        wanted = listed[:, 0] * data.n_items + listed[:, 1]
        pair = data.user.astype(np.int64) * data.n_items + data.item
        met = (listed >= 0).all(axis=1) & np.isin(wanted, pair)
        held = np.isin(pair, wanted[met])
        part = np.where(held, np.where(data.weight > 0, TEST, UNUSED), TRAIN).astype(np.int8)
        opts.note(
            f"given: pairs listed in {self.path.name}",
            listed=len(pairs),
            unknown=int((~met).sum()),
            held_out=int((part == TEST).sum()),
        )
        if not (part == TEST).any() or not (part == TRAIN).any():
            raise EmptyDataset(
                f"{self.path} leaves nothing to judge by or nothing to learn from; are its ids those of the data?"
            )
        return Split(part, float("nan"))

    def _pairs(self) -> Iterator[tuple[str, str]]:
        for _, line in lines(self.path):
            mark = next(
                (each for each in "\t," if each in line), None
            )  # ids may have blanks where something else parts them
            words = [word.strip() for word in line.strip().split(mark)]
            for item in words[1:2] if self.pairs else words[1:]:
                yield words[0], item


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the splitter."""
    return [Given]
