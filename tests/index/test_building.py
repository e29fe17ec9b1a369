"""Building: by parts, gone on with after an interruption, on several cores, by another engine."""

from __future__ import annotations

import json
import os
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from index import Index
from index.engines.pair import CROSSING, ENGINES, RANK_BM25, TANTIVY, engine_for
from tests.documents import children
from tests.index.changing import article, assert_as_fresh, assert_same, write, write_archive
from tests.index.opening import left_behind

ENGINE = pytest.mark.parametrize("engine", ENGINES[1:])
SENTENCES = 6  # of an article at most

Told = list[tuple[int, int, int]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(12):
        write(tmp_path / "documents" / f"{number:02}.txt", article(number))
    return tmp_path / "documents"


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what is built be committed after every file, and archives be read in small parts."""
    monkeypatch.setattr("index.building._COMMIT_SENTENCES", 1)
    monkeypatch.setattr("index.reading._BATCH_FILES", 1)
    monkeypatch.setattr("index.reading._BATCH_BYTES", 1000)


class Interrupting:
    """Opens an index and interrupts the building when it has been told so many times."""

    def __init__(self, folder: Path, home: Path, engine: str) -> None:
        self._open = partial(Index.open, folder, home, engine=engine)

    def interrupt(self, after: int) -> Told:
        """Interrupt; return what was told."""
        told: Told = []

        def progress(*row: int) -> None:
            done, size, sentences = row
            told.append((done, size, sentences))
            if len(told) == after:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            self._open(progress=progress)
        return told

    def finish(self) -> tuple[Index, Told]:
        """Open without an interruption; return what was told as well."""
        told: Told = []
        return self._open(progress=lambda *row: told.append(row)), told


@pytest.mark.usefixtures("in_parts")
class TestInterrupted:
    @ENGINE
    @pytest.mark.parametrize("after", [1, 2, 7, 12])
    def test_a_building_goes_on_where_it_stopped(
        self, folder: Path, home: Path, tmp_path: Path, engine: str, after: int
    ) -> None:
        building = Interrupting(folder, home, engine)

        told = building.interrupt(after)
        index, further = building.finish()

        # What was being written when it was interrupted is read again.
        assert len(told) + len(further) == 12 + 1
        assert index.built
        assert left_behind(home) == []
        assert_as_fresh(index, folder, tmp_path / "fresh")

    @ENGINE
    def test_interrupted_time_and_again(
        self, folder: Path, home: Path, tmp_path: Path, engine: str
    ) -> None:
        building = Interrupting(folder, home, engine)
        for _ in range(5):
            building.interrupt(3)

        index, told = building.finish()

        assert len(told) == 2
        assert_as_fresh(index, folder, tmp_path / "fresh")

    @ENGINE
    def test_documents_that_changed_meanwhile(
        self, folder: Path, home: Path, tmp_path: Path, engine: str
    ) -> None:
        building = Interrupting(folder, home, engine)
        building.interrupt(6)
        write(folder / "01.txt", article(70))
        (folder / "02.txt").unlink()
        (folder / "03.txt").rename(folder / "99.txt")
        write(folder / "08.txt", article(4))

        index, _ = building.finish()

        assert_as_fresh(index, folder, tmp_path / "fresh")

    @ENGINE
    @pytest.mark.parametrize("gone", [False, True])
    def test_amid_an_archive(
        self,
        folder: Path,
        home: Path,
        tmp_path: Path,
        engine: str,
        gone: bool,  # noqa: FBT001 - a parameter of the test
    ) -> None:
        archive = folder / "05-more.jsonl"
        write_archive(archive, [article(number) for number in range(100, 130)])
        building = Interrupting(folder, home, engine)
        building.interrupt(10)
        if gone:
            archive.unlink()

        index, _ = building.finish()

        assert_as_fresh(index, folder, tmp_path / "fresh")

    @ENGINE
    @pytest.mark.parametrize("in_place", [False, True])
    def test_a_refresh_that_is_interrupted_changes_nothing_until_it_is_done(
        self,
        folder: Path,
        tmp_path: Path,
        engine: str,
        in_place: bool,  # noqa: FBT001 - a parameter of the test
        request: pytest.FixtureRequest,
    ) -> None:
        if in_place:
            request.getfixturevalue("large")
        home = tmp_path / "home"
        before = Index.open(folder, home, engine=engine)
        for number in range(5):
            write(folder / f"{number:02}.txt", article(50 + number))
        building = Interrupting(folder, home, engine)

        building.interrupt(3)

        left = Index.open(folder, home, engine=engine, as_it_is=True)
        assert left.state == before.state
        assert_same(left, before)
        index, told = building.finish()
        assert (index.folder == before.folder) == in_place
        assert len(told) == (5 if in_place else 3)  # what is built beside it goes on
        assert_as_fresh(index, folder, tmp_path / "fresh")

    @pytest.mark.usefixtures("large")
    def test_a_change_of_the_engine_that_is_interrupted_changes_nothing(
        self, folder: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("index.engines.pair.CROSSING", 20)
        before = Index.open(folder, home)
        assert before.engine == TANTIVY
        for number in range(1, 12):
            (folder / f"{number:02}.txt").unlink()
        monkeypatch.setattr("index.building.Writer._commit", _break_off)
        with pytest.raises(KeyboardInterrupt):
            Index.open(folder, home)

        left = Index.open(folder, home, as_it_is=True)

        assert (left.folder, left.engine) == (before.folder, TANTIVY)
        assert_same(left, before)
        monkeypatch.undo()
        assert_as_fresh(Index.open(folder, home), folder, tmp_path / "fresh")


def _break_off(_: object) -> None:
    raise KeyboardInterrupt


class TestEngineChange:
    @pytest.mark.parametrize("sealed_bytes", [0, 64 << 20])
    def test_another_engine_says_the_same(
        self, folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch, sealed_bytes: int
    ) -> None:
        monkeypatch.setattr("index.store._SEALED_BYTES", sealed_bytes)
        first = Index.open(folder, home, engine=RANK_BM25)
        for engine in (TANTIVY, RANK_BM25, TANTIVY, "auto", RANK_BM25):
            index = Index.open(folder, home, engine=engine)

            assert index.engine == (TANTIVY if engine == "auto" else engine)
            assert_same(index, first)

    def test_the_engine_follows_the_size_with_some_delay(
        self, folder: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sizes = Index.open(folder, home).collection.sizes
        monkeypatch.setattr("index.engines.pair.CROSSING", sizes.sentences + 1)
        engines: list[tuple[int, str]] = []
        for number in range(12, 0, -2):
            write(folder / f"{number:02}.txt", article(number))
        for change in ("add", *["remove"] * 6, *["add"] * 6):
            names = [f"{number:02}.txt" for number in range(30)]
            there = [name for name in names if (folder / name).exists()]
            if change == "add":
                for name in [name for name in names if name not in there][-2:]:
                    write(folder / name, article(int(name[:2])))
            else:
                for name in there[:2]:
                    (folder / name).unlink()
            index = Index.open(folder, home)
            assert_as_fresh(index, folder, tmp_path / f"fresh-{len(engines)}")
            engines.append((index.collection.sizes.sentences, index.engine))
        crossing = sizes.sentences + 1
        for (_, before), (sentences, engine) in pairwise(engines):
            half = crossing / 2 if before == TANTIVY else crossing
            assert engine == (TANTIVY if sentences >= half else RANK_BM25)
        assert {engine for _, engine in engines} == {TANTIVY, RANK_BM25}

    def test_where_it_crosses(self) -> None:
        assert engine_for("auto", RANK_BM25, CROSSING - 1) == RANK_BM25
        assert engine_for("auto", RANK_BM25, CROSSING) == TANTIVY
        assert engine_for("auto", TANTIVY, CROSSING // 2) == TANTIVY
        assert engine_for("auto", TANTIVY, CROSSING // 2 - 1) == RANK_BM25
        assert engine_for(TANTIVY, RANK_BM25, 1) == TANTIVY
        assert engine_for(RANK_BM25, TANTIVY, 10**9) == RANK_BM25


@pytest.fixture
def archived(tmp_path: Path) -> Path:
    """A folder with an archive of many documents and some files beside it."""
    folder = tmp_path / "documents"
    write_archive(folder / "many.jsonl", [article(number % 250) for number in range(300)])
    for number in (1, 400, 401):
        write(folder / f"{number}.txt", article(number))
    with (folder / "many.jsonl").open("a", encoding="utf-8") as file:
        file.write("no JSON\n" + json.dumps({"text": ""}) + "\n")
    return folder


@pytest.fixture
def on_all_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.workers._POOL_BYTES", 0)
    monkeypatch.setattr("index.reading._BATCH_BYTES", 20_000)
    monkeypatch.setattr("os.cpu_count", lambda: 2)


class TestOnAllCores:
    @ENGINE
    def test_it_is_the_same_index(
        self,
        archived: Path,
        home: Path,
        tmp_path: Path,
        engine: str,
        request: pytest.FixtureRequest,
    ) -> None:
        alone = Index.open(archived, tmp_path / "alone", engine=engine)
        request.getfixturevalue("on_all_cores")

        index = Index.open(archived, home, engine=engine)

        assert index.collection.sizes.documents == 252
        assert len(index.skipped) == 2
        assert_same(index, alone)
        collection, other = index.collection, alone.collection
        assert collection.document_numbers() == other.document_numbers()
        for number in collection.document_numbers():
            assert collection.document(number) == other.document(number)
            assert collection.sentence_numbers(number) == other.sentence_numbers(number)

    @pytest.mark.usefixtures("on_all_cores")
    @pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
    def test_an_interruption_ends_the_other_processes(self, archived: Path, home: Path) -> None:
        before = children(os.getpid())

        Interrupting(archived, home, RANK_BM25).interrupt(1)

        assert children(os.getpid()) <= before
        index, _ = Interrupting(archived, home, RANK_BM25).finish()
        assert index.collection.sizes.documents == 252
