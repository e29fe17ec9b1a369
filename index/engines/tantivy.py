"""The engine for one machine and millions of sentences: tantivy finds, the exact formula orders.

tantivy's own k1 and b cannot be set and it rounds lengths, so that it only finds the units that are
worth scoring; the forward index scores them. It is memory-mapped and skips what cannot reach the
top (block-max WAND). It counts deleted units until their segment is merged, which changes which
units it finds by a hair and their scores not at all.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import tantivy

from index.engines.base import Bags, BM25Parameters, EngineWriter, Scored, lucene_idf
from index.engines.forward import ForwardIndex, ForwardWriter
from index.errors import DamagedIndexError

if TYPE_CHECKING:  # 10 ms that only the type checker needs
    import numpy.typing as npt

OWN_PARAMETERS = BM25Parameters(k1=1.2, b=0.75)
"""What tantivy scores with, whatever is wanted."""

OWN_DEPTH_FACTOR = 4
"""Units that it is asked for, for each that is wanted, where its parameters are those wanted.

Of the exact best 20 passages among 20,000, the best 60 hold all but 0.04 %, the best 80 all.
"""

DEPTH = 200
DEPTH_FACTOR = 4
"""The same where they are not, and units that it is asked for at least.

Of the exact best 50 sentences among 100,000, the best 200 hold 94 % and the best 300 98 %; of the
exact best 10 the best 200 hold 99.9 %. To read the terms of 100 more takes a millisecond.
"""

ESSENTIAL_SHARE = 0.95
"""The share of a query's weight, by idf, of the terms that tantivy looks for.

The most frequent terms of a question take the most time and tell the least: without the last
twentieth, tantivy takes half the time and finds as many of the best. The exact formula orders what
is found by all of them.
"""

PRUNED_FROM = 10_000
"""Units from which on that is worth it."""

_SYSTEM_ERROR = re.compile(r"\(os error (\d+)\)")
_LEAST_DEPTH = 40
_PANIC = "PanicException"  # of Rust, which no class that could be imported stands for
_MOST_QUERIES = 20_000  # of single terms that are remembered
SMALL_HEAP_BYTES, LARGE_HEAP_BYTES = 128_000_000, 400_000_000
_UNIT, _TERMS = "unit", "terms"


# A term is given to tantivy as its number, in letters: shorter than most terms, made for a whole
# batch at once, and there is nothing in it to analyse.
_LETTERS = np.frombuffer(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_", np.uint8
)
_SHIFTS = np.array((24, 18, 12, 6, 0), np.uint32)  # 2^30 terms
_WIDTH = len(_SHIFTS) + 1  # with the space behind it


def _tokens(numbers: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Return terms as tantivy has them, each with a space behind it: an array (terms, bytes)."""
    tokens = np.full((len(numbers), _WIDTH), ord(" "), np.uint8)
    tokens[:, :-1] = _LETTERS[numbers[:, None] >> _SHIFTS & 63]
    return tokens


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(_TERMS, tokenizer_name="whitespace", index_option="freq")
    # Unsigned, so that it must be filled by ``add_unsigned``: ``Document(unit=…)`` is signed, and
    # a wrong type ends the writer's threads.
    builder.add_unsigned_field(_UNIT, indexed=True, fast=True)
    return builder.build()


def depth_for(k: int, parameters: BM25Parameters) -> int:
    """Return how many units tantivy is asked for where the best ``k`` are wanted."""
    if parameters == OWN_PARAMETERS:
        return max(_LEAST_DEPTH, OWN_DEPTH_FACTOR * k)
    return max(DEPTH, DEPTH_FACTOR * k)


@contextmanager
def _with_room_for_locks(folder: Path) -> Iterator[Path]:
    """Give a folder of the same files where tantivy, even to read them, can make those it locks."""
    if os.access(folder, os.W_OK):
        yield folder
        return
    with TemporaryDirectory(prefix="jawab-") as place:
        for file in folder.resolve().iterdir():
            if file.suffix != ".lock":
                (Path(place) / file.name).symlink_to(file)
        yield Path(place)


