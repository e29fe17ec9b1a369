"""The documents folder as the bot and the command line change it: what may come in and go out."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from filecmp import cmp
from pathlib import Path

from bot.default_documents import came_with_jawab
from bot.files import AddError, move_out
from index import Index
from index.database import read_file_documents, read_file_sizes, read_places
from index.documents import Fields, Skipped, is_archive, read_file
from index.model import Document, Source

_NOTHING = "it holds no text"


class NotAFolderError(AddError):
    """The documents are a single file."""


class UnreadableError(AddError):
    """Nothing in the file can be a document; ``str`` says why, in words that follow its name."""


class KnownTextError(AddError):
    """A document with the same text is there already; ``str`` is its path."""


class RemoveError(Exception):
    """A document cannot be removed; the subclass says why."""


class LastDocumentError(RemoveError):
    """No document would be left."""


class InArchiveError(RemoveError):
    """The document stands in a file with others.

    Attributes:
        file: The file.
        place: Its place in there: #3 for the third row, or the name of a member.
        others: How many other documents stand there.
    """

    def __init__(self, file: str, place: str, others: int) -> None:
        super().__init__(file, place, others)
        self.file = file
        self.place = place
        self.others = others


class CameWithJawabError(AddError, RemoveError):
    """The documents are those that were installed with Jawab."""


@dataclass(frozen=True, slots=True)
class Came:
    """What has come in with a file.

    Attributes:
        file: The file, by its path in the documents folder.
        source: Its document, or the first of them.
        documents: How many there are.
        sentences: How many sentences they have.
    """

    file: str
    source: Source
    documents: int
    sentences: int


def must_be_own(documents: Path) -> None:
    """Make sure that documents may be changed.

    Raises:
        CameWithJawabError: They were installed with Jawab.
    """
    if came_with_jawab(documents):
        raise CameWithJawabError


@dataclass(frozen=True, slots=True)
class Removal:
    """What is to be removed.

    Attributes:
        files: The files, by their paths in the documents folder.
        documents: The documents that go with them.
    """

    files: tuple[str, ...]
    documents: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """A file that was moved out of the documents folder: from where, and to where."""

    path: Path
    kept: Path


def examine(path: Path, name: str, fields: Fields, root: Path | None = None) -> Document:
    """Return the document that a file holds, or the first good one of an archive.

    Args:
        path: The file.
        name: The name that it will have.
        fields: The names of the fields of archives.
        root: The real path of the folder that it must not lead out of as a link, if any.

    Raises:
        UnreadableError: There is none.
    """
    reason = _NOTHING
    for number, found in enumerate(read_file(path, name, fields, root)):
        if isinstance(found, Document):
            return found
        if isinstance(found, Skipped) and not number:
            reason = found.reason
    raise UnreadableError(reason)


def known_at(index: Index, documents: Path, document: Document, source: Path | None) -> str | None:
    """Return where a file's text stands among the documents already, or None.

    Args:
        index: The index.
        documents: The documents folder.
        document: The document of the file.
        source: The file where that is an archive, which is known where the same bytes are there.
    """
    number = index.collection.find(document.id)
    if number is None:
        return None
    for path, file in read_places(index.connection, number):
        there = documents / file
        if not there.is_file():
            continue
        if source is None:
            return path
        if holds_many(file) and cmp(source, there, shallow=False):
            return file
    return None


def what_came(index: Index, file: str) -> Came | None:
    """Return what an index holds of a file, or None where that is nothing."""
    documents, sentences, first = read_file_sizes(index.connection, file)
    if first is None:
        return None
    [source] = index.collection.sources([first])
    return Came(file, source, documents, sentences)


def why_nothing_came(index: Index, file: str) -> str:
    """Return why an index holds nothing of a file, in words that follow its name."""
    return next((one.reason for one in index.skipped if one.path == file), "it is gone again")


def plan_removal(index: Index, named: str) -> Removal | None:
    """Return what goes with a document, by its id or a path of it, or with a file of several.

    Raises:
        InArchiveError: The document stands in a file with others.
        LastDocumentError: No document would be left.
    """
    collection, connection = index.collection, index.connection
    number = collection.find(named)
    if number is None:
        number = collection.find_path(named)
    if number is None:
        numbers, files = read_file_documents(connection, named), [named]
    else:
        numbers, places = [number], read_places(connection, number)
        for path, file in places:
            others = len(read_file_documents(connection, file)) - 1
            if others:
                raise InArchiveError(file, path.removeprefix(file).lstrip("/"), others)
        files = [file for _, file in places]
    if not numbers:
        return None
    gone = [one for one in numbers if _stands_only_in(index, one, files)]
    if len(gone) == collection.sizes.documents:
        raise LastDocumentError
    return Removal(tuple(dict.fromkeys(files)), tuple(collection.sources(gone)))


def _stands_only_in(index: Index, number: int, files: Sequence[str]) -> bool:
    return all(file in files for _, file in read_places(index.connection, number))


def take_out(documents: Path, files: Sequence[str], folder: Path) -> list[Moved]:
    """Move files out of the documents folder; what is gone already is passed over.

    Args:
        documents: The documents folder.
        files: The files, by their paths in there.
        folder: Where they are kept.
    """
    moved: list[Moved] = []
    try:
        for file in files:
            kept = move_out(documents / file, folder)
            if kept is not None:
                moved.append(Moved(documents / file, kept))
    except BaseException:
        put_back(moved)
        raise
    return moved


def put_back(moved: Sequence[Moved]) -> None:
    """Move files back to where they were taken out."""
    for one in moved:
        one.path.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(one.kept, one.path)


def holds_many(file: str) -> bool:
    """Return whether a file, by its name, can hold many documents."""
    return is_archive(Path(file))
