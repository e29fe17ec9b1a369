"""Places in Arabic text: countries and cities known by name, and what «في» points at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from index.arabic import (
    PROCLITIC_LETTERS,
    WORD,
    Remembered,
    normalise,
    normalise_aligned,
    normalise_in_place,
    original_span,
    word_spans,
    words,
)
from index.model import Span

# What the CLDR does not have, or news writes otherwise: regions, capitals, places of news.
_FURTHER = (
    "أمريكا أميركا واشنطن موسكو بيشكيك قرغيزستان كييف دونباس القرم غزة القدس رام الله نيويورك "
    "جنيف بروكسل فيينا لاهاي باريس لندن برلين روما مدريد أنقرة إسطنبول طهران بغداد دمشق بيروت "
    "عمان الرياض جدة مكة الدوحة المنامة أبوظبي دبي الكويت مسقط صنعاء عدن القاهرة الإسكندرية "
    "الخرطوم طرابلس بنغازي تونس الجزائر الرباط نواكشوط بكين طوكيو سيول نيودلهي إسلام آباد كابول "
    "أوروبا آسيا أفريقيا إفريقيا أوراسيا يريفان مينسك أستانا طشقند دوشنبه حلب حمص الموصل البصرة"
).split()
_REGIONS = (
    "الشرق الأوسط",
    "الضفة الغربية",
    "قطاع غزة",
    "الولايات المتحدة",
    "الولايات المتحدة الأمريكية",
    "شبه الجزيرة العربية",
    "الوطن العربي",
    "العالم العربي",
    "رام الله",
    "إسلام آباد",
    "المدينة المنورة",
    "مكة المكرمة",
    "شمال أفريقيا",
    "جنوب أفريقيا",
    "البحر الأحمر",
    "البحر المتوسط",
    "البحر الأبيض المتوسط",
    "الخليج العربي",
)
_AMBIGUOUS = frozenset(map(normalise, ("العالم", "الله", "آباد", "إسلام", "عدن", "رام", "ليل")))
_LONGEST_NAME = 4  # words
_SHORTEST_NAME = 3  # letters; shorter ones are words too
_PROCLITICS = ("و", "ف", "ب", "ل", "وب", "ول", "فب", "فل")

_NOUNS = (
    *("مدينه", "بلده", "قريه", "محافظه", "ولايه", "منطقه", "اقليم", "مقاطعه", "عاصمه", "حي"),
    *("جزيره", "شبه جزيره", "دوله", "جمهوريه", "مملكه", "قاره", "مطار", "ميناء", "جامعه", "قصر"),
    *("شمال", "جنوب", "شرق", "غرب", "وسط", "ساحل"),
)
_POINTING = frozenset(proclitic + noun.split()[0] for noun in _NOUNS for proclitic in ("", "ب"))
_POINTED = re.compile(
    rf"(?<!\w)ب?(?P<place>(?:{'|'.join(_NOUNS)})\s+[^\W\d_]{{3,}}(?:\s+ال[^\W\d_]+)*)"
)


@cache
def gazetteer() -> frozenset[tuple[str, ...]]:
    """Return the names of places that are known, each as its normalised words.

    Countries, continents and the cities that time zones are named after come from the CLDR.
    """
    # 20 ms that only questions about a place need.
    from babel import Locale  # noqa: PLC0415

    locale = Locale("ar")
    cities = (zone["city"] for zone in locale.time_zones.values() if "city" in zone)
    names = (*locale.territories.values(), *cities, *_FURTHER, *_REGIONS)
    known = (tuple(words(name.partition("(")[0])) for name in names)
    return frozenset(
        name
        for name in known
        if 0 < len(name) <= _LONGEST_NAME
        and name[0] not in _AMBIGUOUS
        and (len(name) > 1 or len(name[0]) >= _SHORTEST_NAME)
    )


@lru_cache(maxsize=1024)
def find_places(text: str) -> tuple[Span, ...]:
    """Return the places of ``text`` that are known by name, in order, the longest names first."""
    named = list(_named(WORD.findall(normalise_in_place(text))))
    if not named:
        return ()
    found = word_spans(text)
    return tuple(
        Span(found[number][1].start + letters, found[number + size - 1][1].end)
        for number, size, letters in named
    )


def holds_place(normalised: str) -> bool:
    """Tell whether a text holds a place.

    Args:
        normalised: The text as ``normalise_in_place`` gives it.
    """
    return any(_pointed(normalised)) or any(_named(WORD.findall(normalised)))


def may_begin_place(word: str) -> bool:
    """Tell whether a place can begin with a normalised word, or in it behind a proclitic."""
    return word in _POINTING or bool(_OPENINGS[word])


def _named(found: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield the known names: the number of the first word, the words, the letters of a proclitic.

    Args:
        found: The words of a text.
    """
    known = gazetteer()
    end = 0
    for number, openings in enumerate(_OPENINGS.each(found)):
        if not openings or number < end:
            continue
        for size in range(min(_LONGEST_NAME, len(found) - number), 0, -1):
            rest = found[number + 1 : number + size]
            letters = next((at for first, at in openings if (first, *rest) in known), None)
            if letters is not None:
                yield number, size, letters
                end = number + size
                break


def _openings(word: str) -> tuple[tuple[str, int], ...]:
    """Return the first words of known names that a word may be, each with the letters before it."""
    firsts = _first_words()
    openings = [(word, 0)] if word in firsts and len(word) >= _SHORTEST_NAME else []
    if word[0] not in PROCLITIC_LETTERS:
        return tuple(openings)
    for proclitic in _PROCLITICS:
        bare = word[len(proclitic) :]
        if not word.startswith(proclitic) or len(bare) < _SHORTEST_NAME:
            continue
        if bare in firsts:
            openings.append((bare, len(proclitic)))
        if proclitic.endswith("ل") and bare.startswith("ل") and "ا" + bare in firsts:
            # للرياض is ل + الرياض; what can be shown is لرياض's ل
            openings.append(("ا" + bare, len(proclitic) - 1))
    return tuple(openings)


@cache
def _first_words() -> frozenset[str]:
    return frozenset(name[0] for name in gazetteer())


_OPENINGS = Remembered(_openings)


@lru_cache(maxsize=1024)
def find_located(text: str) -> tuple[Span, ...]:
    """Return what a noun of place introduces in ``text``: «مدينة الخليل», «شمال البلاد»."""
    found = [match.span("place") for match in _pointed(normalise_in_place(text))]
    if not found:
        return ()
    _, offsets = normalise_aligned(text)
    return tuple(original_span(offsets, start, end) for start, end in found)


def _pointed(normalised: str) -> Iterator[re.Match[str]]:
    """Yield what nouns of place introduce, from left to right, none overlapping."""
    end = 0
    for word in WORD.finditer(normalised):
        if word.start() >= end and word.group() in _POINTING:
            match = _POINTED.match(normalised, word.start())
            if match:
                end = match.end()
                yield match
