"""Telegram away, slow, out of its mind or holding the bot off: nothing lost, nothing double."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Endurance
from tests.telegram.conftest import RunningBot, StartBot, bots_of
from tests.telegram.modes import (
    PUBLISHED,
    SUMMIT,
    User,
    ask_all,
    free_port,
    in_mode,
    replies,
    until,
    until_answered,
)
from tests.telegram.nonsense import NONSENSE, UPDATES, unreadable_updates
from tests.telegram.records import Sent
from tests.telegram.server import BotApiServer

PATIENCE = 90.0
# All but what says that a message was sent, or what was wrong with it.
NEVER_SENT = [
    answer
    for answer in NONSENSE.values()
    if b'"ok":true' not in answer.body.replace(b" ", b"") and "400" not in answer.head
]

Count = Callable[[str, object], None]


@pytest.fixture
def mode(mostly_polling: str) -> str:
    return mostly_polling


@pytest.fixture
def at_port(tmp_path: Path) -> Iterator[tuple[BotApiServer, StartBot]]:
    """A server that can be left and entered again at the same port, with all it knows."""
    server = BotApiServer(port=free_port())
    server.url = f"http://127.0.0.1:{server._port}"
    with bots_of(server, tmp_path) as start_bot:
        yield server, start_bot


def all_once(server: BotApiServer, sent: Iterable[Sent], record: Count, *, but: int = 0) -> None:
    """Tells that each question has one reply, and records how many have none or several.

    But so many may have two.
    """
    counted = replies(server, sent)
    record("questions", len(counted))
    record("lost", sum(not count for count in counted.values()))
    record("doubled", sum(count > 1 for count in counted.values()))
    assert min(counted.values()) == 1
    assert sum(count - 1 for count in counted.values()) <= but


def told(bot: RunningBot, what: str) -> int:
    return bot.output.count(what)


def is_well(bot: RunningBot) -> None:
    """Tells that a bot runs and that its log holds neither tracebacks nor questions."""
    assert bot.process.poll() is None
    output = bot.output
    assert "Traceback" not in output
    assert "CRITICAL" not in output
    assert SUMMIT not in output
    assert output.count(" WARNING ") <= 30


def test_telegram_goes_and_comes_back(
    mode: str,
    at_port: tuple[BotApiServer, StartBot],
    endurance: Endurance,
    record_property: Count,
) -> None:
    server, start_bot = at_port
    sent: list[Sent] = []
    bot = None
    times = endurance(2, 10)
    for seconds in [1.0] * times + [180.0] * endurance(0, 1):
        with server:
            if bot is None:
                bot = in_mode(mode, server, start_bot)()
            users = [User(server) for _ in range(5)]
            sent += ask_all(users)
            # It goes while some answers are on their way.
            before = len(server.calls("sendMessage"))
            server.wait_for("sendMessage", count=before + 3)
        while_away = [User(server) for _ in range(3)]
        sent += ask_all(while_away, 1)
        time.sleep(seconds)
        with server:
            until_answered(server, sent, timeout=PATIENCE)
    assert bot is not None
    is_well(bot)
    # Where Telegram goes between sending a message and saying so, nobody can know that it did.
    all_once(server, sent, record_property, but=3 * times)


@pytest.mark.usefixtures("for_a_release")
@pytest.mark.parametrize("mode", ["polling"])
def test_telegram_answers_slowly(
    server: BotApiServer, start: StartBot, record_property: Count
) -> None:
    bot = start()
    for method in ("sendMessage", "sendChatAction", "getUpdates"):
        server.delay_next(method, 12, times=30)
    sent = ask_all([User(server) for _ in range(15)])
    until_answered(server, sent, timeout=PATIENCE)
    is_well(bot)
    server.stop_failing()
    all_once(server, sent, record_property)


@pytest.mark.parametrize("mode", ["polling"])
def test_something_else_answers(
    server: BotApiServer, start: StartBot, endurance: Endurance, record_property: Count
) -> None:
    """Every nonsense in the place of an answer to a message, and some in that of updates."""
    bot = start()
    sent: list[Sent] = []
    for _ in range(endurance(1, 5)):
        for answer in NEVER_SENT:
            for method in ("sendMessage", "sendChatAction"):
                server.answer_next(**answer.by(method))
        sent += ask_all([User(server) for _ in NEVER_SENT])
        until_answered(server, sent, timeout=PATIENCE)
    polled = [*UPDATES.values(), *NONSENSE.values()][: endurance(2, 100)]
    for answer in polled:
        server.answer_next(**answer.by("getUpdates"))
        user = User(server)
        sent += ask_all([user])
        until_answered(server, sent[-2:], timeout=PATIENCE)
    for answer in unreadable_updates(server._last_update_id + 1).values():
        server._last_update_id += 1
        server.answer_next(**answer.by("getUpdates"))
    sent += ask_all([User(server)])
    until_answered(server, sent, timeout=PATIENCE)
    is_well(bot)
    record_property("rounds", 2 * len(NEVER_SENT) + len(polled))
    all_once(server, sent, record_property)
    assert bot.stop() == 0


@pytest.mark.usefixtures("for_a_release")
@pytest.mark.parametrize("mode", ["polling"])
def test_telegram_breaks_off_after_it_has_sent_a_message(
    server: BotApiServer, start: StartBot, record_property: Count
) -> None:
    start()
    ends = ('{"ok":true,"result":{"message_id":%d,"da', '{"ok":true}', '{"ok": true, "result": []}')
    for end in ends * 3:
        server.answer_next("sendMessage", end.encode(), performs=True)
    sent = ask_all([User(server) for _ in range(9)])
    until_answered(server, sent, timeout=PATIENCE)
    all_once(server, sent, record_property)


def test_telegram_holds_the_bot_off(
    server: BotApiServer, start: StartBot, endurance: Endurance, record_property: Count
) -> None:
    """Every request is refused with a wait, from the start on and for a while."""
    flood: Any = {"status": 429, "description": "Too Many Requests", "retry_after": 1}
    times = endurance(20, 300)
    for method in ("setMyCommands", "sendMessage", "sendChatAction"):
        server.fail_next(method, **flood, times=times)
    server.fail_next("getUpdates", **flood, times=endurance(2, 10))
    server.fail_next("getMe", **flood)
    bot = start()
    sent = ask_all([User(server) for _ in range(10)])
    until_answered(server, sent, timeout=PATIENCE)
    is_well(bot)
    record_property("refused", sum(call.status == 429 for call in server.calls()))
    all_once(server, sent, record_property)
    assert told(bot, "Telegram failed") <= 2


@pytest.mark.usefixtures("for_a_release")
@pytest.mark.parametrize("mode", ["polling"])
def test_an_outage_is_told_once_and_its_end_too(server: BotApiServer, start: StartBot) -> None:
    bot = start()
    error: Any = {"status": 502, "description": "Bad Gateway"}
    server.fail_next("getUpdates", **error, times=3)
    server.fail_next("sendMessage", **error, times=12)
    sent = ask_all([User(server) for _ in range(4)])
    until_answered(server, sent, timeout=PATIENCE)
    until(lambda: told(bot, "Telegram works again after") == 1)
    user = User(server)
    server.fail_next("sendMessage", **error)
    user.has_one_reply_to(user.asks(PUBLISHED))
    lines = ("cannot be reached", "is reached again", "Telegram failed", "Telegram works again")
    assert [told(bot, line) for line in lines] == [1, 1, 1, 1]
