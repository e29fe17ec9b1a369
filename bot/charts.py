"""Pictures of how the bot is used.

A picture holds bars and numbers, never words: it needs neither a language nor an Arabic font, and
what its colours mean stands in the message's caption (🟩 answered, 🟨 not sure, 🟥 not found).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 800, 420
"""Size of a chart in logical pixels; the picture has ``scale`` times as many each way."""

GREEN, AMBER, RED = "#1a7f37", "#c08a00", "#9a1b13"
"""Answered, not sure, not found. They differ in lightness too, for those who see no difference
between red and green, and each stands out from the white behind it by 3:1 (WCAG 2.2, 1.4.11)."""

_BACKGROUND = "#ffffff"
_GRID = "#e3e7eb"
_BASELINE = "#8c959f"
_LABELS = "#57606a"
_TOTALS = "#24292f"

# All in logical pixels.
_MARGIN = 24
_ABOVE = 34  # over the highest line: the total of a bar that reaches it
_BELOW = 46  # under the baseline: the days
_LABEL_SIZE = 14
_LABEL_GAP = 10
_TOTAL_GAP = 5
_HALO = 3  # of the background around a total, so that no grid line runs through it
_WIDEST_BAR = 56
_BAR_SHARE = 0.62  # of the room of its day
_CORNER = 4
_SMOOTHING = 2  # bars are drawn larger and reduced, which makes round corners smooth
_INTERVALS = 5  # at most, between grid lines
_FEWEST_ON_SCALE = 4  # so that a single question does not look like a busy day


_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True)
class DayCounts:
    """How many questions of a day were answered, answered unsurely, and not answered."""

    day: date
    answered: int
    not_sure: int
    not_found: int

    @property
    def total(self) -> int:
        """All questions of the day."""
        return self.answered + self.not_sure + self.not_found


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the bars stand, in pixels of the picture, and how many questions its height is."""

    left: float
    top: int
    right: int
    bottom: int
    most: int
    days: int
    scale: int

    def height(self, count: int) -> float:
        """Return how high ``count`` questions are; at least a logical pixel if there are any."""
        return max(self.scale * (count > 0), count / self.most * (self.bottom - self.top))

    def slot(self) -> float:
        """Return how wide the room of a day is."""
        return (self.right - self.left) / max(1, self.days)

    def middle(self, number: int) -> float:
        """Return the middle of a day.

        Time runs from left to right: Arabic newspapers follow no rule in charts of time and use
        both ways (Alebri et al., Design Patterns in Right-to-Left Visualizations, IEEE VIS 2024),
        and from the left is the way that the numbers and dates here are read.
        """
        return self.left + self.slot() * (number + 0.5)


