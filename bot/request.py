"""Requests to Telegram over aiohttp.

python-telegram-bot comes with httpx, whose connection pool looks through all that waits at every
request: 0.6 ms of CPU for one request alone, 3 ms for each of 32 at once. With aiohttp it is
0.15 ms, however many there are (``benchmarks/telegram.py``).

What answers may be no Telegram at all but a proxy on the way, so that an answer is read up to a
size and a time only, redirections are not followed, and nothing is unpacked; see ``bot.responses``
for what is made of it.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from http import HTTPStatus
from typing import Any
from urllib.request import getproxies

import aiohttp
import certifi
from telegram.error import BadRequest, NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.responses import UnreadableError, readable

_READ_SECONDS = 5.0
_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 60.0  # from the first byte of an answer to its last
_FILE_SECONDS = 600.0
_MEGABYTE = 2**20
_LARGEST_ANSWER = 16 * _MEGABYTE  # a hundred of the longest updates are about 6
LARGEST_FILE = 20 * _MEGABYTE
"""The most bytes of a file that Telegram lets bots have."""

_LONGEST_BEGINNING = 1024  # bytes that are looked at of an answer that is not whole
_HEADERS = {"Content-Type": "application/json"}

Seconds = Any
"""Seconds, None for no limit, or ``BaseRequest.DEFAULT_NONE`` for the default."""


class CertificatesError(Exception):
    """The certificates to trust cannot be read; ``str`` says which and what to do."""


class AiohttpRequest(BaseRequest):
    """Makes requests over one aiohttp session; proxies are those of the environment."""

    def __init__(
        self,
        connections: int,
        read_seconds: float = _READ_SECONDS,
        largest_file: int = LARGEST_FILE,
    ) -> None:
        """Prepare, without connecting.

        Args:
            connections: The most connections at once; further requests wait for one.
            read_seconds: How long to wait for an answer.
            largest_file: The most bytes of a file that is downloaded.
        """
        self._connections = connections
        self._read_seconds = read_seconds
        self._largest_file = largest_file
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """How many seconds to wait for an answer by default."""
        return self._read_seconds

    async def initialize(self) -> None:
        """Open the session.

        Raises:
            CertificatesError: SSL_CERT_FILE names no certificates.
        """
        if self._session is not None:
            return
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, ssl=_trusting()),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self.USER_AGENT, "Accept-Encoding": "identity"},
            # A few bytes can be unpacked to any number.
            auto_decompress=False,
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
            BadRequest: A file is larger than it may be, or is not there.
            NetworkError: The connection failed, or the answer is none of Telegram's.
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
        answer = _Answer()
        try:
            async with self._session.request(
                method, url, data=data, headers=kind, timeout=timeout, allow_redirects=False
            ) as response:
                answer.status = response.status
                if method == "GET":
                    await answer.read(response, self._largest_file, _FILE_SECONDS)
                else:
                    await answer.read(response, _LARGEST_ANSWER, _ANSWER_SECONDS)
        except UnreadableError as error:
            if method == "GET":  # and would be so the next time
                raise BadRequest("file is too big") from error
            broken: NetworkError = error
        except TimeoutError as error:
            broken = TimedOut()
            broken.__cause__ = error
        except aiohttp.ClientConnectorCertificateError as error:
            broken = NetworkError(_untrusted(error))
        except aiohttp.ClientConnectorError as error:
            broken = NetworkError(str(error))
        except aiohttp.ClientError as error:
            # Some of these name the address, and the token is part of it.
            broken = NetworkError(type(error).__name__)
        else:
            return answer.readable(method, url)
        return answer.readable(method, url, broken)


class _Answer:
    """An answer as far as it has come."""

    def __init__(self) -> None:
        self.status = 0
        self._body = bytearray()

    async def read(self, response: aiohttp.ClientResponse, most: int, within: float) -> None:
        """Read the body.

        Raises:
            UnreadableError: It is larger than it may be.
        """
        async with asyncio.timeout(within):
            async for part in response.content.iter_any():
                self._body += part
                if len(self._body) > most:
                    raise UnreadableError(f"an answer of more than {most // _MEGABYTE} MB")

    def readable(
        self, method: str, url: str, broken: NetworkError | None = None
    ) -> tuple[int, bytes]:
        """Return the status and a body that the library can read.

        Args:
            method: That of HTTP.
            url: What was asked; its last part is the Bot API's method.
            broken: Why the answer is not whole.

        Raises:
            BadRequest: There is no such file.
            NetworkError: There is none.
        """
        if method == "GET" and broken is None:
            if self.status == HTTPStatus.NOT_FOUND:  # which the library takes for a refused token
                raise BadRequest("the file is not there")
            return self.status, bytes(self._body) if self.status == HTTPStatus.OK else b"{}"
        if broken is not None:
            del self._body[_LONGEST_BEGINNING:]
        return readable(url.rpartition("/")[2], self.status, bytes(self._body), broken)


def _trusting() -> ssl.SSLContext:
    # The authorities that httpx trusts too; a slim container has none of its own.
    trusted = os.environ.get("SSL_CERT_FILE")
    try:
        return ssl.create_default_context(cafile=trusted or certifi.where())
    except OSError as error:  # what is no certificate, too
        if not trusted:
            raise
        said = error.strerror or error
        raise CertificatesError(
            f"SSL_CERT_FILE is set to {trusted}, and there are no certificates to be read "
            f"({said}); correct it, or leave it out."
        ) from error


def _untrusted(error: aiohttp.ClientConnectorCertificateError) -> str:
    why = error.certificate_error
    said = getattr(why, "verify_message", None) or type(why).__name__
    return (
        f"the certificate of {error.host} is not trusted: {said}; where it is your own proxy or "
        "server, set SSL_CERT_FILE to a file with its certificate"
    )


def _given(seconds: Seconds, default: float | None) -> float | None:
    return default if seconds is BaseRequest.DEFAULT_NONE else seconds


def _body(data: RequestData) -> tuple[bytes | aiohttp.FormData, dict[str, str]]:
    """Return the body of a request and what it has to say of it: JSON, or a form with files."""
    if not data.contains_files:
        return data.json_payload, _HEADERS
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime_type) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime_type)
    return form, {}
