"""`jawab doctor`: every line it can give, whatever is not in order, and no secret in any."""

from __future__ import annotations

import json
import os
import pty
import shutil
import socket
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.doctor import State, examine
from bot.doctor.findings import Examination, Finding, ok
from bot.opening import Opening
from bot.settings import Settings, name_of
from tests.bot.conftest import ROOT, Jawab
from tests.documents import article, write_articles
from tests.telegram.methods import TOKEN
from tests.telegram.server import BotApiServer

HEBRON, NABLUS = "12 مارس 2026", "3 أبريل 2025"


class Report:
    """What the doctor said."""

    def __init__(self, found: list[Finding]) -> None:
        self.found = found

    def of(self, what: str) -> list[Finding]:
        return [one for one in self.found if one.what == what]

    def one(self, what: str) -> Finding:
        (found,) = self.of(what)
        return found

    def said(self, state: State) -> str:
        return "\n".join(f"{one.what}: {one.said}" for one in self.found if one.state is state)


class Doctor:
    """Examines a folder of two articles, with settings of the environment and of ``.env``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
        self.root, self.home = root, root / "home"
        self.documents = write_articles(root / "documents", الخليل=HEBRON, نابلس=NABLUS)
        self._monkeypatch = monkeypatch

    def set(self, **settings: str) -> None:
        for name, value in settings.items():
            self._monkeypatch.setenv(name, value)

    def write(self, text: str) -> None:
        (self.root / ".env").write_text(text, "utf-8")
        (self.root / ".env").chmod(0o600)

    def says(self, engine: str | None = None, *, offline: bool = True) -> Report:
        return Report(list(examine(self.documents, self.home, engine, offline=offline)))


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Doctor:
    for name in map(name_of, Settings.model_fields):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return Doctor(monkeypatch, tmp_path)


def build(doctor: Doctor) -> None:
    Opening(doctor.documents, doctor.home).open().close()


class TestInOrder:
    def test_nothing_is_built_or_changed(self, doctor: Doctor) -> None:
        report = doctor.says()
        assert report.one("index").state is State.WARNING
        assert "`jawab index` builds it" in report.one("index").said
        assert "2 files in " in report.one("documents").said
        assert not doctor.home.exists()

    def test_what_there_is_is_told(self, doctor: Doctor) -> None:
        build(doctor)
        report = doctor.says()
        assert not report.said(State.PROBLEM)
        assert report.said(State.WARNING).startswith("token: none is set")
        assert "2 from 2 files" in report.one("documents").said
        assert "4 sentences" in report.one("index").said
        assert "rank_bm25 (auto" in report.one("engine").said
        for library in ("python-telegram-bot", "rank-bm25", "camel-tools", "tantivy"):
            assert library in report.one("libraries").said
        assert "free for the documents, the index" in report.one("disk").said

    def test_what_has_changed_since_and_what_is_left_out(self, doctor: Doctor) -> None:
        (doctor.documents / "empty.txt").touch()
        build(doctor)
        write_articles(doctor.documents, غزة=HEBRON)
        (doctor.documents / "نابلس.txt").unlink()
        report = doctor.says()
        assert "2 files changed since" in report.one("index").said
        assert "left out: empty.txt (it holds no text)" in report.one("documents").said


class TestNotInOrder:
    def test_an_index_that_is_damaged_or_of_other_settings(self, doctor: Doctor) -> None:
        build(doctor)
        doctor.set(JAWAB_FIELDS="text=body")
        assert "with other settings" in doctor.says().one("index").said
        doctor.set(JAWAB_FIELDS="")
        (database,) = doctor.home.rglob("index.db")
        content = bytearray(database.read_bytes())
        content[len(content) // 2] ^= 1
        database.write_bytes(content)
        found = doctor.says().one("index")
        assert found.state is State.WARNING
        assert found.said.startswith("damaged (")
        assert database.read_bytes() == content  # it is whoever opens it who builds it anew

    def test_a_folder_in_which_nothing_is(self, doctor: Doctor) -> None:
        shutil.rmtree(doctor.documents)
        doctor.write(
            "JAWAB_ADMIN=5\nJAWAB_UPLOAD_MB=many\nJAWAB_ENGINE=lucene\nJAWAB_WATCH=x\n"
            f"TELEGRAM_BOT_TOKEN=not a token {TOKEN}\n"
        )
        doctor.set(JAWAB_UPLOAD_MB="many", JAWAB_ENGINE="lucene", JAWAB_WATCH="x")
        doctor.set(TELEGRAM_BOT_TOKEN=f"not a token {TOKEN}")
        report = doctor.says()
        problems = report.said(State.PROBLEM)
        for said in (
            "documents: There is no file or folder",
            "There is no engine 'lucene'",
            "JAWAB_UPLOAD_MB must be a whole number",
            "JAWAB_WATCH must be 1 or 0",
            "The Telegram bot token is malformed",
        ):
            assert problems.count(said) == 1
        assert "JAWAB_ADMIN is no setting of Jawab; did you mean JAWAB_ADMINS?" in report.said(
            State.WARNING
        )
        assert {"jawab", "home", "disk", "formats", "morphology", "encoding"} <= {
            one.what for one in report.found
        }
        assert TOKEN not in str(report.found)

    def test_what_the_index_is_opened_with(self, doctor: Doctor) -> None:
        doctor.set(JAWAB_LEXICON="none.tsv", JAWAB_MORPHOLOGY=str(doctor.root / "none.db"))
        report = doctor.says()
        assert "none.tsv" in report.one("lexicon").said
        assert "none.db" in report.one("morphology").said
        assert "2 files" in report.one("documents").said
        assert len(report.said(State.PROBLEM).splitlines()) == 2

    def test_a_file_of_settings_that_is_none(self, jawab: Jawab, doctor: Doctor) -> None:
        for content in (b"JAWAB_DOCS=a\x00b\n", b"\xff\xfe\x00"):
            (doctor.root / ".env").write_bytes(content)
            assert "must be text in UTF-8" in doctor.says().said(State.PROBLEM)
        found = jawab("doctor", "--offline", cwd=doctor.root)
        assert found.returncode == 1
        assert found.stderr.startswith("jawab: 2 problems ")  # and there are no documents here
        assert "must be text in UTF-8" in found.stdout
        asked = jawab("ask", "متى؟", cwd=doctor.root)
        assert (asked.returncode, asked.stdout) == (2, "")
        assert "must be text in UTF-8" in asked.stderr

    def test_one_setting_that_hides_another(self, doctor: Doctor) -> None:
        doctor.write("JAWAB_WATCH=0\nJAWAB_UPLOAD_MB=5\nJAWAB_WEBHOOK_SECRET=hidden-one\n")
        doctor.set(JAWAB_WATCH="1", JAWAB_UPLOAD_MB="5", JAWAB_WEBHOOK_SECRET="hidden-two")
        (doctor.root / ".env").chmod(0o644)
        report = doctor.says()
        said = report.said(State.WARNING)
        assert "JAWAB_WATCH of .env is not in force" in said
        assert "JAWAB_WEBHOOK_SECRET of .env is not in force" in said
        assert "JAWAB_UPLOAD_MB of" not in said
        assert "others on this machine can read .env" in said
        assert "hidden" not in str(report.found)

    def test_what_may_not_be_read_or_written(self, doctor: Doctor) -> None:
        closed = doctor.documents / "نابلس.txt"
        closed.chmod(0)
        if os.access(closed, os.R_OK):
            pytest.skip("this user may do everything")
        doctor.home.mkdir(mode=0o500)
        report = doctor.says()
        assert "this user may not read نابلس.txt" in report.said(State.WARNING)
        assert "cannot be written; set JAWAB_HOME" in report.said(State.PROBLEM)

    def test_what_hangs_is_told_and_left(self) -> None:
        def look() -> Iterator[Finding]:
            yield ok("documents", "some")
            time.sleep(30)

        started = time.monotonic()
        first, second = Examination("documents", 0.2, look).findings()
        assert time.monotonic() - started < 5
        assert (first.said, second.state) == ("some", State.PROBLEM)
        assert "no answer within 0.2 s" in second.said

    def test_a_mistake_of_ours_is_a_line_too(self) -> None:
        def look() -> Iterator[Finding]:
            raise KeyError("a")

        (found,) = Examination("index", 5, look).findings()
        assert found.state is State.PROBLEM
        assert "KeyError" in found.said


class TestState:
    @pytest.fixture
    def file(self, doctor: Doctor) -> Path:
        file = doctor.root / "state.sqlite"
        doctor.set(TELEGRAM_BOT_TOKEN=TOKEN, JAWAB_STATE=str(file))
        return file

    def test_one_that_is_sound_damaged_or_not_there(self, doctor: Doctor, file: Path) -> None:
        assert "which the bot makes" in doctor.says().one("state").said
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("CREATE TABLE a AS SELECT randomblob(90000)")
            connection.commit()
        assert "others on this machine" in doctor.says().one("state").said
        file.chmod(0o600)
        found = doctor.says().one("state")
        assert (found.state, found.said.rpartition(", ")[2]) == (State.OK, "sound")
        assert [path.name for path in doctor.root.glob("state*")] == ["state.sqlite"]
        file.write_bytes(file.read_bytes()[:20_000])
        assert "is damaged (" in doctor.says().one("state").said
        file.write_text("no database")
        assert "is damaged (" in doctor.says().one("state").said


class TestTelegram:
    @pytest.fixture
    def server(self, doctor: Doctor) -> Iterator[BotApiServer]:
        with BotApiServer() as running:
            doctor.set(TELEGRAM_BOT_TOKEN=TOKEN, JAWAB_TELEGRAM_API_URL=running.url)
            yield running

    def test_a_token_that_is_known(self, doctor: Doctor, server: BotApiServer) -> None:
        report = doctor.says(offline=False)
        assert f"the token is @{server.bot['username']}'s" in report.one("telegram").said
        assert report.one("telegram").state is State.OK
        assert "none set at Telegram" in report.one("webhook").said
        assert {call.method for call in server.calls()} == {"getMe", "getWebhookInfo"}
        assert TOKEN.partition(":")[2] not in str(report.found)
        assert not doctor.says().of("telegram")

    def test_one_that_is_not(self, doctor: Doctor, server: BotApiServer) -> None:
        doctor.set(TELEGRAM_BOT_TOKEN=f"{TOKEN}x")
        found = doctor.says(offline=False).one("telegram")
        assert found.state is State.PROBLEM
        assert "copy it again from @BotFather" in found.said
        assert server.url not in found.said

    def test_a_webhook_that_is_another(self, doctor: Doctor, server: BotApiServer) -> None:
        hook = "https://bot.example.org/secret-path"
        doctor.set(JAWAB_WEBHOOK_URL=hook)
        assert "not set at Telegram yet" in doctor.says(offline=False).one("webhook").said
        for url, said in ((hook, "as in the settings"), (f"{hook}2", "not to JAWAB_WEBHOOK_URL")):
            server._api_set_webhook({"url": url})
            report = doctor.says(offline=False)
            assert said in report.one("webhook").said
            assert "secret-path" not in str(report.found)
        doctor.set(JAWAB_WEBHOOK_URL="")
        found = doctor.says(offline=False).one("webhook")
        assert found.state is State.WARNING
        assert "while the settings say to poll" in found.said

    def test_one_that_is_away_silent_or_mad(self, doctor: Doctor, server: BotApiServer) -> None:
        server.fail_next("getMe", status=502, description="Bad Gateway")
        assert doctor.says(offline=False).one("telegram").state is State.PROBLEM
        server.delay_next("getMe", 60)
        started = time.monotonic()
        assert doctor.says(offline=False).one("telegram").state is State.PROBLEM
        assert time.monotonic() - started < 15
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        doctor.set(JAWAB_TELEGRAM_API_URL=f"http://me:hidden-word@127.0.0.1:{port}")
        found = doctor.says(offline=False)
        assert "127.0.0.1 cannot be reached (" in found.one("telegram").said
        assert "--offline" in found.one("telegram").said
        for secret in ("hidden-word", TOKEN.partition(":")[2]):
            assert secret not in str(found.found)


class TestCommand:
    def test_lines_json_and_status(self, jawab: Jawab, doctor: Doctor) -> None:
        settings = {"JAWAB_DOCS": str(doctor.documents), "cwd": doctor.root, "home": doctor.home}
        lines = jawab("doctor", **settings)
        assert lines.returncode == 0
        assert "\x1b" not in lines.stdout
        states = [line.split()[0] for line in lines.stdout.splitlines()]
        assert set(states) == {"ok", "warning"}
        warnings = states.count("warning")
        assert lines.stderr == f"jawab: {warnings} warnings; each says what to do.\n"
        found = jawab("doctor", "--json", "--engine", "lucene", **settings)
        report = json.loads(found.stdout)
        assert (found.returncode, found.stderr, report["state"]) == (1, "", "problem")
        assert {"state": "problem", "what": "settings"}.items() <= max(
            report["findings"], key=lambda one: one["state"] == "problem"
        ).items()

    @pytest.mark.parametrize(("setting", "colored"), [({}, True), ({"NO_COLOR": "1"}, False)])
    def test_a_terminal_is_given_colours_and_lines_that_fit(
        self, doctor: Doctor, setting: dict[str, str], *, colored: bool
    ) -> None:
        (doctor.documents / "a very long name of a file that holds nothing.txt").touch()
        (doctor.documents / "a.txt").write_text(article("غزة", HEBRON), "utf-8")
        process, terminal = pty.fork()
        if process == 0:
            program = [sys.executable, "-c", "from bot.cli import main; main()", "doctor"]
            settings = {
                "PYTHONPATH": str(ROOT),
                "JAWAB_DOCS": str(doctor.documents),
                "JAWAB_HOME": str(doctor.home),
                "COLUMNS": "60",
                "TERM": "xterm",
                "PATH": os.environ["PATH"],
                "LANG": "C.UTF-8",
            }
            os.execve(program[0], program, settings | setting)  # noqa: S606 - our own program
        shown = b""
        while True:
            try:
                part = os.read(terminal, 65_536)
            except OSError:
                break
            shown += part
        _, status = os.waitpid(process, 0)
        os.close(terminal)
        assert os.waitstatus_to_exitcode(status) == 0
        text = shown.decode()
        assert ("\x1b[" in text) == colored
        if not colored:
            lines = text.split("\r\n")
            assert max(map(len, lines)) <= 60
            assert any(line.startswith(" " * 21) for line in lines)