def activity_png(days: Sequence[DayCounts], *, scale: int = 2) -> bytes:
    """Return a chart of the questions of each day as a PNG of ``WIDTH`` × ``HEIGHT`` × ``scale``.

    Args:
        days: The days in order, the latest last; none of the counts below zero.
        scale: Pixels of the picture for each logical pixel, each way.
    """
    font = ImageFont.load_default(_LABEL_SIZE * scale)
    ticks = _ticks(max((day.total for day in days), default=0))
    frame = _Frame(
        left=_MARGIN * scale + max(font.getlength(_number(t)) for t in ticks) + _LABEL_GAP * scale,
        top=_ABOVE * scale,
        right=(WIDTH - _MARGIN) * scale,
        bottom=(HEIGHT - _BELOW) * scale,
        most=ticks[-1],
        days=len(days),
        scale=scale,
    )
    picture = Image.new("RGB", (WIDTH * scale, HEIGHT * scale), _BACKGROUND)
    draw = ImageDraw.Draw(picture)
    _draw_grid(draw, frame, ticks, font)
    picture = _with_bars(picture, frame, days)
    _draw_labels(ImageDraw.Draw(picture), frame, days, font)
    stream = BytesIO()
    picture.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _ticks(most: int) -> range:
    """Return round numbers from 0 to ``most`` or the next above, for grid lines."""
    most = max(most, _FEWEST_ON_SCALE)
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            intervals = -(-most // step)
            if intervals <= _INTERVALS:
                return range(0, intervals * step + 1, step)
        power *= 10


def _number(count: int) -> str:
    """Return a number with its thousands set apart by a space, which no language misreads."""
    return f"{count:,}".replace(",", " ")


def _draw_grid(draw: ImageDraw.ImageDraw, frame: _Frame, ticks: range, font: _Font) -> None:
    for tick in ticks:
        y = frame.bottom - round(tick / frame.most * (frame.bottom - frame.top))
        line = (frame.left, y, frame.right, y + frame.scale - 1)
        draw.rectangle(line, fill=_GRID if tick else _BASELINE)
        x = frame.left - _LABEL_GAP * frame.scale
        draw.text((x, y), _number(tick), _LABELS, font, anchor="rm")


def _with_bars(picture: Image.Image, frame: _Frame, days: Sequence[DayCounts]) -> Image.Image:
    size = (picture.width * _SMOOTHING, picture.height * _SMOOTHING)
    large = picture.resize(size, Image.Resampling.NEAREST)
    draw = ImageDraw.Draw(large)
    width = min(_WIDEST_BAR * frame.scale, max(1, frame.slot() * _BAR_SHARE))
    for number, day in enumerate(days):
        left = round(frame.middle(number) - width / 2)
        right = left + max(1, round(width))
        _draw_bar(draw, frame, day, (left * _SMOOTHING, right * _SMOOTHING - 1))
    return large.reduce(_SMOOTHING)


def _draw_bar(
    draw: ImageDraw.ImageDraw, frame: _Frame, day: DayCounts, sides: tuple[int, int]
) -> None:
    """Draw the bar of a day between two columns of the enlarged picture."""
    below = 0.0
    segments = [(day.answered, GREEN), (day.not_sure, AMBER), (day.not_found, RED)]
    segments = [segment for segment in segments if segment[0]]
    for count, colour in segments:
        above = below + frame.height(count)
        top = (frame.bottom - round(above)) * _SMOOTHING
        bottom = (frame.bottom - round(below)) * _SMOOTHING - 1
        box = (sides[0], top, sides[1], bottom)
        if colour == segments[-1][1]:
            corner = _CORNER * frame.scale * _SMOOTHING
            radius = min(corner, (sides[1] - sides[0]) // 3, bottom - top)
            draw.rounded_rectangle(box, radius, colour, corners=(True, True, False, False))
        else:
            draw.rectangle(box, colour)
        below = above


def _draw_labels(
    draw: ImageDraw.ImageDraw, frame: _Frame, days: Sequence[DayCounts], font: _Font
) -> None:
    names = [f"{day.day.day}/{day.day.month}" for day in days]
    totals = [_number(day.total) for day in days]
    every = _every(names, frame, font)
    totals_fit = _every(totals, frame, font) == 1
    for number, day in enumerate(days):
        x = frame.middle(number)
        # Counted from the latest day, which is the one that people look for.
        if (len(days) - 1 - number) % every == 0:
            below = frame.bottom + _LABEL_GAP * frame.scale
            draw.text((x, below), names[number], _LABELS, font, anchor="mt")
        if day.total and totals_fit:
            counts = (day.answered, day.not_sure, day.not_found)
            above = frame.bottom - sum(map(frame.height, counts)) - _TOTAL_GAP * frame.scale
            draw.text(
                (x, above),
                totals[number],
                _TOTALS,
                font,
                anchor="mb",
                stroke_width=_HALO * frame.scale,
                stroke_fill=_BACKGROUND,
            )


def _every(labels: Sequence[str], frame: _Frame, font: _Font) -> int:
    """Return how many days apart the labels must stand so as not to touch."""
    widest = max(map(font.getlength, labels), default=0.0) + _LABEL_GAP / 2 * frame.scale
    return max(1, math.ceil(widest / frame.slot()))
