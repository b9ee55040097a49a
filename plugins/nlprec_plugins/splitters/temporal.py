"""A global cut in time: what came before is learnt from, what came after judges. The honest default."""

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
    Either the last ``test`` of time, or the last ``share`` of interactions.

    Interactions of weight 0 after the cut judge nothing and are left unused; interactions without a time are learnt from.
    """

    name = "temporal"
    test: Duration | None = None  #: length of the held-out end, as 7d; none: by share
    share: float = field(default=0.2, validator=[gt(0.0), lt(1.0)])  #: of the dated interactions

    def split(self, data: Dataset, opts: Options) -> Split:
        """Return the split at the cut."""
        dated = data.time[~np.isnan(data.time)]
        if not len(dated):
            raise EmptyDataset("no interaction has a time, so there is nothing to cut; use split: {use: leave_last}")
        cut = float(dated.max() - self.test) if self.test is not None else float(np.quantile(dated, 1 - self.share, method="higher"))
        late = data.time >= cut
        part = np.where(late, np.where(data.weight > 0, TEST, UNUSED), TRAIN).astype(np.int8)
        for name, code in (("learnt from", TRAIN), ("held out", TEST)):
            if not (part == code).any():
                raise EmptyDataset(f"nothing would be {name} with a cut at {cut:.0f}; change prepare.split.test or share")
        return Split(part, cut)


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the splitter."""
    return [Temporal]
