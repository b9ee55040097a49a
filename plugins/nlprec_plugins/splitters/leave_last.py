"""The last interactions of each user are held out: many users are judged, but others' future is learnt from."""

from itertools import pairwise

import numpy as np
from attrs import field, frozen
from attrs.validators import ge
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.errors import EmptyDataset
from nlprec.interfaces import ISplitter
from nlprec.kit.dataset import TEST, TRAIN, UNUSED, Dataset, Split
from nlprec.kit.options import Options


@implementer(ISplitter)
@frozen
class LeaveLast:
    """
    The last ``n`` liked interactions of every user who has more than ``n``; ties in time keep their order of arrival.

    Interactions of weight 0 after a user's first held-out one are left unused.
    """

    name = "leave_last"
    n: int = field(default=1, validator=ge(1))  #: interactions held out a user

    def split(self, data: Dataset, opts: Options) -> Split:
        """Return the split; there is no global cut."""
        part = np.full(data.n_events, TRAIN, np.int8)
        order = np.argsort(data.user, kind="stable")  # events are in time order already
        bounds = np.flatnonzero(np.diff(data.user[order], prepend=-1, append=-1))
        for start, stop in pairwise(bounds):
            mine = order[start:stop]
            liked = np.flatnonzero(data.weight[mine] > 0)
            if len(liked) > self.n:
                first = liked[-self.n]
                part[mine[first:]] = UNUSED
                part[mine[liked[-self.n :]]] = TEST
        if not (part == TEST).any():
            raise EmptyDataset(
                f"no user has more than {self.n} liked interactions to hold some out; lower prepare.split.n"
            )
        return Split(part, float("nan"))


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the splitter."""
    return [LeaveLast]
