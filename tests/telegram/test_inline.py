"""``@bot question`` in any chat, as who types it and who chooses a result see it."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.links import START_PREFIX
from bot.texts import ARABIC, ENGLISH
from tests.telegram.conftest import RunningBot
from tests.telegram.groups import NOT_HELD, PUBLISHED, PUBLISHED_DATE, SUMMIT, SUMMIT_DATE
from tests.telegram.markup import utf16_length
from tests.telegram.records import InlineAnswer
from tests.telegram.server import BotApiServer

WHAT_PUTIN_SAID = "ماذا قال بوتين عن المنظمة؟"

_users = itertools.count(8001)


@pytest.fixture
def server(shared_bot: RunningBot, shared_server: BotApiServer) -> BotApiServer:
    assert shared_bot.process.poll() is None
    return shared_server


@pytest.fixture
def user() -> int:
    return next(_users)


def answer_to(server: BotApiServer, query: str, user: int, **more: Any) -> InlineAnswer:
    return server.wait_for_inline_answer(server.send_inline(query, user_id=user, **more))


class TestResults:
    def test_the_first_result_is_the_answer(self, server: BotApiServer, user: int) -> None:
        best = answer_to(server, SUMMIT, user).results[0]
        assert (best.type, best.title) == ("article", *SUMMIT_DATE)
        assert "القمة المقبلة ستعقد في 11 نوفمبر 2026" in best.description
        assert best.bold == SUMMIT_DATE
        assert "وكالات" in best.text

    def test_what_choosing_one_would_send_quotes_the_question(
        self, server: BotApiServer, user: int
    ) -> None:
        for result in answer_to(server, SUMMIT, user).results:
            assert result.text.strip("\u200f").startswith(SUMMIT)
            assert "blockquote" in {entity["type"] for entity in result.entities}
            assert all(part.startswith("\u200f") for part in result.text.split("\n") if part)

    @pytest.mark.parametrize("query", [WHAT_PUTIN_SAID, "بوتين", SUMMIT, "من قال عن الأسلحة؟"])
    def test_there_are_ten_at_most_and_each_only_once(
        self, server: BotApiServer, user: int, query: str
    ) -> None:
        results = answer_to(server, query, user).results
        assert len(results) <= 10
        assert len({result.text for result in results}) == len(results)
        assert len({result.id for result in results}) == len(results)
        for result in results:
            assert 0 < utf16_length(result.title) <= 100
            assert 0 < utf16_length(result.description) <= 200

    def test_many_sentences_fill_ten_results(self, server: BotApiServer, user: int) -> None:
        assert len(answer_to(server, WHAT_PUTIN_SAID, user).results) == 10

    @pytest.mark.parametrize("chat_type", ["sender", "group", "supergroup", "channel", None])
    def test_it_works_in_any_chat(
        self, server: BotApiServer, user: int, chat_type: str | None
    ) -> None:
        assert answer_to(server, SUMMIT, user, chat_type=chat_type).results[0].bold == SUMMIT_DATE

    def test_telegram_may_keep_the_answer_for_everybody(
        self, server: BotApiServer, user: int
    ) -> None:
        answer = answer_to(server, SUMMIT, user)
        assert not answer.is_personal
        assert answer.cache_time > 0
        assert answer.button is None

    def test_markup_in_a_query_does_no_harm(self, server: BotApiServer, user: int) -> None:
        query = '<b>متى</b> & القمة "المقبلة" <script>؟'
        best = answer_to(server, query, user).results[0]
        assert best.bold == SUMMIT_DATE
        assert query in best.text

    def test_a_query_as_long_as_telegram_lets_it_be_is_answered(
        self, server: BotApiServer, user: int
    ) -> None:
        assert answer_to(server, (SUMMIT + " ").ljust(256, "ا"), user).results

    def test_a_query_that_has_grown_too_old_does_no_harm(
        self, server: BotApiServer, user: int, shared_bot: RunningBot
    ) -> None:
        words = "Bad Request: query is too old and response timeout expired or query ID is invalid"
        server.fail_next("answerInlineQuery", status=400, description=words)
        server.send_inline(SUMMIT, user_id=user)
        server.wait_for(lambda call: call.method == "answerInlineQuery" and call.status == 400)
        assert answer_to(server, SUMMIT, user).results
        assert "failed" not in shared_bot.output


class TestButton:
    @pytest.mark.parametrize(
        ("language", "text"), [("ar", ARABIC.inline_ask), ("en", ENGLISH.inline_ask)]
    )
    @pytest.mark.parametrize("query", ["", "   ", "\u200f"])
    def test_nothing_typed_offers_to_ask_in_private(
        self, server: BotApiServer, user: int, query: str, language: str, text: str
    ) -> None:
        answer = answer_to(server, query, user, language_code=language)
        assert answer.results == []
        assert answer.button is not None
        assert answer.button["text"] == text
        server.send_text(f"/start {answer.button['start_parameter']}", chat_id=user)
        start = server.wait_for_message(user)
        assert ARABIC.examples in start.text
        assert start.buttons

    def test_no_answer_offers_to_ask_the_question_in_private(
        self, server: BotApiServer, user: int
    ) -> None:
        answer = answer_to(server, NOT_HELD, user)
        assert answer.results == []
        assert answer.button is not None
        assert answer.button["text"] == ARABIC.inline_not_found
        parameter = answer.button["start_parameter"]
        assert parameter.startswith(START_PREFIX)
        server.send_text(f"/start {parameter}", chat_id=user)
        reply = server.wait_for_message(user)
        assert NOT_HELD in reply.text
        assert ARABIC.not_found in reply.text
        # What is near can be asked from there.
        example = next(b for b in reply.buttons if b["callback_data"].startswith("q:"))
        server.press(reply, example["callback_data"])
        assert server.wait_for_message(user, count=2).bold

    @pytest.mark.parametrize("query", [f"{NOT_HELD} " + "وكيف أقدمها للضيوف " * 8, "🙂", "؟؟؟"])
    def test_what_no_link_can_carry_or_holds_no_word_has_a_button_that_works(
        self, server: BotApiServer, user: int, query: str
    ) -> None:
        answer = answer_to(server, query, user)
        assert answer.results == []
        assert answer.button is not None
        server.send_text(f"/start {answer.button['start_parameter']}", chat_id=user)
        assert server.wait_for_message(user).text


class TestTyping:
    def test_only_what_was_typed_last_is_answered(self, server: BotApiServer, user: int) -> None:
        with server._lock:  # so that the bot gets them all at once, however busy the machine is
            typed = [
                server.send_inline(SUMMIT[:end], user_id=user) for end in range(1, len(SUMMIT))
            ]
            last = server.send_inline(SUMMIT, user_id=user)
        assert server.wait_for_inline_answer(last).results[0].bold == SUMMIT_DATE
        # One who types after them is answered after them.
        assert answer_to(server, PUBLISHED, next(_users)).results[0].bold == PUBLISHED_DATE
        assert [query for query in typed if server.inline_answers(query)] == []

    def test_who_types_at_the_same_time_is_answered_too(self, server: BotApiServer) -> None:
        queries = [server.send_inline(SUMMIT, user_id=next(_users)) for _ in range(8)]
        for query in queries:
            assert server.wait_for_inline_answer(query).results[0].bold == SUMMIT_DATE

    def test_the_same_query_is_answered_again(self, server: BotApiServer, user: int) -> None:
        for _ in range(2):
            assert answer_to(server, SUMMIT, user).results

    def test_an_update_that_comes_twice_is_answered_once(
        self, server: BotApiServer, user: int
    ) -> None:
        query = server.send_inline(SUMMIT, user_id=user)
        server.wait_for_inline_answer(query)
        server.redeliver(query)
        assert answer_to(server, SUMMIT, user).results
        answered = [
            call
            for call in server.calls("answerInlineQuery")
            if call.params["inline_query_id"] == query
        ]
        assert len(answered) == 1


class TestViaBot:
    def test_what_was_sent_through_the_bot_is_not_answered(
        self, server: BotApiServer, user: int
    ) -> None:
        chosen = answer_to(server, SUMMIT, user).results[0]
        server.send_text(chosen.text, chat_id=user, via_bot=server.bot)
        asked = server.send_text(PUBLISHED, chat_id=user)
        reply = server.wait_for_message(user)
        assert (reply.bold, reply.reply_to_message_id) == (PUBLISHED_DATE, asked.message_id)

    def test_nor_is_it_when_it_is_edited(self, server: BotApiServer, user: int) -> None:
        sent = server.send_text(SUMMIT, chat_id=user, via_bot=server.bot)
        server.edit_text(sent, PUBLISHED)
        asked = server.send_text(PUBLISHED, chat_id=user)
        assert server.wait_for_message(user).reply_to_message_id == asked.message_id


class TestPrivacy:
    def test_nothing_that_is_typed_is_stored(
        self, server: BotApiServer, user: int, shared_folder: Path, shared_bot: RunningBot
    ) -> None:
        # Before anything else, so that whatever is stored comes from here.
        for query in (SUMMIT, NOT_HELD, "", "متى", "متى القمة"):
            answer_to(server, query, user)
        with database(shared_folder) as connection:
            for table in ("received", "users", "answers", "unanswered", "outcomes", "durations"):
                assert connection.execute(f'SELECT * FROM "{table}"').fetchall() == []  # noqa: S608
        assert shared_bot.stop() == 0
        for file in (shared_folder / "home").glob("*.sqlite*"):
            content = file.read_bytes()
            assert SUMMIT.encode() not in content
            assert NOT_HELD.encode() not in content
        assert SUMMIT not in shared_bot.output
        assert NOT_HELD not in shared_bot.output


@contextlib.contextmanager
def database(folder: Path) -> Iterator[sqlite3.Connection]:
    (file,) = (folder / "home").glob("*.sqlite")
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        yield connection
