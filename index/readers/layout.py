"""Glyphs on pages to lines, and lines to paragraphs.

The order in which a PDF draws its glyphs says little, so lines are made from their places alone:
glyphs on one baseline are a line, columns are read one after the other (the right one first in
Arabic), and a line that is full goes on in the next one.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

SAME_BASELINE = 0.45
"""The share of its size that a glyph may stand above or below the line that it belongs to."""
_WORD_GAP = 0.12  # of the size, between two glyphs of different words
_CELL_GAP = 1.2  # between two columns or cells
_LOOK_AHEAD = 9  # lines among which the one under a line is looked for
_SIDE_BY_SIDE = 1.5  # the most that two pieces next to each other may differ in height
_NARROWEST_COLUMN = 12
_FEWEST_ROWS = 3
_COLUMN_FILL = 0.6
_SAME_SIZE = 1.15
# Of the usual distance between lines, within a paragraph; more where a sentence is left open.
_LEADING, _OPEN_LEADING = 1.2, 1.4
_SPARE = 0.5  # of the size, that a full line may leave free beside what the next word needs
_LONG_LINE = 0.75  # of its column; one that ends no sentence goes on, full or not
_INDENT = 0.9
_SENTENCE_END = re.compile(r"[.؟?!…:۔][\"”»)\]]*$")
_ITEM = re.compile(r"[•●▪◦■*–—-]\s|[(]?[\d٠-٩]{1,2}\s?[.)\-–]\s")
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"[-–—|\s]*(?:(?:صفحة|الصفحة|ص|page)\s*)?\d{1,4}(?:\s*(?:من|/|of)\s*\d{1,4})?[-–—|.\s]*",
    re.IGNORECASE,
)
_MARGIN_LINES = 2
_FEWEST_PAGES = 2
_MARKED_HYPHENS = "\ufffe\x02"  # what pdfium says of a hyphen at the end of a line
_HYPHENS = ("-", "\u00ad", "\u2010", *_MARKED_HYPHENS)
_OPEN_RANGE = re.compile(r"\d[-–/]$")  # 2019-


@dataclass(slots=True)
class Glyph:
    """One character where it is drawn, in a space where lines run along x and y grows upwards."""

    text: str
    left: float
    right: float
    y: float
    size: float

    @property
    def centre(self) -> float:
        """The middle between its sides."""
        return (self.left + self.right) / 2


@dataclass(slots=True)
class Line:
    """A line, or a part of one between wide gaps, and the borders of the column it stands in."""

    text: str
    left: float
    right: float
    y: float
    size: float
    column: tuple[float, float] = (0, 0)

    @property
    def width(self) -> float:
        """How wide it is."""
        return self.right - self.left


def page_lines(glyphs: Sequence[Glyph]) -> list[Line]:
    """Return the pieces of lines on a page from top to bottom, each as it is drawn."""
    rows: dict[float, list[Glyph]] = {}
    for glyph in glyphs:
        rows.setdefault(round(glyph.y, 1), []).append(glyph)
    baselines: dict[float, list[Glyph]] = {}
    heights: list[float] = []  # of the baselines, in order
    for y, row in sorted(rows.items(), key=lambda item: -len(item[1])):
        near = SAME_BASELINE * median(glyph.size for glyph in row)
        nearest = _nearest(heights, y)
        if nearest is not None and abs(nearest - y) <= max(
            near, SAME_BASELINE * baselines[nearest][0].size
        ):
            baselines[nearest].extend(row)
        else:
            baselines[y] = list(row)
            insort(heights, y)
    return [line for y in sorted(baselines, reverse=True) for line in _pieces(y, baselines[y])]


def _nearest(places: Sequence[float], place: float) -> float | None:
    """Return which of some places, in order, is the nearest to one, None where there are none."""
    number = bisect_left(places, place)
    around = places[max(number - 1, 0) : number + 1]
    return min(around, key=lambda known: abs(known - place), default=None)


def _pieces(y: float, row: list[Glyph]) -> Iterable[Line]:
    """Yield a row's pieces from left to right."""
    clusters = _with_marks(row)
    size = median(cluster.size for cluster in clusters)
    start = 0
    end = clusters[0].right
    texts = [clusters[0].text]
    for number, cluster in enumerate(clusters[1:], start=1):
        gap = cluster.left - end
        if gap > _CELL_GAP * size:
            yield _piece(texts, y, clusters[start:number], size)
            start, texts = number, []
        elif gap > _WORD_GAP * min(cluster.size, clusters[number - 1].size):
            texts.append(" ")
        texts.append(cluster.text)
        end = max(end, cluster.right) if len(texts) > 1 else cluster.right
    yield _piece(texts, y, clusters[start:], size)


