"""The bot in groups and their topics: when it speaks, to whom, and where."""

from __future__ import annotations

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
from tests.telegram.markup import Json, utf16_length
from tests.telegram.server import BotApiServer


@pytest.fixture
def server(shared_bot: RunningBot, shared_server: BotApiServer) -> BotApiServer:
    assert shared_bot.process.poll() is None
    return shared_server


@pytest.fixture
def group(server: BotApiServer) -> Group:
    return Group(server)


class TestSpokenTo:
    @pytest.mark.parametrize(
        "text",
        [
            f"/ask {SUMMIT}",
            f"/ask\n{SUMMIT}",
            f"/ask   {SUMMIT}  ",
            f"/ask{AT_US} {SUMMIT}",
            f"/ask@Jawab_Test_Bot {SUMMIT}",
            f"/ask{AT_US}\n{SUMMIT}",
            f"{AT_US} {SUMMIT}",
            f"@Jawab_Test_BOT {SUMMIT}",
            f"{AT_US}\n{SUMMIT}",
            f"{SUMMIT} {AT_US}",
            f"متى {AT_US} القمة المقبلة؟",
            f"🙂👩‍👩‍👧‍👦👍🏽 {AT_US} {SUMMIT}",
            f"{AT_US} {SUMMIT} {AT_US}",
            f"@ahmad_ahmad {AT_US} {SUMMIT}",
            f"{AT_US}، {SUMMIT}",
        ],
    )
    def test_a_question_to_the_bot_is_answered_below_it(self, group: Group, text: str) -> None:
        sent = group.says(text)
        reply = group.reply()
        assert reply.bold == SUMMIT_DATE
        assert reply.reply_to_message_id == sent.message_id

    @pytest.mark.parametrize("chat_type", ["group", "supergroup"])
    def test_a_reply_to_the_bot_is_answered(self, group: Group, chat_type: str) -> None:
        group.says(f"/ask {NOT_HELD}", chat_type=chat_type)
        answer = group.reply()
        sent = group.says(SUMMIT, chat_type=chat_type, reply_to_message=answer.raw)
        reply = group.reply(2)
        assert reply.bold == SUMMIT_DATE
        assert reply.reply_to_message_id == sent.message_id

    def test_the_bots_name_without_its_username_is_a_mention_too(
        self, group: Group, server: BotApiServer
    ) -> None:
        before = "🙂 يا "
        name = {
            "type": "text_mention",
            "offset": utf16_length(before),
            "length": len("جواب"),
            "user": server.bot,
        }
        group.says(f"{before}جواب {SUMMIT}", entities=[name])
        assert group.reply().bold == SUMMIT_DATE

    def test_a_mention_alone_asks_the_message_it_replies_to(self, group: Group) -> None:
        question = group.somebodys(SUMMIT)
        sent = group.says(AT_US, reply_to_message=question)
        reply = group.reply()
        assert reply.bold == SUMMIT_DATE
        assert reply.reply_to_message_id == sent.message_id

    @pytest.mark.parametrize("text", [AT_US, f"{AT_US}؟", f"🙏 {AT_US}", "/ask", f"/ask{AT_US}"])
    def test_nothing_but_the_call_asks_the_caption_it_replies_to(
        self, group: Group, text: str
    ) -> None:
        photo = [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}]
        sent = group.posts({"photo": photo, "caption": SUMMIT}, user_id=group.member + 100_000)
        shown = group.shown(sent, {"photo": photo, "caption": SUMMIT})
        group.says(text, reply_to_message=shown)
        assert group.reply().bold == SUMMIT_DATE

    def test_a_question_of_its_own_goes_before_the_message_it_replies_to(
        self, group: Group
    ) -> None:
        above = group.somebodys(SUMMIT)
        group.says(f"/ask {PUBLISHED}", reply_to_message=above)
        assert group.reply().bold == PUBLISHED_DATE
        group.says(f"{AT_US} {PUBLISHED}", reply_to_message=above)
        assert group.reply(2).bold == PUBLISHED_DATE

    @pytest.mark.parametrize("text", ["/ask", f"/ask{AT_US}", "/ask  "])
    def test_ask_alone_says_how_to_use_it(self, group: Group, text: str) -> None:
        sent = group.says(text)
        reply = group.reply()
        assert "/ask" in reply.text
        assert ARABIC.ask_what in reply.text
        assert reply.reply_to_message_id == sent.message_id

    def test_who_writes_anonymously_is_answered(self, group: Group) -> None:
        for count, channel in enumerate((None, -100_999), 1):
            sent = group.says_anonymously(f"{AT_US} {SUMMIT}", channel)
            reply = group.reply(count)
            assert reply.bold == SUMMIT_DATE
            assert reply.reply_to_message_id == sent.message_id

    def test_an_answer_in_a_group_speaks_the_language_of_who_asks(self, group: Group) -> None:
        group.says(f"/ask {NOT_HELD}", language_code="en")
        assert ENGLISH.not_found in group.reply().text


