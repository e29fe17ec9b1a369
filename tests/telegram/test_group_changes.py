"""What changes in groups: edited questions, groups that move, and many members at once."""

from __future__ import annotations

import pytest

from bot.texts import ARABIC
from tests.telegram.conftest import RunningBot
from tests.telegram.groups import (
    AT_US,
    NOT_HELD,
    PUBLISHED,
    PUBLISHED_DATE,
    SUMMIT,
    SUMMIT_DATE,
    Group,
)
from tests.telegram.markup import Json
from tests.telegram.records import Call
from tests.telegram.server import BotApiServer


@pytest.fixture
def server(shared_bot: RunningBot, shared_server: BotApiServer) -> BotApiServer:
    assert shared_bot.process.poll() is None
    return shared_server


@pytest.fixture
def group(server: BotApiServer) -> Group:
    return Group(server)


class TestEdits:
    @pytest.mark.parametrize("address", [f"{AT_US} ", "/ask "])
    def test_an_edited_question_edits_its_reply(
        self, group: Group, server: BotApiServer, address: str
    ) -> None:
        sent = group.says(address + NOT_HELD)
        before = group.reply()
        server.edit_text(sent, address + SUMMIT)
        server.wait_for(lambda call: edits(call, before.chat_id))
        (reply,) = server.messages(group.id)
        assert (reply.message_id, reply.bold) == (before.message_id, SUMMIT_DATE)

    def test_an_edit_in_a_topic_edits_there(self, group: Group, server: BotApiServer) -> None:
        topic: Json = {"message_thread_id": 12, "is_topic_message": True}
        sent = group.says(f"{AT_US} {NOT_HELD}", **topic)
        group.reply()
        server.edit_text(sent, f"{AT_US} {SUMMIT}")
        server.wait_for(lambda call: edits(call, group.id))
        (reply,) = server.messages(group.id)
        assert (reply.bold, reply.message_thread_id) == (SUMMIT_DATE, 12)

    def test_an_edit_that_begins_to_speak_to_the_bot_is_answered(
        self, group: Group, server: BotApiServer
    ) -> None:
        sent = group.says(SUMMIT)
        server.edit_text(sent, f"{SUMMIT} {AT_US}")
        reply = group.reply()
        assert (reply.bold, reply.reply_to_message_id) == (SUMMIT_DATE, sent.message_id)

    def test_an_edit_that_no_longer_speaks_to_the_bot_is_passed_over(
        self, group: Group, server: BotApiServer
    ) -> None:
        sent = group.says(f"{AT_US} {SUMMIT}")
        group.reply()
        server.edit_text(sent, f"{PUBLISHED} يا أحمد")
        group.says(f"/ask {PUBLISHED}")
        assert group.reply(2).bold == PUBLISHED_DATE
        assert [reply.edited for reply in server.messages(group.id)] == [False, False]

    def test_a_question_that_replaces_a_mention_alone_is_answered(
        self, group: Group, server: BotApiServer
    ) -> None:
        sent = group.says(AT_US)
        assert ARABIC.help_in_groups.format(username=AT_US[1:]) in group.reply().text
        server.edit_text(sent, f"{AT_US} {SUMMIT}")
        assert group.reply(2).bold == SUMMIT_DATE

    def test_an_edited_help_says_nothing_more(self, group: Group, server: BotApiServer) -> None:
        sent = group.says(f"/help{AT_US}")
        group.reply()
        server.edit_text(sent, f"/help{AT_US} من فضلك")
        group.says(f"/ask {SUMMIT}")
        assert group.reply(2).bold == SUMMIT_DATE


class TestMovedGroup:
    def test_it_goes_on_in_the_supergroup(self, group: Group, server: BotApiServer) -> None:
        group.says(f"/ask {SUMMIT}", chat_type="group")
        group.reply()
        supergroup = Group(server)
        server.migrate(group.id, supergroup.id)
        supergroup.says(f"/ask {PUBLISHED}")
        assert supergroup.reply().bold == PUBLISHED_DATE

    def test_a_question_on_its_way_is_answered_in_the_supergroup(
        self, group: Group, server: BotApiServer, shared_bot: RunningBot
    ) -> None:
        failed = shared_bot.output.count("failed")
        supergroup = Group(server)
        server.delay_next("sendMessage", 0.5)
        group.says(f"/ask {SUMMIT}", chat_type="group")
        server.wait_for(lambda call: sends(call, group.id))
        server.migrate(group.id, supergroup.id)
        assert supergroup.reply().bold == SUMMIT_DATE
        assert server.messages(group.id) == []
        assert shared_bot.output.count("failed") == failed

    def test_a_button_of_the_time_before_says_that_it_has_expired(
        self, group: Group, server: BotApiServer, shared_bot: RunningBot
    ) -> None:
        failed = shared_bot.output.count("failed")
        group.says(f"/ask {SUMMIT}", chat_type="group")
        answer = group.reply()
        server.migrate(group.id, Group(server).id)
        context = next(button for button in answer.buttons if "context" in button["callback_data"])
        query = server.press(answer, context["callback_data"])
        assert server.wait_for_callback_answer(query).text == ARABIC.expired
        assert shared_bot.output.count("failed") == failed

    def test_a_rating_in_the_group_of_before_is_kept(
        self, group: Group, server: BotApiServer, shared_bot: RunningBot
    ) -> None:
        failed = shared_bot.output.count("failed")
        group.says(f"/ask {SUMMIT}", chat_type="group")
        answer = group.reply()
        server.migrate(group.id, Group(server).id)
        up = next(button for button in answer.buttons if "rate" in button["callback_data"])
        query = server.press(answer, up["callback_data"])
        assert server.wait_for_callback_answer(query).text == ARABIC.thanks
        server.wait_for(lambda call: call.method == "editMessageReplyMarkup" and bool(call.status))
        group.server.send_text(SUMMIT, chat_id=group.member)
        server.wait_for_message(group.member)
        assert shared_bot.output.count("failed") == failed


