"""Writes that share their transactions: as many as wait are committed together.

A commit costs about the same for one row as for a hundred, so under load each question pays a
fraction of one, and a quiet bot commits at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Sequence
from enum import Enum

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import BaseORMException
from tortoise.transactions import in_transaction

_LOGGER = logging.getLogger(__name__)

Row = Sequence[int | str | None]


class Statement(Enum):
    """What can be written, in the order in which one transaction does it."""

    RECEIVE = "INSERT OR IGNORE INTO received (id, at, body) VALUES (?, ?, ?)"
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
    FINISH = "UPDATE received SET body = NULL WHERE id = ?"


class Writer:
    """Collects rows and commits them, from ``start`` until ``stop``."""

    def __init__(self, connection: BaseDBAsyncClient) -> None:
        self._connection = connection
        self._waiting: list[tuple[Statement, Row]] = []
        self._committed: asyncio.Future[bool] | None = None
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

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

    def write(self, statement: Statement, *row: int | str | None) -> asyncio.Future[bool]:
        """Have a row written; the future tells, once it is committed, whether that went well."""
        self._waiting.append((statement, row))
        if self._committed is None:
            self._committed = asyncio.get_running_loop().create_future()
        self._wanted.set()
        return self._committed

    async def flush(self) -> None:
        """Wait until everything that was given is written."""
        while self._committed is not None:
            await asyncio.shield(self._committed)

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            rows, committed = self._waiting, self._committed
            self._waiting, self._committed = [], None
            well = await self._commit(rows)
            if committed is not None:
                committed.set_result(well)

    async def _commit(self, rows: Sequence[tuple[Statement, Row]]) -> bool:
        by_statement: defaultdict[Statement, list[list[int | str | None]]] = defaultdict(list)
        for statement, row in rows:
            by_statement[statement].append(list(row))
        try:
            async with in_transaction(self._connection.connection_name) as transaction:
                for statement in Statement:
                    if waiting := by_statement.get(statement):
                        await transaction.execute_many(statement.value, waiting)
        except (BaseORMException, OSError) as error:
            # The bot answers all the same; what is lost is a count, or a button's memory.
            _LOGGER.error("the state could not be written (%d rows): %s", len(rows), error)  # noqa: TRY400
            return False
        return True
