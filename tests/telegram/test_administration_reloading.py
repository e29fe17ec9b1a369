"""Administrators: reading the documents again, and what happens when the bot is ended meanwhile."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.texts import ARABIC
from tests.documents import article, children, question_about, write_articles, write_many
from tests.telegram.administering import (
    ADMINS,
    admin,
    files,
    plain,
    reply_in,
    said,
    send_file,
    wait_until_it_says,
)
from tests.telegram.conftest import RunningBot, StartBot, bot_environment
from tests.telegram.server import BotApiServer

__all__ = ["admin"]

HEBRON, NABLUS, GAZA = "12 مارس 2026", "3 أبريل 2025", "20 مايو 2024"
FAILED = said(ARABIC.reload_failed, reason="")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_articles(tmp_path / "documents", الخليل=HEBRON, نابلس=NABLUS)


@pytest.fixture
def settings(folder: Path) -> dict[str, str]:
    return {
        "JAWAB_DOCS": str(folder),
        "JAWAB_ADMINS": ADMINS,
        "JAWAB_WATCH": "0",
        "JAWAB_QUESTIONS_PER_MINUTE": "0",
        "JAWAB_MESSAGES_PER_SECOND": "0",
    }


@pytest.fixture
def bot(start_bot: StartBot, settings: dict[str, str]) -> RunningBot:
    return start_bot(**settings)


def until(condition: Callable[[], object]) -> None:
    """Wait for what is seen in the system only."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def building(bot: RunningBot) -> int:
    """Wait until a bot builds an index, and return the process that does."""
    until(lambda: children(bot.process.pid))
    (process,) = children(bot.process.pid)
    return process


