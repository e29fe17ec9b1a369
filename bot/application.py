"""Builds and runs the python-telegram-bot Application."""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import Any

from telegram import BotCommand, Update
from telegram.error import InvalidToken, TelegramError
from telegram.ext import AIORateLimiter, Application, ApplicationBuilder

from bot.handlers import Handlers
from bot.settings import Settings
from bot.texts import ARABIC, LANGUAGES, Texts
from index import Index

_LOGGER = logging.getLogger(__name__)

_CONCURRENT_UPDATES = 256
_RETRIES_WHEN_LIMITED = 5
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # seconds between tries to reach Telegram at the start

BotApplication = Application[Any, Any, Any, Any, Any, Any]


def build_application(settings: Settings, index: Index) -> BotApplication:
    """Build the bot over an open index."""
    application = (
        ApplicationBuilder()
        .token(settings.token.get_secret_value())
        .base_url(f"{settings.telegram_api_url}/bot")
        .base_file_url(f"{settings.telegram_api_url}/file/bot")
        .concurrent_updates(_CONCURRENT_UPDATES)
        .rate_limiter(AIORateLimiter(max_retries=_RETRIES_WHEN_LIMITED))
        .build()
    )
    Handlers(index).register(application)
    return application


def run(settings: Settings, index: Index) -> None:
    """Run the bot by long polling until SIGINT or SIGTERM, and answer what is in hand then.

    Raises:
        InvalidToken: Telegram refuses the token.
    """
    asyncio.run(_serve(build_application(settings, index)))


async def _serve(application: BotApplication) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        if not await _connect(application, stop):
            return
        await _introduce(application)
        if application.updater is None:
            raise AssertionError  # the builder makes one unless it is told not to
        await application.start()
        await application.updater.start_polling(
            allowed_updates=[Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY],
            bootstrap_retries=-1,
            error_callback=_on_polling_error,
        )
        await stop.wait()
        await application.updater.stop()
        await application.stop()
    finally:
        await application.shutdown()


async def _connect(application: BotApplication, stop: asyncio.Event) -> bool:
    """Wait for a Telegram that is away; return false where the bot is stopped meanwhile."""
    pause = _FIRST_PAUSE
    while not stop.is_set():
        try:
            await application.initialize()
        except InvalidToken:
            raise
        except TelegramError as error:
            _LOGGER.warning("Telegram cannot be reached (%s); trying again in %g s", error, pause)
        else:
            return True
        try:
            await asyncio.wait_for(stop.wait(), pause)
        except TimeoutError:
            pause = min(2 * pause, _LONGEST_PAUSE)
    return False


def _on_polling_error(error: TelegramError) -> None:
    _LOGGER.warning("Telegram cannot be reached (%s); trying again", error)


async def _introduce(application: BotApplication) -> None:
    """Register commands and descriptions, Arabic for everyone and each language for its own."""
    try:
        await _register(application, ARABIC, None)
        for code, texts in LANGUAGES.items():
            await _register(application, texts, code)
    except TelegramError as error:
        # The bot answers all the same; its menu is registered at the next start.
        _LOGGER.warning("commands and descriptions could not be registered: %s", error)
    _LOGGER.info("answering as @%s", application.bot.username)


async def _register(application: BotApplication, texts: Texts, language: str | None) -> None:
    bot = application.bot
    await bot.set_my_commands(
        [
            BotCommand("start", texts.start_command),
            BotCommand("help", texts.help_command),
            BotCommand("sources", texts.sources_command),
        ],
        language_code=language,
    )
    await bot.set_my_description(texts.description, language_code=language)
    await bot.set_my_short_description(texts.short_description, language_code=language)
