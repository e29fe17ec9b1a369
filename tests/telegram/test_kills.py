"""No question is lost when the bot is killed, and none for a state that cannot be written."""

from __future__ import annotations

import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.telegram.conftest import StartBot
from tests.telegram.modes import (
    PUBLISHED,
    PUBLISHED_DATE,
    SUMMIT,
    SUMMIT_DATE,
    User,
    ask_all,
    in_mode,
    replies,
    until_answered,
)
from tests.telegram.records import Sent
from tests.telegram.server import BotApiServer

ROUNDS = 5


def in_hand_of(folder: Path) -> int:
    """How many updates a bot that was killed would deal with at its next start."""
    (path,) = (folder / "home").glob("bot-*.sqlite")
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT count(*) FROM received WHERE body IS NOT NULL")
        count: int = found.fetchone()[0]
        return count


class TestKill:
    def test_nothing_is_lost_and_hardly_anything_doubled(
        self, server: BotApiServer, start: StartBot, tmp_path: Path, record_property: Any
    ) -> None:
        moments = random.Random(7)  # noqa: S311 - nothing to guess
        bot = start()
        users = [User(server) for _ in range(12)]
        sent: list[Sent] = []
        in_hand = 0
        for _ in range(ROUNDS):
            asked = ask_all(users)
            sent += asked
            before = len(server.calls("sendMessage"))
            server.wait_for("sendMessage", count=before + moments.randrange(1, 12))
            time.sleep(moments.uniform(0.0, 0.05))
            bot.process.kill()
            bot.process.wait()
            in_hand += in_hand_of(tmp_path)
            bot = start()
            until_answered(server, asked)
        assert bot.stop() == 0
        counted = replies(server, sent)
        doubles = sum(count - 1 for count in counted.values())
        record_property("doubles", doubles)
        record_property("in hand when killed", in_hand)
        assert min(counted.values()) == 1
        assert doubles <= in_hand

    def test_what_was_acknowledged_is_on_disk(self, server: BotApiServer, start: StartBot) -> None:
        bot = start()
        user = User(server)
        server.delay_next("sendMessage", 60, times=1)
        first = user.asks()
        server.wait_for("sendMessage")
        further = [user.asks(PUBLISHED) for _ in range(3)]
        server.wait_until_delivered()
        bot.process.kill()
        bot.process.wait()
        assert server.pending_updates() == []
        start()
        user.has_one_reply_to(first, *further)
        assert [reply.bold for reply in server.messages(user.id)][:4] == [
            SUMMIT_DATE,
            *[PUBLISHED_DATE] * 3,
        ]


class TestFile:
    def test_a_file_that_is_locked_stops_no_answer_and_doubles_none(
        self, server: BotApiServer, start_bot: StartBot, tmp_path: Path
    ) -> None:
        start = in_mode("polling", server, start_bot)
        bot = start()
        user = User(server)
        before = user.asks()
        until_answered(server, [before])
        (path,) = (tmp_path / "home").glob("bot-*.sqlite")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            meanwhile = [user.asks(PUBLISHED), user.asks()]
            until_answered(server, meanwhile)
            other.execute("ROLLBACK")
        assert bot.stop() == 0
        for sent in meanwhile:
            server.redeliver(sent)
        start()
        user.has_one_reply_to(before, *meanwhile)
        assert "Traceback" not in bot.output

    @pytest.mark.parametrize(("keeps", "kept"), [("1", [("مرحبا هههه سسسس",)]), ("0", [])])
    def test_questions_are_kept_where_they_were_not_answered_or_not_at_all(
        self,
        server: BotApiServer,
        start_bot: StartBot,
        tmp_path: Path,
        keeps: str,
        kept: list[tuple[str]],
    ) -> None:
        bot = start_bot(JAWAB_KEEP_QUESTIONS=keeps)
        user = User(server)
        until_answered(server, [user.asks(), user.asks("مرحبا هههه سسسس")])
        assert bot.stop() == 0
        (path,) = (tmp_path / "home").glob("bot-*.sqlite*")
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT question FROM unanswered").fetchall() == kept
        content = path.read_bytes()
        assert SUMMIT.encode() not in content
        assert ("سسسس".encode() in content) == (keeps == "1")
        assert not any(word in bot.output for word in ("القمة", "سسسس", str(user.id)))