def _piece(texts: list[str], y: float, clusters: list[Glyph], size: float) -> Line:
    text = " ".join("".join(texts).split())
    right = max(cluster.right for cluster in clusters)
    return Line(text, clusters[0].left, right, y, size)


def _with_marks(row: list[Glyph]) -> list[Glyph]:
    """Return a row's glyphs from left to right, each with the marks that stand on it.

    Marks go before their letter, because the whole line will be turned round.
    """
    letters = sorted((g for g in row if not _is_mark(g)), key=lambda g: g.centre)
    marks = [glyph for glyph in row if _is_mark(glyph)]
    if not letters:
        return sorted(row, key=lambda g: g.centre)
    centres = [letter.centre for letter in letters]
    standing: dict[int, list[str]] = {}
    for mark in marks:
        nearest = _nearest(centres, mark.centre)
        base = 0 if nearest is None else bisect_left(centres, nearest)
        standing.setdefault(min(base, len(letters) - 1), []).append(mark.text)
    for base, texts in standing.items():
        letters[base].text = "".join((*reversed(texts), letters[base].text))
    return letters


def _is_mark(glyph: Glyph) -> bool:
    return all(map(unicodedata.combining, glyph.text))


def in_order(lines: list[Line], *, rtl: bool) -> list[Line]:
    """Return the pieces of a page in reading order: its head, its columns, its foot."""
    margins = {id(line) for line in _margins(lines)}
    body = [line for line in lines if id(line) not in margins]
    if not body:
        return []
    whole = _extent(body)
    ordered = [line for region in _regions(body, whole, rtl=rtl) for line in region]
    outer = [line for line in lines if id(line) in margins]
    for line in outer:
        line.column = min(whole[0], line.left), max(whole[1], line.right)
    head = [line for line in outer if line.y > body[0].y]
    foot = [line for line in outer if line.y <= body[0].y]
    return [*_from_top(head, rtl=rtl), *ordered, *_from_top(foot, rtl=rtl)]


def _regions(lines: list[Line], column: tuple[float, float], *, rtl: bool) -> list[list[Line]]:
    """Cut lines into columns and what stands above and below them (recursive XY cut)."""
    if _stand_side_by_side(lines):
        if sides := _columns(lines, median(line.size for line in lines)):
            right_first = sides[::-1] if rtl else sides
            return [
                region for side in right_first for region in _regions(side, _extent(side), rtl=rtl)
            ]
        cut = _widest_break(lines)
        if cut is not None:
            upper = _regions([line for line in lines if line.y > cut], column, rtl=rtl)
            lower = _regions([line for line in lines if line.y <= cut], column, rtl=rtl)
            if len(upper) > 1 or len(lower) > 1:
                return upper + lower
    for line in lines:
        line.column = column
    return [_from_top(lines, rtl=rtl)]


def _from_top(lines: list[Line], *, rtl: bool) -> list[Line]:
    return sorted(lines, key=lambda line: (-line.y, -line.right if rtl else line.left))


def _extent(lines: list[Line]) -> tuple[float, float]:
    return min(line.left for line in lines), max(line.right for line in lines)


def _stand_side_by_side(lines: list[Line]) -> bool:
    return any(
        upper.y - lower.y < _SIDE_BY_SIDE * lower.size
        and (upper.right <= lower.left or lower.right <= upper.left)
        for upper, lower in pairwise(sorted(lines, key=lambda line: -line.y))
    )


def _columns(lines: list[Line], size: float) -> list[list[Line]] | None:
    """Return what stands left and right of a gutter, or None where there is no such gutter."""
    ordered = sorted(lines, key=lambda line: line.left)
    end = ordered[0].right
    for number, line in enumerate(ordered[1:], start=1):
        if line.left - end > _CELL_GAP * size:
            sides = [ordered[:number], ordered[number:]]
            if all(_is_column(side, size) for side in sides):
                return sides
        end = max(end, line.right)
    return None


def _is_column(side: list[Line], size: float) -> bool:
    width = max(line.right for line in side) - min(line.left for line in side)
    fill = median(line.width for line in side)
    return (
        len({line.y for line in side}) >= _FEWEST_ROWS
        and width >= _NARROWEST_COLUMN * size
        and fill >= _COLUMN_FILL * width
    )


def _widest_break(lines: list[Line]) -> float | None:
    """Return the middle of the widest gap between two lines, or None where there is one line."""
    heights = sorted({line.y for line in lines}, reverse=True)
    gaps = [(upper - lower, (upper + lower) / 2) for upper, lower in pairwise(heights)]
    return max(gaps)[1] if gaps else None


