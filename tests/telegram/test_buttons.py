"""The buttons under answers: context, other answers, ratings; forged ones, and old ones."""

from __future__ import annotations

import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.state import ANSWERS_KEPT_DAYS
from bot.texts import ARABIC, ENGLISH
from tests.telegram.chat import Chat, data_of, labels
from tests.telegram.conftest import ROOT, RunningBot, StartBot
from tests.telegram.methods import TOKEN
from tests.telegram.records import Call, SentMessage, marked
from tests.telegram.server import BotApiServer

SUMMIT = "متى القمة المقبلة؟"
SUMMIT_SENTENCE = (
    "كما دعا إلى إعداد استراتيجية جديدة لمكافحة الإرهاب داخل المنظمة وأعلن أن القمة المقبلة "
    "ستعقد في 11 نوفمبر 2026 في موسكو."
)
BEFORE_IT = "واقترح بوتين عقد منتدى دولي للخبراء في موسكو عام 2026"
NOT_HELD = "كم عمر بوتين؟"

CONTEXT, OTHERS, BACK = ARABIC.context_button, ARABIC.others_button, ARABIC.back_button
NEXT, PREVIOUS = ARABIC.next_button, ARABIC.previous_button


@pytest.fixture(scope="class")
def running(start_shared_bot: StartBot) -> RunningBot:
    return start_shared_bot(JAWAB_QUESTIONS_PER_MINUTE="0")


@pytest.fixture
def chat(running: RunningBot, shared_server: BotApiServer) -> Chat:
    assert running.process.poll() is None
    return Chat(shared_server)


@pytest.fixture
def no_error(running: RunningBot) -> Iterator[None]:
    """Look, after the test, that the bot has logged no error meanwhile."""
    before = len(running.output)
    yield
    assert "ERROR" not in running.output[before:]
    assert "Traceback" not in running.output[before:]


def pages_of(chat: Chat, answer: SentMessage) -> list[SentMessage]:
    """Every page of the other answers, turning from the first to the last."""
    pages = [chat.opens(answer, OTHERS)]
    while NEXT in labels(pages[-1]):
        pages.append(chat.opens(pages[-1], NEXT))
    return pages


class TestContext:
    def test_the_passage_is_shown_with_the_sentence_marked_and_back(self, chat: Chat) -> None:
        answer = chat.asks(SUMMIT)
        context = chat.opens(answer, CONTEXT)
        assert BEFORE_IT in context.text
        assert SUMMIT_SENTENCE in context.bold
        assert context.text.split("\n\n")[-1] == answer.text.split("\n\n")[-1]  # the source
        assert labels(context) == [BACK]
        back = chat.opens(context, BACK)
        assert (back.html, back.buttons) == (answer.html, answer.buttons)
        assert len(chat.messages()) == 1

    def test_a_relative_date_is_explained_after_the_way_back_too(self, chat: Chat) -> None:
        answer = chat.asks("متى يزور الوفد الأمريكي موسكو؟")
        back = chat.opens(chat.opens(answer, CONTEXT), BACK)
        assert back.html == answer.html

    def test_what_is_not_an_answer_has_a_context_and_comes_back_with_its_examples(
        self, chat: Chat
    ) -> None:
        reply = chat.asks(NOT_HELD)
        nearest = marked(reply.text, reply.entities, "italic")[0]
        context = chat.opens(reply, CONTEXT)
        assert nearest.strip("\u200f") in context.bold
        back = chat.opens(context, BACK)
        assert (back.html, back.buttons) == (reply.html, reply.buttons)
        assert len([one for one in labels(back) if one.endswith("؟")]) == 3

    def test_a_question_that_was_pressed_stays_quoted(self, chat: Chat) -> None:
        start = chat.asks("/start")
        chat.presses(start, start.buttons[0]["text"])
        answer = chat.server.wait_for_message(chat.id, count=2)
        question = [f"\u200f{start.buttons[0]['text']}"]
        assert marked(answer.text, answer.entities, "blockquote") == question
        for label in (CONTEXT, OTHERS):
            opened = chat.opens(answer, label)
            assert marked(opened.text, opened.entities, "blockquote") == question
            back = chat.opens(opened, BACK)
            assert (back.html, back.buttons) == (answer.html, answer.buttons)

    @pytest.mark.usefixtures("no_error")
    def test_pressing_twice_does_it_once(self, chat: Chat) -> None:
        answer = chat.asks(SUMMIT)
        queries = [chat.server.press(answer, data_of(answer, CONTEXT)) for _ in range(3)]
        notices = {chat.server.wait_for_callback_answer(query).text for query in queries}
        assert notices == {""}
        assert labels(chat.now(answer)) == [BACK]

    @pytest.mark.usefixtures("no_error")
    def test_a_message_that_was_deleted_meanwhile_is_over(self, chat: Chat) -> None:
        answer = chat.asks(SUMMIT)
        chat.server.delete(answer)
        for button in answer.buttons[:2]:
            assert chat.sends_data(answer, button["callback_data"]) == ARABIC.expired
        assert chat.messages() == []

    def test_an_english_reader_gets_english_buttons(self, chat: Chat) -> None:
        english = Chat(chat.server, "en")
        answer = english.asks(SUMMIT)
        context = english.opens(answer, ENGLISH.context_button)
        assert labels(context) == [ENGLISH.back_button]
        assert SUMMIT_SENTENCE in context.text


