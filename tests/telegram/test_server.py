"""The test server itself, driven by python-telegram-bot's own client."""

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import telegram
from telegram import BotCommand, BotCommandScopeChat, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter

from tests.telegram.client import Action, http, keyboard, run
from tests.telegram.markup import ApiError, parse_html
from tests.telegram.server import BotApiServer

CHAT = 1000


@pytest.fixture
def server() -> Iterator[BotApiServer]:
    with BotApiServer() as server:
        yield server


def test_get_me_and_who_may_ask(server: BotApiServer) -> None:
    me = run(server, lambda bot: bot.get_me())
    assert me.is_bot
    assert me.id == int(server.token.split(":", maxsplit=1)[0])
    assert me.supports_inline_queries
    assert [call.status for call in server.calls("getMe")] == [200, 200]
    with pytest.raises(InvalidToken):
        run(server, lambda bot: bot.get_me(), token="1:wrong")
    unauthorized = {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert http(f"{server.url}/bot1:wrong/getMe") == (401, unauthorized)
    assert http(f"{server.url}/bot{server.token}/getNothing")[0] == 404


def test_parameters_in_every_encoding(server: BotApiServer) -> None:
    server.send_text("س")
    url = f"{server.url}/bot{server.token}/sendMessage"
    body = json.dumps({"chat_id": CHAT, "text": "json"}).encode()
    assert http(url, body)[1]["result"]["text"] == "json"
    form = f"chat_id={CHAT}&text=%D9%86%D8%B5&disable_notification=true".encode()
    assert http(url, form, "application/x-www-form-urlencoded")[1]["result"]["text"] == "نص"
    assert http(f"{url}?chat_id={CHAT}&text=12")[1]["result"]["text"] == "12"
    assert server.calls()[1].params == {"chat_id": CHAT, "text": "نص", "disable_notification": True}
    broken = json.dumps({"chat_id": CHAT, "text": "x", "reply_markup": "{no"}).encode()
    assert http(url, broken)[0] == 400


def test_updates_are_delivered_until_confirmed(server: BotApiServer) -> None:
    first = server.send_text("/start@jawab_test_bot الآن")
    second = server.send_text("سؤال", chat_id=-5, user_id=7, chat_type="supergroup")

    async def action(bot: telegram.Bot) -> None:
        updates = await bot.get_updates()
        assert [update.update_id for update in updates] == [first.update_id, second.update_id]
        message = updates[0].message
        assert message is not None
        assert message.from_user is not None
        assert message.from_user.language_code == "ar"
        [entity] = message.entities
        assert (entity.type, entity.offset, entity.length) == ("bot_command", 0, 21)
        group = updates[1].effective_message
        assert group is not None
        assert (group.chat.type, group.chat.id, second.user_id) == ("supergroup", -5, 7)
        assert len(await bot.get_updates(limit=1)) == 1
        [left] = await bot.get_updates(offset=first.update_id + 1)
        assert left.update_id == second.update_id
        assert await bot.get_updates(offset=second.update_id + 1) == ()
        assert await bot.get_updates() == ()

    run(server, action)


def test_edits_and_allowed_updates(server: BotApiServer) -> None:
    sent = server.send_text("سؤال")

    async def action(bot: telegram.Bot) -> None:
        await bot.get_updates(offset=sent.update_id + 1, allowed_updates=["edited_message"])
        server.send_text("لا يصل")
        edited = server.edit_text(sent, "سؤال أوضح")
        [update] = await bot.get_updates()
        assert update.update_id == edited.update_id
        assert update.edited_message is not None
        assert update.edited_message.text == "سؤال أوضح"
        assert update.edited_message.message_id == sent.message_id

    run(server, action)


def test_a_long_poll_wakes_for_an_update(server: BotApiServer) -> None:
    async def action(bot: telegram.Bot) -> float:
        poll = asyncio.create_task(bot.get_updates(timeout=8))
        await asyncio.to_thread(server.wait_for, "getUpdates")
        assert server.calls("getUpdates")[0].status is None
        start = time.monotonic()
        server.send_text("استيقظ")
        [update] = await poll
        assert update.effective_message is not None
        assert update.effective_message.text == "استيقظ"
        return time.monotonic() - start

    assert run(server, action) < 1
    assert server.calls("getUpdates")[0].status == 200


def test_only_one_may_poll(server: BotApiServer) -> None:
    async def action(bot: telegram.Bot) -> None:
        earlier = asyncio.create_task(bot.get_updates(timeout=8))
        await asyncio.to_thread(server.wait_for, "getUpdates")
        async with telegram.Bot(server.token, base_url=f"{server.url}/bot") as other:
            assert await other.get_updates(timeout=0) == ()
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await earlier
        await bot.set_webhook("https://example.org/hook")
        assert (await bot.get_webhook_info()).url == "https://example.org/hook"
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()
        await bot.delete_webhook()
        await bot.get_updates()

    run(server, action)


def test_a_bot_that_goes_away_loses_nothing() -> None:
    with BotApiServer() as server:

        async def leave(bot: telegram.Bot) -> None:
            poll = asyncio.create_task(bot.get_updates(timeout=8))
            await asyncio.to_thread(server.wait_for, "getUpdates")
            poll.cancel()

        run(server, leave)
        server.wait_for(lambda call: call.method == "getUpdates" and call.status == 0)
        server.send_text("بعد الذهاب")
        assert len(run(server, lambda bot: bot.get_updates())) == 1
        start = time.monotonic()
    assert time.monotonic() - start < 1


def test_entities_count_utf16_units(server: BotApiServer) -> None:
    sent = server.send_text("س")
    source = "😀 قال: <b>النصّ 👍🏽</b> ثم <i>مائل <u>تحته</u></i> &lt;٣&gt; <code>a&amp;b</code>\n"

    async def action(bot: telegram.Bot) -> telegram.Message:
        return await bot.send_message(
            CHAT, source, parse_mode="HTML", reply_to_message_id=sent.message_id
        )

    message = run(server, action)
    assert message.text == "😀 قال: النصّ 👍🏽 ثم مائل تحته <٣> a&b"
    texts = [message.parse_entity(entity) for entity in message.entities]
    assert texts == ["النصّ 👍🏽", "مائل تحته", "تحته", "a&b"]
    assert [(e.type, e.offset, e.length) for e in message.entities] == [
        ("bold", 8, 10),
        ("italic", 22, 9),
        ("underline", 27, 4),
        ("code", 36, 3),
    ]
    [seen] = server.messages(CHAT)
    assert seen.bold == ["النصّ 👍🏽"]
    assert (seen.text, seen.html) == (message.text, source)
    assert (seen.reply_to_message_id, seen.edited) == (sent.message_id, False)


@pytest.mark.parametrize(
    ("source", "entities"),
    [
        ("  <b> a </b>", [("bold", 0, 1)]),
        ("<b></b>x", []),
        ("R&D &copy &#x27;&#39; AT&T", []),
        ('<a href="https://e.org/?a=1&amp;b=>">x</a>', [("text_link", 0, 1)]),
        ('<a href="x">y</a>', []),
        ('<span class="tg-spoiler">s</span>', [("spoiler", 0, 1)]),
        ("<blockquote expandable>q</blockquote>", [("expandable_blockquote", 0, 1)]),
        ("<B>a</>", [("bold", 0, 1)]),
        ('<tg-emoji emoji-id="5">👍</tg-emoji>', [("custom_emoji", 0, 2)]),
    ],
)
def test_html_that_telegram_reads(
    server: BotApiServer, source: str, entities: list[tuple[str, int, int]]
) -> None:
    server.send_text("س")
    message = run(server, lambda bot: bot.send_message(CHAT, source, parse_mode="HTML"))
    assert [(e.type, e.offset, e.length) for e in message.entities] == entities


def test_references_and_links_are_decoded() -> None:
    assert parse_html("&amp;;&lt;;")[0] == "&;<;"
    assert (
        parse_html("R&D &copy &#x27;&#39;&quot; AT&T &#0; &lt")[0] == "R&D &copy ''\" AT&T &#0; <"
    )
    [link] = parse_html('<a href="https://e.org/?a=1&amp;b=>">x</a>')[1]
    assert link["url"] == "https://e.org/?a=1&b=>"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<br>", 'Unsupported start tag "br" at byte offset 0'),
        ("نص <p>x</p>", 'Unsupported start tag "p" at byte offset 5'),
        ("3 < 5", 'Unsupported start tag "" at byte offset 2'),
        ("<b/>", 'Unsupported start tag "b/" at byte offset 0'),
        ("<!-- x -->", 'Unsupported start tag "!--" at byte offset 0'),
        ("x <b", "Unclosed start tag at byte offset 2"),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        (
            "<b><i>x</b></i>",
            'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
        ),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("a&nbsp;b", 'Unsupported entity "&nbsp;"'),
    ],
)
def test_html_that_telegram_refuses(source: str, reason: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_html(source)
    assert str(caught.value) == f"Bad Request: can't parse entities: {reason}"


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (lambda bot: bot.send_message(CHAT, " \n"), "Message text is empty"),
        (lambda bot: bot.send_message(CHAT, "ا" * 4097), "Message is too long"),
        (lambda bot: bot.send_message(CHAT, "😀" * 2049), "Message is too long"),
        (lambda bot: bot.send_message(CHAT, "<b>x", parse_mode="HTML"), "Can't parse entities"),
        (lambda bot: bot.send_message(9, "x"), "Chat not found"),
        (
            lambda bot: bot.send_message(CHAT, "x", reply_to_message_id=99),
            "Message to be replied not found",
        ),
        (
            lambda bot: bot.send_message(CHAT, "x", reply_markup=keyboard("ا" * 32 + "a")),
            "Button_data_invalid",
        ),
        (
            lambda bot: bot.send_message(
                CHAT, "x", reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("a")]])
            ),
            "Text buttons are unallowed",
        ),
        (lambda bot: bot.edit_message_text("x", CHAT, 99), "Message to edit not found"),
        (lambda bot: bot.edit_message_text("x", CHAT, 1), "Message can't be edited"),
        (lambda bot: bot.delete_message(CHAT, 99), "Message to delete not found"),
        (lambda bot: bot.send_chat_action(CHAT, "sing"), "Wrong parameter action"),
        (lambda bot: bot.answer_callback_query("9"), "Query is too old"),
        (lambda bot: bot.set_my_commands([("Start", "x")]), "Bot_command_invalid"),
        (lambda bot: bot.set_my_commands([("a" * 33, "x")]), "must not exceed 32"),
        (lambda bot: bot.set_my_commands([("a", "x" * 257)]), "must not exceed 256"),
        (lambda bot: bot.set_my_commands([("a", " ")]), "must be non-empty"),
        (lambda bot: bot.set_my_commands([("a", "x")] * 101), "Bot_commands_too_much"),
        (lambda bot: bot.set_my_description("x" * 513), "Description_too_long"),
        (lambda bot: bot.set_my_short_description("x" * 121), "Short_description_too_long"),
        (lambda bot: bot.leave_chat(CHAT), "private chats"),
        (lambda bot: bot.get_file("none"), "Invalid file_id"),
        (lambda bot: bot.set_webhook("http://example.org"), "An HTTPS URL must be provided"),
    ],
)
def test_limits(server: BotApiServer, action: Action[Any], reason: str) -> None:
    server.send_text("س")
    with pytest.raises(BadRequest) as caught:
        run(server, action)
    # The client's own spelling of an error differs between its versions in the first letter only.
    assert reason.lower() in str(caught.value).lower()
    assert server.calls()[-1].status == 400
    assert server.messages(CHAT) == []


