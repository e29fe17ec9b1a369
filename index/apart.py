"""Files that libraries in C read, each within bounds of time and memory, in a process apart.

lxml and pdfium cannot be interrupted, and a file made to do harm may crash them. What goes wrong
there ends that process and leaves the file out; the next one is read by a new process.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import IO, cast

from index.errors import WorkerError
from index.readers import Content, Fields, File, Skipped, read
from index.workers import receive, send, start

SECONDS = 30
"""Of the processor's time that a small file may take."""
SECONDS_PER_MB = 20
"""What each megabyte of a file adds; a PDF of text alone takes about half of it."""
MOST_SECONDS = 600
"""What even the largest file may take."""
MEGABYTES = 2_000
"""Memory that reading a file may take, the libraries for it among that."""

_PATIENCE = 10  # times as long may pass on the clock, of a busy machine, as on the processor
_MEGABYTE = 1_000_000
_WORN_BYTES = 500 * _MEGABYTE  # a process that grew so large makes room after the file
_CRASHED = "the library that reads it crashes on it; save it anew with the program that made it"
_SIGABRT, _SIGKILL = 6, 9
_MAPPED = 1_000 * _MEGABYTE  # by Python and the libraries at rest, where a system does not say
_CAN_LIMIT = find_spec("resource") is not None  # it is not on Windows
_READY = b"ready"
# How such a process may end; faulthandler gives the status 1.
_TOO_SLOW = frozenset({1, -getattr(signal, "SIGPROF", 1)})
_OUT_OF_MEMORY, _ALONE = 70, 71


class _Process:
    """A process that reads one file at a time."""

    def __init__(self) -> None:
        call = f"serve({MEGABYTES})"
        self._process = start(f"from index.apart import serve; {call}", is_silent=True)
        self._in = cast("IO[bytes]", self._process.stdin)
        self._out = cast("IO[bytes]", self._process.stdout)
        self.has_read = False
        """Whether it has read a file already, which may have done it harm."""
        try:
            ready = receive(self._out)
        except EOFError:
            ready = b""
        except BaseException:
            self.end()
            raise
        if ready != _READY:
            self.end()
            raise WorkerError

    def read(self, job: bytes) -> tuple[list[Content | Skipped], bool] | None:
        """Return what a file holds and whether this process reads on, or None where it ended."""
        try:
            send(self._in, job)
            found: tuple[list[Content | Skipped], bool] = pickle.loads(receive(self._out))  # noqa: S301 - from our own process
        except (EOFError, BrokenPipeError):
            return None
        except BaseException:
            self.end()
            raise
        self.has_read = True
        return found

    def end(self) -> int:
        """End it, and return its status."""
        self._process.kill()
        for stream in (self._in, self._out):
            with contextlib.suppress(OSError):  # what was not sent yet has nowhere to go
                stream.close()
        return self._process.wait()

    def status(self) -> int:
        """Return the status that it ended with."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)  # it has closed its output, and is ending
        return self.end()


_lock = threading.Lock()
_idle: list[_Process] = []
_scopes = 0


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Keep the processes for further files as long as this lasts."""
    global _scopes  # noqa: PLW0603 - the processes are one for all, as the machine's memory is
    with _lock:
        _scopes += 1
    try:
        yield
    finally:
        with _lock:
            _scopes -= 1
            ending = [] if _scopes else _idle[:]
            if not _scopes:
                _idle.clear()
        for process in ending:
            process.end()


def read_apart(file: File) -> Iterator[Content | Skipped]:
    """Read what a file of a format holds that a library in C reads."""
    data = file.read_binary()
    with kept():
        found = _read(file.name, data)
    yield from found


def _read(name: str, data: bytes) -> list[Content | Skipped]:
    seconds = min(SECONDS + len(data) * SECONDS_PER_MB // _MEGABYTE, MOST_SECONDS)
    job = pickle.dumps((name, data, seconds), -1)
    while True:
        with _lock:
            process = _idle.pop() if _idle else None
        process = process or _Process()
        was_new = not process.has_read
        found, goes_on = process.read(job) or (None, False)
        if goes_on:
            with _lock:
                _idle.append(process)
        else:
            status = process.status()
        if found is not None:
            return found
        reason = _why_it_ended(status, seconds)
        # Else what another file has left behind may have been the reason.
        if was_new or status in _TOO_SLOW:
            return [Skipped(name, reason)]


def _why_it_ended(status: int, seconds: int) -> str:
    """Return why a process could not read a file, in words that follow a name."""
    too_large = f"it needs more than {MEGABYTES:,} MB of memory to read"
    if status in _TOO_SLOW:
        return f"it takes longer than {seconds} s to read"
    if status in {_OUT_OF_MEMORY, -_SIGKILL}:  # the system too kills what has taken its memory
        return too_large
    if status == -_SIGABRT:  # what pdfium does without memory, and others with a mistake
        return f"the library that reads it gives up on it; perhaps {too_large}"
    return _CRASHED


def serve(megabytes: int) -> None:
    """Read the files that come in, until there are no more; the work of such a process.

    Args:
        megabytes: How much memory a file may take.
    """
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # or what a library prints would stand among the results
    send(outgoing, _READY)
    while True:
        try:
            name, data, seconds = pickle.loads(receive(incoming))  # noqa: S301 - from our own process
        except EOFError:
            return
        try:
            _limit_memory(megabytes * _MEGABYTE)
            with _limited_time(seconds):
                found = list(read(File(name, partial(io.BytesIO, data)), Fields()))
            answer = pickle.dumps((found, not _is_worn()), -1)
        except MemoryError:
            os._exit(_OUT_OF_MEMORY)
        except Exception:  # noqa: BLE001 - the file is the reason, whatever it is
            answer = pickle.dumps(([Skipped(name, "it is damaged")], True), -1)
        try:
            send(outgoing, answer)
        except BrokenPipeError:
            os._exit(_ALONE)  # nobody is left to tell


def _limit_memory(most: int) -> None:
    """Limit what this process may map beside what it has mapped already."""
    if not _CAN_LIMIT:
        return
    import resource  # noqa: PLC0415

    with contextlib.suppress(OSError, ValueError):  # a lower limit may be in force
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_mapped() + most, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _mapped() -> int:
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()[0]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return _MAPPED


@contextlib.contextmanager
def _limited_time(seconds: int) -> Iterator[None]:
    """End this process where something takes longer, on the processor or on the clock."""
    # Signals that Python handles would wait for the library; these end the process at once.
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)
    faulthandler.dump_traceback_later(_PATIENCE * seconds, exit=True, file=sys.stderr)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_PROF, 0)


def _is_worn() -> bool:
    if not _CAN_LIMIT:
        return False
    import resource  # noqa: PLC0415

    kilobytes = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * kilobytes > _WORN_BYTES
