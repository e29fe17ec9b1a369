"""The collection on disk: one SQLite file with the documents, passages, sentences and their terms.

A reader sees it as it was when it was opened, whatever is written meanwhile.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from index.analysis import (
    Analysed,
    description_of,
    digest_of,
    unpack_frame,
    unpack_text,
)
from index.collection import Sizes
from index.errors import DamagedIndexError
from index.model import Document, Passage, Sentence, Source, Span

FILE_NAME = "index.db"

_MOST_VARIABLES = 500  # of one statement
_PAGE_BYTES = 8192
_CACHE_KIBIBYTES = 16_384
_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (path TEXT PRIMARY KEY, size INTEGER NOT NULL, modified INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE skipped (file TEXT NOT NULL, path TEXT NOT NULL, reason TEXT NOT NULL);
CREATE INDEX skipped_of_file ON skipped (file);
CREATE TABLE documents (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    digest BLOB NOT NULL UNIQUE,
    description BLOB NOT NULL,
    title TEXT NOT NULL,
    published TEXT,
    agency TEXT NOT NULL,
    url TEXT,
    frame TEXT NOT NULL,
    first_passage INTEGER NOT NULL,
    last_passage INTEGER NOT NULL,
    first_sentence INTEGER NOT NULL,
    last_sentence INTEGER NOT NULL
);
CREATE TABLE texts (document INTEGER PRIMARY KEY, text BLOB NOT NULL);
CREATE TABLE places (path TEXT PRIMARY KEY, file TEXT NOT NULL, document INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE INDEX places_of_file ON places (file);
CREATE INDEX places_of_document ON places (document);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY,
    document INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    first_sentence INTEGER NOT NULL,
    last_sentence INTEGER NOT NULL
);
CREATE TABLE sentences (
    number INTEGER PRIMARY KEY,
    document INTEGER NOT NULL,
    passage INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    text TEXT NOT NULL,
    gap TEXT NOT NULL,
    words TEXT NOT NULL,
    label TEXT NOT NULL,
    signs INTEGER NOT NULL
);
"""


def connect(file: Path, *, sealed: bool) -> sqlite3.Connection:
    """Open a database for reading, as it stands now.

    Args:
        file: The database.
        sealed: Whether nobody will ever write to it.

    Raises:
        DamagedIndexError: It cannot be opened.
    """
    mode = "immutable=1" if sealed or not os.access(file.parent, os.W_OK) else "mode=ro"
    try:
        connection = sqlite3.connect(
            f"{file.resolve().as_uri()}?{mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}")
        connection.execute("BEGIN")  # one snapshot for as long as it is open
        connection.execute("SELECT count(*) FROM facts").fetchone()
    except sqlite3.Error as error:
        raise DamagedIndexError(f"{file.name} cannot be opened: {error}") from error
    return connection


def connect_writing(file: Path, *, in_parts: bool = False) -> sqlite3.Connection:
    """Open a database for writing, or make an empty one.

    Args:
        file: The database.
        in_parts: Whether nobody reads it yet. Then a crash of the process does it no harm, but one
            of the machine may, until ``complete`` has been called.

    Raises:
        sqlite3.Error: It cannot be opened.
    """
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        # Without a write-ahead log, what is new is written once only.
        connection.execute(f"PRAGMA journal_mode = {'TRUNCATE' if in_parts else 'WAL'}")
        connection.execute(f"PRAGMA synchronous = {'OFF' if in_parts else 'NORMAL'}")
        connection.execute(f"PRAGMA cache_size = -{4 * _CACHE_KIBIBYTES}")
        if not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            connection.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
    except BaseException:
        connection.close()
        raise
    return connection


def is_whole(connection: sqlite3.Connection) -> bool:
    """Tell whether a database is sound, whatever stopped its writing."""
    return [row for (row,) in connection.execute("PRAGMA quick_check(1)")] == ["ok"]


def complete(connection: sqlite3.Connection, *, sealed: bool) -> None:
    """Finish a database that was written in parts.

    Args:
        connection: The database.
        sealed: Whether it will never be written to again; then it can be read without anything
            being written beside it.
    """
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA journal_mode = {'DELETE' if sealed else 'WAL'}")
    [(file,)] = connection.execute("SELECT file FROM pragma_database_list WHERE name = 'main'")
    with open(file, "rb+") as written:  # noqa: PTH123 - the name is SQLite's
        os.fsync(written.fileno())


def checkpoint(connection: sqlite3.Connection) -> None:
    """Bring what was written into the database itself, as far as no reader needs the old."""
    connection.execute("PRAGMA busy_timeout = 0")  # a reader may stay for days
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def read_facts(connection: sqlite3.Connection) -> dict[str, str]:
    """Return what is noted about the index as a whole."""
    return dict(connection.execute("SELECT name, value FROM facts"))