def test_what_is_just_within_the_limits(server: BotApiServer) -> None:
    server.send_text("س")

    async def action(bot: telegram.Bot) -> None:
        text = "<b>" + "😀" * 2048 + "</b>"
        markup = keyboard("ا" * 32)
        await bot.send_message(CHAT, text, parse_mode="HTML", reply_markup=markup)
        await bot.send_message(CHAT, "x", reply_to_message_id=99, allow_sending_without_reply=True)
        await bot.set_my_commands([("a" * 32, "x" * 256)] * 100)
        await bot.set_my_description("x" * 512)
        await bot.set_my_short_description("x" * 120)

    run(server, action)
    assert len(server.messages(CHAT)) == 2


def test_buttons_and_edits(server: BotApiServer) -> None:
    server.send_text("س")

    async def action(bot: telegram.Bot) -> None:
        await bot.get_updates(offset=-1)
        sent = await bot.send_message(CHAT, "سؤال؟", reply_markup=keyboard("yes"))
        message = server.wait_for_message(CHAT)
        with pytest.raises(AssertionError, match="no button"):
            server.press(message, "no")
        server.press(message, "yes")
        update = (await bot.get_updates())[-1]
        query = update.callback_query
        assert query is not None
        assert (query.data, query.from_user.id) == ("yes", CHAT)
        assert query.message is not None
        assert query.message.is_accessible
        with pytest.raises(BadRequest, match=r"(?i)message_too_long"):
            await query.answer("x" * 201)
        await query.answer("x" * 200)
        with pytest.raises(BadRequest, match="not modified"):
            await query.edit_message_text("سؤال؟", reply_markup=keyboard("yes"))
        await query.edit_message_text("<b>نعم</b>", parse_mode="HTML")
        with pytest.raises(BadRequest, match="not modified"):
            await query.edit_message_reply_markup(None)
        [now] = server.messages(CHAT)
        assert (now.text, now.bold, now.edited, now.reply_markup) == ("نعم", ["نعم"], True, None)
        assert now.message_id == sent.message_id
        await bot.delete_message(CHAT, sent.message_id)
        assert server.messages(CHAT) == []
        server.press(message, "yes")
        update = (await bot.get_updates(offset=update.update_id + 1))[-1]
        assert update.callback_query is not None
        assert update.callback_query.message is not None
        assert not update.callback_query.message.is_accessible

    run(server, action)


