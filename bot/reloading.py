"""Settings and documents read again while the bot runs, as SIGHUP asks for."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from telegram.ext import ExtBot

from bot.environment import EnvFileError, env_file_read_again
from bot.following import follow
from bot.lasting import lasting
from bot.library import BusyError
from bot.logs import set_up_logging
from bot.opening import Opening
from bot.profile import dismiss_administrator, introduce_to_administrator
from bot.sending import RateLimiter, StoppedError
from bot.services import Services
from bot.settings import Settings, SettingsError, name_of, read_settings
from index import JawabError
from index.building import Changes

_LOGGER = logging.getLogger(__name__)

_AT_ONCE = frozenset(
    {
        "allowed_users",
        "allowed_chats",
        "administrators",
        "questions_per_minute",
        "messages_per_second",
        "keep_questions",
        "upload_megabytes",
        "log_level",
        "log_format",
        "log_questions",
        "watch",
    }
)
_OF_THE_INDEX = frozenset(
    {"docs", "home", "engine", "archive_fields", "lexicon", "morphology"}
    | {name for name in Settings.model_fields if name.startswith("qdrant_")}
)
_MEGABYTE = 2**20

Bot = ExtBot[Any]


class Reloading:
    """What is in force of the settings, and how that changes; the documents followed with it."""

    def __init__(self, settings: Settings, services: Services, bot: Bot) -> None:
        """Take over what the bot was started with.

        Args:
            settings: The settings.
            services: What the handlers work with.
            bot: Telegram's bot.
        """
        self._settings = settings
        self._services = services
        self._bot = bot
        self._secrets = settings.secrets()
        self._wanted = asyncio.Event()
        self._following: asyncio.Task[None] | None = None
        self._menus: set[asyncio.Task[None]] = set()

    def ask(self) -> None:
        """Ask for a reload; what is asked for amid one is done once more after it."""
        self._wanted.set()

    async def run(self) -> None:
        """Follow the documents where that is wanted, and reload whenever asked, until cancelled."""
        self._follow()
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                await self._reload()
        finally:
            for task in (self._following, *self._menus):
                if task is not None:
                    task.cancel()
            self._following = None

    def _follow(self) -> None:
        """Follow the documents from now on as the settings say."""
        if self._following is not None:
            self._following.cancel()
            self._following = None
        library = self._services.library
        if self._settings.watch and library.changes_here:
            self._following = asyncio.create_task(
                lasting("following the documents", partial(follow, library))
            )

    async def _reload(self) -> None:
        _LOGGER.info("reloading the settings and the documents")
        try:
            with env_file_read_again():
                new = read_settings()
        except (SettingsError, EnvFileError) as error:
            _LOGGER.warning("not reloaded, everything stays as it was: %s", error)
            return
        changed = [
            name for name in Settings.model_fields if getattr(new, name) != self._value(name)
        ]
        of_the_index = [name for name in changed if name in _OF_THE_INDEX]
        at_once = [name for name in changed if name in _AT_ONCE]
        before, after = self._settings.opening(), new.opening()
        if before != after and (before.cluster or after.cluster):
            of_the_index = []  # a cluster is another kind of library
        later = [name for name in changed if name not in {*of_the_index, *at_once}]
        self._apply(new, at_once)
        if later:
            _LOGGER.warning("changed but needs a restart: %s", _names(later))
        try:
            if of_the_index and before != after:
                documents = await self._replace(after)
            else:
                documents = await self._refresh()
            self._take(new, of_the_index)
        except StoppedError:
            return
        except (JawabError, OSError, sqlite3.Error) as error:
            in_vain = f"{_names(of_the_index)} not in force: " if of_the_index else ""
            _LOGGER.warning("%sthe documents stay as they were: %s", in_vain, error)
            of_the_index, documents = [], "as they were"
        in_force = _names([*at_once, *of_the_index]) or "no setting has changed"
        _LOGGER.info("reloaded: %s; documents: %s", in_force, documents)

    def _value(self, name: str) -> object:
        value: object = getattr(self._settings, name)
        return value

    def _take(self, new: Settings, names: Iterable[str]) -> None:
        """Have some settings in force."""
        taken = {name: getattr(new, name) for name in names}
        self._settings = self._settings.model_copy(update=taken)

    # What changes at once.

    def _apply(self, new: Settings, names: Iterable[str]) -> None:
        before, services = self._settings, self._services
        self._take(new, names)
        # What was secret before is still known to Telegram and to others.
        self._secrets = tuple(dict.fromkeys((*self._secrets, *new.secrets())))
        set_up_logging(new.log_level, self._secrets, new.log_format)
        changed = set(names)
        if changed & {"allowed_users", "allowed_chats", "administrators"}:
            services.access.change(new.allowed_users, new.allowed_chats, new.administrators)
            _LOGGER.info("who may ask: %s", services.access.described())
            self._tell_of_administrators(before.administrators, new.administrators)
        if "questions_per_minute" in changed:
            services.limit.change(new.questions_per_minute)
        limiter = self._bot.rate_limiter
        if isinstance(limiter, RateLimiter) and "messages_per_second" in changed:
            limiter.change(new.messages_per_second)
        services.keeps_questions = new.keep_questions
        services.bookkeeping.tells_questions = new.log_questions
        services.upload_bytes = new.upload_megabytes * _MEGABYTE
        if "watch" in changed:
            self._follow()

    def _tell_of_administrators(self, before: frozenset[int], now: frozenset[int]) -> None:
        """Change the menus of those who have become administrators, or are none any more."""
        for tell, users in (
            (introduce_to_administrator, now - before),
            (dismiss_administrator, before - now),
        ):
            for user in users:
                telling = asyncio.create_task(tell(self._bot, user))
                self._menus.add(telling)
                telling.add_done_callback(self._menus.discard)

    # The documents.

    async def _replace(self, opening: Opening) -> str:
        library = self._services.library
        await library.replace(opening)
        self._follow()
        sizes = library.index.collection.sizes
        return f"{sizes.documents}, with {sizes.sentences} sentences"

    async def _refresh(self) -> str:
        library = self._services.library
        if not library.changes_here:
            with suppress(BusyError):
                await library.reload()
            return "looked for in the cluster"
        return _described(await library.refresh())


def _names(fields: Iterable[str]) -> str:
    return ", ".join(name_of(field) for field in fields)


def _described(changes: Changes) -> str:
    counts = ((changes.came, "came"), (changes.changed, "changed"), (changes.went, "went"))
    said = ", ".join(f"{count} {what}" for count, what in counts if count)
    return said or "as they were"
