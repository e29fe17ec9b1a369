"""What every BM25 engine can do: rank lists of terms.

A unit is what an engine ranks (here a sentence or a passage), known by its position in the list it
was built from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self


@dataclass(frozen=True, slots=True)
class BM25Parameters:
    """The two knobs of BM25 (Robertson and Zaragoza 2009, «The Probabilistic Relevance Framework»).

    Attributes:
        k1: How soon further occurrences of a term stop counting.
        b: How much a long unit is held against it, from 0 to 1.
    """

    k1: float
    b: float


@dataclass(frozen=True, slots=True)
class Scored:
    """A unit and its score for a query."""

    unit: int
    score: float


class Engine(Protocol):
    """A BM25 index over lists of terms.

    The score of a unit u for a query of weighted terms is the sum, over the query's terms t, of
    ``weight(t) · idf(t) · f(t, u) · (k1 + 1) / (f(t, u) + k1 · (1 - b + b · |u| / mean|u|))`` with
    the non-negative idf of Lucene, ``idf(t) = ln(1 + (N - df + 0.5) / (df + 0.5))``.
    """

    @classmethod
    def build(cls, units: Iterable[Sequence[str]], parameters: BM25Parameters) -> Self:
        """Build the index of ``units``, each a bag of terms."""
        ...

    @classmethod
    def open(cls, folder: Path, parameters: BM25Parameters) -> Self:
        """Open the index that ``save`` wrote into ``folder``.

        Raises:
            DamagedIndexError: A file is missing or does not hold what it should.
        """
        ...

    def save(self, folder: Path) -> None:
        """Write the index into ``folder``, which exists and is empty."""
        ...

    def top_k(self, query: Mapping[str, float], k: int) -> list[Scored]:
        """Return the best ``k`` units that hold a term of ``query`` (term: weight).

        Best first; equal scores by position. Fewer where fewer hold one.
        """
        ...

    def scores(self, query: Mapping[str, float], units: Sequence[int]) -> list[float]:
        """Return the score of each of ``units`` for ``query``, 0 where none of its terms stands."""
        ...

    def document_frequency(self, term: str) -> int:
        """Return in how many units ``term`` stands."""
        ...

    @property
    def size(self) -> int:
        """How many units are indexed (N)."""
        ...

    @property
    def vocabulary_size(self) -> int:
        """How many different terms are indexed."""
        ...

    def close(self) -> None:
        """Let go of what the engine holds open."""
        ...


def lucene_idf(size: int, document_frequency: int) -> float:
    """Return ``ln(1 + (N - df + 0.5) / (df + 0.5))``: never negative, also where df > N / 2."""
    return math.log(1 + (size - document_frequency + 0.5) / (document_frequency + 0.5))