def test_commands_are_kept_by_scope_and_language(server: BotApiServer) -> None:
    server.send_text("س")
    scope = BotCommandScopeChat(CHAT)

    async def action(bot: telegram.Bot) -> tuple[BotCommand, ...]:
        await bot.set_my_commands([("start", "ابدأ")])
        await bot.set_my_commands([("start", "Start")], language_code="en")
        await bot.set_my_commands([("admin", "إدارة")], scope=scope)
        assert await bot.get_my_commands(language_code="fr") == ()
        return await bot.get_my_commands(scope=scope)

    assert run(server, action) == (BotCommand("admin", "إدارة"),)
    assert server.commands(language_code="en") == [{"command": "start", "description": "Start"}]
    assert server.commands()[0]["description"] == "ابدأ"


def test_files(server: BotApiServer) -> None:
    file_id = server.add_file("محتوى".encode(), "documents/file_1.txt")
    document = {"file_id": file_id, "file_unique_id": "u", "file_name": "ملف.txt"}
    server.send_message({"document": document})

    async def action(bot: telegram.Bot) -> None:
        [update] = await bot.get_updates()
        assert update.message is not None
        assert update.message.document is not None
        file = await update.message.document.get_file()
        assert bytes(await file.download_as_bytearray()).decode() == "محتوى"
        sent = await bot.send_document(
            CHAT, b"%PDF", filename="جواب.pdf", caption="<b>مرفق</b>", parse_mode="HTML"
        )
        assert sent.document is not None
        assert (sent.document.file_name, sent.document.file_size) == ("جواب.pdf", 4)
        again = await (await bot.get_file(sent.document)).download_as_bytearray()
        assert bytes(again) == b"%PDF"
        assert (await bot.send_photo(CHAT, b"png")).photo[0].file_size == 3
        with pytest.raises(BadRequest, match="too long"):
            await bot.send_document(CHAT, b"x", caption="x" * 1025)

    run(server, action)
    assert server.messages(CHAT)[0].bold == ["مرفق"]


