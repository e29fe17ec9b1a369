"""What the state gives out: answers, what is stored about a user, figures."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Waiting:
    """An update that was in hand when the bot ended: its JSON, and how often it was tried again."""

    id: int
    body: str
    tries: int


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that was given.

    Attributes:
        id: 16 hex digits that its buttons carry.
        chat: The chat.
        question: The message of the question.
        version: When the question was edited last (seconds since 1970), 0 for never.
        replies: The messages of the answer.
        content: What it showed, as ``bot.recall`` packs it; empty for a reply that is no answer.
    """

    id: str
    chat: int
    question: int
    version: int
    replies: tuple[int, ...]
    content: str

    @staticmethod
    def new_id() -> str:
        """Return an id that nobody can guess."""
        return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored about one user."""

    since: date | None
    language: str | None
    answers: int
    ratings: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """What administrators see.

    Attributes:
        totals: How many questions came out in each way, by name.
        by_day: The same by day, for the days that were asked for, the earliest first.
        up: How many 👍.
        down: How many 👎.
        users: How many users have asked.
        p50_ms: The milliseconds within which half of the answers were sent.
        p95_ms: The same for 95 of 100.
    """

    totals: dict[str, int]
    by_day: tuple[tuple[date, dict[str, int]], ...]
    up: int
    down: int
    users: int
    p50_ms: float
    p95_ms: float
