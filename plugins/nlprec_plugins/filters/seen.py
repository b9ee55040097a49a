"""What a user met before is not recommended again."""

import numpy as np
from attrs import frozen
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.interfaces import IFilter
from nlprec.kit.options import FilterOptions
from nlprec.kit.ranking import Queries


@implementer(IFilter)
@frozen
class Seen:
    """Leaves out every item of the query's history, liked or not."""

    name = "seen"

    def keep(self, queries: Queries, opts: FilterOptions) -> np.ndarray:
        """Return bool [query, item]."""
        keep = np.ones((queries.n_queries, queries.n_items), bool)
        keep[np.repeat(np.arange(queries.n_queries), np.diff(queries.seen.indptr)), queries.seen.indices] = False
        return keep


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the filter."""
    return [Seen]