def test_a_chat_that_was_left(server: BotApiServer) -> None:
    server.send_text("س", chat_id=-5, chat_type="supergroup")

    async def action(bot: telegram.Bot) -> None:
        assert (await bot.get_chat(-5)).type == "supergroup"
        await bot.leave_chat(-5)
        with pytest.raises(Forbidden, match="not a member of the supergroup"):
            await bot.send_message(-5, "x")
        server.send_text("عد", chat_id=-5, chat_type="supergroup")
        await bot.send_message(-5, "x")

    run(server, action)
    assert server.wait_for_message(-5).text == "x"


def test_faults(server: BotApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # or the client warns of it when it raises RetryAfter
    server.send_text("س")
    words = "Too Many Requests: retry after 7"
    server.fail_next("sendMessage", status=429, description=words, retry_after=7)
    server.fail_next("sendMessage", status=500, description="Internal Server Error", times=2)
    server.drop_next("sendMessage")
    server.delay_next("sendMessage", 0.2)

    async def action(bot: telegram.Bot) -> float:
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(CHAT, "x")
        assert caught.value.retry_after == timedelta(seconds=7)
        for _ in range(2):
            with pytest.raises(NetworkError, match="Internal Server Error"):
                await bot.send_message(CHAT, "x")
        with pytest.raises(NetworkError):
            await bot.send_message(CHAT, "x")
        assert server.messages(CHAT) == []
        start = time.monotonic()
        await bot.send_message(CHAT, "x")
        return time.monotonic() - start

    assert run(server, action) >= 0.2
    assert [call.status for call in server.calls("sendMessage")] == [429, 500, 500, 0, 200]
    assert len(server.messages(CHAT)) == 1


def test_waiting_in_vain_tells_what_was_called(server: BotApiServer) -> None:
    run(server, lambda bot: bot.get_me())
    assert len(server.wait_for("getMe", count=2)) == 2
    assert server.wait_for(lambda call: call.status == 200)
    with pytest.raises(AssertionError, match=r"no 1 x sendMessage within 0\.05 s(?s:.*)getMe 200"):
        server.wait_for("sendMessage", timeout=0.05)
    with pytest.raises(AssertionError, match="1 messages in chat 1000"):
        server.wait_for_message(CHAT, timeout=0.05)
