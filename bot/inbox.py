"""Updates are on disk before Telegram is told that they came, and until they are dealt with.

Telegram forgets an update once it is confirmed: by the next getUpdates, or by the answer to its
webhook. What is in hand when the bot is ended, whichever way, is dealt with at its next start, and
an update that comes twice is dealt with once. One over which the bot ends again and again is set
aside: it stays on disk, and whoever sent it is told that something went wrong.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from telegram import Bot, Update
from telegram.ext import BaseUpdateProcessor

from bot.logs import about_update
from bot.state import MOST_TRIES, State

_LOGGER = logging.getLogger(__name__)

_LARGEST_ID = 2**63 - 1  # that SQLite keeps


class Inbox:
    """What has come from Telegram and is not dealt with."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._accepted: set[int] = set()
        self._kept: set[int] = set()
        self._suspected: set[int] = set()
        self._set_aside: set[int] = set()
        self._turn = asyncio.Lock()

    async def receive(self, updates: Sequence[Update]) -> int:
        """Put on disk the updates that have not come before, and return how many they are."""
        new = [update for update in updates if self._state.is_new(update.update_id)]
        await self._state.receive(
            (update.update_id, _as_json(update)) for update in new if _is_kept(update)
        )
        self._accepted.update(update.update_id for update in new)
        return len(new)

    def accepts(self, update: Update) -> bool:
        """Tell, once, whether an update that was received has not come before."""
        accepted = update.update_id in self._accepted
        self._accepted.discard(update.update_id)
        return accepted

    async def recover(self, bot: Bot) -> list[Update]:
        """Return the updates that were in hand when the bot ended last.

        One that has been tried at too many starts is among them once more, see ``is_set_aside``.
        """
        updates, first_tries = [], []
        for waiting in await self._state.unfinished():
            update = _read(waiting.body, bot)
            if update is None or waiting.tries >= MOST_TRIES:
                _LOGGER.error(
                    "update %s is set aside: %s; it is kept in the state",
                    waiting.id,
                    "it cannot be read"
                    if update is None
                    else f"the bot ended over it {waiting.tries} times",
                )
                self._set_aside.add(waiting.id)
                await self._state.set_aside(waiting.id)
            elif waiting.tries:
                self._suspected.add(waiting.id)
            else:
                first_tries.append(waiting.id)
            self._state.is_new(waiting.id)
            if update is not None:
                updates.append(update)
        await self._state.tried(first_tries)
        return updates

    def is_set_aside(self, update: Update) -> bool:
        """Tell whether an update is not to be dealt with, since the bot ended over it."""
        return update.update_id in self._set_aside

    @asynccontextmanager
    async def tried(self, update: Update) -> AsyncIterator[None]:
        """Deal with an update in here.

        Those that may be why the bot ended have their turn one by one, so that only the one that
        ends it again counts as tried again.
        """
        if update.update_id not in self._suspected:
            yield
            return
        async with self._turn:
            await self._state.tried([update.update_id])
            yield

    async def close(self) -> None:
        """Have nothing that is left count as tried: the bot ends of its own accord."""
        await self._state.forgive()

    def keep(self, update: Update) -> None:
        """Leave an update for the next start, since the bot is being stopped."""
        self._kept.add(update.update_id)

    def finish(self, update: Update) -> None:
        """Let go of an update, unless it was left for the next start or set aside."""
        left = update.update_id in self._kept or update.update_id in self._set_aside
        if _is_kept(update) and not left:
            self._state.finish(update.update_id)


def _is_kept(update: Update) -> bool:
    """Tell whether an update is worth the disk: what is typed for inline queries is not stored."""
    return update.inline_query is None and update.my_chat_member is None


def _read(body: str, bot: Bot) -> Update | None:
    """Return the update that was kept, or None where this version cannot read it."""
    try:
        return Update.de_json(json.loads(body), bot)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not to end every start
        _LOGGER.debug("an update that was kept cannot be read: %r", error)
        return None


def _as_json(update: Update) -> str:
    # The library leaves the time of a pinned message that is too old to be seen as it is.
    return json.dumps(update.to_dict(), default=_as_number)


def _as_number(value: object) -> float | str:
    return value.timestamp() if isinstance(value, datetime) else str(value)


def _is_numbered(update: Update) -> bool:
    number: object = update.update_id  # a webhook's is as it came
    return isinstance(number, int) and abs(number) <= _LARGEST_ID


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
        self.taken = 0  # updates that have been put in, ever
        self._inbox = inbox
        self._receives = receives
        self._closed = False

    def _put(self, item: object) -> None:
        self.taken += isinstance(item, Update)
        super()._put(item)

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
        self.begun = 0  # updates, ever
        self._inbox = inbox

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Deal with an update."""
        if not isinstance(update, Update):
            await coroutine
            return
        self.begun += 1
        try:
            with about_update(update.update_id):
                async with self._inbox.tried(update):
                    await coroutine
        finally:
            if isinstance(coroutine, Coroutine):
                coroutine.close()  # where it had not begun
        self._inbox.finish(update)

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to let go of."""
