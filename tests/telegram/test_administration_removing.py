"""Administrators: documents taken out of the folder, with a question first."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.replies import DOCUMENTS_A_PAGE
from bot.texts import ARABIC
from tests.documents import article, question_about, write_articles
from tests.telegram.administering import (
    ADMINS,
    admin,
    files,
    plain,
    reply_in,
    said,
    send_file,
    stranger,
    wait_until_it_says,
)
from tests.telegram.conftest import RunningBot, StartBot
from tests.telegram.records import SentMessage
from tests.telegram.server import BotApiServer

__all__ = ["admin", "stranger"]

PLACES = "أريحا الخليل القدس بيسان جنين حيفا رام_الله صفد طبريا عكا غزة نابلس".split()
DAYS = {place: f"{day} مايو 2024" for day, place in enumerate(PLACES, 1)}


@pytest.fixture(scope="class")
def documents(shared_folder: Path) -> Path:
    return write_articles(shared_folder / "documents", **DAYS)


@pytest.fixture(scope="class")
def shared_bot(start_shared_bot: StartBot, documents: Path) -> RunningBot:
    return start_shared_bot(JAWAB_DOCS=str(documents), JAWAB_ADMINS=ADMINS)


def labels(message: SentMessage) -> list[str]:
    return [button["text"] for button in message.buttons]


def press(server: BotApiServer, message: SentMessage, label: str) -> str:
    """Press the button that begins with a label."""
    (data,) = [b["callback_data"] for b in message.buttons if b["text"].startswith(label)]
    return server.press(message, data)


def ask_for(server: BotApiServer, chat: int, name: str) -> SentMessage:
    """Ask for the removal of a document, and return the bot's question back."""
    count = len(server.messages(chat)) + 1
    server.send_text(f"/remove {name}", chat_id=chat)
    return reply_in(server, chat, count)


def id_of(asked: SentMessage) -> str:
    """Return the id of the document that a question is about."""
    name: str = asked.buttons[0]["callback_data"].split(":")[1]
    return name


def now(server: BotApiServer, message: SentMessage) -> SentMessage:
    """Return a message as it is now."""
    (found,) = [m for m in server.messages(message.chat_id) if m.message_id == message.message_id]
    return found


def removed(name: str, kept: str) -> str:
    return said(ARABIC.removed, name=name, kept=kept)


