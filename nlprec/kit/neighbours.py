"""From a dense table of likeness to the few largest entries of each row."""

import numpy as np
from scipy import sparse


def keep_largest(rows: np.ndarray, k: int) -> sparse.csr_matrix:
    """
    Return the ``k`` entries of each row that are largest without their sign; of equal ones the first.

    Args:
        rows: float32 [row, column], finite; zeros are never kept.
        k: entries kept in a row; 0 is all.

    Returns:
        CSR float32 [row, column], sorted indices.
    """
    size = np.abs(rows)
    keep = size > 0
    width = rows.shape[1]
    if 0 < k < width:
        bar = np.partition(size, width - k, axis=1)[:, width - k, None]
        above, level = size > bar, (size == bar) & keep
        room = k - above.sum(axis=1, dtype=np.int32, keepdims=True)
        keep = above | (level & (np.cumsum(level, axis=1, dtype=np.int32) <= room))
    indptr = np.concatenate([[0], np.cumsum(keep.sum(axis=1))])
    return sparse.csr_matrix((rows[keep], np.nonzero(keep)[1].astype(np.int32), indptr), rows.shape)
