"""Trouble that comes again and again, told now and then: a log is not to fill up with it.

That of Telegram and of the state's file; nothing here decides what is done about it.
"""

from __future__ import annotations

import logging
import re
import time

_AGAIN_SECONDS = 600.0  # until the same is told again
_MOST_REASONS = 20  # that are told in this time
_DIGITS = re.compile(r"\d+")


class Trouble:
    """Trouble of one kind, from its first time until it is over."""

    def __init__(self, logger: logging.Logger, said: str, over: str) -> None:
        """Know how it is told.

        Args:
            logger: Where.
            said: The line, with a ``%s`` for the reason.
            over: The line when it is over, with a ``%.0f`` for the seconds that it took.
        """
        self._logger = logger
        self._said = said
        self._over = over
        self._since: float | None = None
        self._is_told = False
        self._told: dict[str, float] = {}

    def met(self, reason: object) -> None:
        """Tell of it, unless the same was told a while ago."""
        now = time.monotonic()
        if self._since is None:
            self._since = now
        kind = _DIGITS.sub("", str(reason))
        if kind not in self._told or now - self._told[kind] >= _AGAIN_SECONDS:
            recent = {it: at for it, at in self._told.items() if now - at < _AGAIN_SECONDS}
            if len(recent) < _MOST_REASONS:
                self._told = {**recent, kind: now}
                self._is_told = True
                self._logger.warning(self._said, reason)

    def over(self) -> None:
        """Say that it is over, where it was told at all."""
        if self._since is None:
            return
        if self._is_told:
            self._logger.info(self._over, time.monotonic() - self._since)
        self._since, self._is_told = None, False
