"""The documents in force: the open index, the examples made from it, and how both are replaced.

An index is built by a process of its own, so that a long build takes no time from the answers; the
new one is put in the place of the old between two questions.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import sys
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bot.recall import Recaller
from index import Answer, Index, JawabError, open_index
from index.documents import SUFFIXES, decode, make_document
from index.examples import Example, choose_examples, make_examples
from index.model import Document, Hit
from index.store import default_home

_THREADS = 2
_REMOVED = "removed"
_LONGEST_NAME_BYTES = 200
_UNSAFE = re.compile(r"[\\/:*?\"<>|\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the documents are and how they are indexed; the settings of ``open_index``."""

    documents: Path
    home: Path | None = None
    lexicon: Path | None = None
    morphology: str | None = None

    def open(self, notify: Callable[[str], None] = lambda _: None) -> Index:
        """Open the index, building it where that is needed.

        Raises:
            JawabError: It cannot be built.
        """
        return open_index(
            self.documents,
            self.home,
            lexicon=self.lexicon,
            morphology=self.morphology,
            notify=notify,
        )


class AddError(Exception):
    """A file cannot be added; the subclass says why."""


class WrongNameError(AddError):
    """The file's name cannot be the name of a document."""


class NotAFolderError(AddError):
    """The documents are a single file."""


class EmptyFileError(AddError):
    """The file holds no text; ``str`` says what is wrong with it."""


class KnownTextError(AddError):
    """A document with the same text is there already; ``str`` is its path."""


class LastDocumentError(Exception):
    """The last document cannot be removed."""


class BuildError(JawabError):
    """The index could not be built; ``str`` is what the building process said."""


class BusyError(Exception):
    """The documents are being read already."""


@dataclass(frozen=True, slots=True)
class _InForce:
    index: Index
    recaller: Recaller
    examples: tuple[Example, ...]


class Library:
    """The index that answers, and its replacement."""

    def __init__(self, source: Source, index: Index) -> None:
        self._source = source
        self._in_force = _in_force(index)
        self._changing = asyncio.Lock()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="answering")

    @property
    def index(self) -> Index:
        """The index in force."""
        return self._in_force.index

    @property
    def recaller(self) -> Recaller:
        """What shows earlier answers again from the index in force."""
        return self._in_force.recaller

    def close(self) -> None:
        """End the threads that answer."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def ask(self, question: str, top: int) -> Answer:
        """Answer a question off the event loop.

        Raises:
            QuestionError: The question holds no word.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self.index.ask, question, top)

    def examples(self, count: int, near: Sequence[Hit] = ()) -> list[str]:
        """Return questions that the documents answer, those from around ``near`` first."""
        chosen = choose_examples(self._in_force.examples, count, near=near)
        return [example.question for example in chosen]

    # Changes.

    @property
    def is_changing(self) -> bool:
        """Whether the documents are being read anew."""
        return self._changing.locked()

    async def reload(self) -> Index:
        """Read the documents again and put the new index in force.

        Raises:
            BusyError: That is being done already.
            JawabError: They cannot be read; the old index stays in force.
        """
        if self._changing.locked():
            raise BusyError
        async with self._changing:
            return await self._reload()

    async def _reload(self) -> Index:
        await _build(self._source)
        self._in_force = await asyncio.to_thread(lambda: _in_force(self._source.open()))
        return self.index

    async def add(self, name: str, content: bytes) -> tuple[Document, int]:
        """Add a file to the documents and put the new index in force.

        A file of the same name stays, the new one gets a number behind its name.

        Returns:
            The document, and how many sentences it has.

        Raises:
            AddError: The file cannot be a document here.
            JawabError: The index cannot be built.
            OSError: The file cannot be written.
        """
        folder = self._source.documents
        if not folder.is_dir():
            raise NotAFolderError
        safe = safe_name(name)
        document = await asyncio.to_thread(_read, safe, content)
        async with self._changing:
            known = self.recaller.document(document.id)
            if known is not None:
                raise KnownTextError(known.path)
            path = await asyncio.to_thread(_write_new, folder, safe, content)
            try:
                await self._reload()
            except BaseException:
                path.unlink(missing_ok=True)  # or every later build would fail on it too
                raise
        added = self.recaller.document(document.id)
        if added is None:
            raise EmptyFileError("")
        return added, len(self.recaller.sentences(added.id))

    async def remove(self, name: str) -> Path | None:
        """Take a document, by its id, from the documents, and put the new index in force.

        Its file is moved out of the folder and kept.

        Returns:
            Where the file is kept now, or None where there is no such document.

        Raises:
            NotAFolderError: The documents are a single file.
            LastDocumentError: It is the last one.
            JawabError: The index cannot be built.
            OSError: The file cannot be moved.
        """
        folder = self._source.documents
        if not folder.is_dir():
            raise NotAFolderError
        async with self._changing:
            document = self.recaller.document(name)
            if document is None:
                return None
            if len(self.index.collection.documents) == 1:
                raise LastDocumentError
            home = default_home() if self._source.home is None else self._source.home
            path = folder / document.path
            kept = await asyncio.to_thread(_move_out, path, home / _REMOVED)
            try:
                await self._reload()
            except BaseException:
                kept.rename(path)
                raise
        return kept


