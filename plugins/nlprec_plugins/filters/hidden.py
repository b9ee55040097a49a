"""What the catalogue hides is learnt from but never shown."""

import numpy as np
from attrs import frozen
from zope.interface import implementer

from nlprec import hookimpl
from nlprec.interfaces import IFilter
from nlprec.kit.options import FilterOptions
from nlprec.kit.ranking import Queries


@implementer(IFilter)
@frozen
class Hidden:
    """Leaves out items whose record says ``hidden``."""

    name = "hidden"

    def keep(self, queries: Queries, opts: FilterOptions) -> np.ndarray:
        """Return bool [item], the same for every query."""
        return np.asarray(~opts.catalogue.hidden)


@hookimpl
def nlprec_components() -> list[type]:
    """Offer the filter."""
    return [Hidden]
