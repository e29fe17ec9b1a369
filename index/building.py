"""Changes of the documents written into an index, with the engines that it needs.

A change is one transaction; where nobody reads the index yet it is several, so that a build that
is interrupted goes on where it stopped.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.analysis import Analysed, Batch
from index.collection_writer import CollectionWriter
from index.database import read_facts, write_facts
from index.documents import Skipped
from index.engines.base import EngineWriter
from index.engines.forward import ForwardWriter, Vocabulary
from index.engines.pair import (
    PASSAGES,
    RANK_BM25,
    SENTENCES,
    TANTIVY,
    engine_for,
    fill,
    tantivy_folder,
)
from index.listing import UNREAD, Change
from index.reading import Read, Reader, read_all

if TYPE_CHECKING:
    import numpy.typing as npt

    from index.engines.tantivy import TantivyWriter

_MANY_SENTENCES = 200_000
_COMMIT_SENTENCES = 25_000  # written at once into an index that nobody reads yet

Progress = Callable[[int, int, int], None]
"""Called with the bytes that were read, the bytes to read, and the sentences so far."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What an update changed of the documents, by their paths.

    Attributes:
        came: Paths that are new.
        changed: Paths that now hold another text.
        went: Paths that are gone.
        since: The state of the index before (``Index.state``), empty where there was none.
    """

    came: int
    changed: int
    went: int
    since: str = ""

    def __bool__(self) -> bool:
        return bool(self.came or self.changed or self.went)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an update.

    Attributes:
        changes: What it changed of the documents.
        skipped: What was left out of the files that were read.
    """

    changes: Changes
    skipped: tuple[Skipped, ...]


