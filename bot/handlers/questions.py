"""Questions: in private, in groups, edited, from a button or a link."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakValueDictionary

from telegram import Chat, Message, Update, User
from telegram.ext import ContextTypes

from bot.bookkeeping import Note
from bot.keyboards import answer_buttons, rating_labels
from bot.mentions import question_after_command, question_to
from bot.metrics import (
    ANSWERED,
    BUTTON,
    GROUP,
    LIMITED,
    NO_WORDS,
    NOT_FOUND,
    NOT_SURE,
    PRIVATE,
)
from bot.recall import pack
from bot.replies import answer_html, group_help_html, quoted_html
from bot.sending import Place, Reply
from bot.services import Services
from bot.state import Given
from bot.texts import Texts
from index import Answer, QuestionError
from index.arabic import words
from index.confidence import NOT_SURE_FROM

LONGEST_QUESTION = 400
"""Characters of a question that are read."""

HITS = 10
"""Sentences that are found for an answer and its buttons."""

EXAMPLES = 3
_REMEMBERED_EDITS = 10_000
_LONGEST_KEY = 400

Context = ContextTypes.DEFAULT_TYPE


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it reached the bot.

    Attributes:
        text: The question.
        user: Who asked.
        place: Where.
        message: The message of the question, or 0 where it was not written but pressed.
        version: When that was edited (seconds since 1970), or 0.
        private: Whether it was asked in private.
        on_behalf: The group or channel that it was asked in the name of; ``user`` is the same
            stand-in for all of these.
    """

    text: str
    user: User
    place: Place
    message: int
    version: int
    private: bool
    on_behalf: int | None = None

    @property
    def asker(self) -> int:
        """Whom the question counts for."""
        return self.user.id if self.on_behalf is None else self.on_behalf

    @property
    def door(self) -> str:
        """Where it came in, one of ``bot.metrics.DOORS``."""
        if not self.message:
            return BUTTON
        return PRIVATE if self.private else GROUP

    @classmethod
    def by(cls, message: Message, user: User, text: str) -> Asked:
        """Return what a message asks."""
        edited = message.edit_date
        return cls(
            # Half a character, which some client may send, can be neither stored nor sent.
            text=text.encode("utf-8", "replace").decode(),
            user=user,
            place=Place.of(message),
            message=message.message_id,
            version=int(edited.timestamp()) if edited else 0,
            private=message.chat.type == Chat.PRIVATE,
            on_behalf=message.sender_chat.id if message.sender_chat else None,
        )


