"""The bot's memory damaged, full or gone while it answers; and an update that ends the bot."""

from __future__ import annotations

import json
import resource
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.texts import ARABIC
from tests.conftest import Endurance
from tests.telegram.administering import plain, said
from tests.telegram.conftest import RunningBot, StartBot
from tests.telegram.markup import Json
from tests.telegram.methods import TOKEN
from tests.telegram.modes import (
    PUBLISHED,
    SUMMIT,
    User,
    ask_all,
    replies,
    until,
    until_answered,
)
from tests.telegram.server import BotApiServer


@pytest.fixture
def mode() -> str:
    return "polling"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / f"bot-{TOKEN.partition(':')[0]}.sqlite"


def in_hand(path: Path, *updates: tuple[Json, int]) -> None:
    """Has a bot that is not running yet find updates in hand, tried so often before."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO received (id, at, body, tries) VALUES (?, ?, ?, ?)",
            [
                (update["update_id"], int(time.time()), json.dumps(update), tries)
                for update, tries in updates
            ],
        )


def written(user: User, number: int, text: str) -> Json:
    """An update with a message that Telegram has delivered already."""
    about = {"id": user.id, "first_name": "Somebody"}
    message = {
        "message_id": number,
        "date": int(time.time()),
        "chat": {**about, "type": "private"},
        "from": {**about, "is_bot": False, "language_code": "ar"},
        "text": text,
    }
    with user.server._lock:
        user.server._notice("message", message, number)
    return {"update_id": number, "message": message}


def is_well(bot: RunningBot) -> None:
    assert bot.stop() == 0
    assert "Traceback" not in bot.output
    assert SUMMIT not in bot.output


def test_it_is_damaged_when_the_bot_starts(
    server: BotApiServer, start: StartBot, path: Path, endurance: Endurance
) -> None:
    """With a question in hand, again and again, each time somewhere else."""
    start().stop()
    for damages in range(1, endurance(1, 20) + 1):
        user, waiting = User(server), User(server)
        in_hand(path, (written(waiting, 5_000_000 + damages, PUBLISHED), 0))
        content = path.read_bytes()
        pages = len(content) // 4096
        at = 4096 * (pages - damages % pages)  # what was written last is in the last page
        path.write_bytes(content[: at - 4096] + b"\xff" * 4096 + content[at:])
        bot = start()
        user.has_one_reply_to(user.asks())
        if damages == 1:
            server.wait_for_message(waiting.id, timeout=30)
        is_well(bot)
        assert bot.output.count("was damaged; it is kept as") == 1
        assert len(list(path.parent.glob("*.damaged-*"))) == damages


def test_the_disk_is_full_for_a_while(
    server: BotApiServer, start: StartBot, path: Path, record_property: Any
) -> None:
    bot = start()
    log = path.with_name(path.name + "-wal")
    limits = resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE)
    full = (max(log.stat().st_size, path.stat().st_size), limits[1])
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, full)
    users = [User(server) for _ in range(20)]
    sent = ask_all(users)
    until_answered(server, sent)
    assert "the state does not work (" in bot.output
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, limits)
    sent += ask_all(users, 1)
    until_answered(server, sent)
    until(lambda: "the state works again after" in bot.output)
    assert bot.output.count("the state does not work (") <= 2
    is_well(bot)
    for one in sent[::7]:
        server.redeliver(one)
    start()
    for user in users:
        user.has_one_reply_to(*(one for one in sent if one.chat_id == user.id))
    record_property("questions", len(sent))


def test_an_update_that_ended_it_too_often_is_set_aside_and_its_sender_told(
    server: BotApiServer, start: StartBot, path: Path
) -> None:
    start().stop()
    culprit, other = User(server), User(server)
    in_hand(
        path,
        (written(culprit, 5_000_001, SUMMIT), 3),
        (written(other, 5_000_002, SUMMIT), 2),
    )
    for _ in range(2):
        bot = start()
        until(lambda: len(server.messages(other.id)) == len(server.messages(culprit.id)) == 1)
        assert plain(server.messages(culprit.id)[0].text) == said(ARABIC.failed)
        is_well(bot)
    with closing(sqlite3.connect(path)) as connection:
        kept = connection.execute("SELECT id FROM received WHERE body IS NOT NULL").fetchall()
    assert kept == [(5_000_001,)]


@pytest.mark.usefixtures("for_a_release")
def test_a_question_over_which_it_is_killed_again_and_again_keeps_nobody(
    server: BotApiServer, start: StartBot
) -> None:
    culprit = User(server)
    server.delay_next("sendMessage", 60, times=100)
    asked = culprit.asks()
    for _ in range(4):
        begun = len(server.calls("sendMessage"))
        bot = start(wait=False)
        server.wait_for("sendMessage", count=begun + 1, timeout=30)
        bot.process.kill()
        bot.process.wait()
    server.stop_failing()
    bot = start()
    until(lambda: len(server.messages(culprit.id)) == 1)
    assert plain(server.messages(culprit.id)[0].text) == said(ARABIC.failed)
    assert bot.output.count(f"{asked.update_id} is set aside") == 1
    culprit.has_only(1)


def test_a_group_that_moved_is_known_after_a_restart(server: BotApiServer, start: StartBot) -> None:
    user, old, new = User(server), -4_000_111, -100_400_111_111
    allowed = {"JAWAB_ALLOWED_CHATS": str(old)}
    bot = start(**allowed)
    server.join(old, user_id=user.id, chat_type="group")
    server.migrate(old, new)
    until(lambda: "has become" in bot.output)
    is_well(bot)
    again = start(**allowed)
    in_group: Any = {"chat_id": new, "user_id": user.id, "chat_type": "supergroup"}
    sent = server.send_text(f"/ask {SUMMIT}", **in_group)
    until_answered(server, [sent])
    assert replies(server, [sent])[sent] == 1
    assert "leaving group" not in again.output
