"""The forward index: the terms of each unit, and in how many units each term stands.

It lives in SQLite, so that it changes as a whole or not at all. The exact BM25 score of any unit
follows from it; what an engine adds is to find the units that are worth scoring.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from index.engines.base import Bags, BM25Parameters, EngineWriter, lucene_idf

if TYPE_CHECKING:  # 10 ms that only the type checker needs
    import numpy.typing as npt

_MOST_REMEMBERED = 50_000  # terms
_MOST_ROWS = 2000  # units, of some kB each, that are remembered
_MOST_VARIABLES = 500  # of one statement
_TERMS_TABLE = (
    "CREATE TABLE IF NOT EXISTS terms (term TEXT PRIMARY KEY, number INTEGER NOT NULL)"
    " WITHOUT ROWID"
)
_LAST_TERM_TABLE = "CREATE TABLE IF NOT EXISTS last_term (next INTEGER NOT NULL)"


class ForwardIndex:
    """Reads a forward index.

    Attributes:
        size: How many units there are.
        parameters: k1 and b.
        mean_length: How many terms a unit has on average, 1 where there is none.
    """

    def __init__(
        self, connection: sqlite3.Connection, name: str, parameters: BM25Parameters
    ) -> None:
        """Read the tables that ``ForwardWriter`` filled.

        Args:
            connection: The database; every thread may use it, and its snapshot does not change.
            name: What the tables' names begin with.
            parameters: k1 and b.
        """
        self._connection = connection
        self._name = name
        self.parameters = parameters
        self._remembered: dict[str, tuple[int, int]] = {}
        self._recent: dict[int, bytes] = {}
        self.size, length = _totals(connection, name)
        self._next_term = _next_term(connection)
        self.mean_length = length / self.size if self.size and length else 1.0

    @property
    def vocabulary_size(self) -> int:
        """How many different terms there are."""
        [(count,)] = self._connection.execute(f"SELECT count(*) FROM {self._name}_frequencies")  # noqa: S608 - our own name
        return int(count)

    def vocabulary(self) -> Iterator[tuple[str, int, int]]:
        """Yield every term with its number and its document frequency."""
        yield from self._connection.execute(
            "SELECT terms.term, number, df FROM terms"  # noqa: S608
            f" JOIN {self._name}_frequencies AS held ON held.term = number"
        )

    def rows(self) -> Iterator[tuple[int, npt.NDArray[np.uint32]]]:
        """Yield every unit with the numbers of its terms, by its own number."""
        for unit, terms in self._connection.execute(
            f"SELECT unit, terms FROM {self._name}_units ORDER BY unit"  # noqa: S608
        ):
            yield unit, np.frombuffer(terms, np.uint32)

    def look_up(self, terms: Iterable[str]) -> dict[str, tuple[int, int]]:
        """Return number and document frequency of those of ``terms`` that there are."""
        found: dict[str, tuple[int, int]] = {}
        missing: list[str] = []
        for term in terms:
            known = self._remembered.get(term)
            if known is None:
                missing.append(term)
            elif known[1]:
                found[term] = known
        if missing:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered = {}  # not cleared: another thread may be reading it
            fetched = fetch_terms(self._connection, self._name, missing)
            found |= fetched
            for term in missing:
                self._remembered[term] = fetched.get(term, (0, 0))
        return found

    def scores(
        self, queries: Sequence[Mapping[str, float]], units: Sequence[int]
    ) -> npt.NDArray[np.float64]:
        """Return the exact BM25 scores of units; see ``Engine``.

        Returns:
            An array of shape (queries, units).
        """
        known = self.look_up(dict.fromkeys(term for query in queries for term in query))
        if not known or not len(units):
            return np.zeros((len(queries), len(units)))
        slots = {term: slot for slot, term in enumerate(known)}
        found = self._frequencies([number for number, _ in known.values()], units)
        frequencies, lengths = found
        k1, b = self.parameters.k1, self.parameters.b
        norms = k1 * (1 - b + b * lengths / self.mean_length)
        weights = np.zeros((len(queries), len(slots)))
        for row, query in enumerate(queries):
            for term, weight in query.items():
                if term in slots:
                    weights[row, slots[term]] = weight
        idf = np.array([lucene_idf(self.size, df) for _, df in known.values()])
        saturated = np.zeros_like(frequencies)
        gains, divisors = frequencies * (k1 + 1), frequencies + norms[:, None]
        np.divide(gains, divisors, out=saturated, where=frequencies > 0)
        scores: npt.NDArray[np.float64] = (weights * idf) @ saturated.T
        return scores

    def _frequencies(
        self, ids: Sequence[int], units: Sequence[int]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return how often each of the terms stands in each unit (units, ids), and the lengths."""
        rows = self._rows(units)
        lengths = np.array([len(rows.get(unit, b"")) // 4 for unit in units])
        terms = np.frombuffer(b"".join(rows.get(unit, b"") for unit in units), np.uint32)
        # Tables over the vocabulary are quicker than any search in the few ids asked for.
        asked = np.zeros(self._next_term, np.bool_)
        slots = np.zeros(self._next_term, np.int16)
        asked[list(ids)] = True
        slots[list(ids)] = np.arange(len(ids))
        places = asked.take(terms).nonzero()[0]
        owners = np.searchsorted(np.cumsum(lengths), places, side="right")
        cells = owners * len(ids) + slots[terms[places]]
        counted = np.bincount(cells, minlength=len(units) * len(ids))
        return counted.reshape(len(units), len(ids)).astype(np.float64), lengths.astype(np.float64)

    def _rows(self, units: Sequence[int]) -> Mapping[int, bytes]:
        """Return the packed terms of those of ``units`` that there are.

        The best units of a query are scored once to be ordered, and again for other terms.
        """
        recent = self._recent
        missing = [unit for unit in units if unit not in recent]
        if missing:
            fetched = fetch_rows(self._connection, self._name, missing)
            if len(recent) + len(fetched) > _MOST_ROWS:
                # Not cleared: another thread may be reading it.
                kept = {unit: recent[unit] for unit in units if unit in recent}
                recent = self._recent = kept
            recent |= fetched
        return recent


class Vocabulary:
    """Gives every term a number, for as long as the database lives, within its transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Number terms in a database; the table is made where there is none."""
        self._connection = connection
        connection.execute(_TERMS_TABLE)
        connection.execute(_LAST_TERM_TABLE)
        self._numbers: dict[str, int] = {}
        self._new: list[tuple[str, int]] = []
        self.size = _next_term(connection)
        self._was_empty = not self.size
        self._last: tuple[Sequence[str], npt.NDArray[np.uint32]] | None = None

    def numbers(self, terms: Sequence[str]) -> npt.NDArray[np.uint32]:
        """Return the numbers of terms; one that is new gets the next."""
        if self._last is not None and self._last[0] is terms:
            return self._last[1]  # sentences and their passages have the same
        found = list(map(self._numbers.get, terms))
        unknown = [place for place, number in enumerate(found) if number is None]
        if unknown and not self._was_empty:
            there = fetch_numbers(self._connection, [terms[place] for place in unknown])
            self._numbers |= there
        for place in unknown:
            term = terms[place]
            number = self._numbers.get(term)
            if number is None:
                number = self._numbers[term] = self.size
                self._new.append((term, number))
                self.size += 1
            found[place] = number
        numbers = np.array(found, np.uint32)
        self._last = (terms, numbers)
        return numbers

    def prepare(self) -> None:
        """Write down the new terms."""
        # In order, so that neighbours are written together.
        self._connection.executemany("INSERT INTO terms VALUES (?, ?)", sorted(self._new))
        self._connection.execute("DELETE FROM last_term")
        self._connection.execute("INSERT INTO last_term VALUES (?)", (self.size,))
        self._new = []


class ForwardWriter(EngineWriter):
    """Changes a forward index within the transaction of its connection."""

    def __init__(
        self, connection: sqlite3.Connection, name: str, vocabulary: Vocabulary | None = None
    ) -> None:
        """Write into a database, whose tables are made where there are none.

        Args:
            connection: The database; who has it begins and commits.
            name: What the tables' names begin with.
            vocabulary: The numbers of the terms; several indexes of a database must share it.
        """
        self._connection = connection
        self._name = name
        self.vocabulary = vocabulary or Vocabulary(connection)
        create_tables(connection, name)
        self._size, self._length = _totals(connection, name)
        self._change = np.zeros(0, np.int64)  # of document frequencies, by term

    def add(self, bags: Bags) -> None:
        """Add units; see ``EngineWriter``."""
        numbers = self.vocabulary.numbers(bags.vocabulary)
        self._grow()
        self._change[numbers] += bags.frequencies
        held = numbers[bags.terms]
        rows = []
        bounds = zip(bags.units.tolist(), bags.begins.tolist(), bags.ends.tolist(), strict=True)
        for unit, begin, end in bounds:
            rows.append((unit, held[begin:end].tobytes()))
            self._length += end - begin
        self._size += len(rows)
        self._connection.executemany(f"INSERT INTO {self._name}_units VALUES (?, ?)", rows)  # noqa: S608

    def remove(self, units: Sequence[int]) -> None:
        """Take units out; see ``EngineWriter``."""
        rows = fetch_rows(self._connection, self._name, units)
        self._grow()
        for row in rows.values():
            held = np.frombuffer(row, np.uint32)
            self._length -= len(held)
            self._change[list(set(held.tolist()))] -= 1
        self._size -= len(rows)
        self._connection.executemany(
            f"DELETE FROM {self._name}_units WHERE unit = ?",  # noqa: S608
            ((unit,) for unit in rows),
        )

    def _grow(self) -> None:
        if len(self._change) < self.vocabulary.size:
            grown = np.zeros(2 * self.vocabulary.size, np.int64)
            grown[: len(self._change)] = self._change
            self._change = grown

    def prepare(self) -> None:
        """Write down the terms, their document frequencies and the totals."""
        self.vocabulary.prepare()
        changed = self._change.nonzero()[0]
        by = self._change[changed]
        table = f"{self._name}_frequencies"
        self._connection.executemany(
            f"INSERT INTO {table} VALUES (?, ?)"  # noqa: S608
            " ON CONFLICT (term) DO UPDATE SET df = df + excluded.df",
            zip(changed.tolist(), by.tolist(), strict=True),
        )
        self._connection.executemany(
            f"DELETE FROM {table} WHERE term = ? AND df <= 0",  # noqa: S608
            ((number,) for number in changed[by < 0].tolist()),
        )
        self._change[changed] = 0
        self._connection.execute(f"DELETE FROM {self._name}_totals")  # noqa: S608
        self._connection.execute(
            f"INSERT INTO {self._name}_totals VALUES (?, ?)",  # noqa: S608
            (self._size, self._length),
        )

    def finish(self) -> None:
        """Nothing is left to let go of."""

    def close(self) -> None:
        """Nothing is held open."""


def create_tables(connection: sqlite3.Connection, name: str) -> None:
    """Make the tables of a forward index where there are none."""
    for statement in (
        _TERMS_TABLE,
        _LAST_TERM_TABLE,
        f"CREATE TABLE IF NOT EXISTS {name}_frequencies"
        " (term INTEGER PRIMARY KEY, df INTEGER NOT NULL)",
        f"CREATE TABLE IF NOT EXISTS {name}_units (unit INTEGER PRIMARY KEY, terms BLOB NOT NULL)",
        f"CREATE TABLE IF NOT EXISTS {name}_totals"
        " (units INTEGER NOT NULL, terms INTEGER NOT NULL)",
    ):
        connection.execute(statement)


def _totals(connection: sqlite3.Connection, name: str) -> tuple[int, int]:
    row = connection.execute(f"SELECT units, terms FROM {name}_totals").fetchone()  # noqa: S608
    return row or (0, 0)


def _next_term(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT next FROM last_term").fetchone()
    return int(row[0]) if row else 0


def fetch_numbers(connection: sqlite3.Connection, terms: Sequence[str]) -> dict[str, int]:
    """Return the numbers of those of ``terms`` that stand in the database."""
    found: dict[str, int] = {}
    for asked in _in_parts([term for term in terms if _is_text(term)]):
        marks = ",".join("?" * len(asked))
        found.update(
            connection.execute(f"SELECT term, number FROM terms WHERE term IN ({marks})", asked)  # noqa: S608
        )
    return found


def fetch_terms(
    connection: sqlite3.Connection, name: str, terms: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Return number and document frequency of those of ``terms`` that any unit holds."""
    found: dict[str, tuple[int, int]] = {}
    for asked in _in_parts([term for term in terms if _is_text(term)]):
        marks = ",".join("?" * len(asked))
        for term, number, frequency in connection.execute(
            "SELECT terms.term, number, df FROM terms"  # noqa: S608
            f" JOIN {name}_frequencies AS held ON held.term = number WHERE terms.term IN ({marks})",
            asked,
        ):
            found[term] = (number, frequency)
    return found


def fetch_rows(connection: sqlite3.Connection, name: str, units: Sequence[int]) -> dict[int, bytes]:
    """Return the packed ids of the terms of those of ``units`` that there are."""
    found: dict[int, bytes] = {}
    for asked in _in_parts(units):
        marks = ",".join("?" * len(asked))
        found.update(
            connection.execute(
                f"SELECT unit, terms FROM {name}_units WHERE unit IN ({marks})",  # noqa: S608
                asked,
            )
        )
    return found


def _in_parts(values: Sequence[str] | Sequence[int]) -> Iterator[Sequence[str] | Sequence[int]]:
    for start in range(0, len(values), _MOST_VARIABLES):
        yield values[start : start + _MOST_VARIABLES]


def _is_text(term: str) -> bool:
    """Tell terms from such as no document holds, since they are not Unicode (lone surrogates)."""
    return not any("\ud800" <= character <= "\udfff" for character in term)
