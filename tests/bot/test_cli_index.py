"""`jawab index` and `sources`: what they show, engines, Ctrl-C, the folder watched."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.conftest import ROOT, Jawab
from tests.documents import article, question_about, write_articles, write_many

HEBRON, GAZA = "12 مارس 2026", "20 مايو 2024"
PROGRAM = [sys.executable, "-c", "from bot.cli import main; main()"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_articles(tmp_path / "documents", الخليل=HEBRON, نابلس=HEBRON)


def rows(output: str) -> dict[str, str]:
    """Return the table that `jawab index` prints."""
    return {
        name: value.strip()
        for name, value in (r.split(maxsplit=1) for r in output.split("\n") if r)
    }


def environment(folder: Path, home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JAWAB_")}
    return {**kept, "PYTHONPATH": str(ROOT), "JAWAB_HOME": str(home), "JAWAB_DOCS": str(folder)}


class TestIndex:
    def test_it_says_what_it_holds_and_what_was_done(
        self, jawab: Jawab, folder: Path, home: Path
    ) -> None:
        first = jawab("index", home=home, JAWAB_DOCS=str(folder))
        second = jawab("index", home=home, JAWAB_DOCS=str(folder))
        write_articles(folder, غزة=GAZA, نابلس=GAZA)
        (folder / "الخليل.txt").unlink()
        third = jawab("index", home=home, JAWAB_DOCS=str(folder))
        found = rows(first.stdout)
        assert list(found) == [
            *("index", "documents", "passages", "sentences", "terms", "engine", "size", "seconds"),
        ]
        assert (found["index"], found["documents"], found["sentences"]) == ("built", "2", "4")
        assert found["engine"] == "rank_bm25 (auto: fewer than 10,000 sentences)"
        assert found["size"].endswith(" KB")
        assert rows(second.stdout)["index"] == "up to date"
        assert rows(third.stdout)["index"] == "changed: 1 came, 1 changed, 1 went"
        assert [one.returncode for one in (first, second, third)] == [0, 0, 0]

    def test_what_is_left_out_is_named_every_time(
        self, jawab: Jawab, folder: Path, home: Path
    ) -> None:
        (folder / "empty.txt").touch()
        for _ in range(2):
            result = jawab("index", home=home, JAWAB_DOCS=str(folder))
            assert result.stderr.splitlines() == ["jawab: empty.txt is left out: it holds no text."]

    def test_the_same_text_twice_is_one_document_with_both_paths(
        self, jawab: Jawab, folder: Path, home: Path
    ) -> None:
        (folder / "copy.txt").write_text(article("نابلس", HEBRON), "utf-8")
        settings = {"home": home, "JAWAB_DOCS": str(folder)}
        listed = jawab("sources", **settings).stdout.splitlines()
        assert len(listed) == 3
        assert "copy.txt (+1)" in listed[1]
        asked = jawab("ask", "--json", question_about("نابلس"), **settings).stdout
        assert '"path": "copy.txt", "also": ["نابلس.txt"]' in asked

    @pytest.mark.parametrize("how", ["option", "setting"])
    def test_an_engine_of_ones_choice(
        self, jawab: Jawab, folder: Path, home: Path, how: str
    ) -> None:
        option = ("--engine", "tantivy") if how == "option" else ()
        setting = {} if how == "option" else {"JAWAB_ENGINE": "Tantivy"}
        found = jawab("index", *option, home=home, JAWAB_DOCS=str(folder), **setting)
        assert rows(found.stdout)["engine"] == "tantivy (as set)"
        asked = ("ask", *option, question_about("نابلس"))
        answered = jawab(*asked, home=home, JAWAB_DOCS=str(folder), **setting)
        assert HEBRON in answered.stdout
        seen = jawab("doctor", *option, home=home, JAWAB_DOCS=str(folder), **setting)
        assert "tantivy (as set)" in seen.stdout

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("JAWAB_ENGINE", "lucene", "auto, rank_bm25, tantivy or qdrant"),
            ("JAWAB_FIELDS", "title", "title=headline"),
            ("JAWAB_FIELDS", "name=headline", "title=headline"),
        ],
    )
    def test_a_malformed_setting_is_one_clear_sentence(
        self, jawab: Jawab, name: str, value: str, said: str
    ) -> None:
        token = {"TELEGRAM_BOT_TOKEN": "1:abc"}
        for command in (("ask", "متى؟"), ("index",), ("sources",), ("bot",)):
            result = jawab(*command, **{name: value}, **token)
            assert (result.returncode, result.stdout) == (2, "")
            (line,) = result.stderr.splitlines()
            assert name in line
            assert said in line

    def test_fields_of_archives_are_named_in_a_setting(
        self, jawab: Jawab, tmp_path: Path, home: Path
    ) -> None:
        file = tmp_path / "a.csv"
        file.write_text(f"خبر;متى\n{article('غزة', GAZA)};2020-01-02\n", "utf-8")
        settings = {"home": home, "JAWAB_DOCS": str(file)}
        assert "no field for the text" in jawab("index", **settings).stderr
        listed = jawab("sources", JAWAB_FIELDS="text=خبر,date=متى", **settings).stdout
        assert "2/1/2020" in listed

    def test_evaluation_by_another_engine_gives_the_same_table(self, jawab: Jawab) -> None:
        gold = str(ROOT / "tests" / "seeds-dev.jsonl")
        ours = jawab("eval", gold)
        assert jawab("eval", gold, "--engine", "tantivy").stdout == ours.stdout
        assert jawab("eval", gold, "--engine", "lucene").returncode == 2


class TestSources:
    def test_the_documents_are_listed(self, jawab: Jawab) -> None:
        header, first, second = jawab("sources").stdout.splitlines()
        assert header.split() == ["id", "date", "sentences", "file", "agency", "title"]
        assert "27/11/2025" in first
        assert "كونا" in first
        assert "000_553e78b3a7aca04d.txt" in first
        assert "وكالات" in second

    def test_some_of_them_and_how_many_more_there_are(self, jawab: Jawab) -> None:
        result = jawab("sources", "--limit", "1")
        assert len(result.stdout.splitlines()) == 2
        assert result.stderr == "jawab: 1 more; --limit 2 lists them all.\n"

    def test_many_come_a_line_each(self, jawab: Jawab, tmp_path: Path, home: Path) -> None:
        lines = (f'{{"text": "الخبر رقم {n} من الأخبار."}}\n' for n in range(1100))
        (tmp_path / "a.jsonl").write_text("".join(lines), "utf-8")
        listed = jawab("sources", home=home, JAWAB_DOCS=str(tmp_path / "a.jsonl")).stdout
        assert len(listed.splitlines()) == 1101
        assert sum("a.jsonl#" in line for line in listed.splitlines()) == 1100


class TestStopping:
    """Ctrl-C amid a long build, in a terminal and without one."""

    @pytest.fixture
    def long(self, tmp_path: Path) -> Path:
        folder = tmp_path / "long"
        folder.mkdir()
        write_many(folder, 2500, sentences=25)
        return folder

    def test_a_bar_is_shown_and_the_same_command_goes_on(
        self, jawab: Jawab, long: Path, home: Path
    ) -> None:
        shown, status = self.run_in_terminal(long, home, until="sentences/s")
        assert status == 130
        assert " MB " in shown
        assert "What was done is kept, and the same command goes on" in shown
        assert "Traceback" not in shown
        assert list(home.glob("*/building/index.db"))
        done = jawab("index", home=home, JAWAB_DOCS=str(long))
        assert (done.returncode, rows(done.stdout)["documents"]) == (0, "2500")
        assert not list(home.glob("*/building"))

    def run_in_terminal(self, folder: Path, home: Path, *, until: str) -> tuple[str, int]:
        """Run `jawab index` in a terminal, and press Ctrl-C when that shows some words."""
        process, terminal = pty.fork()
        if process == 0:
            settings = {"TERM": "xterm-256color", "COLUMNS": "120"}
            os.execve(  # noqa: S606
                PROGRAM[0], [*PROGRAM, "index"], environment(folder, home) | settings
            )
        shown, pressed = b"", False
        while True:
            ready, _, _ = select.select([terminal], [], [], 60)
            assert ready
            try:
                part = os.read(terminal, 65_536)
            except OSError:
                break
            shown += part
            if not part:
                break
            if not pressed and until.encode() in shown:
                os.write(terminal, b"\x03")
                pressed = True
        _, status = os.waitpid(process, 0)
        os.close(terminal)
        return shown.decode("utf-8", "replace"), os.waitstatus_to_exitcode(status)


class Watching:
    """`jawab index --watch` in a process of its own."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.output = home.with_name("watch.log")
        with self.output.open("wb") as log:
            self.process = subprocess.Popen(
                [*PROGRAM, "index", "--watch"],
                env=environment(folder, home),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_for(self, words: str, count: int = 1) -> str:
        """Wait until it has said something, and return all that it has said."""
        deadline = time.monotonic() + 20
        while (said := self.output.read_text("utf-8")).count(words) < count:
            assert time.monotonic() < deadline, said
            assert self.process.poll() is None, said
            time.sleep(0.02)
        return said


class TestWatching:
    @pytest.fixture
    def watching(self, folder: Path, home: Path) -> Iterator[Watching]:
        running = Watching(folder, home)
        running.wait_for("watching ")
        time.sleep(1.5)  # until it does
        yield running
        running.process.kill()
        running.process.wait()

    def test_every_change_is_one_line_until_ctrl_c(
        self, watching: Watching, folder: Path, jawab: Jawab, home: Path
    ) -> None:
        write_articles(folder / "new", غزة=GAZA)
        assert ": 3 documents, 6 sentences (" in watching.wait_for("1 came")
        write_articles(folder, نابلس=GAZA)
        watching.wait_for("1 changed: 3 documents")
        (folder / "نابلس.txt").unlink()
        watching.wait_for("1 went: 2 documents")
        assert GAZA in jawab("ask", question_about("غزة"), home=home, JAWAB_DOCS=str(folder)).stdout
        (folder / "empty.txt").touch()
        assert "brought up to date" not in watching.wait_for("empty.txt is left out")
        watching.process.send_signal(signal.SIGINT)
        assert watching.process.wait(20) == 0
        assert "Traceback" not in watching.output.read_text("utf-8")

    def test_errors_are_said_and_survived(self, watching: Watching, folder: Path) -> None:
        folder.rename(folder.with_name("away"))
        watching.wait_for("is gone; waiting for it.")
        write_articles(folder)
        watching.wait_for("holds no document with text")
        write_articles(folder, غزة=GAZA)
        watching.wait_for(": 1 documents")
