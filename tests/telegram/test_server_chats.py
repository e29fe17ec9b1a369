"""The test server's groups, topics, blocks and files, driven by python-telegram-bot's client."""

from __future__ import annotations

import struct
from typing import Any

import pytest
import telegram
from telegram import InputMediaDocument, InputMediaPhoto, LinkPreviewOptions, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, Forbidden

from tests.telegram.client import call, http, keyboard, refusal, run
from tests.telegram.server import BotApiServer, SentMessage

CHAT, GROUP, FORUM = 1000, -5, -100_5
NO_THREAD = "Bad Request: message thread not found"


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)


def in_topic(server: BotApiServer, thread_id: int) -> int:
    return server.send_text(
        "س",
        chat_id=FORUM,
        user_id=7,
        chat_type="supergroup",
        message_thread_id=thread_id,
        is_topic_message=True,
    ).message_id


def only(server: BotApiServer, chat_id: int) -> SentMessage:
    [message] = server.messages(chat_id)
    return message


def test_topics_of_a_forum(server: BotApiServer) -> None:
    question = in_topic(server, 5)

    async def action(bot: telegram.Bot) -> None:
        [update] = await bot.get_updates()
        assert update.message is not None
        assert (update.message.message_thread_id, update.message.is_topic_message) == (5, True)
        assert update.message.chat.is_forum
        assert (await bot.get_chat(FORUM)).is_forum
        await bot.send_chat_action(FORUM, "typing", message_thread_id=5)
        sent = await bot.send_message(FORUM, "ج", message_thread_id=5)
        assert (sent.message_thread_id, sent.is_topic_message) == (5, True)
        file = await bot.send_document(FORUM, b"x", filename="x.csv", message_thread_id=5)
        assert file.message_thread_id == 5
        # A reply goes where its question is, and what names no topic goes to General.
        reply = await bot.send_message(FORUM, "ج", reply_parameters=ReplyParameters(question))
        assert reply.message_thread_id == 5
        general = await bot.send_message(FORUM, "ج")
        assert (general.message_thread_id, general.is_topic_message) == (None, None)

    run(server, action)
    assert [message.message_thread_id for message in server.messages(FORUM)] == [5, 5, 5, None]


def test_a_topic_that_is_not_known(server: BotApiServer) -> None:
    in_topic(server, 5)
    # A thread of replies, as any supergroup has them, is not a topic.
    server.send_text("س", chat_id=GROUP, chat_type="supergroup", message_thread_id=5)
    server.send_text("س")
    for chat_id, thread_id in ((FORUM, 6), (FORUM, 1), (GROUP, 5), (CHAT, 5)):
        where = {"chat_id": chat_id, "message_thread_id": thread_id}
        assert refusal(server, "sendMessage", text="ج", **where) == NO_THREAD
        assert refusal(server, "sendChatAction", action="typing", **where) == NO_THREAD
    assert "is_forum" not in call(server, "getChat", chat_id=GROUP)


def test_a_user_who_blocks_the_bot(server: BotApiServer) -> None:
    server.send_text("س")
    text = "Forbidden: bot was blocked by the user"

    async def action(bot: telegram.Bot) -> None:
        sent = await bot.send_message(CHAT, "ج")
        server.block(CHAT)
        update = (await bot.get_updates())[-1]
        assert update.my_chat_member is not None
        assert update.my_chat_member.new_chat_member.status == "kicked"
        assert update.my_chat_member.from_user.id == CHAT
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await bot.send_message(CHAT, "ج")
        with pytest.raises(Forbidden):
            await bot.send_document(CHAT, b"x")
        await bot.get_chat(CHAT)
        await bot.edit_message_text("غ", CHAT, sent.message_id)
        server.unblock(CHAT)
        await bot.send_message(CHAT, "ج")

    run(server, action)
    # One who was never seen before can, too.
    server.block(8)
    assert refusal(server, "sendMessage", chat_id=8, text="ج") == text
    assert refusal(server, "sendChatAction", chat_id=8, action="typing") == text


def test_messages_that_the_user_deletes(server: BotApiServer) -> None:
    question, kept = server.send_text("س"), server.send_text("س")

    async def action(bot: telegram.Bot) -> None:
        first = await bot.send_message(CHAT, "١")
        await bot.send_message(CHAT, "٢")
        server.delete(question)
        server.delete(server.messages()[0])
        with pytest.raises(AssertionError, match="no such message"):
            server.delete(question)
        with pytest.raises(BadRequest, match=r"(?i)message to be replied not found"):
            await bot.send_message(CHAT, "ج", reply_to_message_id=question.message_id)
        lost = ReplyParameters(question.message_id, allow_sending_without_reply=True)
        await bot.send_message(CHAT, "٣", reply_parameters=lost)
        with pytest.raises(BadRequest, match=r"(?i)message to edit not found"):
            await bot.edit_message_text("غ", CHAT, first.message_id)
        await bot.send_message(CHAT, "٤", reply_to_message_id=kept.message_id)

    run(server, action)
    assert [message.text for message in server.messages()] == ["٢", "٣", "٤"]
    assert server.wait_for_message(count=3).reply_to_message_id == kept.message_id