class TestSilence:
    @pytest.mark.parametrize(
        "text",
        [
            SUMMIT,
            f"{AT_US}2 {SUMMIT}",
            f"@not{AT_US[1:]} {SUMMIT}",
            f"{AT_US[1:]} {SUMMIT}",
            f"someone{AT_US}.example {SUMMIT}",
            f"/ask@other_bot {SUMMIT}",
            f"/ask{AT_US}2 {SUMMIT}",
            f"/asking {SUMMIT}",
            "/help",
            "/start",
            "/help@other_bot",
            "/sources",
            "/about",
            "/forget",
            "/language",
            "/frobnicate",
            "؟",
            "شكرًا",
        ],
    )
    def test_what_is_not_for_the_bot_is_passed_over(self, group: Group, text: str) -> None:
        group.says(text)
        group.is_silent_until_asked()

    def test_a_conversation_of_others_is_not_its_own(self, group: Group) -> None:
        above = group.somebodys(f"{SUMMIT} يا أحمد")
        group.says(SUMMIT, reply_to_message=above)
        ahmad = {"id": 9, "is_bot": False, "first_name": "أحمد"}
        mention = {"type": "text_mention", "offset": 0, "length": 4, "user": ahmad}
        group.says(f"أحمد {SUMMIT}", entities=[mention])
        link = {"type": "text_link", "offset": 0, "length": 4, "url": f"https://t.me/{AT_US[1:]}"}
        group.says(f"هناك {SUMMIT}", entities=[link])
        group.is_silent_until_asked()

    def test_service_messages_and_media_are_passed_over(self, group: Group) -> None:
        newcomer = {"id": 9, "is_bot": False, "first_name": "أحمد"}
        group.posts({"new_chat_members": [newcomer]})
        group.posts({"left_chat_member": newcomer})
        group.posts({"new_chat_title": AT_US})
        group.posts({"location": {"latitude": 31.5, "longitude": 34.4}})
        group.posts({"dice": {"emoji": "🎲", "value": 6}})
        group.is_silent_until_asked()

    def test_what_was_sent_through_its_inline_results_is_passed_over(
        self, group: Group, server: BotApiServer
    ) -> None:
        group.says(f"{AT_US} {SUMMIT}", via_bot=server.bot)
        group.is_silent_until_asked()

    def test_being_added_and_made_administrator_is_taken_quietly(
        self, group: Group, server: BotApiServer
    ) -> None:
        server.join(group.id)
        group.is_silent_until_asked()

    def test_a_channels_posts_are_ignored(self, group: Group, server: BotApiServer) -> None:
        for text in (SUMMIT, f"{AT_US} {SUMMIT}", f"/ask {SUMMIT}", f"/help{AT_US}"):
            sent = server.send_text(text, chat_id=group.id, chat_type="channel")
            server.edit_text(sent, f"{AT_US} {PUBLISHED}")
        server.send_text(SUMMIT, chat_id=group.member)
        server.wait_for_message(group.member)
        assert server.messages(group.id) == []


