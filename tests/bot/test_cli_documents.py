"""`jawab add` and `jawab remove`, as processes over real files."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bot.conftest import ROOT, Jawab, Result
from tests.documents import article, question_about, write_articles

HEBRON, GAZA = "12 مارس 2026", "20 مايو 2024"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_articles(tmp_path / "documents", الخليل=HEBRON, نابلس=HEBRON)


@pytest.fixture
def run(jawab: Jawab, folder: Path, home: Path) -> Callable[..., Result]:
    """Return a function that runs `jawab` over the folder."""

    def run(*arguments: str | Path, **more: object) -> Result:
        return jawab(*map(str, arguments), home=home, JAWAB_DOCS=str(folder), **more)

    return run


def names(folder: Path) -> list[str]:
    """Return every file under a folder, hidden ones too."""
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


BEFORE = ["الخليل.txt", "نابلس.txt"]
Run = Callable[..., Result]


class TestAdding:
    def test_a_file_is_copied_and_answers(self, run: Run, folder: Path, tmp_path: Path) -> None:
        file = write_articles(tmp_path / "new", غزة=GAZA) / "غزة.txt"
        result = run("add", file)
        assert (result.returncode, result.stderr) == (0, "")
        header, row = result.stdout.splitlines()
        assert header.split() == ["id", "sentences", "file", "title"]
        assert row.split()[1:3] == ["2", "غزة.txt"]
        assert "افتتحت بلدية غزة" in row
        assert (folder / "غزة.txt").read_bytes() == file.read_bytes()
        asked = run("ask", question_about("غزة"))
        assert GAZA in asked.stdout
        assert asked.stderr == ""

    def test_a_folder_keeps_its_order_and_an_archive_counts(
        self, run: Run, folder: Path, tmp_path: Path
    ) -> None:
        new = tmp_path / "أخبار"
        write_articles(new / "2024", غزة=GAZA)
        (new / "page.exe").write_text("no document")
        (new / "empty.txt").touch()
        rows = [{"text": article(place, GAZA)} for place in ("يافا", "حيفا", "عكا")]
        (new / "all.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        result = run("add", new)
        assert result.returncode == 0
        assert result.stderr.splitlines() == [
            f"jawab: {new}/empty.txt is not added: it holds no text."
        ]
        assert "3 documents           6  أخبار/all.jsonl" in result.stdout
        assert names(folder) == sorted([*BEFORE, "أخبار/2024/غزة.txt", "أخبار/all.jsonl"])

    def test_standard_input_is_named_after_its_title_or_as_asked(
        self, run: Run, folder: Path
    ) -> None:
        assert run("add", "-", stdin=article("غزة", GAZA)).returncode == 0
        assert run("add", "-", "--name", "../يافا", stdin=article("يافا", GAZA)).returncode == 0
        title = "افتتحت بلدية غزة مكتبة عامة في 20 مايو 2024.txt"
        assert names(folder) == sorted([*BEFORE, title, "يافا.txt"])

    @pytest.mark.parametrize(
        ("stdin", "options", "said"),
        [
            ("", (), "holds no text"),
            (" \n", ("--name", "a.txt"), "holds no text"),
            ("نص.", ("--name", "a.jsonl"), "must end in .txt or .md"),
            ("نص.", ("--name", "..."), "another --name"),
        ],
    )
    def test_what_cannot_come_from_standard_input(
        self, run: Run, folder: Path, stdin: str, options: tuple[str, ...], said: str
    ) -> None:
        result = run("add", "-", *options, stdin=stdin)
        assert (result.returncode, result.stdout) == (2, "")
        assert said in result.stderr
        assert names(folder) == BEFORE

    def test_one_that_cannot_be_read_keeps_all_out(
        self, run: Run, folder: Path, tmp_path: Path
    ) -> None:
        new = write_articles(tmp_path / "new", غزة=GAZA)
        (new / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
        (new / "a.exe").touch()
        for bad, said in (
            ("picture.txt", "it is not a text file"),
            ("a.exe", "Jawab reads .txt"),
            ("none.txt", "no file or folder"),
        ):
            result = run("add", new / "غزة.txt", new / bad)
            assert (result.returncode, result.stdout) == (2, "")
            (line,) = result.stderr.splitlines()
            assert bad in line
            assert said in line
        assert names(folder) == BEFORE

    def test_a_known_text_is_not_added_and_its_document_named(
        self, run: Run, folder: Path, tmp_path: Path
    ) -> None:
        new = tmp_path / "new"
        new.mkdir()
        for name, place in (("a", "نابلس"), ("b", "غزة"), ("c", "غزة")):
            (new / f"{name}.txt").write_text(article(place, HEBRON), "utf-16")
        result = run("add", *(new / f"{name}.txt" for name in "abc"))
        assert result.returncode == 0
        assert [line.partition(": its text ")[2] for line in result.stderr.splitlines()] == [
            "is among the documents already, as نابلس.txt.",
            f"is among the documents already, as {new / 'b.txt'}.",
        ]
        assert names(folder) == ["b.txt", *BEFORE]
        assert run("add", new / "b.txt").stdout == ""

    def test_an_archive_is_known_by_its_bytes(self, run: Run, folder: Path, tmp_path: Path) -> None:
        file = tmp_path / "all.jsonl"
        rows = [json.dumps({"text": article(place, GAZA)}) for place in ("يافا", "حيفا")]
        file.write_text("\n".join(rows))
        assert "2 documents" in run("add", file).stdout
        again = run("add", file)
        assert "is among the documents already, as all.jsonl." in again.stderr
        file.write_text("\n".join([*rows, json.dumps({"text": article("عكا", GAZA)})]))
        assert "3 documents" in run("add", file).stdout
        assert names(folder) == sorted([*BEFORE, "all.jsonl", "all-2.jsonl"])

    def test_a_name_that_is_taken_gets_a_number(
        self, run: Run, folder: Path, tmp_path: Path
    ) -> None:
        new = write_articles(tmp_path / "new", نابلس=GAZA)
        assert run("add", new / "نابلس.txt").returncode == 0
        assert (folder / "نابلس.txt").read_text("utf-8") == article("نابلس", HEBRON)
        assert (folder / "نابلس-2.txt").read_text("utf-8") == article("نابلس", GAZA)

    def test_the_first_document_makes_the_folder(
        self, jawab: Jawab, tmp_path: Path, home: Path
    ) -> None:
        new = write_articles(tmp_path / "new", غزة=GAZA)
        for docs in (tmp_path / "none-yet", tmp_path / "empty"):
            if docs.name == "empty":
                docs.mkdir()
            assert jawab("add", str(new), home=home, JAWAB_DOCS=str(docs)).returncode == 0
            assert names(docs) == ["new/غزة.txt"]
        far = str(tmp_path / "no" / "where")
        assert jawab("add", str(new), home=home, JAWAB_DOCS=far).returncode == 2

    def test_where_nothing_can_be_added(self, jawab: Jawab, run: Run, folder: Path) -> None:
        single = jawab("add", str(ROOT / "LICENSE"), JAWAB_DOCS=str(folder / "نابلس.txt"))
        assert "single file" in single.stderr
        inside = run("add", folder / "نابلس.txt")
        assert "in the documents folder" in inside.stderr
        around = run("add", folder.parent)
        assert "holds the documents folder" in around.stderr
        unused = run("add", ROOT / "LICENSE", "--name", "a.txt")
        assert [one.returncode for one in (single, inside, around, unused)] == [2, 2, 2, 2]

    def test_an_index_that_cannot_be_built_takes_the_files_back(
        self, run: Run, folder: Path, tmp_path: Path
    ) -> None:
        new = write_articles(tmp_path / "new", غزة=GAZA)
        program = (
            "import bot.incoming, pathlib, sys\n"
            "put = bot.incoming.put\n"
            f"lexicon = pathlib.Path({str(tmp_path / 'own.tsv')!r})\n"
            "def spoil(*given):\n"
            "    lexicon.unlink()\n"
            "    return put(*given)\n"
            "bot.incoming.put = spoil\n"
            "from bot.cli import main; main(sys.argv[1:])"
        )
        (tmp_path / "own.tsv").write_text("", "utf-8")
        run("index")
        result = subprocess.run(
            [sys.executable, "-c", program, "add", str(new), "--docs", str(folder)],
            cwd=ROOT,
            env={"JAWAB_HOME": str(tmp_path / "home"), "JAWAB_LEXICON": str(tmp_path / "own.tsv")},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert result.returncode == 2
        assert "own.tsv" in result.stderr
        assert names(folder) == BEFORE
        assert not (folder / "new").exists()


class TestRemoving:
    def test_by_id_or_path_and_back_again(self, run: Run, folder: Path, home: Path) -> None:
        name = run("sources").stdout.splitlines()[1].split()[0]
        result = run("remove", name)
        assert result.returncode == 0
        removed, back = result.stdout.splitlines()
        assert removed.startswith("removed ")
        kept = home / "removed" / "الخليل.txt"
        assert back == f"to have it back: jawab add {shlex.quote(str(kept))}"
        assert names(folder) == ["نابلس.txt"]
        assert run("add", kept).returncode == 0
        assert HEBRON in run("ask", question_about("الخليل")).stdout
        assert run("remove", folder / "نابلس.txt").returncode == 0
        assert names(folder) == ["الخليل.txt"]

    def test_every_file_of_the_same_text_goes(self, run: Run, folder: Path, home: Path) -> None:
        (folder / "copy.txt").write_text(article("نابلس", HEBRON), "utf-8")
        assert run("remove", "نابلس.txt").returncode == 0
        assert names(folder) == ["الخليل.txt"]
        assert names(home / "removed") == ["copy.txt", "نابلس.txt"]

    def test_a_document_among_others_stays_and_their_file_can_go(
        self, run: Run, folder: Path
    ) -> None:
        rows = [{"text": article(place, GAZA)} for place in ("يافا", "حيفا")]
        (folder / "all.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        refused = run("remove", "all.jsonl#2")
        assert refused.returncode == 2
        assert "all.jsonl (#2) with 1 other document;" in refused.stderr
        assert names(folder) == ["all.jsonl", *BEFORE]
        assert run("remove", "all.jsonl").returncode == 0
        assert names(folder) == BEFORE

    def test_the_last_ones_stay(self, run: Run, folder: Path) -> None:
        every = run("remove", *BEFORE)
        assert (every.returncode, every.stdout) == (2, "")
        assert "nothing is removed" in every.stderr
        assert names(folder) == BEFORE
        assert run("remove", BEFORE[0]).returncode == 0
        assert run("remove", BEFORE[1]).returncode == 2
        assert names(folder) == BEFORE[1:]

    def test_an_unknown_one_is_named(self, run: Run, folder: Path) -> None:
        result = run("remove", "000000000000")
        assert result.returncode == 2
        assert "000000000000" in result.stderr
        assert names(folder) == BEFORE

    def test_a_home_among_the_documents_does_not_bring_it_back(
        self, jawab: Jawab, folder: Path
    ) -> None:
        settings = {"home": folder / "home", "JAWAB_DOCS": str(folder)}
        assert jawab("remove", "نابلس.txt", **settings).returncode == 0
        assert len(jawab("sources", **settings).stdout.splitlines()) == 2
        assert (folder / "home" / ".removed" / "نابلس.txt").exists()
