"""A private chat of its own for a test, in which it writes, waits and presses."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from bot.texts import ARABIC
from tests.telegram.markup import Json
from tests.telegram.records import Sent, SentMessage
from tests.telegram.server import BotApiServer

_users = itertools.count(7_310_000_001)

Messages = list[SentMessage]


class Chat:
    """What one user sees; ``language`` is that of their Telegram."""

    def __init__(self, server: BotApiServer, language: str | None = "ar") -> None:
        self.server = server
        self.id = next(_users)
        self._language = language

    def says(self, text: str) -> Sent:
        return self.server.send_text(text, chat_id=self.id, language_code=self._language)

    def sends(self, **fields: Any) -> Sent:
        return self.server.send_message(fields, chat_id=self.id, language_code=self._language)

    def asks(self, text: str, *, parts: int = 1) -> SentMessage:
        """Writes to the bot, and returns what it says to that, the last of its messages."""
        before = len(self.messages())
        self.says(text)
        return self.server.wait_for_message(self.id, count=before + parts)

    def messages(self) -> Messages:
        return self.server.messages(self.id)

    def until(self, fits: Callable[[Messages], bool]) -> Messages:
        """Waits until the bot's messages are as they should be, and returns them."""
        self.server.wait_for(lambda _: fits(self.messages()))
        return self.messages()

    def now(self, message: SentMessage) -> SentMessage:
        """A message as it is now."""
        return next(m for m in self.messages() if m.message_id == message.message_id)

    def presses(self, message: SentMessage, label: str) -> str:
        """Presses a button and returns the notice that it gives; it has done its work then."""
        return self.sends_data(message, data_of(message, label))

    def sends_data(self, message: SentMessage, data: str, *, user_id: int | None = None) -> str:
        """Sends a button's data, whether or not the message has such a button."""
        query = self.server.press(message, data, user_id=user_id, forged=True)
        return self.server.wait_for_callback_answer(query).text

    def presses_old(self, message: SentMessage, data: str) -> str:
        """Presses a button of a message that is too old for Telegram to show it."""
        old = {"chat": message.raw["chat"], "message_id": message.message_id, "date": 0}
        return press_raw(self.server, data, message=old, user_id=self.id)

    def opens(self, message: SentMessage, label: str) -> SentMessage:
        """Presses a button that changes its message, and returns that."""
        self.presses(message, label)
        return self.now(message)

    def rates(self, message: SentMessage, mark: str, expected: str) -> SentMessage:
        """Presses 👍 or 👎 and waits until the button is as expected."""
        data = data_of(message, mark)
        query = self.server.press(message, data, user_id=self.id)
        assert self.server.wait_for_callback_answer(query).text in {
            ARABIC.thanks,
            ARABIC.taken_back,
        }
        self.until(lambda _: expected in labels(self.now(message)))
        return self.now(message)


def press_raw(server: BotApiServer, data: str, *, message: Json, user_id: int) -> str:
    """Presses a button of any message at all, and returns the notice."""
    query = f"9{message['message_id']}{next(_users)}"
    user = {"id": user_id, "is_bot": False, "first_name": "User", "language_code": "ar"}
    server.push(
        {
            "callback_query": {
                "id": query,
                "from": user,
                "message": message,
                "chat_instance": "1",
                "data": data,
            }
        }
    )
    return server.wait_for_callback_answer(query).text


def without_marks(text: str) -> str:
    return "".join(
        letter for letter in text if letter not in "\u200e\u200f\u2060\u2066\u2067\u2068\u2069"
    )


def told(html: str) -> str:
    """A text of the bot as it is read, without its markup."""
    return without_marks(html.replace("<b>", "").replace("</b>", ""))


def labels(message: SentMessage) -> list[str]:
    return [button["text"] for button in message.buttons]


def data_of(message: SentMessage, label: str) -> str:
    """The data of the button of this label, or whose label begins with it."""
    fitting = [button for button in message.buttons if button["text"].startswith(label)]
    assert fitting, f"no button {label!r}, only {labels(message)}"
    return str(fitting[0]["callback_data"])
