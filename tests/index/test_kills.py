"""Processes killed amid their work: the index opens, and answers as before or as after."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from index import Index
from index.engines.pair import ENGINES
from tests.documents import children
from tests.index.changing import TERMS, article, assert_as_fresh, write, write_archive
from tests.index.opening import IN_PLACE, Opener, left_behind

PARTS = {
    "index.building._COMMIT_SENTENCES": 40,
    "index.reading._BATCH_FILES": 5,
    "index.reading._BATCH_BYTES": 20_000,
}
ON_ALL_CORES = {"index.workers._POOL_BYTES": 0}

ENGINE = pytest.mark.parametrize("engine", ENGINES[1:])


@dataclass
class Killing:
    """Has another process open the index of a folder, and kills it amid that."""

    folder: Path
    home: Path
    engine: str
    sizes: dict[str, int]

    def seconds(self) -> float:
        """Return how long it takes when it is not killed."""
        with Opener() as process:
            start = time.monotonic()
            self._order(process)
            assert "answers" in process.reply()
            return time.monotonic() - start

    def kill(self, after: float) -> bool:
        """Kill it after some seconds; return whether it was still at it."""
        with Opener() as process:
            self._order(process)
            time.sleep(after)
            helpers = children(process.process.pid)
            process.process.kill()
            process.process.wait()
            reply = process.process.stdout.read() if process.process.stdout else ""
        assert_ended(helpers)
        return not reply

    def _order(self, process: Opener) -> None:
        process.order(self.folder, self.home, engine=self.engine, sizes=self.sizes)

    def shown(self, *, as_it_is: bool = False) -> tuple[list[Any], list[str]]:
        """Open the index here; return what it answers, and what was told."""
        notices: list[str] = []
        index = Index.open(
            self.folder,
            self.home,
            engine=self.engine,
            notify=notices.append,
            as_it_is=as_it_is,
        )
        shown = everything(index)
        index.close()
        return shown, notices


def everything(index: Index) -> list[Any]:
    """Return what tells a state of an index from every other, the order of equal scores aside."""
    collection = index.collection
    engines = index.answerer.ranker.engines
    query = dict.fromkeys(TERMS, 1.0)
    sentences = engines.sentences.top_k(query, 10_000)
    passages = engines.passages.top_k(query, 10_000)
    texts = [
        *(one.text for one in collection.sentences([hit.unit for hit in sentences])),
        *(one.text for one in collection.passages([hit.unit for hit in passages])),
    ]
    scores = [round(hit.score, 6) for hit in (*sentences, *passages)]
    return [*collection.listing(), sorted(zip(scores, texts, strict=True))]


def assert_ended(processes: set[int]) -> None:
    """Check that processes end by themselves, soon."""
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{process}/stat").exists() for process in processes):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def moments(count: int, seconds: float) -> Sequence[float]:
    """Return so many moments of a time, at random but one in each part of it."""
    chance = random.Random(count)  # noqa: S311
    return [seconds * (part + chance.random() / 2) / count for part in range(count)]


def write_version(folder: Path, version: int) -> None:
    """Write the documents of a version: most of them are in every one."""
    for number in range(45):
        changes = number % 3 == 0
        path = folder / f"{number:02}.txt"
        if not path.exists() or changes:
            write(path, article(1000 * version * changes + number))
    write_archive(folder / "many.jsonl", [article(n + 10 * version) for n in range(100, 160)])


@ENGINE
@pytest.mark.parametrize("sizes", [PARTS, PARTS | ON_ALL_CORES], ids=["alone", "on all cores"])
def test_a_building_that_is_killed_is_gone_on_with(
    tmp_path: Path, engine: str, sizes: dict[str, int]
) -> None:
    folder = tmp_path / "documents"
    write_version(folder, 1)
    whole = Killing(folder, tmp_path / "whole", engine, sizes).seconds()
    killing = Killing(folder, tmp_path / "home", engine, sizes)

    stopped = [killing.kill(after) for after in moments(2, whole)]
    _, notices = killing.shown()

    assert any(stopped)
    assert notices == []
    assert_as_fresh(Index.open(folder, killing.home, engine=engine), folder, tmp_path / "fresh")
    assert left_behind(killing.home) == []


@ENGINE
@pytest.mark.parametrize("sizes", [PARTS, PARTS | IN_PLACE], ids=["sealed", "in place"])
def test_a_refresh_that_is_killed_leaves_before_or_after(
    tmp_path: Path, engine: str, sizes: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sizes.items():
        monkeypatch.setattr(name, value)
    folder = tmp_path / "documents"
    killing = Killing(folder, tmp_path / "home", engine, sizes)
    write_version(folder, 1)
    before, _ = killing.shown()
    write_version(folder, 2)
    whole = killing.seconds()
    after, _ = killing.shown()
    assert after != before
    stopped = 0
    for turn, moment in enumerate(moments(3, whole)):
        known = [after, before]
        write_version(folder, 1 + turn % 2)

        stopped += killing.kill(moment)

        shown, notices = killing.shown(as_it_is=True)
        assert shown in known
        assert notices == []
        shown, notices = killing.shown()
        assert shown == known[1 - turn % 2]
        assert not [notice for notice in notices if "damaged" in notice]
    assert stopped
    write_version(folder, 3)
    killing.shown()
    assert left_behind(killing.home) == []
    assert_as_fresh(Index.open(folder, killing.home, engine=engine), folder, tmp_path / "fresh")
