"""Files read and analysed, in batches, in order."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from index import Index, JawabError
from index.analysis import digest_of
from index.documents import Fields
from index.listing import list_documents
from index.reading import Read, Reader, read_all
from tests.documents import children
from tests.index.changing import article, assert_as_fresh, write, write_archive

Reading = Callable[..., list[Read]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(5):
        write(tmp_path / "documents" / f"{number}.txt", article(number))
    write(tmp_path / "documents" / "2-empty.txt", "")
    write_archive(tmp_path / "documents" / "3-many.jsonl", [article(n) for n in range(3, 12)])
    return tmp_path / "documents"


@pytest.fixture
def read(folder: Path) -> Reading:
    def read(known: dict[bytes, int] | None = None) -> list[Read]:
        there = known or {}
        files = list_documents(folder)
        return list(read_all(files, Reader(Fields()), lambda one: there.get(digest_of(one.text))))

    return read


@pytest.fixture
def in_small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.reading._BATCH_FILES", 2)
    monkeypatch.setattr("index.reading._BATCH_BYTES", 1500)


@pytest.fixture
def on_all_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.workers._POOL_BYTES", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)


def paths(found: list[Read]) -> list[str]:
    return [document.source.path for read in found for document in read.batch.documents]


def files(found: list[Read]) -> list[tuple[str, bool]]:
    return [(part.file.name, part.is_last) for read in found for part in read.parts]


ROWS = [f"3-many.jsonl#{number}" for number in range(1, 10)]
DOCUMENTS = ["0.txt", "1.txt", "2.txt", *ROWS, "3.txt", "4.txt"]


class TestOrder:
    def test_documents_come_in_order(self, read: Reading) -> None:
        found = read()

        assert paths(found) == DOCUMENTS
        assert [name for name, is_last in files(found) if is_last] == [
            *("0.txt", "1.txt", "2-empty.txt", "2.txt", "3-many.jsonl", "3.txt", "4.txt")
        ]

    @pytest.mark.usefixtures("in_small_batches")
    @pytest.mark.parametrize("cores", ["one", "all"])
    def test_in_small_batches_as_well(
        self, read: Reading, request: pytest.FixtureRequest, cores: str
    ) -> None:
        if cores == "all":
            request.getfixturevalue("on_all_cores")
        found = read()

        assert paths(found) == DOCUMENTS
        archive = [is_last for name, is_last in files(found) if name == "3-many.jsonl"]
        assert len(archive) > 2
        assert archive == [False] * (len(archive) - 1) + [True]
        for one in found:
            assert sum(part.documents for part in one.parts) == len(one.batch.documents)
            counts = [len(document.sentences) for document in one.batch.documents]
            assert len(one.batch.sentences) == sum(counts)

    def test_what_is_left_out_is_named(self, read: Reading) -> None:
        [skipped] = [one for read in read() for part in read.parts for one in part.skipped]

        assert skipped.path == "2-empty.txt"

    @pytest.mark.usefixtures("in_small_batches")
    def test_what_is_known_of_an_archive_is_not_analysed(self, read: Reading) -> None:
        known = {digest_of(article(number)): number for number in (4, 5, 11)}

        found = read(known)

        assert [path for path in paths(found) if "#" in path] == [
            path for path in ROWS if path[-1] not in "239"
        ]
        assert [place for one in found for part in one.parts for place in part.known] == [
            *((ROWS[1], 4), (ROWS[2], 5), (ROWS[8], 11))
        ]


@pytest.mark.usefixtures("in_small_batches", "on_all_cores")
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
class TestWorkers:
    def test_none_is_left_behind(self, folder: Path, home: Path) -> None:
        before = children(os.getpid())

        Index.open(folder, home).close()

        assert children(os.getpid()) <= before

    def test_one_that_is_killed_is_told_and_the_building_goes_on_later(
        self, folder: Path, home: Path, tmp_path: Path
    ) -> None:
        before = children(os.getpid())

        def kill(*_: int) -> None:
            for process in children(os.getpid()) - before:
                os.kill(process, signal.SIGKILL)

        with pytest.raises(JawabError):
            Index.open(folder, home, progress=kill)

        assert children(os.getpid()) <= before
        assert_as_fresh(Index.open(folder, home), folder, tmp_path / "fresh")
