"""The index as Python code opens it and asks it: the class that everything else here serves.

What a user of the package needs can be imported from ``index`` itself; ``docs/python-api.md`` shows
how it is used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Self

from index.building import Progress
from index.documents import Fields
from index.engines.pair import AUTO, ENGINES
from index.errors import EngineError, FieldsError
from index.model import Document, Source
from index.opened import OpenIndex
from index.store import open_stored

StrPath = str | os.PathLike[str]

_PARTS = tuple(field.name for field in fields(OpenIndex))


@dataclass(frozen=True, slots=True)
class Index(OpenIndex):
    """An open index: the documents as they stood when it was opened, and what answers from them.

    It never changes; opening again gives one of the documents as they are by then. Several threads
    may ask the same one at once. It is closed by ``close`` or at the end of a ``with`` block.
    """

    @staticmethod
    def open(
        documents: StrPath,
        home: StrPath | None = None,
        *,
        engine: str = AUTO,
        fields: Fields | Mapping[str, str] | str | None = None,
        lexicon: StrPath | None = None,
        morphology: str | None = None,
        notify: Callable[[str], None] = lambda _: None,
        progress: Progress = lambda *_: None,
        as_it_is: bool = False,
    ) -> Index:
        """Open the index of some documents, building it where it is missing or out of date.

        Args:
            documents: A folder of documents or a single one.
            home: The folder that indexes are kept in; the user's cache folder if none is given.
            engine: The BM25 engine: ``auto`` (by size), ``rank_bm25`` or ``tantivy``.
            fields: Which fields of archives hold what, where they have names of their own:
                ``{"title": "headline"}`` or ``"title=headline"``.
            lexicon: A lexicon of one's own, beside the built-in one.
            morphology: A camel-tools database, by name or path, for lemmas and roots beside stems.
            notify: Told in one line of each file that was left out and of an index built anew.
            progress: Told how the building goes: a stage, what is done and what there is in all.
            as_it_is: Whether the index in force will do, where there is one, whatever the documents
                look like now.

        Raises:
            DocumentsError: There is nothing to read at ``documents``.
            EngineError: There is no such engine.
            FieldsError: What is given for the fields is none of them.
            LexiconError: The lexicon cannot be used.
            MorphologyError: The database cannot be used.
            StoreError: The index cannot be written.
            WorkerError: A process that was reading documents was ended.
        """
        if engine not in ENGINES:
            raise EngineError(engine, ENGINES)
        opened = open_stored(
            Path(documents),
            None if home is None else Path(home),
            engine=engine,
            fields=_archive_fields(fields),
            lexicon=None if lexicon is None else Path(lexicon),
            morphology=morphology,
            notify=notify,
            progress=progress,
            as_it_is=as_it_is,
        )
        return Index(**{name: getattr(opened, name) for name in _PARTS})

    def sources(self) -> list[Source]:
        """Return the documents without their texts, by path."""
        with self.reading():
            return [source for source, _ in self.collection.listing()]

    def document(self, name: Source | str) -> Document:
        """Return a document with its text.

        Args:
            name: Its id, or what was shown of it.

        Raises:
            LookupError: There is none of that id.
        """
        document_id = name if isinstance(name, str) else name.id
        with self.reading():
            number = self.collection.find(document_id)
            found = None if number is None else self.collection.document(number)
        if found is None:
            raise LookupError(f"There is no document {document_id}; sources() lists them.")
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _archive_fields(given: Fields | Mapping[str, str] | str | None) -> Fields:
    if isinstance(given, Fields):
        return given
    if given is None or isinstance(given, str):
        return Fields.parse(given or "")
    try:
        return Fields(**given)
    except TypeError as error:
        raise FieldsError(",".join(f"{field}={name}" for field, name in given.items())) from error
