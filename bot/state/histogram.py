"""How long answers took, as counts by bucket: a quantile without the single durations.

A bucket is an eighth of a doubling wide, so a quantile is at most 4.5 % off.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

_BUCKETS_A_DOUBLING = 8
_SHORTEST_MS = 0.1


def bucket(milliseconds: float) -> int:
    """Return the bucket that a duration falls into."""
    return math.floor(_BUCKETS_A_DOUBLING * math.log2(max(milliseconds, _SHORTEST_MS)))


def quantile(counts: Mapping[int, int], share: float) -> float:
    """Return the milliseconds within which a share of all stayed; 0 where there are none.

    Args:
        counts: How many fell into each bucket.
        share: The share, such as 0.5 for the median.
    """
    left = math.ceil(share * sum(counts.values()))
    for number in sorted(counts):
        left -= counts[number]
        if left <= 0:
            return float(2 ** ((number + 0.5) / _BUCKETS_A_DOUBLING))
    return 0.0
