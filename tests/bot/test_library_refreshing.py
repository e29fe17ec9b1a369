"""The documents in force as they change: archives, refreshes, the folder followed."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import watchfiles

from bot import following, watching
from bot.folder import InArchiveError, UnreadableError
from bot.following import follow
from bot.library import Library
from bot.opening import Opening
from index import JawabError
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
    until,
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
            # As if its file could not be read any more.
            library.index.connection.set_authorizer(lambda *_: sqlite3.SQLITE_DENY)
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
            following = asyncio.create_task(follow(library))
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
            following = asyncio.create_task(follow(library))
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
            following = asyncio.create_task(follow(library))
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

    def test_what_fails_is_tried_again_without_another_change(
        self,
        opening: Opening,
        folder: Path,
        home: Path,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setattr(following, "FIRST_PAUSE", 0.2)

        def block() -> None:
            home.rename(home.with_name("away"))
            home.touch()  # nothing can be written there

        def unblock() -> None:
            home.unlink()
            home.with_name("away").rename(home)

        async def use(library: Library) -> None:
            task = asyncio.create_task(follow(library))
            block()
            write_articles(folder, غزة=GAZA)
            await until(lambda: "cannot be read again" in caplog.text)
            unblock()
            await eventually(library, "غزة", GAZA)
            task.cancel()

        with_library(opening, use)
        assert caplog.text.count("cannot be read again") == 1

    def test_a_folder_that_could_not_be_watched_for_a_while_is_watched_again(
        self,
        opening: Opening,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setattr(watching, "_FIRST_PAUSE", 0.2)
        failures = iter([OSError(28, "No space left"), OSError(5, "Input/output error")] * 2)
        watch = watchfiles.watch

        def failing(*args: Any, **kwargs: Any) -> Any:
            error = next(failures, None)
            if error is not None:
                raise error
            return watch(*args, **kwargs)

        monkeypatch.setattr(watchfiles, "watch", failing)

        async def use(library: Library) -> None:
            write_articles(folder, غزة=GAZA)
            task = asyncio.create_task(follow(library))
            await eventually(library, "غزة", GAZA)
            task.cancel()

        with_library(opening, use)
        assert "looks every few seconds instead" in caplog.text
        assert "trying again in 0.2 s" in caplog.text
        assert "trying again in 0.8 s" in caplog.text


class TestReplacing:
    def test_other_documents_and_another_engine(
        self, opening: Opening, folder: Path, home: Path
    ) -> None:
        other = write_articles(folder.with_name("other"), غزة=GAZA)

        async def use(library: Library) -> None:
            old = library.index
            asking = [
                asyncio.create_task(library.ask(f"{question_about('الخليل')} {n}", 3))
                for n in range(20)
            ]
            await library.replace(Opening(other, home, engine="tantivy"))
            assert {one.hits[0].short_text for one in await asyncio.gather(*asking)} == {HEBRON}
            assert (library.documents, library.index.engine) == (other, "tantivy")
            assert await short_answer(library, "غزة") == GAZA
            assert old.closed
            await library.add("يافا.txt", article("يافا", GAZA).encode())
            assert names(other) == ["غزة.txt", "يافا.txt"]

        with_library(opening, use)

    def test_what_cannot_be_opened_leaves_the_old_in_force(
        self, opening: Opening, home: Path, tmp_path: Path
    ) -> None:
        async def use(library: Library) -> None:
            before = library.index
            with pytest.raises(JawabError, match="no file or folder"):
                await library.replace(Opening(tmp_path / "none", home))
            with pytest.raises(JawabError, match=r"none\.tsv"):
                await library.replace(replace(opening, lexicon=tmp_path / "none.tsv"))
            assert library.index is before
            assert await short_answer(library, "الخليل") == HEBRON

        with_library(opening, use)
