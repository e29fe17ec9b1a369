"""How many questions the Telegram bot answers: ``uv run python -m benchmarks.telegram``.

Jawab and a bare echo bot of the same library (``benchmarks.echo_bot``) run as processes of their
own, each against its own instance of the test server, which runs here with its users
(``benchmarks.load``). They are measured in turns, by polling and by webhook: saturated, where
users ask on as soon as they are answered (the rate, and how long each waits then), and paced,
where questions come at random moments at a rate that Telegram lets a bot answer. Rows hold medians
over the rounds, and the ratios are medians of each round's ratio.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from benchmarks.load import LoadError, LoadServer, Measured
from index.arabic import words
from index.evaluation import NOISES
from tests.telegram.methods import TOKEN

ROOT = Path(__file__).parents[1]
SEED = 7
VARIANTS = {"orthographic": 60, "typo": 10}
"""How often each question is written anew with a noise, so that no bot is asked a text twice.

One question in seven has a typo: of what people type into search engines, 10 to 15 % has (Cucerzan
and Brill 2004).
"""

ECHO, CONCURRENT_ECHO, JAWAB = "echo", "echo, concurrent", "jawab"
COMMANDS = {
    ECHO: ("-m", "benchmarks.echo_bot"),
    CONCURRENT_ECHO: ("-m", "benchmarks.echo_bot"),
    JAWAB: ("-m", "bot"),
}
POLLING, WEBHOOK = MODES = "polling", "webhook"
RATE_GOAL, P95_GOAL = 0.8, 2.0
WARM = 0.4
"""Seconds that a saturated bot is given to find its pace before it is measured."""
PACED_USERS = 500
"""So many that none has two questions open."""

PUBLIC_URL = "https://example.org/hook"
SECRET = "benchmark"  # noqa: S105 - guards nothing but this machine's own port


@dataclass(frozen=True)
class Bot:
    """A bot process, the server that it answers to, and what is measured of it."""

    system: str
    mode: str
    server: LoadServer
    process: subprocess.Popen[bytes]
    log: Path
    saturated: list[Measured]
    paced: list[Measured]

    def wait_until_ready(self) -> None:
        """Wait until the bot takes updates."""
        self.server.wait_for("getUpdates" if self.mode == POLLING else "setWebhook", timeout=60)

    def end(self) -> None:
        """End the process as a service manager does."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def questions() -> list[str]:
    """Return the development questions, each in many spellings, in a random order."""
    lines = (ROOT / "tests" / "seeds-dev.jsonl").read_text("utf-8").splitlines()
    asked = [json.loads(line)["question"] for line in lines]
    random = Random(SEED)  # noqa: S311 - nothing here is a secret
    varied = (
        NOISES[noise](text, random)
        for noise, times in VARIANTS.items()
        for text in asked
        for _ in range(times)
    )
    texts = list(dict.fromkeys((*asked, *varied)))
    random.shuffle(texts)
    return texts


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(system: str, mode: str, texts: Sequence[str], home: Path) -> Iterator[Bot]:
    """Start a server and its bot, and end both."""
    port = free_port()
    options = {"webhook_proxy": f"http://127.0.0.1:{port}"} if mode == WEBHOOK else {}
    with LoadServer(itertools.cycle(texts), **options) as server:
        if system == JAWAB:
            command = COMMANDS[JAWAB]
            settings = jawab_settings(server.url, port if mode == WEBHOOK else None)
            settings["JAWAB_HOME"] = str(home / f"jawab-{mode}")
        else:
            command = COMMANDS[system]
            settings = echo_settings(server.url, port if mode == WEBHOOK else None)
            settings |= {"ECHO_CONCURRENT": "yes"} if system == CONCURRENT_ECHO else {}
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("JAWAB_", "TELEGRAM_", "ECHO_"))
        }
        log = home / f"{system}-{mode}.log"
        with log.open("wb") as stderr:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, *command],
                cwd=home,  # where there is no .env
                env={**kept, "PYTHONPATH": str(ROOT), "TELEGRAM_BOT_TOKEN": TOKEN, **settings},
                stderr=stderr,
            )
        bot = Bot(system, mode, server, process, log, [], [])
        try:
            yield bot
        finally:
            bot.end()


def jawab_settings(api: str, port: int | None) -> dict[str, str]:
    """Return Jawab's settings: its documents, and none of its limits on one user and on itself."""
    settings = {
        "JAWAB_DOCS": str(ROOT / "seeds"),
        "JAWAB_TELEGRAM_API_URL": api,
        "JAWAB_QUESTIONS_PER_MINUTE": "0",
        "JAWAB_MESSAGES_PER_SECOND": "0",
    }
    if port:
        settings |= {
            "JAWAB_WEBHOOK_URL": PUBLIC_URL,
            "JAWAB_WEBHOOK_LISTEN": f"127.0.0.1:{port}",
            "JAWAB_WEBHOOK_SECRET": SECRET,
        }
    return settings


