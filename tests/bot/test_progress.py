"""What is said of a long build where there is no terminal for a bar."""

from __future__ import annotations

import time

import pytest

from bot import progress
from bot.progress import building_progress, duration, sending_progress


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.2, "1 s"), (40, "40 s"), (60, "1 min"), (3000, "50 min"), (7500, "2 h 5 min")],
)
def test_times_are_told_in_a_unit_that_fits(seconds: float, told: str) -> None:
    assert duration(seconds) == told


def test_a_long_build_says_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    with building_progress(said.append) as building:
        building(1_000_000, 90_000_000, 500)  # too soon to be worth a line
        monkeypatch.setattr(progress, "_SHOWN_AFTER_SECONDS", 0.0)
        monkeypatch.setattr(progress, "_LINE_SECONDS", 0.0)
        building(3_000_000, 90_000_000, 1500)
        building(90_000_000, 90_000_000, 45_000)
    first, last = said
    assert first.startswith("3 of 90 MB read, 1,500 sentences, ")
    assert " sentences/s, about " in first
    assert first.endswith(" left.")
    assert last.startswith("90 of 90 MB read, 45,000 sentences, ")
    assert "left" not in last


def test_so_does_a_long_mirroring(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    with sending_progress(said.append) as sending:
        sending(100, 9000)  # too soon to be worth a line
        assert sending.has_begun
        monkeypatch.setattr(progress, "_SHOWN_AFTER_SECONDS", 0.001)
        monkeypatch.setattr(progress, "_LINE_SECONDS", 0.0)
        time.sleep(0.002)
        sending(3000, 9000)
        sending(9000, 9000)
    first, last = said
    assert first.startswith("3,000 of 9,000 sentences sent, ")
    assert first.endswith(" left.")
    assert last.startswith("9,000 of 9,000 sentences sent, ")
    assert "left" not in last
