"""How the building of an index goes, on standard error: a bar, or a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

_SHOWN_AFTER_SECONDS = 0.5  # of work; less is not worth a bar
_LINE_SECONDS = 10.0
_MEGABYTE = 1_000_000
_MINUTE, _HOUR = 60, 3600


class Building:
    """What is shown while an index is built; it is called with how that goes.

    Attributes:
        has_begun: Whether there was anything to show.
    """

    def __init__(self, notify: Callable[[str], None]) -> None:
        self._notify = notify
        self._started = self._told = time.monotonic()
        self._first: tuple[float, int] | None = None
        self._shown: tuple[Bar, TaskID] | None = None
        self.has_begun = False

    def __call__(self, done: int, total: int, sentences: int) -> None:
        """Show how far the building is; see ``index.building.Progress``."""
        now = time.monotonic()
        self.has_begun = True
        if self._first is None:
            self._first = now, sentences
        if now - self._started < _SHOWN_AFTER_SECONDS:
            return
        if sys.stderr.isatty():
            self._draw(done, total, self._rate(now, done, sentences), self._left(now, done, total))
        elif now - self._told >= _LINE_SECONDS:
            self._told = now
            left = self._left(now, done, total)
            self._notify(
                f"{done / _MEGABYTE:.0f} of {total / _MEGABYTE:.0f} MB read, "
                f"{sentences:,} sentences, {self._rate(now, done, sentences)}"
                + (f", about {left} left." if left else ".")
            )

    def close(self) -> None:
        """Take the bar away."""
        if self._shown is not None:
            self._shown[0].stop()
            self._shown = None

    def _rate(self, now: float, done: int, sentences: int) -> str:
        at, before = self._first or (now, sentences)
        if sentences > before and now > at:
            return f"{(sentences - before) / (now - at):,.0f} sentences/s"
        # What is known already is read, and no more.
        return f"{done / _MEGABYTE / (now - self._started):.1f} MB/s"

    def _left(self, now: float, done: int, total: int) -> str:
        if not done or done >= total:
            return ""
        return duration((now - self._started) * (total - done) / done)

    def _draw(self, done: int, total: int, rate: str, left: str) -> None:
        if self._shown is None:
            self._shown = _bar()
        bar, task = self._shown
        is_read = done >= total
        bar.update(
            task,
            description="writing" if is_read else "reading",
            completed=done,
            total=max(total, 1),
            megabytes=f"{done / _MEGABYTE:.0f}/{total / _MEGABYTE:.0f} MB",
            rate=rate,
            left="" if is_read else f"{left} left",
        )


def _bar() -> tuple[Bar, TaskID]:
    # Imported here: most work is done before there is anything to show.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        *(TextColumn(f"{{task.fields[{name}]}}") for name in ("megabytes", "rate", "left")),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.start()
    return bar, bar.add_task("reading", megabytes="", rate="", left="")


def duration(seconds: float) -> str:
    """Return a time as it is told: 40 s, 12 min, 2 h 5 min."""
    if seconds < _MINUTE:
        return f"{max(seconds, 1):.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    hours, rest = divmod(round(seconds / _MINUTE), 60)
    return f"{hours} h {rest} min"


@contextmanager
def building_progress(notify: Callable[[str], None]) -> Iterator[Building]:
    """Show the building of an index on standard error, where it takes long.

    Args:
        notify: Says a line now and then where standard error is no terminal.
    """
    building = Building(notify)
    try:
        yield building
    finally:
        building.close()
