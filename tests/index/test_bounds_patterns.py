"""Every regular expression runs in linear time, whatever it is given."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from index.dates import _FORMS, _compiled
from tests.conftest import Endurance
from tests.index.attacks import Found, modules, patterns_of, worst

MOST_GROWTH = 9  # for four times the text: 4 when linear, 16 when quadratic
BOUNDED = {
    "index.readers.html._DECLARED[0]": "it is looked for in the first 4,096 bytes",
    "index.evaluation.noise._LONG_WORD[0]": "gold questions are short, and nobody else's",
}
"""Patterns that are not linear and need not be."""
WHOLE = ("bot.texts.reasons._PATTERNS[",)
"""Where patterns stand in a table and are only compared with the whole of a text."""


def all_patterns(package: str) -> list[Found]:
    found = [
        replace(one, calls=("fullmatch",)) if one.name.startswith(WHOLE) else one
        for module in modules(package)
        for one in patterns_of(module)
    ]
    if package == "index":  # these are made when they are needed
        found += [
            Found(f"index.dates._FORMS[{number}]", _compiled(number), ("match",))
            for number in range(len(_FORMS))
        ]
    return found


@pytest.mark.parametrize(("package", "at_least"), [("index", 100), ("bot", 20)])
def test_no_text_makes_a_pattern_slow(package: str, at_least: int, endurance: Endurance) -> None:
    for library in ("qdrant_client", "trafilatura", "docx", "pypdfium2"):
        pytest.importorskip(library)
    found = all_patterns(package)
    ends = ("\0", "", "x")[: endurance(1, 3)]

    attacks = {one.name: worst(one, ends) for one in found if one.name not in BOUNDED}

    assert len(attacks) >= at_least
    slow = {name: attack for name, attack in attacks.items() if attack.growth > MOST_GROWTH}
    assert not slow


def test_an_attack_finds_what_is_quadratic() -> None:
    """What the other test rests on."""
    for pattern, call in ((r"\s*$", "search"), (r"(?:a|b|ab)*c", "match"), (r"x*y", "finditer")):
        found = Found(pattern, re.compile(pattern), (call,))
        assert worst(found, ("\0",)).growth > MOST_GROWTH
