"""What is counted of a question, of requests to Telegram, and what makes a bot ready."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import aiohttp
import pytest
from prometheus_client import generate_latest
from telegram.error import BadRequest, Forbidden, NetworkError, TimedOut

from bot.bookkeeping import Bookkeeping
from bot.health import Health
from bot.in_force import InForce
from bot.library import Library
from bot.logs import about_update
from bot.metrics import ANSWERED, DOORS, INLINE, LIMITED, OUTCOMES, PRIVATE, Metrics
from bot.monitoring import Monitor, MonitoringError, monitored
from bot.opening import Opening
from bot.reach import CONFLICT, ERRORS, NETWORK, RETRY_AFTER, ObservedRequest, Reach, error_of
from bot.sending import StoppedError
from index import ClusterError, Index
from tests.telegram.modes import free_port

T = TypeVar("T")


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(ERRORS)


def counted(metrics: Metrics) -> dict[tuple[str, str], float]:
    return {
        (sample.labels["outcome"], sample.labels["door"]): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "jawab_questions_total" and sample.value
    }


class TestBookkeeping:
    def test_a_question_is_one_line_and_one_count(
        self, metrics: Metrics, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        books = Bookkeeping(metrics, tells_questions=False)
        with about_update(7), books.noted(PRIVATE, "سر", "tantivy") as note:
            note.outcome = ANSWERED
        [line] = caplog.records
        assert line.getMessage().startswith("update 7: answered in ")
        assert line.getMessage().endswith(" ms (private, tantivy)")
        assert {"outcome", "milliseconds", "engine", "door"} <= vars(line).keys()
        assert "سر" not in str(vars(line))
        assert counted(metrics) == {("answered", "private"): 1}

    def test_its_text_is_told_where_that_is_asked_for(
        self, metrics: Metrics, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        books = Bookkeeping(metrics, tells_questions=True)
        with books.noted(PRIVATE, "متى؟", "tantivy") as note:
            note.outcome = ANSWERED
        with books.noted(INLINE, "مت", "tantivy") as note:
            note.outcome = ANSWERED
        asked, typed = caplog.records
        assert asked.getMessage().endswith(": متى؟")
        assert vars(asked)["question"] == "متى؟"
        assert "مت" not in str(vars(typed))

    def test_what_fails_is_counted_and_raised(self, metrics: Metrics) -> None:
        books = Bookkeeping(metrics, tells_questions=False)
        with pytest.raises(BadRequest), books.noted(PRIVATE, "", ""):
            raise BadRequest("x")
        assert counted(metrics) == {("failed", "private"): 1}

    @pytest.mark.parametrize("error", [StoppedError(), Forbidden("blocked")])
    def test_what_is_left_for_later_or_for_nobody_is_not(
        self, metrics: Metrics, error: Exception
    ) -> None:
        books = Bookkeeping(metrics, tells_questions=False)
        with pytest.raises(type(error)), books.noted(PRIVATE, "", ""):
            raise error
        with books.noted(PRIVATE, "", ""):
            pass  # it was superseded by an edit
        assert counted(metrics) == {}

    def test_only_what_was_answered_has_a_duration(self, metrics: Metrics) -> None:
        for outcome in OUTCOMES:
            metrics.question(outcome, PRIVATE, 0.5)
        text = generate_latest(metrics.registry).decode()
        assert 'jawab_answer_seconds_count{door="private"} 4.0' in text
        assert 'jawab_answer_seconds_bucket{door="private",le="0.25"} 0.0' in text
        assert 'jawab_answer_seconds_bucket{door="private",le="0.5"} 4.0' in text

    def test_those_held_off_can_be_kept_out_of_the_log(
        self, metrics: Metrics, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        with Bookkeeping(metrics, tells_questions=True).noted(PRIVATE, "x", "") as note:
            note.outcome, note.level = LIMITED, logging.DEBUG
        assert not caplog.records
        assert counted(metrics) == {("limited", "private"): 1}


def test_the_number_of_series_is_bounded(metrics: Metrics) -> None:
    before = len(generate_latest(metrics.registry).splitlines())
    for outcome in OUTCOMES:
        for door in DOORS:
            metrics.question(outcome, door, 1.0)
    for kind in (*ERRORS, None):
        metrics.request(kind)
    assert len(generate_latest(metrics.registry).splitlines()) == before < 250


def test_before_there_is_an_index_it_has_no_age(metrics: Metrics) -> None:
    assert b"jawab_index" not in generate_latest(metrics.registry)


class TestReach:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (200, None),
            (400, "bad_request"),
            (401, "invalid_token"),
            (403, "forbidden"),
            (404, "invalid_token"),
            (409, "conflict"),
            (429, "retry_after"),
            (500, "server"),
            (502, "server"),
            (999, "server"),
            (302, "server"),
        ],
    )
    def test_an_answer_has_a_kind(self, status: int, kind: str | None) -> None:
        assert error_of(status) == kind

    @pytest.mark.parametrize(
        ("raised", "kind"),
        [
            (TimedOut(), "timed_out"),
            (NetworkError("x"), "network"),
            (BadRequest("x"), "bad_request"),
        ],
    )
    def test_a_request_that_fails_is_told_of(
        self, monkeypatch: pytest.MonkeyPatch, raised: Exception, kind: str
    ) -> None:
        async def fail(*_: object, **__: object) -> tuple[int, bytes]:
            raise raised

        monkeypatch.setattr("bot.request.AiohttpRequest.do_request", fail)
        told: list[str | None] = []
        request = ObservedRequest((told.append,), 1)
        with pytest.raises(type(raised)):
            asyncio.run(request.do_request("url", "POST"))
        assert told == [kind]

    @pytest.mark.parametrize("never_rests", [True, False])
    def test_it_is_away_after_a_failure_until_an_answer(self, *, never_rests: bool) -> None:
        reach = Reach(never_rests=never_rests)
        assert reach.trouble() == "has not been reached yet"
        for kind, is_away in ((NETWORK, True), (None, False), (CONFLICT, True), (RETRY_AFTER, 0)):
            reach.note(kind)
            assert bool(reach.trouble()) == is_away

    def test_silence_is_a_failure_of_polling_and_the_end_of_one_elsewhere(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        polling, calling = Reach(never_rests=True), Reach(never_rests=False)
        polling.note(None)
        calling.note(NETWORK)
        later = time.monotonic() + 90
        monkeypatch.setattr(time, "monotonic", lambda: later)
        assert str(polling.trouble()).startswith("has been silent for ")
        assert calling.trouble() is None


class _Cluster(Library):
    """A library that may be away, or hang."""

    away: str | None = None
    seconds = 0.0
    checks = 0

    async def check(self) -> None:
        self.checks += 1
        await asyncio.sleep(self.seconds)
        if self.away:
            raise ClusterError(self.away)


class TestHealth:
    @pytest.fixture
    def library(self, seeds_index: Index) -> _Cluster:
        return _Cluster(Opening(seeds_index.folder), InForce(seeds_index))

    @pytest.fixture
    def health(self, library: _Cluster) -> Health:
        health = Health(Reach(never_rests=True))
        health.library = library
        health.begin_to_receive()
        return health

    def test_all_that_is_amiss_is_said(self) -> None:
        health = Health(Reach(never_rests=True))
        found = asyncio.run(health.troubles())
        assert found == ["index: is being opened", "telegram: has not been reached yet"]

    def test_it_is_ready_with_an_index_and_telegram(self, health: Health) -> None:
        async def look() -> list[list[str]]:
            found = [await health.troubles()]
            health.telegram.note(NETWORK)
            found.append(await health.troubles())
            health.is_stopping = True
            return [*found, await health.troubles()]

        assert asyncio.run(look()) == [
            [],
            ["telegram: cannot be reached"],
            ["bot: is being stopped"],
        ]

    def test_the_index_is_looked_at_once_however_many_ask(
        self, health: Health, library: _Cluster
    ) -> None:
        library.away = "The cluster is away."

        async def ask() -> list[list[str]]:
            return await asyncio.gather(*(health.troubles() for _ in range(50)))

        assert asyncio.run(ask()) == [["index: The cluster is away."]] * 50
        assert library.checks == 1

    def test_one_that_hangs_is_not_waited_for(
        self, health: Health, library: _Cluster, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.health._PATIENCE_SECONDS", 0.1)
        library.seconds = 60

        async def ask() -> list[list[str]]:
            found = [await health.troubles() for _ in range(3)]
            health.close()
            return found

        assert asyncio.run(ask()) == [["index: does not answer"]] * 3
        assert library.checks == 1


def served(
    address: str | None, use: Callable[[], Coroutine[Any, Any, T]], monitor: Monitor | None = None
) -> T:
    async def run() -> T:
        async with monitored(monitor or Monitor(polls=True), address):
            return await use()

    return asyncio.run(run())


def test_it_listens_where_it_is_told_and_nowhere_else() -> None:
    port = free_port()

    async def is_open() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    assert not served(None, is_open)
    assert served(f"127.0.0.1:{port}", is_open)
    assert not served(None, is_open)


def test_the_pages_before_anything_is_open() -> None:
    port = free_port()

    async def read() -> list[tuple[int, str]]:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            found = []
            for page in ("/healthz", "/readyz", "/metrics"):
                async with session.get(page) as answer:
                    found.append((answer.status, await answer.text()))
            return found

    alive, ready, figures = served(f"127.0.0.1:{port}", read)
    assert alive == (200, "ok\n")
    assert ready == (503, "index: is being opened\ntelegram: has not been reached yet\n")
    assert figures[0] == 200
    assert "jawab_ready 0.0" in figures[1]


@pytest.mark.parametrize("address", ["127.0.0.1:{}", "no.such.host.invalid:{}"])
def test_where_it_cannot_listen_it_says_so_in_a_sentence(address: str) -> None:
    async def nothing() -> None:
        raise AssertionError

    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = address.format(taken.getsockname()[1])
        with pytest.raises(MonitoringError) as caught:
            served(address, nothing)
    said = str(caught.value)
    assert said.startswith(f"The metrics cannot be served on {address} (")
    assert "JAWAB_METRICS_PORT" in said
    assert "\n" not in said
