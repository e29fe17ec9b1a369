"""Builds and runs the python-telegram-bot Application."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import Any

from telegram import Update
from telegram.error import InvalidToken, RetryAfter, TelegramError
from telegram.ext import Application, ApplicationBuilder

from bot.access import Access, QuestionLimit
from bot.bookkeeping import Bookkeeping
from bot.cluster_library import library_of
from bot.handlers import Handlers
from bot.hangups import Hangups
from bot.inbox import Inbox, Processor, UpdateQueue
from bot.lasting import lasting
from bot.library import Library
from bot.monitoring import Monitor, monitored
from bot.polling import ReceivingBot
from bot.profile import introduce
from bot.reach import ObservedRequest
from bot.reloading import Reloading
from bot.request import LARGEST_FILE
from bot.revocation import Token, TokenRevokedError
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
_TRIES_TOLD = 10  # at the start; then every tenth
_INTRODUCING_SECONDS = 10.0  # that the menus may take before the bot answers; then meanwhile
_LAST_POLL_SECONDS = 2.0  # for the last poll to end when the bot is stopped
_LAST_SECONDS = 25.0  # for what is in hand when the bot is stopped; the rest waits on disk
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


def run(settings: Settings, index: Index, hangups: Hangups) -> None:
    """Run the bot until SIGINT or SIGTERM, and answer what is in hand then.

    Args:
        settings: What it is run with.
        index: The open index.
        hangups: What SIGHUP asks for.

    Raises:
        InvalidToken: Telegram refuses the token.
        MonitoringError: The metrics cannot be served.
        CertificatesError: The certificates to trust cannot be read.
        StateError: The bot's state cannot be used.
        TokenRevokedError: Telegram no longer takes the token.
        WebhookError: The webhook cannot be used.
    """
    with asyncio.Runner(loop_factory=_new_event_loop) as runner:
        runner.run(_run(settings, index, hangups))


def _new_event_loop() -> asyncio.AbstractEventLoop:
    """Return an event loop: that of uvloop, which takes less time, where there is one."""
    if find_spec("uvloop") is None:  # as on Windows
        return asyncio.new_event_loop()
    import uvloop  # noqa: PLC0415

    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


async def _run(settings: Settings, index: Index, hangups: Hangups) -> None:
    # The index is here to stay: looking through it for garbage again and again takes as long as
    # a tenth of the answers.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE_THRESHOLDS)
    stop = asyncio.Event()
    _stop_on_signals(stop)
    monitor = Monitor(polls=settings.webhook_url is None)
    async with monitored(monitor, settings.metrics_port):
        state = await State.open(settings.state_file())
        # Its examples take a moment; a signal is heard meanwhile.
        library = await asyncio.to_thread(library_of, settings.opening(), index)
        monitor.health.library = library
        library.on_refresh = monitor.metrics.refreshed
        try:
            running = _Running(settings, library, state, stop, monitor)
            hangups.listen(running.reloading.ask, stop.set)
            await running.serve()
        finally:
            library.close()
            await state.close()
            hangups.close()


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # on Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))


class _Running:
    """The bot while it runs."""

    def __init__(
        self,
        settings: Settings,
        library: Library,
        state: State,
        stop: asyncio.Event,
        monitor: Monitor,
    ) -> None:
        self._settings = settings
        self._monitor = monitor
        self._webhook = Webhook.of(settings)
        self._state = state
        self._stop = stop
        self._inbox = Inbox(state)
        self._queue = UpdateQueue(self._inbox, receives=self._webhook is not None)
        self._token = Token(stop)
        bot = _make_bot(settings, self._inbox, self._token, monitor)
        self._services = Services(
            library=library,
            state=state,
            inbox=self._inbox,
            sender=Sender(bot, stop, self._token),
            access=Access(settings.allowed_users, settings.allowed_chats, settings.administrators),
            limit=QuestionLimit(settings.questions_per_minute),
            bookkeeping=Bookkeeping(monitor.metrics, tells_questions=settings.log_questions),
            keeps_questions=settings.keep_questions,
            upload_bytes=settings.upload_megabytes * _MEGABYTE,
        )
        processor = Processor(self._inbox, _CONCURRENT_UPDATES)
        self._application: BotApplication = (
            ApplicationBuilder()
            .bot(bot)
            .update_queue(self._queue)
            .concurrent_updates(processor)
            .build()
        )
        Handlers(self._services).register(self._application)
        self.reloading = Reloading(settings, self._services, bot)
        self._count(processor)

    def _count(self, processor: Processor) -> None:
        """Have the metrics tell how much there is to do."""
        queue, state, follow = self._queue, self._state, self._monitor.metrics.follow
        follow(
            "jawab_updates_in_hand",
            "Updates that are being dealt with.",
            lambda: processor.current_concurrent_updates,
        )
        follow(
            "jawab_updates_waiting",
            "Updates that wait for others to be dealt with.",
            lambda: queue.taken - processor.begun,
        )
        follow(
            "jawab_state_rows_postponed",
            "Rows of the state that could not be written, and are tried again.",
            lambda: state.postponed,
        )

    async def serve(self) -> None:
        """Answer until the bot is stopped.

        Raises:
            TokenRevokedError: Telegram no longer takes the token.
        """
        application = self._application
        try:
            if not await self._until_reached(application.initialize):
                return
            access = self._services.access
            # Whoever runs a bot that is open to everybody should know it at any log level.
            level = logging.INFO if access.is_restricted else logging.WARNING
            _LOGGER.log(level, "who may ask: %s", access.described())
            for old, new in await self._state.moves():
                access.moved(old, new)
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
        if self._token.is_revoked:
            raise TokenRevokedError

    async def _answer(self) -> None:
        if not await self._until_reached(self._receive):
            return
        self._monitor.health.begin_to_receive()
        meanwhile = [
            asyncio.create_task(lasting("forgetting what is old", self._state.tidy)),
            asyncio.create_task(lasting("reloading", self.reloading.run)),
        ]
        await self._stop.wait()
        for task in meanwhile:
            task.cancel()

    async def _until_reached(self, call: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Make a call until Telegram answers; return false where the bot is stopped meanwhile."""
        pause = _FIRST_PAUSE
        for tries in itertools.count():
            if self._stop.is_set():
                break
            try:
                return await self._unless_stopped(call())
            except InvalidToken:
                raise
            except TelegramError as error:
                if isinstance(error, RetryAfter):
                    pause = max(pause, seconds(error.retry_after))
                _LOGGER.log(
                    logging.DEBUG
                    if tries > _TRIES_TOLD and tries % _TRIES_TOLD
                    else logging.WARNING,
                    "Telegram cannot be reached (%s); trying again in %g s",
                    *(error, pause),
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
        await self._webhook.listen(updater, allowed_updates=_UPDATES, drop_pending_updates=drop)

    async def _finish(self) -> None:
        """Answer what is in hand; what takes too long is left on disk for the next start."""
        self._monitor.health.is_stopping = True
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
            _LOGGER.warning(
                "some questions are left for the next start; of %d answers Telegram has not said "
                "whether it sent them, and these may come twice",
                self._services.sender.under_way,
            )
        await self._inbox.close()


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _make_bot(settings: Settings, inbox: Inbox, token: Token, monitor: Monitor) -> ReceivingBot:
    root = settings.telegram_api_url
    return ReceivingBot(
        inbox,
        token,
        settings.token.get_secret_value(),
        base_url=f"{root}/bot",
        base_file_url=f"{root}/file/bot",
        request=ObservedRequest(
            monitor.observers(of_polling=False),
            _CONNECTIONS,
            _WRITE_SECONDS,
            # A server of one's own gives larger files than Telegram.
            max(settings.upload_megabytes * _MEGABYTE, LARGEST_FILE),
        ),
        get_updates_request=ObservedRequest(monitor.observers(of_polling=True), 1),
        rate_limiter=RateLimiter(
            overall_max_rate=settings.messages_per_second, max_retries=_RETRIES_WHEN_LIMITED
        ),
    )


def _on_polling_error(error: TelegramError) -> None:
    """Say nothing: ``ReceivingBot`` has told of it, once."""
    _LOGGER.debug("polling failed: %s", error)
