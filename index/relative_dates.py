"""What relative dates mean, seen from the day a document was published."""

from __future__ import annotations

import re
from datetime import date, timedelta

from index.arabic import normalise
from index.dates import (
    DAY_PATTERN,
    MONTH_NUMBERS,
    MONTH_PATTERN,
    RANGE_PATTERN,
    whole_date,
)
from index.model import Relation, Resolved

_TODAY = re.compile(r"(?:(?:مساء|صباح|ظهر|فجر|ليله)\s+)?اليوم")
_YESTERDAY = re.compile(r"(?:(?:مساء|صباح|ظهر|فجر|ليله)\s+)?(?:امس|البارحه)")
_TOMORROW = re.compile(r"(?:(?:مساء|صباح|ظهر|فجر|ليله)\s+)?غدا?")
_NEXT = re.compile(r"(?:المقبل|القادم|التالي)\w*")
_LAST = re.compile(r"(?:الماضي|المنصرم|الفايت|السابق|الاخير)\w*")
_THIS = re.compile(r"(?:الجاري|الحالي)\w*")
_YEAR_NOUN = re.compile(r"(?:العام|السنه)(?!\w)")
_MONTH_NOUN = re.compile(r"الشهر(?!\w)")
_DAYS_OF_MONTH = re.compile(
    rf"({DAY_PATTERN})(?:{RANGE_PATTERN}({DAY_PATTERN}))?\s*(?:من\s+)?(?:شهر\s+)?({MONTH_PATTERN})"
)
# date.weekday() counts from Monday.
_WEEKDAY_NUMBERS = {
    normalise(name): number
    for number, names in enumerate(
        (
            ("الاثنين", "الإثنين"),
            ("الثلاثاء",),
            ("الأربعاء",),
            ("الخميس",),
            ("الجمعة",),
            ("السبت",),
            ("الأحد",),
        )
    )
    for name in names
}


def resolve(text: str, published: date) -> Resolved | None:
    """Return what a relative date means, or None where the day of publication does not tell.

    Args:
        text: A date or period as ``find_dates`` finds it: «اليوم الخميس», «العام المقبل»,
            «25-27 نوفمبر الجاري».
        published: The day its document was published.
    """
    try:
        return _resolve(normalise(text), published)
    except (ValueError, OverflowError):
        return None  # beyond the years that a calendar has


def _resolve(normalised: str, published: date) -> Resolved | None:
    if re.search(r"\d{3}", normalised):
        return None  # it says its year
    if match := _DAYS_OF_MONTH.search(normalised):
        return _in_month(match, normalised, published)
    for pattern, days in ((_YESTERDAY, -1), (_TOMORROW, 1), (_TODAY, 0)):
        if pattern.match(normalised):
            return _on(published + timedelta(days=days))
    step = _step(normalised)
    return None if step is None else _stepped(normalised, step, published)


def _stepped(normalised: str, step: int, published: date) -> Resolved | None:
    """Resolve what is ``step`` periods after the one of publication."""
    day = next((n for name, n in _WEEKDAY_NUMBERS.items() if name in normalised), None)
    if day is not None:
        return _weekday(day, step, published)
    if _YEAR_NOUN.match(normalised):
        year = published.year + step
        return Resolved(Relation.ON, date(year, 1, 1), date(year, 12, 31))
    if _MONTH_NOUN.match(normalised):
        month = published.year * 12 + published.month - 1 + step
        first, following = (date(m // 12, m % 12 + 1, 1) for m in (month, month + 1))
        return Resolved(Relation.ON, first, following - timedelta(days=1))
    if step == 0:
        return None
    relation = Relation.AFTER if step > 0 else Relation.BEFORE
    return Resolved(relation, published, published)


def _step(normalised: str) -> int | None:
    for pattern, step in ((_NEXT, 1), (_LAST, -1), (_THIS, 0)):
        if _closes(pattern, normalised):
            return step
    return None


def _closes(pattern: re.Pattern[str], normalised: str) -> bool:
    # With $ behind it, the pattern would be tried at every word in it, each time up to the end.
    return any(match.end() == len(normalised) for match in pattern.finditer(normalised))


def _on(day: date) -> Resolved:
    return Resolved(Relation.ON, day, day)


def _in_month(match: re.Match[str], normalised: str, published: date) -> Resolved | None:
    """Resolve «25-27 نوفمبر الجاري»; without «الجاري» the year would be a guess."""
    if not _closes(_THIS, normalised):
        return None
    month = MONTH_NUMBERS[re.sub(r"\s+", " ", match[3])]
    start = whole_date(published.year, month, int(match[1]))
    end = whole_date(published.year, month, int(match[2] or match[1]))
    return Resolved(Relation.ON, start, end) if start and end else None


def _weekday(day: int, step: int, published: date) -> Resolved | None:
    if step == 0:
        return None
    ahead = (day - published.weekday()) % 7
    return _on(published + timedelta(days=(ahead or 7) if step > 0 else ahead - 7))
