"""The closed form behind `sequence`: W = P C - P diag(diag(P C) / diag(P)), block by block.

That is Steck's (WWW 2019) with a target C of its own, as in Choi et al. (WWW 2021). P is the inverse of a penalised matrix;
where that is large, only the part over some `dense` items is inverted: every other item stands alone, as if the matrix were
diagonal there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bot.errors import BadInput

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

# Rows that are made at once: bounds the memory beside P.
_BLOCK = 512


def solved(penalised: csr_matrix, target: csr_matrix, dense: Places) -> Iterator[tuple[Places, Floats]]:
    """Blocks of rows of W with their numbers, from the first to the last; both matrices are items by items.

    `dense` are numbers of items, rising. Raises BadInput where the penalised matrix cannot be inverted.
    """
    items = len(target.indptr) - 1
    inverted = inverse(penalised[dense][:, dense])
    place = np.full(items, -1)
    place[dense] = np.arange(len(dense))
    from_dense = target[dense]
    transposed = from_dense.T.tocsr()
    own = _diagonal(inverted, from_dense[:, dense]) / inverted.diagonal()
    alone = 1.0 / penalised.diagonal()
    for start in range(0, items, _BLOCK):
        block = np.arange(start, min(items, start + _BLOCK))
        within = place[block] >= 0
        rows = (alone[block, None] * target[block].toarray()).astype(np.float32)
        part = inverted[place[block[within]]]
        rows[within] = (transposed @ part.T).T
        rows[np.ix_(within, dense)] -= part * own
        rows[np.arange(len(block)), block] = 0.0
        yield block, rows


def _diagonal(inverted: Floats, target: csr_matrix) -> Floats:
    """The diagonal of their product; the first is symmetric."""
    found = target.tocoo()
    sums = np.bincount(found.col, found.data * inverted[found.row, found.col], minlength=len(inverted))
    return sums.astype(np.float32)


def inverse(matrix: csr_matrix) -> Floats:
    """The inverse of a positive definite matrix, dense, by Cholesky's factors. Raises BadInput where it is none."""
    from scipy.linalg.lapack import spotrf, spotri

    dense = np.asfortranarray(matrix.toarray(), dtype=np.float32)
    if not dense.size:
        return dense
    factor, failed = spotrf(dense, lower=True, overwrite_a=True)
    if failed:
        raise BadInput("the ridge is too small for these histories.", remedy="Raise it: their matrix cannot be inverted.")
    lower: Floats = spotri(factor, lower=True, overwrite_c=True)[0]
    return _mirrored(lower)


def _mirrored(lower: Floats) -> Floats:
    """The symmetric matrix of a lower triangle, in place and block by block: a second one may not fit into memory."""
    for start in range(0, len(lower), _BLOCK):
        end = start + _BLOCK
        corner = np.tril(lower[start:end, start:end])
        lower[start:end, start:end] = corner + np.tril(corner, -1).T
        lower[start:end, end:] = lower[end:, start:end].T
    return lower