@pytest.mark.usefixtures("shared_bot")
class TestRemoving:
    def test_every_document_is_on_a_page_of_the_list(
        self, shared_server: BotApiServer, documents: Path, admin: int
    ) -> None:
        listed = ask_for(shared_server, admin, "")
        assert plain(listed.text) == plain(ARABIC.remove_which)
        shown: list[str] = []
        for page in range(100):
            names = [name for name in labels(listed) if ".txt · " in name]
            assert len(names) <= DOCUMENTS_A_PAGE
            assert (ARABIC.previous_button in labels(listed)) == (page > 0)
            shown += [name.partition(" · ")[0] for name in names]
            if ARABIC.next_button not in labels(listed):
                break
            query = press(shared_server, listed, ARABIC.next_button)
            shared_server.wait_for_callback_answer(query)
            listed = now(shared_server, listed)
        assert shown == files(documents)
        query = press(shared_server, listed, ARABIC.previous_button)
        shared_server.wait_for_callback_answer(query)
        assert ARABIC.next_button in labels(now(shared_server, listed))

    def test_a_document_is_removed_from_the_list_after_a_yes(
        self, shared_server: BotApiServer, documents: Path, shared_folder: Path, admin: int
    ) -> None:
        listed = ask_for(shared_server, admin, "")
        press(shared_server, listed, "أريحا.txt")
        asked = wait_until_it_says(
            shared_server, admin, said(ARABIC.remove_sure, title="", source="").strip()
        )
        assert article("أريحا", DAYS["أريحا"]).split(". ")[0] in asked.text
        assert labels(asked) == [ARABIC.remove_button, ARABIC.keep_button]
        assert "أريحا.txt" in files(documents)
        press(shared_server, asked, ARABIC.remove_button)
        done = wait_until_it_says(shared_server, admin, removed("أريحا.txt", "أريحا.txt"))
        assert done.message_id == listed.message_id
        assert done.buttons == []
        assert "أريحا.txt" not in files(documents)
        kept = shared_folder / "home" / "removed" / "أريحا.txt"
        assert kept.read_text("utf-8") == article("أريحا", DAYS["أريحا"])
        shared_server.send_text(question_about("أريحا"), chat_id=admin)
        assert DAYS["أريحا"] not in reply_in(shared_server, admin, 2).bold

    def test_a_no_keeps_the_document(
        self, shared_server: BotApiServer, documents: Path, admin: int
    ) -> None:
        asked = ask_for(shared_server, admin, "حيفا.txt")
        press(shared_server, asked, ARABIC.keep_button)
        kept = wait_until_it_says(shared_server, admin, plain(ARABIC.kept))
        assert kept.buttons == []
        assert "حيفا.txt" in files(documents)

    def test_an_id_or_a_path_names_a_document(
        self, shared_server: BotApiServer, documents: Path, admin: int
    ) -> None:
        nested = article("الناصرة", "9 يونيو 2024").encode()
        (documents / "أخبار الشمال").mkdir()
        (documents / "أخبار الشمال" / "a  b.txt").write_bytes(nested)
        shared_server.send_text("/reload", chat_id=admin)
        reply_in(shared_server, admin, 2)
        by_path = ask_for(shared_server, admin, "أخبار الشمال/a  b.txt")
        assert "الناصرة" in by_path.text
        shown = "\u2068أخبار الشمال/a  b.txt\u2069"  # as the bot writes it
        assert id_of(ask_for(shared_server, admin, shown)) == id_of(by_path)
        assert ask_for(shared_server, admin, id_of(by_path)).text == by_path.text
        unknown = ask_for(shared_server, admin, "../الخليل.txt")
        assert plain(unknown.text) == plain(ARABIC.remove_which)
        (documents / "أخبار الشمال" / "a  b.txt").unlink()
        (documents / "أخبار الشمال").rmdir()
        press(shared_server, by_path, ARABIC.remove_button)
        wait_until_it_says(shared_server, admin, plain(ARABIC.document_gone))

    def test_pressing_yes_twice_removes_once(
        self, shared_server: BotApiServer, documents: Path, admin: int
    ) -> None:
        asked = ask_for(shared_server, admin, "بيسان.txt")
        press(shared_server, asked, ARABIC.remove_button)
        second = press(shared_server, asked, ARABIC.remove_button)
        notice = shared_server.wait_for_callback_answer(second, timeout=30).text
        assert notice in {ARABIC.reload_running, ARABIC.document_gone}
        wait_until_it_says(shared_server, admin, removed("بيسان.txt", "بيسان.txt"))
        third = shared_server.press(asked, asked.buttons[0]["callback_data"])
        assert shared_server.wait_for_callback_answer(third).text == ARABIC.document_gone
        assert now(shared_server, asked).text.count("بيسان.txt") == 2  # it still says what it did
        assert "بيسان.txt" not in files(documents)

    def test_two_of_one_name_are_both_kept(
        self, shared_server: BotApiServer, shared_folder: Path, admin: int
    ) -> None:
        texts = [article("طبريا", DAYS["طبريا"]), article("طبريا", "1 يناير 2020")]
        asked = ask_for(shared_server, admin, "طبريا.txt")
        press(shared_server, asked, ARABIC.remove_button)
        wait_until_it_says(shared_server, admin, removed("طبريا.txt", "طبريا.txt"))
        send_file(shared_server, admin, "طبريا.txt", texts[1].encode())
        reply_in(shared_server, admin, 2)
        again = ask_for(shared_server, admin, "طبريا.txt")
        press(shared_server, again, ARABIC.remove_button)
        wait_until_it_says(shared_server, admin, removed("طبريا.txt", "طبريا-2.txt"))
        kept = shared_folder / "home" / "removed"
        names = ["طبريا.txt", "طبريا-2.txt"]
        assert [(kept / name).read_text("utf-8") for name in names] == texts

    def test_a_forged_button_of_somebody_else_does_nothing(
        self, shared_server: BotApiServer, documents: Path, admin: int, stranger: int
    ) -> None:
        before = files(documents)
        name = id_of(ask_for(shared_server, admin, "صفد.txt"))
        shared_server.send_text("/start", chat_id=stranger)
        start = reply_in(shared_server, stranger)
        for data in (f"remove:{name}:yes", f"remove:{name}:ask", "remove:0", f"remove:{name}:no"):
            query = shared_server.press(start, data, forged=True)
            assert shared_server.wait_for_callback_answer(query).text == ARABIC.expired
        assert now(shared_server, start).text == start.text
        assert files(documents) == before

    def test_a_button_of_no_known_document_says_that_it_is_gone(
        self, shared_server: BotApiServer, documents: Path, admin: int
    ) -> None:
        before = files(documents)
        asked = ask_for(shared_server, admin, "عكا.txt")
        query = shared_server.press(asked, "remove:000000000000:yes", forged=True)
        assert shared_server.wait_for_callback_answer(query).text == ARABIC.document_gone
        for data in ("remove:../../etc/pa:yes", "remove:000000000000:all", "remove:-1"):
            query = shared_server.press(asked, data, forged=True)
            assert shared_server.wait_for_callback_answer(query).text == ARABIC.expired
        query = shared_server.press(asked, "remove:999999", forged=True)  # the list's last page
        shared_server.wait_for_callback_answer(query)
        assert ARABIC.previous_button in labels(now(shared_server, asked))
        assert files(documents) == before

    def test_buttons_of_answers_outlive_the_removal_of_other_documents(
        self, shared_server: BotApiServer, admin: int
    ) -> None:
        shared_server.send_text(question_about("غزة"), chat_id=admin)
        answer = reply_in(shared_server, admin)
        assert answer.bold[0] == DAYS["غزة"]
        asked = ask_for(shared_server, admin, "جنين.txt")
        press(shared_server, asked, ARABIC.remove_button)
        wait_until_it_says(shared_server, admin, removed("جنين.txt", "جنين.txt"))
        query = press(shared_server, answer, ARABIC.context_button)
        assert shared_server.wait_for_callback_answer(query).text == ""
        assert DAYS["غزة"] in now(shared_server, answer).text
        asked = ask_for(shared_server, admin, "غزة.txt")
        press(shared_server, asked, ARABIC.remove_button)
        wait_until_it_says(shared_server, admin, removed("غزة.txt", "غزة.txt"))
        back = press(shared_server, now(shared_server, answer), ARABIC.back_button)
        assert shared_server.wait_for_callback_answer(back).text == ARABIC.expired


