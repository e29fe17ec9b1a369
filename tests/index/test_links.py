"""Links, pipes and devices in a documents folder, and names that lead elsewhere."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from bot.files import AddError, safe_name
from bot.incoming import Incoming, gather, put
from index import Index
from index.documents import Fields, read_documents, read_file
from index.listing import compare, list_documents
from tests.index.opening import LONG_AGO

LEADS_OUT = "it is a link that leads out of the documents folder"
SECRET = "كلمة السر هي سمسم."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A documents folder, with what must not be read beside it."""
    documents = tmp_path / "documents"
    for path, text in (
        (documents / "a.txt", "افتتحت البلدية مكتبة."),
        (documents / "folder" / "b.txt", "أغلقت البلدية حديقة."),
        (tmp_path / "outside" / "secret.txt", SECRET),
        (tmp_path / "documents-too" / "secret.txt", SECRET),
    ):
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text, "utf-8")
        os.utime(path, (LONG_AGO, LONG_AGO))
    return documents


def left_out(folder: Path) -> dict[str, str]:
    reading = read_documents(folder)
    assert all(SECRET not in document.text for document in reading.documents)
    return {one.path: one.reason for one in reading.skipped}


class TestLinks:
    def test_to_files_outside(self, folder: Path, tmp_path: Path) -> None:
        (folder / "one.txt").symlink_to(tmp_path / "outside" / "secret.txt")
        (folder / "two.txt").symlink_to("../outside/secret.txt")
        (folder / "folder" / "three.txt").symlink_to("../../documents-too/secret.txt")
        (folder / "four.txt").symlink_to("one.txt")

        assert left_out(folder) == dict.fromkeys(
            ("one.txt", "two.txt", "folder/three.txt", "four.txt"), LEADS_OUT
        )

    def test_to_folders_outside(self, folder: Path, tmp_path: Path) -> None:
        (folder / "linked").symlink_to(tmp_path / "outside")
        (folder / "folder" / "up").symlink_to(tmp_path)

        assert left_out(folder) == {"linked": LEADS_OUT, "folder/up": LEADS_OUT}

    def test_within_the_folder(self, folder: Path) -> None:
        (folder / ".kept").mkdir()
        (folder / ".kept" / "c.data").write_text("زار الوزير المدينة.", "utf-8")
        (folder / "c.txt").symlink_to(".kept/c.data")
        (folder / "again").symlink_to("folder")
        (folder / "round").symlink_to(folder)

        assert left_out(folder) == {}
        found = read_documents(folder).documents
        assert [one.path for one in found] == ["a.txt", "c.txt", "folder/b.txt"]

    def test_in_a_circle(self, folder: Path) -> None:
        (folder / "one.txt").symlink_to("two.txt")
        (folder / "two.txt").symlink_to("one.txt")
        (folder / "self").symlink_to("self")

        found = left_out(folder)

        assert found.keys() == {"one.txt", "two.txt"}
        assert all(reason.startswith("it cannot be read") for reason in found.values())

    def test_the_documents_folder_itself_may_be_one(self, folder: Path, tmp_path: Path) -> None:
        (folder / "one.txt").symlink_to("../outside/secret.txt")
        (tmp_path / "link").symlink_to(folder)

        assert left_out(tmp_path / "link") == {"one.txt": LEADS_OUT}
        assert len(read_documents(tmp_path / "link").documents) == 2

    def test_a_single_document_may_be_one(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "link.txt").symlink_to(folder / "a.txt")

        [document] = read_documents(tmp_path / "link.txt").documents

        assert document.path == "link.txt"

    def test_the_index_names_them_and_has_nothing_to_do_again(
        self, folder: Path, tmp_path: Path, home: Path
    ) -> None:
        (folder / "one.txt").symlink_to("../outside/secret.txt")
        (folder / "linked").symlink_to(tmp_path / "outside")
        (folder / "circle.txt").symlink_to("circle.txt")
        for name in ("one.txt", "linked", "circle.txt"):
            os.utime(folder / name, (LONG_AGO, LONG_AGO), follow_symlinks=False)

        index = Index.open(folder, home)
        listed = {one.name: (one.size, one.modified) for one in list_documents(folder)}
        (tmp_path / "outside" / "new.txt").write_text(SECRET, "utf-8")

        assert {one.path for one in index.skipped} == {"one.txt", "linked", "circle.txt"}
        assert not compare(list_documents(folder), listed)
        index.close()

    def test_a_file_that_becomes_one_after_it_was_listed(
        self, folder: Path, tmp_path: Path
    ) -> None:
        [listed, _] = list_documents(folder)
        listed.path.unlink()
        listed.path.symlink_to(tmp_path / "outside" / "secret.txt")

        [found] = read_file(listed.path, listed.name, Fields(), listed.root)

        assert getattr(found, "reason", None) == LEADS_OUT


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
class TestOtherThanFiles:
    def test_they_are_no_documents(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        os.mkfifo(folder / "pipe.txt")
        (folder / "null.txt").symlink_to("/dev/null")
        monkeypatch.chdir(folder)  # for the name of a socket is short
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("socket.txt")

            assert left_out(folder) == {}

    def test_a_file_that_becomes_a_pipe_after_it_was_listed(self, folder: Path) -> None:
        [listed, _] = list_documents(folder)
        listed.path.unlink()
        os.mkfifo(listed.path)

        [found] = read_file(listed.path, listed.name, Fields(), listed.root)

        assert getattr(found, "reason", None) == "it is no ordinary file"

    def test_one_cannot_be_added(self, folder: Path, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.txt")

        with pytest.raises(AddError, match="it is no ordinary file"):
            list(gather([tmp_path / "pipe.txt"], folder, Fields()))


class TestAdding:
    def test_a_link_that_is_named_adds_what_it_leads_to(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "link.txt").symlink_to(tmp_path / "outside" / "secret.txt")

        [incoming] = gather([tmp_path / "link.txt"], folder, Fields())
        assert isinstance(incoming, Incoming)
        [path] = put(folder, [incoming])

        assert path == folder / "link.txt"
        assert not path.is_symlink()
        assert path.read_text("utf-8") == SECRET

    def test_a_link_out_of_a_folder_is_left_out(self, folder: Path, tmp_path: Path) -> None:
        new = tmp_path / "new"
        new.mkdir()
        (new / "link.txt").symlink_to(tmp_path / "outside" / "secret.txt")
        (new / "within.txt").symlink_to("good.txt")
        (new / "good.txt").write_text("زار الوزير المدينة.", "utf-8")

        found = list(gather([new], folder, Fields()))

        assert [one.name if isinstance(one, Incoming) else one for one in found] == [
            "good.txt",
            f"{new / 'link.txt'} is not added: {LEADS_OUT}.",
            "within.txt",
        ]

    def test_a_folder_that_leads_out_of_the_documents_takes_nothing(
        self, folder: Path, tmp_path: Path
    ) -> None:
        new = tmp_path / "new"
        new.mkdir()
        (new / "good.txt").write_text("زار الوزير المدينة.", "utf-8")
        (folder / "new").symlink_to(tmp_path / "outside")

        [said] = gather([new], folder, Fields())

        assert isinstance(said, str)
        assert "leads out of the documents folder" in said

    @pytest.mark.parametrize(
        "name",
        [
            *(
                "../../a.txt",
                "/etc/a.txt",
                "..\\..\\a.txt",
                "C:\\a.txt",
                "....//a.txt",
                "a/../b.txt",
            ),
            *("..txt", "\0../a.txt", "a\0.txt", "\u202e../a.txt", "a.txt/../../b.txt"),
            *("ا" * 65_000 + ".txt", "\ud800.txt", "con.txt", "~/a.txt", "..／a.txt", "．．/a.txt"),
        ],
    )
    def test_no_name_leaves_its_folder(self, folder: Path, name: str) -> None:
        try:
            safe = safe_name(name)
        except AddError:
            return
        path = folder / safe
        path.write_text("x")

        assert path.resolve().parent == folder
        assert not safe.startswith(".")
