"""A Telegram Bot API server for tests, on this machine and without Telegram.

A bot in another process talks to it over real HTTP: give the process
``JAWAB_TELEGRAM_API_URL=server.url`` and the server's token. The server answers in the Bot API's
shapes, refuses what Telegram refuses in Telegram's words, and keeps each chat as its user would
see it. The test plays the user (``send_text``, ``press``, ``send_inline``, see ``user``), looks at
the chat (``messages``), at the requests (``calls``) and at the answers to queries
(``callback_answers``, ``inline_answers``), and breaks the connection where it wants to
(``fail_next``) or answers what Telegram never would (``answer_next``). Updates go to a poll or to a
webhook, see ``updates`` and ``webhooks``.

Of the parse modes it reads HTML only, and it finds no links or hashtags in a bot's plain text.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import logging
import re
import ssl
from collections import defaultdict, deque
from collections.abc import Callable
from http.client import responses
from threading import Thread
from typing import Any, Self
from urllib.parse import unquote

from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders, HTTPServerRequest, ResponseStartLine
from tornado.iostream import IOStream, StreamClosedError
from tornado.netutil import bind_sockets

from tests.telegram.closing import ClosingClient
from tests.telegram.markup import ApiError, Json, require
from tests.telegram.profile import ProfileMethods
from tests.telegram.queries import QueryMethods
from tests.telegram.records import (
    Call,
    CallbackAnswer,
    InlineAnswer,
    InlineResult,
    Sent,
    SentMessage,
    WebhookRequest,
)
from tests.telegram.state import TOKEN, Upload
from tests.telegram.updates import Poll
from tests.telegram.user import UserSide
from tests.telegram.webhooks import Webhooks

__all__ = [
    "BotApiServer",
    "Call",
    "CallbackAnswer",
    "InlineAnswer",
    "InlineResult",
    "Sent",
    "SentMessage",
    "WebhookRequest",
]

_LOGGER = logging.getLogger(__name__)

_PATH = re.compile(r"/(?P<file>file/)?bot(?P<token>[^/]+)/(?P<name>.+)")
# Form values are text; all but these are read as JSON where they are JSON.
_TEXT_FIELDS = frozenset(
    "action callback_query_id caption description document file_id inline_message_id"
    " inline_query_id language_code message_effect_id name next_offset parse_mode photo"
    " secret_token short_description text url".split()
)
DOWNLOAD = "file"  # in the place of a method's name: the download of a file, which is no method
_TALKING = set[asyncio.Task[None]]()
_Fault = tuple[ApiError | None, float]


class NonsenseError(ApiError):
    """An answer in the place of Telegram's: bytes, and others after them for ever."""

    def __init__(self, answer: bytes, endless: bytes, *, performs: bool) -> None:
        super().__init__(0, "nonsense")
        self.answer = answer
        self.endless = endless
        self.performs = performs


