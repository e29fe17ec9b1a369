"""A bit flipped in a file of an index: what is asked then is answered as before, or it is said."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from index import Index
from index.checksums import has_sums
from index.engines.pair import ENGINES
from tests.conftest import Endurance
from tests.index.changing import QUESTIONS, article, write
from tests.index.opening import files

DAMAGED = "The index is damaged; it is built anew."
ANOTHER = "The index was built by another version of Jawab; it is built anew."
ENGINE = pytest.mark.parametrize("engine", ENGINES[1:])
IN_FORCE = "current.json"
ANYBODYS = {".lock", "index.db-shm", "lock.db"}
"""Files that hold nothing of the index."""


@pytest.fixture(autouse=True)
def _all_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Among equal ones, numbers would say which are candidates."""
    monkeypatch.setattr("index.engines.pair.SENTENCE_CANDIDATES", 1000)
    monkeypatch.setattr("index.engines.pair.PASSAGE_CANDIDATES", 1000)


class Flipping:
    """An index that is kept, so that a bit of each of its files can be flipped again and again."""

    def __init__(self, folder: Path, home: Path, engine: str) -> None:
        self.folder = folder
        self.home = home
        self.engine = engine
        self.kept = home.with_name("kept")

    def build(self, *, with_log: bool) -> None:
        """Make it; its database may have what was written last in a log beside it."""
        for number in range(12):
            write(self.folder / f"{number}.txt", article(number))
        index = Index.open(self.folder, self.home, engine=self.engine)
        if with_log:
            write(self.folder / "0.txt", article(40))
            Index.open(self.folder, self.home, engine=self.engine).close()
        index.close()
        self.expected, notices = self.shown()
        assert notices == []
        shutil.copytree(self.home, self.kept)

    def shown(self) -> tuple[list[Any], list[str]]:
        """Open it and ask; return what was answered, and what was told."""
        notices: list[str] = []
        with Index.open(self.folder, self.home, engine=self.engine, notify=notices.append) as index:
            hits = [hit for question in QUESTIONS for hit in index.ask(question, 1000).hits]
            # Equal ones come in the order of their numbers, which a new index gives anew.
            shown = sorted((round(hit.score, 6), hit.sentence, hit.document.path) for hit in hits)
        return shown, notices

    def flip(self, name: Path, place: int) -> None:
        """Flip a bit of a file of the index as it was kept."""
        shutil.rmtree(self.home)
        shutil.copytree(self.kept, self.home)
        path = self.home / name
        data = bytearray(path.read_bytes())
        data[place // 8] ^= 1 << place % 8
        path.write_bytes(data)


def kind(name: Path) -> str:
    is_one = name.name.startswith(("index", "lock")) or name.suffix == ".json"
    return name.name if is_one else name.suffix or name.name


@ENGINE
@pytest.mark.parametrize("layout", ["sealed", "in place", "with a log"])
def test_a_flipped_bit_is_noticed(
    tmp_path: Path, engine: str, layout: str, request: Any, endurance: Endurance
) -> None:
    if layout != "sealed":
        request.getfixturevalue("large")
    flipping = Flipping(tmp_path / "documents", tmp_path / "home", engine)
    flipping.build(with_log=layout == "with a log")
    there = [path.relative_to(flipping.kept) for path in files(flipping.kept)]
    chance = random.Random(len(layout))  # noqa: S311
    told: Counter[str] = Counter()
    kinds = {kind(name): name for name in there if (flipping.kept / name).stat().st_size}
    assert ("index.db-wal" in kinds) == (layout == "with a log")
    assert ("sums.json" in kinds) == (layout != "sealed")
    if not endurance(0, 1):
        # One of each kind; what is beside a log is flipped without it already.
        there = [
            name for name in kinds.values() if layout != "with a log" or name.suffix == ".db-wal"
        ]

    for name in there:
        bits = 8 * (flipping.kept / name).stat().st_size
        for place in chance.sample(range(bits), min(endurance(1, 15), bits)):
            flipping.flip(name, place)

            shown, notices = flipping.shown()

            assert shown == flipping.expected, (name, place)
            assert kind(name) in ANYBODYS or len(notices) == 1, (name, place)
            assert set(notices) <= {DAMAGED} | ({ANOTHER} if name.name == IN_FORCE else set())
            told[kind(name)] += len(notices)

    assert {name for name, count in told.items() if not count} <= ANYBODYS


@pytest.mark.usefixtures("large")
class TestOnceADay:
    def test_what_looks_as_it_did_is_read_too(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A disk that loses a bit changes no time of the file."""
        flipping = Flipping(tmp_path / "documents", tmp_path / "home", "rank_bm25")
        flipping.build(with_log=False)
        [name] = [
            p.relative_to(flipping.kept) for p in files(flipping.kept) if p.name == "index.db"
        ]
        monkeypatch.setattr("index.checksums._is_alike", lambda *_: True)
        flipping.flip(name, 8 * 70_000)
        monkeypatch.setattr("index.checksums._CHECKED_SECONDS", 0)

        assert flipping.shown() == (flipping.expected, [DAMAGED])

    def test_it_is_noted_anew_where_only_the_times_differ(self, tmp_path: Path) -> None:
        flipping = Flipping(tmp_path / "documents", tmp_path / "home", "tantivy")
        flipping.build(with_log=False)
        shutil.rmtree(flipping.home)
        shutil.copytree(flipping.kept, flipping.home)
        [sums] = [path for path in files(flipping.home) if path.name == "sums.json"]
        before = sums.read_bytes()

        assert flipping.shown() == (flipping.expected, [])
        after = sums.read_bytes()
        assert after != before
        assert flipping.shown() == (flipping.expected, [])
        assert sums.read_bytes() == after
        assert has_sums(sums.parent)
