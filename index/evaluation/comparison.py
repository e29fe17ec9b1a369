"""Keeping a run, and what a change has won and lost against one that was kept.

A run is kept as JSON Lines, a question a line: ``id``, ``question``, ``rank`` (of the first right
sentence, or null), ``answered``, ``confidence`` and ``short_answer``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from index.errors import JawabError
from index.evaluation.files import write_file
from index.evaluation.gold import GoldQuestion
from index.evaluation.outcomes import Outcome

SavedRun = Mapping[tuple[str, str], int | None]
"""The rank of each question, which is known by its id and its text."""


class SavedRunError(JawabError):
    """A file is not a saved run, or not one of these questions."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path} is not a saved run of these questions ({reason}); "
            "give a file that jawab eval --save has written."
        )


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose right sentence came first in one of two runs; None: it did not come."""

    id: str
    question: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of «right sentence first» over the answerable questions of two runs.

    Attributes:
        won: It came first, and did not before.
        lost: It came first before, and does no more.
        same: How many questions are neither.
        unknown: How many questions the saved run does not hold.
    """

    won: tuple[Change, ...]
    lost: tuple[Change, ...]
    same: int
    unknown: int


def save_run(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write a run, question by question.

    Raises:
        OutputError: The file cannot be written.
    """
    rows = (
        {
            "id": outcome.question.id,
            "question": outcome.question.text,
            "rank": outcome.rank,
            "answered": outcome.response.answered,
            "confidence": outcome.response.confidence,
            "short_answer": outcome.response.short_answer,
        }
        for outcome in outcomes
    )
    write_file(path, "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows))


def read_run(path: Path, questions: Iterable[GoldQuestion]) -> SavedRun:
    """Read a run that was saved.

    Args:
        path: The file.
        questions: What it is to be compared over.

    Raises:
        SavedRunError: The file cannot be read, or holds something else or none of the questions.
    """
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SavedRunError(path, getattr(error, "strerror", None) or "it is not UTF-8") from error
    try:
        saved = dict(_saved(line) for line in lines if line.strip())
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SavedRunError(path, "its lines hold something else") from error
    if not any(_key(question) in saved for question in questions):
        raise SavedRunError(path, "it holds none of them")
    return saved


def _key(question: GoldQuestion) -> tuple[str, str]:
    return question.id, question.text


def _saved(line: str) -> tuple[tuple[str, str], int | None]:
    row = json.loads(line)
    rank = row["rank"]
    if rank is not None and not isinstance(rank, int):
        raise TypeError
    return (f"{row['id']}", f"{row['question']}"), rank


def compare(before: SavedRun, outcomes: Iterable[Outcome]) -> Comparison:
    """Return what changed since a run was saved."""
    answerable = [outcome for outcome in outcomes if outcome.question.answerable]
    changes = [
        Change(*key, before[key], outcome.rank)
        for outcome in answerable
        if (key := _key(outcome.question)) in before
    ]
    won = tuple(change for change in changes if change.after == 1 != change.before)
    lost = tuple(change for change in changes if change.before == 1 != change.after)
    return Comparison(
        won=won,
        lost=lost,
        same=len(changes) - len(won) - len(lost),
        unknown=len(answerable) - len(changes),
    )
