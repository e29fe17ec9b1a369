"""What happens when a button under an answer or a list is pressed."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any
from weakref import WeakValueDictionary

from telegram import CallbackQuery, Chat, InlineKeyboardMarkup, Message, MessageEntity, Update
from telegram.error import BadRequest, ChatMigrated, NetworkError
from telegram.ext import ContextTypes

from bot.handlers.questions import EXAMPLES, Asked, Questions
from bot.keyboards import (
    answer_buttons,
    context_buttons,
    other_hits,
    other_pages,
    others_buttons,
    rating_labels,
)
from bot.links import decode_question
from bot.markup import LONGEST_MESSAGE, RIGHT_TO_LEFT_MARK
from bot.mentions import text_of
from bot.replies import OTHERS_A_PAGE, answer_html, context_html, others_html, quoted_html
from bot.sending import Place, Reply
from bot.services import Services
from bot.splitting import clip_html, split_html
from bot.state import Given
from bot.texts import Texts
from index.model import Answer, Hit

_LOGGER = logging.getLogger(__name__)

Context = ContextTypes.DEFAULT_TYPE
Pressed = Callable[[Any, Update, Context], Coroutine[Any, Any, None]]


class ExpiredError(Exception):
    """What a button needs is no longer there."""


def button(handler: Pressed) -> Pressed:
    """Make a method the handler of a button: it answers the query, also when that has expired."""

    @wraps(handler)
    async def handle(self: Any, update: Update, context: Context) -> None:
        query = update.callback_query
        if query is None or query.message is None:
            return
        started, was_there = time.monotonic(), True
        try:
            await handler(self, update, context)
        except ExpiredError:
            was_there = False
            services: Services = self.services
            texts = services.texts(query.from_user)
            await notify(query, texts.expired)
        name, milliseconds = handler.__name__, (time.monotonic() - started) * 1000
        fields = {"button": name, "milliseconds": round(milliseconds, 1), "expired": not was_there}
        # What a question becomes has a line of its own.
        _LOGGER.log(
            logging.DEBUG if name == "ask" else logging.INFO,
            *("update %s: button %s in %.0f ms%s", update.update_id, name, milliseconds),
            "" if was_there else ", expired",
            extra=fields,
        )

    return handle


async def notify(query: CallbackQuery, text: str | None = None) -> None:
    """End the waiting of a button that was pressed; one pressed long ago no longer waits."""
    try:
        await query.answer(text)
    except BadRequest as error:
        if "query is too old" not in str(error).lower():
            raise
    except NetworkError as error:
        # What the button does matters more than that its waiting ends.
        _LOGGER.warning("a press of a button could not be answered: %s", error)


class AnswerButtons:
    """The buttons under answers."""

    def __init__(self, services: Services, questions: Questions) -> None:
        self.services = services
        self._questions = questions
        self._redrawing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._to_redraw: set[str] = set()

    @button
    async def expired(self, _: Update, __: Context) -> None:
        """Say that a button no longer does anything."""
        raise ExpiredError

    @button
    async def ask(self, update: Update, context: Context) -> None:
        """Answer the question that a button carries."""
        query, (payload,) = pressed(update, context)
        question = decode_question(payload)
        if question is None:
            raise ExpiredError
        chat = chat_of(query)
        place = Place.of(query.message) if isinstance(query.message, Message) else Place(chat.id)
        asked = Asked(question, query.from_user, place, 0, 0, chat.type == Chat.PRIVATE)
        await self._questions.answer(asked, quoted=True)
        await notify(query)  # not before, or a failure could not be told

    @button
    async def context(self, update: Update, context: Context) -> None:
        """Show the passage that a sentence stands in."""
        query, (name, number) = pressed(update, context)
        answer, texts = await self._recall(query, name)
        rank = int(number)
        hits = [hit for hit in answer.hits if hit.rank == max(rank, 1)]
        if not hits:
            raise ExpiredError
        page = _page_of(answer, hits[0])
        await self._show(
            query, context_html(hits[0], texts), context_buttons(name, rank, page, texts)
        )

    @button
    async def others(self, update: Update, context: Context) -> None:
        """Show a page of further sentences."""
        query, (name, number) = pressed(update, context)
        answer, texts = await self._recall(query, name)
        page, pages = int(number), other_pages(answer)
        hits = other_hits(answer)[page * OTHERS_A_PAGE :][:OTHERS_A_PAGE]
        if not hits:
            raise ExpiredError
        html = others_html(hits, page, pages, texts)
        await self._show(query, html, others_buttons(name, hits, page, pages, texts))

    @button
    async def answer(self, update: Update, context: Context) -> None:
        """Show the answer again."""
        query, (name,) = pressed(update, context)
        answer, texts = await self._recall(query, name)
        html = answer_html(answer, texts)
        buttons = await self._buttons(query, answer, name, texts)
        if not answer.answered and self._examples(query, answer):
            html += f"\n\n{texts.said(texts.try_one_of)}"
        # Where an answer took several messages, the buttons stand under the last.
        await self._show(query, split_html(html)[-1], buttons)

    @button
    async def rate(self, update: Update, context: Context) -> None:
        """Keep what a user thinks of an answer; pressing the same again takes it back."""
        query, (name, value) = pressed(update, context)
        answer, texts = await self._recall(query, name)
        now = await self.services.state.rate(name, query.from_user.id, int(value))
        await notify(query, texts.thanks if now else texts.taken_back)
        if name in self._to_redraw:
            return  # what waits will show this rating too
        self._to_redraw.add(name)
        lock = self._redrawing.setdefault(name, asyncio.Lock())
        async with lock:  # or what two users press at once may show without the later one
            self._to_redraw.discard(name)
            await self._redraw(query, answer, name, texts)

    async def _redraw(self, query: CallbackQuery, answer: Answer, name: str, texts: Texts) -> None:
        """Show the ratings of an answer as they are now."""
        buttons = await self._buttons(query, answer, name, texts)
        try:
            await self.services.sender.patiently(
                lambda: query.get_bot().edit_message_reply_markup(
                    chat_of(query).id, message_of(query), reply_markup=buttons
                )
            )
        except BadRequest as error:
            # Two presses at once leave the same buttons, and the message may be gone.
            if "not modified" not in str(error) and "not found" not in str(error):
                raise
        except ChatMigrated:
            pass  # the message stayed behind in the group that has become a supergroup

    async def _recall(self, query: CallbackQuery, name: str) -> tuple[Answer, Texts]:
        given: Given | None = await self.services.state.given(name, chat_of(query).id)
        if given is None:
            raise ExpiredError
        content = given.content
        answer = await self.services.library.read(lambda it: it.recaller.answer(content))
        if answer is None:
            raise ExpiredError
        return answer, self.services.texts(query.from_user)

    async def _buttons(
        self, query: CallbackQuery, answer: Answer, name: str, texts: Texts
    ) -> InlineKeyboardMarkup | None:
        private = chat_of(query).type == Chat.PRIVATE
        counts = await self.services.state.ratings(name)
        return answer_buttons(
            answer,
            name,
            texts,
            examples=self._examples(query, answer),
            ratings=rating_labels(counts, private=private),
        )

    def _examples(self, query: CallbackQuery, answer: Answer) -> list[str]:
        if answer.answered or chat_of(query).type != Chat.PRIVATE:
            return []
        return self.services.library.examples(EXAMPLES, answer.hits)

    async def _show(
        self, query: CallbackQuery, html: str, buttons: InlineKeyboardMarkup | None
    ) -> None:
        await show(self.services, query, _quotation(query) + html, buttons)


def _quotation(query: CallbackQuery) -> str:
    """Return the question that a message quotes as HTML, so that it goes on doing so."""
    message = query.message
    if not isinstance(message, Message) or not message.text:
        return ""  # it is too old to be seen
    quoted = (one for one in message.entities if one.type == MessageEntity.BLOCKQUOTE)
    first = next((text_of(message, one) for one in quoted if one.offset == 0), None)
    return f"{quoted_html(first.removeprefix(RIGHT_TO_LEFT_MARK))}\n" if first else ""


async def show(
    services: Services, query: CallbackQuery, html: str, buttons: InlineKeyboardMarkup | None
) -> None:
    """Make the message whose button was pressed say something else.

    Raises:
        ExpiredError: The message is gone.
    """
    reply = Reply(clip_html(html, LONGEST_MESSAGE), buttons)
    if not await services.sender.edit_one(chat_of(query).id, message_of(query), reply):
        raise ExpiredError
    await notify(query)


def pressed(update: Update, context: Context) -> tuple[CallbackQuery, tuple[str, ...]]:
    """Return the query of a button, and what its data carries."""
    query = update.callback_query
    match = context.matches[0] if context.matches else None
    # Without data, the library takes any button for the one that was pressed.
    if query is None or query.message is None or not isinstance(match, re.Match):
        raise ExpiredError
    return query, match.groups()


def chat_of(query: CallbackQuery) -> Chat:
    """Return the chat of a button; known also where its message is too old to be seen."""
    if query.message is None:
        raise ExpiredError
    return query.message.chat


def message_of(query: CallbackQuery) -> int:
    """Return the id of the message that a button stands under."""
    if query.message is None:
        raise ExpiredError
    return query.message.message_id


def _page_of(answer: Answer, hit: Hit) -> int:
    others = other_hits(answer)
    return others.index(hit) // OTHERS_A_PAGE if hit in others else 0
