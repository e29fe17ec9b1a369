"""The documents in a search cluster: changed elsewhere, followed, and perhaps away for a while."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bot.folder import Came
from bot.in_force import InForce
from bot.library import ElsewhereError, Library
from bot.opening import Opening
from bot.outage import Outage
from index import Answer, ClusterError, Index
from index.cluster.connection import ClusterChangedError
from index.cluster.reading import ClusterIndex

_LOGGER = logging.getLogger(__name__)

_THREADS = 16  # that mostly wait for the cluster
_RENEWAL_SECONDS = 60.0  # at least, from one making of examples to the next

T = TypeVar("T")


class ClusterLibrary(Library):
    """A library whose index is in a cluster. What changes there comes into force by itself."""

    changes_here = False

    def __init__(self, opening: Opening, index: ClusterIndex) -> None:
        """Make examples of an open index, which takes a moment, and put it in force."""
        super().__init__(opening, InForce(index, changes=True), threads=_THREADS)
        self._view = index.view
        self._outage = Outage()
        self._renewing: asyncio.Task[None] | None = None
        self._renewed = time.monotonic()

    def stop(self) -> None:
        """Make no examples any more."""
        super().stop()
        if self._renewing is not None:
            self._renewing.cancel()

    async def ask(self, question: str, top: int) -> Answer:
        """Answer a question off the event loop.

        Raises:
            QuestionError: The question holds no word.
            ClusterError: The cluster is away.
        """
        async with self._outage.watched():
            answer = await super().ask(question, top)
        self._renew_if_changed()
        return answer

    async def read(self, call: Callable[[InForce], T]) -> T:
        """Return what something reads in the cluster, off the event loop.

        Raises:
            ClusterError: The cluster is away.
        """
        async with self._outage.watched():
            return await asyncio.wrap_future(self._threads.submit(self._read, call))

    @property
    def state(self) -> str:
        """What tells the documents as they are seen now from others."""
        return self.index.state

    async def check(self) -> None:
        """Ask the cluster whether it is there.

        Raises:
            ClusterError: It is away.
        """
        await self.reload()

    def _read(self, call: Callable[[InForce], T]) -> T:
        try:
            return call(self._in_force)
        except KeyError:  # what was found is gone by now
            self._view.refresh()
        try:
            return call(self._in_force)
        except KeyError as error:
            raise ClusterChangedError from error

    async def reload(self) -> Index:
        """Look whether anything has changed, which every question does too.

        Raises:
            ClusterError: The cluster is away.
        """
        await self.read(lambda _: self._view.refresh())
        self._renew_if_changed()
        return self.index

    def _renew_if_changed(self) -> None:
        """Make new examples in the background, where they are of documents as they were before."""
        in_force = self._in_force
        if self._renewing is not None or in_force.state == in_force.index.state:
            return
        if in_force.state and time.monotonic() - self._renewed < _RENEWAL_SECONDS:
            return
        self._renewed = time.monotonic()
        self._renewing = asyncio.create_task(self._renew())

    async def _renew(self) -> None:
        try:
            await asyncio.wrap_future(self._threads.submit(self._in_force.renew))
        except (ClusterError, KeyError) as error:
            _LOGGER.debug("no new examples: %r", error)
        finally:
            self._renewing = None

    async def add(self, name: str, content: bytes) -> Came:
        """Raise an error: documents come in where the index is built."""
        del name, content
        raise ElsewhereError

    async def remove(self, name: str) -> list[Path]:
        """Raise an error: documents go where the index is built."""
        del name
        raise ElsewhereError


def library_of(opening: Opening, index: Index) -> Library:
    """Return the library over an open index, on this machine or in a cluster."""
    if isinstance(index, ClusterIndex):
        return ClusterLibrary(opening, index)
    return Library(opening, InForce(index))
