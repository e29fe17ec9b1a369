"""Dates and periods in Arabic text.

The patterns run over normalised text, so every spelling and every script of digits is found; the
spans that come back count characters of the text itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import cache, lru_cache

from index.arabic import (
    PROCLITIC_LETTERS,
    WORD,
    Remembered,
    normalise,
    normalise_aligned,
    normalise_in_place,
    original_span,
)
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
_NEXT_OR_LAST = tuple(
    "المقبل المقبلة القادم القادمة الماضي الماضية الجاري الجارية الحالي الحالية المنصرم المنصرمة "
    "الفائت الفائتة السابق السابقة التالي التالية الأخير الأخيرة المقبلين القادمين الماضيين".split()
)
_PERIODS = tuple(
    "الأسبوع الأسبوعين الشهر الشهرين العام العامين السنة السنتين الأيام الأسابيع الأشهر الشهور "
    "الأعوام السنوات السنين اليوم الليلة الفترة المرحلة العقد القرن الصيف الشتاء الخريف "
    "الربيع".split()
)

MONTH_NUMBERS = {
    normalise(name): number for number, names in enumerate(_MONTHS, start=1) for name in names
}


def _any(names: Iterable[str]) -> str:
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
_ORDINALS = (
    *("الأول", "الثاني", "الثالث", "الرابع", "الخامس", "السادس", "السابع", "الثامن"),
    *("التاسع", "العاشر", "الحادي", "الواحد"),
    *("العشرين", "العشرون", "الثلاثين", "الثلاثون"),
)
_ORDINAL_DAY = (
    r"(?:ال(?:اول|ثاني|ثالث|رابع|خامس|سادس|سابع|ثامن|تاسع|عاشر|حادي|واحد)"
    r"(?:\s+(?:عشر|و?العشرين|و?العشرون|و?الثلاثين|و?الثلاثون))?|العشرين|العشرون|الثلاثين|الثلاثون)"
)
_SEPARATOR = r"\s?[/.\-–]\s?"

_YEAR_WORDS = ("عام", "العام", "سنة", "السنة")
_DECADES = tuple(
    "عشرينيات ثلاثينيات أربعينيات خمسينيات ستينيات سبعينيات ثمانينيات تسعينيات".split()
)
_PARTS_OF_DAY = ("مساء", "صباح", "ظهر", "فجر", "ليلة")
_A_DAY = rf"{_DAY}(?!\d)"
_A_YEAR = r"(?:1[0-9]{3}|20[0-9]{2}|[3-9][0-9]{2})(?!\d)"
_MONTHS_AND_HIJRI = (*MONTH_NUMBERS, *_HIJRI_MONTHS)
_DAYS_OF_WEEK = ("يوم", "اليوم", *_WEEKDAYS)


@dataclass(frozen=True, slots=True)
class _Form:
    """One way to write a date.

    Attributes:
        pattern: What it looks like.
        words: What its first word may begin with; of several words, the first counts.
        digits: What its digits look like, where it may begin with some.
    """

    pattern: str
    words: tuple[str, ...] = ()
    digits: str = ""


_FORMS = (
    # 27/11/2025, 2025-11-27
    _Form(rf"{_DAY}{_SEPARATOR}{_DAY}{_SEPARATOR}(?:{_YEAR}|\d\d)", digits=_A_DAY),
    _Form(rf"{_YEAR}{_SEPARATOR}{_DAY}{_SEPARATOR}{_DAY}", digits=_A_YEAR),
    # 25-27 نوفمبر 2026, الخميس 27 نوفمبر, رمضان 1446
    _Form(
        rf"(?:{_WEEKDAY}[،,]?\s+)?{_DAY}(?:{_TO}{_DAY})?\s*(?:من\s+)?(?:شهر\s+)?"
        rf"(?:{_MONTH_PAIR}|{_HIJRI})(?:[،,]?\s*(?:من\s+)?(?:(?:عام|سنه)\s+)?{_YEAR}{_ERA}"
        rf"|\s+{_any(_NEXT_OR_LAST)})?",
        _DAYS_OF_WEEK,
        _A_DAY,
    ),
    _Form(
        rf"(?:{_MONTH_PAIR}|{_HIJRI})[،,]?\s*(?:(?:من\s+)?(?:عام|سنه)\s+)?{_YEAR}{_ERA}",
        _MONTHS_AND_HIJRI,
    ),
    _Form(
        rf"{_ORDINAL_DAY}\s+من\s+(?:شهر\s+)?(?:{_MONTH_PAIR}|{_HIJRI})"
        rf"(?:[،,]?\s*(?:من\s+)?(?:(?:عام|سنه)\s+)?{_YEAR}{_ERA})?",
        _ORDINALS,
    ),
    _Form(rf"شهر\s+(?:{_MONTH_PAIR}|{_HIJRI})(?:\s+{_any(_NEXT_OR_LAST)})?", ("شهر",)),
    _Form(rf"(?:{_MONTH_PAIR}|{_HIJRI})\s+{_any(_NEXT_OR_LAST)}", _MONTHS_AND_HIJRI),
    # 2026-2030, بين عامي 1990 و1995, عام 2026, القرن التاسع عشر
    _Form(
        rf"(?:(?:عامي|سنتي|عام|سنه)\s+)?{_YEAR}{_ERA}{_TO}(?:(?:عام|سنه)\s+)?{_YEAR}{_ERA}",
        ("عام", "سنة", "سنتي"),
        _A_YEAR,
    ),
    _Form(rf"(?:{_any(_YEAR_WORDS)}\s+)?{_YEAR}{_ERA}", _YEAR_WORDS, _A_YEAR),
    _Form(rf"(?:عام|العام|سنه)\s+\d{{1,4}}{_ERA}", _YEAR_WORDS),
    _Form(
        r"(?:(?:عام|العام|سنه)\s+)?\d{1,5}\s*"
        r"(?:قبل\s+الميلاد|ق\.?\s?م|هجري(?:ه|ا)?|ميلادي(?:ه|ا)?)",
        _YEAR_WORDS,
        r"\d{1,5}(?!\d)",
    ),
    _Form(
        rf"(?:عقد\s+)?(?:ال)?{_any(_DECADES)}(?:\s+(?:من\s+)?القرن\s+\w+(?:\s+عشر)?)?",
        ("عقد", *_DECADES, *(f"ال{decade}" for decade in _DECADES)),
    ),
    _Form(r"القرن\s+(?:ال\w+(?:\s+عشر)?|\d+)(?:\s+(?:الميلادي|الهجري|قبل الميلاد))?", ("القرن",)),
    # الأسبوع المقبل, اليوم الخميس, أمس
    _Form(rf"{_any(_PERIODS)}\s+{_any(_NEXT_OR_LAST)}", _PERIODS),
    _Form(rf"{_any(_NEXT_OR_LAST[:4])}\s+{_any(_PERIODS)}", _NEXT_OR_LAST[:4]),
    _Form(rf"{_WEEKDAY}(?:\s+{_any(_NEXT_OR_LAST)})?", _DAYS_OF_WEEK),
    _Form(r"(?:مساء|صباح|ظهر|فجر|ليله)\s+(?:اليوم|امس|غد)", _PARTS_OF_DAY),
    _Form(
        r"(?:اليوم|امس|البارحه|غدا|بعد\s+غد|اول\s+امس)",
        ("اليوم", "أمس", "البارحة", "غدا", "بعد", "أول"),
    ),
    _Form(
        r"الساعه\s+(?:\d{1,2}(?::\d{2})?|ال\w+)(?:\s+(?:صباحا|مساء|ظهرا|فجرا|ليلا))?",
        ("الساعة",),
    ),
)
_NUMERIC = re.compile(rf"(\d{{1,4}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}(\d{{1,4}})")
_WRITTEN = re.compile(rf"({_DAY})\s*({_MONTH})(?:\s*[/(]\s*{_MONTH}\s*\)?)?[،,]?\s*({_YEAR})")
_OF_MONTH = re.compile(rf"{_DAY}\s*(?:{_MONTH}|{_HIJRI})")
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
    normalised = normalise_in_place(text)
    spans = _dates_of(normalised)
    if not spans:
        return ()
    _, offsets = normalise_aligned(text)
    return tuple(
        FoundDate(original_span(offsets, start, end), _precision(normalised[start:end]))
        for start, end in spans
    )


def most_precise(normalised: str) -> Precision | None:
    """Return the precision of the most precise date of a text, None where there is no date.

    Args:
        normalised: The text as ``normalise_in_place`` gives it.
    """
    return max(
        (_precision(normalised[start:end]) for start, end in _dates_of(normalised)), default=None
    )


def may_begin_date(word: str) -> bool:
    """Tell whether a date can begin with a normalised word, or in it behind a proclitic."""
    return bool(_BEGUN[word])


def _dates_of(normalised: str) -> list[tuple[int, int]]:
    spans = sorted(set(_matches(normalised)), key=lambda span: (span[0] - span[1], span[0]))
    kept: list[tuple[int, int]] = []
    taken = bytearray(len(normalised) if spans else 0)
    for start, end in spans:
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            kept.append((start, end))
    return sorted(kept)


def _matches(normalised: str) -> Iterator[tuple[int, int]]:
    """Yield where each form matches, from left to right and none of one form overlapping."""
    ends = [0] * len(_FORMS)
    for word in WORD.finditer(normalised):
        for letters, form in _BEGUN[word.group()]:
            start = word.start() + letters
            if start >= ends[form] and (match := _compiled(form).match(normalised, start)):
                ends[form] = match.end()
                yield match.span()


@cache
def _compiled(form: int) -> re.Pattern[str]:
    return re.compile(
        r"(?:(?<![^\W_])|(?<=\b[وفبل]))(?<!\d[.,/])" rf"(?:{_FORMS[form].pattern})(?![^\W_])"
    )


@cache
def _forms_by_word() -> tuple[dict[str, set[int]], frozenset[str], tuple[int, ...]]:
    """Return the forms by first word, the first two letters of these words, and their lengths."""
    forms: dict[str, set[int]] = {}
    for number, form in enumerate(_FORMS):
        for name in form.words:
            forms.setdefault(normalise(name).split()[0], set()).add(number)
    return forms, frozenset(word[:2] for word in forms), tuple({len(word) for word in forms})


def _begun(word: str) -> tuple[tuple[int, int], ...]:
    """Return the forms that may begin in a word, each with the letters of a proclitic before it."""
    begun = [(0, form) for form in _begun_with(word)]
    if word[0] in PROCLITIC_LETTERS and len(word) > 1:
        begun.extend((1, form) for form in _begun_with(word[1:]))
    return tuple(begun)


def _begun_with(word: str) -> set[int]:
    if word[0].isdecimal():
        return {
            number
            for number, form in enumerate(_FORMS)
            if form.digits and re.match(form.digits, word)
        }
    forms, starts, lengths = _forms_by_word()
    if word[:2] not in starts:
        return set()
    # What follows a month may be written without a space, so that its name is not a whole word.
    return set().union(*(forms.get(word[:length], ()) for length in lengths))


_BEGUN = Remembered(_begun)


def _precision(normalised: str) -> Precision:
    if not _NUMBER.search(normalised):
        return Precision.RELATIVE
    if _NUMERIC.search(normalised) or _OF_MONTH.search(normalised):
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
