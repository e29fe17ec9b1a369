"""Other processes that lock what an index needs, and clocks that jump."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from index import Index, StoreError
from tests.conftest import ROOT
from tests.index.changing import article, assert_as_fresh, write
from tests.index.opening import answers, left_behind
from tests.index.test_locking import hold
from tests.index.test_processes import WAITING

BOTH_LAYOUTS = pytest.mark.usefixtures("_both_layouts")
DAY = 24 * 3600


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(5):
        write(tmp_path / "documents" / f"{number}.txt", article(number))
    return tmp_path / "documents"


class TestLocked:
    @BOTH_LAYOUTS
    def test_a_database_that_another_has_locked(
        self, folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("index.database._WAIT_SECONDS", 0.2)
        first = Index.open(folder, home)
        expected = answers(first)
        first.close()
        told: list[str] = []
        with closing(sqlite3.connect(first.folder / "index.db", isolation_level=None)) as other:
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
            other.execute("BEGIN EXCLUSIVE")
            with Index.open(folder, home, notify=told.append) as index:
                assert answers(index) == expected
            other.execute("ROLLBACK")

        assert told == []
        assert Index.open(folder, home).folder == first.folder

    @pytest.mark.usefixtures("large")
    def test_a_database_that_another_goes_on_writing(
        self, folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("index.database._WAIT_SECONDS", 0.2)
        first = Index.open(folder, home)
        first.close()
        write(folder / "new.txt", article(30))
        with closing(sqlite3.connect(first.folder / "index.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match=r"is locked\); try again when no other program"):
                Index.open(folder, home)
            other.execute("ROLLBACK")

        with Index.open(folder, home) as index:
            assert index.folder == first.folder
            assert index.collection.sizes.documents == 6

    @pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
    def test_who_has_the_lock_is_stopped(self, folder: Path, home: Path, tmp_path: Path) -> None:
        Index.open(folder, home).close()
        write(folder / "new.txt", article(30))
        [lock] = home.glob("*/lock.db")
        holder = hold(lock)
        holder.send_signal(signal.SIGSTOP)
        told: list[str] = []
        has_told = threading.Event()

        def tell(line: str) -> None:
            told.append(line)
            has_told.set()

        built: list[bool] = []
        opening = threading.Thread(
            target=lambda: built.append(Index.open(folder, home, notify=tell).built)
        )
        opening.start()
        assert has_told.wait(30)
        with Index.open(folder, home, as_it_is=True) as index:  # who only asks does not wait
            assert index.collection.sizes.documents == 5
        holder.send_signal(signal.SIGCONT)
        holder.communicate()
        opening.join(30)

        assert built == [True]
        assert told[0] == WAITING
        assert_as_fresh(Index.open(folder, home), folder, tmp_path / "fresh")

    def test_rubbish_in_the_file_of_the_lock(self, folder: Path, home: Path) -> None:
        Index.open(folder, home).close()
        [lock] = home.glob("*/lock.db")
        lock.write_bytes(b"no database" * 100)
        write(folder / "new.txt", article(30))

        assert Index.open(folder, home).collection.sizes.documents == 6
        assert lock.stat().st_size == 0


class TestSweep:
    @BOTH_LAYOUTS
    def test_opening_alone_sweeps_what_a_crash_left(self, folder: Path, home: Path) -> None:
        store = Index.open(folder, home).folder.parent
        left = ("building", "building-copy", "doomed-0123abcd", "0123456789abcdef01234567")

        for as_it_is in (True, False):
            for name in left:
                (store / name).mkdir(exist_ok=True)
                (store / name / "index.db").write_bytes(b"not one")
            (store / "current.json-new").write_text("{}")
            holder = hold(store / "lock.db")
            Index.open(folder, home, as_it_is=as_it_is).close()
            assert len(left_behind(home)) == len(left)  # while somebody writes
            holder.communicate()

            told: list[str] = []
            index = Index.open(folder, home, as_it_is=as_it_is, notify=told.append)

            assert told == []
            assert not index.built
            # A building may be gone on with where it is not known to be of no use.
            assert [path.name for path in left_behind(home)] == ["building"] * as_it_is
            assert not (store / "current.json-new").exists()

    def test_a_building_that_was_broken_off_while_it_was_sealed(
        self, folder: Path, home: Path
    ) -> None:
        first = Index.open(folder, home)
        building = first.folder.with_name("building")
        shutil.copytree(first.folder, building)
        (building / "seal.json-new").write_text("{", "utf-8")
        write(folder / "new.txt", article(30))

        assert Index.open(folder, home).built
        assert [Index.open(folder, home).collection.sizes.documents for _ in range(2)] == [6, 6]
        assert not Index.open(folder, home).built

    @pytest.mark.usefixtures("large")
    def test_opening_notes_the_checksums_of_a_change_that_was_broken_off(
        self, folder: Path, home: Path
    ) -> None:
        index = Index.open(folder, home)
        (index.folder / "sums.json").unlink()

        Index.open(folder, home, as_it_is=True).close()

        assert (index.folder / "sums.json").exists()


def at(offset: float, folder: Path, home: Path, shift: Path) -> dict[str, Any]:
    """Open an index twice in a process whose clock is so many seconds ahead."""
    (shift / "sitecustomize.py").write_text(
        "import time\n"
        "seconds, nanoseconds = time.time, time.time_ns\n"
        f"time.time = lambda: seconds() + {offset}\n"
        f"time.time_ns = lambda: nanoseconds() + {int(offset)} * 10**9\n",
        "utf-8",
    )
    code = (
        "import json, sys, time; from pathlib import Path; from index import Index\n"
        "told, built = [], []\n"
        "for _ in range(2):\n"
        "    index = Index.open(Path(sys.argv[1]), Path(sys.argv[2]), notify=told.append)\n"
        "    built.append(index.built)\n"
        "paths = [source.path for source, _ in index.collection.listing()]\n"
        "print(json.dumps({'built': built, 'paths': paths, 'told': told, 'now': time.time()}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, folder, home],
        env=os.environ | {"PYTHONPATH": f"{shift}{os.pathsep}{ROOT}"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    assert abs(found["now"] - time.time() - offset) < 60
    return found


class TestClock:
    def test_it_jumps(self, folder: Path, home: Path, tmp_path: Path) -> None:
        shift = tmp_path / "shift"
        shift.mkdir()
        paths = [f"{number}.txt" for number in range(5)]
        assert at(0, folder, home, shift)["built"] == [True, False]
        for turn, offset in enumerate((-DAY, 400 * DAY, -400 * DAY)):
            name = f"new-{turn}.txt"
            (folder / name).write_text(article(20 + turn), "utf-8")  # now, by the disk's clock
            paths.append(name)
            changed = at(offset, folder, home, shift)
            assert changed["built"] == [True, False]
            assert changed["paths"] == sorted(paths)
            assert len(changed["told"]) == 1

    def test_a_file_from_the_future(self, folder: Path, home: Path) -> None:
        ahead = time.time() + 1000 * DAY
        write(folder / "ahead.txt", article(20))
        os.utime(folder / "ahead.txt", (ahead, ahead))
        first = Index.open(folder, home)
        assert [Index.open(folder, home).state for _ in range(2)] == [first.state] * 2  # no loop

        (folder / "ahead.txt").write_text(article(21), "utf-8")

        assert Index.open(folder, home).built
