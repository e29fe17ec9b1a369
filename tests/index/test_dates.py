"""Dates and periods in Arabic text."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from index.dates import Precision, find_dates, parse_date
from tests.index.helpers import HOSTILE, assert_linear


def found(text: str) -> list[str]:
    return [date.span.of(text) for date in find_dates(text)]


class TestFind:
    @pytest.mark.parametrize(
        ("text", "dates"),
        [
            # Days
            ("القمة المقبلة ستعقد في 11 نوفمبر 2026 في موسكو", ["11 نوفمبر 2026"]),
            ("صدر القرار في 27/11/2025 ونشر", ["27/11/2025"]),
            ("صدر القرار في 27-11-2025 ونشر", ["27-11-2025"]),
            ("صدر القرار في 27.11.2025 ونشر", ["27.11.2025"]),
            ("صدر القرار في 2025-11-27 ونشر", ["2025-11-27"]),
            ("يوم الخميس 27 نوفمبر 2025 م", ["يوم الخميس 27 نوفمبر 2025 م"]),
            ("ولد في 13 أكتوبر 1958، بالمدينة", ["13 أكتوبر 1958"]),
            ("في 27 نوفمبر/تشرين الثاني 2025", ["27 نوفمبر/تشرين الثاني 2025"]),
            ("في 5 شباط (فبراير) 2024", ["5 شباط (فبراير) 2024"]),
            ("في 3 جويلية 2024", ["3 جويلية 2024"]),
            ("في 14 من شهر تموز 1958", ["14 من شهر تموز 1958"]),
            ("ليلة 15 رمضان 1446 هـ", ["15 رمضان 1446 هـ"]),
            # Periods
            ("زار بيشكيك خلال 25-27 نوفمبر الجاري", ["25-27 نوفمبر الجاري"]),
            ("التي استمرت بين 25 و27 نوفمبر حيث", ["25 و27 نوفمبر"]),
            ("خطة التعاون للفترة 2026-2030 الهادفة", ["2026-2030"]),
            ("في عام 2026 تحت شعار", ["عام 2026"]),
            ("بين عامي 1990 و1995 تقريبا", ["عامي 1990 و1995"]),
            ("سقطت عام 44 ق.م في يد الرومان", ["عام 44 ق.م"]),
            ("تأسست سنة 132 هـ في الكوفة", ["سنة 132 هـ"]),
            ("افتتح في نوفمبر 2025 رسميا", ["نوفمبر 2025"]),
            ("في القرن التاسع عشر الميلادي", ["القرن التاسع عشر الميلادي"]),
            # What leans on the day of writing
            ("سيزور موسكو الأسبوع المقبل لبحث", ["الأسبوع المقبل"]),
            ("سيتم مناقشته خلال الأيام المقبلة", ["الأيام المقبلة"]),
            ("قال بوتين، اليوم الخميس، إن", ["اليوم الخميس"]),
            ("وصل مساء أمس إلى موسكو", ["مساء أمس"]),
            ("في أبريل/نيسان الماضي", ["أبريل/نيسان الماضي"]),
            ("يبدأ الساعة 10:30 صباحا", ["الساعة 10:30 صباحا"]),
            # Several
            ("بدأت في 5 مارس 2020 وانتهت عام 2022", ["5 مارس 2020", "عام 2022"]),
        ],
    )
    def test_a_date_is_found_whole(self, text: str, dates: list[str]) -> None:
        assert found(text) == dates

    @pytest.mark.parametrize(
        "text",
        ["١١ نوفمبر ٢٠٢٦", "۱۱ نوفمبر ۲۰۲۶", "11 نُوفَمْبِر 2026", "11 نوفمـــبر 2026"],
    )
    def test_every_spelling_is_found_and_shown_as_it_stands(self, text: str) -> None:
        assert found(f"ستعقد في {text} في موسكو") == [text]

    @pytest.mark.parametrize("clitic", ["و", "ف", "ب", "ل"])
    def test_a_clitic_is_no_part_of_the_date(self, clitic: str) -> None:
        assert found(f"استمرت {clitic}اليوم الخميس أيضا") == ["اليوم الخميس"]

    @pytest.mark.parametrize(
        "text",
        [
            "ارتفعت الأسعار بنسبة 3.5 في المئة",
            "فاز الفريق بنتيجة 3 - 2 في المباراة",
            "العنوان 192.168.1.1 محجوز",
            "شارك 24 وزيرا في القمة",
            "لا أحد يعرف السبب",
            "وأشار إلى الربيع العربي",
            "مارس الرياضة طويلا",
            "قرأ الرقم 12345678",
            "",
        ],
    )
    def test_what_is_no_date_is_not_found(self, text: str) -> None:
        assert found(text) == []

    def test_dates_come_in_order_and_do_not_overlap(self) -> None:
        text = "اليوم الخميس 27 نوفمبر 2025 وعام 2026 والأسبوع المقبل ثم 1/2/2027 و2028-2030"

        dates = find_dates(text)

        assert len(dates) == 5
        assert all(one.span.end <= other.span.start for one, other in pairwise(dates))


class TestPrecision:
    @pytest.mark.parametrize(
        ("text", "precision"),
        [
            ("11 نوفمبر 2026", Precision.DAY),
            ("27/11/2025", Precision.DAY),
            ("25-27 نوفمبر", Precision.DAY),
            ("عام 2026", Precision.PERIOD),
            ("نوفمبر 2026", Precision.PERIOD),
            ("2026-2030", Precision.PERIOD),
            ("الأسبوع المقبل", Precision.RELATIVE),
            ("اليوم الخميس", Precision.RELATIVE),
        ],
    )
    def test_precision_says_how_much_a_date_tells(self, text: str, precision: Precision) -> None:
        assert [date.precision for date in find_dates(f"كان ذلك {text} كما قيل")] == [precision]

    def test_more_precise_is_more(self) -> None:
        assert Precision.DAY > Precision.PERIOD > Precision.RELATIVE


class TestParse:
    @pytest.mark.parametrize(
        "text",
        [
            "27/11/2025",
            "٢٧/١١/٢٠٢٥",
            "27 - 11 - 2025",
            "27.11.2025",
            "2025-11-27",
            "الخميس 27 نوفمبر 2025",
            "27 تشرين الثاني 2025",
            "27 نوفمبر/تشرين الثاني 2025",
            "27 نونبر، 2025",
        ],
    )
    def test_a_whole_date_is_read_day_before_month(self, text: str) -> None:
        assert parse_date(text) == date(2025, 11, 27)

    @pytest.mark.parametrize(
        ("month", "names"),
        [
            (1, "يناير كانون+الثاني جانفي"),
            (2, "فبراير شباط فيفري"),
            (4, "أبريل إبريل نيسان أفريل"),
            (7, "يوليو يوليه تموز جويلية"),
            (8, "أغسطس آب أوت غشت"),
            (12, "ديسمبر كانون+الأول دجنبر"),
        ],
    )
    def test_the_months_of_every_country(self, month: int, names: str) -> None:
        for name in names.split():
            assert parse_date(f"9 {name.replace('+', ' ')} 2024") == date(2024, month, 9)

    @pytest.mark.parametrize(
        "text",
        [
            *("", "اليوم الخميس", "27 -11", "27/11", "نوفمبر 2025", "27/11/25"),
            *("31/2/2025", "0/11/2025", "27/13/2025", "25-27 نوفمبر", "15 رمضان 1446"),
        ],
    )
    def test_what_is_not_a_whole_date_is_not_read(self, text: str) -> None:
        assert parse_date(text) is None


PIECES = HOSTILE | {
    "months": "مايو ",
    "days": "5 مايو ",
    "years": "2026 ",
    "eras": "2026 م ",
    "ranges": "2026-2030 و",
    "centuries": "القرن ",
    "hours": "الساعة ",
    "times": "10:30",
}


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_finding_takes_linear_time(piece: str) -> None:
    assert_linear(find_dates, piece)


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_parsing_takes_linear_time(piece: str) -> None:
    assert_linear(parse_date, piece)
