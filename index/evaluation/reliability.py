"""How far a confidence can be believed: calibration, and a plot of it.

A confidence of 0.8 should be right about four times in five. The questions are sorted into ten
bins by the confidence of their answers, and each bin's confidence is held against the share of its
questions whose first sentence is right (DeGroot and Fienberg 1983).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.evaluation.files import OutputError, write_file
from index.evaluation.outcomes import Outcome

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The questions whose confidence is in ``[low, high)``; the last bin holds 1 as well.

    Attributes:
        low: The least confidence.
        high: The confidence where the next bin begins.
        count: How many questions there are; the other figures are 0 where there are none.
        confidence: Their mean confidence.
        right: The share of them whose first sentence is right.
    """

    low: float
    high: float
    count: int
    confidence: float
    right: float


def reliability_bins(outcomes: Iterable[Outcome]) -> tuple[Bin, ...]:
    """Sort outcomes into ten bins of equal width; what has no confidence is left out."""
    sorted_in: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for outcome in outcomes:
        confidence = outcome.response.confidence
        if confidence is not None:
            sorted_in[min(int(confidence * BINS), BINS - 1)].append((confidence, outcome.right))
    return tuple(
        Bin(
            low=number / BINS,
            high=(number + 1) / BINS,
            count=len(members),
            confidence=math.fsum(confidence for confidence, _ in members) / max(len(members), 1),
            right=sum(right for _, right in members) / max(len(members), 1),
        )
        for number, members in enumerate(sorted_in)
    )


def expected_calibration_error(outcomes: Iterable[Outcome]) -> float | None:
    """Return the mean distance of the bins' confidence from their share of right questions.

    Each bin counts by its questions (Naeini, Cooper and Hauskrecht 2015). None where nothing has
    a confidence.
    """
    bins = reliability_bins(outcomes)
    count = sum(one.count for one in bins)
    if not count:
        return None
    return math.fsum(one.count * abs(one.confidence - one.right) for one in bins) / count


# The plot, in SVG's pixels: where the square of both shares stands, and how long its sides are.
_LEFT, _TOP, _SIDE = 64, 76, 360
_WIDTH, _HEIGHT = 452, 500
_BOTTOM = _TOP + _SIDE
_TICKS = 5
_GAP = 2
_STYLE = """
  text { font: 12px sans-serif; fill: #333 }
  .title { font-size: 16px; font-weight: bold }
  .count { font-size: 11px; fill: #555 }
  .frame { fill: none; stroke: #999 }
  .grid { stroke: #e4e4e4 }
  .bar { fill: #a9c9e8 }
  .mean { fill: #1b5e9b }
  .ideal { stroke: #b3541e; stroke-dasharray: 5 4 }
"""


def save_plot(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Write the plot.

    Raises:
        OutputError: The file is not named as an SVG or cannot be written.
    """
    if path.suffix.lower() != ".svg":
        raise OutputError(path, "the plot is an SVG", "give a file that ends in .svg")
    write_file(path, reliability_svg(outcomes))


def reliability_svg(outcomes: Sequence[Outcome]) -> str:
    """Return the plot as an SVG document: for each bin the share right and the count."""
    bins = reliability_bins(outcomes)
    error = expected_calibration_error(outcomes)
    summary = f"{sum(one.count for one in bins)} questions" + (
        "" if error is None else f", expected calibration error {error:.3f}"
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="title summary">',
        '<title id="title">Reliability of the confidence</title>',
        f'<desc id="summary">{summary}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        f'<text class="title" x="{_LEFT}" y="26">Reliability of the confidence</text>',
        f'<text x="{_LEFT}" y="44">{summary}</text>',
        *_key(),
        *_axes(),
        *(_bar(one) for one in bins if one.count),
        *(_count(one) for one in bins),
        f'<line class="ideal" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>',
        f'<rect class="frame" x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}"/>',
        *(_mean(one) for one in bins if one.count),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(share: float) -> float:
    return round(_LEFT + share * _SIDE, 1)


def _y(share: float) -> float:
    return round(_BOTTOM - share * _SIDE, 1)


def _key() -> Iterator[str]:
    """Yield what the marks mean."""
    yield f'<rect class="bar" x="{_LEFT}" y="55" width="12" height="12"/>'
    yield f'<text x="{_LEFT + 18}" y="65">share right</text>'
    yield f'<circle class="mean" cx="{_LEFT + 108}" cy="61" r="4"/>'
    yield f'<text x="{_LEFT + 118}" y="65">mean confidence</text>'
    yield f'<line class="ideal" x1="{_LEFT + 232}" y1="61" x2="{_LEFT + 260}" y2="61"/>'
    yield f'<text x="{_LEFT + 266}" y="65">calibrated</text>'


def _axes() -> Iterator[str]:
    for tick in range(_TICKS + 1):
        share = tick / _TICKS
        yield f'<line class="grid" x1="{_LEFT}" y1="{_y(share)}" x2="{_x(1)}" y2="{_y(share)}"/>'
        yield f'<text x="{_LEFT - 8}" y="{_y(share) + 4}" text-anchor="end">{share:.1f}</text>'
        yield f'<text x="{_x(share)}" y="{_BOTTOM + 18}" text-anchor="middle">{share:.1f}</text>'
    yield f'<text class="count" x="{_LEFT - 8}" y="{_BOTTOM + 38}" text-anchor="end">count</text>'
    yield (
        f'<text x="{_x(0.5)}" y="{_BOTTOM + 58}" text-anchor="middle">'
        "confidence, in ten bins</text>"
    )
    middle = _TOP + _SIDE / 2
    yield (
        f'<text x="20" y="{middle}" text-anchor="middle" transform="rotate(-90 20 {middle})">'
        "share with a right sentence first</text>"
    )


def _bar(one: Bin) -> str:
    left, top = _x(one.low) + _GAP / 2, _y(one.right)
    width, height = round(_SIDE / BINS - _GAP, 1), round(_BOTTOM - top, 1)
    return f'<rect class="bar" x="{left}" y="{top}" width="{width}" height="{height}"/>'


def _count(one: Bin) -> str:
    middle = _x((one.low + one.high) / 2)
    return (
        f'<text class="count" x="{middle}" y="{_BOTTOM + 38}" text-anchor="middle">'
        f"{one.count}</text>"
    )


def _mean(one: Bin) -> str:
    return f'<circle class="mean" cx="{_x(one.confidence)}" cy="{_y(one.right)}" r="4"/>'
