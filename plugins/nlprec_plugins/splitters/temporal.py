"""A cut in time: what came before is learnt from, what came after judges. The honest default."""

import numpy as np
from attrs import field, frozen
from attrs.validators import gt, lt
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.errors import EmptyDataset
from nlprec.interfaces import ISplitter
from nlprec.kit.dataset import TEST, TRAIN, UNUSED, Dataset, Split
from nlprec.kit.options import Options
from nlprec.kit.units import Duration


@implementer(ISplitter)
@frozen
class Temporal:
    """
    One global cut: the last ``test`` of time, or the last ``share`` of interactions, is held out.

    With ``per_user`` every user has a cut of their own at their last ``share``: more users are judged, but models learn
    from what others did later. Use it for collections whose users come once. Interactions of weight 0 after a cut judge
    nothing and are left unused; interactions without a time are learnt from.
    """

    name = "temporal"
    test: Duration | None = None  #: length of the held-out end, as 7d; none: by share
    share: float = field(default=0.2, validator=[gt(0.0), lt(1.0)])  #: of the dated interactions
    per_user: bool = False  #: cut each user's own interactions; only with share

    def split(self, data: Dataset, opts: Options) -> Split:
        """Return the split at the cut."""
        dated = data.time[~np.isnan(data.time)]
        if not len(dated):
            raise EmptyDataset("no interaction has a time, so there is nothing to cut; use split: {use: leave_last}")
        cut = (
            float(dated.max() - self.test)
            if self.test is not None
            else float(np.quantile(dated, 1 - self.share, method="higher"))
        )
        late = self._own_last(data) if self.per_user else data.time >= cut
        part = np.where(late, np.where(data.weight > 0, TEST, UNUSED), TRAIN).astype(np.int8)
        for name, code in (("learnt from", TRAIN), ("held out", TEST)):
            if not (part == code).any():
                raise EmptyDataset(
                    f"nothing would be {name} with a cut at {cut:.0f}; change prepare.split.test or share"
                )
        return Split(part, float("nan") if self.per_user else cut)

    def _own_last(self, data: Dataset) -> np.ndarray:
        """
        Return bool [event]: among the last share of its user's dated interactions; ties keep their order of arrival.
        """
        dated = np.flatnonzero(~np.isnan(data.time))
        order = dated[np.argsort(data.user[dated], kind="stable")]  # events are in time order already
        count = np.bincount(data.user[order], minlength=data.n_users)
        place = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
        late = np.zeros(data.n_events, bool)
        late[order] = place >= np.ceil(count * (1 - self.share))[data.user[order]]
        return late


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the splitter."""
    return [Temporal]