class TestManyMembers:
    def test_one_users_slow_answer_holds_up_no_other(
        self, group: Group, server: BotApiServer
    ) -> None:
        server.delay_next("sendMessage", 2)
        slow = group.says(f"/ask {SUMMIT}")
        server.wait_for(lambda call: sends(call, group.id))
        quick = group.says(f"/ask {PUBLISHED}", user_id=group.member + 100_000)
        group.reply(2)
        asked = [reply.reply_to_message_id for reply in server.messages(group.id)]
        assert asked == [quick.message_id, slow.message_id]

    def test_one_users_many_questions_hold_up_no_other(
        self, group: Group, server: BotApiServer
    ) -> None:
        server.delay_next("sendMessage", 1)
        many = [group.says(f"/ask {SUMMIT}").message_id for _ in range(6)]
        server.wait_for(lambda call: sends(call, group.id))
        other = group.says(f"/ask {PUBLISHED}", user_id=group.member + 100_000)
        group.reply(7)
        asked = [reply.reply_to_message_id for reply in server.messages(group.id)]
        assert asked == [other.message_id, *many]

    def test_answers_in_one_group_hold_up_no_other_chat(
        self, group: Group, server: BotApiServer
    ) -> None:
        server.delay_next("sendMessage", 2)
        group.says(f"/ask {SUMMIT}")
        server.wait_for(lambda call: sends(call, group.id))
        other = Group(server)
        other.says(f"{AT_US} {PUBLISHED}")
        server.send_text(SUMMIT, chat_id=other.member)
        assert other.reply().bold == PUBLISHED_DATE
        assert server.wait_for_message(other.member).bold == SUMMIT_DATE
        assert server.messages(group.id) == []
        assert group.reply().bold == SUMMIT_DATE


class TestRemoval:
    def test_a_question_of_a_group_that_removes_the_bot_does_no_harm(
        self, group: Group, server: BotApiServer, shared_bot: RunningBot
    ) -> None:
        server.delay_next("sendMessage", 0.5)
        group.says(f"/ask {SUMMIT}")
        server.wait_for(lambda call: sends(call, group.id))
        server.kick(group.id)
        server.wait_for(lambda call: sends(call, group.id) and call.status == 403)
        server.send_text(SUMMIT, chat_id=group.member)
        assert server.wait_for_message(group.member).bold == SUMMIT_DATE
        assert len([call for call in server.calls() if sends(call, group.id)]) == 1
        assert "Traceback" not in shared_bot.output

    def test_it_answers_again_when_it_is_taken_back(
        self, group: Group, server: BotApiServer
    ) -> None:
        server.join(group.id)
        server.kick(group.id)
        server.join(group.id)
        group.says(f"{AT_US} {SUMMIT}")
        assert group.reply().bold == SUMMIT_DATE
        assert len(server.messages(group.id)) == 1

    def test_a_group_in_which_it_may_not_write_does_no_harm(
        self, group: Group, server: BotApiServer, shared_bot: RunningBot
    ) -> None:
        words = "Bad Request: not enough rights to send text messages to the chat"
        server.fail_next("sendMessage", status=400, description=words, times=2)
        group.says(f"/ask {SUMMIT}")
        server.wait_for(lambda call: sends(call, group.id), count=2)
        group.says(f"/ask {PUBLISHED}")
        assert group.reply().bold == PUBLISHED_DATE
        assert shared_bot.process.poll() is None


def sends(call: Call, chat: int) -> bool:
    return call.method == "sendMessage" and call.params["chat_id"] == chat


def edits(call: Call, chat: int) -> bool:
    return (
        call.method == "editMessageText" and call.params["chat_id"] == chat and call.status == 200
    )