class BotApiServer(UserSide, QueryMethods, ProfileMethods, Webhooks):
    """The server: a context manager that listens on a port of 127.0.0.1 in its own thread.

    The port is a free one unless it is given, as by a test whose bot starts before the server.
    ``webhook_proxy`` is where the bot listens for webhook requests (it can be set later, too), and
    ``record=False`` keeps no requests, for a benchmark that makes very many. With a ``certificate``
    it speaks https.
    """

    def __init__(
        self,
        token: str = TOKEN,
        *,
        webhook_proxy: str | None = None,
        record: bool = True,
        port: int = 0,
        certificate: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(token)
        self.url = ""
        self.webhook_proxy = webhook_proxy
        self._recording = record
        self._port = port
        self._certificate = certificate
        self._faults: defaultdict[str, deque[_Fault]] = defaultdict(deque)
        self._slow_requests: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        sockets = bind_sockets(self._port, "127.0.0.1")
        scheme = "https" if self._certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{sockets[0].getsockname()[1]}"
        loop = self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()

        async def run() -> None:
            self._client = ClosingClient(force_instance=True, max_clients=1000)
            # Without tornado's Application, which takes longer over a request than all the rest.
            server = HTTPServer(self._take, ssl_options=self._certificate)
            server.add_sockets(sockets)
            self._stir()
            await self._stop.wait()
            server.stop()
            await server.close_all_connections()
            await self._end_deliveries()

        def serve() -> None:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(run())

        self._thread = Thread(target=serve, name="bot-api-server", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        loop, self._loop = self._loop, None
        if loop:
            loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(timeout=10)

    # Faults: each is used up by one request, in the order they were asked for. A getUpdates that
    # waits already has passed them.

    def fail_next(
        self,
        method: str,
        *,
        status: int,
        description: str,
        retry_after: int | None = None,
        times: int = 1,
    ) -> None:
        """Answers the next requests with an error and does nothing else."""
        self._fault(method, ApiError(status, description, retry_after), 0.0, times)

    def drop_next(self, method: str, times: int = 1) -> None:
        """Closes the connection of the next requests without an answer."""
        self._fault(method, ApiError(0, "dropped"), 0.0, times)

    def answer_next(
        self,
        method: str,
        body: bytes,
        *,
        head: str = "200 OK",
        endless: bytes = b"",
        performs: bool = False,
        times: int = 1,
    ) -> None:
        """Answers the next requests with anything at all, and closes the connection.

        Args:
            method: The method.
            body: What comes after the head.
            head: The status and the headers; without a length the body ends with the connection.
            endless: What comes after the body again and again, until the bot goes away.
            performs: Whether it does what is asked.
            times: How many requests.
        """
        fault = NonsenseError(
            f"HTTP/1.1 {head}\r\n\r\n".encode() + body, endless, performs=performs
        )
        self._fault(method, fault, 0.0, times)

    def delay_next(self, method: str, seconds: float, times: int = 1) -> None:
        """Takes up the next requests only after a while."""
        self._fault(method, None, seconds, times)

    def stop_failing(self) -> None:
        """Takes back the faults that no request has met."""
        with self._lock:
            self._faults.clear()

    def _fault(self, method: str, error: ApiError | None, seconds: float, times: int) -> None:
        with self._lock:
            self._faults[method].extend([(error, seconds)] * times)

    # Requests.

    def _take(self, request: HTTPServerRequest) -> None:
        path = _PATH.fullmatch(unquote(request.path))
        if path is None:
            _respond(request, ApiError(404, "Not Found"))
        elif path["file"]:
            file = self._files.get(path["name"]) if path["token"] == self.token else None
            with self._lock:
                faults = self._faults.get(DOWNLOAD)
                fault, _ = faults.popleft() if faults else (None, 0.0)
            _respond(request, fault or (file.content if file else ApiError(404, "Not Found")))
        else:
            self._take_method(request, path["token"], path["name"])

    def _take_method(self, request: HTTPServerRequest, token: str, method: str) -> None:
        params: Json = {}
        fault: ApiError | None = None
        delay = 0.0
        try:
            params = _params(request)
        except (ValueError, TypeError):
            fault = ApiError(400, "Bad Request: can't parse the request")
        if token != self.token:
            fault = ApiError(401, "Unauthorized")
        elif not fault:
            with self._lock:
                faults = self._faults.get(method)
                fault, delay = faults.popleft() if faults else (None, 0.0)
        if delay or (method == "getUpdates" and not fault):
            coroutine = self._serve_slowly(request, method, params, fault, delay)
            task = asyncio.get_running_loop().create_task(coroutine)
            self._slow_requests.add(task)
            task.add_done_callback(self._slow_requests.discard)
        else:
            _respond(request, self._serve(method, params, fault))

    async def _serve_slowly(
        self,
        request: HTTPServerRequest,
        method: str,
        params: Json,
        fault: ApiError | None,
        delay: float,
    ) -> None:
        number, poll = self._record(Call(method, params, None)), Poll()
        _connection(request).set_close_callback(poll.leave)
        await asyncio.sleep(delay)
        updates: list[Json] | None = None
        if method == "getUpdates" and not fault:
            try:
                updates = await self._poll(params, poll)
            except Exception as error:  # noqa: BLE001 - told of and answered like any other
                fault = _answer_to(error, method)
        _respond(request, self._serve(method, params, fault, number, updates))

    def _serve(
        self,
        method: str,
        params: Json,
        fault: ApiError | None,
        number: int | None = None,
        updates: list[Json] | None = None,
    ) -> Json | ApiError:
        # In one step, so that whoever sees the call sees what it did.
        with self._lock:
            answer: Json | ApiError
            try:
                if isinstance(fault, NonsenseError) and fault.performs:
                    self._result(method, params, None)
                result = self._result(method, params, fault) if updates is None else updates
                answer = {"ok": True, "result": result}
            except Exception as error:  # noqa: BLE001 - told of and answered
                answer = _answer_to(error, method)
            status = answer.status if isinstance(answer, ApiError) else 200
            self._record(Call(method, params, status), number)
            return answer

    def _result(self, method: str, params: Json, fault: ApiError | None) -> Any:
        if fault:
            raise fault
        perform: Callable[[Json], Any] | None = getattr(self, _method_name(method), None)
        if perform is None:
            raise ApiError(404, "Not Found")
        for field, value in params.items():
            if isinstance(value, str) and value[:1] in ("{", "[") and field not in _TEXT_FIELDS:
                require(ok=False, description=f"can't parse {field} JSON object")
        return perform(params)


@functools.cache
def _method_name(method: str) -> str:
    return "_api" + re.sub("(?=[A-Z])|^", "_", method).lower()


def _answer_to(error: Exception, method: str) -> ApiError:
    if isinstance(error, ApiError):
        return error
    # A request of no known shape, or a mistake of this server.
    _LOGGER.error("%s failed", method, exc_info=error)
    return ApiError(500, "Internal Server Error")


def _params(request: HTTPServerRequest) -> Json:
    values: Json = {name: parts[-1].decode() for name, parts in request.arguments.items()}
    if request.headers.get("Content-Type", "").startswith("application/json"):
        values |= json.loads(request.body or b"{}")
    for name, (part, *_) in request.files.items():
        values[name] = Upload(part.filename, part.content_type, part.body)
    return {name: _typed(name, value) for name, value in values.items()}


def _typed(name: str, value: Any) -> Any:
    if isinstance(value, str) and name not in _TEXT_FIELDS:
        with contextlib.suppress(ValueError):
            return json.loads(value)
    return value


def _connection(request: HTTPServerRequest) -> HTTP1Connection:
    connection = request.connection
    if not isinstance(connection, HTTP1Connection):
        raise TypeError  # tornado's server makes no others
    return connection


async def _talk_nonsense(stream: IOStream, answer: NonsenseError) -> None:
    with contextlib.suppress(StreamClosedError):
        await stream.write(answer.answer)
        while answer.endless:
            await stream.write(answer.endless)
    stream.close()


def _respond(request: HTTPServerRequest, answer: Json | ApiError | bytes) -> None:
    if isinstance(answer, NonsenseError):
        talking = _talk_nonsense(_connection(request).detach(), answer)
        task = asyncio.get_running_loop().create_task(talking)
        _TALKING.add(task)
        task.add_done_callback(_TALKING.discard)
        return
    status, kind = 200, "application/json"
    if isinstance(answer, ApiError):
        status, answer = answer.status, answer.body
    if isinstance(answer, bytes):
        body, kind = answer, "application/octet-stream"
    else:
        body = json.dumps(answer).encode()
    connection = _connection(request)
    if status == 0:
        connection.detach().close()
        return
    headers = HTTPHeaders({"Content-Type": kind, "Content-Length": str(len(body))})
    connection.write_headers(
        ResponseStartLine("HTTP/1.1", status, responses[status]), headers, body
    )
    connection.finish()
