"""Other processes that do a part of the work.

Not ``multiprocessing``: that runs a program's main module again in every process that it starts,
and a program of three lines that opens an index would do so for ever.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import IO, Any, cast

from index.errors import WorkerError

_POOL_BYTES = 3_000_000  # of work, from which on it is worth starting processes for
_LENGTH_BYTES = 8
_PROGRAM = "from index.workers import serve; serve()"


@contextmanager
def workers(size: int, program: str = _PROGRAM) -> Iterator[tuple[Executor, int]]:
    """Give what works on jobs, and how many of them may wait for their results to be taken.

    Args:
        size: How many bytes of text there are to work on, more or less.
        program: What each process runs; it calls ``serve``.
    """
    cores = os.cpu_count() or 1
    if size < _POOL_BYTES or cores == 1:
        yield _Here(), 0
        return
    with _Processes(cores, program) as processes:
        yield processes, 2 * cores


class _Here(Executor):
    """Does at once what it is asked to do."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


class _Processes(Executor):
    """Has a thread wait for each of its processes."""

    def __init__(self, count: int, program: str) -> None:
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="working")
        self._started = [start(program) for _ in range(count)]
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        for process in self._started:
            self._idle.put(process)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return self._threads.submit(self._run, pickle.dumps((fn, args, kwargs), -1))

    def _run(self, job: bytes) -> Any:
        process = self._idle.get()
        try:
            send(cast("IO[bytes]", process.stdin), job)
            answer = receive(cast("IO[bytes]", process.stdout))
            worked, result = pickle.loads(answer)  # noqa: S301 - from our own process
        except (EOFError, BrokenPipeError) as error:
            raise WorkerError from error
        finally:
            self._idle.put(process)
        if not worked:
            raise result
        return result

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:  # noqa: FBT001, FBT002 - as the base class has it
        """End the processes; what they are working on is lost."""
        for process in self._started:
            process.kill()
        self._threads.shutdown(wait=wait, cancel_futures=cancel_futures)
        for process in self._started:
            process.communicate()


def start(program: str, *, is_silent: bool = False) -> subprocess.Popen[bytes]:
    """Start a process that gets its work on standard input and answers on standard output.

    Args:
        program: What it runs.
        is_silent: Whether nobody is to see what it says on standard error.
    """
    # The modules come from where this process has them, whatever lies in the current folder.
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-P", "-c", f"import sys; sys.path[:] = {sys.path!r}; {program}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if is_silent else None,
        start_new_session=True,  # Ctrl-C is for the process that writes; it ends the others
    )


def serve() -> None:
    """Do the jobs that come in, until there are no more or nobody is left to ask."""
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # or what a library prints would stand among the results
    while True:
        try:
            fn, args, kwargs = pickle.loads(receive(incoming))  # noqa: S301 - from our own process
        except EOFError:
            return
        try:
            result = True, fn(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - it is raised where the job came from
            result = False, error
        try:
            send(outgoing, pickle.dumps(result, -1))
        except BrokenPipeError:
            return


def send(file: IO[bytes], content: bytes) -> None:
    """Send a piece of work, or what became of it."""
    file.write(len(content).to_bytes(_LENGTH_BYTES, "big"))
    file.write(content)
    file.flush()


def receive(file: IO[bytes]) -> bytes:
    """Return what ``send`` sent.

    Raises:
        EOFError: Nobody sends any more.
    """
    length = file.read(_LENGTH_BYTES)
    if len(length) < _LENGTH_BYTES:
        raise EOFError
    content = file.read(size := int.from_bytes(length, "big"))
    if len(content) < size:
        raise EOFError
    return content
