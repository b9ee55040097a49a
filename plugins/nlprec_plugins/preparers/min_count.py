"""Users and items with too few interactions are left out of learning, until nothing more falls."""

import numpy as np
from attrs import field, frozen
from attrs.validators import ge
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.interfaces import IPreparer
from nlprec.kit.dataset import Dataset
from nlprec.kit.options import Options


@implementer(IPreparer)
@frozen
class MinCount:
    """
    The k-core: every user left has at least ``user`` liked items, every item at least ``item`` users.

    Distinct pairs are counted, not repeats. Items stay in the catalogue: their texts can still recommend them.
    """

    name = "min_count"
    user: int = field(default=5, validator=ge(1))  #: liked items a user must have
    item: int = field(default=5, validator=ge(1))  #: users that must like an item

    def prepare(self, data: Dataset, opts: Options) -> Dataset:
        """Return the dataset with the interactions of the core only."""
        pair = data.user.astype(np.int64) * data.n_items + data.item
        liked = np.unique(pair[data.weight > 0])
        while True:
            user, item = liked // data.n_items, liked % data.n_items
            enough = (np.bincount(user, minlength=data.n_users)[user] >= self.user) & (
                np.bincount(item, minlength=data.n_items)[item] >= self.item
            )
            if enough.all():
                break
            liked = liked[enough]
        users, items = np.unique(liked // data.n_items), np.unique(liked % data.n_items)
        keep = np.isin(data.user, users) & np.isin(data.item, items)
        opts.note(
            f"min_count: fewer than {self.user} items a user or {self.item} users an item",
            dropped=int((~keep).sum()),
            kept=int(keep.sum()),
        )
        return data.keep(keep)


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the preparer."""
    return [MinCount]
