"""Who may use the bot, and how many questions they may ask."""

from __future__ import annotations

import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from telegram import Chat

_MOST_TOLD = 10_000


class Access:
    """The allow-lists.

    Without a list of users everybody may ask in private and inline; without a list of chats the bot
    may be in every group. In a group on the list of chats everybody may ask. Administrators may
    always.
    """

    def __init__(
        self,
        users: frozenset[int] = frozenset(),
        chats: frozenset[int] = frozenset(),
        administrators: frozenset[int] = frozenset(),
    ) -> None:
        self._moved: dict[int, int] = {}  # groups that have a new number
        self.change(users, chats, administrators)

    def change(
        self, users: frozenset[int], chats: frozenset[int], administrators: frozenset[int]
    ) -> None:
        """Put other lists in force; groups that have a new number are known again."""
        for old, new in self._moved.items():
            if old in chats:
                chats |= {new}
        self._users = users
        self._chats = chats
        self.administrators = administrators

    @property
    def is_restricted(self) -> bool:
        """Whether not everybody may use the bot everywhere."""
        return bool(self._users or self._chats)

    def allows(self, user: int | None, chat: Chat | None) -> bool:
        """Tell whether a user may ask in a chat; ``chat`` is None for an inline query."""
        if user in self.administrators:
            return True
        if chat is not None and chat.type != Chat.PRIVATE:
            return self.allows_group(chat.id) and (
                chat.id in self._chats or not self._users or user in self._users
            )
        return not self._users or user in self._users

    def allows_group(self, chat: int) -> bool:
        """Tell whether the bot may be in a group."""
        return not self._chats or chat in self._chats

    def moved(self, chat: int, to: int) -> bool:
        """Let the bot stay in a group that has a new number; return whether that was needed."""
        if chat not in self._chats or to in self._chats:
            return False
        self._chats |= {to}
        self._moved[chat] = to
        return True

    def described(self) -> str:
        """Return in one line who may use the bot, for the log."""
        if not self.is_restricted:
            return "open to everybody; JAWAB_ALLOWED_USERS and JAWAB_ALLOWED_CHATS restrict it"
        users = _counted(len(self._users), "user") if self._users else "everybody"
        chats = _counted(len(self._chats), "group") if self._chats else "every group"
        return f"in private and inline: {users}; in {chats}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


class QuestionLimit:
    """How many questions a user may ask in a minute."""

    def __init__(self, per_minute: int) -> None:
        """Set the limit; 0 is none."""
        self.change(per_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._told: set[int] = set()

    def change(self, per_minute: int) -> None:
        """Set another limit, from which on questions are counted anew; 0 is none."""
        self.per_minute = per_minute
        self._item = RateLimitItemPerMinute(per_minute) if per_minute else None

    async def wait_seconds(self, user: int) -> int:
        """Count a question; return 0 where it may be answered, else after how many seconds."""
        if self._item is None or await self._limiter.hit(self._item, str(user)):
            self._told.discard(user)
            return 0
        window = await self._limiter.get_window_stats(self._item, str(user))
        return max(1, round(window.reset_time - time.time()))

    def is_told_first(self, user: int) -> bool:
        """Tell whether a user who is over the limit has not been told so since they were within."""
        if user in self._told:
            return False
        if len(self._told) >= _MOST_TOLD:
            self._told.clear()
        self._told.add(user)
        return True
