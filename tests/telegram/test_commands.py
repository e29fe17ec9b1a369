"""The commands of everybody: greeting, documents, language, what is stored, and forgetting it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.links import START_PREFIX, encode_question
from bot.replies import DOCUMENTS_A_PAGE
from bot.state import ANSWERS_KEPT_DAYS
from bot.texts import ARABIC, ENGLISH, Texts
from index.version import VERSION
from tests.telegram.chat import Chat, data_of, labels, told, without_marks
from tests.telegram.conftest import RunningBot, StartBot
from tests.telegram.library import CHRONICLE_SENTENCES, write_library
from tests.telegram.markup import utf16_length
from tests.telegram.methods import TOKEN
from tests.telegram.records import SentMessage, marked
from tests.telegram.server import BotApiServer

SUMMIT = "متى القمة المقبلة؟"
NOT_HELD = "كم عمر بوتين؟"
STATE = f"bot-{TOKEN.partition(':')[0]}.sqlite"
BACK, NEXT, PREVIOUS = ARABIC.back_button, ARABIC.next_button, ARABIC.previous_button


@pytest.fixture(scope="class")
def seeds_bot(start_shared_bot: StartBot) -> RunningBot:
    return start_shared_bot(JAWAB_QUESTIONS_PER_MINUTE="0")


@pytest.fixture
def chat(seeds_bot: RunningBot, shared_server: BotApiServer) -> Iterator[Chat]:
    before = len(seeds_bot.output)
    yield Chat(shared_server)
    assert "ERROR" not in seeds_bot.output[before:]
    assert "Traceback" not in seeds_bot.output[before:]


class TestStart:
    def test_it_greets_and_offers_questions(self, chat: Chat) -> None:
        start = chat.asks("/start")
        assert told(ARABIC.start) in without_marks(start.text)
        assert ARABIC.examples in start.text
        assert all(label.endswith("؟") for label in labels(start))

    def test_it_greets_in_english(self, chat: Chat) -> None:
        start = Chat(chat.server, "en-US").asks("/start")
        assert told(ENGLISH.start) in without_marks(start.text)
        assert ENGLISH.examples in start.text

    def test_a_deep_link_asks_its_question(self, chat: Chat) -> None:
        question = "أين ستعقد القمة المقبلة ومتى؟"  # too long for UTF-8
        payload = encode_question(question)
        sent = chat.says(f"/start {START_PREFIX}{payload}")
        reply = chat.server.wait_for_message(chat.id)
        assert marked(reply.text, reply.entities, "blockquote") == [f"\u200f{question}"]
        assert "موسكو" in reply.text
        assert reply.reply_to_message_id == sent.message_id
        assert labels(reply)[0] == ARABIC.context_button

    @pytest.mark.parametrize("language", ["ar", "en"])
    def test_each_example_as_a_deep_link_is_answered(self, chat: Chat, language: str) -> None:
        chat = Chat(chat.server, language)
        start = chat.asks("/start")
        for button in start.buttons:
            payload = button["callback_data"].partition(":")[2]
            reply = chat.asks(f"/start@jawab_test_bot {START_PREFIX}{payload}")
            assert button["text"] in reply.text
            assert ARABIC.not_found not in reply.text
            assert ENGLISH.not_found not in reply.text

    @pytest.mark.parametrize(
        "payload",
        ["q_", "q_!!", "q_A", "q_ \u202e", f"q_{'A' * 5}", "inline", "q", "Q_2YXYqg", "x" * 64],
    )
    def test_a_link_that_asks_nothing_greets(self, chat: Chat, payload: str) -> None:
        reply = chat.asks(f"/start {payload}")
        assert told(ARABIC.start) in without_marks(reply.text)
        assert len(chat.messages()) == 1

    def test_a_question_in_a_link_may_hold_no_word(self, chat: Chat) -> None:
        reply = chat.asks(f"/start {START_PREFIX}{encode_question('؟؟')}")
        assert ARABIC.no_words in reply.text


class TestHelp:
    @pytest.mark.parametrize(("language", "texts"), [("ar", ARABIC), ("en", ENGLISH)])
    def test_it_says_how_to_ask_and_names_every_command(
        self, chat: Chat, language: str, texts: Texts
    ) -> None:
        reply = Chat(chat.server, language).asks("/help")
        assert without_marks(reply.text) == told(texts.help).format(username="jawab_test_bot")
        commands = chat.server.commands(language_code=language)
        assert all(f"/{command['command']}" in reply.text for command in commands)

    def test_an_edited_command_is_not_answered_again(self, chat: Chat) -> None:
        sent = chat.says("/help")
        chat.server.wait_for_message(chat.id)
        chat.server.edit_text(sent, "/about")
        chat.asks(SUMMIT)
        assert len(chat.messages()) == 2


class TestSources:
    @pytest.fixture
    def chat(self, start_library_bot: None, shared_server: BotApiServer) -> Chat:  # noqa: ARG002
        return Chat(shared_server)

    def test_the_documents_are_listed_in_pages(self, chat: Chat) -> None:
        pages = turned(chat, chat.asks("/sources"))
        assert len(pages) == 3
        for number, page in enumerate(pages, 1):
            assert ARABIC.documents.counted(12) in page.text
            assert ARABIC.page.format(page=number, pages=3) in page.text
            assert (PREVIOUS in labels(page)) == (number > 1)
            assert (NEXT in labels(page)) == (number < 3)
        numbers = [label for page in pages for label in labels(page) if label.isdecimal()]
        assert numbers == [str(number) for number in range(1, 13)]
        for page in pages:
            for label in [label for label in labels(page) if label.isdecimal()]:
                assert f"\u200f{label}. " in page.text
        assert ARABIC.sentences.counted(CHRONICLE_SENTENCES) in "".join(p.text for p in pages)
        assert chat.opens(pages[-1], PREVIOUS).html == pages[1].html

    def test_every_document_shows_its_sentences_and_leads_back_to_its_page(
        self, chat: Chat, shared_folder: Path
    ) -> None:
        texts = [path.read_text("utf-8") for path in (shared_folder / "library").iterdir()]
        page = chat.asks("/sources")
        while True:
            for label in [label for label in labels(page) if label.isdecimal()]:
                document = chat.opens(page, label)
                sentence = document.text.split("\n\u200f• ")[1].strip()
                assert any(sentence in text for text in texts)
                assert utf16_length(document.text) <= 4096
                assert chat.opens(document, BACK).html == page.html
            if NEXT not in labels(page):
                break
            page = chat.opens(page, NEXT)

    def test_a_very_long_document_is_turned_page_by_page(self, chat: Chat) -> None:
        first = self._chronicle(chat)
        pages = turned(chat, first)
        assert len(pages) > 3
        assert all(utf16_length(page.text) <= 4096 for page in pages)
        text = "".join(page.text for page in pages)
        positions = [
            text.index(f"في اليوم رقم {day} ") for day in range(1, CHRONICLE_SENTENCES + 1)
        ]
        assert positions == sorted(positions)
        assert text.count("كتب الحارس") - pages[0].bold[0].count("كتب الحارس") == len(positions)
        assert chat.opens(pages[-1], PREVIOUS).html == pages[-2].html
        listed = chat.opens(chat.now(first), BACK)
        assert ARABIC.documents.counted(12) in listed.text

    def _chronicle(self, chat: Chat) -> SentMessage:
        page = chat.asks("/sources")
        while "كتب الحارس" not in page.text:
            page = chat.opens(page, NEXT)
        entries = page.text.split("\n\n")
        number = next(e for e in entries if "كتب الحارس" in e).strip("\u200f").partition(".")[0]
        return chat.opens(page, number)

    def test_a_page_behind_the_last_is_the_last(self, chat: Chat) -> None:
        first = chat.asks("/sources")
        assert chat.sends_data(first, "sources:999999") == ""
        assert ARABIC.page.format(page=3, pages=3) in chat.now(first).text
        assert (
            len([label for label in labels(chat.now(first)) if label.isdecimal()])
            == 12 % DOCUMENTS_A_PAGE
        )

    def test_what_is_not_there_is_told(self, chat: Chat) -> None:
        first = chat.asks("/sources")
        assert chat.sends_data(first, f"document:{'0' * 12}:0:0") == ARABIC.document_gone
        name = data_of(first, "1").split(":")[1]
        assert chat.sends_data(first, f"document:{name}:99999:0") == ARABIC.expired
        assert chat.messages() == [first]

    def test_an_english_reader_turns_pages_in_english(self, shared_server: BotApiServer) -> None:
        chat = Chat(shared_server, "en")
        first = chat.asks("/sources")
        page = chat.opens(first, ENGLISH.next_button)
        assert ENGLISH.page.format(page=2, pages=3) in page.text


@pytest.fixture(scope="class")
def start_library_bot(start_shared_bot: StartBot, shared_folder: Path) -> None:
    library = write_library(shared_folder / "library")
    start_shared_bot(JAWAB_DOCS=str(library), JAWAB_QUESTIONS_PER_MINUTE="0")


def turned(chat: Chat, first: SentMessage) -> list[SentMessage]:
    """A message and all its further pages."""
    pages = [first]
    while NEXT in labels(pages[-1]):
        pages.append(chat.opens(pages[-1], NEXT))
    return pages


class TestLanguage:
    def test_the_language_in_use_is_ticked_and_the_other_can_be_chosen(self, chat: Chat) -> None:
        choice = chat.asks("/language")
        assert ARABIC.choose_language in choice.text
        assert labels(choice) == [f"{ARABIC.language} ✓", ENGLISH.language]
        chosen = chat.opens(choice, ENGLISH.language)
        assert ENGLISH.language_chosen in chosen.text
        assert labels(chosen) == [ARABIC.language, f"{ENGLISH.language} ✓"]
        reply = chat.asks(NOT_HELD)
        assert ENGLISH.not_found in reply.text
        assert chat.asks(SUMMIT).bold == ["11 نوفمبر 2026"]
        back = chat.opens(chosen, ARABIC.language)
        assert ARABIC.language_chosen in back.text
        assert ARABIC.not_found in chat.asks(NOT_HELD).text

    def test_choosing_the_language_in_use_changes_nothing(self, chat: Chat) -> None:
        choice = chat.asks("/language")
        chosen = chat.opens(choice, ARABIC.language)
        assert chat.opens(chosen, ARABIC.language) == chosen

    @pytest.mark.parametrize(
        ("client", "texts"),
        [("en", ENGLISH), ("en-GB", ENGLISH), ("ar-PS", ARABIC), ("fr", ARABIC), (None, ARABIC)],
    )
    def test_at_first_it_is_that_of_the_client(
        self, chat: Chat, client: str | None, texts: Texts
    ) -> None:
        reply = Chat(chat.server, client).asks(NOT_HELD)
        assert texts.not_found in reply.text

    def test_the_choice_of_one_user_is_not_anothers(self, chat: Chat) -> None:
        chat.opens(chat.asks("/language"), ENGLISH.language)
        assert ARABIC.not_found in Chat(chat.server).asks(NOT_HELD).text

    def test_buttons_of_an_earlier_answer_speak_the_new_language(self, chat: Chat) -> None:
        answer = chat.asks(SUMMIT)
        chat.opens(chat.asks("/language"), ENGLISH.language)
        context = chat.opens(answer, ARABIC.context_button)
        assert labels(context) == [ENGLISH.back_button]


class TestAbout:
    def test_it_tells_its_version_its_documents_and_that_nothing_is_stored(
        self, chat: Chat
    ) -> None:
        about = without_marks(chat.asks("/about").text)
        assert VERSION in about
        assert ARABIC.documents.counted(2) in about
        assert f"\n{ARABIC.stored_nothing}\n" in about
        assert str(ANSWERS_KEPT_DAYS) in about
        assert ARABIC.questions_kept.strip() in about

    def test_it_counts_answers_and_ratings_and_knows_the_language(self, chat: Chat) -> None:
        answer = chat.asks(SUMMIT)
        chat.asks(NOT_HELD)
        chat.rates(answer, "👍", "👍 ✓")
        chat.opens(chat.asks("/language"), ENGLISH.language)
        about = without_marks(chat.asks("/about").text)
        assert ENGLISH.answers.counted(2) in about
        assert ENGLISH.ratings.counted(1) in about
        assert ENGLISH.stored_language.format(language=ENGLISH.language) in about
        other = without_marks(Chat(chat.server).asks("/about").text)
        assert ARABIC.stored_nothing in other


def rows_with(state: Path, number: int) -> list[str]:
    """The tables that hold a number anywhere in a row, as such or within a text."""
    with closing(sqlite3.connect(f"file:{state}?mode=ro", uri=True)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        rows = {
            name: connection.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608
            for (name,) in names.fetchall()
        }
    return sorted(name for name in rows if str(number) in str(rows[name]))


def written(state: Path) -> bytes:
    """Every byte of a state, of SQLite's own files beside it too."""
    return b"".join(path.read_bytes() for path in state.parent.glob(f"{state.name}*"))


