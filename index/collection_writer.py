"""Documents written into a database and taken out of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from index.analysis import Analysed, description_of, digest_of
from index.collection import Sizes
from index.database import read_facts, read_sizes, write_facts
from index.model import Document


class CollectionWriter:
    """Changes the documents of a database within the transaction of its connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._sizes = read_sizes(connection)

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
