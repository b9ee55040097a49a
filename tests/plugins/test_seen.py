"""Seen: what a user met is not shown again."""

import numpy as np
from nlprec_plugins.filters.seen import Seen

from nlprec.kit.options import FilterOptions
from nlprec.kit.ranking import Queries
from nlprec.testing.contracts import FilterContract
from nlprec.testing.data import tiny_dataset


class TestSeen(FilterContract):
    """It keeps the word of every filter."""

    component = Seen


def test_liked_or_not_it_was_seen():
    """Ann met tea and coffee; the newcomer met tea, without liking it."""
    queries = Queries.of_users(tiny_dataset(), np.array([0, 3]))
    assert Seen().keep(queries, FilterOptions()).tolist() == [[False, False, *[True] * 4], [False, *[True] * 5]]


def test_a_history_in_the_question_counts():
    """What a question says was seen is left out for a stranger too."""
    queries = Queries.of_histories([[(1, 1.0), (2, 0.0)]], 4)
    assert Seen().keep(queries, FilterOptions()).tolist() == [[True, False, False, True]]
