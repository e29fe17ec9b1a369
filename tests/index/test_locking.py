"""One process at a time."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from index.locking import locked
from tests.conftest import ROOT

HOLD = (
    "import sys, time; from pathlib import Path; from index.locking import locked\n"
    "with locked(Path(sys.argv[1]), print):\n"
    "    print('held', flush=True); sys.stdin.read()"
)


def hold(file: Path) -> subprocess.Popen[str]:
    """Start a process that holds the lock until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        encoding="utf-8",
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


class TestLock:
    def test_nothing_is_told_where_nobody_has_it(self, tmp_path: Path) -> None:
        told: list[str] = []
        for _ in range(2):
            with locked(tmp_path / "lock.db", told.append):
                pass

        assert told == []

    @pytest.mark.parametrize("killed", [False, True])
    def test_it_is_waited_for_and_that_is_told_once(
        self,
        tmp_path: Path,
        killed: bool,  # noqa: FBT001 - a parameter of the test
    ) -> None:
        holder = hold(tmp_path / "lock.db")
        told: list[str] = []
        has_told, has_it = threading.Event(), threading.Event()

        def tell(line: str) -> None:
            told.append(line)
            has_told.set()

        def wait() -> None:
            with locked(tmp_path / "lock.db", tell):
                has_it.set()

        waiting = threading.Thread(target=wait)
        waiting.start()
        assert has_told.wait(30)
        assert not has_it.wait(0.6)
        if killed:
            holder.kill()
        holder.communicate()
        waiting.join(30)

        assert has_it.is_set()
        assert told == ["Another process is working on the index; waiting for it."]

    def test_it_is_let_go_of_after_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(ZeroDivisionError), locked(tmp_path / "lock.db", print):
            raise ZeroDivisionError
        told: list[str] = []
        with locked(tmp_path / "lock.db", told.append):
            assert told == []

    def test_several_threads_take_turns(self, tmp_path: Path) -> None:
        inside: list[int] = []
        most: list[int] = []

        def work(number: int) -> None:
            with locked(tmp_path / "lock.db", lambda _: None):
                inside.append(number)
                most.append(len(inside))
                inside.remove(number)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert most == [1] * 6
