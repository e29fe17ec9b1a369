"""Requests to Telegram over aiohttp.

python-telegram-bot comes with httpx, whose connection pool looks through all that waits at every
request: 0.6 ms of CPU for one request alone, 3 ms for each of 32 at once. With aiohttp it is
0.15 ms, however many there are (``benchmarks/telegram.py``).
"""

from __future__ import annotations

import os
import ssl
from typing import Any
from urllib.request import getproxies

import aiohttp
import certifi
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

_READ_SECONDS = 5.0
_CONNECT_SECONDS = 5.0
_JSON = {"Content-Type": "application/json"}
_OF_MESSAGES = ("message_id", "date", "chat")

Seconds = Any
"""Seconds, None for no limit, or ``BaseRequest.DEFAULT_NONE`` for the default."""


class AiohttpRequest(BaseRequest):
    """Makes requests over one aiohttp session; proxies are those of the environment."""

    def __init__(self, connections: int, read_seconds: float = _READ_SECONDS) -> None:
        """Prepare, without connecting.

        Args:
            connections: The most connections at once; further requests wait for one.
            read_seconds: How long to wait for an answer.
        """
        self._connections = connections
        self._read_seconds = read_seconds
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """How many seconds to wait for an answer by default."""
        return self._read_seconds

    async def initialize(self) -> None:
        """Open the session."""
        if self._session is not None:
            return
        # The authorities that httpx trusts too; a slim container has none of its own.
        trusted = os.environ.get("SSL_CERT_FILE") or certifi.where()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._connections, ssl=ssl.create_default_context(cafile=trusted)
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self.USER_AGENT},
            # Where there are no proxies, they need not be looked for at every request.
            trust_env=bool(getproxies()),
        )

    async def shutdown(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(  # noqa: PLR0917 - the signature of PTB's class
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Seconds = BaseRequest.DEFAULT_NONE,
        write_timeout: Seconds = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - aiohttp has none
        connect_timeout: Seconds = BaseRequest.DEFAULT_NONE,
        pool_timeout: Seconds = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make a request, and return the status and the body of the answer.

        Raises:
            TimedOut: There was no connection or no answer in time; ``__cause__`` is aiohttp's
                ConnectionTimeoutError where nothing was sent.
            NetworkError: The connection failed.
        """
        if self._session is None:
            raise RuntimeError("the request is not initialized")
        timeout = aiohttp.ClientTimeout(
            total=None,
            connect=_given(pool_timeout, None),
            sock_connect=_given(connect_timeout, _CONNECT_SECONDS),
            sock_read=_given(read_timeout, self._read_seconds),
        )
        data, kind = _body(request_data) if request_data else (None, {})
        try:
            async with self._session.request(
                method, url, data=data, headers=kind, timeout=timeout
            ) as response:
                return response.status, await response.read()
        except TimeoutError as error:
            raise TimedOut from error
        except aiohttp.ClientConnectorError as error:
            raise NetworkError(str(error)) from error
        except aiohttp.ClientError as error:
            # Some of these name the address, and the token is part of it.
            raise NetworkError(type(error).__name__) from error

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read what Telegram answers; of a message that was sent, only which one it is.

        Telegram sends it back whole, with the message that it replies to. The library would make
        objects of all that, which takes as long as to send it.
        """
        answer = BaseRequest.parse_json_payload(payload)
        result = answer.get("result")
        if isinstance(result, dict) and "message_id" in result:
            answer["result"] = {name: result[name] for name in _OF_MESSAGES if name in result}
        return answer


def _given(seconds: Seconds, default: float | None) -> float | None:
    return default if seconds is BaseRequest.DEFAULT_NONE else seconds


def _body(data: RequestData) -> tuple[bytes | aiohttp.FormData, dict[str, str]]:
    """Return the body of a request and what it has to say of it: JSON, or a form with files."""
    if not data.contains_files:
        return data.json_payload, _JSON
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime_type) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime_type)
    return form, {}
