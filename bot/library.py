"""The documents in force: the open index, the examples made from it, and how both are replaced.

An index is brought up to date by a process of its own, so that a long build takes no time from the
answers; the new one is put in the place of the old between two questions, and the old one is closed
when nobody asks it any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from bot import folder
from bot.detached import detached
from bot.files import part_of, safe_name, settle, sweep_parts
from bot.folder import Came, KnownTextError, NotAFolderError, UnreadableError
from bot.in_force import InForce
from bot.metrics import CHANGED, FAILED, UNCHANGED
from bot.opening import Opening
from bot.rebuilding import Rebuilding
from bot.recall import Recaller
from bot.seen import Seen, as_the_index_knows, look
from bot.sending import StoppedError
from index import Answer, DamagedIndexError, Index, JawabError
from index.arabic import words
from index.building import Changes
from index.documents import display_path
from index.model import Document, Hit

_LOGGER = logging.getLogger(__name__)

_THREADS = 2
_GATHERING_SECONDS = 0.5  # that a file waits for others that come with it

T = TypeVar("T")


class BusyError(Exception):
    """The documents are being read already."""


class ElsewhereError(JawabError):
    """Documents do not come and go here."""

    def __init__(self) -> None:
        super().__init__("The documents are changed where the index is built.")


class Library:
    """The index that answers, and its replacement.

    Attributes:
        changes_here: Whether documents come and go here.
        on_refresh: Told how each refresh came out, by one of ``bot.metrics.REFRESHES``, and after
            how many seconds.
    """

    changes_here = True

    def __init__(self, opening: Opening, in_force: InForce, threads: int = _THREADS) -> None:
        """Put an index in force.

        Args:
            opening: How it was opened, and is opened again.
            in_force: The index.
            threads: How many questions are answered at once.
        """
        self._opening = opening
        self._in_force = in_force
        self._changing = asyncio.Lock()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="answering")
        self._rebuilding = Rebuilding()
        self._reloading = False
        self._taking = asyncio.Lock()
        self._gathering: asyncio.Task[None] | None = None
        self._coming: dict[str, str] = {}  # the paths of texts that are being added, by id
        self.on_refresh: Callable[[str, float], None] = lambda *_: None
        self._seen: Seen | None = None  # the documents as they were when they were read last

    @property
    def index(self) -> Index:
        """The index in force; it may be closed as soon as something else is waited for."""
        return self._in_force.index

    @property
    def state(self) -> str:
        """What tells the documents in force from others."""
        return self._in_force.state

    async def check(self) -> None:
        """Do nothing; where the index is elsewhere, this asks whether it is there.

        Raises:
            JawabError: It is away.
        """

    @property
    def recaller(self) -> Recaller:
        """What shows earlier answers again from the index in force; see ``index``."""
        return self._in_force.recaller

    async def read(self, call: Callable[[InForce], T]) -> T:
        """Return what something reads in the index in force."""
        return call(self._in_force)

    def stop(self) -> None:
        """Give up what is being built, and build nothing any more."""
        self._rebuilding.stop()

    def close(self) -> None:
        """End the threads that answer."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._in_force.retire()

    async def ask(self, question: str, top: int) -> Answer:
        """Answer a question off the event loop.

        An index that is found damaged is built anew first.

        Raises:
            QuestionError: The question holds no word.
            JawabError: The index is damaged, and cannot be built anew.
        """
        asked, in_force = tuple(words(question)), self._in_force
        try:
            answer = await self._ask(asked, top)
        except DamagedIndexError as error:
            async with self._changing:
                if self._in_force is in_force:  # and no other question has had it built meanwhile
                    _LOGGER.warning("%s", error)
                    await self._refresh(always=True)
            answer = await self._ask(asked, top)
        return replace(answer, question=question)

    async def _ask(self, asked: tuple[str, ...], top: int) -> Answer:
        loop, in_force = asyncio.get_running_loop(), self._in_force
        in_force.hold()

        # Not when nobody waits for it any more: the thread may still be at it.
        def release(_: Future[Answer]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(in_force.release)

        answering = self._threads.submit(in_force.ask, asked, top)
        answering.add_done_callback(release)
        return await asyncio.wrap_future(answering)

    def examples(self, count: int, near: Sequence[Hit] = ()) -> list[str]:
        """Return questions that the documents answer, those from around ``near`` first."""
        return self._in_force.questions(count, near)

    # Reading the documents again.

    @property
    def is_reloading(self) -> bool:
        """Whether somebody has the documents read anew."""
        return self._reloading

    async def reload(self) -> Index:
        """Read the documents again and put the new index in force, if it is another one.

        Raises:
            BusyError: Somebody has that done already.
            JawabError: They cannot be read; the old index stays in force.
            StoppedError: The bot is being stopped.
        """
        if self._reloading:
            raise BusyError
        self._reloading = True
        try:
            async with self._changing:
                await self._refresh(always=True)
                return self.index
        finally:
            self._reloading = False

    async def refresh(self) -> Changes:
        """Bring the index up to date; where the documents are the same, nothing is replaced.

        Raises:
            JawabError: They cannot be read; the old index stays in force.
            StoppedError: The bot is being stopped.
        """
        async with self._changing:
            return await self._refresh()

    async def _refresh(self, *, always: bool = False) -> Changes:
        """Refresh the index; the documents are not changed meanwhile by anything else here.

        Args:
            always: Whether the new index is put in force even if its documents are the same.
        """
        seen, state, changes = await self._bring_up_to_date(self._opening)
        before = self._in_force
        if state != before.state:
            if changes.since == before.state and not changes and not always:
                before.state = state
            else:
                self._in_force = await asyncio.to_thread(_open, self._opening)
                before.retire()
        self._seen = seen
        return changes

    async def _bring_up_to_date(self, opening: Opening) -> tuple[Seen, str, Changes]:
        """Have an index on disk refreshed; return how its documents look, its state and changes."""
        started = time.monotonic()
        try:
            seen = await detached(look, opening.documents)
            report = json.loads(await self._rebuilding.run(opening))
        except StoppedError:
            raise
        except Exception:
            self.on_refresh(FAILED, time.monotonic() - started)
            raise
        state, changes = str(report.pop("state")), Changes(**report)
        self.on_refresh(CHANGED if changes else UNCHANGED, time.monotonic() - started)
        return seen, state, changes

    async def replace(self, opening: Opening) -> None:
        """Answer from an index that is opened otherwise, as soon as it is there.

        Args:
            opening: How it is opened; no cluster.

        Raises:
            JawabError: It cannot be built or opened; the old index stays in force.
            StoppedError: The bot is being stopped.
        """
        async with self._changing:
            seen, _, _ = await self._bring_up_to_date(opening)
            in_force = await asyncio.to_thread(_open, opening)
            before, self._in_force = self._in_force, in_force
            self._opening, self._seen = opening, seen
            before.retire()

    @property
    def documents(self) -> Path:
        """A folder of documents or a single one."""
        return self._opening.documents

    @property
    def home(self) -> Path:
        """The folder that indexes are kept in."""
        return self._opening.home_folder()

    async def is_as_seen(self) -> bool:
        """Tell whether the documents look as they did when they were read last."""
        async with self._changing:
            now = await detached(look, self._opening.documents)
            if self._seen is None:  # they were read before the bot began
                is_known = False
                with self._held() as index, contextlib.suppress(sqlite3.Error):  # it is damaged
                    is_known = await asyncio.to_thread(as_the_index_knows, now, index)
                self._seen = now if is_known else None
            return now == self._seen

    @contextmanager
    def _held(self) -> Iterator[Index]:
        in_force = self._in_force
        in_force.hold()
        try:
            yield in_force.index
        finally:
            in_force.release()

    # Documents that come and go.

    async def add(self, name: str, content: bytes) -> Came:
        """Add a file to the documents and put the new index in force.

        A file of the same name stays, the new one gets a number behind its name. Files that come
        together are read together.

        Raises:
            AddError: The file cannot be a document here.
            JawabError: The index cannot be built.
            OSError: The file cannot be written.
            StoppedError: The bot is being stopped.
        """
        documents = self._opening.documents
        folder.must_be_own(documents)
        if documents.is_file():
            raise NotAFolderError
        safe = safe_name(name)
        async with self._taking:  # one after the other, or two with the same text would both stay
            found, path = await self._take(safe, content)
        try:
            await self._refresh_together()
            return await self._came(path)
        except BaseException:
            path.unlink(missing_ok=True)  # or every later build would fail on it too
            raise
        finally:
            self._coming.pop(found.id, None)

    async def _take(self, name: str, content: bytes) -> tuple[Document, Path]:
        """Put a file into the folder, if it can be a document there."""
        documents = self._opening.documents
        part = part_of(documents, content)
        try:
            found = await asyncio.to_thread(self._write, part, name, content)
            known = self._known_at(found, part, name)
            if known is not None:
                raise KnownTextError(known)
            path = await asyncio.to_thread(settle, part, documents, name)
        finally:
            part.unlink(missing_ok=True)
        if not folder.holds_many(name):
            self._coming[found.id] = path.name
        return found, path

    def _write(self, part: Path, name: str, content: bytes) -> Document:
        sweep_parts(part.parent)
        part.write_bytes(content)
        return folder.examine(part, name, self._opening.archive_fields())

    def _known_at(self, document: Document, part: Path, name: str) -> str | None:
        """Return where what a file holds stands already, or None."""
        archive = part if folder.holds_many(name) else None
        coming = None if archive else self._coming.get(document.id)
        return coming or folder.known_at(self.index, self._opening.documents, document, archive)

    async def _refresh_together(self) -> None:
        """Wait for a refresh that begins after now, together with whoever else does."""
        if self._gathering is None:
            self._gathering = asyncio.create_task(self._gather())
        await asyncio.shield(self._gathering)

    async def _gather(self) -> None:
        await asyncio.sleep(_GATHERING_SECONDS)
        async with self._changing:
            self._gathering = None  # who comes from now on waits for the next one
            await self._refresh()

    async def _came(self, path: Path) -> Came:
        """Return what a new file has become."""
        file = display_path(self._opening.documents, path)
        came = folder.what_came(self.index, file)
        if came is None:
            raise UnreadableError(folder.why_nothing_came(self.index, file))
        others = [one for one in (came.source.path, *came.source.also) if one != file]
        if others and not folder.holds_many(file):
            # Put there by hand since the last reading.
            await asyncio.to_thread(path.unlink, missing_ok=True)
            await self._refresh_together()
            raise KnownTextError(others[0])
        return came

    async def remove(self, name: str) -> list[Path]:
        """Take a document, by its id, from the documents, and put the new index in force.

        The files that hold it are moved out of the folder and kept.

        Returns:
            Where the files are kept now; none where there is no such document (any more).

        Raises:
            RemoveError: It cannot be removed.
            JawabError: The index cannot be built.
            OSError: The file cannot be moved.
            StoppedError: The bot is being stopped.
        """
        async with self._changing:
            removal = folder.plan_removal(self.index, name)
            if removal is None:
                return []
            folder.must_be_own(self._opening.documents)
            moved = await asyncio.to_thread(
                folder.take_out,
                self._opening.documents,
                removal.files,
                self._opening.removed_folder(),
            )
            try:
                await self._refresh()
            except BaseException:
                folder.put_back(moved)
                raise
        return [one.kept for one in moved]


def _open(opening: Opening) -> InForce:
    return InForce(opening.open(as_it_is=True))
