"""What is counted while the bot runs, in the format of Prometheus; docs/monitoring.md explains it.

No label holds anything that users write, nor who they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    Summary,
    disable_created_metrics,
)

from index.version import VERSION

ANSWERED, NOT_SURE, NOT_FOUND = "answered", "not_sure", "not_found"
NO_WORDS, LIMITED, FAILED = "no_words", "limited", "failed"
OUTCOMES = (ANSWERED, NOT_SURE, NOT_FOUND, NO_WORDS, LIMITED, FAILED)
"""How a question can come out."""

PRIVATE, GROUP, INLINE, BUTTON = "private", "group", "inline", "button"
DOORS = (PRIVATE, GROUP, INLINE, BUTTON)
"""Where a question can come in."""

CHANGED, UNCHANGED = "changed", "unchanged"
REFRESHES = (CHANGED, UNCHANGED, FAILED)
"""How a refresh of the documents can come out."""

_ANSWERING = frozenset({ANSWERED, NOT_SURE, NOT_FOUND, NO_WORDS})
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class IndexFigures:
    """What is told of the index in force.

    Attributes:
        engine: Its BM25 engine.
        documents: How many documents it holds.
        passages: How many passages.
        sentences: How many sentences.
        size: Its bytes on this machine's disk.
        changed: When it was changed last (seconds since 1970).
    """

    engine: str
    documents: int
    passages: int
    sentences: int
    size: int
    changed: float


class Metrics:
    """Everything that is counted.

    Attributes:
        registry: What the metrics are read from.
    """

    def __init__(self, telegram_errors: tuple[str, ...]) -> None:
        """Begin at nothing.

        Args:
            telegram_errors: The kinds of errors that requests to Telegram can end with.
        """
        # When a counter began is of no use, and doubles their lines.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry = CollectorRegistry()
        for collector in (PLATFORM_COLLECTOR, GC_COLLECTOR):
            registry.register(collector)
        ProcessCollector(registry=registry)
        Info("jawab", "The version of Jawab.", registry=registry).info({"version": VERSION})
        self._questions = Counter(
            "jawab_questions",
            "Questions, by how they came out and where they came in.",
            ("outcome", "door"),
            registry=registry,
        )
        self._seconds = Histogram(
            "jawab_answer_seconds",
            "Seconds from the update at hand to the reply sent, of questions that had one.",
            ("door",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._telegram = Counter(
            "jawab_telegram_errors",
            "Requests to Telegram that ended in an error.",
            ("kind",),
            registry=registry,
        )
        self._refreshes = Summary(
            "jawab_refresh_seconds",
            "Seconds that refreshes of the documents took.",
            ("outcome",),
            registry=registry,
        )
        # Made when there is one: until then its age would be that of the epoch.
        self._index: _IndexGauges | None = None
        self._ready = Gauge("jawab_ready", "Whether /readyz says yes.", registry=registry)
        # What has not happened yet is 0: a rate is none of a line that begins at 1.
        for door in DOORS:
            self._seconds.labels(door)
            for outcome in OUTCOMES:
                self._questions.labels(outcome, door)
        for outcome in REFRESHES:
            self._refreshes.labels(outcome)
        for kind in telegram_errors:
            self._telegram.labels(kind)

    def question(self, outcome: str, door: str, seconds: float) -> None:
        """Count a question.

        Args:
            outcome: One of ``OUTCOMES``.
            door: One of ``DOORS``.
            seconds: How long it took.
        """
        self._questions.labels(outcome, door).inc()
        if outcome in _ANSWERING:
            self._seconds.labels(door).observe(seconds)

    def request(self, error: str | None) -> None:
        """Count a request to Telegram that ended in a kind of error; None is none."""
        if error is not None:
            self._telegram.labels(error).inc()

    def refreshed(self, outcome: str, seconds: float) -> None:
        """Count a refresh, by one of ``REFRESHES``."""
        self._refreshes.labels(outcome).observe(seconds)

    def follow(self, name: str, what: str, read: Callable[[], float]) -> None:
        """Tell at every reading what a function returns, which must take no time."""
        Gauge(name, what, registry=self.registry).set_function(read)

    def tell_index(self, figures: IndexFigures) -> None:
        """Tell what the index in force is from now on."""
        if self._index is None:
            self._index = _IndexGauges(self.registry)
        self._index.tell(figures)

    def tell_ready(self, *, is_ready: bool) -> None:
        """Tell whether the bot is ready."""
        self._ready.set(is_ready)


class _IndexGauges:
    """What is told of the index."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, what: str) -> Gauge:
            return Gauge(f"jawab_index_{name}", what, registry=registry)

        self._engine = Info("jawab_index", "The index in force.", registry=registry)
        self._gauges = (
            gauge("documents", "Documents in the index."),
            gauge("passages", "Passages in the index."),
            gauge("sentences", "Sentences in the index."),
            gauge("bytes", "Bytes of the index on this machine's disk."),
            gauge("changed_timestamp_seconds", "When the index was changed last."),
        )

    def tell(self, figures: IndexFigures) -> None:
        self._engine.info({"engine": figures.engine})
        values = (
            *(figures.documents, figures.passages, figures.sentences),
            *(figures.size, figures.changed),
        )
        for gauge, value in zip(self._gauges, values, strict=True):
            gauge.set(value)
