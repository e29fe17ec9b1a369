"""Who may use the bot: the allow-lists, and what strangers get to see."""

from __future__ import annotations

from typing import ClassVar

import pytest

from bot.links import START_PREFIX, encode_question
from bot.texts import ARABIC, ENGLISH
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
from tests.telegram.records import Call
from tests.telegram.server import BotApiServer

FRIEND, OTHER_FRIEND, ADMINISTRATOR, OUTSIDER = 4001, 4002, 4003, 6001
ALLOWED, SMALL = -100_777_000_001, -777_002


def not_allowed(user: int) -> str:
    return ARABIC.not_allowed.format(user=user)


def leaves(call: Call, group: Group) -> bool:
    return call.method == "leaveChat" and call.params["chat_id"] == group.id


def is_answered_in_private(server: BotApiServer, user: int, count: int = 1) -> None:
    server.send_text(SUMMIT, chat_id=user)
    assert server.wait_for_message(user, count=count).bold == SUMMIT_DATE


@pytest.fixture
def server(shared_bot: RunningBot, shared_server: BotApiServer) -> BotApiServer:
    assert shared_bot.process.poll() is None
    return shared_server


class TestAllowedUsers:
    settings: ClassVar = {
        "JAWAB_ALLOWED_USERS": f"{FRIEND}, {OTHER_FRIEND}",
        "JAWAB_ADMINS": str(ADMINISTRATOR),
    }

    def test_the_log_says_so(self, server: BotApiServer, shared_bot: RunningBot) -> None:
        assert server.calls("getMe")
        assert "who may ask: in private and inline: 2 users; in every group" in shared_bot.output

    @pytest.mark.parametrize("user", [FRIEND, OTHER_FRIEND, ADMINISTRATOR])
    def test_who_is_on_the_list_and_administrators_are_answered(
        self, server: BotApiServer, user: int
    ) -> None:
        is_answered_in_private(server, user)

    def test_a_stranger_is_told_their_number_once(self, server: BotApiServer) -> None:
        stranger = 5001
        for text in (SUMMIT, "/start", "/help", PUBLISHED):
            server.send_text(text, chat_id=stranger)
        assert server.wait_for_message(stranger).text.strip("\u200f") == not_allowed(stranger)
        assert str(stranger) in not_allowed(stranger)
        is_answered_in_private(server, FRIEND, len(server.messages(FRIEND)) + 1)
        assert len(server.messages(stranger)) == 1
        assert not [c for c in server.calls("sendChatAction") if c.params["chat_id"] == stranger]

    def test_each_stranger_is_told_in_their_own_language(self, server: BotApiServer) -> None:
        server.send_text(SUMMIT, chat_id=5002, language_code="en")
        told = server.wait_for_message(5002).text
        assert told.strip("\u200e\u200f") == ENGLISH.not_allowed.format(user=5002)

    @pytest.mark.parametrize(
        ("stranger", "text"),
        [
            (5010, "/start"),
            (5011, f"/start {START_PREFIX}{encode_question(SUMMIT)}"),
            (5012, f"/ask {SUMMIT}"),
            (5013, "/sources"),
            (5014, "/language"),
            (5015, "/about"),
            (5016, "/forget"),
            (5017, "/stats"),
            (5018, "/remove"),
            (5019, "؟"),
        ],
    )
    def test_no_command_or_link_lets_a_stranger_in(
        self, server: BotApiServer, stranger: int, text: str
    ) -> None:
        server.send_text(text, chat_id=stranger)
        assert server.wait_for_message(stranger).text.strip("\u200f") == not_allowed(stranger)

    def test_a_strangers_edits_are_passed_over(self, server: BotApiServer) -> None:
        sent = server.send_text("؟", chat_id=5020)
        server.wait_for_message(5020)
        for text in (SUMMIT, f"/ask {SUMMIT}"):
            server.edit_text(sent, text)
        is_answered_in_private(server, FRIEND, len(server.messages(FRIEND)) + 1)
        assert len(server.messages(5020)) == 1

    def test_a_strangers_file_and_sticker_are_refused(self, server: BotApiServer) -> None:
        server.send_document("news.txt", "خبر.".encode(), chat_id=5021)
        assert server.wait_for_message(5021).text.strip("\u200f") == not_allowed(5021)
        server.send_message({"dice": {"emoji": "🎲", "value": 6}}, chat_id=5022)
        assert server.wait_for_message(5022).text.strip("\u200f") == not_allowed(5022)
        assert server.calls("getFile") == []

    def test_a_strangers_press_gets_a_notice_only(self, server: BotApiServer) -> None:
        server.send_text("/start", chat_id=OTHER_FRIEND)
        start = server.wait_for_message(OTHER_FRIEND, count=len(server.messages(OTHER_FRIEND)) + 1)
        before = len(server.messages(OTHER_FRIEND))
        query = server.press(start, start.buttons[0]["callback_data"], user_id=5023)
        assert server.wait_for_callback_answer(query).text == ARABIC.expired
        server.press(start, start.buttons[0]["callback_data"])
        server.wait_for_message(OTHER_FRIEND, count=before + 1)
        assert len(server.messages(OTHER_FRIEND)) == before + 1

    def test_a_stranger_finds_nothing_inline(self, server: BotApiServer) -> None:
        for stranger, query in ((5024, SUMMIT), (5025, "")):
            answer = server.wait_for_inline_answer(server.send_inline(query, user_id=stranger))
            assert (answer.results, answer.button, answer.is_personal) == ([], None, True)

    def test_inline_answers_are_kept_for_nobody_else(self, server: BotApiServer) -> None:
        answer = server.wait_for_inline_answer(server.send_inline(SUMMIT, user_id=FRIEND))
        assert answer.results
        assert answer.is_personal

    def test_in_a_group_strangers_meet_silence(self, server: BotApiServer) -> None:
        group = Group(server)
        for text in (f"{AT_US} {SUMMIT}", f"/ask {SUMMIT}", f"/help{AT_US}", AT_US):
            group.says(text)
        asked = group.says(f"/ask {PUBLISHED}", user_id=FRIEND)
        reply = group.reply()
        assert (reply.bold, reply.reply_to_message_id) == (PUBLISHED_DATE, asked.message_id)
        query = server.press(
            reply, reply.buttons[0]["callback_data"], user_id=group.member
        )  # the answer is for all to see, its buttons are not
        assert server.wait_for_callback_answer(query).text == ARABIC.expired
        assert len(server.messages(group.id)) == 1
        assert not server.messages(group.member)

    def test_who_writes_anonymously_is_a_stranger(self, server: BotApiServer) -> None:
        group = Group(server)
        group.says_anonymously(f"/ask {SUMMIT}")
        asked = group.says(f"/ask {PUBLISHED}", user_id=FRIEND)
        assert group.reply().reply_to_message_id == asked.message_id

    def test_a_stranger_who_has_blocked_the_bot_does_no_harm(
        self, server: BotApiServer, shared_bot: RunningBot
    ) -> None:
        server.fail_next("sendMessage", status=403, description="Forbidden: bot was blocked")
        server.send_text(SUMMIT, chat_id=5026)
        server.wait_for(lambda call: call.params.get("chat_id") == 5026)
        server.block(5026)
        server.unblock(5026)
        is_answered_in_private(server, FRIEND, len(server.messages(FRIEND)) + 1)
        assert server.messages(5026) == []
        assert "Traceback" not in shared_bot.output

    def test_a_group_is_not_left_without_a_list_of_groups(self, server: BotApiServer) -> None:
        group = Group(server)
        server.join(group.id, user_id=5027)
        group.says(f"/ask {SUMMIT}", user_id=FRIEND)
        assert group.reply().bold == SUMMIT_DATE
        assert server.calls("leaveChat") == []


