"""One process at a time."""

from __future__ import annotations

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
    with closing(sqlite3.connect(file, timeout=_WAIT_SECONDS, isolation_level=None)) as connection:
        told = False
        while True:
            try:
                connection.execute("BEGIN EXCLUSIVE")
                break
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
                if not told:
                    notify("Another process is working on the index; waiting for it.")
                    told = True
        try:
            yield
        finally:
            connection.execute("ROLLBACK")
