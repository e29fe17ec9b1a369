"""Confidence against the share that is right, worked out by hand, and its plot."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from index.evaluation import (
    GoldQuestion,
    Outcome,
    OutputError,
    Response,
    expected_calibration_error,
    reliability_bins,
    reliability_svg,
    save_plot,
)

SVG = "{http://www.w3.org/2000/svg}"


def outcome(confidence: float | None, *, right: bool, answered: bool = True) -> Outcome:
    question = GoldQuestion("أ", frozenset({0}), answerable=True)
    return Outcome(question, Response([0 if right else 1], answered, confidence))


OUTCOMES = [
    outcome(0.0, right=False),
    outcome(0.05, right=True, answered=False),
    outcome(0.1, right=True),
    outcome(0.85, right=True),
    outcome(0.8, right=False),
    outcome(0.87, right=True),
    outcome(1.0, right=True),
    outcome(None, right=True),
]


def test_bins_by_hand() -> None:
    bins = reliability_bins(OUTCOMES)

    assert [(one.low, one.high) for one in bins] == [(n / 10, (n + 1) / 10) for n in range(10)]
    assert [one.count for one in bins] == [2, 1, 0, 0, 0, 0, 0, 0, 3, 1]
    assert [one.confidence for one in bins] == pytest.approx(
        [0.025, 0.1, 0, 0, 0, 0, 0, 0, 0.84, 1.0]
    )
    assert [one.right for one in bins] == pytest.approx([1 / 2, 1, 0, 0, 0, 0, 0, 0, 2 / 3, 1])


def test_expected_calibration_error_by_hand() -> None:
    distances = 2 * (0.5 - 0.025) + (1 - 0.1) + 3 * (0.84 - 2 / 3) + 0

    assert expected_calibration_error(OUTCOMES) == pytest.approx(distances / 7)


def test_a_perfect_confidence_has_no_error() -> None:
    sure = [outcome(1.0, right=True), outcome(0.0, right=False)]
    four_of_five = [outcome(0.8, right=number > 0) for number in range(5)]

    assert expected_calibration_error(sure) == 0
    assert expected_calibration_error(four_of_five) == pytest.approx(0)


def test_an_unanswerable_question_is_never_right() -> None:
    nowhere = GoldQuestion("أ", frozenset(), answerable=False)
    answered = Outcome(nowhere, Response([0], answered=True, confidence=0.9))

    assert expected_calibration_error([answered]) == pytest.approx(0.9)


def test_the_plot_is_xml_with_a_bar_and_a_count_for_every_bin() -> None:
    root = ET.fromstring(reliability_svg(OUTCOMES))  # noqa: S314 - it is our own

    assert root.tag == f"{SVG}svg"
    assert len(root.findall(f"{SVG}rect[@class='bar']")) == 1 + 4  # the key has one
    assert len(root.findall(f"{SVG}circle[@class='mean']")) == 1 + 4
    counts = [text.text for text in root.findall(f"{SVG}text[@class='count']")]
    assert counts == ["count", "2", "1", "0", "0", "0", "0", "0", "0", "3", "1"]
    texts = " ".join(root.itertext())
    assert "7 questions, expected calibration error" in texts
    assert texts.isascii()


def test_bars_and_dots_stand_where_they_should() -> None:
    root = ET.fromstring(reliability_svg([outcome(0.25, right=True)]))  # noqa: S314
    frame = {name: float(value) for name, value in attributes(root, "rect", "frame").items()}
    bar = {name: float(value) for name, value in attributes(root, "rect", "bar").items()}
    dot = {name: float(value) for name, value in attributes(root, "circle", "mean").items()}

    assert bar["height"] == frame["height"]  # all of it is right
    assert bar["x"] == pytest.approx(frame["x"] + 0.2 * frame["width"], abs=1)
    assert bar["width"] == pytest.approx(0.1 * frame["width"], abs=2)
    assert dot["cx"] == pytest.approx(frame["x"] + 0.25 * frame["width"])
    assert dot["cy"] == frame["y"]


def attributes(root: ET.Element, tag: str, kind: str) -> dict[str, str]:
    """Return the attributes of the last element of a class."""
    found = root.findall(f"{SVG}{tag}[@class='{kind}']")[-1].attrib
    return {name: value for name, value in found.items() if name != "class"}


def test_without_any_confidence_the_plot_is_empty() -> None:
    root = ET.fromstring(reliability_svg([outcome(None, right=True)]))  # noqa: S314

    assert len(root.findall(f"{SVG}rect[@class='bar']")) == 1
    assert "0 questions" in " ".join(root.itertext())


def test_it_is_written_as_svg_only(tmp_path: Path) -> None:
    save_plot(tmp_path / "plot.SVG", OUTCOMES)

    assert (tmp_path / "plot.SVG").read_text("utf-8") == reliability_svg(OUTCOMES)
    with pytest.raises(OutputError, match=r"plot\.png .*\.svg"):
        save_plot(tmp_path / "plot.png", OUTCOMES)
    with pytest.raises(OutputError, match="cannot be written"):
        save_plot(tmp_path / "missing" / "plot.svg", OUTCOMES)
