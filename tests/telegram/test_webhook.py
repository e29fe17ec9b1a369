"""The bot behind its webhook: what it takes, what it refuses, what it says of wrong settings."""

from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.telegram.conftest import RunningBot, StartBot
from tests.telegram.modes import (
    HOOK,
    HOOK_PATH,
    SECRET,
    SUMMIT_DATE,
    User,
    free_port,
    in_mode,
    start_webhook,
    until_answered,
)
from tests.telegram.server import BotApiServer

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Door:
    """The port that the bot listens on, as whoever finds it may knock at it."""

    def __init__(self, port: int) -> None:
        self.port = port

    def send(
        self,
        body: bytes | str,
        *,
        secret: str | None = SECRET,
        path: str = HOOK_PATH,
        method: str = "POST",
        **headers: str,
    ) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        about = {"Content-Type": "application/json"}
        if secret is not None:
            about[SECRET_HEADER] = secret
        about |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, about)
            return connection.getresponse().status
        finally:
            connection.close()


def update_of(user: User, text: str = "متى القمة المقبلة؟", **more: Any) -> str:
    """An update as Telegram would send it."""
    chat = {"id": user.id, "type": "private", "first_name": "Somebody"}
    message = {
        "message_id": 900_000_000 + user.id,
        "date": 1_764_000_000,
        "chat": chat,
        "from": {"id": user.id, "is_bot": False, "first_name": "Somebody"},
        "text": text,
    }
    return json.dumps({"update_id": 900_000_000 + user.id, "message": message, **more})


@pytest.fixture(scope="class")
def door() -> Door:
    return Door(free_port())


@pytest.fixture(scope="class")
def hooked(
    shared_server: BotApiServer, start_shared_bot: StartBot, door: Door
) -> Iterator[RunningBot]:
    """A bot with a webhook, which goes on whatever the tests send to it."""
    bot = start_webhook(shared_server, start_shared_bot, door.port)()
    yield bot
    assert bot.stop() == 0
    assert "Traceback" not in bot.output


@pytest.fixture
def user(hooked: RunningBot, shared_server: BotApiServer) -> Iterator[User]:
    """Somebody who is not answered for what is refused, and is for what comes after it."""
    user = User(shared_server)
    yield user
    assert hooked.process.poll() is None
    sent = user.asks()
    until_answered(shared_server, [sent])
    assert [reply.reply_to_message_id for reply in shared_server.messages(user.id)] == [
        sent.message_id
    ]


@pytest.mark.usefixtures("user")
class TestWhatIsRefused:
    @pytest.mark.parametrize(
        "secret",
        [None, "", "wrong", SECRET.upper(), SECRET[:-1], f"{SECRET}x", "é"],
        ids=["missing", "empty", "wrong", "case", "short", "long", "accents"],
    )
    def test_a_wrong_secret(self, user: User, door: Door, secret: str | None) -> None:
        assert door.send(update_of(user), secret=secret) == 403

    @pytest.mark.parametrize(
        "path", ["/", "/telegram", f"{HOOK_PATH}x", f"/x{HOOK_PATH}", "/telegram%2Fhook", "//"]
    )
    def test_another_path(self, user: User, door: Door, path: str) -> None:
        assert door.send(update_of(user), path=path) == 404

    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "BREW"])
    def test_another_method(self, user: User, door: Door, method: str) -> None:
        assert door.send(update_of(user), method=method) == 405

    @pytest.mark.parametrize(
        "body",
        [b"", b"{", b"question", b'{"update_id": 1', b"\xff\xfe\x00", b"[1, 2", b"[" * 100_000],
        ids=["empty", "brace", "text", "half", "no text", "list", "deep"],
    )
    def test_broken_json(self, door: Door, body: bytes) -> None:
        assert door.send(body) in range(400, 600)

    @pytest.mark.parametrize(
        "body",
        [
            *("[]", "{}", "[{}]", '"text"', "7", "true", '{"message": {}}'),
            '{"update_id": 5, "message": 5}',
            '{"update_id": 5, "message": {"text": "متى"}}',
            '{"update_id": 5, "edited_message": []}',
        ],
    )
    def test_json_that_is_no_update(self, door: Door, body: str) -> None:
        assert door.send(body.encode()) in range(400, 600)

    @pytest.mark.parametrize("number", [None, "five", 2**70, -(2**70), 1.5, [], {}])
    def test_an_update_without_a_number(self, user: User, door: Door, number: object) -> None:
        assert door.send(update_of(user, update_id=number)) in range(400, 600)

    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "x"])
    def test_what_is_not_called_json(self, user: User, door: Door, kind: str) -> None:
        assert door.send(update_of(user), Content_Type=kind) == 403

    def test_a_body_that_says_it_is_huge(self, door: Door) -> None:
        with socket.create_connection(("127.0.0.1", door.port), timeout=10) as knocking:
            head = f"POST {HOOK_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"
            knocking.sendall(head.encode())
            answer = knocking.recv(1000)
        assert not answer or b" 400 " in answer or b" 413 " in answer

    def test_a_body_that_is_huge(self, door: Door) -> None:
        assert door.send(b'{"a": "' + b"a" * 20_000_000) in range(400, 600)

    def test_what_is_no_http(self, door: Door) -> None:
        with socket.create_connection(("127.0.0.1", door.port), timeout=10) as knocking:
            knocking.sendall(b"\x16\x03\x01\x02\x00 hello\r\n\r\n")
            assert b" 200 " not in knocking.recv(1000)

    def test_a_request_that_is_left_half_way(self, door: Door) -> None:
        with socket.create_connection(("127.0.0.1", door.port), timeout=10) as knocking:
            head = f"POST {HOOK_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nhalf"
            knocking.sendall(head.encode())


