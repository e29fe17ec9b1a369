"""The real bot tells no secret: in its log, its files, its replies, or the list of processes."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.bot.secrets import (
    API_KEY,
    PASSWORD,
    PROXY_PASSWORD,
    WEBHOOK_SECRET,
    assert_no_secret,
)
from tests.conftest import Endurance
from tests.telegram.chat import Chat
from tests.telegram.conftest import ROOT, RunningBot, StartBot
from tests.telegram.methods import TOKEN
from tests.telegram.server import BotApiServer

SUMMIT = "متى القمة المقبلة؟"
CLOSED = "127.0.0.1:9"
ADDRESS = "127.0.0.1:18099"
LOGIN = f"user:{quote(PASSWORD, safe='')}"
SECRETS = {
    "JAWAB_QDRANT_API_KEY": API_KEY,
    "JAWAB_QDRANT_URL": f"http://{LOGIN}@{CLOSED}",
    "JAWAB_WEBHOOK_SECRET": WEBHOOK_SECRET,
    "HTTPS_PROXY": f"http://me:{PROXY_PASSWORD}@{CLOSED}",
    "https_proxy": f"http://me:{PROXY_PASSWORD}@{CLOSED}",
    "JAWAB_LOG_LEVEL": "DEBUG",
    "JAWAB_QUESTIONS_PER_MINUTE": "0",
}
needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")


def assert_quiet(bot: RunningBot, folder: Path) -> None:
    """Look at all that a bot has written: its log, its state, its index."""
    assert_no_secret(bot.output, folder)


def until_logged(bot: RunningBot, *words: str) -> None:
    deadline = time.monotonic() + 30
    while not all(word in bot.output for word in words):
        assert time.monotonic() < deadline, bot.output[-3000:]
        assert bot.process.poll() is None or all(word in bot.output for word in words), bot.output
        time.sleep(0.05)


@pytest.mark.parametrize("form", ["text", "json"])
def test_at_the_lowest_level_with_failures_of_every_kind(
    server: BotApiServer, start_bot: StartBot, tmp_path: Path, form: str, endurance: Endurance
) -> None:
    if form == "json" and not endurance(0, 1):  # test_logging.py looks at it, too
        pytest.skip("with --endurance only")
    bot = start_bot(**SECRETS, JAWAB_LOG_FORMAT=form)
    chat = Chat(server)
    said = [chat.asks(text).html for text in (SUMMIT, "/about", "/help", "/sources")]
    assert_no_secret(*said)
    server.drop_next("sendMessage")
    server.fail_next("getUpdates", status=500, description=f"no: {TOKEN}", times=2)
    server.fail_next("sendMessage", status=400, description=f"Bad Request: {TOKEN} {API_KEY}")
    server.fail_next("sendChatAction", status=404, description="Not Found")
    chat.says(SUMMIT)
    until_logged(bot, "failed")
    chat.says("كم عمر بوتين؟")
    bot.process.send_signal(signal.SIGTERM)  # while it answers
    assert bot.stop() == 0
    assert_quiet(bot, tmp_path)


@needs_proc
def test_what_other_users_of_the_machine_can_see(start_bot: StartBot, tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    for file in (ROOT / "seeds").iterdir():
        (documents / file.name).write_bytes(file.read_bytes())
    bot = start_bot(**SECRETS, JAWAB_DOCS=str(documents))
    assert_no_secret(Path(f"/proc/{bot.process.pid}/cmdline").read_bytes())
    (documents / "new.txt").write_text("ستعقد الندوة في عمان يوم الأحد.\n" * 3, "utf-8")
    environment = _of_the_builder(bot.process.pid)
    for secret in (TOKEN, API_KEY, WEBHOOK_SECRET, quote(PASSWORD, safe="")):
        assert secret.encode() not in environment
    until_logged(bot, "documents")
    assert bot.stop() == 0
    assert_quiet(bot, tmp_path)


def _of_the_builder(bot: int) -> bytes:
    """The environment of the process that refreshes the index, whose command is looked at too."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for task in Path(f"/proc/{bot}/task").iterdir():
            try:
                children = (task / "children").read_text().split()
                for child in children:
                    command = Path(f"/proc/{child}/cmdline").read_bytes()
                    environment = Path(f"/proc/{child}/environ").read_bytes()
                    assert_no_secret(command)
                    if b"refreshing" in command and b"JAWAB_DOCS" in environment:
                        return environment
            except (OSError, ProcessLookupError):
                continue
        time.sleep(0.01)
    raise AssertionError("no process refreshed the index")


@pytest.mark.parametrize("scheme", ["http", "https"])  # the latter through the proxy
def test_telegram_out_of_reach(
    start_bot: StartBot, tmp_path: Path, scheme: str, endurance: Endurance
) -> None:
    if scheme == "http" and not endurance(0, 1):
        pytest.skip("with --endurance only")
    address = f"{scheme}://{LOGIN}@{CLOSED}"
    bot = start_bot(wait=False, **(SECRETS | {"JAWAB_TELEGRAM_API_URL": address}))
    until_logged(bot, "trying again")
    assert bot.stop() == 0
    assert_quiet(bot, tmp_path)


WEBHOOK = f"https://{LOGIN}@bot.example"
USUAL: tuple[dict[str, str], ...] = (
    {"TELEGRAM_BOT_TOKEN": f"987654321:{PROXY_PASSWORD}"},  # refused
    {"JAWAB_WEBHOOK_URL": WEBHOOK, "JAWAB_WEBHOOK_LISTEN": ADDRESS},  # refused
)
RARER: tuple[dict[str, str], ...] = (
    {"JAWAB_ENGINE": "qdrant"},
    {"JAWAB_WEBHOOK_URL": WEBHOOK, "JAWAB_WEBHOOK_LISTEN": "[::1]:0"},
    {"JAWAB_STATE": "/proc/nowhere/state.sqlite"},
)


@pytest.mark.parametrize("settings", [*USUAL, *RARER])
def test_a_bot_that_cannot_start(
    server: BotApiServer,
    start_bot: StartBot,
    tmp_path: Path,
    settings: dict[str, str],
    endurance: Endurance,
) -> None:
    if settings in RARER and not endurance(0, 1):
        pytest.skip("with --endurance only")
    refusal = f"Bad Request: bad webhook: {WEBHOOK} {WEBHOOK_SECRET}"
    server.fail_next("setWebhook", status=400, description=refusal)
    bot = start_bot(wait=False, **(SECRETS | settings))
    assert bot.process.wait(timeout=30) == 2
    assert_quiet(bot, tmp_path)
    assert bot.output.splitlines()[-1].startswith("jawab: ")
