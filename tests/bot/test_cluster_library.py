"""The library over a search cluster: it follows what changes there, and bears its absence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot import cluster_library, outage
from bot.cluster_library import ClusterLibrary, library_of
from bot.library import ElsewhereError, Library
from bot.opening import Opening
from bot.outage import Outage
from index import ClusterError, QuestionError
from index.cluster.connection import Cluster
from tests.bot.clusters import KEY, bring, cluster_server
from tests.bot.libraries import (
    GAZA,
    HEBRON,
    NABLUS,
    documents_of,
    folder,
    short_answer,
    until,
    with_library,
)
from tests.documents import question_about, write_articles
from tests.index.qdrant_server import QdrantServer

__all__ = ["cluster_server", "folder"]


@pytest.fixture
def opening(folder: Path, home: Path, cluster_server: QdrantServer) -> Opening:
    bring(folder, home, cluster_server)
    return Opening(
        folder / "nowhere", engine="qdrant", cluster=Cluster(cluster_server.url, api_key=KEY)
    )


def examples(library: Library) -> set[str]:
    return set(library.examples(10))


class TestDocuments:
    def test_they_are_those_of_the_cluster(self, opening: Opening) -> None:
        async def use(library: Library) -> None:
            assert isinstance(library, ClusterLibrary)
            assert not library.changes_here
            assert await short_answer(library, "الخليل") == HEBRON
            listed = await library.read(lambda it: it.index.collection.listing(0, 5))
            assert listed == [(source, 2) for source in documents_of(library)]
            found = await library.read(lambda it: it.recaller.named("نابلس.txt"))
            assert found is not None
            assert await library.read(lambda it: it.recaller.sentences(found.id))
            assert question_about("الخليل") in examples(library)

        with_library(opening, use)

    def test_a_local_index_is_answered_from_as_ever(self, folder: Path, home: Path) -> None:
        async def use(library: Library) -> None:
            assert library.changes_here
            found = await library.read(lambda it: it.recaller.named("نابلس.txt"))
            assert found is not None

        with_library(Opening(folder, home), use)

    def test_what_changes_comes_into_force_with_the_next_question(
        self,
        opening: Opening,
        folder: Path,
        home: Path,
        cluster_server: QdrantServer,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(cluster_library, "_RENEWAL_SECONDS", 0.0)

        async def use(library: Library) -> None:
            assert await short_answer(library, "نابلس") == NABLUS
            write_articles(folder, غزة=GAZA, نابلس=GAZA)
            (folder / "الخليل.txt").unlink()
            await asyncio.to_thread(bring, folder, home, cluster_server)
            # The same question again: nothing of before is remembered.
            assert await short_answer(library, "نابلس") == GAZA
            assert await short_answer(library, "غزة") == GAZA
            await until(lambda: question_about("غزة") in examples(library))
            assert question_about("الخليل") not in examples(library)

        with_library(opening, use)

    def test_a_collection_that_is_built_anew_is_followed_too(
        self, opening: Opening, folder: Path, home: Path, cluster_server: QdrantServer
    ) -> None:
        async def use(library: Library) -> None:
            named = "غزة.txt"
            assert await library.read(lambda it: it.recaller.named(named)) is None
            write_articles(folder, غزة=GAZA)
            # Another home: the numbers of the documents mean other documents now.
            other = home.with_name("other-home")
            await asyncio.to_thread(bring, folder, other, cluster_server)
            index = await library.reload()
            assert index.collection.sizes.documents == 3
            assert await library.read(lambda it: it.recaller.named(named)) is not None
            assert await short_answer(library, "غزة") == GAZA

        with_library(opening, use)

    def test_they_are_not_changed_here(self, opening: Opening) -> None:
        async def use(library: Library) -> None:
            with pytest.raises(ElsewhereError):
                await library.add("a.txt", "نص".encode())
            with pytest.raises(ElsewhereError):
                await library.remove("نابلس.txt")

        with_library(opening, use)


class TestAbsence:
    def test_it_is_told_at_once_logged_once_and_over_when_the_cluster_is_back(
        self, opening: Opening, cluster_server: QdrantServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "bot")

        async def use(library: Library) -> None:
            for turn in range(2):
                assert await short_answer(library, "الخليل") == HEBRON
                await asyncio.to_thread(cluster_server.stop)
                for _ in range(3):
                    with pytest.raises(ClusterError, match="does not answer"):
                        await library.ask(question_about("نابلس"), 1)
                with pytest.raises(ClusterError):
                    await library.read(lambda it: it.recaller.named("x"))
                with pytest.raises(QuestionError):
                    await library.ask("؟", 1)
                cluster_server.start()
                assert await short_answer(library, "نابلس") == NABLUS
                logged = [record.message for record in caplog.records]
                assert len(logged) == 2 * (turn + 1), logged
                assert "does not answer" in logged[-2]
                assert "is back after" in logged[-1]

        with_library(opening, use)

    def test_a_bot_begins_without_examples_where_the_cluster_goes_just_then(
        self, opening: Opening, cluster_server: QdrantServer
    ) -> None:
        async def run() -> None:
            index = opening.open()
            cluster_server.stop()
            library = library_of(opening, index)
            assert not examples(library)
            cluster_server.start()
            assert await short_answer(library, "نابلس") == NABLUS
            await until(lambda: examples(library))
            library.close()

        asyncio.run(run())

    def test_while_one_question_tries_the_others_need_not_wait(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(outage, "_PATIENCE_SECONDS", 0.01)

        async def run() -> None:
            watching, hung = Outage(), asyncio.Event()

            async def ask(wait: Callable[[], Awaitable[object]]) -> None:
                async with watching.watched():
                    await wait()

            async def fail() -> None:
                raise ClusterError("away")

            async def nothing() -> None:
                pass

            with pytest.raises(ClusterError, match="away"):
                await ask(fail)
            trying = asyncio.create_task(ask(hung.wait))
            await asyncio.sleep(0)
            for _ in range(3):
                with pytest.raises(ClusterError, match="away"):
                    await ask(nothing)
            hung.set()
            await trying
            # It is back, so that questions no longer go one by one.
            waiting = asyncio.Event()
            both = [asyncio.create_task(ask(waiting.wait)) for _ in range(2)]
            await ask(nothing)
            waiting.set()
            await asyncio.gather(*both)

        asyncio.run(run())