def test_a_group_that_the_bot_joins_and_leaves(server: BotApiServer) -> None:
    server.join(GROUP, "مجموعة", 7)

    async def action(bot: telegram.Bot) -> None:
        [joined] = await bot.get_updates()
        assert joined.my_chat_member is not None
        assert joined.my_chat_member.chat.title == "مجموعة"
        assert joined.my_chat_member.from_user.id == 7
        change = joined.my_chat_member.difference()["status"]
        assert change == ("left", "member")
        await bot.send_message(GROUP, "مرحبًا")
        await bot.leave_chat(GROUP)
        left = (await bot.get_updates())[-1].my_chat_member
        assert left is not None
        assert left.difference()["status"] == ("member", "left")
        assert left.from_user.id == bot.id
        with pytest.raises(Forbidden, match="bot is not a member of the supergroup chat"):
            await bot.send_message(GROUP, "x")
        server.join(GROUP, "مجموعة", 7)
        assert (await bot.send_message(GROUP, "x")).chat.title == "مجموعة"
        server.kick(GROUP)
        with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
            await bot.send_message(GROUP, "x")
        # The title stays when someone writes there.
        server.send_text("س", chat_id=GROUP, chat_type="supergroup")
        assert (await bot.get_chat(GROUP)).title == "مجموعة"
        await bot.get_updates(offset=-1, allowed_updates=["message"])
        await bot.get_updates(offset=server.kick(GROUP))
        assert await bot.get_updates() == ()

    run(server, action)


def test_a_group_that_becomes_a_supergroup(server: BotApiServer) -> None:
    server.join(GROUP, "مجموعة", chat_type="group")
    server.migrate(GROUP, FORUM)

    async def action(bot: telegram.Bot) -> None:
        _joined, old, new = await bot.get_updates()
        assert old.message is not None
        assert new.message is not None
        assert (old.message.chat.id, old.message.migrate_to_chat_id) == (GROUP, FORUM)
        assert (new.message.chat.id, new.message.migrate_from_chat_id) == (FORUM, GROUP)
        assert new.message.chat.title == "مجموعة"
        with pytest.raises(ChatMigrated) as caught:
            await bot.send_message(GROUP, "x")
        assert caught.value.new_chat_id == FORUM
        await bot.send_message(FORUM, "x")

    run(server, action)
    refused = call(server, "sendMessage", chat_id=GROUP, text="x")
    assert refused == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": FORUM},
    }


def test_members(server: BotApiServer) -> None:
    server.send_text("س", chat_id=GROUP, user_id=7, chat_type="supergroup")
    server.send_text("س", chat_id=CHAT)
    server.set_member(GROUP, 9, "administrator")
    server.set_member(GROUP, 10, "creator")

    async def action(bot: telegram.Bot) -> None:
        found = [(await bot.get_chat_member(GROUP, who)).status for who in (7, 9, 10, CHAT, bot.id)]
        assert found == ["member", "administrator", "creator", "left", "member"]
        with pytest.raises(BadRequest, match=r"(?i)user not found"):
            await bot.get_chat_member(GROUP, 99)
        leading = await bot.get_chat_administrators(GROUP)
        assert [member.user.id for member in leading] == [9, 10]

    run(server, action)


def test_reactions_of_the_bot(server: BotApiServer) -> None:
    sent = server.send_text("س")

    async def action(bot: telegram.Bot) -> None:
        await bot.set_message_reaction(CHAT, sent.message_id, "👍")
        assert server.reactions(CHAT, sent.message_id) == ["👍"]
        with pytest.raises(BadRequest, match=r"(?i)reaction_invalid"):
            await bot.set_message_reaction(CHAT, sent.message_id, "🫥")
        with pytest.raises(BadRequest, match=r"(?i)message to react not found"):
            await bot.set_message_reaction(CHAT, 99, "👍")
        await bot.set_message_reaction(CHAT, sent.message_id, [])

    run(server, action)
    assert server.reactions(CHAT, sent.message_id) == []


def test_options_of_a_message(server: BotApiServer) -> None:
    server.send_text("س")

    async def action(bot: telegram.Bot) -> None:
        sent = await bot.send_message(
            CHAT,
            "https://example.org",
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            disable_notification=True,
            protect_content=True,
        )
        assert sent.link_preview_options is not None
        assert sent.link_preview_options.is_disabled
        assert sent.has_protected_content

    run(server, action)


def test_commands_are_deleted_by_language(server: BotApiServer) -> None:
    async def action(bot: telegram.Bot) -> None:
        await bot.set_my_commands([("start", "ابدأ")])
        await bot.set_my_commands([("start", "Start")], language_code="en")
        await bot.delete_my_commands()
        await bot.delete_my_commands(language_code="fr")

    run(server, action)
    assert server.commands() == []
    assert len(server.commands(language_code="en")) == 1


