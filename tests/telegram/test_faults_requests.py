"""Requests to Telegram where something else answers: told as an error of the network, and bounded.

Every answer is one of a real server to a real request; what the whole bot makes of them is in
``test_faults_telegram``.
"""

from __future__ import annotations

import asyncio
import re
import resource
import socket
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import pytest
from telegram import Bot
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError

from bot.inbox import Inbox
from bot.polling import ReceivingBot
from bot.request import AiohttpRequest, CertificatesError
from bot.revocation import Token
from bot.state import State
from tests.telegram.conftest import server
from tests.telegram.methods import TOKEN
from tests.telegram.nonsense import MEGABYTE, NONSENSE, UPDATES, Answer, unreadable_updates
from tests.telegram.server import BotApiServer

__all__ = ["server"]

T = TypeVar("T")

SENT = re.compile(rb'\{"ok": ?true')  # whatever follows

CALLS: dict[str, Callable[[Bot], Awaitable[Any]]] = {
    "getMe": lambda bot: bot.get_me(),
    "sendMessage": lambda bot: bot.send_message(5, "نص"),
    "editMessageText": lambda bot: bot.edit_message_text("نص", 5, 1),
    "getFile": lambda bot: bot.get_file("file"),
    "answerCallbackQuery": lambda bot: bot.answer_callback_query("1"),
}


class Elsewhere:
    """Another server, which nothing of ours must come to."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        self.visits = 0
        Thread(target=self._wait, daemon=True).start()

    def _wait(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.visits += 1
            connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    other = Elsewhere()
    yield other
    assert other.visits == 0
    other.close()


def as_bot(server: BotApiServer, path: Path, action: Callable[[ReceivingBot], Awaitable[T]]) -> T:
    """Does something as the bot of a server that is not asked anything before."""

    async def main() -> T:
        state = await State.open(path)
        request, polling = AiohttpRequest(4, 2.0), AiohttpRequest(1, 2.0)
        bot = ReceivingBot(
            Inbox(state),
            Token(asyncio.Event()),
            TOKEN,
            base_url=f"{server.url}/bot",
            base_file_url=f"{server.url}/file/bot",
            request=request,
            get_updates_request=polling,
        )
        try:
            await request.initialize()
            await polling.initialize()
            return await action(bot)
        finally:
            await request.shutdown()
            await polling.shutdown()
            await state.close()

    return asyncio.run(main())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def error_of(call: Awaitable[Any]) -> TelegramError:
    """Returns the error that a call ends with, which is the library's, said in a line."""
    with pytest.raises(TelegramError) as caught:
        await call
    said = str(caught.value)
    assert len(said) < 400, said
    assert "\n" not in said
    assert TOKEN.partition(":")[2] not in said
    return caught.value


def test_whatever_answers_every_call_ends_with_an_error_of_the_library(
    server: BotApiServer, path: Path, elsewhere: Elsewhere, record_property: Any
) -> None:
    before = peak_megabytes()

    async def act(bot: ReceivingBot) -> int:
        rounds = 0
        for name, answer in NONSENSE.items():
            sent = replace(answer, head=answer.head.format(elsewhere=elsewhere.url))
            for method, call in CALLS.items():
                # A connection that was closed may be taken for one that is open, and miss its turn.
                server.stop_failing()
                server.answer_next(**sent.by(method))
                if method == "sendMessage" and SENT.match(answer.body):
                    assert (await call(bot)).message_id == 0, name
                    continue
                error = await error_of(call(bot))
                assert not isinstance(error, RetryAfter), name
                is_refusal = isinstance(error, BadRequest)
                assert is_refusal == ("400" in answer.head), (name, error)
                rounds += 1
            server.answer_next(**sent.by("getUpdates"))
            await error_of(bot.get_updates(timeout=1))
            rounds += 1
        return rounds

    record_property("rounds", as_bot(server, path, act))
    # The bomb alone would be 64, what never ends all there is.
    assert peak_megabytes() - before < 200