def safe_name(name: str) -> str:
    """Return a file's name that stays in its folder, as close to the one given as can be.

    Raises:
        WrongNameError: Nothing of it can be used.
    """
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    base = _UNSAFE.sub("", base.encode("utf-8", "ignore").decode()).strip().lstrip(".")
    stem, dot, suffix = base.rpartition(".")
    stem = stem.strip()
    if not dot or not stem or f".{suffix.lower()}" not in SUFFIXES:
        raise WrongNameError(name)
    while len(stem.encode()) > _LONGEST_NAME_BYTES:
        stem = stem[:-1]
    return f"{stem}.{suffix}"


def _read(name: str, content: bytes) -> Document:
    text = decode(content)
    if text is None:
        raise EmptyFileError("it is not a text file")
    document = make_document(name, text)
    if not document.title:
        raise EmptyFileError("it holds no text")
    return document


def _write_new(folder: Path, name: str, content: bytes) -> Path:
    """Write a file under a name that is free; nobody sees half of it."""
    stem, _, suffix = name.rpartition(".")
    path = folder / name
    number = 1
    while not _reserve(path):
        number += 1
        path = folder / f"{stem}-{number}.{suffix}"
    written = folder / f".{secrets.token_hex(8)}.part"  # what begins with a dot is no document
    try:
        written.write_bytes(content)
        written.replace(path)
    except BaseException:
        written.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        raise
    return path


def _reserve(path: Path) -> bool:
    """Make an empty file of this name; return false where there is one already."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _move_out(path: Path, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / path.name
    number = 1
    while kept.exists():
        number += 1
        kept = folder / f"{path.stem}-{number}{path.suffix}"
    try:
        path.rename(kept)
    except OSError:  # another file system
        kept.write_bytes(path.read_bytes())
        path.unlink()
    return kept


def _in_force(index: Index) -> _InForce:
    return _InForce(index, Recaller(index.collection), make_examples(index))


async def _build(source: Source) -> None:
    """Build the index on disk in another process.

    Raises:
        JawabError: It cannot be built, in the words of that process.
    """
    arguments = ["index", "--docs", str(source.documents)]
    if source.home is not None:
        arguments += ["--home", str(source.home)]
    environment = dict(os.environ)
    for name, value in (
        ("JAWAB_LEXICON", source.lexicon),
        ("JAWAB_MORPHOLOGY", source.morphology),
    ):
        environment[name] = str(value) if value else ""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from bot.cli import main; main()",
        *arguments,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        _, said = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        last = said.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise BuildError(last.removeprefix("jawab: "))
