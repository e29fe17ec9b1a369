"""The collection of a database; see ``index.collection``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from index.analysis import unpack_frame, unpack_text
from index.collection import Sizes
from index.database import FILE_NAME, read_sizes
from index.errors import DamagedIndexError
from index.model import Document, Passage, Sentence, Source, Span

_MOST_VARIABLES = 500  # of one statement


class StoredCollection:
    """The collection of a database; see ``Collection``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._sizes = read_sizes(connection)

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

    def members(self, passages: Sequence[int]) -> list[range]:
        """Return the numbers of the sentences of passages; see ``Collection``."""
        found = {
            number: range(first, last)
            for number, first, last in _select(
                self._connection,
                "SELECT number, first_sentence, last_sentence FROM passages WHERE number",
                passages,
            )
        }
        return [found[number] for number in passages]

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