def spellings(value: str | int) -> list[bytes]:
    """How a text, or a user's id, may stand in a file of SQLite."""
    text = str(value)
    as_text = [text.encode(), json.dumps(text)[1:-1].encode(), text.encode("utf-16-le")]
    return as_text if isinstance(value, str) else [value.to_bytes(6), varint(value), *as_text]


def varint(number: int) -> bytes:
    """A number as SQLite writes the key of a row."""
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(number & 0x7F | 0x80)
    return bytes(reversed(groups))


class TestForget:
    def test_everything_about_the_user_is_deleted_and_nothing_of_others(
        self, server: BotApiServer, start_bot: StartBot, tmp_path: Path
    ) -> None:
        bot = start_bot()
        state = tmp_path / "home" / STATE
        group = -1_007_320_000_000
        other, forgotten = Chat(server), Chat(server)
        for chat in (forgotten, other):
            chat.opens(chat.asks("/language"), ENGLISH.language)
            answer = chat.asks(SUMMIT)
            query = server.press(answer, data_of(answer, "👍"))
            assert server.wait_for_callback_answer(query).text == ENGLISH.thanks
            chat.asks(NOT_HELD)
        server.send_text(
            f"/ask@jawab_test_bot {SUMMIT}",
            chat_id=group,
            user_id=forgotten.id,
            chat_type="supergroup",
        )
        in_group = server.wait_for_message(group)
        for chat in (forgotten, other):
            query = server.press(in_group, data_of(in_group, "👎"), user_id=chat.id)
            server.wait_for_callback_answer(query)
        answer = forgotten.messages()[1]
        assert ENGLISH.forgotten in forgotten.asks("/forget").text
        notice = forgotten.sends_data(answer, answer.buttons[0]["callback_data"])
        assert notice == ARABIC.expired  # the client's language again
        assert ARABIC.stored_nothing in without_marks(forgotten.asks("/about").text)
        assert bot.stop() == 0
        assert rows_with(state, forgotten.id) == []
        assert {"answers", "ratings", "users"} <= {*rows_with(state, other.id)}
        content = written(state)
        assert not [one for one in spellings(forgotten.id) if one in content]
        assert all(one in content for one in spellings(other.id)[:2])
        server.forget_calls()
        start_bot()
        context = other.opens(other.messages()[1], ENGLISH.context_button)
        assert labels(context) == [ENGLISH.back_button]
        assert ARABIC.stored_nothing in without_marks(forgotten.asks("/about").text)

    def test_a_question_still_in_hand_is_forgotten_too(self, chat: Chat) -> None:
        chat.server.delay_next("sendMessage", 0.5)
        chat.says(SUMMIT)
        chat.says("/forget")
        chat.server.wait_for_message(chat.id, count=2)
        assert [ARABIC.forgotten in message.text for message in chat.messages()] == [False, True]
        assert ARABIC.stored_nothing in without_marks(chat.asks("/about").text)

    def test_who_is_not_known_can_be_forgotten(self, chat: Chat) -> None:
        assert ARABIC.forgotten in chat.asks("/forget").text
        assert chat.asks(SUMMIT).bold == ["11 نوفمبر 2026"]  # and asks again


