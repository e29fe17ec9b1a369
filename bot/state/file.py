"""The file of the bot's state: opened, and begun anew where it is damaged or gone."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Self, TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import TortoiseContext
from tortoise.exceptions import BaseORMException
from tortoise.migrations.executor import MigrationExecutor

from bot.state.repair import (
    is_damaged,
    is_ours,
    made,
    new_name,
    set_aside,
    take_over,
    tells_of_damage,
)
from bot.trouble import Trouble

_LOGGER = logging.getLogger(__name__)

_MENDED_AGAIN_SECONDS = 3600.0  # a disk that damages what it is given is not mended by a new file
_APP = "state"
_NEW = "new"  # the connection to a file that is to take the place of a damaged one

_PRAGMAS = {
    "journal_mode": "WAL",
    # Survives a crash of the bot; at worst a power cut loses the last moment.
    "synchronous": "NORMAL",
    # The log is carried over into the file, which waits for the disk, every 40 MB.
    "wal_autocheckpoint": 10_000,
    "journal_size_limit": 64 * 2**20,
    "busy_timeout": 2000,  # what cannot be written then is written later
    # What is deleted, questions in hand among it, is overwritten in the file.
    "secure_delete": "ON",
}

BROKEN = (BaseORMException, sqlite3.Error, OSError, ValueError)
"""What goes wrong where the file does not work."""

T = TypeVar("T")


class FileGoneError(sqlite3.OperationalError):
    """The file was removed or renamed."""

    def __init__(self) -> None:
        super().__init__("the file is gone")


class StateFile:
    """An open file.

    Attributes:
        path: Where it is.
        connection: The connection to it, which stays the same.
        trouble: What goes wrong with it.
    """

    def __init__(self, context: TortoiseContext, path: Path) -> None:
        self.path = path
        self.connection: BaseDBAsyncClient = context.db()
        self.trouble = Trouble(
            _LOGGER,
            "the state does not work (%s); answers go on, and it is caught up on when it does",
            "the state works again after %.0f s",
        )
        self._context = context
        self._mending = asyncio.Lock()
        self._mended_at: float | None = None

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open a file, which is made or brought up to date; one that is damaged is replaced.

        Raises:
            BaseORMException: It cannot be brought up to date; see ``BROKEN`` for what else.
        """
        context = TortoiseContext()
        try:
            await asyncio.to_thread(_make, path)
            context.__enter__()
            await context.init(configuration(path))
            file = cls(context, path)
            if await asyncio.to_thread(_is_to_be_replaced, path):
                await file._replace(await file._made_anew())
            # Left to itself, tortoise would connect with a lock in hand and keep it on an error.
            await file.connection.create_connection(with_db=True)
            await _migrate(file.connection, path)
        except BROKEN:
            await context.close_connections()
            raise
        return file

    async def close(self) -> None:
        """Close it."""
        await self._context.close_connections()

    async def _made_anew(self) -> tuple[Path, int]:
        """Make a new file beside this one, with what can be read of it; return it and the rows."""
        new = await asyncio.to_thread(made, self.path)
        client = self._context.db(_NEW)
        try:
            await client.create_connection(with_db=True)
            await _migrate(client, new)
        finally:
            await client.close()
        taken = 0
        if self.path.exists():
            taken = await asyncio.to_thread(take_over, self.path, new)
        return new, taken

    async def _replace(self, anew: tuple[Path, int]) -> None:
        """Put a new file in the place of this one, which is kept."""
        new, taken = anew
        if not self.path.exists():
            new.rename(self.path)
            _LOGGER.error("the state %s was removed; a new one is begun", self.path)
            return
        kept = set_aside(self.path)
        new.rename(self.path)
        _LOGGER.error(
            "the state %s was damaged; it is kept as %s, and %d of its rows are in a new one",
            self.path,
            kept.name,
            taken,
        )

    async def mended(self, error: Exception) -> bool:
        """Replace a file of which an error says that it is damaged or gone, if it is."""
        if not isinstance(error, FileGoneError) and not tells_of_damage(error):
            return False
        async with self._mending:
            now = time.monotonic()
            if self._mended_at is not None and now - self._mended_at < _MENDED_AGAIN_SECONDS:
                return False
            try:
                if self.path.exists() and not await asyncio.to_thread(is_damaged, self.path):
                    return False
                self._mended_at = now
                anew = await self._made_anew()
                async with self.connection.acquire_connection() as connection:
                    await self.connection.close()
                    try:
                        await self._replace(anew)
                        await self.connection.create_connection(with_db=True)
                    except BaseException:
                        # Without one, even closed, tortoise would connect with the lock in hand and
                        # keep it on an error.
                        self.connection._connection = connection  # noqa: SLF001
                        raise
            except BROKEN as again:
                _LOGGER.error("no new state could be begun: %s", again)  # noqa: TRY400
                return False
            return True

    async def read(self, query: Awaitable[T], otherwise: T) -> T:
        """Return what is read, or something else where the file does not work.

        An answer is not to wait for what the bot remembers.
        """
        try:
            return await query
        except BROKEN as error:
            if not await self.mended(error):
                self.trouble.met(error)
            return otherwise


def _make(path: Path) -> None:
    """Make the file if there is none, for nobody else to read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    # What cannot be opened is told here: aiosqlite leaves a thread behind that fails.
    with path.open("ab"):
        pass


def _is_to_be_replaced(path: Path) -> bool:
    return is_damaged(path) and is_ours(path)


def configuration(path: Path) -> dict[str, object]:
    """Return how tortoise finds a file, and the one that is to take its place."""
    files = {"default": path, _NEW: new_name(path)}
    return {
        "connections": {
            name: {
                "engine": "tortoise.backends.sqlite",
                "credentials": {"file_path": str(file), **_PRAGMAS},
            }
            for name, file in files.items()
        },
        "apps": {
            _APP: {
                "models": ["bot.state.models"],
                "default_connection": "default",
                "migrations": "bot.state.migrations",
            }
        },
        "use_tz": False,
    }


async def _migrate(connection: BaseDBAsyncClient, path: Path) -> None:
    apps = configuration(path)["apps"]
    if not isinstance(apps, dict):
        raise TypeError
    await MigrationExecutor(connection, apps).migrate()