class TantivyEngine:
    """BM25 by tantivy and a forward index; see ``Engine`` for the contract."""

    def __init__(self, folder: Path, forward: ForwardIndex) -> None:
        """Open the index that ``TantivyWriter`` wrote.

        Raises:
            DamagedIndexError: A file is missing or does not hold what it should.
        """
        self._forward = forward
        self._queries: dict[int, tantivy.Query] = {}
        try:
            with _with_room_for_locks(folder) as place:
                self._index = tantivy.Index.open(str(place))
                self._index.config_reader(reload_policy="manual")
                self._searcher = self._index.searcher()
        except (OSError, ValueError) as error:
            raise DamagedIndexError(f"{folder.name} cannot be opened: {error}") from error

    @property
    def size(self) -> int:
        """How many units are indexed (N)."""
        return self._forward.size

    @property
    def vocabulary_size(self) -> int:
        """How many different terms are indexed."""
        return self._forward.vocabulary_size

    def top_k(self, query: Mapping[str, float], k: int) -> list[Scored]:
        """Return the best ``k`` units that hold a term of ``query``; see ``Engine``."""
        if k <= 0:
            return []
        depth = depth_for(k, self._forward.parameters)
        while True:
            candidates = self.candidates(query, depth)
            units = list(dict.fromkeys(candidates))
            scores = self._forward.scores([query], units)[0]
            # A unit that the forward index does not hold was removed, or is not committed yet.
            found = [
                (score, unit)
                for score, unit in zip(scores.tolist(), units, strict=True)
                if score > 0
            ]
            if len(found) >= 2 * k or len(candidates) < depth:
                break
            depth *= 4  # those that are not there must not hide others
        found.sort(key=lambda pair: (-pair[0], pair[1]))
        return [Scored(unit, score) for score, unit in found[:k]]

    def candidates(self, query: Mapping[str, float], depth: int) -> list[int]:
        """Return the ``depth`` units that tantivy thinks best; some may have been removed."""
        clauses = [
            (tantivy.Occur.Should, tantivy.Query.boost_query(self._query(number), weight))
            for number, weight in self._essential(query)
        ]
        limit = min(depth, self._searcher.num_docs)
        if not clauses or not limit:
            return []
        # Counting all that match would have to look at all of it.
        wanted = tantivy.Query.boolean_query(clauses)
        try:
            hits = self._searcher.search(wanted, limit, count=False).hits
            addresses = [address for _, address in hits]
            return [int(unit or 0) for unit in self._searcher.fast_field_values(_UNIT, addresses)]
        except BaseException as error:
            if type(error).__name__ != _PANIC:
                raise
            raise DamagedIndexError(f"tantivy cannot read its files: {error}") from error

    def scores(
        self, queries: Sequence[Mapping[str, float]], units: Sequence[int]
    ) -> list[list[float]]:
        """Return the score of each of ``units`` for each query; see ``Engine``."""
        found: list[list[float]] = self._forward.scores(queries, units).tolist()
        return found

    def document_frequencies(self, terms: Sequence[str]) -> list[int]:
        """Return in how many units each of ``terms`` stands."""
        known = self._forward.look_up(terms)
        return [known.get(term, (0, 0))[1] for term in terms]

    def close(self) -> None:
        """Let go of the files; no question can be asked any more."""
        with suppress(AttributeError):  # closed before
            del self._searcher, self._index

    def _essential(self, query: Mapping[str, float]) -> list[tuple[int, float]]:
        """Return the terms, by number, that tell a query's best units from the others."""
        known = self._forward.look_up(query)
        if self._forward.size < PRUNED_FROM:
            return [(number, query[term]) for term, (number, _) in known.items()]
        most = sorted(
            (-abs(query[term]) * lucene_idf(self._forward.size, df), number, query[term])
            for term, (number, df) in known.items()
        )
        left = ESSENTIAL_SHARE * sum(worth for worth, _, _ in most)
        essential = []
        for worth, number, weight in most:
            essential.append((number, weight))
            left -= worth
            if left >= 0:
                break
        return essential

    def _query(self, number: int) -> tantivy.Query:
        query = self._queries.get(number)
        if query is None:
            if len(self._queries) >= _MOST_QUERIES:
                self._queries = {}
            token = _tokens(np.array([number], np.uint32)).tobytes().decode("ascii").strip()
            query = tantivy.Query.term_query(self._index.schema, _TERMS, token, index_option="freq")
            self._queries[number] = query
        return query


