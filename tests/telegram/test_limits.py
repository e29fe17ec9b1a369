"""How many questions a user may ask, and how the bot keeps to Telegram's own limits."""

from __future__ import annotations

import itertools
import time
from typing import ClassVar

import pytest

from bot.links import START_PREFIX, encode_question
from bot.texts import ARABIC, ENGLISH, Texts
from tests.telegram.conftest import RunningBot
from tests.telegram.groups import AT_US, PUBLISHED, PUBLISHED_DATE, SUMMIT, SUMMIT_DATE, Group
from tests.telegram.records import Call
from tests.telegram.server import BotApiServer

_users = itertools.count(7001)


def too_many(limit: int, texts: Texts = ARABIC) -> set[str]:
    """The line that a user over the limit gets, for each number of seconds to wait."""
    questions = texts.questions.counted(limit)
    return {
        texts.too_many.format(questions=questions, seconds=texts.seconds.counted(seconds))
        for seconds in range(1, 61)
    }


@pytest.fixture
def server(shared_bot: RunningBot, shared_server: BotApiServer) -> BotApiServer:
    assert shared_bot.process.poll() is None
    return shared_server


@pytest.fixture
def user() -> int:
    return next(_users)


class TestQuestionsPerMinute:
    settings: ClassVar = {"JAWAB_QUESTIONS_PER_MINUTE": "3"}

    def test_who_asks_too_much_is_told_so_once(self, server: BotApiServer, user: int) -> None:
        sent = [server.send_text(SUMMIT, chat_id=user) for _ in range(6)]
        told = server.wait_for_message(user, count=4)
        assert told.text.strip("\u200f") in too_many(3)
        assert told.reply_to_message_id == sent[3].message_id
        server.send_text("/help", chat_id=user)  # is no question
        help_ = server.wait_for_message(user, count=5)
        assert ARABIC.help.splitlines()[1] in help_.text
        assert [reply.bold for reply in server.messages(user)[:3]] == [SUMMIT_DATE] * 3

    def test_it_is_said_in_the_users_language(self, server: BotApiServer, user: int) -> None:
        for _ in range(4):
            server.send_text(SUMMIT, chat_id=user, language_code="en")
        told = server.wait_for_message(user, count=4)
        assert told.text.strip("\u200e\u200f") in too_many(3, ENGLISH)

    def test_other_users_are_not_touched(self, server: BotApiServer, user: int) -> None:
        group, other = Group(server), next(_users)
        for _ in range(5):
            group.says(f"/ask {SUMMIT}", user_id=user)
        assert group.reply(4).text.strip("\u200f") in too_many(3)
        group.says(f"/ask {PUBLISHED}", user_id=other)
        assert group.reply(5).bold == PUBLISHED_DATE

    def test_the_limit_is_one_for_all_chats_of_a_user(
        self, server: BotApiServer, user: int
    ) -> None:
        group = Group(server)
        for _ in range(3):
            group.says(f"/ask {SUMMIT}", user_id=user)
        group.reply(3)
        server.send_text(SUMMIT, chat_id=user)
        assert server.wait_for_message(user).text.strip("\u200f") in too_many(3)

    def test_example_buttons_count(self, server: BotApiServer, user: int) -> None:
        server.send_text("/start", chat_id=user)
        start = server.wait_for_message(user)
        for button in (*start.buttons, start.buttons[0]):
            query = server.press(start, button["callback_data"])
            assert server.wait_for_callback_answer(query).text == ""
        assert server.wait_for_message(user, count=5).text.strip("\u200f") in too_many(3)

    def test_deep_links_count(self, server: BotApiServer, user: int) -> None:
        for _ in range(4):
            server.send_text(f"/start {START_PREFIX}{encode_question(SUMMIT)}", chat_id=user)
        assert server.wait_for_message(user, count=4).text.strip("\u200f") in too_many(3)

    def test_edits_count_and_the_answer_stays(self, server: BotApiServer, user: int) -> None:
        sent = server.send_text("؟", chat_id=user)
        server.wait_for_message(user)
        for number, text in enumerate((PUBLISHED, SUMMIT), 1):
            server.edit_text(sent, text)
            server.wait_for(lambda call: edits(call, user), count=number)
        server.edit_text(sent, PUBLISHED)
        told = server.wait_for_message(user, count=2)
        assert told.text.strip("\u200f") in too_many(3)
        assert server.messages(user)[0].bold == SUMMIT_DATE

    def test_what_is_no_question_does_not_count(self, server: BotApiServer, user: int) -> None:
        texts = ["/start", "/help", "/sources", "/about", "/ask", "/language", "/forget"]
        for text in texts:
            server.send_text(text, chat_id=user)
        server.wait_for_message(user, count=len(texts))
        for count in range(1, 4):
            server.send_text(SUMMIT, chat_id=user)
            assert server.wait_for_message(user, count=len(texts) + count).bold == SUMMIT_DATE

    def test_what_is_said_to_others_does_not_count(self, server: BotApiServer, user: int) -> None:
        group = Group(server)
        for _ in range(5):
            group.says(SUMMIT, user_id=user)
        group.says(f"{AT_US} {SUMMIT}", user_id=user)
        assert group.reply().bold == SUMMIT_DATE

    def test_anonymous_administrators_of_two_groups_are_two(self, server: BotApiServer) -> None:
        for group in (Group(server), Group(server)):
            for count in range(1, 4):
                group.says_anonymously(f"/ask {SUMMIT}")
                assert group.reply(count).bold == SUMMIT_DATE
            group.says_anonymously(f"/ask {SUMMIT}")
            assert group.reply(4).text.strip("\u200f") in too_many(3)


