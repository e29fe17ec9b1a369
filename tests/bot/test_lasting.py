"""What goes on for years: work that fails and is begun anew, and what nobody waits for."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import time

import pytest

from bot import lasting, rebuilding
from bot.detached import detached
from bot.opening import Opening
from bot.rebuilding import Rebuilding
from bot.sending import StoppedError
from tests.bot.conftest import ROOT
from tests.bot.libraries import folder, opening, until

__all__ = ["folder", "opening"]

HANGING = """
import asyncio, time
from bot.detached import detached
async def run():
    try:
        await asyncio.wait_for(detached(time.sleep, 60), 0.1)
    except TimeoutError:
        print("left")
asyncio.run(run())
"""


class TestLasting:
    def test_what_fails_is_logged_and_begun_anew(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(lasting, "FIRST_PAUSE", 0.01)
        tries = iter([KeyError("first"), OSError("second"), None])

        async def work() -> None:
            error = next(tries)
            if error is not None:
                raise error

        with caplog.at_level(logging.ERROR):
            asyncio.run(lasting.lasting("counting", work))
        said = [record.getMessage() for record in caplog.records]
        assert said == [
            "counting failed; beginning anew in 0.01 s",
            "counting failed; beginning anew in 0.02 s",
        ]
        assert next(tries, "nothing") == "nothing"

    def test_a_stop_is_the_end(self) -> None:
        async def work() -> None:
            raise StoppedError

        asyncio.run(lasting.lasting("counting", work))


class TestDetached:
    def test_it_gives_the_result_or_the_error(self) -> None:
        async def run() -> int:
            with pytest.raises(ValueError, match="invalid literal"):
                await detached(int, "x")
            return await detached(int, "11", base=2)

        assert asyncio.run(run()) == 3

    def test_a_process_ends_without_waiting_for_it(self) -> None:
        started = time.monotonic()
        ran = subprocess.run(
            [sys.executable, "-c", HANGING],
            capture_output=True,
            cwd=ROOT,
            encoding="utf-8",
            timeout=50,
            check=False,
        )
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "left\n", "")
        assert time.monotonic() - started < 40


class TestRebuilding:
    def test_what_cannot_be_killed_does_not_keep_the_bot(
        self, monkeypatch: pytest.MonkeyPatch, opening: Opening
    ) -> None:
        # A process of another session holds the pipes open, as one would that waits for a disk.
        stubborn = ["sh", "-c", "setsid sleep 8 & sleep 8"]
        monkeypatch.setattr(rebuilding, "program", lambda: stubborn)

        async def run() -> float:
            building = Rebuilding()
            running = asyncio.create_task(building.run(opening))
            await asyncio.sleep(0.5)
            started = time.monotonic()
            building.stop()
            with pytest.raises(StoppedError):
                await running
            with pytest.raises(StoppedError):
                await building.run(opening)
            return time.monotonic() - started

        assert asyncio.run(run()) < 5

    def test_one_that_is_cancelled_is_killed(
        self, monkeypatch: pytest.MonkeyPatch, opening: Opening
    ) -> None:
        monkeypatch.setattr(rebuilding, "program", lambda: ["sleep", "60"])

        async def run() -> None:
            running = asyncio.create_task(Rebuilding().run(opening))
            await asyncio.sleep(0.3)
            running.cancel()
            await until(running.done)
            assert running.cancelled()

        started = time.monotonic()
        asyncio.run(run())
        assert time.monotonic() - started < 20
