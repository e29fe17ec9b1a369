"""SIGHUP: settings and documents read again while the bot runs."""

from __future__ import annotations

import os
import pty
import re
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.texts import ARABIC
from tests.conftest import Endurance
from tests.documents import children, question_about, write_articles
from tests.telegram.conftest import ROOT, RunningBot, StartBot, bot_environment
from tests.telegram.methods import TOKEN
from tests.telegram.modes import User, until, until_answered
from tests.telegram.records import Sent
from tests.telegram.server import BotApiServer

HEBRON, NABLUS, GAZA = "12 مارس 2026", "3 أبريل 2025", "20 مايو 2024"
JAFFA = "1 يناير 2019"
FROM_THE_FILE = {"JAWAB_DOCS": ""}  # what is empty in the environment is as if it were not set
DONE = "INFO bot.reloading: reloaded: "
REFUSED = "not reloaded"


class Place:
    """Where a bot runs: its documents, and the ``.env`` that it was started with."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.number = 0
        self.new_folder()

    def new_folder(self) -> Path:
        """Begin another folder of documents."""
        self.number += 1
        self.folder = self.root / f"documents-{self.number}"
        write_articles(self.folder, الخليل=HEBRON, نابلس=NABLUS)
        return self.folder

    def write(self, **settings: str) -> None:
        lines = {"JAWAB_DOCS": str(self.folder), "JAWAB_WATCH": "0"} | settings
        text = "".join(f"{name}={value}\n" for name, value in lines.items())
        (self.root / ".env").write_text(text, "utf-8")


@pytest.fixture(scope="class")
def shared_place(shared_folder: Path) -> Place:
    place = Place(shared_folder)
    place.write()
    return place


@pytest.fixture(scope="class")
def shared_bot(shared_place: Place, start_shared_bot: StartBot) -> RunningBot:
    assert shared_place.folder.is_dir()
    return start_shared_bot(**FROM_THE_FILE)


@pytest.fixture
def server(shared_server: BotApiServer) -> BotApiServer:
    return shared_server


@pytest.fixture
def bot(shared_bot: RunningBot) -> RunningBot:
    return shared_bot


@pytest.fixture
def place(shared_place: Place, bot: RunningBot) -> Place:
    """Where the bot runs, with two documents and no other setting in force."""
    shared_place.new_folder()
    shared_place.write()
    reload(bot)
    return shared_place


def hang_up(bot: RunningBot) -> None:
    bot.process.send_signal(signal.SIGHUP)


def reload(bot: RunningBot) -> str:
    """Reload, and return what was logged of it in the end."""
    before = len(bot.output)
    hang_up(bot)
    until(lambda: DONE in bot.output[before:] or REFUSED in bot.output[before:])
    assert bot.process.poll() is None
    return bot.output[before:]


def answer(user: User, place: str) -> list[str]:
    """Return the short answer to a question about a place."""
    sent = user.asks(question_about(place))
    until_answered(user.server, [sent])
    (found,) = (
        one for one in user.server.messages(user.id) if one.reply_to_message_id == sent.message_id
    )
    return found.bold[:1]


def menu(server: BotApiServer, user: int) -> list[str]:
    found = server.commands({"type": "chat", "chat_id": user})
    return [command["command"] for command in found]


def begin(bot: RunningBot) -> int:
    """Begin a reload, and return the process that reads the documents."""
    until(lambda: not children(bot.process.pid))
    hang_up(bot)
    until(lambda: bool(children(bot.process.pid)))
    (process,) = children(bot.process.pid)
    return process


def is_refused(user: User, count: int) -> bool:
    user.asks()
    said = user.server.wait_for_message(user.id, count=count)
    return said.text.strip("\u200f") == ARABIC.not_allowed.format(user=user.id)


@contextmanager
def questions_without_end(server: BotApiServer) -> Iterator[list[Sent]]:
    """Have ten users ask and ask, and give what they have asked so far."""
    sent: list[Sent] = []
    done = threading.Event()

    def ask() -> None:
        users = [User(server) for _ in range(10)]
        while not done.is_set():
            sent.extend(user.asks(question_about("نابلس")) for user in users)
            done.wait(0.2)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield sent
    finally:
        done.set()
        asking.join()


class TestReloading:
    def test_administrators_come_and_go_with_their_menus(
        self, server: BotApiServer, bot: RunningBot, place: Place
    ) -> None:
        first, second = User(server), User(server)
        for user in (first, second):
            user.asks()
            server.wait_for_message(user.id)
        place.write(JAWAB_ADMINS=str(first.id))
        assert f"{DONE}JAWAB_ADMINS; documents: as they were" in reload(bot)
        until(lambda: "unanswered" in menu(server, first.id))
        first.asks("/unanswered")
        assert server.wait_for_message(first.id, count=2).filename == "unanswered.csv"
        place.write(JAWAB_ADMINS=str(second.id))
        reload(bot)
        until(lambda: "unanswered" in menu(server, second.id) and not menu(server, first.id))
        first.asks("/unanswered")
        assert server.wait_for_message(first.id, count=3).filename is None
        place.write()
        assert f"{DONE}JAWAB_ADMINS;" in reload(bot)
        until(lambda: not menu(server, second.id))

    def test_who_may_ask_and_how_much(
        self, server: BotApiServer, bot: RunningBot, place: Place
    ) -> None:
        friend, stranger = User(server), User(server)
        assert answer(stranger, "نابلس") == [NABLUS]
        place.write(JAWAB_ALLOWED_USERS=str(friend.id), JAWAB_QUESTIONS_PER_MINUTE="1")
        said = reload(bot)
        assert f"{DONE}JAWAB_ALLOWED_USERS, JAWAB_QUESTIONS_PER_MINUTE;" in said
        assert str(friend.id) not in said
        assert is_refused(stranger, count=2)
        assert answer(friend, "نابلس") == [NABLUS]
        friend.asks()
        limit = ARABIC.questions.counted(1)
        assert limit in server.wait_for_message(friend.id, count=2).text
        place.write(JAWAB_QUESTIONS_PER_MINUTE="0", JAWAB_MESSAGES_PER_SECOND="0")
        reload(bot)
        assert [answer(friend, "نابلس") for _ in range(3)] == [[NABLUS]] * 3

    def test_what_is_logged(self, server: BotApiServer, bot: RunningBot, place: Place) -> None:
        place.write(JAWAB_LOG_FORMAT="json", JAWAB_LOG_LEVEL="debug")
        before = len(bot.output)
        hang_up(bot)
        until(lambda: '"message": "reloaded: ' in bot.output[before:])
        place.write(JAWAB_LOG_LEVEL="info")
        assert f"{DONE}JAWAB_LOG_LEVEL, JAWAB_LOG_FORMAT;" in reload(bot)
        assert answer(User(server), "نابلس") == [NABLUS]

    def test_a_malformed_one_changes_nothing(
        self, server: BotApiServer, bot: RunningBot, place: Place
    ) -> None:
        user = User(server)
        place.write(JAWAB_ALLOWED_USERS="7", JAWAB_UPLOAD_MB="many")
        said = reload(bot)
        assert "JAWAB_UPLOAD_MB must be a whole number" in said
        assert len(said.splitlines()) == 2
        (place.root / ".env").write_bytes(b"JAWAB_ALLOWED_USERS=7\n\xff\xfe\n")
        assert "must be text in UTF-8" in reload(bot)
        assert answer(user, "نابلس") == [NABLUS]
        place.write(JAWAB_ALLOWED_USERS="7")
        reload(bot)
        assert is_refused(user, count=2)

    def test_what_cannot_change_is_named_and_no_secret_shown(
        self, server: BotApiServer, bot: RunningBot, place: Place
    ) -> None:
        secret = "another-secret_0123456789"
        place.write(
            JAWAB_WEBHOOK_SECRET=secret,
            JAWAB_DROP_PENDING_UPDATES="1",
            JAWAB_ENGINE="qdrant",
            JAWAB_QDRANT_URL=f"http://me:{secret}@127.0.0.1:9",
            JAWAB_KEEP_QUESTIONS="0",
        )
        for _ in range(2):  # until it is started again
            said = reload(bot)
            (line,) = [line for line in said.splitlines() if "needs a restart" in line]
            assert set(line.rpartition(": ")[2].split(", ")) == {
                "JAWAB_ENGINE",
                "JAWAB_QDRANT_URL",
                "JAWAB_WEBHOOK_SECRET",
                "JAWAB_DROP_PENDING_UPDATES",
            }
            assert secret not in said
        assert answer(User(server), "نابلس") == [NABLUS]

    # The documents.

    def test_they_are_read_again_where_nobody_watches(
        self, server: BotApiServer, bot: RunningBot, place: Place
    ) -> None:
        write_articles(place.folder, غزة=GAZA)
        (place.folder / "الخليل.txt").unlink()
        assert f"{DONE}no setting has changed; documents: 1 came, 1 went" in reload(bot)
        assert answer(User(server), "غزة") == [GAZA]

    def test_others_come_into_force_once_they_are_read(
        self, server: BotApiServer, bot: RunningBot, place: Place
    ) -> None:
        user, before = User(server), len(bot.output)
        write_articles(place.new_folder(), نابلس=GAZA)
        place.write(JAWAB_ENGINE="tantivy", JAWAB_WATCH="1")
        process = begin(bot)
        assert answer(user, "نابلس") == [NABLUS]  # from the old ones
        until(lambda: DONE in bot.output[before:])
        names = "JAWAB_WATCH, JAWAB_DOCS, JAWAB_ENGINE"
        assert f"{DONE}{names}; documents: 2, " in bot.output[before:]
        assert not Path(f"/proc/{process}").exists()
        assert answer(user, "نابلس") == [GAZA]
        write_articles(place.folder, غزة=HEBRON)
        until(lambda: "1 came, 0 changed, 0 went" in bot.output[before:])
        assert answer(user, "غزة") == [HEBRON]
        place.write(JAWAB_ENGINE="tantivy")
        reload(bot)
        write_articles(place.folder, يافا=JAFFA)
        time.sleep(2)
        assert answer(user, "يافا") != [JAFFA]

    def test_those_that_cannot_be_read_leave_the_old_in_force(
        self, server: BotApiServer, bot: RunningBot, place: Place
    ) -> None:
        user, other = User(server), place.root / "other"
        place.write(JAWAB_DOCS=str(other), JAWAB_QUESTIONS_PER_MINUTE="0")
        said = reload(bot)
        assert "JAWAB_DOCS not in force: the documents stay as they were: There is no " in said
        assert f"{DONE}JAWAB_QUESTIONS_PER_MINUTE; documents: as they were" in said
        assert answer(user, "نابلس") == [NABLUS]
        write_articles(other, نابلس=GAZA)
        assert f"{DONE}JAWAB_DOCS; documents: 1, with 2 sentences" in reload(bot)
        assert answer(user, "نابلس") == [GAZA]

    def test_one_that_comes_amid_a_reload_is_not_lost(
        self, server: BotApiServer, bot: RunningBot, place: Place
    ) -> None:
        before = len(bot.output)
        begin(bot)
        write_articles(place.folder, غزة=GAZA)
        for _ in range(20):
            hang_up(bot)
        until(lambda: bot.output[before:].count(DONE) == 2)
        assert answer(User(server), "غزة") == [GAZA]
        assert bot.output[before:].count(DONE) == 2

    def test_questions_over_many_reloads_are_answered_once_each(
        self,
        shared_server: BotApiServer,
        bot: RunningBot,
        place: Place,
        endurance: Endurance,
    ) -> None:
        folders = (place.folder, place.new_folder())
        with questions_without_end(shared_server) as sent:
            for turn in range(endurance(2, 200)):
                write_articles(folders[turn % 2], غزة=f"{turn % 28 + 1} يناير 2020")
                place.write(
                    JAWAB_QUESTIONS_PER_MINUTE="0",
                    JAWAB_MESSAGES_PER_SECOND="0",
                    JAWAB_DOCS=str(folders[turn % 2]),
                    JAWAB_ADMINS=str(turn + 1),
                    JAWAB_ENGINE=("rank_bm25", "tantivy")[(turn + 1) // 2 % 2],
                )
                reload(bot)
        users = {one.chat_id for one in sent}

        def replied() -> Counter[tuple[int, int | None]]:
            shown = (found for user in users for found in shared_server.messages(user))
            return Counter((found.chat_id, found.reply_to_message_id) for found in shown)

        until(lambda: replied().total() >= len(sent), timeout=120)
        assert replied() == Counter((one.chat_id, one.message_id) for one in sent)
        answers = {
            tuple(found.bold[:1]) for user in users for found in shared_server.messages(user)
        }
        assert answers == {(NABLUS,)}
        print(len(sent), "questions")  # noqa: T201 - for whoever runs it for long

    def test_the_end_comes_promptly_though_a_refresh_hangs(
        self, server: BotApiServer, bot: RunningBot, place: Place
    ) -> None:
        write_articles(place.folder, غزة=GAZA)
        process = begin(bot)
        os.kill(process, signal.SIGSTOP)
        assert answer(User(server), "نابلس") == [NABLUS]
        started = time.monotonic()
        assert bot.stop() == 0
        assert time.monotonic() - started < 10
        assert not Path(f"/proc/{process}").exists()
        assert "Traceback" not in bot.output


class TestMoments:
    def test_one_that_comes_during_the_start_is_made_up_for_and_during_the_end_is_none(
        self, start_bot: StartBot, tmp_path: Path
    ) -> None:
        place = Place(tmp_path)
        place.write()
        bot = start_bot(**FROM_THE_FILE, wait=False)
        until(lambda: catches_hangups(bot.process.pid))
        place.write(JAWAB_KEEP_QUESTIONS="0")
        while DONE not in bot.output:
            assert bot.process.poll() is None
            hang_up(bot)
            time.sleep(0.02)
        bot.process.terminate()
        while bot.process.poll() is None:  # nor does one that comes during the end disturb it
            hang_up(bot)
            time.sleep(0.002)
        assert bot.process.returncode == 0
        assert "Traceback" not in bot.output

    def test_a_terminal_that_is_closed_ends_the_bot(self, tmp_path: Path) -> None:
        place, log = Place(tmp_path), tmp_path / "bot.log"
        with BotApiServer() as server:
            settings = {
                "TELEGRAM_BOT_TOKEN": TOKEN,
                "JAWAB_TELEGRAM_API_URL": server.url,
                "JAWAB_DOCS": str(place.folder),
                "PYTHONPATH": str(ROOT),
            }
            process, terminal = pty.fork()
            if process == 0:
                os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT), 2)
                os.execve(  # noqa: S606 - our own program
                    sys.executable,
                    [sys.executable, "-m", "bot"],
                    bot_environment(tmp_path / "home", **settings),
                )
            server.wait_for("getUpdates", timeout=30)
            os.close(terminal)
            _, status = os.waitpid(process, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        assert DONE not in log.read_text("utf-8")


def catches_hangups(process: int) -> bool:
    """Tell whether a process has set what it does at a SIGHUP."""
    status = Path(f"/proc/{process}/status").read_text("ascii", "replace")
    found = re.search(r"SigCgt:\s*([0-9a-f]+)", status)
    return found is not None and bool(int(found[1], 16) >> (signal.SIGHUP - 1) & 1)
