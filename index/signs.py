"""What a sentence holds that a question may want: a date, a number, a place."""

from __future__ import annotations

from enum import IntFlag

from index.arabic import WORD, Remembered, normalise_in_place
from index.dates import Precision, may_begin_date, most_precise
from index.places import holds_place, may_begin_place
from index.quantities import holds_quantity, may_begin_quantity


class Sign(IntFlag):
    """What a sentence holds; kept in the index, so that ranking need not look again."""

    NONE = 0
    DATE = 1
    WRITTEN_DATE = 2  # one that says a day, a month or a year by itself
    NUMBER = 4
    PLACE = 8


_DATE, _WRITTEN_DATE, _NUMBER, _PLACE = 1, 2, 4, 8  # plain numbers are combined far faster


def signs_of(text: str) -> Sign:
    """Return what a sentence holds."""
    hints = 0
    for hint in _HINTS.each(text.split(" ")):
        hints |= hint
    if not hints:
        return Sign.NONE
    normalised = normalise_in_place(text)
    signs = 0
    if hints & _DATE:
        precision = most_precise(normalised)
        if precision is not None:
            signs |= _DATE if precision is Precision.RELATIVE else _DATE | _WRITTEN_DATE
    if hints & _NUMBER and holds_quantity(normalised):
        signs |= _NUMBER
    if hints & _PLACE and holds_place(normalised):
        signs |= _PLACE
    return Sign(signs)


def _hint(token: str) -> int:
    """Return what may begin in a token; most tokens can begin nothing."""
    found = WORD.findall(normalise_in_place(token))
    return (
        _DATE * any(map(may_begin_date, found))
        | _NUMBER * any(map(may_begin_quantity, found))
        | _PLACE * any(map(may_begin_place, found))
    )


_HINTS = Remembered(_hint)
