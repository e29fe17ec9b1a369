"""The test server's webhooks, taken by a plain HTTP server in the bot's place."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any

import pytest
import telegram
from telegram.error import BadRequest

from tests.telegram.client import call, refusal, run
from tests.telegram.server import BotApiServer

HOOK = "https://bot.example.org/telegram/hook?from=t"


@dataclass
class Listener:
    """What listens behind the proxy: it keeps what it got and answers as the test says."""

    statuses: list[int] = field(default_factory=list)  # of the next requests; then 200
    headers: dict[str, str] = field(default_factory=dict)
    held: bool = False  # keeps requests waiting
    got: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    at_a_time: int = 0
    most_at_a_time: int = 0
    address: str = ""

    def __post_init__(self) -> None:
        self.changed = Condition()

    def release(self) -> None:
        with self.changed:
            self.held = False
            self.changed.notify_all()

    def updates(self) -> list[Any]:
        return [update for _path, _headers, update in self.got]

    def ids(self) -> list[int]:
        return [update["update_id"] for update in self.updates()]

    def wait(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.got) >= count, 5)


class Quiet(ThreadingHTTPServer):
    # A hundred requests come at once.
    request_queue_size = 128

    def handle_error(self, *_about: object) -> None:
        pass  # the server was told to stop while it waited for us


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with listener.changed:
                listener.got.append((self.path, dict(self.headers), body))
                listener.at_a_time += 1
                listener.most_at_a_time = max(listener.most_at_a_time, listener.at_a_time)
                listener.changed.notify_all()
                listener.changed.wait_for(lambda: not listener.held, 5)
                listener.at_a_time -= 1
                status = listener.statuses.pop(0) if listener.statuses else 200
            self.send_response(status)
            for name, value in listener.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    with Quiet(("127.0.0.1", 0), Handler) as http_server:
        listener.address = f"http://127.0.0.1:{http_server.server_port}"
        thread = Thread(target=http_server.serve_forever, args=(0.01,))
        thread.start()
        yield listener
        listener.release()
        http_server.shutdown()
        thread.join()


@pytest.fixture
def server(listener: Listener) -> Iterator[BotApiServer]:
    with BotApiServer(webhook_proxy=listener.address) as server:
        yield server
        listener.release()


def test_updates_are_posted_with_the_secret(server: BotApiServer, listener: Listener) -> None:
    early = server.send_text("قبل")

    async def action(bot: telegram.Bot) -> None:
        await bot.set_webhook(HOOK, secret_token="a-Z_9", allowed_updates=["message"])

    run(server, action)
    late = server.send_text("بعد")
    server.edit_text(late, "لا يصل")
    server.wait_until_delivered()
    assert sorted(listener.ids()) == [early.update_id, late.update_id]
    for path, headers, update in listener.got:
        assert path == "/telegram/hook?from=t"
        assert headers["Host"] == "bot.example.org"
        assert headers["Content-Type"] == "application/json"
        assert headers["X-Telegram-Bot-Api-Secret-Token"] == "a-Z_9"
        assert update["message"]["chat"]["id"] == 1000
    made = server.webhook_requests()
    assert [(one.status, one.attempt, one.delivered) for one in made] == [(200, 1, True)] * 2


def test_what_the_bot_does_not_take_is_sent_again(server: BotApiServer, listener: Listener) -> None:
    listener.statuses = [500, 302, 401]
    call(server, "setWebhook", url=HOOK)
    server.send_text("س")
    *failed, done = server.wait_for_webhook_requests(4)
    assert [one.status for one in failed] == [500, 302, 401]
    assert failed[0].error == "Wrong response from the webhook: 500 Internal Server Error"
    assert (done.status, done.attempt, done.error) == (200, 4, None)
    assert len(set(listener.ids())) == 1
    info = call(server, "getWebhookInfo")
    assert info["pending_update_count"] == 0
    assert info["last_error_message"] == "Wrong response from the webhook: 401 Unauthorized"
    assert abs(info["last_error_date"] - time.time()) < 10
    # A new webhook has had no errors.
    call(server, "setWebhook", url=HOOK)
    assert "last_error_date" not in call(server, "getWebhookInfo")


def test_a_bot_that_does_not_listen_yet_gets_everything_later(
    server: BotApiServer, listener: Listener
) -> None:
    server.webhook_proxy = "http://127.0.0.1:1"  # nothing listens there
    call(server, "setWebhook", url=HOOK)
    sent = [server.send_text("س").update_id for _ in range(3)]
    made = server.wait_for_webhook_requests(4)
    assert {(one.status, one.error) for one in made} == {(0, "Connection refused")}
    assert call(server, "getWebhookInfo")["pending_update_count"] == 3
    server.webhook_proxy = listener.address
    server.wait_until_delivered()
    assert sorted(listener.ids()) == sent


def test_a_bot_that_does_not_answer_is_given_up_and_asked_again(
    server: BotApiServer, listener: Listener
) -> None:
    server.webhook_timeout = 0.05
    listener.held = True
    call(server, "setWebhook", url=HOOK)
    server.send_text("س")
    assert server.wait_for_webhook_requests(1)[0].error == "Read timeout expired"
    listener.release()
    server.wait_until_delivered()


@pytest.mark.parametrize(("asked", "allowed"), [(3, 3), (None, 40), (1000, 100)])
def test_so_many_at_a_time(
    server: BotApiServer, listener: Listener, asked: int | None, allowed: int
) -> None:
    listener.held = True
    call(server, "setWebhook", url=HOOK, **({"max_connections": asked} if asked else {}))
    for _ in range(allowed + 5):
        server.send_text("س")
    listener.wait(allowed)
    info = call(server, "getWebhookInfo")
    assert (info["max_connections"], info["pending_update_count"]) == (allowed, allowed + 5)
    listener.release()
    server.wait_until_delivered()
    assert listener.most_at_a_time == allowed
    assert len(set(listener.ids())) == allowed + 5


def test_a_busy_bot_says_when_to_come_again(server: BotApiServer, listener: Listener) -> None:
    listener.statuses, listener.headers = [503], {"Retry-After": "1"}
    call(server, "setWebhook", url=HOOK)
    start = time.monotonic()
    server.send_text("س")
    server.wait_until_delivered()
    assert time.monotonic() - start >= 1


def test_a_deleted_webhook_is_not_called(server: BotApiServer, listener: Listener) -> None:
    listener.statuses = [500] * 100
    call(server, "setWebhook", url=HOOK)
    first = server.send_text("س")
    server.wait_for_webhook_requests(1)
    call(server, "deleteWebhook")
    tries = len(listener.got)
    second = server.send_text("س")
    updates = call(server, "getUpdates")
    assert [update["update_id"] for update in updates] == [first.update_id, second.update_id]
    time.sleep(0.1)  # by when there would have been another try
    assert len(listener.got) <= tries + 1
    call(server, "deleteWebhook", drop_pending_updates=True)
    assert call(server, "getWebhookInfo") == {
        "url": "",
        "has_custom_certificate": False,
        "pending_update_count": 0,
    }


def test_pending_updates_can_be_dropped(server: BotApiServer, listener: Listener) -> None:
    server.send_text("قديم")
    call(server, "setWebhook", url=HOOK, drop_pending_updates=True)
    sent = server.send_text("جديد")
    server.wait_until_delivered()
    assert listener.ids() == [sent.update_id]


def test_duplicates_and_late_updates_are_delivered(
    server: BotApiServer, listener: Listener
) -> None:
    call(server, "setWebhook", url=HOOK, max_connections=1)
    sent = server.send_text("س")
    server.wait_until_delivered()
    server.redeliver(sent)
    late = server.send_text("متأخر", update_id=sent.update_id - 7)
    server.wait_until_delivered()
    assert listener.ids() == [sent.update_id, sent.update_id, late.update_id]
    assert listener.updates()[0] == listener.updates()[1]
    # Ids go on from the highest.
    assert server.send_text("س").update_id == sent.update_id + 1


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"url": "http://bot.example.org"}, "bad webhook: An HTTPS URL must be provided"),
        ({"url": "https://bot.example.org:8080"}, "only on ports 80, 88, 443 or 8443"),
        ({"url": HOOK, "secret_token": "سر"}, "secret token contains unallowed characters"),
        ({"url": HOOK, "secret_token": "a.b"}, "secret token contains unallowed characters"),
        ({"url": HOOK, "secret_token": "a" * 257}, "secret token is too long"),
    ],
)
def test_a_webhook_that_cannot_be(server: BotApiServer, params: dict[str, str], words: str) -> None:
    assert words in refusal(server, "setWebhook", **params)
    assert call(server, "getWebhookInfo")["url"] == ""
    assert call(server, "setWebhook", url="https://bot.example.org:8443", secret_token="a" * 256)


def test_allowed_updates_stay_until_told_otherwise(server: BotApiServer) -> None:
    async def action(bot: telegram.Bot) -> None:
        await bot.set_webhook(HOOK, allowed_updates=["inline_query"], max_connections=7)
        await bot.set_webhook(HOOK)
        info = await bot.get_webhook_info()
        assert (info.allowed_updates, info.max_connections) == (("inline_query",), 40)
        with pytest.raises(BadRequest, match=r"(?i)secret token"):
            await bot.set_webhook(HOOK, secret_token="!")
        await bot.set_webhook(HOOK, allowed_updates=[])
        assert (await bot.get_webhook_info()).allowed_updates == ()

    run(server, action)


def test_many_updates_take_little_time(server: BotApiServer, listener: Listener) -> None:
    call(server, "setWebhook", url=HOOK)
    for _ in range(300):
        server.send_text("س")
    server.wait_until_delivered()
    assert len(set(listener.ids())) == 300


def test_a_server_that_stops_leaves_its_requests(listener: Listener) -> None:
    listener.held = True
    with BotApiServer(webhook_proxy=listener.address) as server:
        call(server, "setWebhook", url=HOOK)
        server.send_text("س")
        listener.wait(1)
        start = time.monotonic()
    assert time.monotonic() - start < 1
