"""What the bot answers to questions, edited, long and of no words, over real HTTP."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from bot.handlers.questions import LONGEST_QUESTION
from bot.texts import ARABIC, ENGLISH
from tests.telegram.chat import Chat, labels, told, without_marks
from tests.telegram.conftest import ROOT, RunningBot, StartBot
from tests.telegram.library import OLIVES, OLIVES_NEAREST, PRINTER, PRINTER_ANSWER, write_library
from tests.telegram.markup import utf16_length
from tests.telegram.records import SentMessage, marked
from tests.telegram.server import BotApiServer

SUMMIT = "متى القمة المقبلة؟"
PUBLISHED = "ما تاريخ الخبر؟"
NOT_HELD = "كم عمر بوتين؟"
UNKNOWN_WORDS = "زبرجد قسطل؟"
DOUBTFUL = "بكم التذاكر؟"
LIBRARIES = "كم كتابا تضم المكتبة؟"  # eight documents differ

ANSWER_LABELS = [ARABIC.context_button, ARABIC.others_button, "👍", "👎"]
FULL = 4096  # UTF-16 code units


@pytest.fixture(scope="class")
def seeds_bot(start_shared_bot: StartBot) -> RunningBot:
    return start_shared_bot(JAWAB_QUESTIONS_PER_MINUTE="0")


@pytest.fixture(scope="class")
def library_bot(start_shared_bot: StartBot, shared_folder: Path) -> RunningBot:
    library = write_library(shared_folder / "library")
    return start_shared_bot(JAWAB_DOCS=str(library), JAWAB_QUESTIONS_PER_MINUTE="0")


@pytest.fixture
def chat(shared_server: BotApiServer) -> Chat:
    return Chat(shared_server)


@pytest.mark.usefixtures("seeds_bot")
class TestAnswers:
    def test_the_sentence_stands_as_its_document_has_it_with_a_part_in_bold(
        self, chat: Chat
    ) -> None:
        documents = [path.read_text("utf-8") for path in (ROOT / "seeds").iterdir()]
        for question in (SUMMIT, "من هو الأمين العام للمنظمة؟", "أين ستعقد القمة المقبلة؟"):
            reply = chat.asks(question)
            sentence = without_marks(reply.text.split("\n\n")[0])
            assert any(sentence in document for document in documents)
            (short,) = reply.bold
            assert 0 < len(short) < len(sentence)

    def test_agency_date_and_title_stand_below(self, chat: Chat) -> None:
        reply = chat.asks("من هو الأمين العام للمنظمة؟")
        source = without_marks(reply.text.split("\n\n")[-1])
        agency, date, title = source.split(" · ")
        assert (agency, date) == ("كونا", "27/11/2025")
        assert title.startswith("أكد الرئيس الروسي")

    def test_the_buttons_are_context_others_and_ratings(self, chat: Chat) -> None:
        reply = chat.asks(SUMMIT)
        assert labels(reply) == ANSWER_LABELS
        data = [button["callback_data"] for button in reply.buttons]
        assert all(str(chat.id) not in one for one in data)

    def test_a_relative_date_is_explained(self, chat: Chat) -> None:
        reply = chat.asks("متى يزور الوفد الأمريكي موسكو؟")
        meant = ARABIC.resolved_after.format(short="الأسبوع المقبل", when="27/11/2025")
        assert meant in without_marks(reply.text)

    def test_what_the_documents_do_not_say_is_said_plainly(self, chat: Chat) -> None:
        reply = chat.asks(NOT_HELD)
        first, *_ = reply.text.split("\n\n")
        assert without_marks(first) == ARABIC.not_found
        nearest = marked(reply.text, reply.entities, "italic")
        documents = "".join(path.read_text("utf-8") for path in (ROOT / "seeds").iterdir())
        assert len(nearest) == 2
        assert all(without_marks(sentence) in documents for sentence in nearest)
        assert reply.bold == []
        assert ARABIC.try_one_of in reply.text

    @pytest.mark.parametrize("question", [NOT_HELD, UNKNOWN_WORDS])
    def test_each_example_beside_no_answer_is_answered(self, chat: Chat, question: str) -> None:
        reply = chat.asks(question)
        rated = question == NOT_HELD  # there is something to rate where sentences are shown
        examples = reply.buttons[:3]
        assert labels(reply)[3:] == (ANSWER_LABELS if rated else [])
        for count, example in enumerate(examples, 2):
            chat.presses(reply, example["text"])
            answer = chat.server.wait_for_message(chat.id, count=count)
            assert marked(answer.text, answer.entities, "blockquote") == [
                f"\u200f{example['text']}"
            ]
            assert ARABIC.not_found not in answer.text
            assert ARABIC.unsure not in answer.text
            assert labels(answer) == ANSWER_LABELS

    def test_an_answer_has_no_examples(self, chat: Chat) -> None:
        assert ARABIC.try_one_of not in chat.asks(SUMMIT).text

    def test_the_interface_is_english_and_the_answer_stays(
        self, shared_server: BotApiServer
    ) -> None:
        chat = Chat(shared_server, "en-GB")
        reply = chat.asks(SUMMIT)
        assert labels(reply)[:2] == [ENGLISH.context_button, ENGLISH.others_button]
        assert reply.bold == ["11 نوفمبر 2026"]
        assert ENGLISH.not_found in chat.asks(NOT_HELD).text

    def test_links_in_an_answer_show_no_preview(self, chat: Chat) -> None:
        assert chat.asks(SUMMIT).raw["link_preview_options"] == {"is_disabled": True}


@pytest.mark.usefixtures("seeds_bot")
class TestOddMessages:
    def test_what_is_not_written_gets_a_friendly_line(self, shared_server: BotApiServer) -> None:
        for fields in _media():
            for language, texts in (("ar", ARABIC), ("en", ENGLISH)):
                chat = Chat(shared_server, language)
                chat.sends(**fields)
                reply = shared_server.wait_for_message(chat.id)
                assert told(reply.text) == told(texts.text_only), fields

    def test_what_telegram_itself_writes_gets_none(self, chat: Chat) -> None:
        chat.sends(pinned_message={"message_id": 1, "date": 0, "chat": _private(chat.id)})
        chat.sends(message_auto_delete_timer_changed={"message_auto_delete_time": 86400})
        chat.asks(SUMMIT)
        assert len(chat.messages()) == 1

    def test_the_first_400_characters_of_a_long_question_are_read(self, chat: Chat) -> None:
        notice = ARABIC.shortened.format(characters=ARABIC.characters.counted(LONGEST_QUESTION))
        fitting = SUMMIT.ljust(LONGEST_QUESTION, "🙂")
        reply = chat.asks(fitting)
        assert notice not in reply.text
        assert reply.bold == ["11 نوفمبر 2026"]
        reply = chat.asks(fitting + "🙂")
        assert notice in reply.text
        assert reply.bold == ["11 نوفمبر 2026"]
        reply = chat.asks("؟" * LONGEST_QUESTION + SUMMIT)  # what is behind them is not read
        assert ARABIC.no_words in reply.text

    def test_an_english_notice_of_a_long_question(self, shared_server: BotApiServer) -> None:
        reply = Chat(shared_server, "en").asks(SUMMIT.ljust(401, "🙂"))
        counted = ENGLISH.characters.counted(LONGEST_QUESTION)
        assert ENGLISH.shortened.format(characters=counted) in reply.text


def _private(chat: int) -> dict[str, Any]:
    return {"id": chat, "type": "private", "first_name": "User"}


def _media() -> list[dict[str, Any]]:
    file = {"file_id": "f", "file_unique_id": "u"}
    square = {"width": 90, "height": 90}
    place = {"latitude": 31.9, "longitude": 35.2}
    return [
        {"voice": file | {"duration": 3}},
        {"audio": file | {"duration": 3}},
        {"photo": [file | square]},
        {"photo": [file | square], "caption": SUMMIT},
        {"video": file | square | {"duration": 3}},
        {"video_note": file | {"length": 240, "duration": 3}},
        {"document": file | {"file_name": "news.txt"}},
        {"location": place},
        {"contact": {"phone_number": "+970", "first_name": "User"}},
        {"dice": {"emoji": "🎲", "value": 6}},
    ]


@pytest.mark.usefixtures("library_bot")
class TestLongReplies:
    @pytest.mark.parametrize("question", [OLIVES, OLIVES_NEAREST])
    def test_a_long_reply_takes_several_messages_with_the_buttons_under_the_last(
        self, chat: Chat, question: str
    ) -> None:
        chat.asks(question, parts=2)
        first, last = chat.messages()
        assert first.buttons == []
        assert ARABIC.context_button in labels(last)
        assert first.reply_to_message_id is not None
        assert last.reply_to_message_id is None
        for message in (first, last):
            assert utf16_length(message.text) <= FULL
            message.text.encode("utf-16")  # fails where a surrogate pair was split
            assert message.text.startswith("\u200f")

    def test_nothing_is_lost_where_it_is_split(self, chat: Chat) -> None:
        chat.asks(OLIVES, parts=2)
        text = " ".join(message.text for message in chat.messages())
        assert "نابلس" in text
        assert "صحيفة محلية" in text
        assert text.count("🫒") == 2 * 9 * 45
        assert ARABIC.elsewhere in text

    def test_a_very_long_sentence_stands_whole_in_its_context(self, chat: Chat) -> None:
        last = chat.asks(OLIVES, parts=2)
        context = chat.opens(last, ARABIC.context_button)
        assert utf16_length(context.text) <= FULL
        head, sentence = context.bold
        assert head == told(ARABIC.context)
        assert sentence.count("🫒") == 9 * 45
        assert context.text.split("\n\n")[-1].count(" · ") == 2  # its source
        back = chat.opens(context, ARABIC.back_button)
        assert (back.html, back.buttons) == (last.html, last.buttons)

    def test_very_long_sentences_each_have_a_place_among_the_others(self, chat: Chat) -> None:
        answer = chat.asks(LIBRARIES, parts=5)
        page = chat.opens(answer, ARABIC.others_button)
        assert utf16_length(page.text) <= FULL
        contexts = [label for label in labels(page) if label.startswith(ARABIC.context_button)]
        assert len(contexts) == 3
        for label in contexts:
            number = label.removeprefix(ARABIC.context_button).strip()
            assert f"\u200f{number}. " in page.text
        assert page.text.count(" · ") == 6  # each source in full
        assert page.text.count("🫒") > 100  # the sentences are long indeed

    def test_markup_in_a_document_is_shown_as_it_is(self, chat: Chat) -> None:
        answer = chat.asks(PRINTER)
        assert "<b>ثلاثة</b> إخوة & شركائهم" in answer.text
        assert answer.bold == [f"عام {PRINTER_ANSWER}"]
        context = chat.opens(answer, ARABIC.context_button)
        assert "<b>ثلاثة</b> إخوة & شركائهم" in context.text

    def test_a_doubtful_answer_is_called_one(self, chat: Chat) -> None:
        reply = chat.asks(DOUBTFUL)
        assert ARABIC.unsure in reply.text
        assert ARABIC.not_found not in reply.text
        assert labels(reply)[0] == PRINTER


def _last_asks(chat: Chat, expected: str, count: int) -> SentMessage:
    """The last of so many messages, once it says what is expected and has its buttons."""
    return chat.until(
        lambda now: (
            len(now) == count
            and expected in " ".join(m.text for m in now)
            and [bool(m.buttons) for m in now] == [False] * (count - 1) + [True]
        )
    )[-1]


@pytest.mark.usefixtures("library_bot")
class TestEdits:
    def test_a_reply_becomes_longer_and_shorter(self, chat: Chat) -> None:
        sent = chat.says(PRINTER)
        first = chat.server.wait_for_message(chat.id)
        chat.server.edit_text(sent, OLIVES)
        _last_asks(chat, "صحيفة محلية", 2)
        assert chat.messages()[0].message_id == first.message_id
        chat.server.edit_text(sent, OLIVES_NEAREST)
        _last_asks(chat, ARABIC.not_found, 2)
        chat.until(lambda now: not any(message.bold for message in now))
        chat.server.edit_text(sent, PRINTER)
        only = _last_asks(chat, PRINTER_ANSWER, 1)
        assert only.message_id == first.message_id
        assert labels(only) == ANSWER_LABELS
        assert chat.opens(only, ARABIC.context_button).bold[0] == told(ARABIC.context)

    def test_a_reply_that_was_deleted_is_sent_anew_to_its_question(self, chat: Chat) -> None:
        sent = chat.says(PRINTER)
        chat.server.delete(chat.server.wait_for_message(chat.id))
        chat.server.edit_text(sent, DOUBTFUL)
        again = _last_asks(chat, ARABIC.unsure, 1)
        assert again.reply_to_message_id == sent.message_id
        chat.server.edit_text(sent, PRINTER)
        assert _last_asks(chat, PRINTER_ANSWER, 1).message_id == again.message_id

    @pytest.mark.parametrize("deleted", [0, 1])
    def test_a_reply_that_was_deleted_in_part_is_sent_anew_and_leaves_nothing(
        self, chat: Chat, deleted: int
    ) -> None:
        sent = chat.says(OLIVES)
        chat.server.wait_for_message(chat.id, count=2)
        old = chat.messages()
        chat.server.delete(old[deleted])
        chat.server.edit_text(sent, OLIVES_NEAREST)
        _last_asks(chat, ARABIC.not_found, 2)
        left = {message.message_id for message in chat.messages()}
        assert not left & {message.message_id for message in old}
        assert chat.messages()[0].reply_to_message_id == sent.message_id

    def test_a_reply_whose_surplus_was_deleted_becomes_shorter_all_the_same(
        self, chat: Chat
    ) -> None:
        sent = chat.says(OLIVES)
        chat.server.wait_for_message(chat.id, count=2)
        first, last = chat.messages()
        chat.server.delete(last)
        chat.server.edit_text(sent, PRINTER)
        assert _last_asks(chat, PRINTER_ANSWER, 1).message_id == first.message_id

    def test_edits_in_quick_succession_end_with_the_last(self, chat: Chat) -> None:
        sent = chat.says(PRINTER)
        chat.server.wait_for_message(chat.id)
        for text in (DOUBTFUL, OLIVES, PRINTER, OLIVES, UNKNOWN_WORDS):
            chat.server.edit_text(sent, text)
        behind = chat.says("؟")  # the questions of a user are answered in turn
        chat.until(lambda now: now[-1].reply_to_message_id == behind.message_id)
        (reply, _) = chat.messages()
        assert ARABIC.not_found in reply.text

    def test_an_edit_to_no_words_and_back(self, chat: Chat) -> None:
        sent = chat.says(PRINTER)
        chat.server.wait_for_message(chat.id)
        chat.server.edit_text(sent, "🙂")
        chat.until(lambda now: ARABIC.no_words in now[0].text and not now[0].buttons)
        chat.server.edit_text(sent, PRINTER)
        assert labels(_last_asks(chat, PRINTER_ANSWER, 1)) == ANSWER_LABELS

    def test_the_same_answer_keeps_its_rating_and_another_has_none(self, chat: Chat) -> None:
        sent = chat.says(PRINTER)
        reply = chat.server.wait_for_message(chat.id)
        reply = chat.rates(reply, "👍", "👍 ✓")
        chat.server.edit_text(sent, f"{PRINTER}؟")
        chat.asks("؟")
        assert "👍 ✓" in labels(chat.now(reply))
        chat.server.edit_text(sent, DOUBTFUL)
        chat.until(lambda now: ARABIC.unsure in now[0].text)
        assert labels(chat.now(reply))[-2:] == ["👍", "👎"]

    def test_an_edit_ends_the_context_that_is_shown(self, chat: Chat) -> None:
        sent = chat.says(PRINTER)
        reply = chat.server.wait_for_message(chat.id)
        chat.opens(reply, ARABIC.context_button)
        chat.server.edit_text(sent, f"{PRINTER}؟")
        chat.until(lambda now: labels(now[0]) == ANSWER_LABELS)
        assert chat.now(reply).text == reply.text

    def test_the_answer_before_an_edit_is_over(self, chat: Chat) -> None:
        sent = chat.says(PRINTER)
        reply = chat.server.wait_for_message(chat.id)
        chat.server.edit_text(sent, OLIVES)
        _last_asks(chat, "صحيفة محلية", 2)
        before = chat.messages()
        for button in reply.buttons:
            assert chat.sends_data(reply, button["callback_data"]) == ARABIC.expired
        assert chat.messages() == before
        assert ARABIC.answers.counted(1) in chat.asks("/about").text

    def test_an_edit_that_comes_before_its_message_is_the_one_that_counts(self, chat: Chat) -> None:
        first = chat.says(UNKNOWN_WORDS)
        chat.server.wait_for_message(chat.id)
        late = next(_ahead)
        message = {
            "message_id": late,
            "date": 1_700_000_000,
            "chat": _private(chat.id),
            "from": {"id": chat.id, "is_bot": False, "first_name": "User"},
        }
        edited = message | {"text": PRINTER, "edit_date": 1_700_000_009}
        chat.server.push({"edited_message": edited})
        chat.server.push({"message": message | {"text": OLIVES}})
        chat.asks("؟", parts=2)
        _, reply, _ = chat.messages()
        assert reply.bold == [f"عام {PRINTER_ANSWER}"]
        assert reply.reply_to_message_id == late != first.message_id


_ahead = itertools.count(900_000_000)
