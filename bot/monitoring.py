"""The small HTTP server that tells whether the bot lives, is ready, and what it has counted.

It runs in the bot's own event loop, so that its silence says what it should. What it tells is known
elsewhere: ``bot.metrics`` holds the counts, to which ``bot.bookkeeping`` adds each question and
``bot.reach`` each request to Telegram; ``bot.health`` decides from the latter, and from the index,
whether the bot is ready.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client.aiohttp import make_aiohttp_handler

from bot.detached import detached
from bot.health import Health
from bot.metrics import IndexFigures, Metrics
from bot.printable import label
from bot.reach import ERRORS, Observer, Reach
from index import Index
from index.database import FILE_NAME

_LOGGER = logging.getLogger(__name__)

_MEASURING_SECONDS = 1.0  # that the size of the index may take; then it is told the next time
_CLOSING_SECONDS = 1.0


class MonitoringError(Exception):
    """The server cannot listen; ``str`` says why and what to do."""


class Monitor:
    """What is watched of a bot.

    Attributes:
        metrics: What is counted.
        health: Whether it is ready.
    """

    def __init__(self, *, polls: bool) -> None:
        """Watch nothing yet.

        Args:
            polls: Whether the bot gets its updates by polling, which shows best whether Telegram is
                reached; else every other request does.
        """
        self.metrics = Metrics(ERRORS)
        reach = Reach(never_rests=polls)
        self.health = Health(reach)
        self._polls = polls
        self._telling: tuple[Observer, ...] = (self.metrics.request, reach.note)

    def observers(self, *, of_polling: bool) -> tuple[Observer, ...]:
        """Return what is told how requests end, those of polling or the others."""
        return self._telling if of_polling == self._polls else self._telling[:1]


@asynccontextmanager
async def monitored(monitor: Monitor, address: str | None) -> AsyncIterator[None]:
    """Serve the metrics and the health of a bot in here.

    Args:
        monitor: What is watched of it.
        address: The address and port to listen on, or None for none.

    Raises:
        MonitoringError: The address cannot be listened on.
    """
    if address is None:
        yield
        return
    runner = web.AppRunner(
        _Pages(monitor).application(),
        access_log=None,
        shutdown_timeout=_CLOSING_SECONDS,
    )
    await runner.setup()
    try:
        host, _, port = address.rpartition(":")
        try:
            await web.TCPSite(runner, host.strip("[]"), int(port)).start()
        except (OSError, UnicodeError) as error:
            raise MonitoringError(
                f"The metrics cannot be served on {address} "
                f"({getattr(error, 'strerror', None) or error}); set JAWAB_METRICS_PORT to a free "
                "port, and to an address of this machine where it names one."
            ) from error
        _LOGGER.info("metrics and health on http://%s", address)
        yield
    finally:
        monitor.health.close()
        await runner.cleanup()


class _Pages:
    """What is served."""

    def __init__(self, monitor: Monitor) -> None:
        self._metrics = monitor.metrics
        self._health = monitor.health
        self._exposition = make_aiohttp_handler(monitor.metrics.registry)
        self._measuring: asyncio.Task[None] | None = None
        self._measured: tuple[str, str] | None = None  # the index that was measured last

    def application(self) -> web.Application:
        """Return the pages."""
        application = web.Application()
        application.router.add_get("/healthz", self._healthz)
        application.router.add_get("/readyz", self._readyz)
        application.router.add_get("/metrics", self._read_metrics)
        application.on_response_prepare.append(_set_headers)
        return application

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _readyz(self, _: web.Request) -> web.Response:
        troubles = await self._health.troubles()
        if troubles:
            said = "".join(f"{label(trouble)}\n" for trouble in troubles)
            return web.Response(status=web.HTTPServiceUnavailable.status_code, text=said)
        return web.Response(text="ready\n")

    async def _read_metrics(self, request: web.Request) -> web.StreamResponse:
        self._metrics.tell_ready(is_ready=not await self._health.troubles())
        await self._measure()
        return await self._exposition(request)

    async def _measure(self) -> None:
        """Measure an index that has not been measured; that looks through its files."""
        library = self._health.library
        if library is None:
            return
        index = library.index
        now = library.state, index.engine
        if self._measuring is None or self._measuring.done():
            if now == self._measured:
                return
            self._measuring = asyncio.create_task(self._tell(index, now))
        await asyncio.wait((self._measuring,), timeout=_MEASURING_SECONDS)

    async def _tell(self, index: Index, measured: tuple[str, str]) -> None:
        try:
            figures = await detached(_figures, index)
        except OSError:  # it was replaced just now, and its files are gone
            return
        self._metrics.tell_index(figures)
        self._measured = measured


async def _set_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Server"] = "jawab"  # and no versions


def _figures(index: Index) -> IndexFigures:
    sizes = index.collection.sizes
    return IndexFigures(
        engine=index.engine,
        documents=sizes.documents,
        passages=sizes.passages,
        sentences=sizes.sentences,
        size=index.disk_bytes,
        changed=_changed(index),
    )


def _changed(index: Index) -> float:
    """Return when an index was changed last; of one in a cluster, when that was seen."""
    database = index.folder / FILE_NAME
    if not database.exists():
        return time.time()
    times = [database.stat().st_mtime]
    journal = database.with_name(f"{FILE_NAME}-wal")  # of a large index, changed in place
    if journal.exists() and journal.stat().st_size:
        times.append(journal.stat().st_mtime)
    return max(times)
