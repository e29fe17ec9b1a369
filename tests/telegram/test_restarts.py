"""No question is lost and none answered twice when the bot is stopped, killed and started."""

from __future__ import annotations

import signal
import time
from typing import Any

import pytest

from tests.telegram.conftest import StartBot
from tests.telegram.modes import (
    PUBLISHED,
    SUMMIT,
    SUMMIT_DATE,
    User,
    ask_all,
    in_mode,
    replies,
    until_answered,
)
from tests.telegram.server import BotApiServer

ERROR_500: Any = {"status": 500, "description": "Internal Server Error"}
ROUNDS = 5


class TestStop:
    def test_what_is_in_hand_is_answered_before_it_ends(
        self, server: BotApiServer, start: StartBot
    ) -> None:
        bot = start()
        user = User(server)
        server.delay_next("sendMessage", 1.0)
        sent = user.asks()
        server.wait_for("sendMessage")
        assert bot.stop() == 0
        assert replies(server, [sent])[sent] == 1
        assert server.messages(user.id)[0].bold == SUMMIT_DATE
        start()
        user.has_one_reply_to(sent)

    def test_sixty_questions_in_the_middle_have_one_reply_each(
        self, server: BotApiServer, start: StartBot
    ) -> None:
        bot = start()
        users = [User(server) for _ in range(30)]
        sent = ask_all(users)
        server.wait_for("sendMessage", count=10)
        assert bot.stop() == 0
        start()
        until_answered(server, sent)
        for user in users:
            user.has_one_reply_to(*(one for one in sent if one.chat_id == user.id))

    def test_a_failing_telegram_does_not_keep_it(
        self, server: BotApiServer, start: StartBot
    ) -> None:
        bot = start()
        users = [User(server) for _ in range(5)]
        server.fail_next("sendMessage", **ERROR_500, times=5)
        sent = ask_all(users, 1)
        server.wait_for("sendMessage", count=5)
        server.fail_next("sendMessage", **ERROR_500, times=100)
        bot.process.send_signal(signal.SIGINT)
        assert bot.process.wait(timeout=20) == 0
        assert not any(replies(server, sent).values())
        assert "Traceback" not in bot.output
        server.stop_failing()
        start()
        until_answered(server, sent)
        for user, one in zip(users, sent, strict=True):
            user.has_one_reply_to(one)

    @pytest.mark.parametrize("mode", ["polling"])
    def test_everything_that_is_left_is_dealt_with_after_the_next_start(
        self, server: BotApiServer, start: StartBot
    ) -> None:
        bot = start()
        presser, editor, member = User(server), User(server), User(server)
        presser.asks("/start")
        button = server.wait_for_message(presser.id).buttons[0]
        before = editor.asks(PUBLISHED)
        server.wait_for_message(editor.id)
        for method in ("sendMessage", "editMessageText"):
            server.fail_next(method, **ERROR_500, times=100)
        server.press(server.messages(presser.id)[0], button["callback_data"])
        server.edit_text(before, SUMMIT)
        group = -100_000_000_000 - member.id
        in_group: Any = {"chat_id": group, "user_id": member.id, "chat_type": "supergroup"}
        asked = server.send_text(f"/ask {SUMMIT}", **in_group)
        helped = member.asks("/help")
        server.wait_for("sendMessage", count=3)
        server.wait_for("editMessageText")
        server.wait_until_delivered()
        assert bot.stop() == 0
        server.stop_failing()
        start()
        assert server.wait_for_message(group).reply_to_message_id == asked.message_id
        assert button["text"] in server.wait_for_message(presser.id, count=2).text
        server.wait_for(lambda call: (call.method, call.status) == ("editMessageText", 200))
        assert server.messages(editor.id)[0].bold == SUMMIT_DATE
        server.wait_for_message(member.id)
        assert helped
        for user, messages in ((presser, 2), (editor, 1), (member, 1)):
            user.has_only(messages)
        assert len(server.messages(group)) == 1


class TestDuplicates:
    def test_one_that_comes_after_a_restart_is_known(
        self, server: BotApiServer, start: StartBot
    ) -> None:
        user, waiting = User(server), User(server)
        bot = start()
        answered = user.asks()
        until_answered(server, [answered])
        server.fail_next("sendMessage", **ERROR_500, times=100)
        left = waiting.asks()
        server.wait_for(lambda call: (call.method, call.status) == ("sendMessage", 500))
        server.redeliver(left)
        assert bot.stop() == 0
        server.stop_failing()
        for sent in (answered, left):
            server.redeliver(sent)
        start()
        for sent in (answered, left):
            server.redeliver(sent)
        user.has_one_reply_to(answered)
        waiting.has_one_reply_to(left)

    @pytest.mark.parametrize("mode", ["polling"])
    def test_an_edit_from_before_a_restart_outdates_a_message_from_after_it(
        self, server: BotApiServer, start: StartBot
    ) -> None:
        user = User(server)
        bot = start()
        number, update = 90_000_000, server._last_update_id + 1
        chat = {"id": user.id, "type": "private", "first_name": "Somebody"}
        message = {
            "message_id": number,
            "date": int(time.time()),
            "chat": chat,
            "from": {"id": user.id, "is_bot": False, "first_name": "Somebody"},
        }
        edited = {**message, "text": SUMMIT, "edit_date": int(time.time())}
        server.push({"update_id": update + 1, "edited_message": edited})
        server.wait_for_message(user.id)
        assert bot.stop() == 0
        start()
        server.push({"update_id": update, "message": {**message, "text": PUBLISHED}})
        server.wait_until_delivered()
        user.has_only(1)
        assert server.messages(user.id)[0].bold == SUMMIT_DATE


def test_what_came_meanwhile_can_be_thrown_away(server: BotApiServer, start: StartBot) -> None:
    user = User(server)
    user.asks()
    start(JAWAB_DROP_PENDING_UPDATES="1")
    user.has_only(0)


def test_two_bots_over_each_other_lose_nothing(server: BotApiServer, start_bot: StartBot) -> None:
    """As while a service is being replaced; each has the other's polls end."""
    first = in_mode("polling", server, start_bot)()
    second = in_mode("polling", server, start_bot)()
    sent = ask_all([User(server) for _ in range(5)])
    assert first.stop() == 0
    until_answered(server, sent)
    assert second.stop() == 0
