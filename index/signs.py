"""What a sentence holds that a question may want: a date, a number, a place."""

from __future__ import annotations

from enum import IntFlag

from index.dates import Precision, find_dates
from index.places import find_located, find_places
from index.quantities import find_quantities


class Sign(IntFlag):
    """What a sentence holds; kept in the index, so that ranking need not look again."""

    NONE = 0
    DATE = 1
    WRITTEN_DATE = 2  # one that says a day, a month or a year by itself
    NUMBER = 4
    PLACE = 8


def signs_of(text: str) -> Sign:
    """Return what a sentence holds."""
    signs = Sign.NONE
    dates = find_dates(text)
    if dates:
        signs |= Sign.DATE
    if any(date.precision > Precision.RELATIVE for date in dates):
        signs |= Sign.WRITTEN_DATE
    if find_quantities(text):
        signs |= Sign.NUMBER
    if find_places(text) or find_located(text):
        signs |= Sign.PLACE
    return signs
