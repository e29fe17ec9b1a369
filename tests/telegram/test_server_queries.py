"""The test server's buttons and inline mode, driven by python-telegram-bot's own client."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import telegram
from telegram import (
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
)
from telegram.error import BadRequest

from tests.telegram.client import call, keyboard, refusal, run
from tests.telegram.server import BotApiServer

CHAT = 1000
TOO_OLD = r"(?i)query is too old and response timeout expired or query id is invalid"


def article(name: str = "1", **message: Any) -> dict[str, Any]:
    return {"type": "article", "id": name, "title": "ع", "input_message_content": message}


def test_an_inline_query_is_answered(server: BotApiServer) -> None:
    query_id = server.send_inline("متى", user_id=7, offset="20", language_code="en")
    assert server.inline_answers(query_id) == []

    async def action(bot: telegram.Bot) -> None:
        [update] = await bot.get_updates()
        query = update.inline_query
        assert query is not None
        assert (query.query, query.offset, query.from_user.id) == ("متى", "20", 7)
        assert (query.id, query.from_user.language_code) == (query_id, "en")
        content = InputTextMessageContent("😀 <b>جواب</b>", parse_mode="HTML")
        markup = keyboard("x")
        waiting = asyncio.create_task(asyncio.to_thread(server.wait_for_inline_answer, query_id))
        await bot.answer_inline_query(
            query_id,
            [
                InlineQueryResultArticle(
                    "a", "عنوان", content, description="وصف", reply_markup=markup
                )
            ],
            cache_time=5,
            is_personal=True,
            next_offset="40",
            button=InlineQueryResultsButton("اسأل", start_parameter="q_-Z9"),
        )
        assert await waiting == server.inline_answers(query_id)[0]

    run(server, action)
    [answer] = server.inline_answers(query_id)
    assert (answer.cache_time, answer.is_personal, answer.next_offset) == (5, True, "40")
    assert answer.button == {"text": "اسأل", "start_parameter": "q_-Z9"}
    [result] = answer.results
    assert (result.id, result.type, result.title) == ("a", "article", "عنوان")
    assert (result.description, result.text, result.bold) == ("وصف", "😀 جواب", ["جواب"])
    assert result.entities == [{"type": "bold", "offset": 3, "length": 4}]
    assert result.html == "😀 <b>جواب</b>"
    assert result.reply_markup is not None


def test_what_an_inline_answer_may_be_just_so(server: BotApiServer) -> None:
    query_id = server.send_inline("")
    results = [article(f"{n:064}", message_text="😀" * 2048) for n in range(50)]
    button = {"text": "زر", "start_parameter": "a" * 64}
    assert call(
        server,
        "answerInlineQuery",
        inline_query_id=query_id,
        results=results,
        button=button,
        next_offset="x" * 64,
    )
    [answer] = server.inline_answers(query_id)
    assert (len(answer.results), answer.cache_time, answer.is_personal) == (50, 300, False)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"results": [article(str(n), message_text="x") for n in range(51)]}, "RESULTS_TOO_MUCH"),
        ({"results": [article(message_text="x")] * 2}, "RESULT_ID_DUPLICATE"),
        ({"results": [article("x" * 65, message_text="x")]}, "RESULT_ID_INVALID"),
        ({"results": [article(message_text="ا" * 4097)]}, "message is too long"),
        ({"results": [article(message_text="😀" * 2049)]}, "message is too long"),
        ({"results": [article(message_text="<b>", parse_mode="HTML")]}, "can't parse entities"),
        ({"results": [article(message_text=" ")]}, "message text is empty"),
        ({"results": [article()]}, "no input message content"),
        ({"results": [article(message_text="x") | {"title": ""}]}, "ARTICLE_TITLE_EMPTY"),
        (
            {"results": [{"type": "photo", "id": "1", "caption": "x" * 1025}]},
            "message caption is too long",
        ),
        ({"next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
        ({"button": {"text": "x", "start_parameter": ""}}, "can't use empty start_parameter"),
        ({"button": {"text": "x", "start_parameter": "a" * 65}}, "too long start_parameter"),
        (
            {"button": {"text": "x", "start_parameter": "سؤال"}},
            "unallowed characters in start_parameter are used",
        ),
        ({"button": {"start_parameter": "x"}}, 'Field "text"'),
    ],
)
def test_inline_answers_that_are_refused(
    server: BotApiServer, params: dict[str, Any], words: str
) -> None:
    query_id = server.send_inline("س")
    asked = {"inline_query_id": query_id, "results": []} | params
    assert words in refusal(server, "answerInlineQuery", **asked)
    assert server.inline_answers(query_id) == []
    # A refused answer is no answer.
    assert call(server, "answerInlineQuery", inline_query_id=query_id, results=[]) is True


def test_a_query_is_answered_once_and_in_time(server: BotApiServer) -> None:
    server.send_text("س")
    inline = server.send_inline("س")

    async def action(bot: telegram.Bot) -> None:
        await bot.answer_inline_query(inline, [])
        with pytest.raises(BadRequest, match=TOO_OLD):
            await bot.answer_inline_query(inline, [])
        with pytest.raises(BadRequest, match=TOO_OLD):
            await bot.answer_inline_query("9", [])
        await bot.send_message(CHAT, "زر", reply_markup=keyboard("x"))
        [message] = server.messages()
        press, late = server.press(message, "x"), server.press(message, "x")
        with pytest.raises(BadRequest, match=TOO_OLD):
            await bot.answer_inline_query(press, [])
        await bot.answer_callback_query(press)
        with pytest.raises(BadRequest, match=TOO_OLD):
            await bot.answer_callback_query(press)
        server.query_lifetime = 0
        with pytest.raises(BadRequest, match=TOO_OLD):
            await bot.answer_callback_query(late)
        with pytest.raises(BadRequest, match=TOO_OLD):
            await bot.answer_inline_query(server.send_inline("س"), [])
        assert server.callback_answers(late) == []

    run(server, action)


def test_what_a_press_is_answered_with(server: BotApiServer) -> None:
    server.send_text("س")

    async def action(bot: telegram.Bot) -> None:
        await bot.send_message(CHAT, "زر", reply_markup=keyboard("x"))
        [message] = server.messages()
        silent, loud = server.press(message, "x"), server.press(message, "x")
        waiting = asyncio.create_task(asyncio.to_thread(server.wait_for_callback_answer, loud))
        await bot.answer_callback_query(silent)
        await bot.answer_callback_query(loud, "انتهى", show_alert=True, cache_time=3)
        [quiet] = server.callback_answers(silent)
        assert (quiet.text, quiet.show_alert) == ("", False)
        answer = await waiting
        assert (answer.text, answer.show_alert, answer.cache_time) == ("انتهى", True, 3)

    run(server, action)
