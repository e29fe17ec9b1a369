"""The process that brings the index up to date, as the bot starts, awaits and ends it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import PIPE, Process

from bot.confidential import without_secrets
from bot.opening import Opening
from bot.refreshing import program
from bot.sending import StoppedError
from index import JawabError

_LEAVE_SECONDS = (
    1.0  # that a process which is ended may take; one that reads from a dead drive stays
)


class BuildError(JawabError):
    """The index could not be built; ``str`` is what the building process said."""


class Rebuilding:
    """Runs the process, one at a time."""

    def __init__(self) -> None:
        """Run nothing yet."""
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Give up what is being built, and build nothing any more."""
        self._stopping.set()

    async def run(self, opening: Opening) -> bytes:
        """Bring an index on disk up to date, and return what the process says of it.

        Args:
            opening: How the index is opened.

        Raises:
            JawabError: It cannot be built, in the words of that process.
            StoppedError: The bot is being stopped.
        """
        if self._stopping.is_set():
            raise StoppedError
        process = await _start(opening)
        ending = asyncio.create_task(process.communicate())
        stopped = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait((ending, stopped), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
            if not ending.done():
                await _end(process, ending)
        if self._stopping.is_set():
            raise StoppedError
        report, said = await ending
        if process.returncode:
            last = said.decode("utf-8", "replace").strip().rpartition("\n")[2]
            ended = f"the process that reads them ended with status {process.returncode}"
            raise BuildError(last or ended)
        return report


async def _start(opening: Opening) -> Process:
    return await asyncio.create_subprocess_exec(
        *program(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        # It asks neither Telegram nor a cluster, and needs no key of theirs.
        env=without_secrets(os.environ | opening.environment()),
        start_new_session=True,  # Ctrl-C is for the bot, which ends it
    )


async def _end(process: Process, ending: asyncio.Task[tuple[bytes, bytes]]) -> None:
    """Kill a process with what it has started, and wait for it no longer than a moment."""
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    await asyncio.wait((ending,), timeout=_LEAVE_SECONDS)
    if not ending.done():
        ending.cancel()
        process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 - nothing else lets go of the pipes
