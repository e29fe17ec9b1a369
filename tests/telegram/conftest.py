"""The real bot, as its own process, against the Bot API test server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.telegram.methods import TOKEN
from tests.telegram.server import BotApiServer

ROOT = Path(__file__).parents[2]


@dataclass
class RunningBot:
    """A bot process and the file that its standard error goes to."""

    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> int:
        """End the process as a service manager does, and return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    @property
    def output(self) -> str:
        """Everything that the process has written to standard error."""
        return self.log.read_text("utf-8")


StartBot = Callable[..., RunningBot]


def bot_environment(home: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a bot: this one without any setting of Jawab, and ``settings``."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JAWAB_", "TELEGRAM_"))
    }
    return {**kept, "JAWAB_HOME": str(home), "JAWAB_DOCS": str(ROOT / "seeds"), **settings}


@pytest.fixture
def server() -> Iterator[BotApiServer]:
    with BotApiServer() as running:
        yield running


@pytest.fixture
def start_bot(server: BotApiServer, tmp_path: Path) -> Iterator[StartBot]:
    """Return a function that starts a bot and waits until it polls."""
    started: list[RunningBot] = []

    def start(*, wait: bool = True, **settings: str) -> RunningBot:
        log = tmp_path / f"bot-{len(started)}.log"
        defaults = {"TELEGRAM_BOT_TOKEN": TOKEN, "JAWAB_TELEGRAM_API_URL": server.url}
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "bot"],
                cwd=tmp_path,
                env=bot_environment(tmp_path / "home", **(defaults | settings)),
                stderr=stderr,
            )
        bot = RunningBot(process, log)
        started.append(bot)
        if wait:
            server.wait_for("getUpdates", timeout=30)
        return bot

    yield start
    for bot in started:
        if bot.process.poll() is None:
            bot.process.kill()
        bot.process.wait()
        assert TOKEN not in bot.output
        assert TOKEN.partition(":")[2] not in bot.output


@pytest.fixture
def bot(start_bot: StartBot) -> RunningBot:
    """A running bot that answers from seeds/."""
    return start_bot()