def without_margins(pages: list[list[Line]]) -> list[list[Line]]:
    """Return the pages without page numbers, and without what heads or foots many of them."""
    margins = [_margins(page) for page in pages]
    counts = Counter(key for lines in margins for key in {_key(line) for line in lines})
    often = max(_FEWEST_PAGES, len(pages) // 2)
    kept = []
    for page, lines in zip(pages, margins, strict=True):
        off = {id(line) for line in lines if counts[_key(line)] >= often}
        off |= {id(line) for line in _outermost(page) if _PAGE_NUMBER.fullmatch(line.text)}
        kept.append([line for line in page if id(line) not in off])
    return kept


def _margins(page: list[Line]) -> list[Line]:
    """Return the lines above and below the wide gaps that set margins apart from the text."""
    heights = sorted({line.y for line in page})
    gaps = [upper - lower for lower, upper in pairwise(heights)]
    if len(gaps) < _FEWEST_ROWS:
        return []
    distances = sorted(_distances(page))
    wide = _OPEN_LEADING * distances[len(distances) // 5] if distances else 0.0
    foot = max((n for n in range(1, _MARGIN_LINES + 1) if gaps[n - 1] > wide), default=0)
    head = max((n for n in range(1, _MARGIN_LINES + 1) if gaps[-n] > wide), default=0)
    outer = {*heights[:foot], *heights[len(heights) - head :]}
    return [line for line in page if line.y in outer]


def _distances(page: list[Line]) -> Iterator[float]:
    """Yield the distance from each line to the next one under it."""
    lines = _from_top(page, rtl=False)
    for number, upper in enumerate(lines):
        for lower in lines[number + 1 : number + _LOOK_AHEAD]:
            if lower.y < upper.y and lower.left < upper.right and upper.left < lower.right:
                yield upper.y - lower.y
                break


def _outermost(page: list[Line]) -> list[Line]:
    """Return the first and the last line of a page, where they stand alone at their height."""
    heights = Counter(line.y for line in page)
    ends = {max(heights), min(heights)} if heights else set()
    return [line for line in page if line.y in ends and heights[line.y] == 1]


def _key(line: Line) -> str:
    return _NUMBER.sub("#", line.text)


def paragraphs(pages: list[list[Line]]) -> list[str]:
    """Return the paragraphs of pages: lines that go on in the next, also over a page's end."""
    pitch = _pitch(pages)
    found: list[str] = []
    last: Line | None = None
    for page in pages:
        for line in page:
            if last is not None and _goes_on(last, line, pitch):
                found[-1] = _joined(found[-1], line.text)
            else:
                found.append(line.text)
            last = line
    return found


def _pitch(pages: list[list[Line]]) -> float:
    """Return the distance between two lines of a paragraph, in sizes."""
    gaps = sorted(
        (upper.y - lower.y) / lower.size
        for page in pages
        for upper, lower in pairwise(page)
        if upper.y > lower.y and upper.column == lower.column
    )
    # Between paragraphs it may be more, and in a text of short ones that is the usual distance.
    return gaps[len(gaps) // 5] if gaps else 0.0


def _goes_on(last: Line, line: Line, pitch: float) -> bool:
    if max(last.size, line.size) > _SAME_SIZE * min(last.size, line.size):
        return False
    if last.y == line.y and last.column == line.column:
        return True  # the same line, behind a wide gap
    ended = _SENTENCE_END.search(last.text) is not None
    return not _begins_anew(last, line, pitch, ended=ended) and _is_full(last, line, ended=ended)


def _begins_anew(last: Line, line: Line, pitch: float, *, ended: bool) -> bool:
    if _ITEM.match(line.text):
        return True
    if last.column != line.column or last.y <= line.y:
        return ended  # on a new page or in a new column only what was left open goes on
    leading = _LEADING if ended else _OPEN_LEADING
    if last.y - line.y > leading * pitch * line.size:
        return True
    indent = min(line.column[1] - line.right, line.left - line.column[0])
    return ended and indent > _INDENT * line.size


def _is_full(last: Line, line: Line, *, ended: bool) -> bool:
    column = last.column[1] - last.column[0]
    if not ended and last.width >= _LONG_LINE * column:
        return True
    word = line.text.split(" ", 1)[0]
    needed = line.width * _drawn_length(word) / max(_drawn_length(line.text), 1)
    return column - last.width <= needed + _SPARE * line.size


def _drawn_length(text: str) -> int:
    return sum(not unicodedata.combining(character) for character in text)


def _joined(text: str, more: str) -> str:
    if text.endswith(_HYPHENS) and len(text) > 1 and text[-2].isalpha() and more[:1].islower():
        return text[:-1] + more
    if _OPEN_RANGE.search(text) and more[:1].isdigit():
        return text + more
    return f"{text.rstrip(_MARKED_HYPHENS)} {more}"
