"""Places in Arabic text: countries and cities known by name, and what «في» points at."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from index.arabic import normalise, normalise_aligned, original_span, word_spans, words
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

_NOUN = (
    r"(?:مدينه|بلده|قريه|محافظه|ولايه|منطقه|اقليم|مقاطعه|عاصمه|حي|جزيره|شبه جزيره|دوله|جمهوريه|"
    r"مملكه|قاره|مطار|ميناء|جامعه|قصر|شمال|جنوب|شرق|غرب|وسط|ساحل)"
)
_POINTED = re.compile(rf"(?<!\w)ب?(?P<place>{_NOUN}\s+[^\W\d_]{{3,}}(?:\s+ال[^\W\d_]+)*)")


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
    found = word_spans(text)
    known = gazetteer()
    places: list[Span] = []
    number = 0
    while number < len(found):
        size = min(_LONGEST_NAME, len(found) - number)
        while size:
            proclitic = _proclitic_of([word for word, _ in found[number : number + size]], known)
            if proclitic is not None:
                last = found[number + size - 1][1]
                places.append(Span(found[number][1].start + proclitic, last.end))
                break
            size -= 1
        number += max(size, 1)
    return tuple(places)


def _proclitic_of(name: list[str], known: frozenset[tuple[str, ...]]) -> int | None:
    """Return how many letters stand before a known name in its first word; None if not known."""
    first, *rest = name
    for proclitic in ("", *_PROCLITICS):
        bare = first[len(proclitic) :]
        if not first.startswith(proclitic) or len(bare) < _SHORTEST_NAME:
            continue
        if (bare, *rest) in known:
            return len(proclitic)
        if proclitic.endswith("ل") and bare.startswith("ل") and ("ا" + bare, *rest) in known:
            return len(proclitic) - 1  # للرياض is ل + الرياض; what can be shown is لرياض's ل
    return None


@lru_cache(maxsize=1024)
def find_located(text: str) -> tuple[Span, ...]:
    """Return what a noun of place introduces in ``text``: «مدينة الخليل», «شمال البلاد»."""
    normalised, offsets = normalise_aligned(text)
    return tuple(
        original_span(offsets, *match.span("place")) for match in _POINTED.finditer(normalised)
    )
