"""A local index in a cluster: mirrored, followed, and asked by bots that have nothing else."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from index import Answer, ClusterError, Index
from index.cluster.connection import (
    MEMORY,
    MIRROR_SECONDS,
    Cluster,
    ClusterAwayError,
    ClusterChangedError,
    ClusterRefusedError,
    ClusterSettingsError,
    Connection,
)
from index.cluster.generation import Generation, existing, facts_in_force
from index.cluster.layout import KINDS, PARAMETERS, TERMS, alias_of
from index.cluster.mirroring import Mirrored, mirror
from index.cluster.reading import ClusterIndex, open_cluster
from index.cluster.vectors import term_point
from index.cluster.view import NotMirroredError
from index.engines.forward import ForwardIndex
from index.engines.pair import PASSAGES, SENTENCES
from index.lexicon import Lexicon
from tests.index.qdrant_server import QdrantServer
from tests.index.qdrant_units import drop_all

SERVER = os.environ.get("JAWAB_TEST_QDRANT_URL")
SEEDS = Path("seeds")
QUESTIONS = [
    json.loads(line)["question"]
    for line in Path("tests/seeds-dev.jsonl").read_text("utf-8").splitlines()
]
CLOSE = 1e-5
SOON = 0.01  # seconds before the first repetition


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    shutil.copytree(SEEDS, folder)
    return folder


@pytest.fixture
def connection() -> Iterator[Connection]:
    opened = Connection(Cluster(MEMORY))
    yield opened
    opened.close()


@pytest.fixture
def server() -> Iterator[QdrantServer]:
    running = QdrantServer()
    yield running
    running.close()


def bring(docs: Path, connection: Connection) -> Mirrored:
    """Bring an index up to date, and the cluster with it."""
    with closing(Index.open(docs, docs.parent / "home")) as index:
        return mirror(index.connection, connection)


def read(connection: Connection) -> ClusterIndex:
    return open_cluster(connection, Lexicon.load())


def shown(answer: Answer) -> list[object]:
    """Return what a user sees of an answer, and what it was made of."""
    hits = [
        (hit.sentence, hit.span, hit.short_answer, hit.passage, hit.document, hit.resolved)
        for hit in (*answer.hits, *answer.differing)
    ]
    return [answer.answered, answer.kind, hits, answer.agreeing]


def assert_answers_like(index: Index, docs: Path, questions: list[str]) -> None:
    """Check that all of some answers is what the local engine says."""
    with closing(Index.open(docs, docs.parent / "home")) as local:
        for question in questions:
            mine, yours = index.ask(question, top=10), local.ask(question, top=10)
            assert shown(mine) == shown(yours)
            assert mine.confidence == pytest.approx(yours.confidence, abs=CLOSE)
            expected = [pytest.approx(hit.score, abs=CLOSE) for hit in yours.hits]
            assert [hit.score for hit in mine.hits] == expected


def assert_finds_like(index: Index, docs: Path, questions: list[str]) -> None:
    """Check that the best sentences are those of the local engine, whose mean length is newer."""
    with closing(Index.open(docs, docs.parent / "home")) as local:
        for question in questions:
            mine, yours = index.ask(question), local.ask(question)
            assert mine.answered == yours.answered
            best = [(hit.sentence, hit.document) for hit in yours.hits[:1]]
            assert [(hit.sentence, hit.document) for hit in mine.hits[:1]] == best


class TestAnswers:
    def test_they_are_those_of_the_local_engine(self, docs: Path, connection: Connection) -> None:
        bring(docs, connection)
        assert_answers_like(read(connection), docs, QUESTIONS)

    def test_they_are_over_the_wire_too(self, docs: Path, server: QdrantServer) -> None:
        cluster = Cluster(server.url)
        with closing(Connection(cluster)) as writing:
            bring(docs, writing)
        index = open_cluster(cluster, Lexicon.load())
        assert_answers_like(index, docs, QUESTIONS[:10])
        index.close()

    @pytest.mark.skipif(SERVER is None, reason="JAWAB_TEST_QDRANT_URL is not set")
    def test_they_are_on_a_real_server(self, docs: Path) -> None:
        cluster = Cluster(SERVER or "", prefix=f"test-{secrets.token_hex(4)}")
        try:
            with closing(Connection(cluster, MIRROR_SECONDS)) as connection:
                assert bring(docs, connection).rebuilt
                assert_answers_like(read(connection), docs, QUESTIONS)
                (docs / "new.txt").write_text("تقع مدينة صور في جنوب لبنان.", "utf-8")
                assert bring(docs, connection).added == 1
                assert_finds_like(read(connection), docs, ["أين تقع مدينة صور؟"])
        finally:
            drop_all(cluster)

    def test_they_are_from_a_folder_too(self, docs: Path) -> None:
        cluster = Cluster(f"path:{docs.parent / 'cluster'}")
        with closing(Connection(cluster)) as writing:
            bring(docs, writing)
        with closing(open_cluster(cluster, Lexicon.load())) as index:
            assert_answers_like(index, docs, QUESTIONS[:5])

    def test_a_question_takes_three_round_trips(self, docs: Path, server: QdrantServer) -> None:
        with closing(Connection(Cluster(server.url))) as connection:
            bring(docs, connection)
            index = read(connection)
            server.requests.clear()
            index.ask(QUESTIONS[0])
            # Four requests at once, then what is not known yet at once, then the scores.
            assert len(server.requests) <= 4 + 3 + 1
            assert server.requests[-1].endswith("passages/points/query/batch")
            server.requests.clear()
            index.ask(QUESTIONS[0])
            assert len(server.requests) == 3 + 1

    def test_many_ask_at_once(self, docs: Path, server: QdrantServer) -> None:
        with closing(Connection(Cluster(server.url))) as connection:
            bring(docs, connection)
            index = read(connection)
            expected = {question: shown(index.ask(question)) for question in QUESTIONS[:6]}
            other = read(connection)
            found: list[bool] = []

            def ask(question: str) -> None:
                found.extend(
                    shown(one.ask(question)) == expected[question] for one in (index, other)
                )

            threads = [threading.Thread(target=ask, args=(question,)) for question in expected]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert found == [True] * 2 * len(expected)


class TestCollection:
    def test_it_holds_what_the_local_one_holds(self, docs: Path, connection: Connection) -> None:
        bring(docs, connection)
        index = read(connection)
        with closing(Index.open(docs, docs.parent / "home")) as local:
            mine, yours = index.collection, local.collection
            assert mine.sizes == yours.sizes
            assert mine.listing() == yours.listing()
            assert mine.listing(1, 1) == yours.listing(1, 1)
            assert index.terms == local.terms
            numbers = list(mine.document_numbers())
            assert len(numbers) == len(yours.document_numbers())
            assert mine.sources(numbers) == yours.sources(yours.document_numbers())
            for number, source in zip(numbers, mine.sources(numbers), strict=True):
                assert mine.find(source.id) == mine.find_path(source.path) == number
                texts = [one.text for one in mine.sentences(mine.sentence_numbers(number))]
                theirs = yours.sentence_numbers(yours.find(source.id) or 0)
                assert texts == [one.text for one in yours.sentences(theirs)]
        assert mine.find("nothing") is None
        assert list(mine.sentence_numbers(5)) == []
        with pytest.raises(KeyError):
            mine.sentences([5])
        with pytest.raises(ClusterError, match="whole documents"):
            mine.document(numbers[0])

    def test_an_empty_cluster_says_how_to_fill_it(self, connection: Connection) -> None:
        with pytest.raises(NotMirroredError, match="jawab mirror"):
            read(connection)


class TestMirroring:
    def test_only_what_has_changed_is_sent(self, docs: Path, server: QdrantServer) -> None:
        with closing(Connection(Cluster(server.url))) as connection:
            assert bring(docs, connection) == Mirrored(1, rebuilt=True, added=2, removed=0)
            server.requests.clear()
            assert bring(docs, connection) == Mirrored(1, rebuilt=False)
            assert not [one for one in server.requests if one.startswith(("PUT", "DELETE"))]
            index = read(connection)
            (docs / "new.txt").write_text(
                "تقع مدينة صور في جنوب لبنان. ولد جبران عام 1883.", "utf-8"
            )
            assert bring(docs, connection) == Mirrored(1, rebuilt=False, added=1, removed=0)
            # Who had it open sees it with the next question.
            assert_finds_like(index, docs, ["أين تقع مدينة صور؟", "متى ولد جبران؟"])
            assert index.collection.sizes.documents == 3
            (docs / "new.txt").unlink()
            (docs / "000_553e78b3a7aca04d.txt").rename(docs / "moved.txt")
            assert bring(docs, connection) == Mirrored(1, rebuilt=False, added=0, removed=1)
            assert_finds_like(index, docs, ["أين تقع مدينة صور؟", *QUESTIONS[:5]])
            assert index.collection.find_path("moved.txt") is not None
            assert index.collection.find_path("new.txt") is None

    def test_frequencies_are_those_of_the_local_index(
        self, docs: Path, connection: Connection
    ) -> None:
        bring(docs, connection)
        (docs / "more.txt").write_text("بيروت عاصمة لبنان. طرابلس مدينة.", "utf-8")
        assert not bring(docs, connection).rebuilt
        (docs / "more.txt").write_text("بيروت عاصمة لبنان. صيدا مدينة.", "utf-8")
        assert not bring(docs, connection).rebuilt
        expected: dict[int, list[int]] = {}
        with closing(Index.open(docs, docs.parent / "home")) as local:
            for column, (kind, parameters) in enumerate(PARAMETERS.items()):
                for term, _, df in ForwardIndex(local.connection, kind, parameters).vocabulary():
                    expected.setdefault(term_point(term), [0, 0])[column] = df
        found = {
            record.id: [record.payload[SENTENCES], record.payload[PASSAGES]]
            for record in existing(connection)[0].scroll(TERMS, 0)
        }
        assert found == expected

    def test_another_index_is_built_beside_and_switched_to(
        self, docs: Path, connection: Connection
    ) -> None:
        bring(docs, connection)
        index = read(connection)
        before = index.collection.document_numbers()
        index.ask(QUESTIONS[0])
        # An index made from nothing, whose numbers mean other documents.
        (docs / "000.txt").write_text("افتتح الوزير معرض الكتاب في عمان يوم السبت.", "utf-8")
        shutil.rmtree(docs.parent / "home")
        assert bring(docs, connection) == Mirrored(2, rebuilt=True, added=3, removed=0)
        assert [one.number for one in existing(connection)] == [2]
        assert_answers_like(index, docs, [*QUESTIONS[:5], "أين معرض الكتاب؟"])
        assert not set(before) & set(index.collection.document_numbers())

    def test_readers_go_on_while_it_is_switched(self, docs: Path, server: QdrantServer) -> None:
        with closing(Connection(Cluster(server.url))) as connection:
            bring(docs, connection)
            index = read(connection)
            expected = shown(index.ask(QUESTIONS[1]))
            answers: list[object] = []
            over = threading.Event()

            def ask() -> None:
                while not over.is_set():
                    try:
                        answers.append(shown(index.ask(QUESTIONS[1])))
                    except Exception as error:  # noqa: BLE001 - it is looked at below
                        answers.append(error)

            asking = threading.Thread(target=ask)
            asking.start()
            try:
                for generation in (2, 3):
                    shutil.rmtree(docs.parent / "home")
                    with closing(Index.open(docs, docs.parent / "home")) as local:
                        set_depends(local, f"version {generation}")
                    assert bring_other(docs, connection, f"version {generation}") == generation
            finally:
                over.set()
                asking.join()
            assert answers
            assert all(answer == expected for answer in answers)
            assert index.view.generation == 3

    def test_it_goes_on_where_it_was_interrupted(self, docs: Path, server: QdrantServer) -> None:
        for number in range(600):
            text = f"افتتح الوزير المعرض رقم {number} في عمان. حضره {number + 7} زائرا."
            (docs / f"{number:03}.txt").write_text(text, "utf-8")

        class StoppedError(Exception):
            pass

        def stop(done: int, total: int) -> None:
            raise StoppedError(f"{done} of {total}")

        with closing(Connection(Cluster(server.url))) as connection:
            with (
                closing(Index.open(docs, docs.parent / "home")) as local,
                pytest.raises(StoppedError),
            ):
                mirror(local.connection, connection, stop)
            assert facts_in_force(connection) is None
            assert bring(docs, connection) == Mirrored(1, rebuilt=True, added=602 - 250, removed=0)
            assert_finds_like(read(connection), docs, QUESTIONS[:4])

    def test_two_collections_share_a_cluster(self, docs: Path, server: QdrantServer) -> None:
        other = docs.parent / "other"
        other.mkdir()
        (other / "one.txt").write_text("تقع مدينة صور في جنوب لبنان.", "utf-8")
        with (
            closing(Connection(Cluster(server.url))) as first,
            closing(Connection(Cluster(server.url, prefix="jawab-b"))) as second,
        ):
            bring(docs, first)
            with closing(Index.open(other, docs.parent / "home2")) as index:
                mirror(index.connection, second)
            bring(docs, first)
            assert read(first).collection.sizes.documents == 2
            assert (
                read(second).ask("أين تقع صور؟").hits[0].sentence == "تقع مدينة صور في جنوب لبنان."
            )
        names = {one.alias_name for one in server.client.get_aliases().aliases}
        assert names == {alias_of(p, kind) for p in ("jawab", "jawab-b") for kind in KINDS}


def set_depends(index: Index, depends: str) -> None:
    """Have an index look as if another version of Jawab had made it."""
    with closing(sqlite3.connect(index.folder / "index.db")) as database, database:
        database.execute("UPDATE facts SET value = ? WHERE name = 'depends'", (depends,))


def bring_other(docs: Path, connection: Connection, depends: str) -> int:
    [database] = (docs.parent / "home").rglob("index.db")
    with closing(sqlite3.connect(database, check_same_thread=False)) as opened:
        assert opened.execute("SELECT value FROM facts WHERE name = 'depends'").fetchone() == (
            depends,
        )
        return mirror(opened, connection).generation


class TestFailures:
    def test_it_says_at_once_that_the_cluster_is_away_and_recovers(
        self, docs: Path, server: QdrantServer
    ) -> None:
        with closing(Connection(Cluster(server.url))) as connection:
            bring(docs, connection)
            index = read(connection)
            expected = shown(index.ask(QUESTIONS[2]))
            server.stop()
            with pytest.raises(ClusterAwayError, match="does not answer; try again"):
                index.ask(QUESTIONS[2])
            with pytest.raises(ClusterAwayError):
                open_cluster(Cluster(server.url), Lexicon.load())
            server.start()
            assert shown(index.ask(QUESTIONS[2])) == expected

    @pytest.mark.parametrize(
        ("statuses", "after"), [((429, 500, 502), 2), ((0, 0, 503), 7), ((503, 0), 10)]
    )
    def test_what_is_sent_is_repeated(
        self, docs: Path, server: QdrantServer, statuses: tuple[int, ...], after: int
    ) -> None:
        with closing(Connection(Cluster(server.url), first_delay=SOON)) as connection:
            bring(docs, connection)
            index = read(connection)
            (docs / "new.txt").write_text("تقع مدينة صور في جنوب لبنان.", "utf-8")
            server.fail(*statuses, after=after)
            assert bring(docs, connection).added == 1
            assert_finds_like(index, docs, ["أين تقع مدينة صور؟"])

    def test_what_is_asked_is_not_repeated_for_long(self, docs: Path, server: QdrantServer) -> None:
        with closing(Connection(Cluster(server.url))) as connection:
            bring(docs, connection)
            index = read(connection)
            server.fail(503)
            with pytest.raises(ClusterAwayError):
                index.ask(QUESTIONS[0])
            # A connection that the server had closed is no failure.
            server.fail(0)
            assert index.ask(QUESTIONS[0]).hits

    def test_a_wrong_key_is_named_and_never_shown(self, docs: Path, server: QdrantServer) -> None:
        server.api_key = "right"
        with closing(Connection(Cluster(server.url, "right"))) as connection:
            bring(docs, connection)
            assert read(connection).ask(QUESTIONS[0]).hits
        wrong = Cluster(server.url, "mistaken")
        with pytest.raises(ClusterRefusedError, match="JAWAB_QDRANT_API_KEY") as caught:
            open_cluster(wrong, Lexicon.load())
        assert "mistaken" not in f"{wrong!r} {caught.value!r}"

    def test_other_errors_are_told(self, server: QdrantServer) -> None:
        server.fail(400)
        with pytest.raises(ClusterError, match="reports an error: told to fail"):
            open_cluster(Cluster(server.url), Lexicon.load())

    def test_documents_that_vanish_are_no_damage(self, docs: Path, connection: Connection) -> None:
        bring(docs, connection)
        index = read(connection)
        Generation(connection, 1).drop()
        with pytest.raises(ClusterError):
            index.ask(QUESTIONS[0])

    def test_a_sentence_without_its_passage_is_asked_for_again(
        self, docs: Path, connection: Connection
    ) -> None:
        bring(docs, connection)
        index = read(connection)
        generation = Generation(connection, 1)
        first = [record.id for record in generation.scroll(PASSAGES, 0)]
        connection.send(generation.delete(PASSAGES, first))
        with pytest.raises(ClusterChangedError):
            index.ask(QUESTIONS[0])


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"url": "qdrant:6333"}, "JAWAB_QDRANT_URL"),
        ({"url": "http://q", "prefix": "jawab-1"}, "JAWAB_QDRANT_PREFIX"),
        ({"url": "http://q", "shards": 0}, "JAWAB_QDRANT_SHARDS"),
    ],
)
def test_settings_that_cannot_be_used(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(ClusterSettingsError, match=named):
        Cluster(**settings)


def test_without_the_package_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "qdrant_client", None)
    with pytest.raises(ClusterSettingsError, match="uv sync --extra cluster"):
        Connection(Cluster("http://127.0.0.1:6333"))


def test_leftovers_of_a_building_are_removed(docs: Path, connection: Connection) -> None:
    bring(docs, connection)
    Generation(connection, 2).create()
    assert bring(docs, connection) == Mirrored(1, rebuilt=False)
    assert [one.number for one in existing(connection)] == [1]
