"""Builds and runs the python-telegram-bot Application."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import re
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from telegram import Update
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError
from telegram.ext import Application, ApplicationBuilder

from bot.access import Access, QuestionLimit
from bot.cluster_library import library_of
from bot.handlers import Handlers
from bot.inbox import Inbox, Processor, ReceivingBot, UpdateQueue
from bot.library import Library
from bot.profile import introduce
from bot.request import AiohttpRequest
from bot.sending import RateLimiter, Sender, seconds
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
_INTRODUCING_SECONDS = 10.0  # that the menus may take before the bot answers; then meanwhile
_LAST_POLL_SECONDS = 2.0  # for the last poll to end when the bot is stopped
_LAST_SECONDS = 25.0  # for what is in hand when the bot is stopped; the rest waits on disk
_DAY = 86_400.0
_GARBAGE_THRESHOLDS = 20_000, 20, 50
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
        WebhookError: The webhook cannot be used.
    """
    with asyncio.Runner(loop_factory=_new_event_loop) as runner:
        runner.run(_run(settings, index))


def _new_event_loop() -> asyncio.AbstractEventLoop:
    """Return an event loop: that of uvloop, which takes less time, where there is one."""
    if find_spec("uvloop") is None:  # as on Windows
        return asyncio.new_event_loop()
    import uvloop  # noqa: PLC0415

    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


class WebhookError(Exception):
    """The webhook cannot be used; ``str`` says why and what to do."""


async def _run(settings: Settings, index: Index) -> None:
    # The index is here to stay: looking through it for garbage again and again takes as long as
    # a tenth of the answers.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE_THRESHOLDS)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    state = await State.open(state_file(settings))
    # Its examples take a moment; a signal is heard meanwhile.
    library = await asyncio.to_thread(library_of, settings.opening(), index)
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
        self._queue = UpdateQueue(self._inbox, receives=self._webhook is not None)
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
            .update_queue(self._queue)
            .concurrent_updates(Processor(self._inbox, _CONCURRENT_UPDATES))
            .build()
        )
        Handlers(self._services).register(self._application)

    async def serve(self) -> None:
        """Answer until the bot is stopped."""
        application = self._application
        try:
            if not await self._until_reached(application.initialize):
                return
            access = self._services.access
            # Whoever runs a bot that is open to everybody should know it at any log level.
            level = logging.INFO if access.is_restricted else logging.WARNING
            _LOGGER.log(level, "who may ask: %s", access.described())
            async with self._introducing():
                for update in await self._inbox.recover(application.bot):
                    self._queue.put_nowait(update)
                await application.start()
                try:
                    await self._answer()
                finally:
                    await self._finish()
        finally:
            await application.shutdown()

    async def _answer(self) -> None:
        if not await self._until_reached(self._receive):
            return
        meanwhile = [asyncio.create_task(self._purge())]
        if self._settings.watch and self._services.library.changes_here:
            meanwhile.append(asyncio.create_task(self._services.library.follow()))
        await self._stop.wait()
        for task in meanwhile:
            task.cancel()

    async def _until_reached(self, call: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Make a call until Telegram answers; return false where the bot is stopped meanwhile."""
        pause = _FIRST_PAUSE
        while not self._stop.is_set():
            try:
                return await self._unless_stopped(call())
            except InvalidToken:
                raise
            except TelegramError as error:
                if isinstance(error, RetryAfter):
                    pause = max(pause, seconds(error.retry_after))
                _LOGGER.warning(
                    "Telegram cannot be reached (%s); trying again in %g s", error, pause
                )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        return False

    async def _unless_stopped(self, work: Coroutine[Any, Any, None]) -> bool:
        """Do something; leave off and return false where the bot is stopped meanwhile."""
        working = asyncio.create_task(work)
        stopped = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait((working, stopped), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
        if working.done():
            await working
            return True
        await _cancel(working)
        return False

    @asynccontextmanager
    async def _introducing(self) -> AsyncIterator[None]:
        """Tell Telegram about the bot: first, or meanwhile where that takes long."""
        administrators = self._services.access.administrators
        introducing = asyncio.create_task(introduce(self._application.bot, administrators))
        stopped = asyncio.create_task(self._stop.wait())
        await asyncio.wait(
            (introducing, stopped),
            timeout=_INTRODUCING_SECONDS,
            return_when=asyncio.FIRST_COMPLETED,
        )
        stopped.cancel()
        try:
            yield
        finally:
            await _cancel(introducing)

    async def _receive(self) -> None:
        """Begin to receive updates, by polling or by webhook."""
        updater = self._application.updater
        if updater is None:
            raise AssertionError  # the builder makes one unless it is told not to
        drop = self._settings.drop_pending_updates
        if self._webhook is None:
            await updater.start_polling(
                allowed_updates=_UPDATES,
                drop_pending_updates=drop,
                error_callback=_on_polling_error,
            )
            return
        hook = self._webhook
        try:
            await updater.start_webhook(
                listen=hook.host,
                port=hook.port,
                url_path=re.escape(hook.path),  # it is taken for a pattern
                webhook_url=hook.url,
                secret_token=hook.secret,
                allowed_updates=_UPDATES,
                drop_pending_updates=drop,
            )
        except BadRequest as error:
            raise WebhookError(
                f"Telegram refuses the webhook {hook.url} ({error}); change JAWAB_WEBHOOK_URL."
            ) from error
        except (OSError, UnicodeError) as error:
            raise WebhookError(
                f"The webhook cannot listen on {hook.host}:{hook.port} "
                f"({getattr(error, 'strerror', None) or error}); set JAWAB_WEBHOOK_LISTEN to an "
                "address of this machine and a free port."
            ) from error
        _LOGGER.info("listening on %s:%s for Telegram", hook.host, hook.port)

    async def _finish(self) -> None:
        """Answer what is in hand; what takes too long is left on disk for the next start."""
        self._services.library.stop()
        updater = self._application.updater
        if updater is not None and updater.running:
            # Between tries to reach Telegram it would sleep for half a minute.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(updater.stop(), _LAST_POLL_SECONDS)
        # A request to the webhook may be under way yet; nobody would take it from the queue.
        self._queue.close()
        try:
            async with asyncio.timeout(_LAST_SECONDS):
                await self._application.stop()
        except TimeoutError:
            _LOGGER.warning("some questions are left for the next start")

    async def _purge(self) -> None:
        while True:
            await asyncio.sleep(_DAY)
            await self._state.purge()


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _make_bot(settings: Settings, inbox: Inbox) -> ReceivingBot:
    root = settings.telegram_api_url
    return ReceivingBot(
        inbox,
        settings.token.get_secret_value(),
        base_url=f"{root}/bot",
        base_file_url=f"{root}/file/bot",
        request=AiohttpRequest(_CONNECTIONS, _WRITE_SECONDS),
        get_updates_request=AiohttpRequest(1),
        rate_limiter=RateLimiter(
            overall_max_rate=settings.messages_per_second, max_retries=_RETRIES_WHEN_LIMITED
        ),
    )


def _on_polling_error(error: TelegramError) -> None:
    _LOGGER.warning("Telegram cannot be reached (%s); trying again", error)
