"""What every BM25 engine can do: rank bags of terms.

A unit is what an engine ranks (here a sentence or a passage), known by a number that its owner
gives and never gives again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:  # 10 ms that only the type checker needs
    import numpy.typing as npt


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


class Positions(dict[str, int]):
    """Numbers the terms that it is asked for, from 0, in the order in which they come."""

    def __missing__(self, term: str) -> int:
        position = self[term] = len(self)
        return position


@dataclass(frozen=True, slots=True)
class Bags:
    """Units with their bags of terms, packed to travel between processes.

    Attributes:
        units: The numbers of the units.
        vocabulary: The different terms.
        terms: Positions in ``vocabulary``, the bags of the units one after the other.
        begins: Where in ``terms`` the bag of each unit begins.
        ends: Where it ends.
        frequencies: In how many of the units each of ``vocabulary`` stands; 0 is possible.
    """

    units: npt.NDArray[np.int64]
    vocabulary: Sequence[str]
    terms: npt.NDArray[np.uint32]
    begins: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    frequencies: npt.NDArray[np.int64]

    @classmethod
    def of(cls, units: Iterable[tuple[int, Sequence[str]]]) -> Bags:
        """Pack units, each with its bag of terms."""
        numbers: list[int] = []
        positions = Positions()
        terms: list[int] = []
        ends: list[int] = []
        for number, bag in units:
            numbers.append(number)
            terms.extend(map(positions.__getitem__, bag))
            ends.append(len(terms))
        bounds = np.array([0, *ends], np.int64)
        return cls.pack(
            np.array(numbers, np.int64),
            list(positions),
            np.array(terms, np.uint32),
            bounds[:-1],
            bounds[1:],
        )

    @classmethod
    def pack(
        cls,
        units: npt.NDArray[np.int64],
        vocabulary: Sequence[str],
        terms: npt.NDArray[np.uint32],
        begins: npt.NDArray[np.int64],
        ends: npt.NDArray[np.int64],
    ) -> Bags:
        """Count the frequencies; the arguments are the attributes."""
        lengths = ends - begins
        owners = np.repeat(np.arange(len(units), dtype=np.int64), lengths)
        # Where each term of each unit stands in ``terms``.
        shifts = np.repeat(begins - np.cumsum(lengths) + lengths, lengths)
        places = shifts + np.arange(len(owners), dtype=np.int64)
        # Sorted by hand: ``np.unique`` takes a hundred times as long.
        pairs = np.sort(owners * len(vocabulary) + terms[places])
        first = np.ones(len(pairs), np.bool_)
        first[1:] = pairs[1:] != pairs[:-1]
        held = pairs[first] % max(len(vocabulary), 1)
        frequencies = np.bincount(held, minlength=len(vocabulary))
        return cls(units, vocabulary, terms, begins, ends, frequencies)

    def part(self, kept: npt.NDArray[np.int64], first: int) -> Bags:
        """Return some of the units, by position, numbered on from ``first``."""
        units = np.arange(first, first + len(kept), dtype=np.int64)
        if len(kept) == len(self):
            return replace(self, units=units)
        return self.pack(units, self.vocabulary, self.terms, self.begins[kept], self.ends[kept])

    def __len__(self) -> int:
        return len(self.units)

    def __iter__(self) -> Iterator[tuple[int, npt.NDArray[np.uint32]]]:
        """Yield each unit's number with the positions of its terms."""
        bounds = zip(self.units.tolist(), self.begins.tolist(), self.ends.tolist(), strict=True)
        for unit, begin, end in bounds:
            yield unit, self.terms[begin:end]


class Engine(Protocol):
    """A BM25 index over bags of terms, as it stood when it was opened.

    The score of a unit u for a query of weighted terms is the sum, over the query's terms t, of
    ``weight(t) · idf(t) · f(t, u) · (k1 + 1) / (f(t, u) + k1 · (1 - b + b · |u| / mean|u|))`` with
    the non-negative idf of Lucene, ``idf(t) = ln(1 + (N - df + 0.5) / (df + 0.5))``.
    """

    @property
    def size(self) -> int:
        """How many units are indexed (N)."""
        ...

    @property
    def vocabulary_size(self) -> int:
        """How many different terms are indexed."""
        ...

    def top_k(self, query: Mapping[str, float], k: int) -> list[Scored]:
        """Return the best ``k`` units that hold a term of ``query`` (term: weight).

        Best first; equal scores by number. Fewer where fewer hold one.
        """
        ...

    def scores(
        self, queries: Sequence[Mapping[str, float]], units: Sequence[int]
    ) -> list[list[float]]:
        """Return, for each query, the score of each of ``units``.

        It is 0 where none of the query's terms stands, or where there is no such unit.
        """
        ...

    def document_frequencies(self, terms: Sequence[str]) -> list[int]:
        """Return in how many units each of ``terms`` stands."""
        ...

    def close(self) -> None:
        """Let go of what the engine holds open."""
        ...


class EngineWriter(Protocol):
    """Changes an engine's index. Nothing is seen before the database commits, and then all of it.

    Order within one change: ``add`` and ``remove`` as often as needed, then ``prepare``, then the
    commit of the database, then ``finish``. A crash between any two of these leaves an index that
    opens as it was before, or as it is after.
    """

    def add(self, bags: Bags) -> None:
        """Add units; their numbers are new."""
        ...

    def remove(self, units: Sequence[int]) -> None:
        """Take units out, those that there are."""
        ...

    def prepare(self) -> None:
        """Write down what was added, so that the database may say that it is there."""
        ...

    def finish(self) -> None:
        """Let go of what the database no longer speaks of."""
        ...

    def close(self) -> None:
        """End writing; what was not committed is dropped."""
        ...


def lucene_idf(size: int, document_frequency: int) -> float:
    """Return ``ln(1 + (N - df + 0.5) / (df + 0.5))``: never negative, also where df > N / 2."""
    return math.log(1 + (size - document_frequency + 0.5) / (document_frequency + 0.5))
