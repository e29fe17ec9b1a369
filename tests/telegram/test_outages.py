"""What the bot does while Telegram is away: at its start, at its end, and in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.telegram.conftest import StartBot, bots_of
from tests.telegram.modes import SUMMIT_DATE, User, free_port, in_mode, until
from tests.telegram.server import BotApiServer

ERROR_500: Any = {"status": 500, "description": "Internal Server Error"}


def break_down(server: BotApiServer, method: str, how: str) -> None:
    if how == "fails":
        server.fail_next(method, **ERROR_500, times=1000)
    else:
        server.delay_next(method, 60, times=1000)


class TestTelegramFails:
    def test_a_start_survives_it(self, mode: str, server: BotApiServer, start: StartBot) -> None:
        user = User(server)
        sent = user.asks()
        for method in ("getMe", "setWebhook", "deleteWebhook"):
            server.fail_next(method, **ERROR_500)
        flood: Any = {"status": 429, "description": "Too Many Requests", "retry_after": 1}
        server.drop_next("getMe")
        server.fail_next("setWebhook", **flood)
        server.fail_next("deleteWebhook", **flood)
        server.fail_next("setMyCommands", status=429, description="Flood", retry_after=3600)
        bot = start()
        user.has_one_reply_to(sent)
        called = ("getMe", "deleteWebhook" if mode == "polling" else "setWebhook")
        assert [[call.status for call in server.calls(method)] for method in called] == [
            [500, 0, 200],
            [500, 429, 200],
        ]
        assert bot.stop() == 0
        assert "Traceback" not in bot.output

    @pytest.mark.parametrize(
        ("mode", "method", "how"),
        [
            ("polling", "getMe", "fails"),
            ("polling", "getMe", "hangs"),
            ("polling", "setMyCommands", "hangs"),
            ("polling", "deleteWebhook", "fails"),
            ("polling", "deleteWebhook", "hangs"),
            ("webhook", "setWebhook", "fails"),
            ("webhook", "setWebhook", "hangs"),
        ],
    )
    def test_a_start_can_be_stopped(
        self, server: BotApiServer, start: StartBot, method: str, how: str
    ) -> None:
        break_down(server, method, how)
        bot = start(wait=False)
        server.wait_for(method, timeout=30)
        assert bot.stop() == 0
        assert "Traceback" not in bot.output

    @pytest.mark.parametrize("mode", ["polling"])
    @pytest.mark.parametrize("how", ["fails", "hangs"])
    def test_a_bot_that_cannot_poll_can_be_stopped(
        self, server: BotApiServer, start: StartBot, how: str
    ) -> None:
        bot = start()
        break_down(server, "getUpdates", how)
        user = User(server)
        sent = user.asks()
        server.wait_for("getUpdates", count=2 if how == "hangs" else 4)
        assert bot.stop() == 0
        server.stop_failing()
        start()
        user.has_one_reply_to(sent)


class TestServerIsGone:
    """The whole server is not there: connections are refused."""

    @pytest.fixture
    def port(self) -> int:
        return free_port()

    @pytest.fixture
    def start_anywhere(
        self, mode: str, port: int, tmp_path: Path
    ) -> Iterator[tuple[BotApiServer, StartBot]]:
        server = BotApiServer(port=port)
        server.url = f"http://127.0.0.1:{port}"
        with bots_of(server, tmp_path) as start_bot:
            yield server, in_mode(mode, server, start_bot)

    def test_a_start_waits_for_it(self, start_anywhere: tuple[BotApiServer, StartBot]) -> None:
        server, start = start_anywhere
        bot = start(wait=False)
        until(lambda: bot.output.count("Telegram cannot be reached") >= 2)
        with server:
            user = User(server)
            sent = user.asks()
            user.has_one_reply_to(sent)
            assert bot.stop() == 0
        assert "Traceback" not in bot.output

    @pytest.mark.parametrize("mode", ["polling"])
    def test_it_stops_while_it_waits(self, start_anywhere: tuple[BotApiServer, StartBot]) -> None:
        _, start = start_anywhere
        bot = start(wait=False)
        until(lambda: "Telegram cannot be reached" in bot.output)
        assert bot.stop() == 0
        assert "Traceback" not in bot.output

    def test_it_stops_when_it_has_gone_and_answers_when_both_are_back(
        self, mode: str, port: int, start_anywhere: tuple[BotApiServer, StartBot], tmp_path: Path
    ) -> None:
        server, start = start_anywhere
        with server:
            bot = start()
            user = User(server)
            server.fail_next("sendMessage", **ERROR_500, times=100)
            sent = user.asks()
            server.wait_for("sendMessage")
            server.wait_until_delivered()
        assert bot.stop() == 0
        assert "Traceback" not in bot.output
        with BotApiServer(port=port) as again, bots_of(again, tmp_path) as start_bot:
            # Telegram knows the chat and the question; it has forgotten the update.
            again._chats, again._messages = server._chats, server._messages
            again._ids = server._ids
            in_mode(mode, again, start_bot)()
            reply = again.wait_for_message(user.id, timeout=30)
            assert (reply.bold, reply.reply_to_message_id) == (SUMMIT_DATE, sent.message_id)
