"""Several processes and threads at one index."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product
from pathlib import Path

import pytest

from index import Index
from index.engines.pair import ENGINES
from tests.index.changing import article, assert_as_fresh, write
from tests.index.opening import IN_PLACE, Opener, answers, files, left_behind

WAITING = "Another process is working on the index; waiting for it."
STATE = re.compile(r"الحال (\d+)")
FILES = 4

Opened = Callable[..., Index]


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.fixture(scope="module")
def opener() -> Iterator[Opener]:
    with Opener() as running:
        yield running


class TestProcesses:
    def test_two_that_build_at_once_both_succeed(
        self, documents: Path, tmp_path: Path, opener: Opener
    ) -> None:
        expected = answers(Index.open(documents, tmp_path / "alone"))
        with Opener() as other:
            for number, (engine, sizes) in enumerate(product(ENGINES[1:], [{}, IN_PLACE])):
                home = tmp_path / f"home-{number}"
                for process in (opener, other):
                    process.order(documents, home, engine=engine, sizes=sizes)
                replies = [process.reply() for process in (opener, other)]

                assert [reply.get("answers") for reply in replies] == [expected] * 2
                assert sorted(reply["built"] for reply in replies) == [False, True]
                assert all(set(reply["notices"]) <= {WAITING} for reply in replies)
                assert not Index.open(documents, home, engine=engine).built
                assert left_behind(home) == []

    def test_two_that_repair_at_once_both_succeed(
        self, opened: Opened, documents: Path, home: Path, opener: Opener
    ) -> None:
        first = opened()
        expected = answers(first)
        with Opener() as other:
            for path in files(first.folder)[::3]:
                truncate(path)
                for process in (opener, other):
                    process.order(documents, home)
                replies = [process.reply() for process in (opener, other)]

                assert [reply.get("answers") for reply in replies] == [expected] * 2
                assert answers(opened()) == expected
                assert not opened().built


def write_state(folder: Path, state: int) -> None:
    """Write the files that say in which state the documents are, all the same."""
    for number in range(FILES):
        write(folder / f"{number}.txt", f"بلغت المدينة {number} في الحال {state} ما تريد. وسكتت.\n")


class Asking(threading.Thread):
    """Asks all the time, of the index in force each time, or of one that was opened before."""

    def __init__(self, folder: Path, home: Path, engine: str, *, reopens: bool) -> None:
        super().__init__(daemon=True)
        self._open = partial(Index.open, folder, home, engine=engine, as_it_is=True)
        self._reopens = reopens
        self.seen: list[set[str]] = []
        self.error: BaseException | None = None
        self.enough = threading.Event()

    def run(self) -> None:
        try:
            index = self._open()
            while not self.enough.is_set():
                hits = index.ask("ماذا بلغت المدينة في الحال؟", 20).hits
                shown = [STATE.findall(hit.sentence) for hit in hits]
                self.seen.append({state for states in shown for state in states})
                assert sum(map(len, shown)) == FILES
                if self._reopens:
                    index.close()
                    index = self._open()
            index.close()
        except BaseException as error:  # noqa: BLE001 - it is raised by the test
            self.error = error


class TestThreads:
    @pytest.mark.parametrize("engine", ENGINES[1:])
    @pytest.mark.usefixtures("_both_layouts")
    def test_every_answer_is_of_before_or_after(
        self,
        tmp_path: Path,
        home: Path,
        engine: str,
    ) -> None:
        folder = tmp_path / "documents"
        for number in range(30):
            write(folder / f"more-{number}.txt", article(number))
        write_state(folder, 0)
        first = Index.open(folder, home, engine=engine)
        threads = [Asking(folder, home, engine, reopens=reopens) for reopens in (True, False)]
        for thread in threads:
            thread.start()

        for state in range(1, 9):
            write_state(folder, state)
            Index.open(folder, home, engine=engine).close()
        for thread in threads:
            thread.enough.set()
            thread.join()

        for thread in threads:
            if thread.error:
                raise thread.error
        changing, staying = (thread.seen for thread in threads)
        assert all(len(states) == 1 for states in changing + staying)
        assert set().union(*staying) == {"0"}
        order = [int(*states) for states in changing]
        assert order == sorted(order)
        assert len(set(order)) > 2
        assert {STATE.findall(hit.sentence)[0] for hit in first.ask("الحال", 3).hits} == {"0"}

    @pytest.mark.parametrize("engine", ENGINES[1:])
    def test_many_threads_ask_one_index(self, opened: Opened, engine: str) -> None:
        index = opened(engine)
        expected = answers(index)

        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda _: answers(index), range(16)))

        assert found == [expected] * 16


class TestWaiting:
    def test_a_change_waits_for_another_and_builds_on_it(
        self, documents: Path, home: Path, tmp_path: Path
    ) -> None:
        with Opener() as one, Opener() as other:
            one.order(documents, home)
            write(documents / "extra.txt", article(3))
            other.order(documents, home)
            replies = [one.reply(), other.reply()]

        assert all(set(reply["notices"]) <= {WAITING} for reply in replies[:1])
        assert_as_fresh(Index.open(documents, home), documents, tmp_path / "fresh")
        assert left_behind(home) == []