@contextmanager
def _of_the_system() -> Iterator[None]:
    """Raise what tantivy says of a full disk as the system would, an ``OSError``."""
    try:
        yield
    except ValueError as error:
        code = _SYSTEM_ERROR.search(str(error))
        number = int(code.group(1)) if code else errno.EIO
        raise OSError(number, os.strerror(number)) from error


class TantivyWriter(EngineWriter):
    """Changes the index of a ``TantivyEngine`` together with its forward index.

    tantivy holds a unit from before the database says that it is there until after the database
    says that it is gone; what it finds in between is dropped, since it has no score.
    """

    def __init__(
        self,
        folder: Path,
        forward: ForwardWriter,
        first_free: int,
        *,
        heap_bytes: int = SMALL_HEAP_BYTES,
    ) -> None:
        """Write into a folder, which is made where there is none.

        Args:
            folder: The folder.
            forward: The forward index of the same units.
            first_free: The first number that no unit has; what is left of a change that the
                database never heard of begins there.
            heap_bytes: What is indexed before a segment is written; the fewer segments, the
                faster is every search.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._forward = forward
        with _of_the_system():
            self._index = tantivy.Index(_schema(), str(folder))
            self._writer = self._index.writer(heap_bytes, num_threads=1)
            leftovers = tantivy.Query.range_query(
                self._index.schema, _UNIT, tantivy.FieldType.Unsigned, lower_bound=first_free
            )
            self._writer.delete_documents_by_query(leftovers)
        self._removed: list[int] = []

    def add(self, bags: Bags) -> None:
        """Add units; see ``EngineWriter``."""
        self._forward.add(bags)
        numbers = self._forward.vocabulary.numbers(bags.vocabulary)
        tokens = _tokens(numbers)[bags.terms].tobytes()
        bounds = zip(bags.units.tolist(), bags.begins.tolist(), bags.ends.tolist(), strict=True)
        with _of_the_system():
            for unit, begin, end in bounds:
                self._add(unit, tokens[begin * _WIDTH : end * _WIDTH])

    def add_indexed(self, units: Sequence[tuple[int, npt.NDArray[np.uint32]]]) -> None:
        """Add units, by the numbers of their terms, that the forward index holds already."""
        if not units:
            return
        tokens = _tokens(np.concatenate([terms for _, terms in units])).tobytes()
        begin = 0
        with _of_the_system():
            for unit, terms in units:
                end = begin + len(terms) * _WIDTH
                self._add(unit, tokens[begin:end])
                begin = end

    def _add(self, unit: int, tokens: bytes) -> None:
        document = tantivy.Document()
        document.add_unsigned(_UNIT, unit)
        document.add_text(_TERMS, tokens.decode("ascii"))
        self._writer.add_document(document)

    def remove(self, units: Sequence[int]) -> None:
        """Take units out; see ``EngineWriter``."""
        self._forward.remove(units)
        self._removed.extend(units)

    def prepare(self) -> None:
        """Write down what was added."""
        self._forward.prepare()
        with _of_the_system():
            self._writer.commit()

    def finish(self) -> None:
        """Take out what the database no longer speaks of."""
        with _of_the_system():
            for unit in self._removed:
                self._writer.delete_documents_by_term(_UNIT, unit)
            if self._removed:
                self._writer.commit()
                self._removed = []

    def close(self) -> None:
        """End writing, when the segments that are being merged are done."""
        # No rollback: segments would go on being merged behind it. What is not committed by now
        # never will be, and the next commit removes its files.
        with _of_the_system():
            self._writer.wait_merging_threads()
