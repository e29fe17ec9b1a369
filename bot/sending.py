"""Messages to Telegram: split where too long, sent with patience, and never twice on purpose."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import aiohttp
from aiolimiter import AsyncLimiter
from telegram import (
    Bot,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import AIORateLimiter

from bot.markup import LONGEST_MESSAGE, utf16_length
from bot.revocation import Token
from bot.splitting import split_html
from bot.trouble import Trouble

_LOGGER = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # seconds between tries
_PATIENCE = 3600.0  # seconds after which a message is given up
_BUSY = 4  # questions in hand from which on typing would only delay the answers
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

T = TypeVar("T")


class StoppedError(Exception):
    """The bot is being stopped before a message could be sent."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes: a chat, and the topic in it."""

    chat: int
    topic: int | None = None

    @classmethod
    def of(cls, message: Message) -> Place:
        """Return where a message stands."""
        # Replies in a group without topics have a thread too, which cannot be sent to.
        return cls(message.chat_id, message.message_thread_id if message.is_topic_message else None)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said: HTML, and the buttons under it."""

    html: str
    buttons: InlineKeyboardMarkup | None = None


class RateLimiter(AIORateLimiter):
    """Keeps to Telegram's limits for messages.

    Typing is none, and must not use them up; and where the bot's menus come too often, the answers
    are not to wait for them. Where Telegram asks to wait in one chat, the others go on.
    """

    def __init__(self, overall_max_rate: float, max_retries: int) -> None:
        """Make a limiter.

        Args:
            overall_max_rate: Messages in a second; 0 is no limit.
            max_retries: How often a request is made again that Telegram asks to wait with.
        """
        super().__init__(overall_max_rate=overall_max_rate)
        self._most_tries = max_retries + 1
        self._waits_until: dict[object, float] = {}

    def change(self, overall_max_rate: float) -> None:
        """Set another limit of messages in a second; 0 is no limit."""
        self._base_limiter = AsyncLimiter(overall_max_rate, 1) if overall_max_rate else None

    async def process_request(  # noqa: PLR0917 - as AIORateLimiter has it
        self,
        callback: Callable[..., Any],
        args: Any,
        kwargs: Any,
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:
        """Let a request wait for its turn."""
        if endpoint == "sendChatAction" or endpoint.startswith("setMy"):
            return await callback(*args, **kwargs)
        # What goes to no chat waits for itself alone.
        chat = data.get("chat_id") or object()

        # AIORateLimiter's own way to wait would have every chat wait.
        async def request(*args: Any, **kwargs: Any) -> Any:
            for left in reversed(range(self._most_tries)):
                await self._wait(chat)
                try:
                    return await callback(*args, **kwargs)
                except RetryAfter as error:
                    if not left:
                        raise
                    self._waits_until[chat] = time.monotonic() + seconds(error.retry_after)
            return None

        return await super().process_request(request, args, kwargs, endpoint, data, rate_limit_args)

    async def _wait(self, chat: object) -> None:
        until = self._waits_until.get(chat)
        if until is None:
            return
        await asyncio.sleep(max(0.0, until - time.monotonic()))
        if self._waits_until.get(chat) == until:
            del self._waits_until[chat]


class Sender:
    """Sends and edits messages of one bot."""

    def __init__(self, bot: Bot, stopping: asyncio.Event, token: Token) -> None:
        """Make a sender.

        Args:
            bot: The bot.
            stopping: Set when the bot is being stopped; nothing is tried again from then on.
            token: Whether Telegram still takes it.
        """
        self._bot = bot
        self._stopping = stopping
        self._token = token
        self._trouble = Trouble(
            _LOGGER, "Telegram failed (%s); trying again", "Telegram works again after %.0f s"
        )
        self._in_hand = 0
        self._under_way = 0
        self._moved: dict[int, int] = {}

    async def send(self, place: Place, reply: Reply, reply_to: int | None = None) -> list[int]:
        """Send a reply, in as many messages as it takes; the buttons stand under the last.

        Returns:
            The ids of the messages.

        Raises:
            TelegramError: Telegram refuses it.
            StoppedError: It could not be sent, and the bot is being stopped.
        """
        sent = []
        parts = _parts(reply.html)
        for number, html in enumerate(parts, start=1):
            buttons = reply.buttons if number == len(parts) else None
            sent.append(await self._send_one(place, html, buttons, reply_to))
            reply_to = None  # the further parts stand right below
        return sent

    async def _send_one(
        self, place: Place, html: str, buttons: InlineKeyboardMarkup | None, reply_to: int | None
    ) -> int:
        def call() -> Awaitable[Message]:
            return self._bot.send_message(
                self._moved.get(place.chat, place.chat),
                html,
                parse_mode=ParseMode.HTML,
                message_thread_id=place.topic,
                reply_markup=buttons,
                reply_parameters=ReplyParameters(reply_to, allow_sending_without_reply=True)
                if reply_to
                else None,
                link_preview_options=_NO_PREVIEW,
            )

        try:
            message = await self.patiently(call)
        except ChatMigrated as error:
            self._moved[place.chat] = error.new_chat_id
            message = await self.patiently(call)
        return message.message_id

    async def edit(
        self, place: Place, messages: Sequence[int], reply: Reply, reply_to: int | None = None
    ) -> list[int]:
        """Make messages that were sent say something else; what is gone is sent anew.

        Returns:
            The ids of the messages that now hold the reply.
        """
        parts = _parts(reply.html)
        for number, (message, html) in enumerate(zip(messages, parts, strict=False), start=1):
            buttons = reply.buttons if number == len(parts) else None
            if not await self.edit_one(place.chat, message, Reply(html, buttons)):
                for other in messages:
                    await self._delete(place.chat, other)
                return await self.send(place, reply, reply_to)
        kept = list(messages[: len(parts)])
        for surplus in messages[len(parts) :]:
            await self._delete(place.chat, surplus)
        for number, html in enumerate(parts[len(kept) :], start=len(kept) + 1):
            buttons = reply.buttons if number == len(parts) else None
            kept.append(await self._send_one(place, html, buttons, None))
        return kept

    async def _delete(self, chat: int, message: int) -> None:
        with contextlib.suppress(BadRequest):  # it is gone already
            await self.patiently(lambda: self._bot.delete_message(chat, message))

    async def edit_one(self, chat: int, message: int, reply: Reply) -> bool:
        """Edit a message; return whether it now says the reply (false where it is gone)."""
        try:
            await self.patiently(
                lambda: self._bot.edit_message_text(
                    reply.html,
                    chat,
                    message,
                    parse_mode=ParseMode.HTML,
                    reply_markup=reply.buttons,
                    link_preview_options=_NO_PREVIEW,
                )
            )
        except BadRequest as error:
            return "not modified" in str(error)
        except ChatMigrated:
            return False  # it stayed behind in the group that has become a supergroup
        return True

    async def send_photo(self, place: Place, picture: bytes, caption: str) -> None:
        """Send a picture with a caption in HTML."""
        await self.patiently(
            lambda: self._bot.send_photo(
                place.chat,
                picture,
                caption=caption,
                parse_mode=ParseMode.HTML,
                message_thread_id=place.topic,
            )
        )

    async def send_document(self, place: Place, content: bytes, name: str, caption: str) -> None:
        """Send a file with a caption in HTML."""
        await self.patiently(
            lambda: self._bot.send_document(
                place.chat,
                content,
                filename=name,
                caption=caption,
                parse_mode=ParseMode.HTML,
                message_thread_id=place.topic,
            )
        )

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        """Count a question as in hand."""
        self._in_hand += 1
        try:
            yield
        finally:
            self._in_hand -= 1

    @asynccontextmanager
    async def typing(self, place: Place) -> AsyncIterator[None]:
        """Show that an answer is being written, and have that over before it is sent.

        Typing is a request like a message: where many questions are in hand, it is left out.
        """
        shown = asyncio.create_task(self._type(place)) if self._in_hand <= _BUSY else None
        try:
            yield
        finally:
            if shown is not None:
                # Typing that came after the answer would stand for five seconds.
                await shown

    async def _type(self, place: Place) -> None:
        try:
            await self._bot.send_chat_action(
                place.chat, ChatAction.TYPING, message_thread_id=place.topic
            )
        except TelegramError as error:
            _LOGGER.debug("typing could not be shown: %s", type(error).__name__)

    async def patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call, again after a pause for as long as the network or Telegram fails.

        A call of which it is unknown whether Telegram got it is not made again: the message may
        well have been sent.

        Raises:
            TelegramError: Telegram refuses it, or fails for an hour.
            StoppedError: The bot is being stopped.
        """
        pause, waited = _FIRST_PAUSE, 0.0
        while True:
            try:
                return await self._call(call)
            except BadRequest:
                raise
            except (NetworkError, RetryAfter, InvalidToken) as error:
                if (isinstance(error, TimedOut) and not _is_unsent(error)) or waited > _PATIENCE:
                    raise
                if isinstance(error, RetryAfter):
                    pause = max(pause, seconds(error.retry_after))
                self._trouble.met(error)
                if isinstance(error, InvalidToken) and await self.token_was_revoked():
                    raise StoppedError from error
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            if self._stopping.is_set():
                raise StoppedError
            waited += pause
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _call(self, call: Callable[[], Awaitable[T]]) -> T:
        self._under_way += 1
        try:
            result = await call()
        finally:
            self._under_way -= 1
        self._trouble.over()
        return result

    @property
    def under_way(self) -> int:
        """How many calls wait for Telegram's answer."""
        return self._under_way

    async def token_was_revoked(self) -> bool:
        """Find out, after Telegram refused the token, whether it does so for good."""
        return await self._token.was_revoked(self._bot)


def _parts(html: str) -> list[str]:
    # What is short with its tags is short without, and need not be read to know that.
    return [html] if utf16_length(html) <= LONGEST_MESSAGE else split_html(html)


def _is_unsent(error: TimedOut) -> bool:
    """Tell whether a request timed out before any of it was sent."""
    return isinstance(error.__cause__, aiohttp.ConnectionTimeoutError)


def seconds(wait: int | timedelta) -> float:
    """Return how long Telegram says to wait."""
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
