"""Files read and analysed, on all cores where there is enough to do."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from index.analysis import Batch, analyse
from index.apart import kept
from index.documents import Fields, Skipped, is_archive, read_file
from index.listing import Listed
from index.model import Document
from index.morphology import Morphology
from index.workers import serve, workers

_BATCH_BYTES = 1_500_000
_BATCH_FILES = 200
_BYTES_A_CHARACTER = 2  # of Arabic in UTF-8
_PROGRAM = "from index.reading import work; work()"
_UNREADABLE = "it cannot be read ("  # as the readers say it

Known = Callable[[Document], int | None]
"""Returns the number of a document that is there already, or None."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How documents are read and analysed.

    Attributes:
        fields: The names of the fields of archives.
        morphology: The database, by name or path, that gives lemmas and roots, or None.
    """

    fields: Fields
    morphology: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What a batch has of one file.

    Attributes:
        file: The file.
        documents: How many of the batch's documents are its own; they stand in the parts' order.
        skipped: What of it was left out.
        known: Paths of documents whose texts were there already, with their numbers.
        is_last: Whether nothing of the file follows.
    """

    file: Listed
    documents: int
    skipped: tuple[Skipped, ...]
    known: tuple[tuple[str, int], ...] = ()
    is_last: bool = True

    @property
    def is_unread(self) -> bool:
        """Whether the file, or the rest of it, could not be read; another time it may be."""
        return any(
            one.path == self.file.name and one.reason.startswith(_UNREADABLE)
            for one in self.skipped
        )


@dataclass(frozen=True, slots=True)
class Read:
    """Some documents, read and analysed.

    Attributes:
        parts: What they have of which file.
        batch: The documents.
        size: About how many bytes of the files that was.
    """

    parts: tuple[Part, ...]
    batch: Batch
    size: int


def read_all(files: Sequence[Listed], reader: Reader, known: Known) -> Generator[Read, None, None]:
    """Read and analyse files, in order.

    Files of one document are read where they are analysed; an archive is read here, and of it only
    what is new is analysed.
    """
    size = sum(max(file.size, 0) for file in files)
    with kept(), workers(size, _PROGRAM) as (executor, ahead):
        pending: deque[Future[Read]] = deque()
        for job in _jobs(files, reader, known):
            pending.append(executor.submit(*job))
            while len(pending) > ahead:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


_Job = tuple[Any, ...]  # a function that gives a ``Read``, and its arguments


def _jobs(files: Sequence[Listed], reader: Reader, known: Known) -> Iterator[_Job]:
    together: list[Listed] = []
    size = 0
    for file in files:
        archive = is_archive(file.path)
        if together and (archive or size >= _BATCH_BYTES or len(together) >= _BATCH_FILES):
            yield read_files, tuple(together), reader
            together, size = [], 0
        if archive:
            yield from _jobs_of_archive(file, reader, known)
        else:
            together.append(file)
            size += max(file.size, 0)
    if together:
        yield read_files, tuple(together), reader


def _jobs_of_archive(file: Listed, reader: Reader, known: Known) -> Iterator[_Job]:
    documents: list[Document] = []
    skipped: list[Skipped] = []
    there: list[tuple[str, int]] = []
    size = 0

    def job(*, is_last: bool) -> _Job:
        part = Part(file, len(documents), tuple(skipped), tuple(there), is_last=is_last)
        return analyse_part, part, tuple(documents), size, reader

    for one in read_file(file.path, file.name, reader.fields, file.root):
        if isinstance(one, Skipped):
            skipped.append(one)
            continue
        number = known(one)
        if number is None:
            documents.append(one)
        else:
            there.append((one.path, number))
        size += _BYTES_A_CHARACTER * len(one.text)
        if size >= _BATCH_BYTES:
            yield job(is_last=False)
            documents, skipped, there, size = [], [], [], 0
    yield job(is_last=True)


def work() -> None:
    """Do the jobs of ``read_all`` that come in; the program of a worker."""
    with kept():
        serve()


def read_files(files: Sequence[Listed], reader: Reader) -> Read:
    """Read and analyse files; the work of a worker."""
    documents: list[Document] = []
    parts: list[Part] = []
    for file in files:
        found = list(read_file(file.path, file.name, reader.fields, file.root))
        own = [one for one in found if isinstance(one, Document)]
        documents.extend(own)
        skipped = tuple(one for one in found if isinstance(one, Skipped))
        parts.append(Part(file, len(own), skipped))
    batch = analyse(documents, _morphology(reader.morphology))
    return Read(tuple(parts), batch, sum(max(file.size, 0) for file in files))


def analyse_part(part: Part, documents: Sequence[Document], size: int, reader: Reader) -> Read:
    """Analyse documents of an archive; the work of a worker."""
    return Read((part,), analyse(documents, _morphology(reader.morphology)), size)


@lru_cache(1)
def _morphology(name: str | None) -> Morphology | None:
    return Morphology.open(name) if name else None
