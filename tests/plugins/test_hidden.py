"""Hidden: what the catalogue hides is never shown."""

import numpy as np
from nlprec_plugins.filters.hidden import Hidden

from nlprec.kit.options import FilterOptions
from nlprec.kit.ranking import Queries
from nlprec.testing.contracts import FilterContract
from nlprec.testing.data import dataset_of


class TestHidden(FilterContract):
    """It keeps the word of every filter."""

    component = Hidden


def test_hidden_items_are_left_out():
    """The item whose record says hidden is left out for everyone, met or not."""
    data = dataset_of([("u", "a"), ("v", "b"), ("v", "c")], hidden=["b"])
    found = Hidden().keep(Queries.of_users(data, np.arange(2)), FilterOptions(catalogue=data.catalogue))
    assert np.broadcast_to(found, (2, 3)).tolist() == [[True, False, True]] * 2
