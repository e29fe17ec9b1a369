"""The updates that wait for the bot, and the long polls that fetch them.

Each update stays until the bot confirms it: by a poll from a higher id on, or by its webhook's 2xx
(see ``webhooks``). Ids go up by one; a test that wants Telegram's less orderly sides gives ids
itself or has an update delivered again:

* twice: ``redeliver(sent)``, as when a confirmation is lost;
* out of order: ``send_text(…, update_id=first.update_id - 1)`` after ``first``, or ``push`` with
  an ``update_id``.

Both reach a poll even where the bot has confirmed a higher id, once: while Telegram would not go
back there, a bot that was restarted may. Within a batch, updates stand in the order they were
pushed. Webhook requests are made in that order too, but many at a time, so nothing tells which
the bot takes first.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections import OrderedDict
from dataclasses import dataclass

from tests.telegram.markup import ApiError, Json
from tests.telegram.records import Sent
from tests.telegram.state import TOKEN, State

# Sent only to a bot that asks for them by name.
_OPT_IN_UPDATES = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_LARGEST_BATCH, _LONGEST_POLL = 100, 50


@dataclass
class Pending:
    """An update that the bot has not confirmed."""

    update: Json
    insisted: bool  # handed to a poll once, whatever the bot has confirmed
    busy: bool = False  # on its way to the webhook, or waiting to be tried again
    attempts: int = 0


class Poll:
    """A getUpdates: woken by an update, or ended without any."""

    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.error: ApiError | None = None

    def end(self, error: ApiError) -> None:
        self.error = error
        self.woken.set()

    def leave(self) -> None:
        """The bot has closed the connection."""
        self.end(ApiError(0, "the bot went away"))


class Updates(State):
    """Takes updates from the user's side and hands them to the bot."""

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__(token)
        self._loop: asyncio.AbstractEventLoop | None = None
        # By a number of their own, because two may have the same update_id.
        self._pending: OrderedDict[int, Pending] = OrderedDict()
        self._pending_numbers = itertools.count()
        self._in_order = True
        self._last_update_id = 700_000_000
        self._pushed: dict[int, Json] = {}
        self._allowed: list[str] = []
        self._webhook: Json = {"url": "", "has_custom_certificate": False}
        self._waiting_poll: Poll | None = None
        self._stirred = False

    def push(self, update: Json) -> int:
        """Queues an update for the bot as it is, and returns its id; see above for a given id."""
        update = json.loads(json.dumps(update))
        with self._lock:
            insisted = "update_id" in update
            if not insisted:
                update = {"update_id": self._last_update_id + 1, **update}
            update_id: int = update["update_id"]
            self._last_update_id = max(self._last_update_id, update_id)
            kind, content = next((k, v) for k, v in update.items() if k != "update_id")
            self._notice(kind, content, update_id)
            self._pushed[update_id] = update
            if kind in self._allowed or (not self._allowed and kind not in _OPT_IN_UPDATES):
                self._queue(update, insisted=insisted)
        return update_id

    def redeliver(self, what: Sent | int | str) -> None:
        """Delivers an update again with the same id: one sent, an update_id or a query's id."""
        with self._lock:
            if isinstance(what, str):
                update_id = self._queries[what].update_id
            else:
                update_id = what.update_id if isinstance(what, Sent) else what
            self._queue(self._pushed[update_id], insisted=True)

    def pending_updates(self) -> list[Json]:
        """The updates that the bot has not confirmed."""
        with self._lock:
            return [pending.update for pending in self._pending.values()]

    def wait_until_delivered(self, *, timeout: float = 10.0) -> None:
        """Waits until the bot has confirmed every update."""
        self._wait(lambda: not self._pending, lambda: None, timeout, "end of the pending updates")

    def _queue(self, update: Json, *, insisted: bool) -> None:
        number = next(self._pending_numbers)
        self._in_order = not insisted and (self._in_order or not self._pending)
        self._pending[number] = Pending(update, insisted)
        self._queued(number)

    def _queued(self, _number: int) -> None:
        if self._waiting_poll:
            self._stir()

    def _stir(self) -> None:
        """Has the server's loop look at the updates."""
        # Once for all the updates that come before it does.
        if self._loop and not self._stirred:
            self._stirred = True
            self._loop.call_soon_threadsafe(self._stir_in_loop)

    def _stir_in_loop(self) -> None:
        with self._lock:
            self._stirred = False
            if self._waiting_poll:
                self._waiting_poll.woken.set()

    def _end_poll(self, terminated_by: str) -> None:
        if self._waiting_poll:
            self._waiting_poll.end(ApiError(409, f"Conflict: terminated by {terminated_by}"))

    async def _poll(self, params: Json, poll: Poll) -> list[Json]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + min(max(params.get("timeout", 0), 0), _LONGEST_POLL)
        self._end_poll("other getUpdates request; make sure that only one bot instance is running")
        while True:
            if poll.error:
                raise poll.error
            with self._lock:
                batch, left = self._batch(params), deadline - loop.time()
                if batch or left <= 0:
                    return batch
                self._waiting_poll = poll
                poll.woken.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await poll.woken.wait()
            if self._waiting_poll is poll:
                self._waiting_poll = None

    def _batch(self, params: Json) -> list[Json]:
        if self._webhook["url"]:
            how = "can't use getUpdates method while webhook is active"
            raise ApiError(409, f"Conflict: {how}; use deleteWebhook to delete the webhook first")
        self._allowed = params.get("allowed_updates", self._allowed)
        self._confirm(params.get("offset", 0))
        limit = min(max(params.get("limit", _LARGEST_BATCH), 1), _LARGEST_BATCH)
        batch = list(itertools.islice(self._pending.values(), limit))
        for pending in batch:
            pending.insisted = False
        return [pending.update for pending in batch]

    def _confirm(self, offset: int) -> None:
        before = len(self._pending)
        for _ in range(before + offset if offset < 0 else 0):
            self._pending.popitem(last=False)
        if self._in_order:
            while self._pending:
                number, first = next(iter(self._pending.items()))
                if first.update["update_id"] >= offset:
                    break
                del self._pending[number]
        else:
            for number, pending in list(self._pending.items()):
                if pending.update["update_id"] < offset and not pending.insisted:
                    del self._pending[number]
        if len(self._pending) < before:
            self._tell()
