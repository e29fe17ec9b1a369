"""Updates are on disk before Telegram is told that they came, and until they are dealt with.

Telegram forgets an update once it is confirmed: by the next getUpdates, or by the answer to its
webhook. What is in hand when the bot is ended, whichever way, is dealt with at its next start, and
an update that comes twice is dealt with once.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Any

from telegram import Bot, Update
from telegram.error import InvalidToken, NetworkError
from telegram.ext import BaseUpdateProcessor, ExtBot

from bot.state import State

_LOGGER = logging.getLogger(__name__)

_LARGEST_ID = 2**63 - 1  # that SQLite keeps


class Inbox:
    """What has come from Telegram and is not dealt with."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._accepted: set[int] = set()
        self._kept: set[int] = set()

    async def receive(self, updates: Sequence[Update]) -> None:
        """Put on disk the updates that have not come before."""
        new = [update for update in updates if self._state.is_new(update.update_id)]
        await self._state.receive(
            (update.update_id, _as_json(update)) for update in new if _is_kept(update)
        )
        self._accepted.update(update.update_id for update in new)

    def accepts(self, update: Update) -> bool:
        """Tell, once, whether an update that was received has not come before."""
        accepted = update.update_id in self._accepted
        self._accepted.discard(update.update_id)
        return accepted

    async def recover(self, bot: Bot) -> list[Update]:
        """Return the updates that were in hand when the bot ended last."""
        updates = []
        for body in await self._state.unfinished():
            update = Update.de_json(json.loads(body), bot)
            self._state.is_new(update.update_id)
            updates.append(update)
        return updates

    def keep(self, update: Update) -> None:
        """Leave an update for the next start, since the bot is being stopped."""
        self._kept.add(update.update_id)

    def finish(self, update: Update) -> None:
        """Let go of an update, unless it was left for the next start."""
        if _is_kept(update) and update.update_id not in self._kept:
            self._state.finish(update.update_id)


def _is_kept(update: Update) -> bool:
    """Tell whether an update is worth the disk: what is typed for inline queries is not stored."""
    return update.inline_query is None and update.my_chat_member is None


def _as_json(update: Update) -> str:
    # The library leaves the time of a pinned message that is too old to be seen as it is.
    return json.dumps(update.to_dict(), default=_as_number)


def _as_number(value: object) -> float | str:
    return value.timestamp() if isinstance(value, datetime) else str(value)


def _is_numbered(update: Update) -> bool:
    number: object = update.update_id  # a webhook's is as it came
    return isinstance(number, int) and abs(number) <= _LARGEST_ID


class ReceivingBot(ExtBot[Any]):
    """A bot that puts on disk what it polls."""

    def __init__(self, inbox: Inbox, token: str, **options: Any) -> None:
        """Make a bot; the options are those of ``telegram.ext.ExtBot``."""
        super().__init__(token, **options)
        self._inbox = inbox

    async def get_updates(self, *args: Any, **kwargs: Any) -> tuple[Update, ...]:
        """Return what Telegram has; it is on disk, and not confirmed before the next call.

        Raises:
            NetworkError: Telegram failed, or refused the token. One that it took at the start was
                taken back, or something on the way failed: polling would end, and nobody know.
        """
        try:
            updates = await super().get_updates(*args, **kwargs)
        except InvalidToken as error:
            raise NetworkError(str(error)) from error
        if updates:
            await self._inbox.receive(updates)
        return updates


class UpdateQueue(asyncio.Queue[object]):
    """The updates to deal with; those that have come before are dropped."""

    def __init__(self, inbox: Inbox, *, receives: bool) -> None:
        """Make a queue.

        Args:
            inbox: Tells which updates are new.
            receives: Whether updates come here first, as those of a webhook do; it is
                acknowledged when they are on disk.
        """
        super().__init__()
        self._inbox = inbox
        self._receives = receives
        self._closed = False

    def close(self) -> None:
        """Queue no more updates: what comes yet is left on disk for the next start."""
        self._closed = True

    async def put(self, item: object) -> None:
        """Queue an update.

        Raises:
            ValueError: It has no number, so it is not Telegram's.
        """
        if isinstance(item, Update):
            if self._receives:
                if not _is_numbered(item):
                    raise ValueError(item.update_id)
                await self._inbox.receive((item,))
            if not self._inbox.accepts(item):
                _LOGGER.info("update %s has come before", item.update_id)
                return
            if self._closed:
                return
        await super().put(item)


class Processor(BaseUpdateProcessor):
    """Deals with many updates at once, and lets go of each when it is done."""

    def __init__(self, inbox: Inbox, most: int) -> None:
        super().__init__(most)
        self._inbox = inbox

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Deal with an update."""
        await coroutine
        if isinstance(update, Update):
            self._inbox.finish(update)

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to let go of."""
