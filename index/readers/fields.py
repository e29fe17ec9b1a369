"""Which field of an archive's row holds what, and how dates are written in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Self

from index.dates import parse_date
from index.errors import FieldsError

_ALIASES = {
    "title": "title headline العنوان عنوان",
    "date": "date published published_at publishedAt pub_date pubDate datetime created_at "
    "timestamp التاريخ تاريخ",
    "agency": "agency source publisher site sitename الوكالة وكالة المصدر مصدر",
    "text": "text body content article article_text articleBody maintext story النص نص المحتوى",
    "url": "url link href الرابط رابط",
}
_LONGEST_DATE = 100
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?!\d)|(\d{4})(\d{2})(\d{2})(?:T|\Z)")
_UNIX = re.compile(r"-?\d{9,10}(?:\.\d+)?|\d{12,13}")
_MILLISECONDS = 100_000_000_000  # seconds up to the year 5138


@dataclass(frozen=True, slots=True)
class Fields:
    """The names that an archive's fields go by; where one is empty, the usual ones are tried."""

    title: str = ""
    date: str = ""
    agency: str = ""
    text: str = ""
    url: str = ""

    @classmethod
    def parse(cls, given: str) -> Self:
        """Return the fields that ``title=headline,text=body`` names; an empty text names none.

        Raises:
            FieldsError: It is written in another way, or names what is not a field.
        """
        names: dict[str, str] = {}
        for part in given.split(",") if given.strip() else ():
            field, equals, name = (piece.strip() for piece in part.partition("="))
            if not equals or not name or field not in _ALIASES or field in names:
                raise FieldsError(part.strip() or given)
            names[field] = name
        return cls(**names)

    def names(self, field: str) -> tuple[str, ...]:
        """Return the names that may hold ``field``, the likeliest first."""
        given = getattr(self, field)
        return (given,) if given else tuple(_ALIASES[field].split())

    def find(self, present: Iterable[str]) -> dict[str, str]:
        """Return which of the names of a row or a header holds what, for the fields it has."""
        known = {_folded(name): name for name in reversed(list(present))}
        found = {}
        for field in fields(self):
            names = (known.get(_folded(name)) for name in self.names(field.name))
            if name := next((name for name in names if name is not None), None):
                found[field.name] = name
        return found


def _folded(name: str) -> str:
    return name.strip().casefold()


def read_date(value: Any) -> date | None:
    """Return the date that a field holds, or None.

    ISO 8601, with or without a time; Unix seconds and milliseconds, in UTC; the form of e-mail
    and RSS; 27/11/2025, day before month; and dates in Arabic words. Of a time with a zone the
    date is taken as it is written.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _from_unix(value)
    return _parse(value.strip()) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _parse(text: str) -> date | None:
    if not text or len(text) > _LONGEST_DATE:
        return None
    try:
        if match := _ISO.match(text):
            year, month, day = (int(part) for part in match.groups() if part)
            return date(year, month, day)
        if _UNIX.fullmatch(text):
            return _from_unix(float(text))
        # Imported here: 10 ms that only the dates of RSS and e-mail need.
        from email.utils import parsedate  # noqa: PLC0415

        if parsed := parsedate(text):
            return date(*parsed[:3])
    except (ValueError, IndexError, TypeError):  # parsedate is not careful
        return None
    return parse_date(text)


def _from_unix(seconds: float) -> date | None:
    try:
        if abs(seconds) > _MILLISECONDS:
            seconds /= 1000
        return datetime.fromtimestamp(seconds, UTC).date()
    except (ValueError, OverflowError, OSError):
        return None