class TestNoLimit:
    settings: ClassVar = {"JAWAB_QUESTIONS_PER_MINUTE": "0"}

    def test_everything_is_answered(self, server: BotApiServer, user: int) -> None:
        for _ in range(30):
            server.send_text(SUMMIT, chat_id=user)
        assert server.wait_for_message(user, count=30).bold == SUMMIT_DATE
        assert {tuple(reply.bold) for reply in server.messages(user)} == {tuple(SUMMIT_DATE)}

    def test_no_group_gets_more_than_20_messages_a_minute(
        self, server: BotApiServer, user: int
    ) -> None:
        group = Group(server)
        started = time.monotonic()
        for _ in range(21):
            group.says(f"/ask {SUMMIT}")
        group.reply(20)
        server.send_text(PUBLISHED, chat_id=user)
        assert server.wait_for_message(user).bold == PUBLISHED_DATE
        assert group.reply(21).bold == SUMMIT_DATE
        assert time.monotonic() - started > 2.5  # as much is free again every three seconds


class TestTelegramsLimits:
    def test_the_21st_question_in_a_minute_is_one_too_many(
        self, server: BotApiServer, user: int
    ) -> None:
        for _ in range(23):
            server.send_text(SUMMIT, chat_id=user)
        told = server.wait_for_message(user, count=21)
        assert told.text.strip("\u200f") in too_many(20)
        other = next(_users)
        server.send_text(PUBLISHED, chat_id=other)
        assert server.wait_for_message(other).bold == PUBLISHED_DATE
        assert len(server.messages(user)) == 21

    def test_a_flood_wait_in_one_chat_holds_up_no_other(
        self, server: BotApiServer, user: int
    ) -> None:
        other = next(_users)
        server.fail_next("sendMessage", status=429, description="Too Many Requests", retry_after=4)
        server.send_text(SUMMIT, chat_id=user)
        server.wait_for(lambda call: sends(call, user) and call.status == 429)
        server.send_text(PUBLISHED, chat_id=other)
        query = server.send_inline(SUMMIT, user_id=other)
        assert server.wait_for_message(other).bold == PUBLISHED_DATE
        assert server.wait_for_inline_answer(query).results
        assert server.messages(user) == []
        assert server.wait_for_message(user).bold == SUMMIT_DATE
        assert len([call for call in server.calls("sendMessage") if sends(call, user)]) == 2

    def test_what_follows_in_the_chat_waits_too_and_typing_is_not_repeated(
        self, server: BotApiServer
    ) -> None:
        group = Group(server)
        server.fail_next("sendMessage", status=429, description="Too Many Requests", retry_after=2)
        first = group.says(f"/ask {SUMMIT}")
        server.wait_for(lambda call: sends(call, group.id) and call.status == 429)
        second = group.says(f"/ask {PUBLISHED}", user_id=next(_users))
        group.reply(2)
        replies = server.messages(group.id)
        asked = {reply.reply_to_message_id for reply in replies}
        assert asked == {first.message_id, second.message_id}
        assert [call.status for call in server.calls() if sends(call, group.id)] == [429, 200, 200]
        typed = [c for c in server.calls("sendChatAction") if c.params["chat_id"] == group.id]
        assert len(typed) == 2

    def test_a_flood_wait_may_be_asked_for_again(self, server: BotApiServer, user: int) -> None:
        server.fail_next(
            "sendMessage", status=429, description="Too Many Requests", retry_after=1, times=2
        )
        server.send_text(SUMMIT, chat_id=user)
        assert server.wait_for_message(user).bold == SUMMIT_DATE
        statuses = [call.status for call in server.calls("sendMessage") if sends(call, user)]
        assert statuses == [429, 429, 200]

    def test_a_flood_wait_for_an_edit_is_waited_out(self, server: BotApiServer, user: int) -> None:
        sent = server.send_text(PUBLISHED, chat_id=user)
        server.wait_for_message(user)
        server.fail_next(
            "editMessageText", status=429, description="Too Many Requests", retry_after=1
        )
        server.edit_text(sent, SUMMIT)
        server.wait_for(lambda call: edits(call, user))
        (reply,) = server.messages(user)
        assert reply.bold == SUMMIT_DATE

    def test_a_slow_chat_holds_up_no_other(self, server: BotApiServer, user: int) -> None:
        others = [next(_users) for _ in range(3)]
        server.delay_next("sendMessage", 2)
        server.send_text(SUMMIT, chat_id=user)
        server.wait_for(lambda call: sends(call, user))
        for other in others:
            server.send_text(PUBLISHED, chat_id=other)
        for other in others:
            assert server.wait_for_message(other).bold == PUBLISHED_DATE
        assert server.messages(user) == []
        assert server.wait_for_message(user).bold == SUMMIT_DATE


def sends(call: Call, chat: int) -> bool:
    return call.method == "sendMessage" and call.params["chat_id"] == chat


def edits(call: Call, chat: int) -> bool:
    return (
        call.method == "editMessageText" and call.params["chat_id"] == chat and call.status == 200
    )
