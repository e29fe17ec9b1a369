"""The documents followed: the index is refreshed whenever they change, for years if need be."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bot.lasting import FIRST_PAUSE, LONGEST_PAUSE
from bot.library import Library
from bot.watching import changes
from index import JawabError

_LOGGER = logging.getLogger(__name__)

Reports = asyncio.Queue[bool | Exception]
"""Whether the documents are there, whenever they may have changed; or why no more can be told."""


async def follow(library: Library) -> None:
    """Refresh a library whenever its documents change, until cancelled.

    What fails is tried again, at the next change or after a pause that grows.

    Raises:
        Exception: The documents can be watched no longer.
    """
    refreshing = _Refreshing(library)
    pause: float | None = None
    with _watched(library) as reports:
        while True:
            try:
                async with asyncio.timeout(pause):
                    report = await reports.get()
            except TimeoutError:
                report = True
            if isinstance(report, Exception):
                raise report
            if not report:
                _LOGGER.warning("%s is gone; answering from what there was", library.documents)
                pause = None
            elif await refreshing.refresh():
                pause = None
            else:
                pause = min(2 * pause, LONGEST_PAUSE) if pause else FIRST_PAUSE


@contextmanager
def _watched(library: Library) -> Iterator[Reports]:
    """Watch the documents of a library, in a thread that nobody waits for."""
    loop, stop, reports = asyncio.get_running_loop(), threading.Event(), Reports()
    documents, home = library.documents, library.home

    def report(said: bool | Exception) -> None:  # noqa: FBT001 - what is put into the queue
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(reports.put_nowait, said)

    def watch() -> None:
        try:
            for is_there in changes(documents, home, stop, _LOGGER.warning):
                report(is_there)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where that is seen
            report(error)

    threading.Thread(target=watch, name="watching", daemon=True).start()
    try:
        yield reports
    finally:
        stop.set()


class _Refreshing:
    """Refreshes, and says what came of it; what it has said already, not again."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._failure = ""

    async def refresh(self) -> bool:
        """Refresh the index if the documents look otherwise; return whether that went well."""
        started, before = time.monotonic(), self._library.index
        try:
            if await self._library.is_as_seen():
                return True
            changes = await self._library.refresh()
        except (JawabError, OSError, sqlite3.Error) as error:
            level = logging.DEBUG if str(error) == self._failure else logging.WARNING
            _LOGGER.log(level, "the documents cannot be read again: %s", error)
            self._failure = str(error)
            return False
        self._failure = ""
        if changes:
            _LOGGER.info(
                "the documents changed: %d came, %d changed, %d went (%.1f s)",
                *(changes.came, changes.changed, changes.went, time.monotonic() - started),
            )
        elif self._library.index is not before:
            _LOGGER.info("the documents changed, and were read already")
        return True
