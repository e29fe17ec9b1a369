"""Numbers with their units in Arabic text, in digits or in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

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

_UNITS_IN_WORDS = (
    "اثنان اثنين اثنتان اثنتين ثلاث ثلاثة أربع أربعة خمس خمسة ست ستة سبع سبعة "
    "ثمان ثماني ثمانية تسع تسعة عشر عشرة عشرون عشرين ثلاثون ثلاثين أربعون أربعين خمسون خمسين "
    "ستون ستين سبعون سبعين ثمانون ثمانين تسعون تسعين"
)
_SCALES = (
    "مئة مائة مئتان مئتين مائتان مائتين مئتا مئتي مائتا مائتي "
    "ألف ألفان ألفين ألفي آلاف ألفا مليون مليونا ملايين مليونان "
    "مليونين مليار مليارا مليارات ملياران مليارين تريليون تريليونات بليون"
)
# What may stand after a number without being the thing counted.
_NOT_COUNTED = frozenset(
    normalise(
        "من في على إلى عن مع أن إن و أو ثم حتى بين كما حيث التي الذي بعد قبل خلال منذ عام هو "
        "هي كان كانت قال وقال لكن بينما"
    ).split()
)


def _any(names: str) -> str:
    ordered = sorted(set(normalise(names).split()), key=len, reverse=True)
    return "(?:" + "|".join(ordered) + ")"


_SCALE = _any(_SCALES)
_HUNDREDS = rf"(?:{_any('ثلاث أربع خمس ست سبع ثمان ثماني تسع')}(?:مئه|مايه|ماءه|مييه|ميه))"
_DIGITS = r"\d+(?:[.,٫٬]\d+)*"
_FIRST_OF_TEENS = r"(?:احدي?|اثنا|اثني|اثنتا|اثنتي)"
_SINGLE = rf"{_HUNDREDS}|{_any(_UNITS_IN_WORDS)}|{_SCALE}"
_WRITTEN = rf"(?:{_FIRST_OF_TEENS}\s+عشره?|{_SINGLE})"
_WRITTEN_NUMBER = rf"{_WRITTEN}(?:\s+و?\s?{_WRITTEN})*"
_SHARE = r"\s*(?:%|٪|في\s+الم[اي]ي?ه|بالم[اي]ي?ه|في\s+الميه|بالميه)"
_NUMBER = re.compile(
    r"(?:(?<![^\W_])|(?<=\b[وفبل]))(?<!\d[.,/-])"
    rf"(?P<number>{_DIGITS}(?:\s+{_SCALE})*(?:\s*[-–]\s*{_DIGITS})?|{_WRITTEN_NUMBER})"
    rf"(?:(?P<share>{_SHARE})|(?![^\W_])(?:\s+(?P<unit>[^\W\d_]+))?)"
)


# The word that a number begins with; its per cent may be written without a space.
_BEGINNING = re.compile(rf"\d|(?:{_FIRST_OF_TEENS}|{_SINGLE})(?:\Z|في\Z|بالم)")


@lru_cache(maxsize=1024)
def find_quantities(text: str) -> tuple[Span, ...]:
    """Return the numbers of ``text`` in order, each with what it counts or its per cent."""
    found: list[Span] = []
    for match in _matches(normalise_in_place(text)):
        end = match.end("number")
        if match["share"]:
            end = match.end("share")
        elif match["unit"] and match["unit"] not in _NOT_COUNTED:
            end = match.end("unit")
        _, offsets = normalise_aligned(text)
        span = original_span(offsets, match.start(), end)
        # One character can hold two numbers: ¼ is 1⁄4.
        if not found or found[-1].end <= span.start:
            found.append(span)
    return tuple(found)


def holds_quantity(normalised: str) -> bool:
    """Tell whether a text holds a number.

    Args:
        normalised: The text as ``normalise_in_place`` gives it.
    """
    return any(_matches(normalised))


def may_begin_quantity(word: str) -> bool:
    """Tell whether a number can begin with a normalised word, or in it behind a proclitic."""
    return bool(_BEGUN[word])


def _matches(normalised: str) -> Iterator[re.Match[str]]:
    """Yield the numbers from left to right, none overlapping."""
    end = 0
    for word in WORD.finditer(normalised):
        for letters in _BEGUN[word.group()]:
            start = word.start() + letters
            if start >= end and (match := _NUMBER.match(normalised, start)):
                end = match.end()
                yield match


def _begun(word: str) -> tuple[int, ...]:
    """Return how many letters of a proclitic may stand in a word before a number."""
    letters = [0] if _BEGINNING.match(word) else []
    if word[0] in PROCLITIC_LETTERS and _BEGINNING.match(word, 1):
        letters.append(1)
    return tuple(letters)


_BEGUN = Remembered(_begun)