def test_a_deep_link(server: BotApiServer) -> None:
    server.send_text("/start q_a-Z9")
    [update] = call(server, "getUpdates")
    assert update["message"]["text"] == "/start q_a-Z9"
    assert update["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]


def test_files_of_the_bot(server: BotApiServer) -> None:
    server.send_text("س")
    table = "السؤال,الجواب\r\n".encode("utf-8-sig")

    async def action(bot: telegram.Bot) -> None:
        await bot.send_document(CHAT, table, filename="جدول.csv", caption="ج")
        document = only(server, CHAT)
        assert (document.filename, server.download(document)) == ("جدول.csv", table)
        sent = await bot.send_photo(CHAT, png(640, 480), caption="<b>صورة</b>", parse_mode="HTML")
        assert (sent.photo[-1].width, sent.photo[-1].height) == (640, 480)
        photo = server.wait_for_message(count=2)
        assert (photo.filename, server.download(photo)) == (None, png(640, 480))
        # The same file again costs no upload.
        await bot.send_photo(CHAT, sent.photo[-1].file_id)
        assert server.download(server.wait_for_message(count=3)) == png(640, 480)
        for wrong in (png(9_000, 1_001), png(21, 1), png(0, 5)):
            with pytest.raises(BadRequest, match=r"(?i)photo_invalid_dimensions"):
                await bot.send_photo(CHAT, wrong)
        with pytest.raises(BadRequest, match=r"(?i)file must be non-empty"):
            await bot.send_document(CHAT, b"", filename="x.csv")
        with pytest.raises(BadRequest, match=r"(?i)wrong file identifier"):
            await bot.send_document(CHAT, "BQACAgQ")
        big = server.add_file(png(1, 1), "big.png", size=(10 << 20) + 1)
        with pytest.raises(BadRequest, match=r"(?i)file of size 10485761 bytes is too big for a"):
            await bot.send_photo(CHAT, big)

    run(server, action)


def test_files_of_the_user(server: BotApiServer) -> None:
    most = 20 << 20
    server.send_document("س.csv", b"a", mime_type="text/csv", caption="/ask", size=most)
    server.send_document("ص.csv", b"b", chat_id=GROUP, user_id=7, chat_type="group", size=most + 1)

    async def action(bot: telegram.Bot) -> None:
        small, large = (update.message for update in await bot.get_updates())
        assert small is not None
        assert small.document is not None
        assert (small.document.file_name, small.document.mime_type) == ("س.csv", "text/csv")
        assert (small.caption, small.caption_entities[0].type) == ("/ask", "bot_command")
        file = await small.document.get_file()
        assert file.file_size == most
        assert bytes(await file.download_as_bytearray()) == b"a"
        assert large is not None
        assert large.document is not None
        assert large.document.file_size == most + 1
        with pytest.raises(BadRequest, match=r"(?i)file is too big"):
            await large.document.get_file()

    run(server, action)


def test_edits_of_media(server: BotApiServer) -> None:
    server.send_text("س")

    async def action(bot: telegram.Bot) -> None:
        text = await bot.send_message(CHAT, "نص", reply_markup=keyboard("x"))
        with pytest.raises(BadRequest, match=r"(?i)there is no caption in the message to edit"):
            await bot.edit_message_caption(CHAT, text.message_id, caption="ج")
        picture = InputMediaPhoto(png(3, 2), caption="<i>صورة</i>", parse_mode="HTML")
        edited = await bot.edit_message_media(picture, CHAT, text.message_id)
        assert isinstance(edited, telegram.Message)
        assert (edited.text, edited.caption, edited.photo[0].width) == (None, "صورة", 3)
        assert only(server, CHAT).reply_markup is None
        with pytest.raises(BadRequest, match=r"(?i)there is no text in the message to edit"):
            await bot.edit_message_text("ج", CHAT, text.message_id)
        await bot.edit_message_caption(CHAT, text.message_id, caption="<b>ج</b>", parse_mode="HTML")
        assert only(server, CHAT).bold == ["ج"]
        with pytest.raises(BadRequest, match="not modified"):
            await bot.edit_message_caption(
                CHAT, text.message_id, caption="<b>ج</b>", parse_mode="HTML"
            )
        table = InputMediaDocument(b"a,b", filename="x.csv")
        await bot.edit_message_media(table, CHAT, text.message_id)
        document = only(server, CHAT)
        assert (document.filename, server.download(document)) == ("x.csv", b"a,b")
        assert (document.edited, document.text, "photo" in document.raw) == (True, "", False)

    run(server, action)


@pytest.mark.parametrize("method", ["sendMessage", "getUpdates"])
def test_a_request_of_no_known_shape(server: BotApiServer, method: str) -> None:
    params: dict[str, Any] = {"chat_id": {"no": 1}, "text": "x", "offset": "x"}
    assert refusal(server, method, **params) == "Internal Server Error"
    assert server.calls()[-1].status == 500


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[1]"])
def test_a_request_that_is_no_json_object(server: BotApiServer, body: bytes) -> None:
    url = f"{server.url}/bot{server.token}/sendMessage"
    assert http(url, body) == (
        400,
        {"ok": False, "error_code": 400, "description": "Bad Request: can't parse the request"},
    )
    assert server.calls()[-1].status == 400
