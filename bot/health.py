"""Whether the bot is ready to answer, and why not, from its index and its reach to Telegram."""

from __future__ import annotations

import asyncio
import time

from bot.library import Library
from bot.reach import NOT_YET, Reach
from index import JawabError

_PATIENCE_SECONDS = 2.0  # that the search cluster has to say that it is there
_FRESH_SECONDS = 2.0  # for which what it said last will do


class Health:
    """What /readyz goes by.

    Attributes:
        telegram: Whether Telegram is reached.
        library: The documents in force, once they are open.
        is_stopping: Whether the bot is being stopped.
    """

    def __init__(self, telegram: Reach) -> None:
        """Know nothing of the documents yet."""
        self.telegram = telegram
        self.library: Library | None = None
        self.is_stopping = False
        self._is_receiving = False
        self._checking: asyncio.Task[None] | None = None
        self._checked = 0.0

    def begin_to_receive(self) -> None:
        """Note that updates are received from now on, as Telegram was just asked to send them."""
        self._is_receiving = True
        self.telegram.note(None)

    async def troubles(self) -> list[str]:
        """Return why the bot is not ready, a line each; none where it is."""
        if self.is_stopping:
            return ["bot: is being stopped"]
        found = {
            "index": await self._trouble_of_index(),
            "telegram": self.telegram.trouble() if self._is_receiving else NOT_YET,
        }
        return [f"{what}: {trouble}" for what, trouble in found.items() if trouble]

    async def _trouble_of_index(self) -> str | None:
        if self.library is None:
            return "is being opened"
        now = time.monotonic()
        # One look at a time, however many ask: one that hangs is not to take every thread.
        if self._checking is None or (
            self._checking.done() and now - self._checked >= _FRESH_SECONDS
        ):
            self._checked = now
            self._checking = asyncio.create_task(self.library.check())
        done, _ = await asyncio.wait((self._checking,), timeout=_PATIENCE_SECONDS)
        if not done:
            return "does not answer"
        error = None if self._checking.cancelled() else self._checking.exception()
        if error is None:
            return None
        return str(error) if isinstance(error, JawabError) else type(error).__name__

    def close(self) -> None:
        """Look no more."""
        self.is_stopping = True
        if self._checking is not None:
            self._checking.cancel()