class TestAllowedChats:
    settings: ClassVar = {
        "JAWAB_ALLOWED_USERS": str(FRIEND),
        "JAWAB_ALLOWED_CHATS": f"{ALLOWED} {SMALL}",
        "JAWAB_ADMINS": str(ADMINISTRATOR),
    }

    @pytest.fixture
    def allowed(self, server: BotApiServer) -> Group:
        return Group(server, ALLOWED)

    @pytest.fixture
    def foreign(self, server: BotApiServer) -> Group:
        return Group(server)

    def test_everybody_may_ask_in_an_allowed_group(self, allowed: Group) -> None:
        allowed.says(f"{AT_US} {SUMMIT}", user_id=OUTSIDER)
        assert allowed.reply().bold == SUMMIT_DATE

    def test_in_private_only_the_allowed_users_may(self, server: BotApiServer) -> None:
        server.send_text(SUMMIT, chat_id=OUTSIDER)
        assert server.wait_for_message(OUTSIDER).text.strip("\u200f") == not_allowed(OUTSIDER)
        is_answered_in_private(server, FRIEND)

    def test_it_leaves_a_foreign_group_as_soon_as_it_is_added(
        self, server: BotApiServer, foreign: Group
    ) -> None:
        server.join(foreign.id)
        server.wait_for(lambda call: leaves(call, foreign))
        server.wait_until_delivered()
        is_answered_in_private(server, FRIEND, len(server.messages(FRIEND)) + 1)
        assert len([call for call in server.calls() if leaves(call, foreign)]) == 1
        assert server.messages(foreign.id) == []

    @pytest.mark.parametrize("user", [OUTSIDER, FRIEND])
    @pytest.mark.parametrize("text", [f"/ask {SUMMIT}", f"/help{AT_US}", "أهلًا"])
    def test_it_leaves_a_foreign_group_that_it_finds_itself_in(
        self, server: BotApiServer, foreign: Group, user: int, text: str
    ) -> None:
        foreign.says(text, user_id=user)
        server.wait_for(lambda call: leaves(call, foreign) and call.status == 200)
        assert server.messages(foreign.id) == []

    def test_it_leaves_a_foreign_channel(self, server: BotApiServer, foreign: Group) -> None:
        server.join(foreign.id, chat_type="channel")
        server.wait_for(lambda call: leaves(call, foreign) and call.status == 200)

    def test_being_removed_from_a_foreign_group_is_no_reason_to_leave(
        self, server: BotApiServer, foreign: Group
    ) -> None:
        server.join(foreign.id)
        server.wait_for(lambda call: leaves(call, foreign) and call.status == 200)
        server.kick(foreign.id)
        server.wait_until_delivered()
        is_answered_in_private(server, FRIEND, len(server.messages(FRIEND)) + 1)
        assert len([call for call in server.calls() if leaves(call, foreign)]) == 1

    @pytest.mark.parametrize(
        ("status", "description"),
        [
            (400, "Bad Request: chat not found"),
            (403, "Forbidden: bot is not a member of the supergroup chat"),
            (409, "Conflict: something odd"),
        ],
    )
    def test_a_group_that_cannot_be_left_is_not_answered_either(
        self, server: BotApiServer, foreign: Group, status: int, description: str
    ) -> None:
        server.fail_next("leaveChat", status=status, description=description)
        foreign.says(f"/ask {SUMMIT}", user_id=FRIEND)
        server.wait_for(lambda call: leaves(call, foreign) and call.status == status)
        is_answered_in_private(server, FRIEND, len(server.messages(FRIEND)) + 1)
        is_answered_in_private(server, FRIEND, len(server.messages(FRIEND)) + 1)
        assert server.messages(foreign.id) == []
        foreign.says(f"/ask {SUMMIT}", user_id=FRIEND)
        server.wait_for(lambda call: leaves(call, foreign) and call.status == 200)

    def test_leaving_is_tried_again_where_the_network_fails(
        self, server: BotApiServer, foreign: Group
    ) -> None:
        server.drop_next("leaveChat")
        server.join(foreign.id)
        server.wait_for(lambda call: leaves(call, foreign) and call.status == 200)

    def test_a_foreign_group_that_becomes_a_supergroup_is_left_too(
        self, server: BotApiServer, foreign: Group
    ) -> None:
        supergroup = Group(server)
        server.migrate(foreign.id, supergroup.id)
        server.wait_for(lambda call: leaves(call, supergroup) and call.status == 200)
        assert server.messages(supergroup.id) == server.messages(foreign.id) == []

    def test_an_allowed_group_that_becomes_a_supergroup_stays_allowed(
        self, server: BotApiServer, shared_bot: RunningBot
    ) -> None:
        small = Group(server, SMALL)
        small.says(f"/ask {SUMMIT}", chat_type="group", user_id=OUTSIDER)
        small.reply()
        supergroup = Group(server)
        server.migrate(small.id, supergroup.id)
        supergroup.says(f"/ask {PUBLISHED}", user_id=OUTSIDER)
        assert supergroup.reply().bold == PUBLISHED_DATE
        assert not [call for call in server.calls() if leaves(call, supergroup)]
        assert f"group {small.id} has become {supergroup.id}" in shared_bot.output

    def test_an_answers_buttons_work_for_everybody_in_an_allowed_group(
        self, server: BotApiServer, allowed: Group
    ) -> None:
        count = len(server.messages(allowed.id)) + 1
        allowed.says(f"/ask {SUMMIT}")
        answer = allowed.reply(count)
        up = next(button for button in answer.buttons if "rate" in button["callback_data"])
        query = server.press(answer, up["callback_data"], user_id=OUTSIDER)
        assert server.wait_for_callback_answer(query).text == ARABIC.thanks

    def test_the_log_says_who_may(self, shared_bot: RunningBot) -> None:
        assert "in private and inline: 1 user; in 2 groups" in shared_bot.output


class TestOpenToAll:
    settings: ClassVar = {"JAWAB_ALLOWED_USERS": "", "JAWAB_ALLOWED_CHATS": ""}

    def test_everybody_is_answered_everywhere_and_the_log_says_so(
        self, server: BotApiServer, shared_bot: RunningBot
    ) -> None:
        assert "who may ask: open to everybody" in shared_bot.output
        group = Group(server)
        server.join(group.id)
        group.says(f"/ask {NOT_HELD}")
        assert ARABIC.not_found in group.reply().text
        is_answered_in_private(server, OUTSIDER)
        assert not server.wait_for_inline_answer(server.send_inline(SUMMIT)).is_personal
        assert server.calls("leaveChat") == []
