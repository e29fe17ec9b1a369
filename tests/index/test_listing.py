"""Which files there are, and which of them changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from index import DocumentsError
from index.listing import Change, Listed, compare, list_documents
from tests.index.opening import LONG_AGO


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.txt", "a.md", "folder/c.txt", "picture.xyz", ".hidden.txt"):
        path = tmp_path / "documents" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text("نص", "utf-8")
        os.utime(path, ns=(0, LONG_AGO * 10**9 + 7))
    return tmp_path / "documents"


def known(listed: list[Listed]) -> dict[str, tuple[int, int]]:
    return {file.name: (file.size, file.modified) for file in listed}


class TestList:
    def test_documents_by_path_with_size_and_time(self, folder: Path) -> None:
        found = list_documents(folder)

        assert [file.name for file in found] == ["a.md", "b.txt", "folder/c.txt"]
        assert {(file.size, file.modified) for file in found} == {(4, LONG_AGO * 10**9 + 7)}
        assert [Path(file.path) for file in found] == [folder / file.name for file in found]

    def test_a_single_document_by_its_name(self, folder: Path) -> None:
        [found] = list_documents(folder / "b.txt")

        assert (found.name, found.size) == ("b.txt", 4)

    def test_a_file_just_written_may_be_written_again(self, folder: Path) -> None:
        (folder / "b.txt").write_text("نص آخر", "utf-8")

        assert [file.modified for file in list_documents(folder)][1] == -1

    def test_a_folder_that_is_not_there(self, folder: Path) -> None:
        with pytest.raises(DocumentsError):
            list_documents(folder / "missing")

    def test_a_link_to_nothing(self, folder: Path) -> None:
        (folder / "link.txt").symlink_to(folder / "missing.txt")

        assert "link.txt" not in [file.name for file in list_documents(folder)]


class TestCompare:
    def test_nothing_changed(self, folder: Path) -> None:
        listed = list_documents(folder)

        assert not compare(listed, known(listed))
        assert compare(listed, known(listed)) == Change((), ())

    def test_new_and_gone_and_changed(self, folder: Path) -> None:
        before = known(list_documents(folder))
        (folder / "a.md").rename(folder / "d.md")
        (folder / "b.txt").write_text("نص آخر", "utf-8")
        os.utime(folder / "b.txt", ns=(0, LONG_AGO * 10**9 + 7))
        os.utime(folder / "folder" / "c.txt", ns=(0, LONG_AGO * 10**9 + 8))

        change = compare(list_documents(folder), before)

        assert [file.name for file in change.read] == ["b.txt", "d.md", "folder/c.txt"]
        assert change.gone == ("a.md",)
        assert change.size == sum(file.size for file in change.read)

    def test_what_may_be_written_again_is_read_again(self, folder: Path) -> None:
        (folder / "b.txt").write_text("نص آخر", "utf-8")
        listed = list_documents(folder)

        assert [file.name for file in compare(listed, known(listed)).read] == ["b.txt"]

    def test_only_gone_is_a_change(self, folder: Path) -> None:
        before = known(list_documents(folder))
        (folder / "b.txt").unlink()

        change = compare(list_documents(folder), before)

        assert change
        assert (change.read, change.gone, change.size) == ((), ("b.txt",), 0)
