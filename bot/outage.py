"""The absence of the search cluster: told once in the log, and borne by one question at a time.

Unlike ``bot.trouble``, this decides who may still ask; and each absence is told, however soon after
the last, since users are told of it too.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from index import ClusterError

_LOGGER = logging.getLogger(__name__)

_PATIENCE_SECONDS = 1.0  # that a question waits for another one that tries whether it is back


class Outage:
    """Knows whether the cluster is away; what is asked of it is asked through ``watched``."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._said = ""
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Ask the cluster in here. While it is away, one at a time tries, and others fail soon.

        Raises:
            ClusterError: It is still away; or what was asked in here failed.
        """
        tries = self._since is not None and await self._has_turn()
        try:
            yield
        except ClusterError as error:
            self._failed(str(error))
            raise
        else:
            self._succeeded()
        finally:
            if tries:
                self._turn.release()

    async def _has_turn(self) -> bool:
        """Wait for the turn; return false where the cluster is back, so that none is needed."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._turn.acquire()
        except TimeoutError:
            raise ClusterError(self._said) from None
        if self._since is not None:
            return True
        self._turn.release()
        return False

    def _failed(self, said: str) -> None:
        if self._since is None:
            self._since = time.monotonic()
        if said != self._said:
            _LOGGER.warning("questions cannot be answered: %s", said)
        self._said = said

    def _succeeded(self) -> None:
        if self._since is not None:
            _LOGGER.info("the search cluster is back after %.0f s", time.monotonic() - self._since)
        self._since, self._said = None, ""
