"""The collection on disk: one SQLite file with the documents, passages, sentences and their terms.

A reader sees it as it was when it was opened, whatever is written meanwhile.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Mapping
from pathlib import Path

from index.collection import Sizes
from index.dropped import DroppedConnection
from index.errors import DamagedIndexError

FILE_NAME = "index.db"

PAGE_BYTES = 8192
_CACHE_KIBIBYTES = 16_384
# From Python 3.12 on, two threads that ask at once may get the same statement (CPython 118172).
_CACHED_STATEMENTS = 0 if sys.version_info >= (3, 12) else 128
_WAIT_SECONDS = 5  # for others that use the database
_OTHERS = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
# What stops the use of a database that is sound: others that use it, the disk, the memory.
_CIRCUMSTANCES = _OTHERS | frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_MISUSE,
    }
)
_FAILED_READS = frozenset({sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ})
_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (path TEXT PRIMARY KEY, size INTEGER NOT NULL, modified INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE skipped (file TEXT NOT NULL, path TEXT NOT NULL, reason TEXT NOT NULL);
CREATE INDEX skipped_of_file ON skipped (file);
CREATE TABLE documents (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    digest BLOB NOT NULL UNIQUE,
    description BLOB NOT NULL,
    title TEXT NOT NULL,
    published TEXT,
    agency TEXT NOT NULL,
    url TEXT,
    frame TEXT NOT NULL,
    first_passage INTEGER NOT NULL,
    last_passage INTEGER NOT NULL,
    first_sentence INTEGER NOT NULL,
    last_sentence INTEGER NOT NULL
);
CREATE TABLE texts (document INTEGER PRIMARY KEY, text BLOB NOT NULL);
CREATE TABLE places (path TEXT PRIMARY KEY, file TEXT NOT NULL, document INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE INDEX places_of_file ON places (file);
CREATE INDEX places_of_document ON places (document);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY,
    document INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    first_sentence INTEGER NOT NULL,
    last_sentence INTEGER NOT NULL
);
CREATE TABLE sentences (
    number INTEGER PRIMARY KEY,
    document INTEGER NOT NULL,
    passage INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    text TEXT NOT NULL,
    gap TEXT NOT NULL,
    words TEXT NOT NULL,
    label TEXT NOT NULL,
    signs INTEGER NOT NULL
);
"""


def connect(file: Path, *, sealed: bool) -> sqlite3.Connection:
    """Open a database for reading, as it stands now.

    Args:
        file: The database.
        sealed: Whether nobody will ever write to it.

    Raises:
        DamagedIndexError: It is missing or does not hold what it should.
        sqlite3.Error: It cannot be opened now.
    """
    is_fixed = sealed or not os.access(file.parent, os.W_OK)
    try:
        return _connect(file, "immutable=1" if is_fixed else "mode=ro")
    except sqlite3.Error as error:
        if is_damage(error) or not file.is_file():
            raise DamagedIndexError(f"{file.name} cannot be opened: {error}") from error
        if is_fixed or _has_log(file):
            raise
    # A full disk, perhaps, which has no room for what several that use a database share.
    return _connect(file, "immutable=1")


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether an error says that a database does not hold what it should."""
    if isinstance(error, sqlite3.ProgrammingError):  # it is closed
        return False
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    if code & 0xFF == sqlite3.SQLITE_IOERR:
        return code in _FAILED_READS
    return code & 0xFF not in _CIRCUMSTANCES


def is_in_use(error: sqlite3.Error) -> bool:
    """Tell whether an error says that others use a database, and do not let go of it."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF in _OTHERS


def _has_log(file: Path) -> bool:
    """Tell whether something was written that is not in the database itself yet."""
    log = file.with_name(f"{file.name}-wal")
    return log.exists() and log.stat().st_size > 0


