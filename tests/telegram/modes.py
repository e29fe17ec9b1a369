"""The bot in its two modes, and how a test counts what was answered."""

from __future__ import annotations

import itertools
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from tests.telegram.records import Sent
from tests.telegram.server import BotApiServer

if TYPE_CHECKING:
    from tests.telegram.conftest import RunningBot, StartBot

MODES = ("polling", "webhook")

HOOK = "https://bot.example.org/telegram/hook"
HOOK_PATH = "/telegram/hook"
SECRET = "tests-only_secret"

SUMMIT = "متى القمة المقبلة؟"
SUMMIT_DATE = ["11 نوفمبر 2026"]
PUBLISHED = "ما تاريخ الخبر؟"
PUBLISHED_DATE = ["27/11/2025"]

_numbers = itertools.count(30_000)


def new_user() -> int:
    """A user whom no other test has."""
    return next(_numbers)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def until(condition: Callable[[], bool], timeout: float = 30.0) -> None:
    """Waits for what no request tells of."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"not so within {timeout} s"
        time.sleep(0.02)


def in_mode(mode: str, server: BotApiServer, start: StartBot) -> StartBot:
    """A function that starts a bot in a mode; waiting, it does so for this bot, not for one before.

    Every bot with a webhook that it starts listens on the same port.
    """
    return start_polling(server, start) if mode == "polling" else start_webhook(server, start)


def start_polling(server: BotApiServer, start: StartBot) -> StartBot:
    def started(*, wait: bool = True, **settings: str) -> RunningBot:
        polls = len(server.calls("getUpdates"))
        bot = start(wait=False, **settings)
        if wait:
            server.wait_for("getUpdates", count=polls + 1, timeout=30)
        return bot

    return started


def start_webhook(server: BotApiServer, start: StartBot, port: int = 0) -> StartBot:
    address = f"127.0.0.1:{port or free_port()}"

    def started(*, wait: bool = True, **settings: str) -> RunningBot:
        server.webhook_proxy = f"http://{address}"
        defaults = {
            "JAWAB_WEBHOOK_URL": HOOK,
            "JAWAB_WEBHOOK_LISTEN": address,
            "JAWAB_WEBHOOK_SECRET": SECRET,
        }
        bot = start(wait=False, **(defaults | settings))
        if wait:
            until(lambda: "listening on" in bot.output or bot.process.poll() is not None)
        return bot

    return started


def replies(server: BotApiServer, sent: Iterable[Sent]) -> Counter[Sent]:
    """How many messages of the bot reply to each of what users sent."""
    counted: Counter[Sent] = Counter()
    for one in sent:
        shown = server.messages(one.chat_id)
        counted[one] = sum(reply.reply_to_message_id == one.message_id for reply in shown)
    return counted


def until_answered(server: BotApiServer, sent: Iterable[Sent], timeout: float = 30.0) -> None:
    """Waits until each has a reply at least."""
    asked = list(sent)

    def answered() -> bool:
        return min(replies(server, asked).values()) > 0

    server._wait(answered, lambda: None, timeout, "reply to each question")


class User:
    """Somebody who asks in private."""

    def __init__(self, server: BotApiServer) -> None:
        self.id = new_user()
        self.server = server

    def asks(self, text: str = SUMMIT, **more: Any) -> Sent:
        return self.server.send_text(text, chat_id=self.id, **more)

    def has_one_reply_to(self, *sent: Sent) -> None:
        """Tell that nothing more comes without waiting for nothing, see ``has_only``."""
        until_answered(self.server, sent)
        assert set(replies(self.server, sent).values()) == {1}
        self.has_only(len(sent))

    def until_first_says(self, bold: list[str]) -> None:
        """Waits for an edit of the first answer, which a webhook may take after what came later."""

        def says() -> bool:
            shown = self.server.messages(self.id)
            return bool(shown) and shown[0].bold == bold

        self.server._wait(says, lambda: None, 30.0, f"first answer that says {bold}")

    def has_only(self, messages: int) -> None:
        """Tell that the bot has written so much and no more.

        The answers to a user come in the order of the questions: all the others have come before
        that to a last one.
        """
        last = self.asks(PUBLISHED)
        until_answered(self.server, [last])
        assert replies(self.server, [last])[last] == 1
        assert len(self.server.messages(self.id)) == messages + 1


def ask_all(users: list[User], rounds: int = 2) -> list[Sent]:
    return [user.asks(text) for text in (SUMMIT, PUBLISHED)[:rounds] for user in users]