class TestOthers:
    def test_the_next_hits_come_in_pages_and_the_way_back(self, chat: Chat) -> None:
        answer = chat.asks(SUMMIT)
        pages = pages_of(chat, answer)
        assert len(pages) > 1
        for number, page in enumerate(pages, 1):
            assert ARABIC.others.format(page=number, pages=len(pages)) in page.html
            assert SUMMIT_SENTENCE not in page.text
            assert (PREVIOUS in labels(page)) == (number > 1)
            assert (NEXT in labels(page)) == (number < len(pages))
            assert BACK in labels(page)
        shown = [int(n) for page in pages for n in re.findall(r"\u200f(\d+)\. ", page.text)]
        assert shown == list(range(2, 11))  # each further sentence once, in order
        assert chat.opens(pages[-1], PREVIOUS).html == pages[-2].html
        back = chat.opens(chat.now(answer), BACK)
        assert (back.html, back.buttons) == (answer.html, answer.buttons)

    def test_each_has_its_source_and_its_context_which_leads_back_to_its_page(
        self, chat: Chat
    ) -> None:
        answer = chat.asks(SUMMIT)
        page = pages_of(chat, answer)[1]
        for label in [one for one in labels(page) if one.startswith(CONTEXT)]:
            number = label.removeprefix(CONTEXT).strip()
            entry = page.text.split(f"{number}. ")[1].split("\n\n")[0]
            sentence, source = entry.split("\n")
            assert source.count(" · ") == 2
            context = chat.opens(page, label)
            assert sentence in context.bold
            assert source in context.text
            assert chat.opens(context, BACK).html == page.html

    def test_where_nothing_is_sure_the_others_are_those_not_shown(self, chat: Chat) -> None:
        reply = chat.asks(NOT_HELD)
        first, *_ = pages_of(chat, reply)
        assert re.findall(r"\u200f(\d+)\. ", first.text)[0] == "3"
        for sentence in marked(reply.text, reply.entities, "italic"):
            assert sentence.strip("\u200f") not in first.text


GROUP = -1_007_310_000_000
ANA, BASIL = 7_400_000_001, 7_400_000_002


def in_group(server: BotApiServer, number: int) -> SentMessage:
    """An answer in a group of its own."""
    text = f"/ask@jawab_test_bot {SUMMIT}"
    group = GROUP - number
    server.send_text(text, chat_id=group, user_id=ANA, chat_type="supergroup")
    return server.wait_for_message(group)


def ratings_under(server: BotApiServer, message: SentMessage) -> list[str]:
    now = next(m for m in server.messages(message.chat_id) if m.message_id == message.message_id)
    return labels(now)[-2:]


def wait_for_ratings(server: BotApiServer, message: SentMessage, expected: list[str]) -> None:
    server.wait_for(lambda _: ratings_under(server, message) == expected)


def _is_redrawing(call: Call, message: SentMessage) -> bool:
    if call.method != "editMessageReplyMarkup":
        return False
    return (call.params["chat_id"], call.params["message_id"]) == (
        message.chat_id,
        message.message_id,
    )


