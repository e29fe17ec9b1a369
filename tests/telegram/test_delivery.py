"""Every question is answered exactly once, however Telegram delivers it and whatever it refuses."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from bot.texts import ARABIC
from tests.telegram.conftest import RunningBot, StartBot
from tests.telegram.modes import (
    MODES,
    PUBLISHED,
    PUBLISHED_DATE,
    SUMMIT,
    SUMMIT_DATE,
    User,
    in_mode,
    replies,
    until_answered,
)
from tests.telegram.server import BotApiServer

ERROR_500: Any = {"status": 500, "description": "Internal Server Error"}


@pytest.fixture(scope="class", params=MODES)
def bot(
    request: pytest.FixtureRequest, shared_server: BotApiServer, start_shared_bot: StartBot
) -> Iterator[RunningBot]:
    """A bot that polls, and after it one with a webhook."""
    bot = in_mode(request.param, shared_server, start_shared_bot)()
    yield bot
    assert bot.stop() == 0
    assert "Traceback" not in bot.output


@pytest.fixture
def server(bot: RunningBot, shared_server: BotApiServer) -> BotApiServer:
    assert bot.process.poll() is None
    return shared_server


@pytest.fixture
def user(server: BotApiServer) -> User:
    return User(server)


def next_update(server: BotApiServer) -> int:
    return server._last_update_id + 1


def written(user: User, text: str, number: int, **more: Any) -> dict[str, Any]:
    """A message of a user as Telegram shows it to the bot."""
    about = {"id": user.id, "first_name": "Somebody"}
    return {
        "message_id": number,
        "date": int(time.time()) - 60,
        "chat": {**about, "type": "private"},
        "from": {**about, "is_bot": False, "language_code": "ar"},
        "text": text,
        **more,
    }


class TestDuplicates:
    def test_while_the_first_is_in_hand(self, server: BotApiServer, user: User) -> None:
        server.delay_next("sendMessage", 0.4)
        sent = user.asks()
        for _ in range(3):
            server.redeliver(sent)
        user.has_one_reply_to(sent)

    def test_after_it_was_answered(self, server: BotApiServer, user: User) -> None:
        sent = user.asks()
        server.wait_for_message(user.id)
        for _ in range(3):
            server.redeliver(sent)
        user.has_one_reply_to(sent)

    def test_of_an_edit(self, server: BotApiServer, user: User) -> None:
        sent = user.asks(PUBLISHED)
        server.wait_for_message(user.id)
        edited = server.edit_text(sent, SUMMIT)
        user.until_first_says(SUMMIT_DATE)
        server.redeliver(edited)
        server.redeliver(sent)
        user.has_one_reply_to(sent)
        user.until_first_says(SUMMIT_DATE)

    def test_of_a_button(self, server: BotApiServer, user: User) -> None:
        user.asks("/start")
        start = server.wait_for_message(user.id)
        query = server.press(start, start.buttons[0]["callback_data"])
        server.wait_for_message(user.id, count=2)
        server.redeliver(query)
        user.asks()
        assert server.wait_for_message(user.id, count=3).bold == SUMMIT_DATE
        assert len(server.messages(user.id)) == 3


class TestOrder:
    def test_an_edit_that_comes_before_its_message_is_what_counts(
        self, server: BotApiServer, user: User
    ) -> None:
        number, update = 80_000_000 + user.id, next_update(server)
        edited = written(user, SUMMIT, number, edit_date=int(time.time()))
        server.push({"update_id": update + 1, "edited_message": edited})
        server.wait_for_message(user.id)
        server.push({"update_id": update, "message": written(user, PUBLISHED, number)})
        user.asks(PUBLISHED)
        server.wait_for_message(user.id, count=2)
        first, second = server.messages(user.id)
        assert (first.bold, first.reply_to_message_id) == (SUMMIT_DATE, number)
        assert second.reply_to_message_id != number

    def test_an_earlier_edit_that_comes_after_a_later_one_does_not_count(
        self, server: BotApiServer, user: User
    ) -> None:
        sent = user.asks(PUBLISHED)
        server.wait_for_message(user.id)
        now, update = int(time.time()), next_update(server)
        late, early = (
            written(user, text, sent.message_id, edit_date=at)
            for text, at in ((SUMMIT, now), (PUBLISHED, now - 20))
        )
        server.push({"update_id": update + 1, "edited_message": late})
        server.wait_for(
            lambda call: call.method == "editMessageText" and call.params["chat_id"] == user.id
        )
        server.push({"update_id": update, "edited_message": early})
        user.has_one_reply_to(sent)
        assert server.messages(user.id)[0].bold == SUMMIT_DATE

    def test_a_lower_number_after_a_higher_one_is_answered_too(
        self, server: BotApiServer, user: User
    ) -> None:
        update = next_update(server)
        later = user.asks(update_id=update + 5)
        server.wait_for_message(user.id)
        earlier = user.asks(update_id=update)
        between = user.asks(update_id=update + 3)
        user.has_one_reply_to(later, earlier, between)

    def test_a_question_that_is_edited_while_it_is_in_hand_has_the_answer_of_the_edit(
        self, server: BotApiServer, user: User
    ) -> None:
        server.delay_next("sendMessage", 0.4)
        sent = user.asks(PUBLISHED)
        server.wait_for(
            lambda call: call.method == "sendMessage" and call.params["chat_id"] == user.id
        )
        server.edit_text(sent, SUMMIT)
        user.until_first_says(SUMMIT_DATE)
        user.has_one_reply_to(sent)
        assert server.messages(user.id)[0].edited


class TestFailures:
    def test_telegram_fails_for_a_while(self, server: BotApiServer, user: User) -> None:
        server.fail_next("sendMessage", **ERROR_500, times=2)
        user.has_one_reply_to(user.asks())

    def test_telegram_says_wait(self, server: BotApiServer, user: User) -> None:
        server.fail_next("sendMessage", status=429, description="Too Many Requests", retry_after=1)
        user.has_one_reply_to(user.asks(), user.asks())

    def test_the_connection_breaks(self, server: BotApiServer, user: User) -> None:
        server.drop_next("sendMessage", times=2)
        user.has_one_reply_to(user.asks())

    def test_typing_fails_in_every_way(self, server: BotApiServer, user: User) -> None:
        server.drop_next("sendChatAction")
        server.fail_next("sendChatAction", **ERROR_500)
        server.fail_next("sendChatAction", status=429, description="Flood", retry_after=3600)
        for count in (1, 2, 3):
            user.asks()
            server.wait_for_message(user.id, count=count)
        assert len(server.messages(user.id)) == 3

    def test_an_edit_of_an_answer_fails_for_a_while(self, server: BotApiServer, user: User) -> None:
        sent = user.asks(PUBLISHED)
        server.wait_for_message(user.id)
        server.fail_next("editMessageText", **ERROR_500)
        server.fail_next("editMessageText", status=429, description="Flood", retry_after=1)
        server.edit_text(sent, SUMMIT)
        user.until_first_says(SUMMIT_DATE)
        user.has_one_reply_to(sent)

    def test_others_are_answered_while_one_question_waits(
        self, server: BotApiServer, user: User
    ) -> None:
        server.delay_next("sendMessage", 1.5)
        waiting = user.asks()
        server.wait_for(
            lambda call: call.method == "sendMessage" and call.params["chat_id"] == user.id
        )
        other = User(server)
        other.has_one_reply_to(other.asks())
        assert replies(server, [waiting])[waiting] == 0
        user.has_one_reply_to(waiting)


class TestPeople:
    def test_who_blocked_the_bot_is_answered_again_once_they_let_it_write(
        self, server: BotApiServer, user: User, bot: RunningBot
    ) -> None:
        server.delay_next("sendChatAction", 0.3)
        user.asks()
        server.block(user.id)
        refused = server.wait_for(
            lambda call: (
                call.method == "sendMessage"
                and call.params["chat_id"] == user.id
                and call.status is not None
            )
        )
        assert [call.status for call in refused] == [403]
        other = User(server)
        other.has_one_reply_to(other.asks())
        server.unblock(user.id)
        user.has_one_reply_to(user.asks())
        assert "ERROR" not in bot.output.split("blocked by the user")[0].rsplit("\n", 1)[-1]

    def test_a_question_that_is_deleted_meanwhile_is_answered_all_the_same(
        self, server: BotApiServer, user: User
    ) -> None:
        server.delay_next("sendChatAction", 0.3)
        sent = user.asks()
        server.delete(sent)
        reply = server.wait_for_message(user.id)
        assert (reply.bold, reply.reply_to_message_id) == (SUMMIT_DATE, None)
        user.has_only(1)

    def test_an_answer_that_is_deleted_is_sent_anew_when_its_question_is_edited(
        self, server: BotApiServer, user: User
    ) -> None:
        sent = user.asks(PUBLISHED)
        server.delete(server.wait_for_message(user.id))
        server.edit_text(sent, SUMMIT)
        assert server.wait_for_message(user.id).bold == SUMMIT_DATE
        user.has_one_reply_to(sent)

    def test_sixty_questions_of_thirty_users_have_a_reply_each(self, server: BotApiServer) -> None:
        users = [User(server) for _ in range(30)]
        sent = [user.asks(text) for text in (SUMMIT, PUBLISHED) for user in users]
        until_answered(server, sent)
        assert set(replies(server, sent).values()) == {1}
        for user in users:  # a webhook is told many things at a time, in no order
            given = {reply.reply_to_message_id: reply.bold for reply in server.messages(user.id)}
            assert sorted(given.items()) == [
                (sent[users.index(user)].message_id, SUMMIT_DATE),
                (sent[users.index(user) + 30].message_id, PUBLISHED_DATE),
            ]


@pytest.mark.parametrize("bot", ["polling"], indirect=True, scope="class")
class TestPolling:
    """What only a bot that polls meets."""

    @pytest.mark.parametrize(
        ("status", "said"),
        [
            (500, "Internal Server Error"),
            (502, "Bad Gateway"),
            (409, "Conflict: terminated by other getUpdates request"),
            (401, "Unauthorized"),
            (404, "Not Found"),
            (400, "Bad Request: something odd"),
        ],
    )
    def test_a_poll_that_fails_is_made_again(
        self, server: BotApiServer, user: User, bot: RunningBot, status: int, said: str
    ) -> None:
        server.fail_next("getUpdates", status=status, description=said)
        first = user.asks()  # ends the poll that waits; the next one fails
        server.wait_for(lambda call: (call.method, call.status) == ("getUpdates", status))
        user.has_one_reply_to(first, user.asks())
        assert said.rpartition(": ")[2].lower() in bot.output.lower()

    def test_a_poll_may_be_told_to_wait(self, server: BotApiServer, user: User) -> None:
        server.fail_next("getUpdates", status=429, description="Flood", retry_after=1)
        user.has_one_reply_to(user.asks(), user.asks())

    def test_a_connection_that_breaks_while_polling_loses_nothing(
        self, server: BotApiServer, user: User
    ) -> None:
        server.drop_next("getUpdates", times=2)
        user.has_one_reply_to(user.asks(), user.asks(), user.asks())


def test_a_failure_is_told_once_and_is_over(
    shared_server: BotApiServer, start_shared_bot: StartBot
) -> None:
    in_mode("polling", shared_server, start_shared_bot)()
    user = User(shared_server)
    shared_server.fail_next("sendMessage", status=400, description="Bad Request: something odd")
    sent = user.asks()
    assert ARABIC.failed in shared_server.wait_for_message(user.id).text
    shared_server.redeliver(sent)
    user.has_one_reply_to(sent)
