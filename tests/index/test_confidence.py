"""How sure an answer is."""

from __future__ import annotations

from index.confidence import ANSWERED_FROM, NOT_SURE_FROM, WEIGHTS, confidence, is_answered
from index.model import Kind

SURE = {"covered": 1.0, "nameless": 0.0, "margin": 2.0, "lacking": 0.0}


def test_it_is_a_chance_and_every_sign_moves_it_the_right_way() -> None:
    assert SURE.keys() == WEIGHTS.keys()
    sure = confidence(SURE)
    assert 0 < NOT_SURE_FROM < ANSWERED_FROM < sure < 1
    for worse in ({"covered": 0.2}, {"nameless": 1.0}, {"margin": 0.0}, {"lacking": 1.0}):
        assert confidence(SURE | worse) < sure


def test_nothing_covered_is_not_even_unsure() -> None:
    assert confidence(dict.fromkeys(WEIGHTS, 0.0)) < NOT_SURE_FROM


def test_without_a_date_or_a_number_when_and_how_many_are_not_answered() -> None:
    lacking = SURE | {"lacking": 1.0}
    assert confidence(lacking) >= ANSWERED_FROM
    assert not is_answered(Kind.WHEN, lacking)
    assert not is_answered(Kind.HOWMANY, lacking)
    assert is_answered(Kind.WHERE, lacking)
    assert is_answered(Kind.WHEN, SURE)
