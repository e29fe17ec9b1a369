"""Wire furniture: what an agency puts around an article, told from the article itself.

A header line («التاريخ : 27/11/2025»), a dateline («موسكو - 27 -11 - (كونا) --»), the end mark
«(النهاية)», the editors' initials under it and a desk's name. It gives the publication date and
the agency; none of it is article text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from index.arabic import normalise, normalise_aligned, original_span
from index.dates import MONTH_PATTERN, parse_date
from index.model import Span
from index.sentences import trim

_AGENCIES = (
    *"كونا واس وام بنا قنا سانا بترا وفا معا شينخوا رويترز تاس سبوتنيك نوفوستي".split(),
    *"إنترفاكس الأناضول وكالات سونا واج واع نينا إرنا العمانية".split(),
    *("أ ش أ", "د ب أ", "أ ف ب", "أ ب", "أ.ش.أ", "د.ب.أ", "أ.ف.ب", "أ.ب"),
    *("فرانس برس", "أسوشيتد برس", "يونايتد برس", "الألمانية"),
)
_AGENCY_NAMES = {normalise(name): name for name in _AGENCIES}

_DATELINE_LENGTH = 90
_MOST_SEGMENTS = 5
_MOST_TAIL_LINES = 3

_NAMES = "|".join(re.escape(name) for name in sorted(_AGENCY_NAMES, key=len, reverse=True))
_AGENCY = rf"(?:وكاله\s+)?(?P<agency>{_NAMES})"
_DATE = (
    r"(?P<date>(?:(?:في|يوم|الموافق)\s+)*\d{1,4}(?:\s*[-/.]\s*\d{1,4}){0,2}"
    rf"(?:\s+{MONTH_PATTERN})?(?:[،,]?\s+\d{{4}})?)"
)
_PLACE = r"(?P<place>[^\W\d_]+(?:\s[^\W\d_]+){0,2})"
_STRONG = r"\s*(?:--+|[-–—/:])\s*"
# What may stand between two parts of a dateline, but does not end one.
_WEAK = r"\s*[،,]\s*|(?<=\))\s+|\s+(?=[(\d])|\s+(?=في\s\d)"
_SEGMENT = re.compile(
    rf"(?:\(\s*{_AGENCY}\s*\)|{_DATE}|{_AGENCY.replace('agency', 'bare')}|{_PLACE})"
    rf"(?:(?P<strong>{_STRONG})|{_WEAK})"
)
_HEADER = re.compile(
    r"(?:التاريخ|تاريخ النشر|تاريخ الخبر|نشر في|نشر بتاريخ)\s*[:：]\s*(?P<date>\S.*)"
)
_END_MARK = re.compile(r"[(\[]\s*(?:النهاي[ةه]|انتهى)\s*[)\]]")
_INITIALS = r"[^\W\d_]{1,4}(?:\s+[^\W\d_]{1,2}){0,3}"
_TAIL_LINE = re.compile(
    rf"{_INITIALS}(?:\s*/\s*{_INITIALS})+"  # دان / ط م ا
    r"|(?:web|news|online|copy)\s*(?:desk|team|room)|staff\s+(?:writer|reporter)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Article:
    """A text without its furniture.

    Attributes:
        body: The lines that are article text, in order; parts of lines where furniture shared one.
        published: The publication date, or None where no whole date is given.
        published_span: Where in the text that date stands, or None.
        agency: The agency that the dateline names, or None.
    """

    body: tuple[Span, ...]
    published: date | None
    published_span: Span | None
    agency: str | None


def strip_furniture(text: str, lines: list[Span]) -> Article:
    """Tell the article from the furniture around it.

    Args:
        text: The whole text.
        lines: Its lines that are not empty, in order.
    """
    span = _header_date(text, lines[0]) if lines else None
    body = _without_tail(text, lines[1:] if span else lines)
    agency = None
    if body:
        end, agency, dateline_span = _dateline(text, body[0])
        body = [trim(text, Span(end, body[0].end)), *body[1:]]
        span = span or dateline_span
    return Article(
        body=tuple(line for line in body if line),
        published=parse_date(span.of(text)) if span else None,
        published_span=span,
        agency=agency,
    )


def _header_date(text: str, line: Span) -> Span | None:
    match = _HEADER.fullmatch(text, line.start, line.end)
    return Span(*match.span("date")) if match and parse_date(match["date"]) else None


def _dateline(text: str, line: Span) -> tuple[int, str | None, Span | None]:
    """Return where the article begins in its first line, its agency, and its date if whole."""
    head = Span(line.start, min(line.end, line.start + _DATELINE_LENGTH)).of(text)
    normalised, offsets = normalise_aligned(head)
    position, end = 0, 0
    agency: str | None = None
    dated: Span | None = None
    for _ in range(_MOST_SEGMENTS):
        match = _SEGMENT.match(normalised, position)
        if match is None or (agency and match["place"]):
            break
        position = match.end()
        if name := match["agency"] or match["bare"]:
            agency = agency or _AGENCY_NAMES[name]
        if match["date"]:
            dated = original_span(offsets, *match.span("date"))
        # «أعلنت وكالة (كونا) أن…» is a sentence; a dateline closes with a dash, or is dated.
        if match["strong"] or (match["agency"] and dated):
            end = position if agency or (dated and not match["place"]) else end
    if end == 0 or (agency is None and (dated is None or parse_date(dated.of(head)) is None)):
        return line.start, None, None
    whole = dated is not None and parse_date(dated.of(head)) is not None
    return (
        line.start + offsets[end],
        agency,
        dated.shifted(line.start) if dated and whole else None,
    )


def _without_tail(text: str, lines: list[Span]) -> list[Span]:
    """Drop the end mark and the initials and desk lines that close the text."""
    kept = list(lines)
    for _ in range(_MOST_TAIL_LINES):
        if kept and _TAIL_LINE.fullmatch(kept[-1].of(text)):
            kept.pop()
    for number, line in enumerate(kept):
        if mark := _END_MARK.search(text, line.start, line.end):
            ended = trim(text, Span(line.start, mark.start()))
            rest = text[mark.end() : line.end].strip()
            closes = not rest or bool(_TAIL_LINE.fullmatch(rest))
            if closes and len(kept) - number <= _MOST_TAIL_LINES:
                return [*kept[:number], ended]
    return kept
