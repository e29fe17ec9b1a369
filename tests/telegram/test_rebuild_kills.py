"""The bot's rebuild in the background killed, or the bot itself: before or after, never half."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Endurance
from tests.documents import children
from tests.index.test_kills import assert_ended, write_version
from tests.killing import Expected, marks
from tests.telegram.conftest import RunningBot, StartBot
from tests.telegram.modes import SUMMIT, User, until_answered
from tests.telegram.server import BotApiServer

MOST_SECONDS = 0.4  # from the first sign of a rebuild until it has ended, more or less


def rebuilding(bot: RunningBot) -> int:
    """Wait until a bot rebuilds its index; return the process that does."""
    deadline = time.monotonic() + 30
    while not (found := children(bot.process.pid)):
        assert time.monotonic() < deadline, bot.output
        time.sleep(0.005)
    return min(found)


@pytest.mark.parametrize(("killed", "engine"), [("child", "rank_bm25"), ("bot", "tantivy")])
def test_a_rebuild_that_is_killed(
    server: BotApiServer,
    start_bot: StartBot,
    tmp_path: Path,
    *,
    killed: str,
    engine: str,
    endurance: Endurance,
    record_property: Any,
) -> None:
    documents, home = tmp_path / "documents", tmp_path / "home"
    chance = random.Random(len(engine))  # noqa: S311
    settings = {"JAWAB_DOCS": str(documents), "JAWAB_ENGINE": engine}
    write_version(documents, 1)
    expected = Expected(documents, home, engine)
    bot = start_bot(**settings)
    amid = undone = 0

    for turn in range(endurance(1, 20)):
        before = expected.before()
        looks = marks([home])
        write_version(documents, turn + 2)
        child = rebuilding(bot)
        while marks([home]) == looks and child in children(bot.process.pid):
            time.sleep(0.002)
        time.sleep(chance.uniform(0, MOST_SECONDS))
        amid += child in children(bot.process.pid)
        if killed == "bot":
            bot.process.kill()
            bot.process.wait()
            assert_ended({child})  # by itself, its work done
        else:
            helpers = children(child)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            assert_ended({child} | helpers)
        undone += expected.check(before)
        if killed == "bot":
            bot = start_bot(**settings)
        until_answered(server, [User(server).asks(SUMMIT)])
        assert "Traceback" not in bot.output

    record_property("killed amid", amid)
    print(f"{killed} {engine}: {amid=} {undone=}")  # noqa: T201 - a figure of the long run
    assert bot.stop() == 0
