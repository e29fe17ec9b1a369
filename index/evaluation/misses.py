"""What went wrong, question by question."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from index.collection import Collection
from index.evaluation.outcomes import Outcome


class Fault(StrEnum):
    """What can go wrong with a question."""

    NOT_FIRST = "not first"  # another sentence came before the right one
    REFUSED = "refused"  # although the documents answer
    ANSWERED = "answered"  # although the documents do not answer


@dataclass(frozen=True, slots=True)
class Miss:
    """A question with which something went wrong.

    Attributes:
        id: The question's id.
        question: The question as it was asked.
        faults: What went wrong.
        rank: The rank of the first right sentence, or None where it is not among those looked at.
        confidence: How sure the system was of the first sentence, or None where it does not say.
        first: The sentence that came first, or None where nothing was found.
        right: The right sentence that came earliest, else the first one of the documents; None
            where there is none.
    """

    id: str
    question: str
    faults: tuple[Fault, ...]
    rank: int | None
    confidence: float | None
    first: str | None
    right: str | None


def misses(collection: Collection, outcomes: Iterable[Outcome]) -> list[Miss]:
    """Return the questions with which something went wrong, in order."""
    return [
        Miss(
            id=outcome.question.id,
            question=outcome.question.text,
            faults=faults,
            rank=outcome.rank,
            confidence=outcome.response.confidence,
            first=_text(collection, next(iter(outcome.response.ranked), None)),
            right=_text(collection, _right_sentence(outcome)),
        )
        for outcome in outcomes
        if (faults := tuple(_faults(outcome)))
    ]


def _faults(outcome: Outcome) -> Iterable[Fault]:
    answered = outcome.response.answered
    if not outcome.question.answerable:
        if answered:
            yield Fault.ANSWERED
        return
    if not outcome.right:
        yield Fault.NOT_FIRST
    if not answered:
        yield Fault.REFUSED


def _right_sentence(outcome: Outcome) -> int | None:
    if outcome.rank is not None:
        return outcome.response.ranked[outcome.rank - 1]
    return min(outcome.question.sentences, default=None)


def _text(collection: Collection, number: int | None) -> str | None:
    return None if number is None else collection.sentences([number])[0].text
