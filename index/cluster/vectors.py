"""Terms as dimensions, and bags of terms as sparse vectors of BM25 weights.

A dimension is a 32-bit hash of the term: the first four bytes of its BLAKE2b digest, which is in
Python's own library, the same on every machine and for ever, and even where a CRC or Python's
``hash`` is not. Among V different terms V² / 2³³ pairs share a dimension: 4 among 188,000 (of
100,000 sentences), 5,400 among 6.8 million (of a billion). A question of 26 terms meets one that
shares with probability 26 · V / 2³²: 0.1 % and 4 %. Then the sentences of the other term, mostly a
rare one, count as holding this one. Where document frequencies are kept, eight bytes count.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from index.engines.base import BM25Parameters

if TYPE_CHECKING:  # 10 ms that only the type checker needs
    import numpy.typing as npt

_DIMENSIONS = 2**32
_NOTHING = _DIMENSIONS - 1
_DIGITS = 7  # behind the point; the cluster keeps single precision


def term_point(term: str) -> int:
    """Return the 64-bit number of a term, under which its document frequency is kept."""
    digest = blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def term_id(term: str) -> int:
    """Return the 32-bit number of a term, its dimension in the vectors."""
    return term_point(term) % _DIMENSIONS


def dimensions(points: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint32]:
    """Return the 32-bit numbers of terms, given their 64-bit ones."""
    return points.astype(np.uint32)


def unit_vector(
    bag: npt.NDArray[np.uint32], parameters: BM25Parameters, mean_length: float
) -> tuple[list[int], list[float]]:
    """Return the dimensions of a unit and their BM25 weights, the idf aside.

    Args:
        bag: The dimension of each of its terms, as often as they stand there.
        parameters: k1 and b.
        mean_length: The length that counts as average.
    """
    if not len(bag):
        return [_NOTHING], [1.0]  # the cluster does not count a unit whose vector is empty
    found, frequencies = np.unique(bag, return_counts=True)
    k1, b = parameters.k1, parameters.b
    norm = k1 * (1 - b + b * len(bag) / mean_length)
    weights = frequencies * (k1 + 1) / (frequencies + norm)
    return found.tolist(), np.round(weights, _DIGITS).tolist()


def query_vector(query: Mapping[str, float]) -> tuple[list[int], list[float]]:
    """Return the dimensions and weights of a query's terms."""
    weights: dict[int, float] = {}
    for term, weight in query.items():
        dimension = term_id(term)
        weights[dimension] = weights.get(dimension, 0.0) + weight
    return list(weights), list(weights.values())
