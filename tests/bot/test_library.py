"""The documents in force and how files come in and go out: real files, real building processes."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.files import AddError, WrongKindError, WrongNameError, safe_name
from bot.library import (
    BusyError,
    EmptyFileError,
    KnownTextError,
    LastDocumentError,
    Library,
    NotAFolderError,
    Source,
)
from bot.sending import StoppedError
from index import JawabError
from index.documents import make_document
from tests.documents import article, children, question_about, write_articles, write_many

T = TypeVar("T")

HEBRON, NABLUS = "12 مارس 2026", "3 أبريل 2025"
GAZA = "20 مايو 2024"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two articles."""
    return write_articles(tmp_path / "documents", الخليل=HEBRON, نابلس=NABLUS)


@pytest.fixture
def source(folder: Path, home: Path) -> Source:
    return Source(folder, home)


def with_library(source: Source, use: Callable[[Library], Awaitable[T]]) -> T:
    """Return what ``use`` does with an open library."""

    async def run() -> T:
        library = Library(source, source.open())
        try:
            return await use(library)
        finally:
            library.close()

    return asyncio.run(run())


async def short_answer(library: Library, place: str) -> str | None:
    """Return the day that the documents give for a place, or None where they say nothing of it."""
    (hit,) = (await library.ask(question_about(place), 1)).hits
    return hit.short_text if place in hit.sentence else None


