"""How requests to Telegram end: each error has its kind, and the latest tell whether it is away."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from telegram.error import BadRequest, NetworkError, TimedOut

from bot.request import AiohttpRequest

NETWORK, TIMED_OUT, SERVER = "network", "timed_out", "server"
RETRY_AFTER, BAD_REQUEST, FORBIDDEN = "retry_after", "bad_request", "forbidden"
INVALID_TOKEN, CONFLICT = "invalid_token", "conflict"
ERRORS = (
    *(NETWORK, TIMED_OUT, SERVER, RETRY_AFTER, BAD_REQUEST, FORBIDDEN),
    *(INVALID_TOKEN, CONFLICT),
)
"""The kinds of errors that a request can end with."""

Observer = Callable[[str | None], None]
"""Told how each request ended: the kind of its error, or None."""

NOT_YET = "has not been reached yet"

_OK, _REFUSED = 200, 300
_BY_STATUS: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED: INVALID_TOKEN,
    HTTPStatus.FORBIDDEN: FORBIDDEN,
    HTTPStatus.NOT_FOUND: INVALID_TOKEN,  # so Telegram says of a token that is none
    HTTPStatus.CONFLICT: CONFLICT,
    HTTPStatus.TOO_MANY_REQUESTS: RETRY_AFTER,
}
# What tells that updates do not come; any other error is an answer.
_AWAY = {
    NETWORK: "cannot be reached",
    TIMED_OUT: "does not answer",
    SERVER: "fails",
    INVALID_TOKEN: "refuses the token",
    CONFLICT: "another bot receives with this token",
}
_SILENT_SECONDS = 60.0  # from which on silence is a failure, and a failure is forgotten


def error_of(status: int) -> str | None:
    """Return the kind of error that an HTTP status of Telegram stands for, or None for none."""
    return None if _OK <= status < _REFUSED else _BY_STATUS.get(status, SERVER)


class ObservedRequest(AiohttpRequest):
    """Makes requests, and tells how each ended."""

    def __init__(self, observers: tuple[Observer, ...], *args: Any, **kwargs: Any) -> None:
        """Prepare; what follows the observers is for ``AiohttpRequest``."""
        super().__init__(*args, **kwargs)
        self._observers = observers

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Make a request; see ``AiohttpRequest``.

        Raises:
            NetworkError: It failed.
        """
        try:
            status, body = await super().do_request(*args, **kwargs)
        except BadRequest:  # one of the network's errors to the library
            self._tell(BAD_REQUEST)
            raise
        except NetworkError as error:
            self._tell(TIMED_OUT if isinstance(error, TimedOut) else NETWORK)
            raise
        self._tell(error_of(status))
        return status, body

    def _tell(self, kind: str | None) -> None:
        for observe in self._observers:
            observe(kind)


class Reach:
    """What is known of one kind of requests."""

    def __init__(self, *, never_rests: bool) -> None:
        """Know nothing yet.

        Args:
            never_rests: Whether such requests are made all the time, as polling is. Then silence
                is a failure; else a failure counts for a while only, since it may be long until
                the next request shows that it is over.
        """
        self._never_rests = never_rests
        self._kind: str | None = None
        self._noted: float | None = None

    def note(self, kind: str | None) -> None:
        """Note how a request ended: the kind of its error, or None."""
        self._kind, self._noted = kind, time.monotonic()

    def trouble(self) -> str | None:
        """Return why Telegram is taken to be away, or None where it is not."""
        if self._noted is None:
            return NOT_YET
        silent = time.monotonic() - self._noted
        if silent >= _SILENT_SECONDS:
            return f"has been silent for {silent:.0f} s" if self._never_rests else None
        return _AWAY.get(self._kind or "")
