"""What the bot remembers between its runs: ``State`` over one SQLite file."""

from __future__ import annotations

from bot.state.database import ANSWERS_KEPT_DAYS, MOST_TRIES, State, StateError
from bot.state.records import Given, Statistics, Stored, Waiting

__all__ = [
    "ANSWERS_KEPT_DAYS",
    "MOST_TRIES",
    "Given",
    "State",
    "StateError",
    "Statistics",
    "Stored",
    "Waiting",
]
