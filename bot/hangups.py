"""SIGHUP: asks for a reload. Where the terminal is gone, it asks for the end, as it always did."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress

_STREAMS = (0, 1, 2)


class Hangups:
    """What SIGHUP asks for, from the moment that one of these is made; once in a process."""

    def __init__(self) -> None:
        """Note a SIGHUP from now on."""
        self._terminal = next((stream for stream in _STREAMS if _is_terminal(stream)), None)
        self._came = False
        if hasattr(signal, "SIGHUP"):  # Windows has none
            signal.signal(signal.SIGHUP, lambda *_: self._note())

    def _note(self) -> None:
        if self._is_terminal_gone():
            raise KeyboardInterrupt
        self._came = True

    def listen(self, reload: Callable[[], object], stop: Callable[[], object]) -> None:
        """Tell of every SIGHUP in the running loop, and of one that came before.

        Args:
            reload: Called where a reload is asked for.
            stop: Called where the terminal is gone.
        """
        if not hasattr(signal, "SIGHUP"):
            return

        def hear() -> None:
            (stop if self._is_terminal_gone() else reload)()

        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hear)
        if self._came:
            reload()

    def close(self) -> None:
        """Hear none any more: one that comes amid the end is not to cut it short."""
        if hasattr(signal, "SIGHUP"):
            asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def _is_terminal_gone(self) -> bool:
        return self._terminal is not None and not _is_terminal(self._terminal)


def _is_terminal(stream: int) -> bool:
    with suppress(OSError):
        return os.isatty(stream)
    return False
