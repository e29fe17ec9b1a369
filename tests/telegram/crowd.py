"""Very many users of the test server, who ask on as soon as others are answered."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterator
from random import Random
from threading import Event

from tests.telegram.markup import Json
from tests.telegram.server import BotApiServer

FIRST_USER = 5_000_000

_KEPT = 4  # messages of a chat that the server goes on knowing
_PRESSES = 20  # one reply in so many has its first button pressed
_LATE_SECONDS = 2.0  # for a second reply to come that should not


class Crowd(BotApiServer):
    """A server with users who ask; it counts the replies to each question and forgets the rest.

    Each user has one question open at a time, and the next one is asked from the server's own loop
    when a reply has come, so that as many are open all the time.

    Attributes:
        replies: How many replies each question has that was asked, by chat and message.
        answered: How many questions have a reply.
        presses: How many buttons were pressed, and how many of these answered.
    """

    def __init__(self, users: int, at_once: int, questions: Iterator[str], seed: int = 7) -> None:
        """Make a server.

        Args:
            users: How many ask.
            at_once: How many questions are open at a time.
            questions: What they ask, without end.
            seed: Who asks when is drawn from it.
        """
        super().__init__(record=False)
        self.replies: Counter[tuple[int, int]] = Counter()
        self.answered = 0
        self.presses = [0, 0]
        self._at_once = at_once
        self._questions = questions
        self._chance = Random(seed)  # noqa: S311 - nothing to guess
        self._silent = deque(range(FIRST_USER, FIRST_USER + users))
        self._wanted = 0
        self._enough = Event()

    def ask_until(self, answered: int, timeout: float) -> None:
        """Have so many questions in all asked and answered."""
        self._enough.clear()
        with self._lock:
            missing = answered - self._wanted
            self._wanted = answered
            loop = self._loop
        if loop is None:
            raise AssertionError("the server does not run")
        for _ in range(min(self._at_once, missing)):
            loop.call_soon_threadsafe(self._ask)
        done = self._enough.wait(timeout)
        assert done, f"{self.answered} of {answered} questions have a reply after {timeout} s"

    def wait_for_late_replies(self) -> None:
        """Give a reply time to come that should not."""
        Event().wait(_LATE_SECONDS)

    def _ask(self) -> None:
        with self._lock:
            if len(self.replies) >= self._wanted:
                return
            self._silent.rotate(self._chance.randrange(len(self._silent)))
            user = self._silent.popleft()
            sent = self.send_text(next(self._questions), chat_id=user)
            self.replies[user, sent.message_id] = 0

    def _api_send_message(self, params: Json) -> Json:
        message = super()._api_send_message(params)
        chat: int = message["chat"]["id"]
        # A private reply names the message that it replies to; what names none is no answer.
        question = (chat, message.get("reply_to_message", {}).get("message_id", 0))
        if question not in self.replies:
            return message
        self.replies[question] += 1
        if self.replies[question] == 1:
            self.answered += 1
            self._silent.append(chat)
            if self.answered >= self._wanted:
                self._enough.set()
            # Once the bot has its response.
            asyncio.get_running_loop().call_soon(self._go_on, chat, message["message_id"])
        return message

    def _go_on(self, chat: int, reply: int) -> None:
        with self._lock:
            shown = self._shown(chat, reply) if reply in self._messages[chat] else None
            data = shown.buttons[0].get("callback_data") if shown and shown.buttons else None
            if shown and data and not self._chance.randrange(_PRESSES):
                self.presses[0] += 1
                self.press(shown, data, user_id=chat)
            self._forget(chat)
        self._ask()

    def _api_answer_callback_query(self, params: Json) -> bool:
        self.presses[1] += 1
        done: bool = super()._api_answer_callback_query(params)
        self._queries.pop(params["callback_query_id"], None)
        return done

    def _forget(self, chat: int) -> None:
        """Let go of what is long past, or the server itself would grow."""
        messages = self._messages[chat]
        for number in list(messages)[:-_KEPT]:
            del messages[number]
            self._html.pop((chat, number), None)
        self._own[chat] = [number for number in self._own[chat] if number in messages]
        if not self._pending:
            self._pushed.clear()
