"""Work that goes on for as long as the bot runs, whatever happens to it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from bot.sending import StoppedError

_LOGGER = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
"""Seconds between tries at what fails again and again."""


async def lasting(what: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do some work; where it fails, log that and begin it anew after a pause that grows.

    Args:
        what: The work, in words for the log.
        work: Begins it.
    """
    pause = FIRST_PAUSE
    while True:
        began = time.monotonic()
        try:
            await work()
        except StoppedError:
            return
        except Exception:  # whatever it is, there must be a next time
            if time.monotonic() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            _LOGGER.exception("%s failed; beginning anew in %g s", what, pause)
        else:
            return
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