class TestWhatIsOnDisk:
    @pytest.mark.parametrize("keeps", ["1", "0"])
    def test_no_text_of_a_question_but_those_unanswered_and_nobodys_name_beside(
        self, server: BotApiServer, start_bot: StartBot, tmp_path: Path, keeps: str
    ) -> None:
        bot = start_bot(JAWAB_KEEP_QUESTIONS=keeps)
        state = tmp_path / "home" / STATE
        chats = [Chat(server) for _ in range(4)]
        unanswered = "كم عمر الزرافة البيضاء؟"
        answered = [f"متى القمة المقبلة يا صاحبي رقم {chat.id}؟" for chat in chats]
        for chat, question in zip(chats, answered, strict=True):
            sent = chat.says(question)
            reply = server.wait_for_message(chat.id)
            assert reply.bold == ["11 نوفمبر 2026"]
            chat.opens(reply, ARABIC.context_button)
            server.edit_text(sent, f"{question} من فضلك")
            chat.until(lambda now: labels(now[0])[0] == ARABIC.context_button)
            start = chat.asks("/start")
            chat.presses(start, labels(start)[0])
            chat.asks(unanswered)
        examples = [label for label in labels(start) if label.endswith("؟")]
        about = without_marks(chat.asks("/about").text)
        assert (ARABIC.questions_kept.strip() in about) == (keeps == "1")
        assert bot.stop() == 0
        content = written(state)
        for text in ("يا صاحبي", "من فضلك", examples[0], SUMMIT.strip("؟")):
            assert not [one for one in spellings(text) if one in content], text
        assert any(one in content for one in spellings("الزرافة البيضاء")) == (keeps == "1")
        assert not any(one in content for chat in chats for one in spellings(str(chat.id)))
        with closing(sqlite3.connect(state)) as connection:
            kept = connection.execute("SELECT question, count FROM unanswered").fetchall()
            bodies = connection.execute("SELECT count(*) FROM received WHERE body IS NOT NULL")
            assert bodies.fetchone() == (0,)
        assert kept == ([(unanswered, len(chats))] if keeps == "1" else [])