class TestRatings:
    def test_the_pressed_one_shows_and_pressing_again_takes_it_back(self, chat: Chat) -> None:
        answer = chat.asks(SUMMIT)
        assert chat.presses(answer, "👍") == ARABIC.thanks
        chat.until(lambda now: labels(now[0])[-2:] == ["👍 ✓", "👎"])
        assert chat.presses(answer, "👎") == ARABIC.thanks
        chat.until(lambda now: labels(now[0])[-2:] == ["👍", "👎 ✓"])
        assert chat.presses(answer, "👎") == ARABIC.taken_back
        chat.until(lambda now: labels(now[0])[-2:] == ["👍", "👎"])
        assert chat.now(answer).text == answer.text

    def test_it_still_shows_after_the_context(self, chat: Chat) -> None:
        answer = chat.rates(chat.asks(SUMMIT), "👎", "👎 ✓")
        back = chat.opens(chat.opens(answer, CONTEXT), BACK)
        assert labels(back)[-2:] == ["👍", "👎 ✓"]

    def test_ratings_of_two_answers_do_not_mix(self, chat: Chat) -> None:
        first = chat.asks(SUMMIT)
        second = chat.asks(SUMMIT)
        chat.rates(second, "👍", "👍 ✓")
        assert labels(chat.now(first))[-2:] == ["👍", "👎"]

    def test_what_is_not_an_answer_can_be_rated_and_keeps_its_examples(self, chat: Chat) -> None:
        reply = chat.asks(NOT_HELD)
        rated = chat.rates(reply, "👎", "👎 ✓")
        assert labels(rated)[:-2] == labels(reply)[:-2]
        assert rated.html == reply.html

    def test_a_group_sees_how_many_pressed(self, chat: Chat) -> None:
        server = chat.server
        answer = in_group(server, 1)
        up, down = data_of(answer, "👍"), data_of(answer, "👎")
        for user, data, expected in (
            (ANA, up, ["👍 1", "👎"]),
            (BASIL, up, ["👍 2", "👎"]),
            (ANA, down, ["👍 1", "👎 1"]),
            (ANA, down, ["👍 1", "👎"]),
        ):
            server.press(answer, data, user_id=user)
            wait_for_ratings(server, answer, expected)

    @pytest.mark.usefixtures("no_error")
    def test_two_who_press_at_once_are_both_counted(self, chat: Chat) -> None:
        server = chat.server
        answer = in_group(server, 2)
        # The first edit takes long: one made meanwhile would be overtaken by it.
        server.delay_next("editMessageReplyMarkup", 0.5)
        server.press(answer, data_of(answer, "👍"), user_id=ANA)
        server.wait_for(lambda call: _is_redrawing(call, answer))
        server.press(answer, data_of(answer, "👍"), user_id=BASIL)
        server.wait_for(
            lambda call: _is_redrawing(call, answer) and call.status is not None, count=2
        )
        assert ratings_under(server, answer) == ["👍 2", "👎"]

    @pytest.mark.usefixtures("no_error")
    def test_a_rating_shows_also_where_its_notice_fails(self, chat: Chat) -> None:
        answer = chat.asks(SUMMIT)
        chat.server.fail_next(
            "answerCallbackQuery", status=500, description="Internal Server Error"
        )
        chat.server.press(answer, data_of(answer, "👍"))
        chat.until(lambda now: labels(now[0])[-2:] == ["👍 ✓", "👎"])

    @pytest.mark.usefixtures("no_error")
    def test_a_rating_of_a_message_that_was_deleted_is_taken_quietly(self, chat: Chat) -> None:
        answer = chat.asks(SUMMIT)
        chat.server.delete(answer)
        assert chat.sends_data(answer, data_of(answer, "👍")) == ARABIC.thanks
        assert chat.asks(SUMMIT).bold == ["11 نوفمبر 2026"]


