"""How long work goes, on standard error: a bar, or a line now and then."""

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


class _Shown:
    """A bar on a terminal, and elsewhere a line now and then.

    Attributes:
        has_begun: Whether there was anything to show.
    """

    description, at_the_end = "", ""

    def __init__(self, notify: Callable[[str], None]) -> None:
        self._notify = notify
        self._started = self._told = time.monotonic()
        self._shown: tuple[Bar, TaskID] | None = None
        self.has_begun = False

    def close(self) -> None:
        """Take the bar away."""
        if self._shown is not None:
            self._shown[0].stop()
            self._shown = None

    def _show(
        self, now: float, done: int, total: int, *, amount: str, rate: str, line: str
    ) -> None:
        """Show how far it is.

        Args:
            now: The time.
            done: How much is done.
            total: How much there is to do.
            amount: The same in words, for the bar.
            rate: How fast it goes.
            line: The beginning of a line, where there is no terminal.
        """
        self.has_begun = True
        if now - self._started < _SHOWN_AFTER_SECONDS:
            return
        left = ""
        if done and done < total:
            left = duration((now - self._started) * (total - done) / done)
        if sys.stderr.isatty():
            self._draw(done, total, amount, rate, left)
        elif now - self._told >= _LINE_SECONDS:
            self._told = now
            self._notify(f"{line}, {rate}" + (f", about {left} left." if left else "."))

    def _draw(self, done: int, total: int, amount: str, rate: str, left: str) -> None:
        if self._shown is None:
            self._shown = _bar(self.description)
        bar, task = self._shown
        is_done = done >= total
        bar.update(
            task,
            description=self.at_the_end if is_done else self.description,
            completed=done,
            total=max(total, 1),
            amount=amount,
            rate=rate,
            left="" if is_done else f"{left} left",
        )


class Building(_Shown):
    """What is shown while an index is built; it is called with how that goes."""

    description, at_the_end = "reading", "writing"

    def __init__(self, notify: Callable[[str], None]) -> None:
        super().__init__(notify)
        self._first: tuple[float, int] | None = None

    def __call__(self, done: int, total: int, sentences: int) -> None:
        """Show how far the building is; see ``index.building.Progress``."""
        now = time.monotonic()
        if self._first is None:
            self._first = now, sentences
        read, there_is = f"{done / _MEGABYTE:.0f}", f"{total / _MEGABYTE:.0f} MB"
        line = f"{read} of {there_is} read, {sentences:,} sentences"
        rate = self._rate(now, done, sentences)
        self._show(now, done, total, amount=f"{read}/{there_is}", rate=rate, line=line)

    def _rate(self, now: float, done: int, sentences: int) -> str:
        at, before = self._first or (now, sentences)
        if sentences > before and now > at:
            return f"{(sentences - before) / (now - at):,.0f} sentences/s"
        # What is known already is read, and no more.
        return f"{done / _MEGABYTE / max(now - self._started, _SHOWN_AFTER_SECONDS):.1f} MB/s"


class Sending(_Shown):
    """What is shown while a cluster is filled; it is called with the sentences done and to do."""

    description, at_the_end = "sending", "waiting for the cluster"

    def __call__(self, done: int, total: int) -> None:
        """Show how far the sending is; see ``index.cluster.mirroring.Progress``."""
        now = time.monotonic()
        rate = f"{done / max(now - self._started, _SHOWN_AFTER_SECONDS):,.0f} sentences/s"
        line = f"{done:,} of {total:,} sentences sent"
        self._show(now, done, total, amount=f"{done:,}/{total:,}", rate=rate, line=line)


def _bar(description: str) -> tuple[Bar, TaskID]:
    # Imported here: most work is done before there is anything to show.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        *(TextColumn(f"{{task.fields[{name}]}}") for name in ("amount", "rate", "left")),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.start()
    return bar, bar.add_task(description, amount="", rate="", left="")


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


@contextmanager
def sending_progress(notify: Callable[[str], None]) -> Iterator[Sending]:
    """Show the filling of a cluster on standard error, where it takes long.

    Args:
        notify: Says a line now and then where standard error is no terminal.
    """
    sending = Sending(notify)
    try:
        yield sending
    finally:
        sending.close()