def exists(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


def reloaded(documents: int, sentences: int, left_out: str = "") -> re.Pattern[str]:
    """Return a pattern of what is said when the documents have been read."""
    text = said(
        ARABIC.reloaded,
        documents=ARABIC.documents.counted(documents),
        sentences=ARABIC.sentences.counted(sentences),
        seconds="SECONDS",
        left_out=said(ARABIC.left_out, files=left_out) if left_out else "",
    )
    return re.compile(re.escape(text).replace("SECONDS", r"\d+\.\d"))


def reload(server: BotApiServer, chat: int) -> str:
    """Have the documents read again, and return what is said of it in the end."""
    count = len(server.messages(chat)) + 2
    server.send_text("/reload", chat_id=chat)
    return plain(reply_in(server, chat, count).text)


def answer(server: BotApiServer, chat: int, place: str) -> str:
    """Ask about a place, and return the short answer; others may stand below it."""
    count = len(server.messages(chat)) + 1
    server.send_text(question_about(place), chat_id=chat)
    return "".join(reply_in(server, chat, count).bold[:1])


class TestReloading:
    @pytest.mark.usefixtures("bot")
    def test_what_was_changed_by_hand_is_seen_and_what_is_left_out_is_named(
        self, server: BotApiServer, folder: Path, admin: int
    ) -> None:
        write_articles(folder / "جديد", غزة=GAZA)
        write_articles(folder, الخليل=GAZA)
        (folder / "نابلس.txt").unlink()
        (folder / "empty.txt").touch()
        said_last = reload(server, admin)
        assert reloaded(2, 4, "empty.txt (لا نص فيه)").fullmatch(said_last)
        assert plain(server.messages(admin)[0].text) == plain(ARABIC.reloading)
        assert answer(server, admin, "الخليل") == GAZA
        assert answer(server, admin, "غزة") == GAZA
        assert answer(server, admin, "نابلس") != NABLUS

    @pytest.mark.usefixtures("bot")
    def test_many_files_left_out_are_not_all_named(
        self, server: BotApiServer, folder: Path, admin: int
    ) -> None:
        for number in range(30):
            (folder / f"empty-{number:02}.txt").touch()
        text = reload(server, admin)
        assert text.count("لا نص فيه") == 20
        assert text.endswith(" … (+10)")

    def test_questions_are_answered_meanwhile_and_a_second_reload_waits(
        self, server: BotApiServer, bot: RunningBot, folder: Path, admin: int
    ) -> None:
        write_many(folder, 200, sentences=25)
        write_articles(folder, الخليل=GAZA)
        server.send_text("/reload", chat_id=admin)
        reply_in(server, admin)
        process = building(bot)
        server.send_text("/reload", chat_id=admin)
        second = reply_in(server, admin, 2)
        for user in range(8001, 8021):
            server.send_text(question_about("الخليل"), chat_id=user)
        answers = [reply_in(server, user) for user in range(8001, 8021)]
        done = reply_in(server, admin, 3)
        assert plain(second.text) == plain(ARABIC.reload_running)
        assert reloaded(202, 200 * 25 + 4).fullmatch(plain(done.text))
        # The ids of messages tell what was sent first.
        meanwhile = [reply for reply in answers if reply.message_id < done.message_id]
        assert len(meanwhile) > 10
        assert {reply.bold[0] for reply in meanwhile} == {HEBRON}
        assert {reply.bold[0] for reply in answers} <= {HEBRON, GAZA}
        assert answer(server, admin, "الخليل") == GAZA
        assert not exists(process)
        assert children(bot.process.pid) == set()

    @pytest.mark.usefixtures("bot")
    def test_documents_that_cannot_be_read_change_nothing_and_the_reason_is_told(
        self, server: BotApiServer, folder: Path, tmp_path: Path, admin: int
    ) -> None:
        folder.rename(tmp_path / "elsewhere")
        vanished = reload(server, admin)
        folder.mkdir()
        empty = reload(server, admin)
        (folder / "empty.txt").touch()
        unusable = reload(server, admin)
        for text in (vanished, empty, unusable):
            assert text.startswith(FAILED)
            assert str(folder) in text
            assert "Traceback" not in text
        assert len({vanished, empty, unusable}) == 3
        assert "empty.txt is left out: it holds no text" in unusable
        assert answer(server, admin, "نابلس") == NABLUS
        write_articles(folder, غزة=GAZA)
        assert reloaded(1, 2, "empty.txt (لا نص فيه)").fullmatch(reload(server, admin))
        assert answer(server, admin, "غزة") == GAZA

    def test_the_command_line_finds_the_index_as_the_bot_left_it(
        self, server: BotApiServer, bot: RunningBot, folder: Path, tmp_path: Path, admin: int
    ) -> None:
        send_file(server, admin, "غزة.txt", article("غزة", GAZA).encode())
        reply_in(server, admin)
        server.send_text("/remove الخليل.txt", chat_id=admin)
        asked = reply_in(server, admin, 2)
        server.press(asked, asked.buttons[0]["callback_data"])
        wait_until_it_says(
            server, admin, said(ARABIC.removed, name="الخليل.txt", kept="الخليل.txt")
        )
        home = tmp_path / "home"
        ran = subprocess.run(
            [sys.executable, "-c", "from bot.cli import main; main()", "index"],
            cwd=tmp_path,
            env=bot_environment(home, JAWAB_DOCS=str(folder)),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0
        assert ran.stderr == ""  # nothing to build anew, nothing left out
        # Files of the last two seconds are read again, but their texts are the same.
        assert ran.stdout.startswith("index      up to date")
        assert files(folder) == ["غزة.txt", "نابلس.txt"]
        assert children(bot.process.pid) == set()


class TestEnding:
    def test_a_stop_during_a_reload_is_prompt_and_the_reload_is_made_up_for(
        self,
        server: BotApiServer,
        start_bot: StartBot,
        settings: dict[str, str],
        folder: Path,
        admin: int,
    ) -> None:
        bot = start_bot(**settings)
        write_many(folder, 300)
        server.send_text("/reload", chat_id=admin)
        process = building(bot)
        started = time.monotonic()
        assert bot.stop() == 0
        assert time.monotonic() - started < 10
        assert not exists(process)
        assert "Traceback" not in bot.output
        for file in folder.glob("many-*"):
            file.unlink()
        write_articles(folder, غزة=GAZA)
        start_bot(**settings)
        wait_until_it_says(server, admin, ARABIC.documents.counted(3))
        assert answer(server, admin, "غزة") == GAZA

    def test_a_stop_during_an_addition_adds_the_file_at_the_next_start(
        self,
        server: BotApiServer,
        start_bot: StartBot,
        settings: dict[str, str],
        folder: Path,
        admin: int,
    ) -> None:
        write_many(folder, 30)
        bot = start_bot(**settings)
        send_file(server, admin, "غزة.txt", article("غزة", GAZA).encode())
        process = building(bot)
        assert bot.stop() == 0
        assert not exists(process)
        assert server.messages(admin) == []
        assert not [name for name in files(folder) if name.startswith((".", "غزة"))]
        start_bot(**settings)
        wait_until_it_says(server, admin, said(ARABIC.added.split(":")[0], name="غزة.txt"))
        assert answer(server, admin, "غزة") == GAZA
        assert len(server.messages(admin)) == 2

    def test_a_crash_during_an_addition_leaves_a_folder_that_can_be_used(
        self,
        server: BotApiServer,
        start_bot: StartBot,
        settings: dict[str, str],
        folder: Path,
        admin: int,
    ) -> None:
        bot = start_bot(**settings)
        send_file(server, admin, "غزة.txt", article("غزة", GAZA).encode())
        process = building(bot)
        bot.process.kill()
        bot.process.wait()
        until(lambda: not exists(process))
        start_bot(**settings)
        told = reply_in(server, admin)
        assert "غزة.txt" in told.text
        assert answer(server, admin, "غزة") == GAZA
        assert files(folder) == ["الخليل.txt", "غزة.txt", "نابلس.txt"]
        assert len(server.messages(admin)) == 2


class TestFollowing:
    @pytest.fixture
    def settings(self, folder: Path) -> dict[str, str]:
        return {"JAWAB_DOCS": str(folder), "JAWAB_ADMINS": ADMINS}

    def test_a_changed_folder_is_answered_from_without_anybody_saying_so(
        self, server: BotApiServer, bot: RunningBot, folder: Path, admin: int
    ) -> None:
        server.send_text(question_about("نابلس"), chat_id=admin)
        before = reply_in(server, admin)
        until(lambda: not children(bot.process.pid))
        write_articles(folder, غزة=GAZA)
        (folder / "الخليل.txt").unlink()
        until(lambda: "1 came, 0 changed, 1 went" in bot.output)
        assert answer(server, admin, "غزة") == GAZA
        assert answer(server, admin, "الخليل") != HEBRON
        context = next(b for b in before.buttons if b["text"] == ARABIC.context_button)
        query = server.press(before, context["callback_data"])
        assert server.wait_for_callback_answer(query).text == ""
        assert len(server.messages(admin)) == 3  # nobody is told of the refresh
        assert bot.stop() == 0
        assert "Traceback" not in bot.output

    def test_what_cannot_be_read_is_logged_and_survived(
        self, server: BotApiServer, bot: RunningBot, folder: Path, tmp_path: Path, admin: int
    ) -> None:
        server.send_text(question_about("نابلس"), chat_id=admin)
        reply_in(server, admin)
        folder.rename(tmp_path / "elsewhere")
        until(lambda: "is gone" in bot.output)
        assert answer(server, admin, "نابلس") == NABLUS
        write_articles(folder, غزة=GAZA)
        until(lambda: "1 came" in bot.output)
        assert answer(server, admin, "غزة") == GAZA

    def test_an_album_is_read_at_once(
        self, server: BotApiServer, bot: RunningBot, folder: Path, admin: int
    ) -> None:
        places = "يافا حيفا عكا صفد طبريا بيسان".split()
        started: set[int] = set()
        for place in places:
            content = article(place, GAZA).encode()
            send_file(server, admin, f"{place}.txt", content, media_group_id="album")
        while len(server.messages(admin)) < len(places):
            started |= children(bot.process.pid)
            time.sleep(0.005)
        assert len(started) <= 2  # one for the first that came, if the others were late
        assert len(files(folder)) == 2 + len(places)

    def test_it_can_be_turned_off(
        self, server: BotApiServer, start_bot: StartBot, folder: Path, admin: int
    ) -> None:
        bot = start_bot(JAWAB_DOCS=str(folder), JAWAB_WATCH="0")
        write_articles(folder, غزة=GAZA)
        time.sleep(2)
        assert answer(server, admin, "غزة") != GAZA
        assert not children(bot.process.pid)
