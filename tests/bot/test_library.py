"""The documents in force and how files come in and go out: real files, real building processes."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.files import AddError, WrongKindError, WrongNameError, part_of, safe_name
from bot.folder import (
    Came,
    KnownTextError,
    LastDocumentError,
    NotAFolderError,
    UnreadableError,
)
from bot.library import BusyError, Library
from bot.opening import Opening
from bot.sending import StoppedError
from index import JawabError
from tests.bot.libraries import (
    GAZA,
    HEBRON,
    NABLUS,
    documents_of,
    folder,
    names,
    opening,
    short_answer,
    until,
    with_library,
)
from tests.documents import article, children, write_articles, write_many

__all__ = ["folder", "opening"]


class TestSafeName:
    @pytest.mark.parametrize(
        ("given_name", "name"),
        [
            ("خبر اليوم.txt", "خبر اليوم.txt"),
            ("A.TXT", "A.TXT"),
            ("notes.Md", "notes.Md"),
            ("../../etc/passwd.txt", "passwd.txt"),
            ("/etc/cron.d/job.md", "job.md"),
            (r"..\..\windows\win.txt", "win.txt"),
            (r"C:\documents\c.txt", "c.txt"),
            ("c:d.txt", "cd.txt"),
            (".hidden.txt", "hidden.txt"),
            ("...hidden.txt", "hidden.txt"),
            (". .hidden.txt", "hidden.txt"),
            ("\u200f.\u202ehidden.txt", "hidden.txt"),
            ("a\u202etxt.exe.txt", "atxt.exe.txt"),
            ("a\u061c\u2066b\u2069.txt", "ab.txt"),
            ("a.txt\u202c", "a.txt"),
            ("a\x00b.txt", "ab.txt"),
            ("a\nb\u2028c.txt", "abc.txt"),
            ("e\u0301.txt", "é.txt"),
            ("a\ud800.txt", "a.txt"),
            (" a .txt ", "a.txt"),
            ('<a>?*"|.txt', "a.txt"),
        ],
    )
    def test_a_name_is_kept_but_for_what_does_harm(self, given_name: str, name: str) -> None:
        assert safe_name(given_name) == name

    def test_a_long_name_is_cut_between_letters(self) -> None:
        name = safe_name("ب" * 150 + ".txt")
        assert name == "ب" * (len(name) - 4) + ".txt"
        assert 190 < len(name.encode()) < 230

    @pytest.mark.parametrize("name", [".txt", "...md", "/.txt", "a/ .txt", "\u202e.txt", "\x00.md"])
    def test_a_name_of_nothing_is_refused(self, name: str) -> None:
        with pytest.raises(WrongNameError):
            safe_name(name)

    @pytest.mark.parametrize("name", ["", "txt", "a", "a.exe", "a.txt.exe", "a.txt/b", "a.txt."])
    def test_another_ending_is_refused(self, name: str) -> None:
        with pytest.raises(WrongKindError):
            safe_name(name)

    @given(st.text(), st.sampled_from([".txt", ".md", ".TXT"]))
    def test_whatever_is_sent_stays_a_plain_file_of_the_folder(self, stem: str, end: str) -> None:
        try:
            name = safe_name(stem + end)
        except AddError:
            return
        assert Path(name).name == name
        assert not name.startswith((".", " "))
        assert name.endswith(end)
        assert len(name.encode()) < 230  # room for a number, and most file systems take 255
        assert safe_name(name) == name


class TestAdding:
    def test_a_file_answers_and_is_kept_byte_for_byte(self, opening: Opening, folder: Path) -> None:
        content = article("غزة", GAZA).encode("utf-16")

        async def use(library: Library) -> None:
            came = await library.add("غزة.txt", content)
            assert (came.file, came.documents, came.sentences) == ("غزة.txt", 1, 2)
            assert came.source.title == article("غزة", GAZA).split(". ")[0]
            assert await short_answer(library, "غزة") == GAZA
            assert await short_answer(library, "الخليل") == HEBRON

        with_library(opening, use)
        assert (folder / "غزة.txt").read_bytes() == content
        assert names(folder) == ["الخليل.txt", "غزة.txt", "نابلس.txt"]

    def test_files_of_one_name_at_once_all_stay(self, opening: Opening, folder: Path) -> None:
        texts = [article("غزة", f"{day} مايو 2024").encode() for day in (1, 2, 3)]

        async def use(library: Library) -> list[str]:
            added = await asyncio.gather(*(library.add("news.txt", text) for text in texts))
            return [came.file for came in added]

        assert with_library(opening, use) == ["news.txt", "news-2.txt", "news-3.txt"]
        kept = [(folder / name).read_bytes() for name in ("news.txt", "news-2.txt", "news-3.txt")]
        assert kept == texts

    def test_what_a_crash_left_half_written_goes_with_the_next_try(
        self, opening: Opening, folder: Path
    ) -> None:
        content = article("غزة", GAZA).encode()

        async def use(library: Library) -> str:
            part_of(folder, content).write_bytes(content[:20])
            return (await library.add("غزة.txt", content)).file

        assert with_library(opening, use) == "غزة.txt"
        assert names(folder) == ["الخليل.txt", "غزة.txt", "نابلس.txt"]

    def test_a_folder_of_that_name_is_no_hindrance(self, opening: Opening, folder: Path) -> None:
        (folder / "news.txt").mkdir()
        content = article("غزة", GAZA).encode()

        async def use(library: Library) -> str:
            return (await library.add("news.txt", content)).file

        assert with_library(opening, use) == "news-2.txt"

    @pytest.mark.parametrize("content", [b"", b" \n\t\r\n", b"\xef\xbb\xbf", bytes(range(256)) * 9])
    def test_what_holds_no_text_is_refused(
        self, opening: Opening, folder: Path, content: bytes
    ) -> None:
        async def use(library: Library) -> None:
            with pytest.raises(UnreadableError):
                await library.add("empty.txt", content)

        with_library(opening, use)
        assert names(folder) == ["الخليل.txt", "نابلس.txt"]

    def test_the_same_text_is_refused_and_its_document_named(
        self, opening: Opening, folder: Path
    ) -> None:
        content = article("الخليل", HEBRON).encode("utf-16")  # other bytes, the same text

        async def use(library: Library) -> None:
            with pytest.raises(KnownTextError, match=r"\Aالخليل\.txt\Z"):
                await library.add("again.txt", content)

        with_library(opening, use)
        assert names(folder) == ["الخليل.txt", "نابلس.txt"]

    def test_of_the_same_text_sent_twice_at_once_one_stays(
        self, opening: Opening, folder: Path
    ) -> None:
        content = article("غزة", GAZA).encode()

        async def use(library: Library) -> None:
            adding = [library.add(f"{name}.txt", content) for name in "ab"]
            first, second = await asyncio.gather(*adding, return_exceptions=True)
            assert isinstance(first, Came)
            assert first.file == "a.txt"
            assert isinstance(second, KnownTextError)
            assert str(second) == "a.txt"

        with_library(opening, use)
        assert names(folder) == ["a.txt", "الخليل.txt", "نابلس.txt"]

    def test_the_same_text_put_there_by_hand_meanwhile_is_found(
        self, opening: Opening, folder: Path
    ) -> None:
        async def use(library: Library) -> None:
            write_articles(folder, غزة=GAZA)
            with pytest.raises(KnownTextError, match=r"\Aغزة\.txt\Z"):
                await library.add("ي.txt", article("غزة", GAZA).encode())
            assert await short_answer(library, "غزة") == GAZA

        with_library(opening, use)
        assert names(folder) == ["الخليل.txt", "غزة.txt", "نابلس.txt"]

    def test_a_text_whose_file_was_deleted_by_hand_can_come_back(
        self, opening: Opening, folder: Path
    ) -> None:
        async def use(library: Library) -> str:
            (folder / "نابلس.txt").unlink()
            return (await library.add("back.txt", article("نابلس", NABLUS).encode())).file

        assert with_library(opening, use) == "back.txt"
        assert names(folder) == ["back.txt", "الخليل.txt"]

    def test_a_single_file_cannot_be_added_to(self, folder: Path, home: Path) -> None:
        async def use(library: Library) -> None:
            with pytest.raises(NotAFolderError):
                await library.add("new.txt", article("غزة", GAZA).encode())

        with_library(Opening(folder / "الخليل.txt", home), use)

    def test_a_folder_that_has_vanished_is_an_error_of_the_system(
        self, opening: Opening, folder: Path
    ) -> None:
        async def use(library: Library) -> None:
            shutil.rmtree(folder)
            with pytest.raises(FileNotFoundError):
                await library.add("new.txt", article("غزة", GAZA).encode())
            assert await short_answer(library, "نابلس") == NABLUS

        with_library(opening, use)
        assert not folder.exists()

    def test_a_build_that_fails_takes_the_file_back_and_changes_no_answer(
        self, folder: Path, home: Path, tmp_path: Path
    ) -> None:
        lexicon = tmp_path / "lexicon.txt"
        lexicon.write_text("", "utf-8")

        async def use(library: Library) -> None:
            lexicon.unlink()
            with pytest.raises(JawabError, match=r"lexicon\.txt"):
                await library.add("new.txt", article("غزة", GAZA).encode())
            assert await short_answer(library, "نابلس") == NABLUS
            assert await short_answer(library, "غزة") is None
            lexicon.write_text("", "utf-8")
            await library.add("new.txt", article("غزة", GAZA).encode())
            assert await short_answer(library, "غزة") == GAZA

        with_library(Opening(folder, home, lexicon=lexicon), use)
        assert names(folder) == ["new.txt", "الخليل.txt", "نابلس.txt"]


class TestRemoving:
    def test_the_file_is_kept_elsewhere_and_no_longer_answers(
        self, opening: Opening, folder: Path, home: Path
    ) -> None:
        async def use(library: Library) -> None:
            document = documents_of(library)[0]
            assert await library.remove(document.id) == [home / "removed" / "الخليل.txt"]
            assert await short_answer(library, "الخليل") is None
            assert await short_answer(library, "نابلس") == NABLUS
            assert await library.remove(document.id) == []
            with pytest.raises(LastDocumentError):
                await library.remove(documents_of(library)[0].id)

        with_library(opening, use)
        assert names(folder) == ["نابلس.txt"]
        kept = (home / "removed" / "الخليل.txt").read_text("utf-8")
        assert kept == article("الخليل", HEBRON)

    def test_two_files_of_one_name_are_both_kept(
        self, opening: Opening, folder: Path, home: Path
    ) -> None:
        write_articles(folder / "أخبار", الخليل=GAZA)

        async def use(library: Library) -> None:
            for document in documents_of(library):
                if document.path != "نابلس.txt":
                    await library.remove(document.id)

        with_library(opening, use)
        kept = {path.read_text("utf-8") for path in (home / "removed").iterdir()}
        assert kept == {article("الخليل", GAZA), article("الخليل", HEBRON)}

    def test_a_file_deleted_by_hand_is_no_hindrance(self, opening: Opening, folder: Path) -> None:
        async def use(library: Library) -> None:
            document = documents_of(library)[0]
            (folder / document.path).unlink()
            assert await library.remove(document.id) == []
            assert [one.path for one in documents_of(library)] == ["نابلس.txt"]

        with_library(opening, use)

    def test_what_would_leave_nothing_to_answer_from_is_put_back(
        self, opening: Opening, folder: Path
    ) -> None:
        async def use(library: Library) -> None:
            (folder / "نابلس.txt").unlink()
            with pytest.raises(JawabError):
                await library.remove(documents_of(library)[0].id)
            assert await short_answer(library, "الخليل") == HEBRON

        with_library(opening, use)
        assert names(folder) == ["الخليل.txt"]

    def test_another_file_system_takes_the_file_and_gives_it_back(
        self, folder: Path, tmp_path: Path, other_file_system: Path
    ) -> None:
        lexicon = tmp_path / "lexicon.txt"
        lexicon.write_text("", "utf-8")

        async def use(library: Library) -> None:
            document = documents_of(library)[0]
            lexicon.unlink()
            with pytest.raises(JawabError):
                await library.remove(document.id)
            assert names(folder) == ["الخليل.txt", "نابلس.txt"]
            lexicon.write_text("", "utf-8")
            (kept,) = await library.remove(document.id)
            assert kept.read_text("utf-8") == article("الخليل", HEBRON)

        with_library(Opening(folder, other_file_system, lexicon=lexicon), use)
        assert names(folder) == ["نابلس.txt"]
        assert names(other_file_system / "removed") == ["الخليل.txt"]


class TestReloading:
    def test_questions_are_answered_meanwhile_from_the_old_index(
        self, opening: Opening, folder: Path
    ) -> None:
        async def use(library: Library) -> None:
            write_many(folder, 40)
            write_articles(folder, الخليل=GAZA)
            reloading = asyncio.create_task(library.reload())
            await until(lambda: library.is_reloading)
            with pytest.raises(BusyError):
                await library.reload()
            answers = [await short_answer(library, "الخليل") for _ in range(20)]
            assert not reloading.done()
            assert set(answers) == {HEBRON}
            assert (await reloading).collection.sizes.documents == 42
            assert await short_answer(library, "الخليل") == GAZA

        with_library(opening, use)

    def test_modules_of_the_current_folder_are_left_alone(
        self, opening: Opening, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("bot", "index", "typer"):
            (tmp_path / f"{name}.py").write_text("raise SystemExit(3)", "utf-8")
        monkeypatch.chdir(tmp_path)

        async def use(library: Library) -> int:
            write_articles(folder, غزة=GAZA)
            return (await library.reload()).collection.sizes.documents

        assert with_library(opening, use) == 3

    def test_a_building_process_that_is_killed_is_an_error_with_a_reason(
        self, opening: Opening, folder: Path
    ) -> None:
        async def use(library: Library) -> None:
            before = children(os.getpid())
            write_many(folder, 200)
            reloading = asyncio.create_task(library.reload())
            await until(lambda: children(os.getpid()) - before)
            (process,) = children(os.getpid()) - before
            os.kill(process, 9)
            with pytest.raises(JawabError, match="ended with status -9"):
                await reloading
            assert children(os.getpid()) == before
            assert not library.is_reloading

        with_library(opening, use)

    def test_stopping_ends_the_building_process_and_takes_the_file_back(
        self, opening: Opening, folder: Path
    ) -> None:
        async def use(library: Library) -> None:
            before = children(os.getpid())
            write_many(folder, 200)
            adding = asyncio.create_task(library.add("new.txt", article("غزة", GAZA).encode()))
            while children(os.getpid()) == before:  # noqa: ASYNC110 - of another process
                await asyncio.sleep(0.005)
            started = time.monotonic()
            library.stop()
            with pytest.raises(StoppedError):
                await adding
            assert time.monotonic() - started < 5
            assert children(os.getpid()) == before
            with pytest.raises(StoppedError):
                await library.reload()

        with_library(opening, use)
        assert not [name for name in names(folder) if "many" not in name and "new" in name]
        assert not list(folder.glob(".*"))

    def test_what_is_cancelled_takes_its_file_back_and_the_others_come(
        self, opening: Opening, folder: Path
    ) -> None:
        async def use(library: Library) -> None:
            given_up = asyncio.create_task(library.add("a.txt", article("غزة", GAZA).encode()))
            stays = asyncio.create_task(library.add("b.txt", article("يافا", GAZA).encode()))
            await until((folder / "b.txt").exists)
            given_up.cancel()
            assert (await stays).file == "b.txt"
            assert await short_answer(library, "يافا") == GAZA

        with_library(opening, use)
        assert names(folder) == ["b.txt", "الخليل.txt", "نابلس.txt"]


@pytest.fixture
def other_file_system(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system than ``tmp_path``."""
    memory = Path("/dev/shm")  # noqa: S108 - what is looked for is just its file system
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no other file system to write to")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)
