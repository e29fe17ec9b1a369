"""The load of ``benchmarks.telegram``: users of the test server who ask, and time the replies.

The users live on the server's own loop. A reply is timed where the server takes it up, and the next
question is sent from there: no other thread has to wake up for it, so that the server and its users
cost the machine as little as they can beside the bot that is measured.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import statistics
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from tests.telegram.server import BotApiServer

T = TypeVar("T")

FIRST_USER = 1000
DRAIN = 30.0
"""Seconds within which every question must have its reply."""

_TICKS = os.sysconf("SC_CLK_TCK")


class LoadError(Exception):
    """The bot did not do its work, so that nothing was measured."""


@dataclass(frozen=True)
class Measured:
    """What one load on one bot gave.

    Attributes:
        answers: The replies within the time that was measured.
        seconds: How long that was.
        latencies: From each question to its reply, in milliseconds.
        bot_cpu: Seconds of a processor that the bot took, all its threads together.
        server_cpu: Seconds of a processor that the server and its users took.
    """

    answers: int
    seconds: float
    latencies: tuple[float, ...]
    bot_cpu: float
    server_cpu: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds

    @property
    def p50(self) -> float:
        """The median latency."""
        return statistics.median(self.latencies)

    @property
    def p95(self) -> float:
        """The 95th percentile of the latencies."""
        return statistics.quantiles(self.latencies, n=20)[-1]

    @property
    def busy(self) -> float:
        """How much of one processor the bot took."""
        return self.bot_cpu / self.seconds

    @property
    def bot_cost(self) -> float:
        """Milliseconds of a processor that the bot took for an answer."""
        return self.bot_cpu * 1000 / self.answers

    @property
    def server_cost(self) -> float:
        """Milliseconds of a processor that the server took for an answer."""
        return self.server_cpu * 1000 / self.answers


def cpu_seconds(process: int) -> float:
    """Return the processor time that a process has taken so far."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


class LoadServer(BotApiServer):
    """The test server with users who ask all the time."""

    def __init__(self, questions: Iterator[str], **options: Any) -> None:
        """Make a server whose users ask ``questions``, which have no end."""
        super().__init__(**options)
        self._questions = questions
        self._asked: dict[int, tuple[int, float]] = {}  # by chat: the message, and when it was sent
        self._latencies: list[float] = []
        self._texts: list[str] = []
        self._asks_again = False
        self._unasked = 0

    def saturated(self, process: int, users: int, warm: float, seconds: float) -> Measured:
        """Let users ask their next question as soon as the last one is answered."""

        async def load() -> Measured:
            self._asks_again = True
            for chat in range(FIRST_USER, FIRST_USER + users):
                self._ask(chat)
            await asyncio.sleep(warm)
            began = self._begin(process)
            await asyncio.sleep(seconds)
            measured = self._end(process, began)
            self._asks_again = False
            await self._drain()
            return measured

        return self._measure(load())

    def paced(self, process: int, users: int, rate: float, seconds: float, seed: int) -> Measured:
        """Let questions come at random moments, ``rate`` a second, whether answered or not."""

        async def load() -> Measured:
            random = Random(seed)  # noqa: S311 - nothing here is a secret
            began = self._begin(process)
            due = began[0]
            chats = itertools.cycle(range(FIRST_USER, FIRST_USER + users))
            while (due := due + random.expovariate(rate)) < began[0] + seconds:
                await asyncio.sleep(max(due - time.perf_counter(), 0.0))
                chat = next(chats)
                if chat in self._asked:
                    raise LoadError(f"{users} users are too few: each still waits for a reply")
                self._ask(chat)
            await self._drain()
            return self._end(process, began)

        return self._measure(load())

    def _measure(self, load: Coroutine[Any, Any, T]) -> T:
        if self._loop is None:
            raise LoadError("the server does not run")
        # A full collection of what the server keeps would show as a pause of the bot.
        self.forget_calls()
        gc.collect()
        gc.freeze()
        gc.disable()
        try:
            return asyncio.run_coroutine_threadsafe(load, self._loop).result()
        finally:
            gc.enable()

    def _begin(self, process: int) -> tuple[float, float, float]:
        self._latencies, self._texts = [], []
        return time.perf_counter(), cpu_seconds(process), time.process_time()

    def _end(self, process: int, began: tuple[float, float, float]) -> Measured:
        measured = Measured(
            answers=len(self._latencies),
            seconds=time.perf_counter() - began[0],
            latencies=tuple(self._latencies),
            bot_cpu=cpu_seconds(process) - began[1],
            server_cpu=time.process_time() - began[2],
        )
        if self._unasked:
            raise LoadError(f"{self._unasked} replies belong to no question")
        if not self._texts:
            raise LoadError("no question has a reply")
        # A bot that fails, or refuses, is fast and always says the same.
        ((text, times),) = Counter(self._texts).most_common(1)
        if times > max(len(self._texts) / 2, 5):
            raise LoadError(f"most replies are no answer but: {text}")
        return measured

    async def _drain(self) -> None:
        deadline = time.perf_counter() + DRAIN
        while self._asked:
            if time.perf_counter() > deadline:
                raise LoadError(f"{len(self._asked)} questions have no reply after {DRAIN} s")
            await asyncio.sleep(0.005)

    def _ask(self, chat: int) -> None:
        now = time.perf_counter()
        sent = self.send_text(next(self._questions), chat_id=chat)
        self._asked[chat] = sent.message_id, now

    def _api_send_message(self, params: dict[str, Any]) -> dict[str, Any]:
        """Take up a reply as the server does, time it, and let its user ask on."""
        message = super()._api_send_message(params)
        chat = message["chat"]["id"]
        question, asked = self._asked.pop(chat, (0, 0.0))
        # A bare echo names no message in a private chat; but a chat has one question at a time.
        replied_to = message.get("reply_to_message", {}).get("message_id", question)
        if not question or replied_to != question:
            self._unasked += 1
            return message
        self._latencies.append((time.perf_counter() - asked) * 1000)
        self._texts.append(message["text"])
        if self._asks_again:
            # Once the bot has its response.
            asyncio.get_running_loop().call_soon(self._ask, chat)
        return message
