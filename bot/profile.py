"""What Telegram shows of the bot: its commands and its descriptions, in each language."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
)
from telegram.error import TelegramError

from bot.texts import ARABIC, LANGUAGES, Texts

_LOGGER = logging.getLogger(__name__)

_EVERYBODY = ("start", "help", "sources", "language", "about", "forget")
_GROUPS = ("ask", "help")
_ADMINISTRATORS = ("remove", "reload", "stats", "unanswered")


async def introduce(bot: Bot, administrators: Iterable[int]) -> None:
    """Register commands and descriptions, Arabic for everyone and each language for its own."""
    try:
        await _register(bot, ARABIC, None)
        for code, texts in LANGUAGES.items():
            await _register(bot, texts, code)
    except TelegramError as error:
        # The bot answers all the same; its menu is registered at the next start.
        _LOGGER.warning("commands and descriptions could not be registered: %s", error)
    for administrator in administrators:
        await introduce_to_administrator(bot, administrator)
    _LOGGER.info("answering as @%s", bot.username)


async def introduce_to_administrator(bot: Bot, administrator: int) -> None:
    """Register the commands of an administrator, who must have written to the bot before."""
    scope, names = BotCommandScopeChat(administrator), _EVERYBODY + _ADMINISTRATORS
    try:
        await _register_commands(bot, ARABIC, None, names, scope)
        for code, texts in LANGUAGES.items():
            await _register_commands(bot, texts, code, names, scope)
    except TelegramError as error:
        _LOGGER.info("no menu for administrator %s yet: %s", administrator, error)


async def dismiss_administrator(bot: Bot, former: int) -> None:
    """Take the menu of an administrator from who is none any more; everybody's takes its place."""
    scope = BotCommandScopeChat(former)
    try:
        for code in (None, *LANGUAGES):
            await bot.delete_my_commands(scope=scope, language_code=code)
    except TelegramError as error:
        _LOGGER.info("the menu of %s could not be taken back: %s", former, error)


async def _register(bot: Bot, texts: Texts, language: str | None) -> None:
    await _register_commands(bot, texts, language, _EVERYBODY, BotCommandScopeDefault())
    await _register_commands(bot, texts, language, _GROUPS, BotCommandScopeAllGroupChats())
    await bot.set_my_description(texts.description, language_code=language)
    await bot.set_my_short_description(texts.short_description, language_code=language)


async def _register_commands(
    bot: Bot, texts: Texts, language: str | None, names: Iterable[str], scope: BotCommandScope
) -> None:
    commands = [BotCommand(name, getattr(texts, f"{name}_command")) for name in names]
    await bot.set_my_commands(commands, scope=scope, language_code=language)
