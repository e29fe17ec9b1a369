"""Whether Telegram still takes the bot's token, told from a proxy that refuses what it should not.

A token that was taken back at @BotFather is refused for good, and to ask on with it is of no use. A
single refusal may come from anywhere between here and Telegram, so that it is asked again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from telegram import Bot
from telegram.error import InvalidToken, TelegramError

_LOGGER = logging.getLogger(__name__)

_TIMES = 2  # that Telegram must refuse the token, after it did so once
_PAUSE_SECONDS = 1.0


class TokenRevokedError(Exception):
    """Telegram does not take the token any more; ``str`` says what to do."""

    def __init__(self) -> None:
        super().__init__(
            "Telegram no longer takes this bot's token, which was revoked or replaced; copy the "
            "new one from @BotFather into TELEGRAM_BOT_TOKEN and start again. What is in hand is "
            "kept until then."
        )


class Token:
    """The token, as Telegram takes it."""

    def __init__(self, stopping: asyncio.Event) -> None:
        """Make it.

        Args:
            stopping: Set when the bot is being stopped, and here where the token is revoked.
        """
        self._stopping = stopping
        self._checking: asyncio.Task[None] | None = None
        self.is_revoked = False

    async def was_revoked(self, bot: Bot) -> bool:
        """Find out, after a refusal, whether the token is revoked; the bot is stopped then."""
        if self.is_revoked or self._stopping.is_set():
            return self.is_revoked
        if self._checking is None:
            self._checking = asyncio.create_task(self._check(bot))
            self._checking.add_done_callback(self._checked)
        # Whoever is refused meanwhile waits for the same answer.
        await asyncio.wait((self._checking,))
        return self.is_revoked

    def _checked(self, task: asyncio.Task[None]) -> None:
        self._checking = None
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOGGER.error("the token could not be checked: %r", error)

    async def _check(self, bot: Bot) -> None:
        for _ in range(_TIMES):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _PAUSE_SECONDS)
            try:
                await bot.get_me()
            except InvalidToken:
                continue
            except TelegramError:
                return  # of which nothing follows
            _LOGGER.warning("Telegram refused the token once, and takes it again")
            return
        self.is_revoked = True
        self._stopping.set()