def echo_settings(api: str, port: int | None) -> dict[str, str]:
    """Return the echo bot's settings."""
    settings = {"ECHO_API_URL": api}
    if port:
        settings |= {
            "ECHO_WEBHOOK_PORT": str(port),
            "ECHO_WEBHOOK_URL": PUBLIC_URL,
            "ECHO_WEBHOOK_SECRET": SECRET,
        }
    return settings


def measure(bot: Bot, options: argparse.Namespace, number: int) -> None:
    """Put both loads on a bot; a round's questions come at the same moments for every bot."""
    saturated = bot.server.saturated(bot.process.pid, options.users, WARM, options.seconds)
    bot.saturated.append(saturated)
    paced = bot.server.paced(bot.process.pid, PACED_USERS, options.rate, options.seconds, number)
    bot.paced.append(paced)


def median(measured: Sequence[Measured], figure: str) -> float:
    """Return the median over the rounds of a figure."""
    return statistics.median(values(measured, figure))


def values(measured: Sequence[Measured], figure: str) -> list[float]:
    """Return a figure of each round."""
    return list(map(attrgetter(figure), measured))


def ratio(over: Sequence[Measured], under: Sequence[Measured], figure: str) -> float:
    """Return the median over the rounds of how a figure of two bots compares."""
    pairs = zip(values(over, figure), values(under, figure), strict=True)
    return statistics.median(one / other for one, other in pairs)


def measured_table(mode: str, bots: Sequence[Bot], options: argparse.Namespace) -> Table:
    """Return what was measured of the bots of a mode."""
    table = Table(
        title=f"{mode}: {options.users} users without a pause, then {options.rate:g} questions/s",
        caption="CPU: for each answer. A bot that is well below 100% busy was held up by others.",
    )
    table.add_column("system")
    for name in (
        "answers/s", "p50 ms", "p95 ms", "bot busy", "bot CPU ms", "server CPU ms",
        "paced p50 ms", "paced p95 ms",
    ):  # fmt: skip
        table.add_column(name, justify="right")
    for bot in bots:
        full, paced = bot.saturated, bot.paced
        table.add_row(
            bot.system,
            *(f"{median(full, figure):.1f}" for figure in ("rate", "p50", "p95")),
            f"{median(full, 'busy'):.0%}",
            *(f"{median(full, figure):.2f}" for figure in ("bot_cost", "server_cost")),
            *(f"{median(paced, figure):.1f}" for figure in ("p50", "p95")),
        )
    return table


def verdicts(mode: str, bots: Sequence[Bot]) -> Iterator[tuple[str, ...]]:
    """Yield how Jawab compares with each echo bot; the goals are about the bare one."""
    jawab = next(bot for bot in bots if bot.system == JAWAB)
    for peer in (bot for bot in bots if bot is not jawab):
        for what, over, under, figure in (
            ("rate", jawab.saturated, peer.saturated, "rate"),
            ("saturated p95", jawab.saturated, peer.saturated, "p95"),
            ("paced p95", jawab.paced, peer.paced, "p95"),
        ):
            found = ratio(over, under, figure)
            met = found >= RATE_GOAL if figure == "rate" else found < P95_GOAL
            goal = f">= {RATE_GOAL:g}" if figure == "rate" else f"< {P95_GOAL:g}"
            verdict = (goal, "met" if met else "not met") if peer.system == ECHO else ("", "")
            yield (mode, peer.system, what, f"{found:.2f}", *verdict)


def parse() -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=0.8, help="of each load on each bot")
    parser.add_argument("--users", type=int, default=32, help="who ask without a pause")
    parser.add_argument("--rate", type=float, default=30.0, help="paced questions a second")
    parser.add_argument("--mode", choices=MODES, action="append", help="both unless one is named")
    return parser.parse_args()


def main() -> int:
    """Measure and print."""
    options = parse()
    console = Console(width=120)
    with contextlib.ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        texts = questions()
        spelled = len({tuple(words(text)) for text in texts})
        console.print(f"{len(texts)} texts, {spelled} of them different but for their spelling")
        bots = [
            stack.enter_context(running(system, mode, texts, home))
            for mode in options.mode or MODES
            for system in COMMANDS
        ]
        try:
            for bot in bots:
                bot.wait_until_ready()
                bot.server.saturated(bot.process.pid, options.users, 0, 1)
            for number in range(options.rounds):
                for bot in bots if number % 2 else reversed(bots):
                    measure(bot, options, number)
        except (LoadError, AssertionError) as error:
            log = bot.log.read_text("utf-8")[-2000:]
            console.print(f"{bot.system}, {bot.mode}: {error}\n{log}", markup=False)
            return 1
    for mode in options.mode or MODES:
        console.print(measured_table(mode, [bot for bot in bots if bot.mode == mode], options))
    goals = Table("mode", "beside", "what", "jawab / peer", "goal", "", title="goals")
    for mode in options.mode or MODES:
        for row in verdicts(mode, [bot for bot in bots if bot.mode == mode]):
            goals.add_row(*row)
    console.print(goals)
    return 0


if __name__ == "__main__":
    sys.exit(main())