class Writer:
    """Writes a change of the documents into the index in a folder."""

    def __init__(
        self, folder: Path, connection: sqlite3.Connection, engine: str, *, in_parts: bool
    ) -> None:
        """Prepare to write.

        Args:
            folder: The index's folder.
            connection: Its database.
            engine: The wanted one of ``index.engines.pair.ENGINES``.
            in_parts: Whether nobody reads the index yet, so that what is done may be kept by and
                by; otherwise the change is one transaction.
        """
        self._folder = folder
        self._connection = connection
        self._wanted = engine
        self._in_parts = in_parts
        self._collection = CollectionWriter(connection)
        vocabulary = Vocabulary(connection)
        self._forwards = {
            SENTENCES: ForwardWriter(connection, SENTENCES, vocabulary),
            PASSAGES: ForwardWriter(connection, PASSAGES, vocabulary),
        }
        self._engines: Mapping[str, EngineWriter] = self._forwards
        self._engine = read_facts(connection).get("engine", RANK_BM25)
        if self._engine == TANTIVY:
            self._engines = self._open_tantivy()
        self._before: dict[str, dict[str, int]] = {}  # the documents of each file, by path
        self._after: dict[str, dict[str, int]] = {}
        self._replaced: dict[int, int] = {}  # documents that are described in another way now
        self._displaced: set[int] = set()  # documents whose path another took
        self._uncommitted = 0

    def update(
        self,
        change: Change,
        reader: Reader,
        progress: Progress,
        check: Callable[[], None] = lambda: None,
    ) -> Outcome:
        """Bring the index up to date.

        Args:
            change: What has changed.
            reader: How documents are read.
            progress: Told how it goes.
            check: Called before the last of it is written for good; what it raises undoes that.

        Raises:
            OSError: Something cannot be written.
            sqlite3.Error: The same, in the words of SQLite.
        """
        skipped: list[Skipped] = []
        done = 0
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for name in change.gone:
                self._forget(name)
            with closing(read_all(change.read, reader, self._collection.known)) as batches:
                for read in batches:
                    self._write(read)
                    skipped.extend(one for part in read.parts for one in part.skipped)
                    done += read.size
                    progress(min(done, change.size), change.size, self._collection.sizes.sentences)
                    if self._in_parts and self._uncommitted >= _COMMIT_SENTENCES:
                        self._commit()
                        self._connection.execute("BEGIN IMMEDIATE")
            self._remove_orphans()
            self._choose_engine()
            check()
            self._commit()
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            for engine in self._engines.values():
                with suppress(OSError):  # which comes of the same
                    engine.close()
            raise
        for engine in self._engines.values():
            engine.close()
        return Outcome(self._changes(), tuple(skipped))

    def _changes(self) -> Changes:
        came = changed = went = 0
        for file, before in self._before.items():
            after = self._after[file]
            came += len(after.keys() - before.keys())
            went += len(before.keys() - after.keys())
            changed += sum(before[path] != after[path] for path in before.keys() & after.keys())
        return Changes(came, changed, went)

    def _commit(self) -> None:
        for engine in self._engines.values():
            engine.prepare()
        facts = read_facts(self._connection)
        changes = int(facts.get("changes", "0")) + 1
        write_facts(self._connection, {"engine": self._engine, "changes": f"{changes}"})
        self._connection.execute("COMMIT")
        for engine in self._engines.values():
            engine.finish()
        if self._engine != TANTIVY:
            for name in self._forwards:
                shutil.rmtree(tantivy_folder(self._folder, name), ignore_errors=True)
        self._uncommitted = 0

    def _forget(self, name: str) -> None:
        self._before[name] = self._collection.forget(name)
        self._after[name] = {}

    def _write(self, read: Read) -> None:
        """Write a batch: the documents whose texts are new, and where each document stands."""
        for part in read.parts:
            if part.file.name not in self._before:
                self._forget(part.file.name)
        files = [part.file.name for part in read.parts for _ in range(part.documents)]
        new, numbers = self._add(read.batch, files)
        documents = iter(read.batch.documents)
        for part in read.parts:
            name = part.file.name
            own = list(islice(documents, part.documents))
            places = [(one.source.path, numbers[one.digest]) for one in own] + list(part.known)
            for path, known in places:
                number = self._replaced.get(known, known)
                displaced = self._collection.place(number, path, name)
                if displaced is not None:
                    self._displaced.add(displaced)
                self._after[name][path] = number
            for one in part.skipped:
                self._collection.skip(name, one.path, one.reason)
            if part.is_last:
                modified = UNREAD if part.is_unread else part.file.modified
                self._collection.note_file(name, part.file.size, modified)
            else:  # so that it is read again, or forgotten where it is gone by then
                self._collection.note_file(name, -1, -1)
        self._uncommitted += new

    def _add(self, batch: Batch, files: Sequence[str]) -> tuple[int, dict[bytes, int]]:
        """Add the documents of a batch that are not there, each of a file.

        Returns:
            How many sentences were added, and the number of every document, by digest.
        """
        numbers: dict[bytes, int] = {}
        old: dict[bytes, int] = {}
        new: list[Analysed] = []
        kept: tuple[list[range], list[range]] = ([], [])
        passage = sentence = 0
        for document, file in zip(batch.documents, files, strict=True):
            following = passage + len(document.passages), sentence + len(document.sentences)
            if document.digest not in numbers:
                found = self._collection.find(document.digest)
                numbers[document.digest] = found[0] if found else -1
                if found and self._describes(document, file, *found):
                    old[document.digest] = found[0]
                if not found or document.digest in old:
                    new.append(document)
                    kept[0].append(range(passage, following[0]))
                    kept[1].append(range(sentence, following[1]))
            passage, sentence = following
        self._remove(list(old.values()))
        _, first_passage, first_sentence = self._collection.next_numbers()
        for document, number in zip(new, self._collection.add(new), strict=True):
            numbers[document.digest] = number
            if document.digest in old:
                self._collection.move_places(old[document.digest], number)
                self._replaced[old[document.digest]] = number
        sentences = batch.sentences.part(_positions(kept[1]), first_sentence)
        self._engines[SENTENCES].add(sentences)
        self._engines[PASSAGES].add(batch.passages.part(_positions(kept[0]), first_passage))
        return len(sentences), numbers

    def _describes(self, document: Analysed, file: str, number: int, description: bytes) -> bool:
        """Tell whether what is known of a document is to be what this file says of it.

        Of several files with the same text, the first one says what is known of it.
        """
        others = (other.split("/") for other in self._collection.files_of(number))
        return document.description != description and all(
            file.split("/") < other for other in others
        )

    def _remove_orphans(self) -> None:
        if self._in_parts:
            # What an interrupted build left may be among them.
            orphans = self._collection.orphans()
        else:
            before = (number for places in self._before.values() for number in places.values())
            orphans = self._collection.orphans(chain(before, self._displaced))
        self._remove(orphans)

    def _remove(self, documents: Sequence[int]) -> None:
        if documents:
            passages, sentences = self._collection.remove(documents)
            self._engines[PASSAGES].remove(passages)
            self._engines[SENTENCES].remove(sentences)

    def _choose_engine(self) -> None:
        """Change to the engine that is wanted, or that fits the size."""
        wanted = engine_for(self._wanted, self._engine, self._collection.sizes.sentences)
        if wanted == self._engine:
            return
        if wanted == TANTIVY:
            for name in self._forwards:
                shutil.rmtree(tantivy_folder(self._folder, name), ignore_errors=True)
            # At the end and all at once, or there would be a segment for every commit.
            for forward in self._forwards.values():
                forward.prepare()
            self._engines = opened = self._open_tantivy()
            fill(opened, self._connection)
        else:
            for engine in self._engines.values():
                engine.close()
            self._engines = self._forwards
        self._engine = wanted

    def _open_tantivy(self) -> dict[str, TantivyWriter]:
        from index.engines import tantivy  # noqa: PLC0415 - for those who use it

        _, passage, sentence = self._collection.next_numbers()
        is_large = self._engine != TANTIVY and self._collection.sizes.sentences > _MANY_SENTENCES
        heap = tantivy.LARGE_HEAP_BYTES if is_large else tantivy.SMALL_HEAP_BYTES
        return {
            name: tantivy.TantivyWriter(
                tantivy_folder(self._folder, name),
                self._forwards[name],
                first_free,
                heap_bytes=heap,
            )
            for name, first_free in ((SENTENCES, sentence), (PASSAGES, passage))
        }


def _positions(ranges: Sequence[range]) -> npt.NDArray[np.int64]:
    return np.array([number for one in ranges for number in one], np.int64)
