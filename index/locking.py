"""One process at a time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_WAIT_SECONDS = 0.25


@contextmanager
def locked(file: Path, notify: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock, waiting for it as long as need be.

    SQLite's own lock on a file is let go of however a process ends, on every system.

    Args:
        file: A file for the lock alone; it is made where there is none.
        notify: Told in one line when another process has the lock.

    Raises:
        sqlite3.Error: The file cannot be used.
    """
    with closing(_connect(file, _WAIT_SECONDS)) as connection:
        told = False
        while not _begin(connection, file):
            if not told:
                notify("Another process is working on the index; waiting for it.")
                told = True
        try:
            yield
        finally:
            connection.execute("ROLLBACK")


@contextmanager
def locked_at_once(file: Path) -> Iterator[bool]:
    """Hold a lock where that is possible without waiting for it.

    Args:
        file: As for ``locked``.

    Yields:
        Whether it is held.
    """
    try:
        connection = _connect(file, 0)
    except sqlite3.Error:
        yield False
        return
    with closing(connection):
        try:
            held = _begin(connection, file)
        except sqlite3.Error:  # a full disk, perhaps, or one that cannot be written
            held = False
        try:
            yield held
        finally:
            if held:
                connection.execute("ROLLBACK")


def _connect(file: Path, seconds: float) -> sqlite3.Connection:
    return sqlite3.connect(file, timeout=seconds, isolation_level=None)


def _begin(connection: sqlite3.Connection, file: Path) -> bool:
    """Take the lock; return whether nobody else has it."""
    for is_last in (False, True):
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            code = error.sqlite_errorcode & 0xFF
            if code == sqlite3.SQLITE_BUSY:
                return False
            if is_last or code not in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
                raise
            # It should be empty, as nothing is ever written to it. Not opened, or the locks that
            # this process has on it would be gone.
            os.truncate(file, 0)
        else:
            break
    return True