def names(folder: Path) -> list[str]:
    """Return everything in a folder, hidden files too."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.005)


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

    @pytest.mark.parametrize("name", ["", "txt", "a", "a.pdf", "a.txt.exe", "a.txt/b", "a.txt."])
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
    def test_a_file_answers_and_is_kept_byte_for_byte(self, source: Source, folder: Path) -> None:
        content = article("غزة", GAZA).encode("utf-16")

        async def use(library: Library) -> None:
            document, sentences = await library.add("غزة.txt", content)
            assert (document.path, sentences) == ("غزة.txt", 2)
            assert document.title == article("غزة", GAZA).split(". ")[0]
            assert await short_answer(library, "غزة") == GAZA
            assert await short_answer(library, "الخليل") == HEBRON

        with_library(source, use)
        assert (folder / "غزة.txt").read_bytes() == content
        assert names(folder) == ["الخليل.txt", "غزة.txt", "نابلس.txt"]

    def test_files_of_one_name_at_once_all_stay(self, source: Source, folder: Path) -> None:
        texts = [article("غزة", f"{day} مايو 2024").encode() for day in (1, 2, 3)]

        async def use(library: Library) -> list[str]:
            added = await asyncio.gather(*(library.add("news.txt", text) for text in texts))
            return [document.path for document, _ in added]

        assert with_library(source, use) == ["news.txt", "news-2.txt", "news-3.txt"]
        kept = [(folder / name).read_bytes() for name in ("news.txt", "news-2.txt", "news-3.txt")]
        assert kept == texts

    def test_what_a_crash_left_half_written_goes_with_the_next_try(
        self, source: Source, folder: Path
    ) -> None:
        content = article("غزة", GAZA).encode()

        async def use(library: Library) -> str:
            name = make_document("غزة.txt", content.decode()).id
            (folder / f".{name}.part").write_bytes(content[:20])
            return (await library.add("غزة.txt", content))[0].path

        assert with_library(source, use) == "غزة.txt"
        assert names(folder) == ["الخليل.txt", "غزة.txt", "نابلس.txt"]

    def test_a_folder_of_that_name_is_no_hindrance(self, source: Source, folder: Path) -> None:
        (folder / "news.txt").mkdir()
        content = article("غزة", GAZA).encode()

        async def use(library: Library) -> str:
            return (await library.add("news.txt", content))[0].path

        assert with_library(source, use) == "news-2.txt"

    @pytest.mark.parametrize("content", [b"", b" \n\t\r\n", b"\xef\xbb\xbf", bytes(range(256)) * 9])
    def test_what_holds_no_text_is_refused(
        self, source: Source, folder: Path, content: bytes
    ) -> None:
        async def use(library: Library) -> None:
            with pytest.raises(EmptyFileError):
                await library.add("empty.txt", content)

        with_library(source, use)
        assert names(folder) == ["الخليل.txt", "نابلس.txt"]

    def test_the_same_text_is_refused_and_its_document_named(
        self, source: Source, folder: Path
    ) -> None:
        content = article("الخليل", HEBRON).encode("utf-16")  # other bytes, the same text

        async def use(library: Library) -> None:
            with pytest.raises(KnownTextError, match=r"\Aالخليل\.txt\Z"):
                await library.add("again.txt", content)

        with_library(source, use)
        assert names(folder) == ["الخليل.txt", "نابلس.txt"]

    def test_the_same_text_put_there_by_hand_meanwhile_is_found(
        self, source: Source, folder: Path
    ) -> None:
        async def use(library: Library) -> None:
            write_articles(folder, غزة=GAZA)
            with pytest.raises(KnownTextError, match=r"\Aغزة\.txt\Z"):
                await library.add("ي.txt", article("غزة", GAZA).encode())
            assert await short_answer(library, "غزة") == GAZA

        with_library(source, use)
        assert names(folder) == ["الخليل.txt", "غزة.txt", "نابلس.txt"]

    def test_a_text_whose_file_was_deleted_by_hand_can_come_back(
        self, source: Source, folder: Path
    ) -> None:
        async def use(library: Library) -> str:
            (folder / "نابلس.txt").unlink()
            return (await library.add("back.txt", article("نابلس", NABLUS).encode()))[0].path

        assert with_library(source, use) == "back.txt"
        assert names(folder) == ["back.txt", "الخليل.txt"]

    def test_a_single_file_cannot_be_added_to(self, folder: Path, home: Path) -> None:
        async def use(library: Library) -> None:
            with pytest.raises(NotAFolderError):
                await library.add("new.txt", article("غزة", GAZA).encode())

        with_library(Source(folder / "الخليل.txt", home), use)

    def test_a_folder_that_has_vanished_is_an_error_of_the_system(
        self, source: Source, folder: Path
    ) -> None:
        async def use(library: Library) -> None:
            shutil.rmtree(folder)
            with pytest.raises(FileNotFoundError):
                await library.add("new.txt", article("غزة", GAZA).encode())
            assert await short_answer(library, "نابلس") == NABLUS

        with_library(source, use)
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

        with_library(Source(folder, home, lexicon), use)
        assert names(folder) == ["new.txt", "الخليل.txt", "نابلس.txt"]


class TestRemoving:
    def test_the_file_is_kept_elsewhere_and_no_longer_answers(
        self, source: Source, folder: Path, home: Path
    ) -> None:
        async def use(library: Library) -> None:
            document = library.index.collection.documents[0]
            assert await library.remove(document.id) == home / "removed" / "الخليل.txt"
            assert await short_answer(library, "الخليل") is None
            assert await short_answer(library, "نابلس") == NABLUS
            assert await library.remove(document.id) is None
            with pytest.raises(LastDocumentError):
                await library.remove(library.index.collection.documents[0].id)

        with_library(source, use)
        assert names(folder) == ["نابلس.txt"]
        kept = (home / "removed" / "الخليل.txt").read_text("utf-8")
        assert kept == article("الخليل", HEBRON)

    def test_two_files_of_one_name_are_both_kept(
        self, source: Source, folder: Path, home: Path
    ) -> None:
        write_articles(folder / "أخبار", الخليل=GAZA)

        async def use(library: Library) -> None:
            for document in library.index.collection.documents:
                if document.path != "نابلس.txt":
                    await library.remove(document.id)

        with_library(source, use)
        kept = {path.read_text("utf-8") for path in (home / "removed").iterdir()}
        assert kept == {article("الخليل", GAZA), article("الخليل", HEBRON)}

    def test_a_file_deleted_by_hand_is_no_hindrance(self, source: Source, folder: Path) -> None:
        async def use(library: Library) -> None:
            document = library.index.collection.documents[0]
            (folder / document.path).unlink()
            assert await library.remove(document.id) is None
            assert [one.path for one in library.index.collection.documents] == ["نابلس.txt"]

        with_library(source, use)

    def test_what_would_leave_nothing_to_answer_from_is_put_back(
        self, source: Source, folder: Path
    ) -> None:
        async def use(library: Library) -> None:
            (folder / "نابلس.txt").unlink()
            with pytest.raises(JawabError):
                await library.remove(library.index.collection.documents[0].id)
            assert await short_answer(library, "الخليل") == HEBRON

        with_library(source, use)
        assert names(folder) == ["الخليل.txt"]

    def test_another_file_system_takes_the_file_and_gives_it_back(
        self, folder: Path, tmp_path: Path, other_file_system: Path
    ) -> None:
        lexicon = tmp_path / "lexicon.txt"
        lexicon.write_text("", "utf-8")

        async def use(library: Library) -> None:
            document = library.index.collection.documents[0]
            lexicon.unlink()
            with pytest.raises(JawabError):
                await library.remove(document.id)
            assert names(folder) == ["الخليل.txt", "نابلس.txt"]
            lexicon.write_text("", "utf-8")
            kept = await library.remove(document.id)
            assert kept is not None
            assert kept.read_text("utf-8") == article("الخليل", HEBRON)

        with_library(Source(folder, other_file_system, lexicon), use)
        assert names(folder) == ["نابلس.txt"]
        assert names(other_file_system / "removed") == ["الخليل.txt"]


class TestReloading:
    def test_questions_are_answered_meanwhile_from_the_old_index(
        self, source: Source, folder: Path
    ) -> None:
        async def use(library: Library) -> None:
            write_many(folder, 40)
            write_articles(folder, الخليل=GAZA)
            reloading = asyncio.create_task(library.reload())
            await until(lambda: library.is_changing)
            with pytest.raises(BusyError):
                await library.reload()
            answers = [await short_answer(library, "الخليل") for _ in range(20)]
            assert not reloading.done()
            assert set(answers) == {HEBRON}
            assert len((await reloading).collection.documents) == 42
            assert await short_answer(library, "الخليل") == GAZA

        with_library(source, use)

    def test_modules_of_the_current_folder_are_left_alone(
        self, source: Source, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("bot", "index", "typer"):
            (tmp_path / f"{name}.py").write_text("raise SystemExit(3)", "utf-8")
        monkeypatch.chdir(tmp_path)

        async def use(library: Library) -> int:
            write_articles(folder, غزة=GAZA)
            return len((await library.reload()).collection.documents)

        assert with_library(source, use) == 3

    def test_a_building_process_that_is_killed_is_an_error_with_a_reason(
        self, source: Source, folder: Path
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
            assert not library.is_changing

        with_library(source, use)

    @pytest.mark.parametrize("how", ["stop", "cancel"])
    def test_stopping_ends_the_building_process_and_takes_the_file_back(
        self, source: Source, folder: Path, home: Path, how: str
    ) -> None:
        async def use(library: Library) -> None:
            before = children(os.getpid())
            write_many(folder, 200)
            adding = asyncio.create_task(library.add("new.txt", article("غزة", GAZA).encode()))
            await until(lambda: list(home.glob("*/building-*")))
            started = time.monotonic()
            (library.stop if how == "stop" else adding.cancel)()
            with pytest.raises(StoppedError if how == "stop" else asyncio.CancelledError):
                await adding
            assert time.monotonic() - started < 5
            assert children(os.getpid()) == before
            if how == "stop":
                with pytest.raises(StoppedError):
                    await library.reload()

        with_library(source, use)
        assert not [name for name in names(folder) if "many" not in name and "new" in name]
        assert not list(folder.glob(".*"))


@pytest.fixture
def other_file_system(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system than ``tmp_path``."""
    memory = Path("/dev/shm")  # noqa: S108 - what is looked for is just its file system
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no other file system to write to")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)
