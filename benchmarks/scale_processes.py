"""Work in processes of its own, with what it takes of time and memory.

Memory is told twice: what is resident, memory-mapped files included, which the system takes back
when it needs it; and what is the process's own (anonymous), which it cannot. Of a process with
children all are summed up, so that what they share counts more than once.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

_PAUSE = 0.05  # seconds between two looks at a process and its children
_KIBIBYTE = 1024
_PROCESSES = multiprocessing.get_context("spawn")


class Memory(NamedTuple):
    """Bytes of memory: resident, and of these the process's own."""

    resident: int
    own: int

    @property
    def shown(self) -> str:
        """Both as people read them."""
        return " / ".join(f"{size / 1e6:,.0f}" for size in self)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a function took in a process of its own."""

    seconds: float
    peak: Memory


class FailedError(Exception):
    """A process of the benchmark ended with an error, which it has written out."""


def run(function: Callable[..., object], *arguments: object) -> Ran:
    """Run a function in a process of its own, and wait for it.

    Raises:
        FailedError: It failed.
    """
    process = _PROCESSES.Process(target=function, args=arguments)
    started = time.perf_counter()
    process.start()
    with _watched(process.pid or 0) as peak:
        process.join()
        seconds = time.perf_counter() - started
    if process.exitcode:
        raise FailedError(f"{function.__qualname__} ended with {process.exitcode}")
    return Ran(seconds, Memory(*peak))


@contextlib.contextmanager
def _watched(root: int) -> Iterator[list[int]]:
    """Look at a process and its children until the end; gives the most seen so far."""
    peak = [0, 0]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(_PAUSE):
            now = memory(*_tree(root))
            peak[:] = map(max, peak, now)

    watch = threading.Thread(target=look)
    watch.start()
    try:
        yield peak
    finally:
        ended.set()
        watch.join()


def _tree(root: int) -> list[int]:
    """Return a process and all that it started, by their numbers."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                # Behind the name, which may hold anything: state, number of the parent, …
                rest = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2]
                children.setdefault(int(rest.split()[1]), []).append(int(folder.name))
    tree = [root]
    for process in tree:
        tree.extend(children.get(process, ()))
    return tree


def memory(*processes: int) -> Memory:
    """Return what processes take at this moment; those that have ended take nothing."""
    status = [_status(process) for process in processes]
    return Memory(
        *(
            sum(one.get(name, 0) for one in status)
            for name in ("VmRSS", "RssAnon")
        )
    )  # fmt: skip


def _status(process: int) -> dict[str, int]:
    try:
        lines = Path(f"/proc/{process}/status").read_text("utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.split() for line in lines if line.endswith("kB"))
    return {name.rstrip(":"): int(size) * _KIBIBYTE for name, size, _ in pairs}


class Server:
    """A system that answers from a process of its own.

    Attributes:
        opened: Seconds from nothing to the first answer, the start of Python included.
    """

    def __init__(
        self, opener: Callable[..., Callable[[Any], object]], *arguments: object, first: object
    ) -> None:
        """Start it and ask it once.

        Args:
            opener: Opens the system, in its process, and returns what answers.
            arguments: What it is called with.
            first: What is asked first.

        Raises:
            FailedError: It cannot be opened.
        """
        self._name = opener.__qualname__
        self._ours, theirs = _PROCESSES.Pipe()
        self._process = _PROCESSES.Process(target=_serve, args=(theirs, opener, arguments, first))
        started = time.perf_counter()
        self._process.start()
        theirs.close()
        self._receive()
        self.opened = time.perf_counter() - started

    def ask(self, question: object) -> float:
        """Ask, and return how many milliseconds the answer took.

        Raises:
            FailedError: There was none.
        """
        self._ours.send(question)
        return self._receive() * 1000

    def memory(self) -> Memory:
        """Return what it takes now."""
        return memory(self._process.pid or 0)

    def close(self) -> None:
        """End the process."""
        self._ours.close()
        self._process.join()

    def _receive(self) -> float:
        try:
            seconds: float = self._ours.recv()
        except EOFError:
            raise FailedError(f"{self._name} ended") from None
        return seconds


def _serve(
    asked: Connection,
    opener: Callable[..., Callable[[Any], object]],
    arguments: tuple[object, ...],
    first: object,
) -> None:
    answer = opener(*arguments)
    answer(first)
    asked.send(0.0)
    with contextlib.suppress(EOFError):
        while True:
            question = asked.recv()
            started = time.perf_counter()
            answer(question)
            asked.send(time.perf_counter() - started)
