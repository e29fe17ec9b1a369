"""Writes that share their transactions: as many as wait are committed together.

A commit costs about the same for one row as for a hundred, so under load each question pays a
fraction of one, and a quiet bot commits at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from enum import Enum

from bot.state.file import FileGoneError, StateFile
from bot.state.repair import tells_of_damage

_LOGGER = logging.getLogger(__name__)

_MOST_POSTPONED = 100_000
_BETWEEN_SECONDS = 0.005

Row = Sequence[int | str | None]


class Statement(Enum):
    """What can be written, in the order in which one transaction does it."""

    RECEIVE = "INSERT OR IGNORE INTO received (id, at, body) VALUES (?, ?, ?)"
    SUPERSEDE = "DELETE FROM answers WHERE id = ?"
    ANSWER = (
        "INSERT OR REPLACE INTO answers (id, chat, question, version, replies, content, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)"
    )
    USER = (
        "INSERT INTO users (id, since) VALUES (?, ?) "
        "ON CONFLICT (id) DO UPDATE SET since = coalesce(since, excluded.since)"
    )
    OUTCOME = (
        "INSERT INTO outcomes (day, name, count) VALUES (?, ?, 1) "
        "ON CONFLICT (day, name) DO UPDATE SET count = count + 1"
    )
    DURATION = (
        "INSERT INTO durations (bucket, count) VALUES (?, 1) "
        "ON CONFLICT (bucket) DO UPDATE SET count = count + 1"
    )
    UNANSWERED = (
        'INSERT INTO unanswered ("key", question, count, day) VALUES (?, ?, 1, ?) '
        'ON CONFLICT ("key") DO UPDATE SET count = count + 1, day = excluded.day'
    )
    MOVE = "INSERT OR REPLACE INTO moved (old, new) VALUES (?, ?)"
    TRY = "UPDATE received SET tries = tries + 1 WHERE id = ?"
    SET_ASIDE = "UPDATE received SET tries = ? WHERE id = ?"
    FORGIVE = "UPDATE received SET tries = 0 WHERE body IS NOT NULL AND tries > 0 AND tries < ?"
    FINISH = "UPDATE received SET body = NULL WHERE id = ?"


def _is_of_file(error: Exception) -> bool:
    """Tell whether the file is why rows could not be written, and not what they hold."""
    # Without a connection, since it could not be opened again, aiosqlite has a plain ValueError.
    no_connection = type(error) is ValueError
    return no_connection or isinstance(error, sqlite3.OperationalError) or tells_of_damage(error)


class Writer:
    """Collects rows and commits them, from ``start`` until ``stop``."""

    def __init__(self, file: StateFile) -> None:
        self._file = file
        self._waiting: list[tuple[Statement, Row]] = []
        self._postponed: list[tuple[Statement, Row]] = []
        # Whether all was written: of what waits, and of what is being written.
        self._committed: asyncio.Future[bool] | None = None
        self._committing: asyncio.Future[bool] | None = None
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def postponed(self) -> int:
        """How many rows could not be written, and are tried again."""
        return len(self._postponed)

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run(), name="state writer")

    async def stop(self) -> None:
        """Write what is left, and end."""
        await self.flush()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._postponed:
            await self._commit(())

    def write(self, statement: Statement, *row: int | str | None) -> asyncio.Future[bool]:
        """Have a row written; the future tells, once that was tried, whether it went well.

        Many share the future: whoever may be cancelled awaits it behind ``asyncio.shield``.
        """
        self._waiting.append((statement, row))
        if self._committed is None:
            self._committed = asyncio.get_running_loop().create_future()
        self._wanted.set()
        return self._committed

    async def flush(self) -> None:
        """Wait until everything that was given is written."""
        while (last := self._committed or self._committing) is not None:
            await asyncio.shield(last)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        begun = 0.0
        while True:
            await self._wanted.wait()
            # Under load, what comes within a moment shares a commit; the first never waits.
            await asyncio.sleep(max(0.0, begun + _BETWEEN_SECONDS - loop.time()))
            begun = loop.time()
            self._wanted.clear()
            rows, self._waiting = self._waiting, []
            committed = self._committing = self._committed
            self._committed = None
            well = False
            try:
                well = await self._commit(rows)
            finally:
                self._committing = None
                if committed is not None:
                    committed.set_result(well)

    async def _commit(self, rows: Sequence[tuple[Statement, Row]], *, again: bool = True) -> bool:
        """Write rows, and before them those that could not be written before."""
        rows, self._postponed = [*self._postponed, *rows], []
        try:
            await self._write(rows)
        except Exception as error:  # noqa: BLE001 - whatever a row holds, the others are written
            if _is_of_file(error):
                # Locked, damaged, a full disk. The bot answers all the same, and tries again with
                # what comes.
                self._postponed = rows[-_MOST_POSTPONED:]
                if again and await self._file.mended(error):
                    return await self._commit((), again=False)
                self._file.trouble.met(error)
                return False
            if len(rows) == 1:
                _LOGGER.error("a row of the state cannot be written: %s", error)  # noqa: TRY400
                return False
            return all([await self._commit([row]) for row in rows])
        self._file.trouble.over()
        return True

    async def _write(self, rows: Sequence[tuple[Statement, Row]]) -> None:
        by_statement: defaultdict[Statement, list[Row]] = defaultdict(list)
        for statement, row in rows:
            by_statement[statement].append(row)

        def write(database: sqlite3.Connection) -> None:
            if not self._file.path.exists():  # which SQLite does not notice
                raise FileGoneError
            if database.in_transaction:  # what another left that could not be committed
                database.execute("ROLLBACK")
            database.execute("BEGIN IMMEDIATE")
            try:
                for statement in Statement:
                    if waiting := by_statement.get(statement):
                        database.executemany(statement.value, waiting)
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise

        # All in one visit to the connection's thread: statement by statement, a transaction takes
        # many times as long while answers are being found, and what was sent is not yet marked so.
        async with self._file.connection.acquire_connection() as connection:
            await connection._execute(lambda: write(connection._conn))  # noqa: SLF001