def test_updates_that_are_none_are_never_confirmed(server: BotApiServer, path: Path) -> None:
    async def act(bot: ReceivingBot) -> None:
        for name, answer in UPDATES.items():
            server.answer_next(**answer.by("getUpdates"))
            error = await error_of(bot.get_updates(timeout=1))
            assert isinstance(error, NetworkError), name
        mixed = Answer(b'{"ok": true, "result": [{"update_id": 9}, 5, {"update_id": "x"}]}')
        server.answer_next(**mixed.by("getUpdates"))
        assert [update.update_id for update in await bot.get_updates(timeout=1)] == [9]

    as_bot(server, path, act)


def test_updates_that_cannot_be_read_are_told_and_passed_over(
    server: BotApiServer, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def act(bot: ReceivingBot) -> None:
        for at, (name, answer) in enumerate(unreadable_updates(40).items()):
            server.answer_next(**answer.by("getUpdates"))
            updates = await bot.get_updates(timeout=1)
            assert [update.update_id for update in updates] == [40 + at], name
            assert (updates[0].message, updates[0].inline_query) == (None, None)

    as_bot(server, path, act)
    assert "update 40 cannot be read" in caplog.text
    assert "سر" not in caplog.text


def test_a_poll_that_is_answered_at_once_for_ever_is_not_made_all_the_time(
    server: BotApiServer, path: Path
) -> None:
    nothing = Answer(b'{"ok":true,"result":[]}')
    again = Answer(b'{"ok":true,"result":[{"update_id":3}]}')

    async def act(bot: ReceivingBot) -> float:
        loop = asyncio.get_running_loop()
        server.answer_next(**again.by("getUpdates"))
        assert await bot.get_updates(timeout=1)
        begun = loop.time()
        for answer in (nothing, again):
            server.answer_next(**answer.by("getUpdates"))
            await bot.get_updates(timeout=1)
        return loop.time() - begun

    assert as_bot(server, path, act) > 0.9


def test_a_message_that_telegram_says_it_sent_is_sent(server: BotApiServer, path: Path) -> None:
    broken = b'{"ok":true,"result":{"message_id":77,"da'
    answers: list[tuple[bytes, str, int]] = [
        (b'{"ok":true}', "200 OK", 0),
        (b'{"ok":true,"result":{}}', "200 OK", 0),
        (b'{"ok":true,"result":"sent"}', "200 OK", 0),
        (broken, "200 OK", 77),
        (broken, "200 OK\r\nContent-Length: 500", 77),
        (b' { "ok" : true, "result": {"message_id": "x"', "200 OK", 0),
    ]

    async def act(bot: ReceivingBot) -> None:
        for body, head, number in answers:
            server.answer_next("sendMessage", body, head=head)
            assert (await bot.send_message(5, "نص")).message_id == number, body

    as_bot(server, path, act)


def test_a_download_is_not_larger_than_it_may_be(server: BotApiServer, path: Path) -> None:
    async def act(_: ReceivingBot) -> None:
        request = AiohttpRequest(1, 2.0, largest_file=MEGABYTE)
        await request.initialize()
        try:
            for size, fits in ((MEGABYTE, True), (MEGABYTE + 1, False)):
                file = server.add_file(bytes(size), f"documents/{size}.txt")
                assert file
                getting = request.retrieve(f"{server.url}/file/bot{TOKEN}/documents/{size}.txt")
                if fits:
                    assert len(await getting) == size
                else:
                    assert "file is too big" in str(await error_of(getting)).lower()
        finally:
            await request.shutdown()

    as_bot(server, path, act)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read_are_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    path = tmp_path / "authority.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(CertificatesError, match="SSL_CERT_FILE") as caught:
        asyncio.run(AiohttpRequest(1).initialize())
    assert str(path) in str(caught.value)
