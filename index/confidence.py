"""How sure an answer is: the chance that the best sentence is right.

A logistic model over a few signals of the best sentence. The weights were fitted by
``benchmarks/calibrate.py`` on the development questions and on ARCD, each of its questions asked
once of all articles and once of all but its own, so that 0.8 means right about four times in five.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from index.evidence import asked_words
from index.model import Kind, Sentence
from index.questions import Question
from index.ranking import Ranked
from index.signs import Sign

ANSWERED_FROM = 0.23
"""The confidence from which a question counts as answered; chosen on the development questions."""

NOT_SURE_FROM = 0.17
"""The confidence from which the best sentence of an unanswered question may still answer it."""

INTERCEPT = -1.678
WEIGHTS: Mapping[str, float] = {
    "covered": 1.645,  # share of the question's content, by idf, in the best sentence
    "nameless": -4.916,  # a name of the question stands nowhere in its document
    "margin": 1.607,  # by how much its score leads that of the next sentence, times covered
    "lacking": -1.825,  # the question asks for a date, a number or a place and none was found
}

_WANTED = {Kind.WHEN: Sign.DATE, Kind.HOWMANY: Sign.NUMBER, Kind.WHERE: Sign.PLACE}
_MOST_MARGIN = 2.0  # a lead beyond this says no more


def confidence(reasons: Mapping[str, float]) -> float:
    """Return the chance, from 0 to 1, that the best sentence is right."""
    total = INTERCEPT + sum(weight * reasons[name] for name, weight in WEIGHTS.items())
    return 1 / (1 + math.exp(-total))


def is_answered(kind: Kind, reasons: Mapping[str, float]) -> bool:
    """Tell whether a question counts as answered.

    However well it fits, a sentence without a date does not say when, nor one without a number how
    many.
    """
    if kind in {Kind.WHEN, Kind.HOWMANY} and reasons["lacking"]:
        return False
    return confidence(reasons) >= ANSWERED_FROM


def reasons_for(
    question: Question,
    ranked: Sequence[Ranked],
    *,
    is_name: Callable[[str], bool],
    has_short_answer: bool,
) -> dict[str, float]:
    """Return the signals of the best sentence, by the names of ``WEIGHTS``.

    Args:
        question: The question.
        ranked: The ranked sentences, all of them, at least one.
        is_name: Tells the names of persons, places and organisations among its words.
        has_short_answer: Whether a short answer was found in the best sentence.
    """
    best = ranked[0]
    sentence = best.sentence
    # A name is mentioned once and then goes without saying: the whole document counts.
    document = [hit.shares for hit in ranked if hit.sentence.document == sentence.document]
    held = [max(shares) for shares in zip(*document, strict=True)]
    return {
        "covered": best.features["coverage"],
        "nameless": float(
            any(
                share == 0 and is_name(word)
                for word, share in zip(asked_words(question), held, strict=True)
            )
        ),
        "margin": min(_margin(ranked), _MOST_MARGIN) * best.features["coverage"],
        "lacking": float(_lacks(question, sentence, has_short_answer=has_short_answer)),
    }


def _margin(ranked: Sequence[Ranked]) -> float:
    """Return by how much the best sentence leads the next one that says something else."""
    text = ranked[0].sentence.text
    others = (hit.score for hit in ranked[1:] if hit.sentence.text != text)
    return ranked[0].score - next(others, 0.0)


def _lacks(question: Question, sentence: Sentence, *, has_short_answer: bool) -> bool:
    wanted = _WANTED.get(question.kind)
    return wanted is not None and (not has_short_answer or wanted not in Sign(sentence.signs))
