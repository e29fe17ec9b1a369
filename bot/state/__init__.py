"""What the bot remembers between its runs: ``State`` over one SQLite file."""

from __future__ import annotations

from bot.state.database import ANSWERS_KEPT_DAYS, State, StateError
from bot.state.records import Given, Statistics, Stored

__all__ = ["ANSWERS_KEPT_DAYS", "Given", "State", "StateError", "Statistics", "Stored"]