class TestBadPresses:
    @pytest.mark.usefixtures("no_error")
    def test_data_in_no_known_shape_has_expired(self, chat: Chat) -> None:
        answer = chat.asks(SUMMIT)
        name = data_of(answer, "👍").split(":")[1]
        for data in (
            "",
            "rate",
            f"rate:{name}:2",
            f"rate:{name}:--1",
            f"rate:{name.upper()}x:1",
            f"rate:{name}:1\n",
            f"context:{name}:99",
            f"context:{name}:-1",
            f"others:{name}:99",
            f"others:{name}:{'9' * 40}",
            f"answer:{name}{'0' * 64}",
            f"answer:{'0' * 16}",
            "document:000000000000:0",
            f"document:{'f' * 12}:999999:999999x",
            "language:xx",
            "language:../../etc/passwd",
            "q:",
            "q:!!!!",
            f"q:{'A' * 200}",
            "q:A",
            "remove:0",
            f"remove:{'0' * 12}:yes",
            "' OR 1=1 --",
            "🫒" * 40,
            "x" * 5000,
        ):
            assert chat.sends_data(answer, data) == ARABIC.expired, data
        assert chat.messages() == [answer]

    @pytest.mark.usefixtures("no_error")
    def test_the_answer_of_another_chat_is_not_shown(self, chat: Chat) -> None:
        theirs = chat.asks(SUMMIT)
        stranger = Chat(chat.server)
        own = stranger.asks(NOT_HELD)
        for button in theirs.buttons:
            assert stranger.sends_data(own, button["callback_data"]) == ARABIC.expired
        assert stranger.messages() == [own]
        assert labels(chat.now(theirs))[-2:] == ["👍", "👎"]

    def test_an_expired_button_is_told_in_the_users_language(self, chat: Chat) -> None:
        english = Chat(chat.server, "en")
        answer = english.asks(SUMMIT)
        assert english.sends_data(answer, "rate:nonsense") == ENGLISH.expired

    @pytest.mark.usefixtures("no_error")
    def test_a_press_that_came_late_does_its_work_all_the_same(self, chat: Chat) -> None:
        answer = chat.asks(SUMMIT)
        for _ in range(2):
            chat.server.fail_next(
                "answerCallbackQuery",
                status=400,
                description="Bad Request: query is too old and response timeout expired or"
                " query ID is invalid",
            )
        chat.server.press(answer, data_of(answer, CONTEXT))
        chat.until(lambda now: labels(now[0]) == [BACK])
        chat.server.press(chat.now(answer), data_of(chat.now(answer), BACK))
        chat.until(lambda now: labels(now[0]) == labels(answer))

    def test_a_pressed_question_that_fails_is_told_to_have(self, chat: Chat) -> None:
        start = chat.asks("/start")
        refused = {"status": 400, "description": "Bad Request: something odd"}
        chat.server.fail_next("sendMessage", **refused)  # type: ignore[arg-type]
        assert chat.presses(start, start.buttons[0]["text"]) == ARABIC.failed


STATE = f"bot-{TOKEN.partition(':')[0]}.sqlite"
WORKS, KEPT, EXPIRED = 31, ANSWERS_KEPT_DAYS - 1, ANSWERS_KEPT_DAYS + 1


def age(state: Path, chat: Chat, days: int) -> None:
    """Make the answers of a chat as old as if they had been given that many days ago."""
    with closing(sqlite3.connect(state)) as connection, connection:
        changed = connection.execute(
            "UPDATE answers SET at = ? WHERE chat = ?", (int(time.time()) - days * 86400, chat.id)
        )
        assert changed.rowcount > 0


class Restarted:
    """Chats with a bot that was restarted meanwhile, each with a question and its answer."""

    def __init__(self, server: BotApiServer, start: StartBot, folder: Path) -> None:
        documents = folder / "documents"
        shutil.copytree(ROOT / "seeds", documents)
        passing = documents / "passing.txt"
        passing.write_text("تأسست مطبعة القدس عام 1954. ثم احترقت المطبعة عام 1960.", "utf-8")
        settings = {"JAWAB_DOCS": str(documents), "JAWAB_QUESTIONS_PER_MINUTE": "0"}
        bot = start(**settings)
        self.fresh, self.aged, self.oldest, self.expired = rated = [Chat(server) for _ in range(4)]
        self.unseen, self.edited, self.gone = (Chat(server) for _ in range(3))
        self.sent = self.edited.says(SUMMIT)
        server.wait_for_message(self.edited.id)
        for chat in rated:
            chat.rates(chat.asks(SUMMIT), "👍", "👍 ✓")
        self.unseen.asks(SUMMIT)
        self.gone.asks("متى تأسست مطبعة القدس؟")
        sources = self.gone.asks("/sources")
        chosen = next(n for n in labels(sources) if f"{n}. \u2068تأسست" in sources.text)
        self.document = data_of(sources, chosen)
        assert bot.stop() == 0
        for chat, days in ((self.aged, WORKS), (self.oldest, KEPT), (self.expired, EXPIRED)):
            age(folder / "home" / STATE, chat, days)
        passing.unlink()
        server.forget_calls()  # or the next line would not wait for the second bot
        self.bot = start(**settings)


