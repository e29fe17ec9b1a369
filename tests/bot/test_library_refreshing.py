"""The documents in force as they change: archives, refreshes, the folder followed."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from pathlib import Path

import pytest

from bot.folder import InArchiveError, UnreadableError
from bot.library import Library
from bot.opening import Opening
from tests.bot.libraries import (
    GAZA,
    HEBRON,
    NABLUS,
    archive,
    eventually,
    folder,
    names,
    opening,
    short_answer,
    with_library,
)
from tests.documents import article, children, question_about, write_articles

__all__ = ["folder", "opening"]


class TestArchives:
    def test_one_is_added_whole_and_its_documents_answer(
        self, opening: Opening, folder: Path
    ) -> None:
        async def use(library: Library) -> None:
            came = await library.add("أخبار.jsonl", archive("غزة", "يافا", "حيفا"))
            assert (came.file, came.documents, came.sentences) == ("أخبار.jsonl", 3, 6)
            assert await short_answer(library, "يافا") == GAZA
            assert came.source.url == "https://example.org/غزة"

        with_library(opening, use)
        assert names(folder) == ["أخبار.jsonl", "الخليل.txt", "نابلس.txt"]

    def test_one_without_a_good_document_is_refused(self, opening: Opening, folder: Path) -> None:
        async def use(library: Library) -> None:
            with pytest.raises(UnreadableError, match="valid JSON"):
                await library.add("a.jsonl", b"{\n[\n")

        with_library(opening, use)
        assert names(folder) == ["الخليل.txt", "نابلس.txt"]

    def test_a_document_is_not_taken_out_of_one(self, opening: Opening, folder: Path) -> None:
        async def use(library: Library) -> None:
            came = await library.add("a.jsonl", archive("غزة", "يافا"))
            with pytest.raises(InArchiveError) as caught:
                await library.remove(came.source.id)
            assert (caught.value.file, caught.value.place, caught.value.others) == (
                "a.jsonl",
                "#1",
                1,
            )

        with_library(opening, use)
        assert "a.jsonl" in names(folder)

    def test_one_of_a_single_document_goes_with_it(self, opening: Opening, folder: Path) -> None:
        async def use(library: Library) -> None:
            came = await library.add("a.jsonl", archive("غزة"))
            assert [path.name for path in await library.remove(came.source.id)] == ["a.jsonl"]

        with_library(opening, use)
        assert names(folder) == ["الخليل.txt", "نابلس.txt"]


class TestRefreshing:
    def test_where_nothing_changed_the_same_index_stays_in_force(
        self, opening: Opening, folder: Path
    ) -> None:
        async def use(library: Library) -> None:
            before = library.index
            (folder / "نابلس.txt").write_text(article("نابلس", NABLUS), "utf-8")
            (folder / "empty.txt").touch()
            assert not await library.refresh()
            assert not await library.refresh()
            assert library.index is before
            write_articles(folder, غزة=GAZA)
            assert (await library.refresh()).came == 1
            assert library.index is not before

        with_library(opening, use)

    def test_the_old_index_is_closed_when_its_last_question_is_answered(
        self, opening: Opening, folder: Path
    ) -> None:
        async def use(library: Library) -> None:
            old = library.index
            write_articles(folder, غزة=GAZA)
            asking = [
                asyncio.create_task(library.ask(f"{question_about('الخليل')} {n}", 3))
                for n in range(40)
            ]
            await asyncio.sleep(0)
            await library.refresh()
            assert {answer.hits[0].short_text for answer in await asyncio.gather(*asking)} == {
                HEBRON
            }
            assert await short_answer(library, "غزة") == GAZA
            await asyncio.sleep(0.01)
            with pytest.raises(sqlite3.ProgrammingError, match="closed"):
                old.connection.execute("SELECT 1")

        with_library(opening, use)

    def test_questions_without_end_over_many_refreshes(
        self, opening: Opening, folder: Path
    ) -> None:
        async def use(library: Library) -> None:
            done = asyncio.Event()

            async def ask(number: int) -> int:
                count = 0
                while not done.is_set():
                    assert await short_answer(library, "نابلس") == NABLUS
                    await library.ask(f"{question_about('نابلس')} {number} {count}", 5)
                    assert library.recaller.named("نابلس.txt") is not None
                    count += 1
                return count

            asking = [asyncio.create_task(ask(number)) for number in range(4)]
            for day in range(1, 5):
                write_articles(folder, الخليل=f"{day} يناير 2020")
                await library.refresh()
                assert await short_answer(library, "الخليل") == f"{day} يناير 2020"
            done.set()
            assert min(await asyncio.gather(*asking)) > 1

        with_library(opening, use)

    def test_a_damaged_index_is_built_anew_and_the_question_answered(
        self, folder: Path, home: Path
    ) -> None:
        opening = Opening(folder, home, engine="tantivy")

        async def use(library: Library) -> None:
            library.index.connection.execute("COMMIT")
            library.index.connection.close()  # as if its file could not be read any more
            assert await short_answer(library, "نابلس") == NABLUS

        with_library(opening, use)


class TestFollowing:
    @pytest.mark.parametrize("polls", ["", "true"])
    def test_changes_come_into_force_by_themselves(
        self, opening: Opening, folder: Path, monkeypatch: pytest.MonkeyPatch, polls: str
    ) -> None:
        monkeypatch.setenv("WATCHFILES_FORCE_POLLING", polls)
        monkeypatch.setenv("WATCHFILES_POLL_DELAY_MS", "100")

        async def use(library: Library) -> None:
            write_articles(folder, غزة=GAZA)  # before it is watched
            following = asyncio.create_task(library.follow())
            await eventually(library, "غزة", GAZA)
            (folder / "غزة.txt").unlink()
            await eventually(library, "غزة", None)
            write_articles(folder / "جديد", يافا=GAZA)
            await eventually(library, "يافا", GAZA)
            folder.rename(folder.with_name("away"))  # noqa: ASYNC240 - a moment's work
            await asyncio.sleep(1.5)
            assert await short_answer(library, "نابلس") == NABLUS
            write_articles(folder.with_name("away"), حيفا=GAZA)
            folder.with_name("away").rename(folder)
            await eventually(library, "حيفا", GAZA)
            following.cancel()

        with_library(opening, use)

    def test_a_single_file_is_followed_too(self, folder: Path, home: Path) -> None:
        async def use(library: Library) -> None:
            following = asyncio.create_task(library.follow())
            new = folder / "new.tmp"
            new.write_text(article("الخليل", GAZA), "utf-8")
            await asyncio.sleep(1.5)
            new.replace(folder / "الخليل.txt")
            await eventually(library, "الخليل", GAZA)
            following.cancel()

        with_library(Opening(folder / "الخليل.txt", home), use)

    def test_what_the_library_does_itself_is_not_read_again(
        self, opening: Opening, folder: Path
    ) -> None:
        async def use(library: Library) -> None:
            following = asyncio.create_task(library.follow())
            await asyncio.sleep(1.5)
            before = children(os.getpid())
            await library.add("غزة.txt", article("غزة", GAZA).encode())
            index = library.index
            for _ in range(15):
                await asyncio.sleep(0.1)
                assert children(os.getpid()) == before
            assert library.index is index
            following.cancel()

        with_library(opening, use)
        assert "غزة.txt" in names(folder)
