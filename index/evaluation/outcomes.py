"""Asking a system every question of a gold file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from index.evaluation.gold import Gold, GoldQuestion
from index.evaluation.systems import DEPTH, Response, System

Progress = Callable[[int, int], None]
"""Told how many questions are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question and what a system said to it."""

    question: GoldQuestion
    response: Response

    @property
    def rank(self) -> int | None:
        """The rank, from 1, of the first right sentence within the depth, or None."""
        if not self.question.answerable:
            return None
        ranked = self.response.ranked[:DEPTH]
        right = self.question.sentences
        return next((rank for rank, number in enumerate(ranked, 1) if number in right), None)

    @property
    def right(self) -> bool:
        """Whether the first sentence answers; to an unanswerable question none does.

        It does not depend on whether the system dared to answer, so it is what a confidence is
        held against.
        """
        return self.rank == 1


def ask_all(
    gold: Gold, system: System, progress: Progress = lambda *_: None
) -> tuple[Outcome, ...]:
    """Ask every question, in order."""
    outcomes = []
    for done, question in enumerate(gold.questions, start=1):
        outcomes.append(Outcome(question, system(question.text)))
        progress(done, len(gold.questions))
    return tuple(outcomes)
