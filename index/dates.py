"""Dates and periods in Arabic text.

The patterns run over normalised text, so every spelling and every script of digits is found; the
spans that come back count characters of the text itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import lru_cache

from index.arabic import normalise, normalise_aligned, original_span
from index.model import Span

# The Egyptian, Levantine and Maghrebi names of each month.
_MONTHS = (
    ("يناير", "كانون الثاني", "جانفي"),
    ("فبراير", "شباط", "فيفري"),
    ("مارس", "آذار"),
    ("أبريل", "إبريل", "نيسان", "أفريل"),
    ("مايو", "أيار", "ماي"),
    ("يونيو", "يونيه", "حزيران", "جوان"),
    ("يوليو", "يوليه", "تموز", "جويلية", "يوليوز"),
    ("أغسطس", "آب", "أوت", "غشت"),
    ("سبتمبر", "أيلول", "شتنبر"),
    ("أكتوبر", "تشرين الأول"),
    ("نوفمبر", "تشرين الثاني", "نونبر"),
    ("ديسمبر", "كانون الأول", "دجنبر"),
)
_HIJRI_MONTHS = (
    "محرم",
    "صفر",
    "ربيع الأول",
    "ربيع الآخر",
    "ربيع الثاني",
    "جمادى الأولى",
    "جمادى الآخرة",
    "جمادى الثانية",
    "رجب",
    "شعبان",
    "رمضان",
    "شوال",
    "ذو القعدة",
    "ذي القعدة",
    "ذو الحجة",
    "ذي الحجة",
)
_WEEKDAYS = ("السبت", "الأحد", "الاثنين", "الإثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة")
_NEXT_OR_LAST = (
    "المقبل المقبلة القادم القادمة الماضي الماضية الجاري الجارية الحالي الحالية المنصرم المنصرمة "
    "الفائت الفائتة السابق السابقة التالي التالية الأخير الأخيرة المقبلين القادمين الماضيين"
).split()
_PERIODS = (
    "الأسبوع الأسبوعين الشهر الشهرين العام العامين السنة السنتين الأيام الأسابيع الأشهر الشهور "
    "الأعوام السنوات السنين اليوم الليلة الفترة المرحلة العقد القرن الصيف الشتاء الخريف الربيع"
).split()

MONTH_NUMBERS = {
    normalise(name): number for number, names in enumerate(_MONTHS, start=1) for name in names
}


def _any(names: tuple[str, ...] | list[str]) -> str:
    # Longest first, so that a name never hides a longer one that begins with it.
    ordered = sorted({normalise(name) for name in names}, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in ordered) + ")"


_MONTH = MONTH_PATTERN = _any(list(MONTH_NUMBERS))
_MONTH_PAIR = rf"{_MONTH}(?:\s*[/(]\s*{_MONTH}\s*\)?)?"  # نوفمبر/تشرين الثاني
_HIJRI = _any(list(_HIJRI_MONTHS))
_WEEKDAY = rf"(?:(?:يوم|اليوم)\s+)?{_any(list(_WEEKDAYS))}"
_YEAR = r"(?:1[0-9]{3}|20[0-9]{2}|[3-9][0-9]{2}(?=\s*(?:م|ه|ق)\b))"
_ERA = r"(?:\s*(?:ق\.?\s?م|م|ه|هـ|ميلادي(?:ه|ا)?|هجري(?:ه|ا)?|قبل الميلاد)\b)?"
RANGE_PATTERN = _TO = r"\s*(?:-|–|—|/|و|الي|حتي)\s*"
DAY_PATTERN = _DAY = r"(?:0?[1-9]|[12][0-9]|3[01])"
_ORDINAL_DAY = (
    r"(?:ال(?:اول|ثاني|ثالث|رابع|خامس|سادس|سابع|ثامن|تاسع|عاشر|حادي|واحد)"
    r"(?:\s+(?:عشر|و?العشرين|و?العشرون|و?الثلاثين|و?الثلاثون))?|العشرين|العشرون|الثلاثين|الثلاثون)"
)
_SEPARATOR = r"\s?[/.\-–]\s?"

_PATTERNS = tuple(
    re.compile(rf"(?:(?<![^\W_])|(?<=\b[وفبل]))(?<!\d[.,/])(?:{pattern})(?![^\W_])")
    for pattern in (
        # 27/11/2025, 2025-11-27
        rf"{_DAY}{_SEPARATOR}{_DAY}{_SEPARATOR}(?:{_YEAR}|\d\d)",
        rf"{_YEAR}{_SEPARATOR}{_DAY}{_SEPARATOR}{_DAY}",
        # 25-27 نوفمبر 2026, الخميس 27 نوفمبر, رمضان 1446
        rf"(?:{_WEEKDAY}[،,]?\s+)?{_DAY}(?:{_TO}{_DAY})?\s*(?:من\s+)?(?:شهر\s+)?"
        rf"(?:{_MONTH_PAIR}|{_HIJRI})(?:[،,]?\s*(?:من\s+)?(?:(?:عام|سنه)\s+)?{_YEAR}{_ERA}"
        rf"|\s+{_any(_NEXT_OR_LAST)})?",
        rf"(?:{_MONTH_PAIR}|{_HIJRI})[،,]?\s*(?:(?:من\s+)?(?:عام|سنه)\s+)?{_YEAR}{_ERA}",
        rf"{_ORDINAL_DAY}\s+من\s+(?:شهر\s+)?(?:{_MONTH_PAIR}|{_HIJRI})"
        rf"(?:[،,]?\s*(?:من\s+)?(?:(?:عام|سنه)\s+)?{_YEAR}{_ERA})?",
        rf"شهر\s+(?:{_MONTH_PAIR}|{_HIJRI})(?:\s+{_any(_NEXT_OR_LAST)})?",
        rf"(?:{_MONTH_PAIR}|{_HIJRI})\s+{_any(_NEXT_OR_LAST)}",
        # 2026-2030, بين عامي 1990 و1995, عام 2026, القرن التاسع عشر
        rf"(?:(?:عامي|سنتي|عام|سنه)\s+)?{_YEAR}{_ERA}{_TO}(?:(?:عام|سنه)\s+)?"
        rf"{_YEAR}{_ERA}",
        rf"(?:(?:عام|العام|سنه|السنه)\s+)?{_YEAR}{_ERA}",
        rf"(?:عام|العام|سنه)\s+\d{{1,4}}{_ERA}",
        r"(?:(?:عام|العام|سنه)\s+)?\d{1,5}\s*(?:قبل\s+الميلاد|ق\.?\s?م|هجري(?:ه|ا)?|ميلادي(?:ه|ا)?)",
        r"(?:عقد\s+)?(?:ال)?(?:عشرينيات|ثلاثينيات|اربعينيات|خمسينيات|ستينيات|سبعينيات|ثمانينيات|"
        r"تسعينيات)(?:\s+(?:من\s+)?القرن\s+\w+(?:\s+عشر)?)?",
        r"القرن\s+(?:ال\w+(?:\s+عشر)?|\d+)(?:\s+(?:الميلادي|الهجري|قبل الميلاد))?",
        # الأسبوع المقبل, اليوم الخميس, أمس
        rf"{_any(_PERIODS)}\s+{_any(_NEXT_OR_LAST)}",
        rf"{_any(_NEXT_OR_LAST[:4])}\s+{_any(_PERIODS)}",
        rf"{_WEEKDAY}(?:\s+{_any(_NEXT_OR_LAST)})?",
        r"(?:مساء|صباح|ظهر|فجر|ليله)\s+(?:اليوم|امس|غد)",
        r"(?:اليوم|امس|البارحه|غدا|بعد\s+غد|اول\s+امس)",
        r"الساعه\s+(?:\d{1,2}(?::\d{2})?|ال\w+)(?:\s+(?:صباحا|مساء|ظهرا|فجرا|ليلا))?",
    )
)
_NUMERIC = re.compile(rf"(\d{{1,4}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}(\d{{1,4}})")
_WRITTEN = re.compile(rf"({_DAY})\s*({_MONTH})(?:\s*[/(]\s*{_MONTH}\s*\)?)?[،,]?\s*({_YEAR})")
_NUMBER = re.compile(r"\d")


class Precision(IntEnum):
    """How much a date says by itself; more is better as an answer."""

    RELATIVE = 0
    PERIOD = 1
    DAY = 2


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date or period: where it stands and how much it says by itself."""

    span: Span
    precision: Precision


