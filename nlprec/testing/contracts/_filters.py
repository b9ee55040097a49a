"""What every filter promises: a yes or no for each query and item, whoever else asks."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from zope.interface.verify import verifyObject

from nlprec.interfaces import IFilter
from nlprec.kit.dataset import Dataset
from nlprec.kit.options import FilterOptions
from nlprec.kit.ranking import Queries
from nlprec.registry import verify
from nlprec.testing.data import arrays_of, same, tiny_dataset


class FilterContract:
    """Inherit it and name the component: ``class TestSeen(FilterContract): component = Seen``."""

    component: Any
    options: ClassVar[Mapping[str, Any]] = {}

    def make(self) -> Any:
        """Return a new component."""
        return self.component(**self.options)

    def data(self) -> Dataset:
        """Return the dataset whose users ask."""
        return tiny_dataset()

    def keep(self, data: Dataset, queries: Queries) -> np.ndarray:
        """Return the answer as bool [query, item]."""
        found = self.make().keep(queries, FilterOptions(catalogue=data.catalogue))
        assert found.dtype == bool
        return np.broadcast_to(found, (queries.n_queries, queries.n_items))

    def everyone(self, data: Dataset) -> Queries:
        """Return a query for each user."""
        return Queries.of_users(data, np.arange(data.n_users))

    def test_the_component_fits_its_interface(self) -> None:
        """The registry takes it, and an instance is what it says."""
        verify(type(self.make()), "filter")
        assert verifyObject(IFilter, self.make())

    def test_there_is_an_answer_for_every_item(self) -> None:
        """The answer is bool and can be broadcast to [query, item]."""
        data = self.data()
        assert self.keep(data, self.everyone(data)).shape == (data.n_users, data.n_items)

    def test_the_company_of_a_query_changes_nothing(self) -> None:
        """Alone or in another order a query gets the same answer."""
        data = self.data()
        queries = self.everyone(data)
        whole, order = self.keep(data, queries), np.arange(data.n_users)[::-1]
        assert self.keep(data, queries.take(order)).tolist() == whole[order].tolist()
        assert self.keep(data, queries.take(order[:1])).tolist() == whole[order[:1]].tolist()

    def test_strangers_get_an_answer(self) -> None:
        """A query without user and history, and no query at all, are no trouble."""
        data = self.data()
        assert self.keep(data, Queries.of_histories([[]], data.n_items)).shape == (1, data.n_items)
        assert self.keep(data, Queries.of_histories([], data.n_items)).shape == (0, data.n_items)

    def test_filtering_alters_nothing(self) -> None:
        """Queries and catalogue are as they were."""
        data = self.data()
        queries = self.everyone(data)
        before = [*arrays_of(queries), *arrays_of(data)]
        self.keep(data, queries)
        assert same(before, [*arrays_of(queries), *arrays_of(data)])
