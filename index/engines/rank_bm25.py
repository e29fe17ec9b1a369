"""The embedded engine: rank-bm25, with postings so that a query touches only what it matches."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from rank_bm25 import BM25Okapi

from index.engines.base import BM25Parameters, Scored, lucene_idf
from index.errors import DamagedIndexError

if TYPE_CHECKING:  # 10 ms that only the type checker needs
    import numpy.typing as npt

    _Integers = npt.NDArray[np.int32]

_MOST_CONTRIBUTIONS = 20_000  # terms whose contribution is remembered
_VOCABULARY = "vocabulary.json"
_ARRAYS = ("starts", "terms", "frequencies", "lengths")


class _Frequencies(Sequence[dict[int, int]]):
    """The term frequencies of each unit, as rank-bm25 wants them: a dict, made when it is asked."""

    def __init__(self, starts: _Integers, terms: _Integers, frequencies: _Integers) -> None:
        self._starts = starts
        self._terms = terms
        self._frequencies = frequencies
        self._made: dict[int, dict[int, int]] = {}

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, unit: Any) -> Any:
        made = self._made.get(unit)
        if made is None:
            row = slice(self._starts[unit], self._starts[unit + 1])
            made = dict(
                zip(self._terms[row].tolist(), self._frequencies[row].tolist(), strict=True)
            )
            self._made[unit] = made
        return made


class _LuceneBM25(BM25Okapi):  # type: ignore[misc]
    """rank-bm25's Okapi with the idf of Lucene, over arrays in place of a list of lists.

    Its own idf is zero for a term in half of the units and negative beyond, which breaks small
    collections.
    """

    def __init__(
        self,
        frequencies: _Frequencies,
        lengths: _Integers,
        document_frequencies: Mapping[int, int],
        parameters: BM25Parameters,
    ) -> None:
        self._given = (frequencies, lengths, document_frequencies)
        super().__init__(frequencies, k1=parameters.k1, b=parameters.b)
        del self._given

    def _initialize(self, corpus: _Frequencies) -> Mapping[int, int]:
        frequencies, lengths, document_frequencies = self._given
        self.corpus_size = len(corpus)
        self.doc_freqs = frequencies
        self.doc_len = lengths
        self.avgdl = (float(lengths.mean()) if len(lengths) else 0.0) or 1.0
        return document_frequencies

    def _calc_idf(self, nd: Mapping[int, int]) -> None:
        self.idf = {term: lucene_idf(self.corpus_size, df) for term, df in nd.items()}


class RankBM25Engine:
    """BM25 by rank-bm25 over arrays of term frequencies; see ``Engine`` for the contract."""

    def __init__(
        self,
        vocabulary: list[str],
        arrays: Mapping[str, _Integers],
        parameters: BM25Parameters,
    ) -> None:
        self._vocabulary = vocabulary
        self._ids = {term: number for number, term in enumerate(vocabulary)}
        self._arrays = arrays
        terms = arrays["terms"]
        counts = np.diff(arrays["starts"])
        units = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        self._postings = units[np.argsort(terms, kind="stable")]
        df = np.bincount(terms, minlength=len(vocabulary))
        self._posting_starts = np.concatenate(([0], np.cumsum(df)))
        self._contributions: dict[int, npt.NDArray[np.float64]] = {}
        self._bm25 = _LuceneBM25(
            _Frequencies(arrays["starts"], terms, arrays["frequencies"]),
            arrays["lengths"],
            dict(enumerate(df.tolist())),
            parameters,
        )

    @classmethod
    def build(cls, units: Iterable[Sequence[str]], parameters: BM25Parameters) -> Self:
        """Build the index of ``units``, each a bag of terms."""
        ids: dict[str, int] = {}
        starts, lengths = [0], list[int]()
        terms, frequencies = list[int](), list[int]()
        for unit in units:
            bag: dict[int, int] = {}
            for term in unit:
                number = ids.setdefault(term, len(ids))
                bag[number] = bag.get(number, 0) + 1
            terms.extend(bag.keys())
            frequencies.extend(bag.values())
            starts.append(len(terms))
            lengths.append(len(unit))
        arrays = {
            name: np.array(values, dtype=np.int32)
            for name, values in zip(_ARRAYS, (starts, terms, frequencies, lengths), strict=True)
        }
        return cls(list(ids), arrays, parameters)

    @classmethod
    def open(cls, folder: Path, parameters: BM25Parameters) -> Self:
        """Open the index that ``save`` wrote into ``folder``.

        Raises:
            DamagedIndexError: A file is missing or does not hold what it should.
        """
        try:
            vocabulary = json.loads((folder / _VOCABULARY).read_text("utf-8", "surrogatepass"))
            arrays = {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in _ARRAYS}
            if not isinstance(vocabulary, list) or len(vocabulary) <= arrays["terms"].max(
                initial=-1
            ):
                raise ValueError("the vocabulary does not fit")  # noqa: TRY301
            return cls(vocabulary, arrays, parameters)
        except Exception as error:
            raise DamagedIndexError(f"{folder.name} cannot be read: {error}") from error

    def save(self, folder: Path) -> None:
        """Write the index into ``folder``, which exists and is empty."""
        text = json.dumps(self._vocabulary, ensure_ascii=False, separators=(",", ":"))
        (folder / _VOCABULARY).write_text(text, "utf-8", "surrogatepass")
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", self._arrays[name], allow_pickle=False)

    def top_k(self, query: Mapping[str, float], k: int) -> list[Scored]:
        """Return the best ``k`` units that hold a term of ``query``; see ``Engine``."""
        scores, matched = self._score(query)
        candidates = np.flatnonzero(matched)
        best = candidates[np.lexsort((candidates, -scores[candidates]))[: max(k, 0)]]
        return [Scored(int(unit), float(scores[unit])) for unit in best]

    def scores(self, query: Mapping[str, float], units: Sequence[int]) -> list[float]:
        """Return the score of each of ``units`` for ``query``, 0 where none of its terms stands."""
        scores, _ = self._score(query)
        return [float(scores[unit]) for unit in units]

    def _score(
        self, query: Mapping[str, float]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
        """Return the score of every unit, and which units hold a term of the query."""
        scores = np.zeros(self.size)
        matched = np.zeros(self.size, dtype=np.bool_)
        for number, weight in self._known(query):
            units = self._units(number)
            scores[units] += weight * self._contribution(number, units)
            matched[units] = True
        return scores, matched

    def _contribution(self, number: int, units: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
        """Return what a term adds, at weight 1, to the score of each unit that holds it.

        It is the same for every query, so rank-bm25 works it out once.
        """
        known = self._contributions.get(number)
        if known is None:
            if len(self._contributions) >= _MOST_CONTRIBUTIONS:
                self._contributions.clear()
            known = np.array(self._bm25.get_batch_scores([number], units))
            self._contributions[number] = known
        return known

    def document_frequency(self, term: str) -> int:
        """Return in how many units ``term`` stands."""
        number = self._ids.get(term)
        return 0 if number is None else len(self._units(number))

    @property
    def size(self) -> int:
        """How many units are indexed (N)."""
        return len(self._arrays["lengths"])

    @property
    def vocabulary_size(self) -> int:
        """How many different terms are indexed."""
        return len(self._vocabulary)

    def close(self) -> None:
        """Nothing is held open."""

    def _known(self, query: Mapping[str, float]) -> Iterator[tuple[int, float]]:
        for term, weight in query.items():
            if (number := self._ids.get(term)) is not None:
                yield number, weight

    def _units(self, number: int) -> npt.NDArray[np.int32]:
        units: npt.NDArray[np.int32] = self._postings[
            self._posting_starts[number] : self._posting_starts[number + 1]
        ]
        return units
