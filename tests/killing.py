"""Processes that are killed amid their work, and what they leave."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from index import Index
from tests.documents import children
from tests.index.opening import left_behind
from tests.index.test_kills import assert_ended, everything

TEMPORARY = ("building*", "doomed-*", "current.json-*", "*-new", "*.part")


def marks(folders: Iterable[Path]) -> set[tuple[str, int]]:
    """Return how folders look, with those in them: what is there, and when it changed."""
    found = set()
    for folder in folders:
        for path in (folder, *folder.glob("*/"), *folder.glob("*/*/")):
            try:
                found.add((str(path), path.stat().st_mtime_ns))
            except OSError:
                continue
    return found


def until_at_work(process: subprocess.Popen[str], folders: Iterable[Path]) -> None:
    """Wait until a process has changed something, or has ended."""
    folders = list(folders)
    before = marks(folders)
    while marks(folders) == before and process.poll() is None:
        time.sleep(0.002)


def kill(process: subprocess.Popen[str]) -> bool:
    """Kill a process; return whether it had not ended."""
    helpers = children(process.pid)
    was_running = process.poll() is None
    process.kill()
    process.communicate()
    assert_ended(helpers)
    return was_running


class Expected:
    """What an index may answer, whatever happened to the process that changed it."""

    def __init__(self, documents: Path, home: Path, engine: str) -> None:
        self.documents = documents
        self.home = home
        self.engine = engine
        self._fresh = 0

    def before(self) -> list[object]:
        """Return what it answers before anything is changed."""
        return self._shown(self.home, [], as_it_is=True)

    def check(self, before: list[object]) -> bool:
        """Check that it answers as before or as after, and as after when it is opened again.

        Returns:
            Whether what was done was undone.
        """
        self._fresh += 1
        after = self._shown(self.home.with_name(f"fresh-{self._fresh}"), [], as_it_is=False)
        told: list[str] = []
        found = self._shown(self.home, told, as_it_is=True)
        assert found in (before, after)
        assert self._shown(self.home, told, as_it_is=False) == after
        assert not [line for line in told if "damaged" in line]
        assert left_behind(self.home) == []
        assert [path for name in TEMPORARY for path in self.home.rglob(name)] == []
        return found != after

    def _shown(self, home: Path, told: list[str], *, as_it_is: bool) -> list[object]:
        index: Index = Index.open(
            self.documents, home, engine=self.engine, notify=told.append, as_it_is=as_it_is
        )
        with index:
            return everything(index)