class Questions:
    """Answers questions, those of one user in one chat in the order they were asked."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._turns: WeakValueDictionary[tuple[int, int], asyncio.Lock] = WeakValueDictionary()
        # Telegram may deliver an edit before the message itself, which is then out of date.
        self._edits: OrderedDict[tuple[int, int], int] | None = None

    # What leads to a question.

    async def private(self, update: Update, _: Context) -> None:
        """Answer a message in a private chat."""
        message, user = update.effective_message, update.effective_user
        if message is not None and user is not None:
            await self.answer(Asked.by(message, user, message.text or ""))

    async def group(self, update: Update, context: Context) -> None:
        """Answer a message in a group that speaks to the bot; pass over every other."""
        message, user = update.effective_message, update.effective_user
        if message is None or user is None:
            return
        text = question_to(message, context.bot.id, context.bot.username)
        if text is None:
            return
        if not text:
            examples = self._services.library.examples(EXAMPLES)
            texts = self._services.texts(user)
            reply = Reply(group_help_html(context.bot.username, examples, texts))
            await self._services.sender.send(Place.of(message), reply, message.message_id)
            return
        await self.answer(Asked.by(message, user, text))

    async def command(self, update: Update, context: Context) -> None:
        """Answer ``/ask …``, or the message that a bare ``/ask`` replies to."""
        message, user = update.effective_message, update.effective_user
        if message is None or user is None:
            return
        text = question_after_command(message, context.bot.id, context.bot.username)
        if not text:
            texts = self._services.texts(user)
            reply = Reply(texts.said(texts.ask_what))
            await self._services.sender.send(Place.of(message), reply, message.message_id)
            return
        await self.answer(Asked.by(message, user, text))

    # Answering.

    async def answer(self, asked: Asked, *, quoted: bool = False) -> None:
        """Answer a question, by editing the reply where the question was edited.

        Args:
            asked: The question.
            quoted: Whether the reply quotes it, since no message in the chat shows it.
        """
        turn = self.turn(asked.place.chat, asked.asker)
        books, engine = self._services.bookkeeping, self._services.library.index.engine
        question = asked.text[:LONGEST_QUESTION]
        with self._services.sender.in_hand(), books.noted(asked.door, question, engine) as note:
            async with turn:
                await self._answer_in_turn(asked, note, quoted=quoted)

    async def _answer_in_turn(self, asked: Asked, note: Note, *, quoted: bool) -> None:
        if await self._is_outdated(asked):
            return
        texts = self._services.texts(asked.user)
        wait = await self._services.limit.wait_seconds(asked.asker)
        if wait:
            note.outcome = LIMITED
            note.level = logging.INFO if await self._hold_off(asked, texts, wait) else logging.DEBUG
            return
        answer = await self._find(asked)
        await self._deliver(asked, answer, texts, quoted=quoted)
        note.outcome = NO_WORDS if answer is None else outcome_of(answer)
        self._count(asked, answer, note)

    async def _find(self, asked: Asked) -> Answer | None:
        """Return the answer, or None where the question holds no word."""
        async with self._services.sender.typing(asked.place):
            try:
                return await self._services.library.ask(asked.text[:LONGEST_QUESTION], HITS)
            except QuestionError:
                return None

    async def _deliver(
        self, asked: Asked, answer: Answer | None, texts: Texts, *, quoted: bool
    ) -> None:
        """Send the reply, or edit the one that an earlier version of the question has."""
        sender, state = self._services.sender, self._services.state
        before = await state.answer_to(asked.place.chat, asked.message) if asked.version else None
        if before is not None and before.version > asked.version:
            return
        content = pack(answer) if answer is not None else ""
        # The same answer keeps its id, and with it what users thought of it.
        name, counts = Given.new_id(), dict[int, int]()
        if before is not None and before.content == content:
            name, counts = before.id, await state.ratings(before.id)
        reply = self._reply(asked, answer, name, texts, counts, quoted=quoted)
        to = asked.message or None
        if before is None:
            messages = await sender.send(asked.place, reply, to)
        else:
            messages = await sender.edit(asked.place, before.replies, reply, to)
        state.remember(
            Given(
                id=name,
                chat=asked.place.chat,
                question=asked.message,
                version=asked.version,
                replies=tuple(messages),
                content=content,
            ),
            instead_of=before,
        )

    def _reply(
        self,
        asked: Asked,
        answer: Answer | None,
        name: str,
        texts: Texts,
        counts: dict[int, int],
        *,
        quoted: bool,
    ) -> Reply:
        if answer is None:
            return Reply(texts.said(texts.no_words))
        html = answer_html(answer, texts)
        examples: Sequence[str] = ()
        if not answer.answered and asked.private:
            examples = self._services.library.examples(EXAMPLES, answer.hits)
            if examples:
                html += f"\n\n{texts.said(texts.try_one_of)}"
        if len(asked.text) > LONGEST_QUESTION:
            characters = texts.characters.counted(LONGEST_QUESTION)
            html += f"\n\n{texts.said(texts.shortened.format(characters=characters))}"
        if quoted:
            html = f"{quoted_html(asked.text)}\n{html}"
        ratings = rating_labels(counts, private=asked.private)
        buttons = answer_buttons(answer, name, texts, examples=examples, ratings=ratings)
        return Reply(html, buttons)

    async def _hold_off(self, asked: Asked, texts: Texts, wait: int) -> bool:
        """Tell a user who asks too much so, once; an answer to each would make it worse.

        Returns:
            Whether it was told now.
        """
        limit = self._services.limit
        is_first = limit.is_told_first(asked.asker)
        if is_first:
            html = texts.too_many.format(
                questions=texts.questions.counted(limit.per_minute),
                seconds=texts.seconds.counted(wait),
            )
            reply = Reply(texts.said(html))
            await self._services.sender.send(asked.place, reply, asked.message or None)
        return is_first

    def _count(self, asked: Asked, answer: Answer | None, note: Note) -> None:
        if answer is None:
            return
        state = self._services.state
        state.count(note.outcome, note.seconds, asked.user.id)
        if not answer.answered and self._services.keeps_questions:
            question = asked.text[:LONGEST_QUESTION]
            state.keep_unanswered(" ".join(words(question))[:_LONGEST_KEY], question)

    def turn(self, chat: int, user: int) -> asyncio.Lock:
        """Return the lock that keeps a user's answers in the order of their questions."""
        lock = self._turns.get((chat, user))
        if lock is None:
            lock = self._turns[chat, user] = asyncio.Lock()
        return lock

    async def _is_outdated(self, asked: Asked) -> bool:
        """Tell whether a later edit of the same message has been seen already."""
        if not asked.message:
            return False
        if self._edits is None:
            before = await self._services.state.edits(_REMEMBERED_EDITS)
            self._edits = self._edits or OrderedDict(before)
        key = (asked.place.chat, asked.message)
        if asked.version < self._edits.get(key, 0):
            return True
        if asked.version:
            self._edits[key] = asked.version
            if len(self._edits) > _REMEMBERED_EDITS:
                self._edits.popitem(last=False)
        return False


def outcome_of(answer: Answer) -> str:
    """Return how a question came out, by the name it is counted under."""
    if answer.answered:
        return ANSWERED
    return NOT_SURE if answer.hits and answer.confidence >= NOT_SURE_FROM else NOT_FOUND
