"""What a sentence holds that a question may want."""

from __future__ import annotations

import pytest

from index.signs import Sign, signs_of
from tests.index.helpers import HOSTILE, assert_linear


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("قال الوزير إن العمل مستمر", Sign.NONE),
        ("", Sign.NONE),
        ("سيزوره الأسبوع المقبل", Sign.DATE),
        ("وقعت المعاهدة في نوفمبر الماضي", Sign.DATE),
        ("سقطت الدولة عام 1990", Sign.DATE | Sign.WRITTEN_DATE | Sign.NUMBER),
        ("شارك عشرون وزيرا", Sign.NUMBER),
        ("خصصت ١٢٫٥ مليون", Sign.NUMBER),
        ("وصل الوفد إلى بيشكيك", Sign.PLACE),
        ("الدعم العسكري لأوكرانيا", Sign.PLACE),
        ("ولد في مدينة صغيرة", Sign.PLACE),
        ("عاد إلى الولايات المتحدة واليوم الخميس", Sign.DATE | Sign.PLACE),
        ("ستعقد في 11 نوفمبر 2026 في موسكو", Sign(15)),
    ],
)
def test_signs_tell_what_a_sentence_holds(text: str, signs: Sign) -> None:
    assert signs_of(text) == signs


@pytest.mark.parametrize("text", ["لا أحد يعرف السبب", "مارس الرياضة", "في الولايات", "تحت الشمس"])
def test_what_only_begins_like_a_sign_is_none(text: str) -> None:
    assert signs_of(text) == Sign.NONE


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_take_linear_time(piece: str) -> None:
    assert_linear(signs_of, piece)
