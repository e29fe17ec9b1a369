"""Administrators: documents sent to the bot, and what others get to see of that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.texts import ARABIC, ENGLISH
from index.documents import SUFFIXES
from tests.documents import article, question_about, write_articles
from tests.telegram.administering import (
    ADMINS,
    admin,
    confirmation,
    files,
    plain,
    reply_in,
    said,
    send_file,
    stranger,
    wait_until_it_says,
)
from tests.telegram.conftest import RunningBot, StartBot
from tests.telegram.server import BotApiServer

__all__ = ["admin", "stranger"]

HEBRON, NABLUS, GAZA = "12 مارس 2026", "3 أبريل 2025", "20 مايو 2024"
FORMATS = said(ARABIC.add_format, formats=" ".join(SUFFIXES))


def title_of(place: str, day: str) -> str:
    return article(place, day).split(". ")[0]


def write_documents(folder: Path) -> Path:
    return write_articles(folder / "documents", الخليل=HEBRON, نابلس=NABLUS)


@pytest.fixture(scope="class")
def documents(shared_folder: Path) -> Path:
    """The documents folder of the bot that a class shares."""
    return write_documents(shared_folder)


@pytest.fixture(scope="class")
def shared_bot(start_shared_bot: StartBot, documents: Path) -> RunningBot:
    """A bot with administrators that takes files of up to a megabyte."""
    return start_shared_bot(JAWAB_DOCS=str(documents), JAWAB_ADMINS=ADMINS, JAWAB_UPLOAD_MB="1")


@pytest.mark.usefixtures("shared_bot")
class TestAdding:
    def test_a_file_is_confirmed_with_what_was_read_and_answers_at_once(
        self, shared_server: BotApiServer, documents: Path, admin: int
    ) -> None:
        content = f"التاريخ : 27/11/2025\n{article('غزة', GAZA)}".encode()
        sent = send_file(shared_server, admin, "خبر غزة.txt", content)
        reply = reply_in(shared_server, admin)
        assert reply.reply_to_message_id == sent.message_id
        source = "خبر غزة · 27/11/2025"
        assert plain(reply.text) == said(
            ARABIC.added,
            name="خبر غزة.txt",
            title=title_of("غزة", GAZA),
            source=source,
            sentences=ARABIC.sentences.counted(3),  # the date can be asked for
        )
        assert (documents / "خبر غزة.txt").read_bytes() == content
        shared_server.send_text(question_about("غزة"), chat_id=admin)
        assert reply_in(shared_server, admin, 2).bold == [GAZA]

    def test_the_confirmation_speaks_the_language_of_the_administrator(
        self, shared_server: BotApiServer, admin: int
    ) -> None:
        content = article("رام الله", GAZA).encode()
        send_file(shared_server, admin, "ramallah.md", content, language_code="en")
        title = title_of("رام الله", GAZA)
        expected = confirmation("ramallah.md", title, 2, ENGLISH)
        assert plain(reply_in(shared_server, admin).text) == expected

    def test_hostile_names_at_once_all_become_files_of_the_folder(
        self, shared_server: BotApiServer, documents: Path, admin: int
    ) -> None:
        names = {
            "../../../escaped.txt": "escaped.txt",
            "/tmp/absolute.txt": "absolute.txt",  # noqa: S108
            "..\\..\\backslash.txt": "backslash.txt",
            ". .hidden.TXT": "hidden.TXT",
            "\u202eright\u202c-to-\x00left.md": "right-to-left.md",
            "ب" * 150 + ".txt": "ب" * 100 + ".txt",
        }
        outside = set(files(documents.parent)) - {"documents"}
        for number, name in enumerate(names):
            content = article("أريحا", f"{number + 1} يناير 2023").encode()
            send_file(shared_server, admin, name, content, media_group_id="album")
        reply_in(shared_server, admin, len(names))
        replies = {plain(message.text) for message in shared_server.messages(admin)}
        assert replies == {
            confirmation(name, title_of("أريحا", f"{number + 1} يناير 2023"), 2)
            for number, name in enumerate(names.values())
        }
        for number, name in enumerate(names.values()):
            kept = (documents / name).read_text("utf-8")
            assert kept == article("أريحا", f"{number + 1} يناير 2023")
        mine = ("documents/", "home")
        new = {name for name in files(documents.parent) if not name.startswith(mine)} - outside
        assert new <= {"documents"}
        assert not list(documents.glob(".*"))

    def test_a_name_that_is_taken_gets_a_number(
        self, shared_server: BotApiServer, documents: Path, admin: int
    ) -> None:
        before = (documents / "نابلس.txt").read_bytes()
        send_file(shared_server, admin, "نابلس.txt", article("نابلس", GAZA).encode())
        expected = confirmation("نابلس-2.txt", title_of("نابلس", GAZA), 2)
        assert plain(reply_in(shared_server, admin).text) == expected
        assert (documents / "نابلس.txt").read_bytes() == before
        assert (documents / "نابلس-2.txt").read_text("utf-8") == article("نابلس", GAZA)

    def test_the_same_text_is_not_added_again_and_its_document_is_named(
        self, shared_server: BotApiServer, documents: Path, admin: int
    ) -> None:
        before = files(documents)
        content = article("الخليل", HEBRON).encode("utf-16")
        send_file(shared_server, admin, "other.txt", content)
        expected = said(ARABIC.added_already, name="الخليل.txt")
        assert plain(reply_in(shared_server, admin).text) == expected
        assert files(documents) == before

    @pytest.mark.parametrize(("encoding", "place"), [("cp1256", "جنين"), ("utf-16", "طولكرم")])
    def test_other_encodings_are_read(
        self, shared_server: BotApiServer, admin: int, encoding: str, place: str
    ) -> None:
        text = f"{article(place, GAZA)} وحضر الافتتاح وزير التربية وعدد من الكتاب والأدباء."
        send_file(shared_server, admin, f"{encoding}.txt", text.encode(encoding))
        expected = confirmation(f"{encoding}.txt", title_of(place, GAZA), 3)
        assert plain(reply_in(shared_server, admin).text) == expected

    def test_a_caption_changes_nothing_and_html_in_a_name_does_no_harm(
        self, shared_server: BotApiServer, admin: int
    ) -> None:
        text = article("قلقيلية & <b>", GAZA)
        entity = {"type": "bot_command", "offset": 0, "length": len("/stats")}
        content, command = text.encode(), "/stats"
        send_file(
            shared_server, admin, "a&b;.txt", content, caption=command, caption_entities=[entity]
        )
        expected = confirmation("a&b;.txt", title_of("قلقيلية & <b>", GAZA), 2)
        assert plain(reply_in(shared_server, admin).text) == expected

    @pytest.mark.parametrize(
        ("name", "content", "refusal"),
        [
            (None, b"text", FORMATS),
            ("", b"text", FORMATS),
            ("report.exe", b"text", FORMATS),
            ("report.txt.exe", b"text", FORMATS),
            (".txt", b"text", said(ARABIC.add_name)),
            ("../.md", b"text", said(ARABIC.add_name)),
            ("empty.txt", b"", said(ARABIC.add_empty, name="empty.txt", reason="لا نص فيه")),
            (
                "binary.md",
                bytes(range(256)) * 9,
                said(ARABIC.add_empty, name="binary.md", reason="ليس ملفًّا نصيًّا"),
            ),
        ],
    )
    def test_what_is_no_document_is_refused_with_the_reason(
        self,
        shared_server: BotApiServer,
        documents: Path,
        admin: int,
        *,
        name: str | None,
        content: bytes,
        refusal: str,
    ) -> None:
        before = files(documents)
        send_file(shared_server, admin, name, content)
        assert plain(reply_in(shared_server, admin).text) == refusal
        assert files(documents) == before

    def test_an_archive_says_how_many_documents_it_brings(
        self, shared_server: BotApiServer, admin: int
    ) -> None:
        rows = [
            {"text": article(place, GAZA), "url": f"https://example.org/?a=1&b=<{place}>"}
            for place in ("الرملة", "بيت جالا")
        ]
        content = "".join(json.dumps(row) + "\n" for row in rows).encode()
        send_file(shared_server, admin, "أخبار.jsonl", content)
        assert plain(reply_in(shared_server, admin).text) == said(
            ARABIC.added_archive,
            name="أخبار.jsonl",
            documents=ARABIC.documents.counted(2),
            sentences=ARABIC.sentences.counted(4),
        )
        shared_server.send_text(question_about("الرملة"), chat_id=admin)
        assert reply_in(shared_server, admin, 2).bold[0] == GAZA
        shared_server.send_text("/remove أخبار.jsonl#1", chat_id=admin)
        asked = reply_in(shared_server, admin, 3)
        shared_server.press(asked, asked.buttons[0]["callback_data"])
        documents = ARABIC.documents.counted(1)
        refused = said(
            ARABIC.remove_in_archive, file="أخبار.jsonl", place="#1", documents=documents
        )
        wait_until_it_says(shared_server, admin, refused)

    def test_the_source_links_to_where_the_document_was_published(
        self, shared_server: BotApiServer, admin: int
    ) -> None:
        address = "https://example.org/خبر?a=1&b='2'"
        rows = [
            {"text": article("سخنين", GAZA), "url": address},
            {"text": article("الطيبة", GAZA), "url": "javascript:alert(1)"},
        ]
        content = "".join(json.dumps(row) + "\n" for row in rows).encode()
        send_file(shared_server, admin, "links.jsonl", content)
        reply_in(shared_server, admin)
        shared_server.send_text(question_about("سخنين"), chat_id=admin)
        answer = reply_in(shared_server, admin, 2)
        (link,) = [entity for entity in answer.entities if entity["type"] == "text_link"]
        assert link["url"] == address
        shared_server.send_text(question_about("الطيبة"), chat_id=admin)
        answer = reply_in(shared_server, admin, 3)
        assert "javascript" not in str(answer.entities)

    @pytest.mark.parametrize("declared", [True, False])
    def test_a_file_over_the_limit_is_refused_and_not_fetched(
        self, shared_server: BotApiServer, documents: Path, admin: int, *, declared: bool
    ) -> None:
        before = files(documents)
        size = 2**20 + 1
        content = article("صفد", GAZA).encode()
        send_file(shared_server, admin, "large.txt", content, size=size, declared=declared)
        expected = said(ARABIC.add_size, most=1)
        assert plain(reply_in(shared_server, admin).text) == expected
        assert files(documents) == before

    def test_a_file_as_large_as_the_limit_is_taken(
        self, shared_server: BotApiServer, admin: int
    ) -> None:
        content = article("عكا", GAZA).encode()
        send_file(shared_server, admin, "limit.txt", content, size=2**20)
        expected = confirmation("limit.txt", title_of("عكا", GAZA), 2)
        assert plain(reply_in(shared_server, admin).text) == expected

    def test_a_download_that_fails_is_tried_again(
        self, shared_server: BotApiServer, admin: int
    ) -> None:
        shared_server.fail_next("getFile", status=500, description="Internal Server Error")
        shared_server.fail_next("file", status=502, description="Bad Gateway")
        shared_server.drop_next("file")
        send_file(shared_server, admin, "again.txt", article("يافا", GAZA).encode())
        expected = confirmation("again.txt", title_of("يافا", GAZA), 2)
        assert plain(reply_in(shared_server, admin).text) == expected
        assert len(shared_server.messages(admin)) == 1

    def test_a_download_that_is_refused_is_told_and_writes_nothing(
        self, shared_server: BotApiServer, documents: Path, admin: int
    ) -> None:
        before = files(documents)
        shared_server.fail_next("file", status=404, description="Not Found")
        send_file(shared_server, admin, "refused.txt", article("اللد", GAZA).encode())
        assert plain(reply_in(shared_server, admin).text) == plain(ARABIC.failed)
        assert files(documents) == before

    def test_earlier_buttons_go_on_working(self, shared_server: BotApiServer, admin: int) -> None:
        shared_server.send_text("/start", chat_id=admin)
        start = reply_in(shared_server, admin)
        shared_server.send_text(question_about("الخليل"), chat_id=admin)
        answer = reply_in(shared_server, admin, 2)
        send_file(shared_server, admin, "haifa.txt", article("حيفا", GAZA).encode())
        reply_in(shared_server, admin, 3)
        for count, button in enumerate(start.buttons, 4):
            shared_server.press(start, button["callback_data"])
            assert button["text"] in reply_in(shared_server, admin, count).text
        context = next(b for b in answer.buttons if b["text"] == ARABIC.context_button)
        query = shared_server.press(answer, context["callback_data"])
        shared_server.wait_for_callback_answer(query)
        shown = next(m for m in shared_server.messages(admin) if m.message_id == answer.message_id)
        assert HEBRON in shown.text
        assert shown.text != answer.text

    def test_a_file_of_somebody_else_is_not_taken(
        self, shared_server: BotApiServer, documents: Path, stranger: int
    ) -> None:
        before = files(documents)
        send_file(shared_server, stranger, "strange.txt", article("بيسان", GAZA).encode())
        assert plain(reply_in(shared_server, stranger).text) == plain(ARABIC.text_only)
        assert files(documents) == before


class TestAddingElsewhere:
    def test_telegrams_own_limit_is_told_where_ours_is_higher(
        self, server: BotApiServer, start_bot: StartBot, tmp_path: Path, admin: int
    ) -> None:
        start_bot(
            JAWAB_DOCS=str(write_documents(tmp_path)), JAWAB_ADMINS=ADMINS, JAWAB_UPLOAD_MB="50"
        )
        send_file(server, admin, "huge.txt", b"text", size=21 << 20)
        assert plain(reply_in(server, admin).text) == said(ARABIC.add_size, most=20)
        assert files(tmp_path / "documents") == ["الخليل.txt", "نابلس.txt"]

    def test_an_added_document_answers_after_a_restart(
        self, server: BotApiServer, start_bot: StartBot, tmp_path: Path, admin: int
    ) -> None:
        settings = {"JAWAB_DOCS": str(write_documents(tmp_path)), "JAWAB_ADMINS": ADMINS}
        bot = start_bot(**settings)
        send_file(server, admin, "gaza.txt", article("غزة", GAZA).encode())
        reply_in(server, admin)
        assert bot.stop() == 0
        server.forget_calls()
        start_bot(**settings)
        server.send_text(question_about("غزة"), chat_id=admin)
        assert reply_in(server, admin, 2).bold == [GAZA]

    def test_a_single_file_of_documents_says_why_it_cannot(
        self, server: BotApiServer, start_bot: StartBot, tmp_path: Path, admin: int
    ) -> None:
        only = write_documents(tmp_path) / "الخليل.txt"
        start_bot(JAWAB_DOCS=str(only), JAWAB_ADMINS=ADMINS)
        send_file(server, admin, "gaza.txt", article("غزة", GAZA).encode())
        assert plain(reply_in(server, admin).text) == plain(ARABIC.add_not_here)
        assert files(only.parent) == ["الخليل.txt", "نابلس.txt"]
        server.send_text("/remove الخليل.txt", chat_id=admin)
        asked = reply_in(server, admin, 2)
        server.press(asked, asked.buttons[0]["callback_data"])
        server.wait_for("editMessageText")
        assert plain(server.messages(admin)[-1].text) == plain(ARABIC.remove_last)
        assert files(only.parent) == ["الخليل.txt", "نابلس.txt"]

    def test_a_folder_that_has_vanished_is_told_and_answers_go_on(
        self, server: BotApiServer, start_bot: StartBot, tmp_path: Path, admin: int
    ) -> None:
        folder = write_documents(tmp_path)
        start_bot(JAWAB_DOCS=str(folder), JAWAB_ADMINS=ADMINS)
        folder.rename(tmp_path / "elsewhere")
        send_file(server, admin, "gaza.txt", article("غزة", GAZA).encode())
        expected = said(ARABIC.add_failed, name="gaza.txt", reason="No such file or directory")
        assert plain(reply_in(server, admin).text) == expected
        folder.write_text("a file in its place", "utf-8")
        send_file(server, admin, "gaza.txt", article("غزة", GAZA).encode())
        assert plain(reply_in(server, admin, 2).text) == plain(ARABIC.add_not_here)
        server.send_text(question_about("نابلس"), chat_id=admin)
        assert reply_in(server, admin, 3).bold == [NABLUS]
        assert folder.read_text("utf-8") == "a file in its place"


@pytest.mark.usefixtures("shared_bot")
class TestOthers:
    @pytest.mark.parametrize("command", ["remove", "reload", "stats", "unanswered"])
    def test_a_command_of_administrators_is_an_unknown_one_to_others(
        self, shared_server: BotApiServer, stranger: int, command: str
    ) -> None:
        shared_server.send_text(f"/{command} الخليل.txt", chat_id=stranger)
        shared_server.send_text("/frobnicate", chat_id=stranger)
        reply_in(shared_server, stranger, 2)
        first, second = shared_server.messages(stranger)
        assert first.text == second.text
        assert command not in first.text
        assert first.buttons == []

    def test_administrators_see_their_commands_in_the_help_and_in_the_menu(
        self, shared_server: BotApiServer, admin: int, stranger: int
    ) -> None:
        # Telegram takes no menu for somebody who has never written to the bot.
        scope = {"type": "chat", "chat_id": admin}
        shared_server.send_text("/start", chat_id=admin)
        reply_in(shared_server, admin)
        shared_server.wait_for(
            lambda call: call.status == 200 and call.params.get("scope") == scope, count=3
        )
        shared_server.send_text("/help", chat_id=admin)
        expected = said(ARABIC.help_for_administrators, formats=" ".join(SUFFIXES))
        assert expected in plain(reply_in(shared_server, admin, count=2).text)
        mine = ["remove", "reload", "stats", "unanswered"]
        for language, texts in (("", ARABIC), ("ar", ARABIC), ("en", ENGLISH)):
            menu = shared_server.commands({"type": "chat", "chat_id": admin}, language)
            assert menu[-4:] == [
                {"command": name, "description": getattr(texts, f"{name}_command")} for name in mine
            ]
            everybody = shared_server.commands(language_code=language)
            assert menu[:-4] == everybody
            assert not {item["command"] for item in everybody} & set(mine)
            scope = {"type": "chat", "chat_id": stranger}
            assert shared_server.commands(scope, language) == []

    def test_a_group_takes_no_commands_of_administrators(
        self, shared_server: BotApiServer, admin: int
    ) -> None:
        group = -100_900
        shared_server.send_text(
            "/stats@jawab_test_bot", chat_id=group, user_id=admin, chat_type="supergroup"
        )
        shared_server.send_text("/help", chat_id=admin)
        reply_in(shared_server, admin)
        assert shared_server.messages(group) == []
