"""Documents that vanish and change while they are read, and files that cannot be read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace as replaced
from pathlib import Path

import pytest

from index import DocumentsNotFoundError, Index
from index.listing import UNREAD, compare, list_documents
from tests.index.changing import article, assert_as_fresh, write
from tests.index.opening import LONG_AGO

FILES = 6
BOTH_LAYOUTS = pytest.mark.usefixtures("_both_layouts")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Documents that are read one after the other."""
    monkeypatch.setattr("index.reading._BATCH_FILES", 1)
    for number in range(FILES):
        write(tmp_path / "documents" / f"{number}.txt", article(number))
    return tmp_path / "documents"


def vanish(folder: Path) -> None:
    (folder / f"{FILES - 1}.txt").unlink()


def grow(folder: Path) -> None:
    with (folder / f"{FILES - 1}.txt").open("a", encoding="utf-8") as file:
        file.write(article(70))


def shrink(folder: Path) -> None:
    write(folder / f"{FILES - 1}.txt", "")


def replace(folder: Path) -> None:
    write(folder / "other", article(80))
    (folder / "other").replace(folder / f"{FILES - 1}.txt")


def become_a_folder(folder: Path) -> None:
    vanish(folder)
    write(folder / f"{FILES - 1}.txt" / "within.txt", article(90))


class TestAmidABuild:
    @pytest.mark.parametrize("change", [vanish, grow, shrink, replace, become_a_folder])
    @BOTH_LAYOUTS
    def test_a_file_is_another(
        self,
        folder: Path,
        tmp_path: Path,
        change: Callable[[Path], None],
    ) -> None:
        home = tmp_path / "home"
        left = [change]

        def progress(*_: object) -> None:
            if left:
                left.pop()(folder)

        Index.open(folder, home, progress=progress).close()

        assert left == []
        with Index.open(folder, home) as index:
            assert_as_fresh(index, folder, tmp_path / "fresh")
        for path in folder.rglob("*"):
            os.utime(path, (LONG_AGO, LONG_AGO))
        assert [Index.open(folder, home).built for _ in range(2)] == [False] * 2

    @BOTH_LAYOUTS
    def test_the_folder_is_gone_and_comes_back(
        self,
        folder: Path,
        tmp_path: Path,
    ) -> None:
        home, away = tmp_path / "home", tmp_path / "away"
        told: list[str] = []

        def progress(*_: object) -> None:
            if folder.exists():
                folder.rename(away)

        Index.open(folder, home, progress=progress, notify=told.append).close()

        assert len(told) == FILES - 1
        assert all("is left out: it cannot be read" in line for line in told)
        with pytest.raises(DocumentsNotFoundError):
            Index.open(folder, home)
        assert Index.open(folder, home, as_it_is=True).collection.sizes.documents == 1
        away.rename(folder)
        # Their sizes and times are those that were listed, but they were not read.
        with Index.open(folder, home) as index:
            assert index.collection.sizes.documents == FILES
            assert_as_fresh(index, folder, tmp_path / "fresh")

    @BOTH_LAYOUTS
    def test_all_documents_are_gone_amid_a_change(
        self,
        folder: Path,
        tmp_path: Path,
    ) -> None:
        home = tmp_path / "home"
        Index.open(folder, home).close()
        for path in folder.iterdir():
            path.write_bytes(b"")

        for _ in range(2):
            with pytest.raises(Exception, match="holds no document with text"):
                Index.open(folder, home)
            assert Index.open(folder, home, as_it_is=True).collection.sizes.documents == FILES


class TestUnreadable:
    def test_what_is_no_file_is_passed_over(self, folder: Path, tmp_path: Path) -> None:
        (folder / "nowhere.txt").symlink_to(folder / "missing")
        (folder / "loop.txt").symlink_to(folder / "loop.txt")
        (folder / "folder.txt").mkdir()
        (folder / "empty.pdf").mkdir()
        if hasattr(os, "mkfifo"):
            os.mkfifo(folder / "pipe.txt")
        if Path("/proc/self/mem").exists():
            (folder / "memory.txt").symlink_to("/proc/self/mem")
        code = (
            "import sys; from pathlib import Path; from index import Index; told = []\n"
            "for _ in range(2):\n"
            "    index = Index.open(Path(sys.argv[1]), Path(sys.argv[2]), notify=told.append)\n"
            "    print(index.built, index.collection.sizes.documents, told)"
        )

        done = subprocess.run(  # apart, as it might hang
            [sys.executable, "-c", code, folder, tmp_path / "home"],
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=True,
        )

        first, again = done.stdout.splitlines()
        assert first.startswith(f"True {FILES} ")
        assert again.startswith(f"False {FILES} ")
        assert "Traceback" not in done.stderr

    def test_it_is_read_as_soon_as_it_can_be(self, folder: Path) -> None:
        listed = list_documents(folder)
        known = {file.name: (file.size, file.modified) for file in listed}
        known["0.txt"] = (known["0.txt"][0], UNREAD)
        broken = [
            replaced(file, location=str(folder / "missing"))  # where nothing can be opened
            for file in listed
        ]

        assert [file.name for file in compare(listed, known).read] == ["0.txt"]
        assert not compare(broken, known)

    def test_who_may_read_it_changes_no_time(self, folder: Path, tmp_path: Path) -> None:
        path = folder / "0.txt"
        path.chmod(0)
        if os.access(path, os.R_OK):
            pytest.skip("this user may read everything")
        home = tmp_path / "home"
        assert Index.open(folder, home).collection.sizes.documents == FILES - 1
        assert not Index.open(folder, home).built

        path.chmod(0o600)

        assert Index.open(folder, home).collection.sizes.documents == FILES


def test_the_folder_is_a_link_that_is_turned(tmp_path: Path) -> None:
    for number in range(2):
        write(tmp_path / f"{number}" / "a.txt", article(number))
    link, home = tmp_path / "link", tmp_path / "home"
    for number in (0, 1, 0):
        link.unlink(missing_ok=True)
        link.symlink_to(tmp_path / f"{number}")
        with Index.open(link, home) as index:
            assert f"الوزير {number} " in index.ask("ماذا قال الوزير؟").hits[0].sentence
    shutil.rmtree(tmp_path / "0")
    with pytest.raises(DocumentsNotFoundError):
        Index.open(link, home)
