"""Trouble that comes again and again."""

from __future__ import annotations

import logging

import pytest

from bot import trouble
from bot.trouble import Trouble

LOGGER = logging.getLogger("bot.trouble.test")


@pytest.fixture
def met(caplog: pytest.LogCaptureFixture) -> Trouble:
    caplog.set_level(logging.INFO)
    return Trouble(LOGGER, "it fails (%s)", "over after %.0f s")


def test_it_is_told_once_and_so_is_its_end(met: Trouble, caplog: pytest.LogCaptureFixture) -> None:
    for wait in range(1000):
        met.met(f"retry in {wait} s")
        if wait % 10 == 0:
            met.over()
            met.over()
    assert caplog.messages == ["it fails (retry in 0 s)", "over after 0 s"]


def test_another_reason_is_told_but_not_any_number_of_them(
    met: Trouble, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(1000):
        met.met(f"reason {'x' * (number % 500)}")
    assert len(caplog.messages) == 20


def test_it_is_told_again_after_a_while(
    met: Trouble, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    met.met("away")
    met.met("away")
    monkeypatch.setattr(trouble, "_AGAIN_SECONDS", 0.0)
    met.met("away")
    assert caplog.messages == ["it fails (away)"] * 2