@pytest.fixture(scope="class")
def restarted(
    shared_server: BotApiServer, start_shared_bot: StartBot, shared_folder: Path
) -> Iterator[Restarted]:
    restarted = Restarted(shared_server, start_shared_bot, shared_folder)
    yield restarted
    assert "Traceback" not in restarted.bot.output


class TestAfterARestart:
    @pytest.mark.parametrize("which", ["fresh", "aged", "oldest"])
    def test_buttons_work_for_more_than_30_days(self, restarted: Restarted, which: str) -> None:
        chat: Chat = getattr(restarted, which)
        (answer,) = chat.messages()
        context = chat.opens(answer, CONTEXT)
        assert SUMMIT_SENTENCE in context.bold
        back = chat.opens(context, BACK)
        assert (back.html, back.buttons) == (answer.html, answer.buttons)
        assert len(pages_of(chat, back)) == 3
        answer = chat.opens(chat.now(answer), BACK)
        assert labels(chat.rates(answer, "👎", "👎 ✓"))[-2] == "👍"

    def test_an_expired_button_says_so(self, restarted: Restarted) -> None:
        chat = restarted.expired
        (answer,) = chat.messages()
        for button in answer.buttons:
            assert chat.sends_data(answer, button["callback_data"]) == ARABIC.expired
        assert chat.messages() == [answer]

    def test_buttons_of_a_message_too_old_to_be_seen_work(self, restarted: Restarted) -> None:
        chat = restarted.unseen
        (answer,) = chat.messages()
        assert chat.presses_old(answer, data_of(answer, CONTEXT)) == ""
        assert SUMMIT_SENTENCE in chat.now(answer).bold
        assert chat.presses_old(answer, data_of(chat.now(answer), BACK)) == ""
        assert chat.now(answer).html == answer.html
        assert chat.presses_old(answer, data_of(answer, OTHERS)) == ""
        assert chat.presses_old(answer, data_of(chat.now(answer), BACK)) == ""
        assert chat.presses_old(answer, data_of(answer, "👍")) == ARABIC.thanks
        chat.until(lambda now: "👍 ✓" in labels(now[0]))

    def test_a_question_under_a_message_too_old_to_be_seen_is_answered(
        self, restarted: Restarted
    ) -> None:
        chat = Chat(restarted.fresh.server)
        start = chat.asks("/start")
        assert chat.presses_old(start, start.buttons[0]["callback_data"]) == ""
        answer = chat.server.wait_for_message(chat.id, count=2)
        assert start.buttons[0]["text"] in answer.text

    def test_an_edited_question_edits_its_reply(self, restarted: Restarted) -> None:
        chat = restarted.edited
        (before,) = chat.messages()
        chat.server.edit_text(restarted.sent, "ما تاريخ الخبر؟")
        (after,) = chat.until(lambda now: now[0].bold == ["27/11/2025"])
        assert after.message_id == before.message_id
        assert chat.sends_data(after, data_of(before, CONTEXT)) == ARABIC.expired

    def test_an_answer_whose_document_is_gone_has_expired(self, restarted: Restarted) -> None:
        chat = restarted.gone
        answer, sources = chat.messages()
        for button in answer.buttons:
            assert chat.sends_data(answer, button["callback_data"]) == ARABIC.expired
        assert chat.sends_data(sources, restarted.document) == ARABIC.document_gone
        assert chat.messages() == [answer, sources]
