"""Builds and runs the python-telegram-bot Application."""

from __future__ import annotations

import asyncio
import logging
import signal
from pathlib import Path
from typing import Any

from telegram import Update
from telegram.error import InvalidToken, TelegramError
from telegram.ext import Application, ApplicationBuilder
from telegram.request import HTTPXRequest

from bot.access import Access, QuestionLimit
from bot.handlers import Handlers
from bot.inbox import Inbox, Processor, ReceivingBot, UpdateQueue
from bot.library import Library, Source
from bot.profile import introduce
from bot.sending import RateLimiter, Sender
from bot.services import Services
from bot.settings import Settings
from bot.state import State
from bot.webhook import Webhook
from index import Index

_LOGGER = logging.getLogger(__name__)

_CONCURRENT_UPDATES = 256
_CONNECTIONS = 64
_RETRIES_WHEN_LIMITED = 5
_WRITE_SECONDS = 30.0  # until a message is given up of which it is unknown whether it was sent
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # seconds between tries to reach Telegram at the start
_LAST_SECONDS = 25.0  # for what is in hand when the bot is stopped; the rest waits on disk
_DAY = 86_400.0
_MEGABYTE = 2**20
_UPDATES = [
    Update.MESSAGE,
    Update.EDITED_MESSAGE,
    Update.CALLBACK_QUERY,
    Update.INLINE_QUERY,
    Update.MY_CHAT_MEMBER,
]

BotApplication = Application[Any, Any, Any, Any, Any, Any]


def run(settings: Settings, index: Index) -> None:
    """Run the bot until SIGINT or SIGTERM, and answer what is in hand then.

    Raises:
        InvalidToken: Telegram refuses the token.
        StateError: The bot's state cannot be used.
        WebhookError: The webhook's address cannot be listened on.
    """
    asyncio.run(_run(settings, index))


class WebhookError(Exception):
    """The webhook's address cannot be listened on; ``str`` says why and what to do."""


async def _run(settings: Settings, index: Index) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    state = await State.open(state_file(settings))
    library = Library(
        Source(settings.docs, settings.home, settings.lexicon, settings.morphology), index
    )
    try:
        await _Running(settings, library, state, stop).serve()
    finally:
        library.close()
        await state.close()


def state_file(settings: Settings) -> Path:
    """Return where the state of this bot is kept.

    That is not the cache, which may be emptied; but who gives a home has everything there.
    """
    if settings.state is not None:
        return settings.state
    from platformdirs import user_data_path  # noqa: PLC0415 - 50 ms that a set home saves

    folder = settings.home or user_data_path("jawab", appauthor=False)
    bot = settings.token.get_secret_value().partition(":")[0]
    return folder / f"bot-{bot}.sqlite"


class _Running:
    """The bot while it runs."""

    def __init__(
        self, settings: Settings, library: Library, state: State, stop: asyncio.Event
    ) -> None:
        self._settings = settings
        self._webhook = Webhook.of(settings)
        self._state = state
        self._stop = stop
        self._inbox = Inbox(state)
        bot = _make_bot(settings, self._inbox)
        self._services = Services(
            library=library,
            state=state,
            inbox=self._inbox,
            sender=Sender(bot, stop),
            access=Access(settings.allowed_users, settings.allowed_chats, settings.administrators),
            limit=QuestionLimit(settings.questions_per_minute),
            keeps_questions=settings.keep_questions,
            upload_bytes=settings.upload_megabytes * _MEGABYTE,
        )
        self._application: BotApplication = (
            ApplicationBuilder()
            .bot(bot)
            .update_queue(UpdateQueue(self._inbox, receives=self._webhook is not None))
            .concurrent_updates(Processor(self._inbox, _CONCURRENT_UPDATES))
            .build()
        )
        Handlers(self._services).register(self._application)

    async def serve(self) -> None:
        """Answer until the bot is stopped."""
        application = self._application
        try:
            if not await self._connect():
                return
            _LOGGER.info("who may ask: %s", self._services.access.described())
            await introduce(application.bot, self._services.access.administrators)
            for update in await self._inbox.recover(application.bot):
                application.update_queue.put_nowait(update)
            await application.start()
            await self._receive()
            purging = asyncio.create_task(self._purge())
            await self._stop.wait()
            purging.cancel()
            await self._finish()
        finally:
            await application.shutdown()

    async def _connect(self) -> bool:
        """Wait for a Telegram that is away; return false where the bot is stopped meanwhile."""
        pause = _FIRST_PAUSE
        while not self._stop.is_set():
            try:
                await self._application.initialize()
            except InvalidToken:
                raise
            except TelegramError as error:
                _LOGGER.warning(
                    "Telegram cannot be reached (%s); trying again in %g s", error, pause
                )
            else:
                return True
            try:
                await asyncio.wait_for(self._stop.wait(), pause)
            except TimeoutError:
                pause = min(2 * pause, _LONGEST_PAUSE)
        return False

    async def _receive(self) -> None:
        """Begin to receive updates, by polling or by webhook."""
        updater = self._application.updater
        if updater is None:
            raise AssertionError  # the builder makes one unless it is told not to
        drop = self._settings.drop_pending_updates
        if self._webhook is None:
            await updater.start_polling(
                allowed_updates=_UPDATES,
                bootstrap_retries=-1,
                drop_pending_updates=drop,
                error_callback=_on_polling_error,
            )
            return
        hook = self._webhook
        try:
            await updater.start_webhook(
                listen=hook.host,
                port=hook.port,
                url_path=hook.path,
                webhook_url=hook.url,
                secret_token=hook.secret,
                allowed_updates=_UPDATES,
                bootstrap_retries=-1,
                drop_pending_updates=drop,
            )
        except OSError as error:
            raise WebhookError(
                f"The webhook cannot listen on {hook.host}:{hook.port} ({error.strerror}); set "
                "JAWAB_WEBHOOK_LISTEN to an address of this machine and a free port."
            ) from error
        _LOGGER.info("listening on %s:%s for Telegram", hook.host, hook.port)

    async def _finish(self) -> None:
        """Answer what is in hand; what takes too long is left on disk for the next start."""
        if self._application.updater is not None:
            await self._application.updater.stop()
        try:
            async with asyncio.timeout(_LAST_SECONDS):
                await self._application.stop()
        except TimeoutError:
            _LOGGER.warning("some questions are left for the next start")

    async def _purge(self) -> None:
        while True:
            await asyncio.sleep(_DAY)
            await self._state.purge()


def _make_bot(settings: Settings, inbox: Inbox) -> ReceivingBot:
    root = settings.telegram_api_url
    return ReceivingBot(
        inbox,
        settings.token.get_secret_value(),
        base_url=f"{root}/bot",
        base_file_url=f"{root}/file/bot",
        request=HTTPXRequest(
            connection_pool_size=_CONNECTIONS, read_timeout=_WRITE_SECONDS, pool_timeout=60.0
        ),
        get_updates_request=HTTPXRequest(),
        rate_limiter=RateLimiter(
            overall_max_rate=settings.messages_per_second, max_retries=_RETRIES_WHEN_LIMITED
        ),
    )


def _on_polling_error(error: TelegramError) -> None:
    _LOGGER.warning("Telegram cannot be reached (%s); trying again", error)
