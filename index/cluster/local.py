"""The local index, as a mirroring reads it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from index.cluster.layout import PARAMETERS, Placed, passage_payload, sentence_payload
from index.cluster.vectors import dimensions, term_point, unit_vector
from index.collection import Sizes
from index.database import read_facts
from index.engines.forward import ForwardIndex, fetch_rows
from index.engines.pair import PASSAGES, SENTENCES
from index.stored_collection import StoredCollection

if TYPE_CHECKING:
    import numpy.typing as npt

_TERM = np.dtype([("number", np.int64), ("point", np.uint64), ("frequency", np.int64)])


class Unit(NamedTuple):
    """A sentence or a passage: its number, what is kept of it, its dimensions and weights."""

    number: int
    payload: dict[str, Any]
    dimensions: list[int]
    weights: list[float]


class LocalIndex:
    """Reads what the machine that builds has.

    Attributes:
        sizes: How much it holds.
        depends: What its numbers and terms depend on besides the documents, as JSON.
        next_document: The first number that no document ever had.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._collection = StoredCollection(database)
        self._forwards = {
            kind: ForwardIndex(database, kind, parameters)
            for kind, parameters in PARAMETERS.items()
        }
        self._terms: dict[str, npt.NDArray[Any]] = {}
        self._dimensions: dict[str, npt.NDArray[np.uint32]] = {}
        facts = read_facts(database)
        self.sizes: Sizes = self._collection.sizes
        self.depends = facts.get("depends", "")
        self.next_document = int(facts.get("next_document", "0"))

    def mean_length(self, kind: str) -> float:
        """Return how many terms a sentence or a passage has on average."""
        return self._forwards[kind].mean_length

    def vocabulary_size(self, kind: str) -> int:
        """Return how many different terms the sentences or the passages hold."""
        return self._forwards[kind].vocabulary_size

    def documents(self) -> dict[int, str]:
        """Return the ids of the documents by number, rising."""
        return dict(self._database.execute("SELECT number, id FROM documents ORDER BY number"))

    def placed(self, numbers: Sequence[int]) -> dict[int, Placed]:
        """Return documents by number."""
        ranges = {
            row[0]: (range(row[1], row[2]), range(row[3], row[4]))
            for number in numbers
            for row in self._database.execute(
                "SELECT number, first_passage, last_passage, first_sentence, last_sentence"
                " FROM documents WHERE number = ?",
                (number,),
            )
        }
        sources = zip(numbers, self._collection.sources(numbers), strict=True)
        return {number: Placed(source, *ranges[number]) for number, source in sources}

    def sentence_count(self, numbers: Sequence[int]) -> int:
        """Return how many sentences some documents have."""
        return sum(len(self._collection.sentence_numbers(number)) for number in numbers)

    def units(self, kind: str, placed: Placed, mean_length: float) -> Iterator[Unit]:
        """Yield the sentences or the passages of a document.

        Args:
            kind: Which of them.
            placed: The document.
            mean_length: The length that counts as average.
        """
        numbers = placed.sentences if kind == SENTENCES else placed.passages
        rows = fetch_rows(self._database, kind, numbers)
        own = self._dimensions_of(kind)
        payloads = (
            map(sentence_payload, self._collection.sentences(numbers))
            if kind == SENTENCES
            else map(passage_payload, self._collection.passages(numbers))
        )
        for number, payload in zip(numbers, payloads, strict=True):
            bag = own[np.frombuffer(rows[number], np.uint32)]
            yield Unit(number, payload, *unit_vector(bag, PARAMETERS[kind], mean_length))

    def _terms_of(self, kind: str) -> npt.NDArray[Any]:
        """Return the terms: local number, 64-bit number, document frequency."""
        if kind not in self._terms:
            self._terms[kind] = np.fromiter(
                (
                    (number, term_point(term), frequency)
                    for term, number, frequency in self._forwards[kind].vocabulary()
                ),
                _TERM,
            )
        return self._terms[kind]

    def _dimensions_of(self, kind: str) -> npt.NDArray[np.uint32]:
        """Return the dimensions of the terms, each at its local number."""
        if kind not in self._dimensions:
            terms = self._terms_of(kind)
            found = np.zeros(int(terms["number"].max(initial=0)) + 1, np.uint32)
            found[terms["number"]] = dimensions(terms["point"])
            self._dimensions[kind] = found
        return self._dimensions[kind]

    def frequencies(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
        """Return the terms, rising, and in how many sentences and passages each stands."""
        every = {kind: self._terms_of(kind) for kind in (SENTENCES, PASSAGES)}
        points = np.unique(np.concatenate([terms["point"] for terms in every.values()]))
        counts = np.zeros((len(points), 2), np.int64)
        for column, terms in enumerate(every.values()):
            counts[np.searchsorted(points, terms["point"]), column] = terms["frequency"]
        return points, counts
