"""What the bot remembers, in one SQLite file: languages, answers' buttons, ratings, counts."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Self

from tortoise.functions import Count
from tortoise.transactions import in_transaction

from bot.state.file import BROKEN, StateFile
from bot.state.histogram import bucket, quantile
from bot.state.models import (
    Duration,
    GivenAnswer,
    Moved,
    Outcome,
    Rating,
    Received,
    Unanswered,
    User,
)
from bot.state.records import Given, Statistics, Stored, Waiting
from bot.state.writer import Statement, Writer

_LOGGER = logging.getLogger(__name__)

ANSWERS_KEPT_DAYS = 45
"""Days that an answer's buttons work."""

MOST_TRIES = 3
"""Starts at which an update is dealt with over which the bot ends."""

_SET_ASIDE = MOST_TRIES + 1  # as the tries of an update that is dealt with no more
_RECEIVED_KEPT_DAYS = 2  # Telegram keeps an update for a day at the most
_REMEMBERED_UPDATES = 100_000
_UNANSWERED_KEPT = 10_000
_DAY, _HOUR = 86_400, 3600


class StateError(Exception):
    """The state cannot be used; ``str`` says why and what to do."""


class State:
    """The state of one bot; ``open`` makes one, ``close`` writes what is left."""

    def __init__(self, file: StateFile) -> None:
        self._file = file
        self._connection = file.connection
        self._writer = Writer(file)
        # Updates that are known, so that a duplicate is told without reading the disk.
        self._seen: OrderedDict[int, None] = OrderedDict()
        # Few choose one, and every reply needs to know.
        self._languages: dict[int, str] = {}

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open the state, bringing an older file's tables up to date.

        One that is damaged is moved aside, and a new one holds what could be read of it.

        Raises:
            StateError: The file cannot be made, read or brought up to date.
        """
        file = None
        try:
            file = await StateFile.open(path)
            state = cls(file)
            await state._load()
        except BROKEN as error:
            if file is not None:
                await file.close()
            raise StateError(
                f"The bot's state in {path} cannot be used ({error}); set JAWAB_STATE to a file "
                "that can be written."
            ) from error
        state._writer.start()
        return state

    async def close(self) -> None:
        """Write what is left, and close the file."""
        await self._writer.stop()
        await self._file.close()

    async def _load(self) -> None:
        await self.purge()
        newest = Received.all(using_db=self._connection).order_by("-at", "-id")
        known = await newest.limit(_REMEMBERED_UPDATES).values_list("id", flat=True)
        self._seen = OrderedDict.fromkeys(int(str(number)) for number in reversed(known))
        chosen = User.filter(language__not_isnull=True).using_db(self._connection)
        self._languages = {user.id: user.language for user in await chosen if user.language}

    @property
    def postponed(self) -> int:
        """How many rows could not be written, and are tried again."""
        return self._writer.postponed

    async def tidy(self, every: float = _DAY, again: float = _HOUR) -> None:
        """Delete what is kept for a time only, day by day; sooner where that failed."""
        pause = every
        while True:
            await asyncio.sleep(pause)
            try:
                await self.purge()
                pause = every
            except BROKEN as error:
                _LOGGER.warning("what is old could not be deleted from the state yet: %s", error)
                pause = again

    async def purge(self) -> None:
        """Delete what is kept for a time only, once that is over."""
        now = int(time.time())
        connection = self._connection
        await (
            Received.filter(at__lt=now - _RECEIVED_KEPT_DAYS * _DAY, body=None)
            .using_db(connection)
            .delete()
        )
        await (
            Received.filter(at__lt=now - ANSWERS_KEPT_DAYS * _DAY, tries=_SET_ASIDE)
            .using_db(connection)
            .delete()
        )
        await (
            GivenAnswer.filter(at__lt=now - ANSWERS_KEPT_DAYS * _DAY).using_db(connection).delete()
        )
        await connection.execute_query(
            'DELETE FROM unanswered WHERE "key" IN '
            "(SELECT key FROM unanswered ORDER BY day DESC, count DESC LIMIT -1 OFFSET ?)",
            [_UNANSWERED_KEPT],
        )

    # Updates.

    def is_new(self, update: int) -> bool:
        """Tell whether an update has not come before, and know it from now on."""
        if update in self._seen:
            return False
        self._seen[update] = None
        if len(self._seen) > _REMEMBERED_UPDATES:
            self._seen.popitem(last=False)
        return True

    async def receive(self, updates: Iterable[tuple[int, str]]) -> None:
        """Keep updates (id, JSON) until they are finished; return once they are on disk.

        Where they cannot be written, it returns all the same: an answer goes before its memory.
        """
        now = int(time.time())
        written = None
        for number, body in updates:
            written = self._writer.write(Statement.RECEIVE, number, now, body)
        if written is not None:
            await asyncio.shield(written)

    def finish(self, update: int) -> None:
        """Let go of an update that has been dealt with."""
        self._writer.write(Statement.FINISH, update)

    async def unfinished(self) -> list[Waiting]:
        """Return the updates that were in hand when the bot ended, in their order."""
        left = Received.filter(body__not_isnull=True, tries__lte=MOST_TRIES)
        rows = await left.using_db(self._connection).order_by("id")
        return [Waiting(row.id, row.body or "", row.tries) for row in rows]

    async def tried(self, updates: Iterable[int]) -> None:
        """Count that updates are dealt with once more; return once that is on disk."""
        written = None
        for number in updates:
            written = self._writer.write(Statement.TRY, number)
        if written is not None:
            await asyncio.shield(written)

    async def set_aside(self, update: int) -> None:
        """Have an update dealt with no more; it is kept for as long as answers are."""
        await asyncio.shield(self._writer.write(Statement.SET_ASIDE, _SET_ASIDE, update))

    async def forgive(self) -> None:
        """Have no update count as tried, since the bot ends of its own accord."""
        await asyncio.shield(self._writer.write(Statement.FORGIVE, _SET_ASIDE))

    # Groups.

    async def moves(self) -> list[tuple[int, int]]:
        """Return the groups that have another number now: the old and the new one."""
        rows = await self._file.read(Moved.all(using_db=self._connection), [])
        return [(row.old, row.new) for row in rows]

    def keep_move(self, old: int, new: int) -> None:
        """Keep that a group has another number."""
        self._writer.write(Statement.MOVE, old, new)

    # Answers and their buttons.

    def remember(self, given: Given, instead_of: Given | None = None) -> None:
        """Keep an answer, so that its buttons and edits of its question find it.

        Args:
            given: The answer.
            instead_of: The one whose messages now hold it.
        """
        if instead_of is not None and instead_of.id != given.id:
            self._writer.write(Statement.SUPERSEDE, instead_of.id)
        self._writer.write(
            Statement.ANSWER,
            given.id,
            given.chat,
            given.question,
            given.version,
            json.dumps(given.replies),
            given.content,
            int(time.time()),
        )

    async def given(self, answer: str, chat: int) -> Given | None:
        """Return an answer of this chat by its id, or None where there is none (any more)."""
        await self._writer.flush()
        found = GivenAnswer.get_or_none(id=answer, chat=chat, using_db=self._connection)
        return _given(await self._file.read(found, None))

    async def answer_to(self, chat: int, question: int) -> Given | None:
        """Return the latest answer to the question in a message, or None."""
        await self._writer.flush()
        found = GivenAnswer.filter(chat=chat, question=question).using_db(self._connection)
        return _given(await self._file.read(found.order_by("-version", "-at").first(), None))

    async def edits(self, limit: int) -> dict[tuple[int, int], int]:
        """Return the latest edits that were answered, oldest first: version by chat and message."""
        edited = GivenAnswer.filter(version__gt=0).using_db(self._connection).order_by("-at")
        listed = edited.limit(limit).values_list("chat", "question", "version")
        rows = await self._file.read(listed, [])
        found: dict[tuple[int, int], int] = {}
        for chat, question, version in reversed(rows):
            key = (int(str(chat)), int(str(question)))
            found[key] = max(found.get(key, 0), int(str(version)))
        return found

    # Ratings.

    async def rate(self, answer: str, user: int, value: int) -> int:
        """Set a user's rating of an answer, or take back the same one; return what it is now."""
        async with in_transaction(self._connection.connection_name) as transaction:
            mine = Rating.filter(answer=answer, user=user).using_db(transaction)
            before = await mine.first()
            await mine.delete()
            if before is not None and before.value == value:
                return 0
            await Rating.create(
                using_db=transaction, answer=answer, user=user, value=value, at=int(time.time())
            )
        return value

    async def ratings(self, answer: str) -> dict[int, int]:
        """Return how many users gave an answer each rating, by value."""
        return await self._ratings(answer=answer)

    async def _ratings(self, **which: str) -> dict[int, int]:
        grouped = (
            Rating.filter(**which)
            .using_db(self._connection)
            .annotate(times=Count("id"))
            .group_by("value")
        )
        rows = await self._file.read(grouped.values_list("value", "times"), [])
        return {int(str(value)): int(str(times)) for value, times in rows}

    # Users.

    def language(self, user: int) -> str | None:
        """Return the language that a user chose, or None."""
        return self._languages.get(user)

    async def set_language(self, user: int, language: str) -> None:
        """Keep the language that a user chose."""
        await self._connection.execute_query(
            "INSERT INTO users (id, language) VALUES (?, ?) "
            "ON CONFLICT (id) DO UPDATE SET language = excluded.language",
            [user, language],
        )
        self._languages[user] = language

    async def stored_about(self, user: int) -> Stored:
        """Return what is stored about a user."""
        await self._writer.flush()
        connection = self._connection
        found = await User.get_or_none(id=user, using_db=connection)
        since = found.since if found else None
        return Stored(
            since=date.fromordinal(since) if since else None,
            language=found.language if found else None,
            answers=await GivenAnswer.filter(chat=user).using_db(connection).count(),
            ratings=await Rating.filter(user=user).using_db(connection).count(),
        )

    async def forget(self, user: int) -> None:
        """Delete everything that is stored about a user, the answers of their chat included."""
        await self._writer.flush()
        async with in_transaction(self._connection.connection_name) as transaction:
            await User.filter(id=user).using_db(transaction).delete()
            await Rating.filter(user=user).using_db(transaction).delete()
            await GivenAnswer.filter(chat=user).using_db(transaction).delete()
            # An update of theirs that was set aside holds their number as JSON writes it.
            for end in (",", "}"):
                await transaction.execute_query(
                    "DELETE FROM received WHERE tries = ? AND body LIKE ?",
                    [_SET_ASIDE, f'%"id": {user}{end}%'],
                )
            # SQLite notes the largest id that a table ever had, for ids that it gives itself.
            await transaction.execute_query("DELETE FROM sqlite_sequence WHERE name = 'users'")
        self._languages.pop(user, None)

    # Counts.

    def count(self, outcome: str, seconds: float, user: int) -> None:
        """Count a question: how it came out, how long it took, and that this user has asked."""
        today = _today().toordinal()
        self._writer.write(Statement.OUTCOME, today, outcome)
        self._writer.write(Statement.DURATION, bucket(seconds * 1000))
        self._writer.write(Statement.USER, user, today)

    def keep_unanswered(self, key: str, question: str) -> None:
        """Count a question without an answer; ``key`` is the same for its other spellings."""
        self._writer.write(Statement.UNANSWERED, key, question, _today().toordinal())

    async def unanswered(self, limit: int) -> list[tuple[str, int, date]]:
        """Return the questions most asked without an answer: text, how often, and when last."""
        await self._writer.flush()
        most = Unanswered.all(using_db=self._connection).order_by("-count", "-day", "key")
        return [
            (row.question, row.count, date.fromordinal(row.day)) for row in await most.limit(limit)
        ]

    async def statistics(self, days: int) -> Statistics:
        """Return the figures, those by day for the last ``days`` days, today included."""
        await self._writer.flush()
        connection = self._connection
        today = _today()
        by_day: dict[date, dict[str, int]] = {
            today - timedelta(days=back): {} for back in reversed(range(days))
        }
        totals: dict[str, int] = {}
        for row in await Outcome.all(using_db=connection):
            totals[row.name] = totals.get(row.name, 0) + row.count
            if (day := date.fromordinal(row.day)) in by_day:
                by_day[day][row.name] = row.count
        ratings = await self._ratings()
        durations = {row.bucket: row.count for row in await Duration.all(using_db=connection)}
        return Statistics(
            totals=totals,
            by_day=tuple(by_day.items()),
            up=ratings.get(1, 0),
            down=ratings.get(-1, 0),
            users=await User.filter(since__not_isnull=True).using_db(connection).count(),
            p50_ms=quantile(durations, 0.5),
            p95_ms=quantile(durations, 0.95),
        )


def _today() -> date:
    return date.today()  # noqa: DTZ011 - days as the machine's administrators count them


def _given(row: GivenAnswer | None) -> Given | None:
    if row is None:
        return None
    replies: Sequence[int] = json.loads(row.replies)
    return Given(row.id, row.chat, row.question, row.version, tuple(replies), row.content)
