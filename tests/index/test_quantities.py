"""Numbers with their units in Arabic text."""

from __future__ import annotations

from itertools import pairwise

import pytest

from index.quantities import find_quantities
from tests.index.helpers import HOSTILE, assert_linear


def found(text: str) -> list[str]:
    return [span.of(text) for span in find_quantities(text)]


class TestDigits:
    @pytest.mark.parametrize(
        ("text", "quantities"),
        [
            ("يضم المستشفى 1200 سرير", ["1200 سرير"]),
            ("شارك في القمة 24 وزيرا و6 رؤساء", ["24 وزيرا", "6 رؤساء"]),
            ("خصص 25 مليون دولار للمشروع", ["25 مليون دولار"]),
            ("تبلغ المسافة 1,200 كيلومتر", ["1,200 كيلومتر"]),
            ("ارتفع السعر إلى 3.5 دولارات", ["3.5 دولارات"]),
            ("تستمر الزيارة 2-3 أيام", ["2-3 أيام"]),
            ("بين 10 – 15 دولارا للبرميل", ["10 – 15 دولارا"]),
            ("فاز الفريق في 7 من مبارياته", ["7"]),
        ],
    )
    def test_a_number_comes_with_what_it_counts(self, text: str, quantities: list[str]) -> None:
        assert found(text) == quantities

    @pytest.mark.parametrize(
        "share", ["3.5 في المئة", "3.5 في المائة", "3.5 بالمئة", "3,5%", "3.5 %", "٣٫٥٪"]
    )
    def test_a_number_comes_with_its_per_cent(self, share: str) -> None:
        assert found(f"ارتفعت الأسعار بنسبة {share} خلال شهر") == [share]

    @pytest.mark.parametrize("number", ["١٢٠٠", "۱۲۰۰"])
    def test_every_script_of_digits_is_found(self, number: str) -> None:
        assert found(f"يضم المستشفى {number} سَرِيرٍ") == [f"{number} سَرِيرٍ"]


class TestWords:
    @pytest.mark.parametrize(
        ("text", "quantities"),
        [
            ("شارك ثلاثة آلاف جندي في التدريب", ["ثلاثة آلاف جندي"]),
            ("على بعد خمسة وعشرين كيلومترا", ["خمسة وعشرين كيلومترا"]),
            ("حضر ثلاثمائة طالب", ["ثلاثمائة طالب"]),
            ("يبلغ السكان عشرين مليون نسمة", ["عشرين مليون نسمة"]),
            ("وقتل خمسة أشخاص في الحادث", ["خمسة أشخاص"]),
            ("بنسبة خمسة بالمئة", ["خمسة بالمئة"]),
            ("بعد ثلاثة عشر عاما", ["ثلاثة عشر عاما"]),
            ("شاركت إحدى عشرة دولة في القمة", ["إحدى عشرة دولة"]),
            ("شارك أحد عشر وزيرا في القمة", ["أحد عشر وزيرا"]),
            ("ضم الفريق اثني عشر لاعبا", ["اثني عشر لاعبا"]),
            ("شاركت اثنتا عشرة دولة في القمة", ["اثنتا عشرة دولة"]),
            ("حضر مئتا ألف شخص", ["مئتا ألف شخص"]),
            ("حضر ألفا شخص", ["ألفا شخص"]),
        ],
    )
    def test_a_number_in_words_is_found_whole(self, text: str, quantities: list[str]) -> None:
        assert found(text) == quantities

    @pytest.mark.parametrize(
        "text",
        [
            "وصل الوفد إلى موسكو",
            "لا أحد يعرف السبب",
            "أشار إلى شيوخ العشيرة",
            "طائرات من طراز ميغ29",
            "",
        ],
    )
    def test_a_text_without_a_number_holds_none(self, text: str) -> None:
        assert found(text) == []


def test_quantities_come_in_order_and_do_not_overlap() -> None:
    text = "قتل 12 شخصا وأصيب ثلاثون، أي 3.5% من 1,200 و٢٠ مليون 5-7 عشرة آلاف"

    spans = find_quantities(text)

    assert len(spans) == 7
    assert all(one.end <= other.start for one, other in pairwise(spans))


PIECES = HOSTILE | {
    "written": "عشرة  ",
    "joined": "عشرةو",
    "thousands": "ألف ",
    "spread": "عشرون و   ",
    "shares": "5 في ",
    "groups": "1,1",
    "ranges": "11-",
}


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_hostile_texts_take_linear_time(piece: str) -> None:
    assert_linear(find_quantities, piece)