def write_facts(connection: sqlite3.Connection, facts: Mapping[str, str]) -> None:
    """Note something about the index as a whole."""
    connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts.items())


def read_files(connection: sqlite3.Connection) -> dict[str, tuple[int, int]]:
    """Return the files that were read, each with its size and time of change."""
    rows = connection.execute("SELECT path, size, modified FROM files")
    return {path: (size, modified) for path, size, modified in rows}


def read_skipped(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return what was left out, by path, each with the reason."""
    return list(connection.execute("SELECT path, reason FROM skipped ORDER BY path"))


def read_places(connection: sqlite3.Connection, document: int) -> list[tuple[str, str]]:
    """Return every path of a document, each with the file that it is in."""
    return list(
        connection.execute(
            "SELECT path, file FROM places WHERE document = ? ORDER BY path", (document,)
        )
    )


def read_file_documents(connection: sqlite3.Connection, file: str) -> list[int]:
    """Return the numbers of the documents that stand in a file."""
    rows = connection.execute("SELECT DISTINCT document FROM places WHERE file = ?", (file,))
    return [number for (number,) in rows]


def read_file_sizes(connection: sqlite3.Connection, file: str) -> tuple[int, int, int | None]:
    """Return how many documents and sentences a file holds, and the number of the first."""
    documents, sentences, first = connection.execute(
        "SELECT count(*), total(last_sentence - first_sentence), min(number) FROM documents"
        " WHERE number IN (SELECT document FROM places WHERE file = ?)",
        (file,),
    ).fetchone()
    return documents, int(sentences), first


class StoredCollection:
    """The collection of a database; see ``Collection``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._sizes = _sizes(connection)

    @property
    def sizes(self) -> Sizes:
        """How much it holds."""
        return self._sizes

    def document_numbers(self) -> Sequence[int]:
        """Return the numbers of the documents, rising."""
        rows = self._connection.execute("SELECT number FROM documents ORDER BY number")
        return [number for (number,) in rows]

    def document(self, number: int) -> Document:
        """Return a document with its text; see ``Collection``."""
        [source] = self.sources([number])
        frame, text = self._connection.execute(
            "SELECT frame, text FROM documents JOIN texts ON document = number WHERE number = ?",
            (number,),
        ).fetchone()
        try:
            published, body = unpack_frame(frame)
            whole = unpack_text(text)
        except ValueError as error:
            raise DamagedIndexError(f"a text of {FILE_NAME} is damaged: {error}") from error
        return Document(
            id=source.id,
            path=source.path,
            title=source.title,
            published=source.published,
            agency=source.agency,
            url=source.url,
            also=source.also,
            text=whole,
            published_span=published,
            body=body,
        )

    def sources(self, numbers: Sequence[int]) -> list[Source]:
        """Return documents without their texts; see ``Collection``."""
        found: dict[int, Source] = {}
        for number, *values in _select(
            self._connection,
            "SELECT number, id, '', title, published, agency, url FROM documents WHERE number",
            numbers,
        ):
            found[number] = _source(values)
        paths: dict[int, list[str]] = {}
        for document, path in _select(
            self._connection, "SELECT document, path FROM places WHERE document", numbers
        ):
            paths.setdefault(document, []).append(path)
        return [_placed(found[number], paths.get(number, [""])) for number in numbers]

    def listing(self, start: int = 0, count: int | None = None) -> list[tuple[Source, int]]:
        """Return documents by path, each with how many sentences it has."""
        rows = self._connection.execute(
            # In the order of the table's own key, so that a page does not sort them all.
            "SELECT document, last_sentence - first_sentence FROM places AS place"
            " JOIN documents ON number = document"
            " WHERE NOT EXISTS (SELECT 1 FROM places AS other"
            " WHERE other.document = place.document AND other.path < place.path)"
            " ORDER BY place.path LIMIT ? OFFSET ?",
            (-1 if count is None else count, start),
        ).fetchall()
        sources = self.sources([document for document, _ in rows])
        return [(source, size) for source, (_, size) in zip(sources, rows, strict=True)]

    def find(self, document_id: str) -> int | None:
        """Return the number of the document with this id, or None."""
        row = self._connection.execute(
            "SELECT number FROM documents WHERE id = ?", (document_id,)
        ).fetchone()
        return row[0] if row else None

    def find_path(self, path: str) -> int | None:
        """Return the number of the document at a path, or None."""
        row = self._connection.execute(
            "SELECT document FROM places WHERE path = ?", (path,)
        ).fetchone()
        return row[0] if row else None

    def sentences(self, numbers: Sequence[int]) -> list[Sentence]:
        """Return sentences in the order asked for; see ``Collection``."""
        found = {
            number: Sentence(document, passage, Span(start, end), *rest)
            for number, document, passage, start, end, *rest in _select(
                self._connection,
                "SELECT number, document, passage, start, end, text, words, label, signs"
                " FROM sentences WHERE number",
                numbers,
            )
        }
        return [found[number] for number in numbers]

    def sentence_numbers(self, document: int) -> range:
        """Return the numbers of a document's sentences, in reading order."""
        row = self._connection.execute(
            "SELECT first_sentence, last_sentence FROM documents WHERE number = ?", (document,)
        ).fetchone()
        return range(*row) if row else range(0)

    def passages(self, numbers: Sequence[int]) -> list[Passage]:
        """Return passages in the order asked for; see ``Collection``."""
        rows = {
            row[0]: row[1:]
            for row in _select(
                self._connection,
                "SELECT number, document, start, end, first_sentence, last_sentence"
                " FROM passages WHERE number",
                numbers,
            )
        }
        texts: dict[int, list[str]] = {number: [] for number in rows}
        for passage, text, gap in _select(
            self._connection,
            "SELECT passage, text, gap FROM sentences WHERE label = '' AND number",
            [number for row in rows.values() for number in range(row[3], row[4])],
        ):
            texts[passage].append(text + gap)
        found = {
            number: Passage(document, Span(start, end), "".join(texts[number]), range(first, last))
            for number, (document, start, end, first, last) in rows.items()
        }
        return [found[number] for number in numbers]


def _select(
    connection: sqlite3.Connection, statement: str, numbers: Sequence[int]
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a statement, which ends before «IN (…)», by rising number."""
    asked = sorted(set(numbers))
    for start in range(0, len(asked), _MOST_VARIABLES):
        part = asked[start : start + _MOST_VARIABLES]
        yield from connection.execute(f"{statement} IN ({','.join('?' * len(part))})", part)


def _source(values: Sequence[Any]) -> Source:
    name, path, title, published, agency, url = values
    day = date.fromisoformat(published) if published else None
    return Source(name, path, title, day, agency, url)


def _placed(source: Source, paths: Iterable[str]) -> Source:
    first, *further = sorted(paths)
    return replace(source, path=first, also=tuple(further))


def _sizes(connection: sqlite3.Connection) -> Sizes:
    facts = read_facts(connection)
    return Sizes(*(int(facts.get(name, "0")) for name in Sizes._fields))


class CollectionWriter:
    """Changes the documents of a database within the transaction of its connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._sizes = _sizes(connection)

    @property
    def sizes(self) -> Sizes:
        """How much there is."""
        return self._sizes

    def known(self, document: Document) -> int | None:
        """Return the number of a document where it is there, described in the same way."""
        found = self.find(digest_of(document.text))
        return found[0] if found and found[1] == description_of(document) else None

    def find(self, digest: bytes) -> tuple[int, bytes] | None:
        """Return the number and the description of the document whose text has this digest."""
        row: tuple[int, bytes] | None = self._connection.execute(
            "SELECT number, description FROM documents WHERE digest = ?", (digest,)
        ).fetchone()
        return row

    def files_of(self, document: int) -> list[str]:
        """Return the files that a document stands in."""
        rows = self._connection.execute("SELECT file FROM places WHERE document = ?", (document,))
        return [file for (file,) in rows]

    def next_numbers(self) -> tuple[int, int, int]:
        """Return the next free numbers of a document, a passage and a sentence.

        None is ever given again, or what is left of a removed unit could be taken for a new one.
        """
        facts = read_facts(self._connection)
        return (
            int(facts.get("next_document", "0")),
            int(facts.get("next_passage", "0")),
            int(facts.get("next_sentence", "0")),
        )

    def add(self, documents: Sequence[Analysed]) -> list[int]:
        """Add documents whose texts are new, numbered on from ``next_numbers``.

        Returns:
            Their numbers.
        """
        number, passage, sentence = self.next_numbers()
        numbers = []
        for document in documents:
            self._add(document, number, passage, sentence)
            numbers.append(number)
            number += 1
            passage += len(document.passages)
            sentence += len(document.sentences)
        self._grow(documents)
        write_facts(
            self._connection,
            {
                "next_document": f"{number}",
                "next_passage": f"{passage}",
                "next_sentence": f"{sentence}",
            },
        )
        return numbers

    def _add(self, document: Analysed, number: int, passage: int, sentence: int) -> None:
        source = document.source
        published = source.published.isoformat() if source.published else None
        self._connection.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                self._free_id(document),
                document.digest,
                document.description,
                source.title,
                published,
                source.agency,
                source.url,
                document.frame,
                passage,
                passage + len(document.passages),
                sentence,
                sentence + len(document.sentences),
            ),
        )
        self._connection.execute("INSERT INTO texts VALUES (?, ?)", (number, document.text))
        self._connection.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)",
            (
                (passage + n, number, row.start, row.end, sentence + row.first, sentence + row.last)
                for n, row in enumerate(document.passages)
            ),
        )
        self._connection.executemany(
            "INSERT INTO sentences VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    sentence + n,
                    number,
                    passage + row.passage,
                    row.start,
                    row.end,
                    row.text,
                    row.gap,
                    row.words,
                    row.label,
                    row.signs,
                )
                for n, row in enumerate(document.sentences)
            ),
        )

    def _free_id(self, document: Analysed) -> str:
        """Return the document's id, with more of its digest where another text has the same."""
        name = document.source.id
        for length in range(len(name), 2 * len(document.digest) + 1, 4):
            longer = document.digest.hex()[:length]
            taken = self._connection.execute(
                "SELECT 1 FROM documents WHERE id = ?", (longer,)
            ).fetchone()
            if not taken:
                return longer
        raise AssertionError

    def _grow(self, documents: Sequence[Analysed], sign: int = 1) -> None:
        self._change_sizes(
            sign * len(documents),
            sign * sum(len(document.passages) for document in documents),
            sign * sum(len(document.sentences) for document in documents),
        )

    def _change_sizes(self, *by: int) -> None:
        self._sizes = Sizes(*(size + more for size, more in zip(self._sizes, by, strict=True)))
        write_facts(
            self._connection, {name: f"{size}" for name, size in self._sizes._asdict().items()}
        )

    def place(self, document: int, path: str, file: str) -> int | None:
        """Note that a document stands at a path, which is in a file.

        Returns:
            The document that stood there so far, if any.
        """
        before = self._connection.execute(
            "SELECT document FROM places WHERE path = ?", (path,)
        ).fetchone()
        self._connection.execute(
            "INSERT OR REPLACE INTO places VALUES (?, ?, ?)", (path, file, document)
        )
        return before[0] if before else None

    def move_places(self, old: int, new: int) -> None:
        """Note that a document stands where another stood."""
        self._connection.execute("UPDATE places SET document = ? WHERE document = ?", (new, old))

    def skip(self, file: str, path: str, reason: str) -> None:
        """Note that something in a file was left out, and why."""
        self._connection.execute("INSERT INTO skipped VALUES (?, ?, ?)", (file, path, reason))

    def forget(self, file: str) -> dict[str, int]:
        """Drop what is known of a file; its documents stay until they are removed.

        Returns:
            The documents that stood in it, by path.
        """
        rows = self._connection.execute("SELECT path, document FROM places WHERE file = ?", (file,))
        places = dict(rows.fetchall())
        for statement in (
            "DELETE FROM places WHERE file = ?",
            "DELETE FROM skipped WHERE file = ?",
            "DELETE FROM files WHERE path = ?",
        ):
            self._connection.execute(statement, (file,))
        return places

    def note_file(self, path: str, size: int, modified: int) -> None:
        """Note that a file was read to its end, and how it looked before."""
        self._connection.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?)", (path, size, modified)
        )

    def orphans(self, documents: Iterable[int] | None = None) -> list[int]:
        """Return those of some documents, or of all, that no file holds any more."""
        if documents is None:
            rows = self._connection.execute(
                "SELECT number FROM documents"
                " WHERE NOT EXISTS (SELECT 1 FROM places WHERE document = number)"
            )
            return [number for (number,) in rows]
        return [
            document
            for document in dict.fromkeys(documents)
            if self._connection.execute(
                "SELECT 1 FROM documents WHERE number = ?"
                " AND NOT EXISTS (SELECT 1 FROM places WHERE document = number)",
                (document,),
            ).fetchone()
        ]

    def remove(self, documents: Sequence[int]) -> tuple[list[int], list[int]]:
        """Remove documents.

        Returns:
            The numbers of their passages, and of their sentences.
        """
        passages: list[int] = []
        sentences: list[int] = []
        for document in documents:
            first_passage, last_passage, first_sentence, last_sentence = self._connection.execute(
                "SELECT first_passage, last_passage, first_sentence, last_sentence"
                " FROM documents WHERE number = ?",
                (document,),
            ).fetchone()
            passages.extend(range(first_passage, last_passage))
            sentences.extend(range(first_sentence, last_sentence))
            for statement, bounds in (
                ("DELETE FROM documents WHERE number = ?", (document,)),
                ("DELETE FROM texts WHERE document = ?", (document,)),
                (
                    "DELETE FROM passages WHERE number >= ? AND number < ?",
                    (first_passage, last_passage),
                ),
                (
                    "DELETE FROM sentences WHERE number >= ? AND number < ?",
                    (first_sentence, last_sentence),
                ),
            ):
                self._connection.execute(statement, bounds)
        self._change_sizes(-len(documents), -len(passages), -len(sentences))
        return passages, sentences


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all of what happens within, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
