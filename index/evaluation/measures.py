"""Outcomes to measures of retrieval, of short answers, of refusal and of confidence."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.arabic import words
from index.collection import Collection
from index.evaluation.gold import Gold
from index.evaluation.outcomes import Outcome, Progress, ask_all
from index.evaluation.reliability import expected_calibration_error
from index.evaluation.systems import DEPTH, System
from index.model import Kind
from index.questions import read_question

SHORT_ANSWER_KINDS = frozenset({Kind.WHEN, Kind.WHERE, Kind.WHO, Kind.HOWMANY})
"""The kinds of question that a short answer is measured on: what they want is a few words."""

_SHORT_ANSWER_F1 = 0.5


@dataclass(frozen=True, slots=True)
class Report:
    """Measures over a file of gold questions; all but the counts are shares from 0 to 1.

    The retrieval measures are means over the answerable questions; a measure without anything to
    measure is None.

    Attributes:
        questions: How many questions were asked.
        answerable: How many of them the documents answer.
        first: A right sentence came first.
        first_3: A right sentence was among the first three.
        first_5: A right sentence was among the first five.
        mrr_10: Mean of 1 / rank of the first right sentence, 0 beyond rank 10.
        passage_recall_10: Share of the right passages among those of the first ten sentences.
        passage_ndcg_10: nDCG of those passages in order of their best sentence (Järvelin and
            Kekäläinen 2002, binary gains).
        not_found_precision: Of the questions refused, how many the documents do not answer.
        not_found_recall: Of the questions that the documents do not answer, how many were refused.
        answerable_refused: Of the questions that the documents answer, how many were refused.
        short_answer: Of the when, where, who and how many questions with a right sentence first,
            how many have a short answer whose token F1 with an accepted one is at least 0.5. The
            kind is the gold file's, else the one that Jawab reads from the question.
        kind_accuracy: Of the questions whose kind the gold file says, how many were taken for
            that kind.
        expected_calibration_error: How far the confidence is from the share that is right, on
            average (``reliability.expected_calibration_error``).
    """

    questions: int
    answerable: int
    first: float | None
    first_3: float | None
    first_5: float | None
    mrr_10: float | None
    passage_recall_10: float | None
    passage_ndcg_10: float | None
    not_found_precision: float | None
    not_found_recall: float | None
    answerable_refused: float | None = None
    short_answer: float | None = None
    kind_accuracy: float | None = None
    expected_calibration_error: float | None = None


def evaluate(gold: Gold, system: System, progress: Progress = lambda *_: None) -> Report:
    """Ask every question and return the measures."""
    return measure(gold.collection, ask_all(gold, system, progress))


def measure(collection: Collection, outcomes: Sequence[Outcome]) -> Report:
    """Return the measures of questions asked of a collection."""
    answerable = [outcome for outcome in outcomes if outcome.question.answerable]
    unanswerable = [outcome for outcome in outcomes if not outcome.question.answerable]
    refused = [outcome for outcome in outcomes if not outcome.response.answered]
    ranks = [outcome.rank for outcome in answerable]
    passages = [_passages(collection, outcome) for outcome in answerable]
    return Report(
        questions=len(outcomes),
        answerable=len(answerable),
        first=_mean(rank == 1 for rank in ranks),
        first_3=_mean(rank is not None and rank <= 3 for rank in ranks),  # noqa: PLR2004
        first_5=_mean(rank is not None and rank <= 5 for rank in ranks),  # noqa: PLR2004
        mrr_10=_mean(1 / rank if rank else 0.0 for rank in ranks),
        passage_recall_10=_mean(recall for recall, _ in passages),
        passage_ndcg_10=_mean(ndcg for _, ndcg in passages),
        not_found_precision=_mean(not outcome.question.answerable for outcome in refused),
        not_found_recall=_mean(not outcome.response.answered for outcome in unanswerable),
        answerable_refused=_mean(not outcome.response.answered for outcome in answerable),
        short_answer=_mean(_short_answers(outcomes)),
        kind_accuracy=_mean(
            outcome.response.kind is outcome.question.kind
            for outcome in outcomes
            if outcome.question.kind is not None and outcome.response.kind is not None
        ),
        expected_calibration_error=expected_calibration_error(outcomes),
    )


def same_ranking(outcomes: Sequence[Outcome], clean: Sequence[Outcome]) -> float | None:
    """Return the share of questions whose ranked sentences are the same in two runs."""
    return _mean(
        list(one.response.ranked[:DEPTH]) == list(other.response.ranked[:DEPTH])
        for one, other in zip(outcomes, clean, strict=True)
    )


def token_f1(one: str, other: str) -> float:
    """Return the F1 of two texts' bags of words, as SQuAD counts it (Rajpurkar and others 2016).

    The words are normalised, so a spelling makes no difference.
    """
    first, second = Counter(words(one)), Counter(words(other))
    return 2 * (first & second).total() / max(first.total() + second.total(), 1)


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return math.fsum(listed) / len(listed) if listed else None


def _short_answers(outcomes: Iterable[Outcome]) -> Iterable[bool]:
    """Yield whether the short answer is right, for each question that it is measured on."""
    for outcome in outcomes:
        question, short = outcome.question, outcome.response.short_answer
        kind = question.kind or read_question(question.text).kind
        if outcome.right and question.answers and short is not None and kind in SHORT_ANSWER_KINDS:
            yield any(
                token_f1(short, accepted) >= _SHORT_ANSWER_F1 for accepted in question.answers
            )


def _passages(collection: Collection, outcome: Outcome) -> tuple[float, float]:
    """Return recall and nDCG of the passages in order of their best sentence."""
    right = {one.passage for one in collection.sentences(sorted(outcome.question.sentences))}
    if not right:
        return 0.0, 0.0
    numbers = outcome.response.ranked[:DEPTH]
    ranked = list(dict.fromkeys(one.passage for one in collection.sentences(numbers)))
    gains = [1 / math.log2(rank + 1) for rank, passage in enumerate(ranked, 1) if passage in right]
    ideal = [1 / math.log2(rank + 1) for rank in range(1, min(len(right), DEPTH) + 1)]
    return len(gains) / min(len(right), DEPTH), math.fsum(gains) / math.fsum(ideal)