@pytest.mark.usefixtures("hooked")
class TestWhatIsTaken:
    def test_an_update_with_the_secret_is_taken_and_answered_once(
        self, shared_server: BotApiServer, door: Door
    ) -> None:
        user = User(shared_server)
        # The chat is known to Telegram from here on.
        shared_server.send_text("/help", chat_id=user.id)
        shared_server.wait_for_message(user.id)
        assert [door.send(update_of(user)) for _ in range(3)] == [200, 200, 200]
        assert shared_server.wait_for_message(user.id, count=2).bold == SUMMIT_DATE
        user.asks()
        shared_server.wait_for_message(user.id, count=3)
        assert len(shared_server.messages(user.id)) == 3

    def test_an_update_of_a_kind_of_tomorrow_is_taken(self, door: Door) -> None:
        assert door.send('{"update_id": 7, "thought": {"of": "somebody"}}') == 200

    def test_telegram_is_told_where_and_with_which_secret(
        self, shared_server: BotApiServer
    ) -> None:
        (call,) = shared_server.calls("setWebhook")
        assert (call.params["url"], call.params["secret_token"]) == (HOOK, SECRET)
        assert "message" in call.params["allowed_updates"]
        assert not call.params.get("drop_pending_updates")
        assert shared_server.calls("getUpdates") == []

    def test_only_this_machine_is_listened_to(self, door: Door) -> None:
        # All of 127.0.0.0/8 is this machine's, and only one of its addresses is listened on.
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", door.port), timeout=5)

    def test_the_secret_is_in_no_log(self, hooked: RunningBot, door: Door) -> None:
        assert door.send("[]") in range(400, 600)
        assert SECRET not in hooked.output


class TestSettings:
    def test_without_a_secret_one_is_made_that_stays_the_same(
        self, server: BotApiServer, start_bot: StartBot
    ) -> None:
        port = free_port()
        outputs = []
        for _ in range(2):
            bot = start_webhook(server, start_bot, port)(
                JAWAB_WEBHOOK_SECRET="", JAWAB_LOG_LEVEL="DEBUG"
            )
            assert bot.stop() == 0
            outputs.append(bot.output)
        first, second = (call.params["secret_token"] for call in server.calls("setWebhook"))
        assert first == second
        assert re.fullmatch(r"[A-Za-z0-9_-]{32,256}", first)
        assert server.token.partition(":")[2] not in first
        assert not any(first in output for output in outputs)

    def test_a_path_behind_the_proxy_of_its_own(
        self, server: BotApiServer, start_bot: StartBot
    ) -> None:
        door = Door(free_port())
        start_webhook(server, start_bot, door.port)(JAWAB_WEBHOOK_PATH="/inside")
        body = '{"update_id": 7}'
        assert door.send(body) == 404
        assert door.send(body, path="/inside") == 200

    @pytest.mark.parametrize("path", ["", "/", "/a+b(c", "/a.b/[x", "/%D8%AC%D9%88"])
    def test_any_path_of_an_address(
        self, server: BotApiServer, start_bot: StartBot, path: str
    ) -> None:
        start_webhook(server, start_bot)(JAWAB_WEBHOOK_URL=f"https://bot.example.org{path}")
        sent = User(server).asks()
        until_answered(server, [sent])
        assert {request.status for request in server.webhook_requests()} <= {0, 200}

    def test_a_port_in_use_ends_it_with_a_line(
        self, server: BotApiServer, start_bot: StartBot
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            bot = start_webhook(server, start_bot, port)(wait=False)
            assert bot.process.wait(timeout=30) == 2
        *_, last = bot.output.splitlines()
        assert f"127.0.0.1:{port}" in last
        assert "JAWAB_WEBHOOK_LISTEN" in last
        assert "Traceback" not in bot.output

    @pytest.mark.parametrize("address", ["203.0.113.7:8080", "no-such-host.invalid:80", "a..b:80"])
    def test_an_address_that_is_not_of_this_machine_ends_it_with_a_line(
        self, server: BotApiServer, start_bot: StartBot, address: str
    ) -> None:
        bot = start_webhook(server, start_bot)(wait=False, JAWAB_WEBHOOK_LISTEN=address)
        assert bot.process.wait(timeout=30) == 2
        *_, last = bot.output.splitlines()
        assert address in last
        assert "JAWAB_WEBHOOK_LISTEN" in last
        assert "Traceback" not in bot.output

    def test_an_address_that_telegram_refuses_ends_it_with_a_line(
        self, server: BotApiServer, start_bot: StartBot
    ) -> None:
        url = "https://bot.example.org:8080/hook"
        bot = start_webhook(server, start_bot)(wait=False, JAWAB_WEBHOOK_URL=url)
        assert bot.process.wait(timeout=30) == 2
        *_, last = bot.output.splitlines()
        assert url in last
        assert "ports 80, 88, 443 or 8443" in last
        assert "JAWAB_WEBHOOK_URL" in last
        assert "Traceback" not in bot.output

    def test_from_polling_to_a_webhook_and_back(
        self, server: BotApiServer, start_bot: StartBot
    ) -> None:
        user = User(server)
        sent = []
        for mode in ("polling", "webhook", "polling"):
            sent.append(user.asks())  # while no bot is there
            bot = in_mode(mode, server, start_bot)()
            sent.append(user.asks())
            until_answered(server, sent)
            assert bool(server._webhook["url"]) == (mode == "webhook")
            assert bot.stop() == 0
        in_mode("webhook", server, start_bot)()
        user.has_one_reply_to(*sent)
