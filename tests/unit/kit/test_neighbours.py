"""The largest entries of each row."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nlprec.kit.neighbours import keep_largest

few = st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 2.0])
tables = arrays.arrays(np.float32, arrays.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=8), elements=few)


@given(tables, st.integers(0, 10))
def test_it_is_the_head_of_a_full_sort(rows, k):
    """The k largest without sign, equal ones by column, never a zero; k = 0 keeps all."""
    found = keep_largest(rows, k)
    expected = np.zeros_like(rows)
    for row, line in enumerate(rows):
        order = sorted(range(len(line)), key=lambda at: (-abs(line[at]), at))[: k or len(line)]
        expected[row, order] = line[order]
    assert np.array_equal(found.toarray(), expected)
    assert (found.nnz, found.has_sorted_indices) == (np.count_nonzero(expected), True)
