"""Runs that are kept, and what a change has won and lost against them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.evaluation import (
    Change,
    Comparison,
    GoldQuestion,
    Outcome,
    OutputError,
    Response,
    SavedRunError,
    compare,
    read_run,
    save_run,
)

RIGHT = 9
NAMES = ("أ", "ب", "ج", "د")


def outcome(name: str, rank: int | None, *, answerable: bool = True) -> Outcome:
    """Return the outcome of a question whose right sentence is found at a rank."""
    question = GoldQuestion(
        name, frozenset({RIGHT} if answerable else ()), answerable, f"id-{name}"
    )
    ranked = [0] * 3 if rank is None else [*[0] * (rank - 1), RIGHT]
    return Outcome(question, Response(ranked, answered=True, confidence=0.5, short_answer="س"))


def asked(outcomes: list[Outcome]) -> list[GoldQuestion]:
    return [one.question for one in outcomes]


def test_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"

    save_run(path, [outcome("أ", 2), outcome("ب", None, answerable=False)])

    common = {"answered": True, "confidence": 0.5, "short_answer": "س"}
    assert [json.loads(line) for line in path.read_text("utf-8").splitlines()] == [
        {"id": "id-أ", "question": "أ", "rank": 2, **common},
        {"id": "id-ب", "question": "ب", "rank": None, **common},
    ]


def test_what_was_won_and_lost(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    before = [outcome(*one) for one in zip(NAMES, (1, 3, None, 2), strict=True)]
    after = [outcome(*one) for one in zip(NAMES, (2, 1, 1, None), strict=True)]
    save_run(path, before)

    assert compare(read_run(path, asked(after)), after) == Comparison(
        won=(Change("id-ب", "ب", 3, 1), Change("id-ج", "ج", None, 1)),
        lost=(Change("id-أ", "أ", 1, 2),),
        same=1,
        unknown=0,
    )


def test_the_same_run_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run = [outcome("أ", 1), outcome("ب", None), outcome("ج", None, answerable=False)]
    save_run(path, run)

    assert compare(read_run(path, asked(run)), run) == Comparison((), (), same=2, unknown=0)


def test_questions_that_the_saved_run_does_not_hold_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    save_run(path, [outcome("أ", 1), outcome("ب", 1)])
    now = [outcome("أ", 1), outcome("ج", 1)]

    assert compare(read_run(path, asked(now)), now) == Comparison((), (), same=1, unknown=1)


def test_any_text_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run = [outcome('"\n\u2028\r\ud800\x85', 1)]
    save_run(path, run)

    assert compare(read_run(path, asked(run)), run).same == 1


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "5", "{}", "[" * 100_000),
        '{"id": "1", "question": "x"}',
        '{"id": "1", "question": "x", "rank": "first"}',
        '{"id": "1", "question": "x", "rank": 1}',
    ],
)
def test_files_that_are_no_saved_run_of_the_questions(tmp_path: Path, text: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(text, "utf-8")

    with pytest.raises(SavedRunError) as raised:
        read_run(path, asked([outcome("أ", 1)]))

    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "utf-16").write_text("x", "utf-16")

    for name in ("utf-16", "missing", "."):
        with pytest.raises(SavedRunError):
            read_run(tmp_path / name, asked([outcome("أ", 1)]))


def test_files_that_cannot_be_written(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing" / "run.jsonl"):
        with pytest.raises(OutputError, match="cannot be written"):
            save_run(path, [outcome("أ", 1)])