def _connect(file: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{file.resolve().as_uri()}?{mode}",
        timeout=_WAIT_SECONDS,
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_CACHED_STATEMENTS,
        factory=DroppedConnection,
    )
    try:
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}")
        connection.execute("BEGIN")  # one snapshot for as long as it is open
        connection.execute("SELECT count(*) FROM facts").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def connect_writing(file: Path, *, in_parts: bool = False) -> sqlite3.Connection:
    """Open a database for writing, or make an empty one.

    Args:
        file: The database.
        in_parts: Whether nobody reads it yet. Then a crash of the process does it no harm, but one
            of the machine may, until ``complete`` has been called.

    Raises:
        sqlite3.Error: It cannot be opened.
    """
    connection = sqlite3.connect(file, timeout=_WAIT_SECONDS, isolation_level=None)
    try:
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        # Without a write-ahead log, what is new is written once only.
        connection.execute(f"PRAGMA journal_mode = {'TRUNCATE' if in_parts else 'WAL'}")
        connection.execute(f"PRAGMA synchronous = {'OFF' if in_parts else 'FULL'}")
        connection.execute("PRAGMA wal_autocheckpoint = 0")  # what is written is looked at before
        connection.execute(f"PRAGMA cache_size = -{4 * _CACHE_KIBIBYTES}")
        if not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            connection.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
    except BaseException:
        connection.close()
        raise
    return connection


def is_whole(connection: sqlite3.Connection) -> bool:
    """Tell whether a database is sound, whatever stopped its writing."""
    return [row for (row,) in connection.execute("PRAGMA quick_check(1)")] == ["ok"]


def complete(connection: sqlite3.Connection, *, sealed: bool) -> None:
    """Finish a database that was written in parts.

    Args:
        connection: The database.
        sealed: Whether it will never be written to again; then it can be read without anything
            being written beside it.
    """
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA journal_mode = {'DELETE' if sealed else 'WAL'}")
    [(file,)] = connection.execute("SELECT file FROM pragma_database_list WHERE name = 'main'")
    with open(file, "rb+") as written:  # noqa: PTH123 - the name is SQLite's
        os.fsync(written.fileno())


def checkpoint(connection: sqlite3.Connection) -> None:
    """Bring what was written into the database itself, as far as no reader needs the old.

    Where there is no room for it, it stays in the log; that it was written holds all the same.
    """
    connection.execute("PRAGMA busy_timeout = 0")  # a reader may stay for days
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        if is_damage(error):
            raise


def read_facts(connection: sqlite3.Connection) -> dict[str, str]:
    """Return what is noted about the index as a whole."""
    return dict(connection.execute("SELECT name, value FROM facts"))


def write_facts(connection: sqlite3.Connection, facts: Mapping[str, str]) -> None:
    """Note something about the index as a whole."""
    connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts.items())


def read_files(connection: sqlite3.Connection) -> dict[str, tuple[int, int]]:
    """Return the files that were read, each with its size and time of change."""
    rows = connection.execute("SELECT path, size, modified FROM files")
    return {path: (size, modified) for path, size, modified in rows}


def read_skipped(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return what was left out, by path, each with the reason."""
    return list(connection.execute("SELECT path, reason FROM skipped ORDER BY path"))


def read_places(connection: sqlite3.Connection, document: int) -> list[tuple[str, str]]:
    """Return every path of a document, each with the file that it is in."""
    return list(
        connection.execute(
            "SELECT path, file FROM places WHERE document = ? ORDER BY path", (document,)
        )
    )


def read_file_documents(connection: sqlite3.Connection, file: str) -> list[int]:
    """Return the numbers of the documents that stand in a file."""
    rows = connection.execute("SELECT DISTINCT document FROM places WHERE file = ?", (file,))
    return [number for (number,) in rows]


def read_file_sizes(connection: sqlite3.Connection, file: str) -> tuple[int, int, int | None]:
    """Return how many documents and sentences a file holds, and the number of the first."""
    documents, sentences, first = connection.execute(
        "SELECT count(*), total(last_sentence - first_sentence), min(number) FROM documents"
        " WHERE number IN (SELECT document FROM places WHERE file = ?)",
        (file,),
    ).fetchone()
    return documents, int(sentences), first


def read_sizes(connection: sqlite3.Connection) -> Sizes:
    """Return how much a collection holds."""
    facts = read_facts(connection)
    return Sizes(*(int(facts.get(name, "0")) for name in Sizes._fields))