@lru_cache(maxsize=1024)
def find_dates(text: str) -> tuple[FoundDate, ...]:
    """Return the dates and periods of ``text`` in order, none overlapping, the longest first."""
    normalised, offsets = normalise_aligned(text)
    spans = sorted(
        {match.span() for pattern in _PATTERNS for match in pattern.finditer(normalised)},
        key=lambda span: (span[0] - span[1], span[0]),
    )
    kept: list[tuple[int, int]] = []
    taken = bytearray(len(normalised))
    for start, end in spans:
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            kept.append((start, end))
    return tuple(
        FoundDate(original_span(offsets, start, end), _precision(normalised[start:end]))
        for start, end in sorted(kept)
    )


def _precision(normalised: str) -> Precision:
    if not _NUMBER.search(normalised):
        return Precision.RELATIVE
    if _NUMERIC.search(normalised) or re.search(rf"{_DAY}\s*(?:{_MONTH}|{_HIJRI})", normalised):
        return Precision.DAY
    return Precision.PERIOD


def parse_date(text: str) -> date | None:
    """Return the one whole Gregorian date that ``text`` gives, day before month, else None."""
    normalised = normalise(text)
    if match := _WRITTEN.search(normalised):
        month = MONTH_NUMBERS[re.sub(r"\s+", " ", match[2])]
        return whole_date(int(match[3]), month, int(match[1]))
    if match := _NUMERIC.search(normalised):
        first, middle, last = (int(part) for part in match.groups())
        if len(match[1]) == len("2025"):
            return whole_date(first, middle, last)
        if len(match[3]) == len("2025"):
            return whole_date(last, middle, first)
    return None


def whole_date(year: int, month: int, day: int) -> date | None:
    """Return that day, or None where there is no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None
