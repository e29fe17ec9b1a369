"""The process that brings the index up to date, as the bot starts, awaits and ends it."""

from __future__ import annotations

import asyncio
import contextlib
import os

from bot.opening import Opening
from bot.refreshing import program
from bot.sending import StoppedError
from index import JawabError


class BuildError(JawabError):
    """The index could not be built; ``str`` is what the building process said."""


class Rebuilding:
    """Runs the process, one at a time."""

    def __init__(self, opening: Opening) -> None:
        """Run it for an index that is opened like this."""
        self._opening = opening
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Give up what is being built, and build nothing any more."""
        self._stopping.set()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def run(self) -> bytes:
        """Bring the index on disk up to date, and return what the process says of it.

        Raises:
            JawabError: It cannot be built, in the words of that process.
            StoppedError: The bot is being stopped.
        """
        if self._stopping.is_set():
            raise StoppedError
        process = self._process = await _start(self._opening)
        try:
            if self._stopping.is_set():  # while it was being started
                process.kill()
            report, said = await process.communicate()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        finally:
            self._process = None
        if self._stopping.is_set():
            raise StoppedError
        if process.returncode:
            last = said.decode("utf-8", "replace").strip().rpartition("\n")[2]
            ended = f"the process that reads them ended with status {process.returncode}"
            raise BuildError(last or ended)
        return report


async def _start(opening: Opening) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *program(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | opening.environment(),
        start_new_session=True,  # Ctrl-C is for the bot, which ends it
    )