class TestGroupHelp:
    @pytest.mark.parametrize("text", [f"/help{AT_US}", "/help@JAWAB_test_bot", AT_US])
    def test_it_says_how_to_ask_with_links_to_examples(
        self, group: Group, server: BotApiServer, text: str
    ) -> None:
        sent = group.says(text)
        reply = group.reply()
        assert reply.reply_to_message_id == sent.message_id
        assert ARABIC.help_in_groups.format(username=AT_US[1:]) in reply.text
        links = [entity["url"] for entity in reply.entities if entity["type"] == "text_link"]
        assert len(links) == 3
        for count, link in enumerate(links, 1):
            address, _, payload = link.partition("?start=")
            assert address == f"https://t.me/{AT_US[1:]}"
            assert payload.startswith(START_PREFIX)
            server.send_text(f"/start {payload}", chat_id=group.member)
            answer = server.wait_for_message(group.member, count=count)
            assert answer.bold
            assert ARABIC.not_found not in answer.text

    def test_start_that_adds_it_to_a_group_gives_the_groups_help(self, group: Group) -> None:
        group.says(f"/start{AT_US} {START_PREFIX}{encode_question(PUBLISHED)}")
        assert ARABIC.help_in_groups.format(username=AT_US[1:]) in group.reply().text

    def test_a_mention_alone_below_the_bots_own_message_gives_help(self, group: Group) -> None:
        group.says(f"/ask {SUMMIT}")
        group.says(AT_US, reply_to_message=group.reply().raw)
        assert ARABIC.help_in_groups.format(username=AT_US[1:]) in group.reply(2).text


class TestTopics:
    def topic(self, number: int = 77) -> Json:
        return {"message_thread_id": number, "is_topic_message": True}

    def test_question_typing_and_answer_stay_in_the_topic(
        self, group: Group, server: BotApiServer
    ) -> None:
        sent = group.says(f"{AT_US} {SUMMIT}", **self.topic())
        reply = group.reply()
        assert (reply.message_thread_id, reply.reply_to_message_id) == (77, sent.message_id)
        asked = [call for call in server.calls() if call.params.get("chat_id") == group.id]
        assert {(call.method, call.params["message_thread_id"]) for call in asked} == {
            ("sendChatAction", 77),
            ("sendMessage", 77),
        }
        assert all(call.status == 200 for call in asked)

    def test_two_topics_do_not_mix(self, group: Group) -> None:
        group.says(f"/ask {SUMMIT}", **self.topic(5))
        group.reply()
        group.says(f"/ask {PUBLISHED}", **self.topic(6))
        group.reply(2)
        found = {
            (reply.message_thread_id, *reply.bold) for reply in group.server.messages(group.id)
        }
        assert found == {(5, *SUMMIT_DATE), (6, *PUBLISHED_DATE)}

    def test_the_general_topic_of_a_forum_has_no_thread(
        self, group: Group, server: BotApiServer
    ) -> None:
        group.says("أهلًا", **self.topic())
        sent = group.says(f"{AT_US} {SUMMIT}")
        reply = group.reply()
        assert (reply.message_thread_id, reply.reply_to_message_id) == (None, sent.message_id)
        asked = [call for call in server.calls() if call.params.get("chat_id") == group.id]
        assert not any("message_thread_id" in call.params for call in asked)

    def test_a_thread_of_replies_outside_a_forum_is_no_topic(self, group: Group) -> None:
        above = group.somebodys("أهلًا")
        thread = {"message_thread_id": above["message_id"], "reply_to_message": above}
        sent = group.says(f"{AT_US} {SUMMIT}", **thread)
        reply = group.reply()
        assert reply.reply_to_message_id == sent.message_id
        assert reply.bold == SUMMIT_DATE

    def test_the_first_message_of_a_topic_is_nobodys_question(self, group: Group) -> None:
        created = {"forum_topic_created": {"name": SUMMIT, "icon_color": 7322096}}
        first = group.posts(created | self.topic())
        above = group.shown(first, created | self.topic())
        group.says(AT_US, reply_to_message=above, **self.topic())
        reply = group.reply()
        assert ARABIC.help_in_groups.format(username=AT_US[1:]) in reply.text
        assert reply.message_thread_id == 77

    def test_a_topic_that_the_bot_has_made_is_not_a_reply_to_it(
        self, group: Group, server: BotApiServer
    ) -> None:
        created = {"forum_topic_created": {"name": "أخبار", "icon_color": 7322096}}
        first = group.posts(created | self.topic() | {"from": server.bot})
        above = group.shown(first, created | self.topic() | {"from": server.bot})
        group.says(SUMMIT, reply_to_message=above, **self.topic())
        group.is_silent_until_asked()

    def test_a_reply_to_the_bot_in_a_topic_stays_in_it(self, group: Group) -> None:
        group.says(f"/ask {NOT_HELD}", **self.topic())
        group.says(SUMMIT, reply_to_message=group.reply().raw, **self.topic())
        reply = group.reply(2)
        assert (reply.bold, reply.message_thread_id) == (SUMMIT_DATE, 77)
