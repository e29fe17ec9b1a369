"""The embedded engine: rank-bm25, with postings so that a query touches only what it matches.

All of it is in memory, made from the forward index when it is opened.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from rank_bm25 import BM25Okapi

from index.engines.base import BM25Parameters, Scored, lucene_idf
from index.engines.forward import ForwardIndex

if TYPE_CHECKING:  # 10 ms that only the type checker needs
    import numpy.typing as npt

_MOST_CONTRIBUTIONS = 20_000_000  # of terms to scores of units that are remembered


class _Frequency:
    """What rank-bm25 takes for the term frequencies of a unit: that of the term being scored."""

    __slots__ = ("_frequency",)

    def __init__(self, frequency: int) -> None:
        self._frequency = frequency

    def get(self, _term: int) -> int:
        return self._frequency


class _Posting(Mapping[int, _Frequency]):
    """The units that hold one term, as rank-bm25 wants the term frequencies of all units."""

    def __init__(self, size: int, units: list[int], frequencies: list[int]) -> None:
        self._size = size
        made = {frequency: _Frequency(frequency) for frequency in set(frequencies)}
        self._units = dict(zip(units, map(made.__getitem__, frequencies), strict=True))

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[int]:
        return iter(self._units)

    def __getitem__(self, unit: int) -> _Frequency:
        return self._units[unit]


class _LuceneBM25(BM25Okapi):  # type: ignore[misc]
    """rank-bm25's Okapi with the idf of Lucene, given its statistics in place of a corpus.

    Its own idf is zero for a term in half of the units and negative beyond, which breaks small
    collections.
    """

    def __init__(
        self,
        lengths: npt.NDArray[np.int64],
        document_frequencies: Mapping[int, int],
        parameters: BM25Parameters,
    ) -> None:
        self._given = (lengths, document_frequencies)
        super().__init__((), k1=parameters.k1, b=parameters.b)
        del self._given

    def _initialize(self, _corpus: tuple[()]) -> Mapping[int, int]:
        lengths, document_frequencies = self._given
        self.corpus_size = len(lengths)
        self.doc_len = lengths
        self.avgdl = (float(lengths.mean()) if len(lengths) else 0.0) or 1.0
        return document_frequencies

    def _calc_idf(self, nd: Mapping[int, int]) -> None:
        self.idf = {term: lucene_idf(self.corpus_size, df) for term, df in nd.items()}

    def contributions(
        self, term: int, units: npt.NDArray[np.int32], frequencies: npt.NDArray[np.int32]
    ) -> npt.NDArray[np.float64]:
        """Return what a term adds to the scores of the units that hold it."""
        positions = units.tolist()
        scoring = copy.copy(self)  # two threads may be scoring
        scoring.doc_freqs = _Posting(self.corpus_size, positions, frequencies.tolist())
        return np.array(scoring.get_batch_scores([term], positions))


class RankBM25Engine:
    """BM25 by rank-bm25 over postings; see ``Engine`` for the contract."""

    def __init__(self, forward: ForwardIndex, parameters: BM25Parameters) -> None:
        """Read a whole forward index into memory."""
        ids = {term: number for term, number, _ in forward.vocabulary()}
        numbers: list[int] = []
        rows: list[npt.NDArray[np.uint32]] = []
        for unit, row in forward.rows():
            numbers.append(unit)
            rows.append(row)
        self._numbers = np.array(numbers, np.int64)
        lengths = np.array([len(row) for row in rows], np.int64)
        held = np.concatenate(rows).astype(np.int64) if rows else np.zeros(0, np.int64)
        owners = np.repeat(np.arange(len(rows), dtype=np.int64), lengths)
        pairs, frequencies = _counted(held * max(len(rows), 1) + owners)
        self._postings = (pairs % max(len(rows), 1)).astype(np.int32)
        self._frequencies = frequencies.astype(np.int32)
        present, sizes = _counted(pairs // max(len(rows), 1))
        bounds = [0, *np.cumsum(sizes).tolist()]
        places = {number: (bounds[n], bounds[n + 1]) for n, number in enumerate(present.tolist())}
        self._places = {term: places[number] for term, number in ids.items() if number in places}
        self._contributions: dict[int, npt.NDArray[np.float64]] = {}
        self._remembered = 0
        self._bm25 = _LuceneBM25(
            lengths, {start: end - start for start, end in self._places.values()}, parameters
        )

    @property
    def size(self) -> int:
        """How many units are indexed (N)."""
        return len(self._numbers)

    @property
    def vocabulary_size(self) -> int:
        """How many different terms are indexed."""
        return len(self._places)

    def top_k(self, query: Mapping[str, float], k: int) -> list[Scored]:
        """Return the best ``k`` units that hold a term of ``query``; see ``Engine``."""
        scores, matched = self._score(query)
        candidates = np.flatnonzero(matched)
        if 0 < k < len(candidates):
            # Only what reaches the k-th best score is worth sorting.
            reached = np.partition(scores[candidates], len(candidates) - k)[len(candidates) - k]
            candidates = candidates[scores[candidates] >= reached]
        best = candidates[np.lexsort((candidates, -scores[candidates]))[: max(k, 0)]]
        return [Scored(int(self._numbers[unit]), float(scores[unit])) for unit in best]

    def scores(
        self, queries: Sequence[Mapping[str, float]], units: Sequence[int]
    ) -> list[list[float]]:
        """Return the score of each of ``units`` for each query; see ``Engine``."""
        asked = np.array(units, np.int64)
        places = np.searchsorted(self._numbers, asked)
        there = places < self.size
        there[there] = self._numbers[places[there]] == asked[there]
        found = []
        for query in queries:
            scores = np.zeros(len(asked))
            scores[there] = self._score(query)[0][places[there]]
            found.append(scores.tolist())
        return found

    def document_frequencies(self, terms: Sequence[str]) -> list[int]:
        """Return in how many units each of ``terms`` stands."""
        found = (self._places.get(term, (0, 0)) for term in terms)
        return [end - start for start, end in found]

    def close(self) -> None:
        """Nothing is held open."""

    def _score(
        self, query: Mapping[str, float]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
        """Return the score of every unit, and which units hold a term of the query."""
        scores = np.zeros(self.size)
        matched = np.zeros(self.size, dtype=np.bool_)
        for term, weight in query.items():
            if (place := self._places.get(term)) is not None:
                units = self._postings[slice(*place)]
                scores[units] += weight * self._contribution(*place)
                matched[units] = True
        return scores, matched

    def _contribution(self, start: int, end: int) -> npt.NDArray[np.float64]:
        """Return what a term adds, at weight 1, to the score of each unit that holds it.

        It is the same for every query, so rank-bm25 works it out once.
        """
        known = self._contributions.get(start)
        if known is None:
            postings = slice(start, end)
            known = self._bm25.contributions(
                start, self._postings[postings], self._frequencies[postings]
            )
            if self._remembered + len(known) > _MOST_CONTRIBUTIONS:
                self._contributions, self._remembered = {}, 0
            self._contributions[start] = known
            self._remembered += len(known)
        return known


def _counted(
    values: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the different values, rising, and how often each of them stands there."""
    # Sorted by hand: ``np.unique`` takes a hundred times as long.
    ordered = np.sort(values)
    if not len(ordered):
        return ordered, ordered
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    return ordered[starts], np.diff(starts, append=len(ordered))
