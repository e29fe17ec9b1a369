"""Telegram updates to answers."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.replies import answer_html, clip, line, sources_html
from bot.texts import EXAMPLE_ABOUT, EXAMPLES, Texts, texts_for
from index import Index, QuestionError
from index.answering import LONGEST_QUESTION

_LOGGER = logging.getLogger(__name__)

EXAMPLE_PREFIX = "example:"
_EXAMPLE_COUNT = 3
_EXAMPLE_TOPIC_WORDS = 5
_LONGEST_BUTTON = 64
_REMEMBERED_REPLIES = 10_000
_SEND_PAUSES = (0.5, 2.0, 5.0)  # seconds before each further try

Context = ContextTypes.DEFAULT_TYPE
T = TypeVar("T")


class Handlers:
    """The bot's handlers over one index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._examples = {_digest(question): question for question in examples(index)}
        # Which reply belongs to which question, so that an edited question edits its reply.
        self._replies: OrderedDict[tuple[int, int], int] = OrderedDict()
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def register(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        """Add every handler to the application."""
        private = filters.ChatType.PRIVATE
        new_or_edited = filters.UpdateType.MESSAGE | filters.UpdateType.EDITED_MESSAGE
        for command, handler in (
            ("start", self.start),
            ("help", self.help),
            ("sources", self.sources),
        ):
            application.add_handler(
                CommandHandler(command, handler, filters=private & filters.UpdateType.MESSAGE)
            )
        application.add_handler(
            MessageHandler(private & filters.UpdateType.MESSAGE & filters.COMMAND, self.help)
        )
        application.add_handler(
            MessageHandler(private & new_or_edited & filters.TEXT & ~filters.COMMAND, self.question)
        )
        application.add_handler(
            MessageHandler(
                private & filters.UpdateType.MESSAGE & ~filters.StatusUpdate.ALL, self.other
            )
        )
        application.add_handler(CallbackQueryHandler(self.example, pattern=rf"^{EXAMPLE_PREFIX}"))
        application.add_handler(CallbackQueryHandler(self.expired))
        application.add_error_handler(on_error)

    async def start(self, update: Update, _: Context) -> None:
        """Say what the bot does, with example questions as buttons."""
        message, texts = _addressed(update)
        buttons = [
            [InlineKeyboardButton(clip(question, _LONGEST_BUTTON), callback_data=data)]
            for data, question in self._examples.items()
        ]
        html = f"{line(texts.start)}\n\n{line(texts.examples)}"
        markup = InlineKeyboardMarkup(buttons) if buttons else None
        await _patiently(lambda: _send(message, html, markup=markup))

    async def help(self, update: Update, _: Context) -> None:
        """Say how to ask."""
        message, texts = _addressed(update)
        await _patiently(lambda: _send(message, line(texts.help)))

    async def sources(self, update: Update, _: Context) -> None:
        """List the documents."""
        message, texts = _addressed(update)
        html = sources_html(self._index.sentence_counts(), texts)
        await _patiently(lambda: _send(message, html))

    async def question(self, update: Update, _: Context) -> None:
        """Answer a question, by editing the reply where the question was edited."""
        message, texts = _addressed(update)
        async with self._turn(message.chat_id):
            html = await self._answer(message, message.text or "", texts)
            await self._reply(message, html)

    async def example(self, update: Update, _: Context) -> None:
        """Answer the example question whose button was pressed."""
        query = update.callback_query
        question = self._examples.get(query.data or "") if query else None
        message = query.message if query else None
        if query is None or question is None or not isinstance(message, Message):
            await self.expired(update, _)
            return
        texts = texts_for(query.from_user.language_code)
        await query.answer()
        async with self._turn(message.chat_id):
            html = await self._answer(message, question, texts)
            asked = f"{line(f'<blockquote>{question}</blockquote>')}\n{html}"
            await _patiently(lambda: _send(message, asked))

    async def expired(self, update: Update, _: Context) -> None:
        """Say that a button no longer does anything."""
        if query := update.callback_query:
            await query.answer(texts_for(query.from_user.language_code).expired)

    async def other(self, update: Update, _: Context) -> None:
        """Say that only written questions are understood."""
        message, texts = _addressed(update)
        await _patiently(lambda: _send(message, line(texts.text_only)))

    def _turn(self, chat: int) -> asyncio.Lock:
        """Return the lock that keeps the answers of one chat in the order of its questions."""
        lock = self._turns.get(chat)
        if lock is None:
            lock = self._turns[chat] = asyncio.Lock()
        return lock

    async def _answer(self, message: Message, question: str, texts: Texts) -> str:
        """Return the reply to a question, typing meanwhile; the index is asked off the loop."""
        typing = asyncio.create_task(_type(message))
        try:
            answer = await asyncio.to_thread(self._index.ask, question)
        except QuestionError:
            return line(texts.no_words)
        finally:
            await typing
        html = answer_html(answer, texts)
        if len(question) > LONGEST_QUESTION:
            html += f"\n\n{line(texts.shortened.format(count=LONGEST_QUESTION))}"
        return html

    async def _reply(self, message: Message, html: str) -> None:
        key = (message.chat_id, message.message_id)
        reply = self._replies.get(key)
        if reply is not None and await _patiently(lambda: _edit(message, reply, html)):
            return
        sent = await _patiently(lambda: _send(message, html, reply_to=message.message_id))
        self._replies[key] = sent.message_id
        if len(self._replies) > _REMEMBERED_REPLIES:
            self._replies.popitem(last=False)


def examples(index: Index) -> list[str]:
    """Return up to three questions that the documents answer, each checked by asking it."""
    topics = (
        " ".join(document.title.rstrip("…").split()[:_EXAMPLE_TOPIC_WORDS])
        for document, _ in index.sentence_counts()
    )
    candidates = (*EXAMPLES, *(EXAMPLE_ABOUT.format(topic=topic) for topic in topics))
    found: list[str] = []
    for question in candidates:
        if len(found) == _EXAMPLE_COUNT:
            break
        if index.ask(question, 1).answered:
            found.append(question)
    return found


def _digest(question: str) -> str:
    # Callback data is at most 64 bytes, less than many an Arabic question takes.
    return EXAMPLE_PREFIX + hashlib.sha256(question.encode()).hexdigest()[:16]


def _addressed(update: Update) -> tuple[Message, Texts]:
    message = update.effective_message
    if message is None:  # the filters let no other update through
        raise ValueError
    user = update.effective_user
    return message, texts_for(user.language_code if user else None)


async def _type(message: Message) -> None:
    try:
        await message.reply_chat_action(ChatAction.TYPING)
    except TelegramError as error:
        _LOGGER.debug("typing could not be shown: %s", type(error).__name__)


async def _send(
    message: Message,
    html: str,
    *,
    markup: InlineKeyboardMarkup | None = None,
    reply_to: int | None = None,
) -> Message:
    return await message.get_bot().send_message(
        message.chat_id,
        html,
        parse_mode=ParseMode.HTML,
        reply_markup=markup,
        reply_parameters=ReplyParameters(reply_to, allow_sending_without_reply=True)
        if reply_to
        else None,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )


async def _edit(message: Message, reply: int, html: str) -> bool:
    """Edit a reply; return whether it now says ``html`` (false where it is gone)."""
    try:
        await message.get_bot().edit_message_text(
            html,
            message.chat_id,
            reply,
            parse_mode=ParseMode.HTML,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )
    except BadRequest as error:
        return "not modified" in str(error)
    return True


async def _patiently(call: Callable[[], Awaitable[T]]) -> T:
    """Make a call, again after a pause where the network or Telegram failed.

    A call that timed out is not made again: the message may well have been sent.
    """
    for pause in _SEND_PAUSES:
        try:
            return await call()
        except (BadRequest, TimedOut):
            raise
        except NetworkError as error:
            _LOGGER.warning("Telegram failed (%s); trying again in %s s", error, pause)
            await asyncio.sleep(pause)
    return await call()


async def on_error(update: object, context: Context) -> None:
    """Log what went wrong with the update's id, and tell the user that something did."""
    error = context.error
    if not isinstance(update, Update):
        _LOGGER.error("something outside an update failed", exc_info=error)
        return
    _LOGGER.error("update %s failed", update.update_id, exc_info=error)
    message = update.effective_message
    if message is None:
        return
    user = update.effective_user
    html = line(texts_for(user.language_code if user else None).failed)
    try:
        await _send(message, html)
    except TelegramError as again:
        _LOGGER.warning("update %s: the user could not be told: %s", update.update_id, again)
