"""A state file that is damaged is moved aside, and what can be read of it goes into a new one."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

_OUR_NAME = re.compile(r"bot-\d+\.sqlite")
_OUR_MARKS = (b"tortoise_migrations", b"0001_initial")  # in pages far from each other
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_LOG, _SHARED = "-wal", "-shm"
_SUFFIX = ".damaged"
_ROWS = 500  # read at a time

_Row = tuple[str | bytes | int | float | None, ...]


def tells_of_damage(error: BaseException | None) -> bool:
    """Tell whether an error, or what caused it, says that a file is damaged."""
    while error is not None:
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and code & 0xFF in _DAMAGE:
            return True
        # Tortoise has SQLite's error as the argument of its own.
        first = error.args[0] if error.args else None
        error = first if isinstance(first, BaseException) else error.__cause__
    return False


def is_damaged(path: Path) -> bool:
    """Tell whether a file is no SQLite file any more, or one whose pages do not fit together.

    That takes about as long as to read it.
    """
    if not path.stat().st_size:
        return False
    try:
        with closing(sqlite3.connect(path)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok")
    except sqlite3.Error as error:
        return tells_of_damage(error)


def is_ours(path: Path) -> bool:
    """Tell whether a damaged file was a state of ours; another's is not to be moved."""
    if _OUR_NAME.fullmatch(path.name):
        return True
    content = path.read_bytes()
    return any(mark in content for mark in _OUR_MARKS) or not content.strip(b"\0")


def set_aside(path: Path) -> Path:
    """Move a file, and what belongs to it, to a name that is free, and return that."""
    kept = path.with_name(f"{path.name}{_SUFFIX}-{time.strftime('%Y%m%d-%H%M%S')}")
    number = 1
    while kept.exists():
        number += 1
        kept = kept.with_name(f"{kept.name.partition('_')[0]}_{number}")
    log = path.with_name(path.name + _LOG)
    if log.exists():
        log.rename(kept.with_name(kept.name + _LOG))
    path.with_name(path.name + _SHARED).unlink(missing_ok=True)
    path.rename(kept)
    return kept


def new_name(path: Path) -> Path:
    """Return where a new file is made before it takes the place of a damaged one."""
    return path.with_name(f"{path.name}.new")


def made(path: Path) -> Path:
    """Make an empty file beside a state for a new one, for nobody else to read."""
    new = new_name(path)
    for suffix in ("", _LOG, _SHARED, "-journal"):
        new.with_name(new.name + suffix).unlink(missing_ok=True)
    os.close(os.open(new, os.O_CREAT | os.O_WRONLY, 0o600))
    return new


def take_over(damaged: Path, new: Path) -> int:
    """Write what can be read of a damaged state into a new one; return how many rows it was."""
    taken = 0
    with closing(sqlite3.connect(new)) as to, closing(sqlite3.connect(damaged)) as old:
        # Or SQLite reads nothing of a file that is shorter than its first page says.
        old.execute("PRAGMA writable_schema = ON")
        for table, columns in _tables(to).items():
            names = [name for name in columns if name in _columns(old, table)]
            if not names:
                continue
            listed = ", ".join(f'"{name}"' for name in names)
            marks = ", ".join("?" * len(names))
            insert = f'INSERT OR IGNORE INTO "{table}" ({listed}) VALUES ({marks})'  # noqa: S608 - our own names
            for rows in _readable(old, table, listed):
                taken += to.executemany(insert, rows).rowcount
        to.commit()
    return taken


def _tables(connection: sqlite3.Connection) -> dict[str, list[str]]:
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' "
        "AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name <> 'tortoise_migrations'"
    )
    return {name: _columns(connection, name) for (name,) in found.fetchall()}


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    try:
        return [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
    except sqlite3.Error:
        return []


def _readable(connection: sqlite3.Connection, table: str, listed: str) -> Iterator[list[_Row]]:
    """Yield rows from the beginning up to where a page cannot be read, and then from the end."""
    for order in ("ASC", "DESC"):
        query = f'SELECT {listed} FROM "{table}" ORDER BY rowid {order}'  # noqa: S608 - as above
        rows: list[_Row] = []
        whole = False
        try:
            for row in connection.execute(query):
                rows.append(row)
                if len(rows) == _ROWS:
                    yield rows
                    rows = []
            whole = True
        except sqlite3.Error:
            pass
        if rows:
            yield rows
        if whole:
            return
