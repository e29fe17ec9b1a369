"""The real bot, as its own process, against the Bot API test server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Endurance
from tests.telegram.methods import TOKEN
from tests.telegram.modes import MODES, in_mode
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


@contextmanager
def bots_of(
    server: BotApiServer, folder: Path, *, wait_for_poll: bool = True
) -> Iterator[StartBot]:
    """Yield a function that starts a bot and waits until it polls; in the end, end them all."""
    started: list[RunningBot] = []

    def start(*, wait: bool = wait_for_poll, **settings: str) -> RunningBot:
        log = folder / f"bot-{len(started)}.log"
        defaults = {"TELEGRAM_BOT_TOKEN": TOKEN, "JAWAB_TELEGRAM_API_URL": server.url}
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "bot"],
                cwd=folder,
                env=bot_environment(folder / "home", **(defaults | settings)),
                stderr=stderr,
            )
        bot = RunningBot(process, log)
        started.append(bot)
        if wait:
            server.wait_for("getUpdates", timeout=30)
        return bot

    try:
        yield start
    finally:
        for bot in started:
            if bot.process.poll() is None:
                bot.process.kill()
            bot.process.wait()
    for bot in started:
        assert TOKEN not in bot.output
        assert TOKEN.partition(":")[2] not in bot.output


@pytest.fixture
def start_bot(server: BotApiServer, tmp_path: Path) -> Iterator[StartBot]:
    """Return a function that starts a bot and waits until it polls."""
    with bots_of(server, tmp_path) as start:
        yield start


@pytest.fixture
def bot(start_bot: StartBot) -> RunningBot:
    """A running bot that answers from seeds/."""
    return start_bot()


# For tests of what a bot does in either mode.


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(params=MODES)
def mostly_polling(request: pytest.FixtureRequest, endurance: Endurance) -> str:
    """Polling; in the long runs a webhook, too. For a file's own ``mode``."""
    name: str = request.param
    if name != "polling" and not endurance(0, 1):
        pytest.skip("with --endurance only")
    return name


@pytest.fixture
def start(mode: str, server: BotApiServer, start_bot: StartBot) -> StartBot:
    """Return a function that starts a bot that polls or has a webhook, and waits until it does."""
    return in_mode(mode, server, start_bot)


# For tests that do not disturb each other: one server and its bots for a class of them.


@pytest.fixture(scope="class")
def shared_server() -> Iterator[BotApiServer]:
    with BotApiServer() as running:
        yield running


@pytest.fixture(scope="class")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the bots of a class run in; their home is ``home`` in it."""
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="class")
def start_shared_bot(shared_server: BotApiServer, shared_folder: Path) -> Iterator[StartBot]:
    """Return a function that starts a bot and waits until it polls."""
    with bots_of(shared_server, shared_folder) as start:
        yield start


@pytest.fixture(scope="class")
def shared_bot(request: pytest.FixtureRequest, start_shared_bot: StartBot) -> RunningBot:
    """A running bot for a class of tests, with the ``settings`` that the class names."""
    return start_shared_bot(**getattr(request.cls, "settings", {}))