class TestLastDocument:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return write_articles(tmp_path / "documents", القدس=DAYS["القدس"], نابلس=DAYS["نابلس"])

    @pytest.fixture
    def bot(self, start_bot: StartBot, folder: Path) -> RunningBot:
        return start_bot(JAWAB_DOCS=str(folder), JAWAB_ADMINS=ADMINS)

    @pytest.mark.usefixtures("bot")
    def test_the_last_one_stays_also_where_two_are_removed_at_once(
        self, server: BotApiServer, folder: Path, admin: int
    ) -> None:
        asked = [ask_for(server, admin, f"{place}.txt") for place in ("القدس", "نابلس")]
        for question in asked:
            press(server, question, ARABIC.remove_button)
        wait_until_it_says(server, admin, plain(ARABIC.remove_last))
        (left,) = files(folder)
        place = left.removesuffix(".txt")
        server.send_text(question_about(place), chat_id=admin)
        assert DAYS[place] in reply_in(server, admin, 3).bold

    @pytest.mark.usefixtures("bot")
    def test_nothing_is_lost_where_the_rest_has_vanished(
        self, server: BotApiServer, folder: Path, admin: int
    ) -> None:
        (folder / "نابلس.txt").unlink()
        asked = ask_for(server, admin, "القدس.txt")
        press(server, asked, ARABIC.remove_button)
        failed = wait_until_it_says(server, admin, said(ARABIC.reload_failed, reason=""))
        assert str(folder) in plain(failed.text)
        assert files(folder) == ["القدس.txt"]
