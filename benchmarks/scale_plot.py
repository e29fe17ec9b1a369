"""The plot of the scale benchmark: the time of a question by the size of the collection."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Point = tuple[int, float]
"""Sentences, and milliseconds."""

# In SVG's pixels. The plot brings its own white ground, so that it reads in a dark page as well.
_LEFT, _TOP, _RIGHT, _BOTTOM = 72, 64, 520, 400
_WIDTH, _HEIGHT = 760, 460
_COLOURS = "#0b5fa5", "#3d9be9", "#b3541e", "#2e7d32", "#7b3fa0", "#555555"
_LINE_HEIGHT = 15
_NAMED = {10**3: "1k", 10**4: "10k", 10**5: "100k", 10**6: "1M", 10**7: "10M"}
_STYLE = """
  text { font: 12px sans-serif; fill: #333 }
  .title { font-size: 16px; font-weight: bold }
  .grid { stroke: #e4e4e4 }
  .frame { fill: none; stroke: #999 }
  polyline { fill: none; stroke-width: 2 }
"""


@dataclass(frozen=True, slots=True)
class _Scale:
    """Whole powers of ten, from the first to the last, over a range of pixels."""

    first: int
    last: int
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (math.log10(value) - self.first) / (self.last - self.first)
        return round(self.start + share * (self.end - self.start), 1)

    @property
    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self.first, self.last + 1)]


def _scale(values: Sequence[float], start: float, end: float) -> _Scale:
    first = math.floor(math.log10(min(values)))
    return _Scale(first, max(math.ceil(math.log10(max(values))), first + 1), start, end)


def scale_svg(series: Mapping[str, Sequence[Point]]) -> str:
    """Return the plot as an SVG document, both axes logarithmic, a line for each system."""
    drawn = {name: points for name, points in series.items() if points}
    sizes = _scale([size for points in drawn.values() for size, _ in points], _LEFT, _RIGHT)
    times = _scale([time for points in drawn.values() for _, time in points], _BOTTOM, _TOP)
    title = "Time of a question by the size of the collection"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="title summary">',
        f'<title id="title">{title}</title>',
        f'<desc id="summary">{_summary(drawn)}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" rx="6" fill="#fff"/>',
        f'<text class="title" x="{_LEFT}" y="28">{title}</text>',
        f'<text x="{_LEFT}" y="47">median milliseconds, one thread; both axes logarithmic</text>',
        *_axes(sizes, times),
        *_lines(drawn, sizes, times),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _summary(series: Mapping[str, Sequence[Point]]) -> str:
    return "; ".join(
        f"{name}: " + ", ".join(f"{time:.3g} ms at {size:,}" for size, time in points)
        for name, points in series.items()
    )


def _axes(sizes: _Scale, times: _Scale) -> Iterator[str]:
    for size in sizes.ticks:
        x = sizes.at(size)
        yield f'<line class="grid" x1="{x}" y1="{_TOP}" x2="{x}" y2="{_BOTTOM}"/>'
        name = _NAMED.get(int(size), f"{size:g}")
        yield f'<text x="{x}" y="{_BOTTOM + 18}" text-anchor="middle">{name}</text>'
    for time in times.ticks:
        y = times.at(time)
        yield f'<line class="grid" x1="{_LEFT}" y1="{y}" x2="{_RIGHT}" y2="{y}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{time:g}</text>'
    width, height = _RIGHT - _LEFT, _BOTTOM - _TOP
    yield f'<rect class="frame" x="{_LEFT}" y="{_TOP}" width="{width}" height="{height}"/>'
    middle = (_LEFT + _RIGHT) / 2
    yield f'<text x="{middle}" y="{_BOTTOM + 42}" text-anchor="middle">sentences</text>'
    middle = (_TOP + _BOTTOM) / 2
    yield (
        f'<text x="22" y="{middle}" text-anchor="middle" transform="rotate(-90 22 {middle})">'
        "milliseconds</text>"
    )


def _lines(series: Mapping[str, Sequence[Point]], sizes: _Scale, times: _Scale) -> Iterator[str]:
    colours = dict(zip(series, _COLOURS, strict=False))
    free = float(_TOP)  # where the next name may stand, from the top down
    by_end = sorted(series, key=lambda name: times.at(series[name][-1][1]))
    for name in by_end:
        points = [(sizes.at(size), times.at(time)) for size, time in series[name]]
        path = " ".join(f"{x},{y}" for x, y in points)
        colour = colours[name]
        yield f'<polyline stroke="{colour}" points="{path}"/>'
        yield from (f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in points)
        x, y = points[-1]
        free = max(free, y)
        yield (
            f'<line stroke="{colour}" stroke-dasharray="1 3" x1="{x}" y1="{y}" '
            f'x2="{_RIGHT + 8}" y2="{free}"/>'
        )
        yield f'<text x="{_RIGHT + 12}" y="{free + 4}" style="fill:{colour}">{name}</text>'
        free += _LINE_HEIGHT
