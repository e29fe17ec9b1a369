"""Updates polled from Telegram, whatever comes in their place."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from telegram import Update
from telegram.error import InvalidToken, NetworkError, TelegramError
from telegram.ext import ExtBot

from bot.inbox import Inbox
from bot.revocation import Token
from bot.trouble import Trouble

_LOGGER = logging.getLogger(__name__)

_SHORTEST_SECONDS = 0.5  # of a poll that brings nothing new
_LIMIT = 100  # updates; the most that Telegram gives at a time


class ReceivingBot(ExtBot[Any]):
    """A bot that puts on disk what it polls."""

    def __init__(self, inbox: Inbox, refusals: Token, token: str, **options: Any) -> None:
        """Make a bot.

        Args:
            inbox: Takes what is polled.
            refusals: Told where the token is refused.
            token: The token.
            options: Those of ``telegram.ext.ExtBot``.
        """
        super().__init__(token, **options)
        self._inbox = inbox
        self._refusals = refusals
        self._trouble = Trouble(
            _LOGGER,
            "Telegram cannot be reached (%s); trying again",
            "Telegram is reached again after %.0f s",
        )

    async def get_updates(
        self,
        offset: int | None = None,
        limit: int | None = _LIMIT,
        timeout: int | timedelta | None = 0,  # noqa: ASYNC109 - the same
        allowed_updates: Sequence[str] | None = None,
        *_: Any,
        **__: Any,
    ) -> tuple[Update, ...]:
        """Return what Telegram has; it is on disk, and not confirmed before the next call.

        Raises:
            NetworkError: Telegram failed, or refused the token. Where it does so for good, the bot
                is being stopped; else something on the way failed, and polling goes on.
        """
        if self._refusals.is_revoked:
            return ()
        begun = time.monotonic()
        wait = timeout.total_seconds() if isinstance(timeout, timedelta) else float(timeout or 0)
        try:
            raw = await self._post(
                "getUpdates",
                {
                    "offset": offset,
                    "limit": limit,
                    "timeout": round(wait),
                    "allowed_updates": allowed_updates,
                },
                read_timeout=(self._request[0].read_timeout or 0.0) + wait,
            )
        except InvalidToken as error:
            self._trouble.met(error)
            await self._refusals.was_revoked(self)
            raise NetworkError(str(error)) from error
        except TelegramError as error:
            self._trouble.met(error)
            raise
        self._trouble.over()
        updates = tuple(self._read(one) for one in cast("list[dict[str, Any]]", raw))
        new = await self._inbox.receive(updates) if updates else 0
        if wait and not new:
            # A poll waits at Telegram; what answers at once, for ever, is something else.
            await asyncio.sleep(begun + _SHORTEST_SECONDS - time.monotonic())
        return updates

    def _read(self, raw: dict[str, Any]) -> Update:
        """Return an update; one that cannot be read is empty, so that it is confirmed."""
        try:
            update = Update.de_json(raw, self)
            if update.effective_message is not None:
                update.effective_message.chat_id  # noqa: B018 - which fails where there is none
        except Exception as error:  # noqa: BLE001 - the library checks nothing of what it reads
            number = raw["update_id"]
            _LOGGER.warning("update %s cannot be read: %s", number, type(error).__name__)
            return Update(number)
        return update
