"""The documents in force: the open index, the examples made from it, and how both are replaced.

An index is built by a process of its own, so that a long build takes no time from the answers; the
new one is put in the place of the old between two questions.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.files import AddError, move_out, safe_name, write_new
from bot.recall import Recaller
from bot.sending import StoppedError
from index import Answer, Index, JawabError, open_index
from index.arabic import words
from index.documents import decode, make_document
from index.examples import Example, choose_examples, make_examples
from index.model import Document, Hit
from index.store import default_home

_THREADS = 2
_MARKED = 5  # sentences in which a short answer is looked for
_REMEMBERED_ANSWERS = 1000  # of some 10 kB each
_REMOVED = "removed"


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
    ask: Callable[[tuple[str, ...], int], Answer]
    recaller: Recaller
    examples: tuple[Example, ...]
    chosen: dict[tuple[Any, ...], list[str]]  # examples by what they are near to


class Library:
    """The index that answers, and its replacement."""

    def __init__(self, source: Source, index: Index) -> None:
        self._source = source
        self._in_force = _in_force(index)
        self._changing = asyncio.Lock()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="answering")
        self._building: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()

    @property
    def index(self) -> Index:
        """The index in force."""
        return self._in_force.index

    @property
    def recaller(self) -> Recaller:
        """What shows earlier answers again from the index in force."""
        return self._in_force.recaller

    def stop(self) -> None:
        """Give up what is being built, and build nothing any more."""
        self._stopping.set()
        if self._building is not None:
            with contextlib.suppress(ProcessLookupError):
                self._building.kill()

    def close(self) -> None:
        """End the threads that answer."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def ask(self, question: str, top: int) -> Answer:
        """Answer a question off the event loop.

        Raises:
            QuestionError: The question holds no word.
        """
        loop = asyncio.get_running_loop()
        asked = tuple(words(question))
        answer = await loop.run_in_executor(self._threads, self._in_force.ask, asked, top)
        return replace(answer, question=question)

    def examples(self, count: int, near: Sequence[Hit] = ()) -> list[str]:
        """Return questions that the documents answer, those from around ``near`` first."""
        in_force = self._in_force
        key = (count, *((hit.document.id, hit.span) for hit in near))
        chosen = in_force.chosen.get(key)
        if chosen is None:
            found = choose_examples(in_force.examples, count, near=near)
            chosen = [example.question for example in found]
            if len(in_force.chosen) >= _REMEMBERED_ANSWERS:
                in_force.chosen.clear()
            in_force.chosen[key] = chosen
        return chosen

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
            StoppedError: The bot is being stopped.
        """
        if self._changing.locked():
            raise BusyError
        async with self._changing:
            return await self._reload()

    async def _reload(self) -> Index:
        await self._build()
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
            StoppedError: The bot is being stopped.
        """
        folder = self._source.documents
        if folder.is_file():
            raise NotAFolderError
        safe = safe_name(name)
        document = await asyncio.to_thread(_read, safe, content)
        async with self._changing:
            known = self.recaller.document(document.id)
            if known is not None and (folder / known.path).is_file():
                raise KnownTextError(known.path)
            path = await asyncio.to_thread(write_new, folder, safe, document.id, content)
            try:
                await self._reload()
                return self._added(document.id, path)
            except BaseException:
                path.unlink(missing_ok=True)  # or every later build would fail on it too
                raise

    def _added(self, name: str, path: Path) -> tuple[Document, int]:
        """Return the document that a new file has become, and how many sentences it has."""
        document = self.recaller.document(name)
        if document is None:
            raise EmptyFileError("it is gone again")
        if not path.samefile(self._source.documents / document.path):
            raise KnownTextError(document.path)  # put there by hand since the last reading
        return document, len(self.recaller.sentences(name))

    async def remove(self, name: str) -> Path | None:
        """Take a document, by its id, from the documents, and put the new index in force.

        Its file is moved out of the folder and kept.

        Returns:
            Where the file is kept now, or None where there is no such document (any more).

        Raises:
            LastDocumentError: It is the last one.
            JawabError: The index cannot be built.
            OSError: The file cannot be moved.
            StoppedError: The bot is being stopped.
        """
        async with self._changing:
            document = self.recaller.document(name)
            if document is None:
                return None
            if len(self.index.collection.documents) == 1:
                raise LastDocumentError
            home = default_home() if self._source.home is None else self._source.home
            path = self._source.documents / document.path
            kept = await asyncio.to_thread(move_out, path, home / _REMOVED)
            try:
                await self._reload()
            except BaseException:
                if kept is not None:
                    shutil.move(kept, path)
                raise
        return kept

    async def _build(self) -> None:
        """Build the index on disk in another process.

        Raises:
            JawabError: It cannot be built, in the words of that process.
            StoppedError: The bot is being stopped.
        """
        if self._stopping.is_set():
            raise StoppedError
        process = self._building = await _start_building(self._source)
        try:
            if self._stopping.is_set():  # while it was being started
                process.kill()
            _, said = await process.communicate()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        finally:
            self._building = None
        if self._stopping.is_set():
            raise StoppedError
        if process.returncode:
            last = said.decode("utf-8", "replace").strip().rpartition("\n")[2]
            ended = f"the process that reads them ended with status {process.returncode}"
            raise BuildError(last.removeprefix("jawab: ") or ended)


def _read(name: str, content: bytes) -> Document:
    text = decode(content)
    if text is None:
        raise EmptyFileError("it is not a text file")
    document = make_document(name, text)
    if not document.title:
        raise EmptyFileError("it holds no text")
    return document


def _in_force(index: Index) -> _InForce:
    recaller, examples = Recaller(index.collection), make_examples(index)
    return _InForce(index, _remembering(index), recaller, examples, {})


def _remembering(index: Index) -> Callable[[tuple[str, ...], int], Answer]:
    """Return the index's ``ask`` over normalised words, with its last answers remembered.

    What is asked of a bot is asked again: examples, links, the news of the day, in any spelling.
    """

    @lru_cache(_REMEMBERED_ANSWERS)
    def ask(asked: tuple[str, ...], top: int) -> Answer:
        return index.ask(" ".join(asked), top, _MARKED)

    return ask


async def _start_building(source: Source) -> asyncio.subprocess.Process:
    arguments = ["index", "--docs", str(source.documents)]
    if source.home is not None:
        arguments += ["--home", str(source.home)]
    environment = dict(os.environ)
    for name, value in (
        ("JAWAB_LEXICON", source.lexicon),
        ("JAWAB_MORPHOLOGY", source.morphology),
    ):
        environment[name] = str(value) if value else ""
    # The modules come from where this process has them, whatever lies in the current folder.
    program = f"import sys; sys.path[:] = {sys.path!r}; from bot.cli import main; main()"
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-c",
        program,
        *arguments,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
        start_new_session=True,  # Ctrl-C is for the bot, which ends it
    )
