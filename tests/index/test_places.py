"""Places in text."""

from __future__ import annotations

import pytest

from index.places import find_located, find_places


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("تعقد القمة في موسكو.", ["موسكو"]),
        ("وصل إلى بيشكيك عاصمة قرغيزستان", ["بيشكيك", "قرغيزستان"]),
        ("بين الولايات المتحدة وروسيا", ["الولايات المتحدة", "روسيا"]),
        ("الدعم العسكري لأوكرانيا", ["أوكرانيا"]),
        ("سافر إلى المملكة المتحدة ثم اليابان", ["المملكة المتحدة", "اليابان"]),
        ("في الشرق الأوسط وأوروبا", ["الشرق الأوسط", "أوروبا"]),
        ("قال الوزير إن العمل مستمر", []),
    ],
)
def test_known_places_are_found_without_their_proclitics(text: str, places: list[str]) -> None:
    assert [span.of(text) for span in find_places(text)] == places


def test_a_noun_of_place_introduces_one() -> None:
    text = "ولد في مدينة الخليل ودرس في جامعة بيرزيت."
    assert [span.of(text) for span in find_located(text)] == ["مدينة الخليل", "جامعة بيرزيت"]
