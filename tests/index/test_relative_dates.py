"""What relative dates mean, seen from the day of publication."""

from __future__ import annotations

from datetime import date

import pytest

from index.model import Relation, Resolved
from index.relative_dates import resolve

THURSDAY = date(2025, 11, 27)


def on(start: date, end: date | None = None) -> Resolved:
    return Resolved(Relation.ON, start, end or start)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("اليوم", on(THURSDAY)),
        ("اليوم الخميس", on(THURSDAY)),
        ("أمس", on(date(2025, 11, 26))),
        ("مساء أمس", on(date(2025, 11, 26))),
        ("غدا", on(date(2025, 11, 28))),
        ("الخميس الماضي", on(date(2025, 11, 20))),
        ("يوم الثلاثاء المقبل", on(date(2025, 12, 2))),
        ("الأحد القادم", on(date(2025, 11, 30))),
        ("العام المقبل", on(date(2026, 1, 1), date(2026, 12, 31))),
        ("السنة الماضية", on(date(2024, 1, 1), date(2024, 12, 31))),
        ("العام الجاري", on(date(2025, 1, 1), date(2025, 12, 31))),
        ("الشهر المقبل", on(date(2025, 12, 1), date(2025, 12, 31))),
        ("الشهر الماضي", on(date(2025, 10, 1), date(2025, 10, 31))),
        ("25-27 نوفمبر الجاري", on(date(2025, 11, 25), THURSDAY)),
        ("٢٥ نوفمبر الجاري", on(date(2025, 11, 25))),
        ("الأسبوع المقبل", Resolved(Relation.AFTER, THURSDAY, THURSDAY)),
        ("الأيام المقبلة", Resolved(Relation.AFTER, THURSDAY, THURSDAY)),
        ("الأسبوع الماضي", Resolved(Relation.BEFORE, THURSDAY, THURSDAY)),
    ],
)
def test_the_day_of_publication_tells(text: str, expected: Resolved) -> None:
    assert resolve(text, THURSDAY) == expected


@pytest.mark.parametrize(
    "text",
    ["11 نوفمبر 2026", "عام 2026", "25 نوفمبر", "الخميس", "الأسبوع الجاري", "القرن التاسع عشر"],
)
def test_nothing_is_invented(text: str) -> None:
    assert resolve(text, THURSDAY) is None


def test_the_month_after_december_is_in_the_next_year() -> None:
    assert resolve("الشهر المقبل", date(2025, 12, 5)) == on(date(2026, 1, 1), date(2026, 1, 31))


@pytest.mark.parametrize(
    ("text", "day"), [("العام المقبل", date.max), ("السنة الماضية", date.min), ("غدا", date.max)]
)
def test_the_ends_of_the_calendar_resolve_nothing(text: str, day: date) -> None:
    assert resolve(text, day) is None
