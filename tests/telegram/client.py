"""A bot of the test server, as python-telegram-bot's own client or over plain HTTP."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.request import HTTPXRequest

from tests.telegram.server import BotApiServer

T = TypeVar("T")
Action = Callable[[telegram.Bot], Awaitable[T]]


def plain_request() -> HTTPXRequest:
    # Without TLS, whose certificates take most of a short test to load.
    return HTTPXRequest(httpx_kwargs={"verify": False})


def run(server: BotApiServer, action: Action[T], *, token: str | None = None) -> T:
    """Does something as a bot of the server; the bot greets it with getMe first."""

    async def main() -> T:
        bot = telegram.Bot(
            token or server.token,
            base_url=f"{server.url}/bot",
            base_file_url=f"{server.url}/file/bot",
            request=plain_request(),
            get_updates_request=plain_request(),
        )
        async with bot:
            return await action(bot)

    return asyncio.run(main())


def keyboard(data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("زر", callback_data=data)]])


def http(url: str, data: bytes | None = None, kind: str = "application/json") -> tuple[int, Any]:
    request = urllib.request.Request(url, data, {"Content-Type": kind})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def call(server: BotApiServer, method: str, **params: Any) -> Any:
    """Calls a method with JSON parameters; returns the result, or the whole of a refusal."""
    body = json.dumps(params).encode()
    _status, answer = http(f"{server.url}/bot{server.token}/{method}", body)
    return answer["result"] if answer["ok"] else answer


def refusal(server: BotApiServer, method: str, **params: Any) -> str:
    """The words in which a method is refused."""
    answer = call(server, method, **params)
    assert isinstance(answer, dict)
    assert answer["ok"] is False
    return str(answer["description"])
