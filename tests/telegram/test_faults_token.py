"""The bot's token revoked while it runs: it ends with one line, and what is in hand is kept."""

from __future__ import annotations

import pytest

from tests.telegram.conftest import StartBot
from tests.telegram.methods import TOKEN
from tests.telegram.modes import PUBLISHED, User, replies, until, until_answered
from tests.telegram.server import BotApiServer

LAST_LINE = (
    "jawab: Telegram no longer takes this bot's token, which was revoked or replaced; copy the new "
    "one from @BotFather into TELEGRAM_BOT_TOKEN and start again. What is in hand is kept until "
    "then."
)
ANOTHER = f"{TOKEN.partition(':')[0]}:tests-only-another"


@pytest.fixture
def mode(mostly_polling: str) -> str:
    return mostly_polling


def test_it_ends_and_nothing_is_lost(server: BotApiServer, start: StartBot) -> None:
    bot = start()
    answered, waiting = User(server), User(server)
    before = answered.asks()
    until_answered(server, [before])
    server.fail_next("sendMessage", status=500, description="Internal Server Error", times=3)
    left = [waiting.asks(), waiting.asks(PUBLISHED)]
    server.wait_for(lambda call: (call.method, call.status) == ("sendMessage", 500))
    server.token = ANOTHER
    assert bot.process.wait(timeout=30) == 2
    assert bot.output.splitlines()[-1] == LAST_LINE
    assert bot.output.count("no longer takes") == 1
    assert "Traceback" not in bot.output
    server.stop_failing()
    assert not any(replies(server, left).values())
    again = start(TELEGRAM_BOT_TOKEN=ANOTHER)
    until_answered(server, left)
    waiting.has_one_reply_to(*left)
    answered.has_one_reply_to(before)
    assert ANOTHER.partition(":")[2] not in again.output


@pytest.mark.parametrize("mode", ["polling"])
def test_refusals_on_the_way_do_not_end_it(server: BotApiServer, start: StartBot) -> None:
    bot = start()
    for method, times in (("getUpdates", 2), ("sendMessage", 3), ("getMe", 1)):
        server.fail_next(method, status=401, description="Unauthorized", times=times)
    users = [User(server) for _ in range(3)]
    sent = [user.asks() for user in users]
    until_answered(server, sent, timeout=60)
    assert set(replies(server, sent).values()) == {1}
    until(lambda: "takes it again" in bot.output)
    assert bot.stop() == 0
    assert "Traceback" not in bot.output


@pytest.mark.usefixtures("for_a_release")
@pytest.mark.parametrize("mode", ["polling"])
def test_a_press_that_is_refused_is_not_lost(server: BotApiServer, start: StartBot) -> None:
    bot = start()
    user = User(server)
    user.asks("/start")
    shown = server.wait_for_message(user.id)
    server.token = ANOTHER
    server.press(shown, shown.buttons[0]["callback_data"])
    assert bot.process.wait(timeout=30) == 2
    start(TELEGRAM_BOT_TOKEN=ANOTHER)
    assert shown.buttons[0]["text"] in server.wait_for_message(user.id, count=2, timeout=30).text
