"""Ranked sentences to an answer: short answers, how sure it is, and what other documents say."""

from __future__ import annotations

from collections.abc import Sequence

from index.arabic import words
from index.confidence import confidence, is_answered, reasons_for
from index.errors import QuestionError
from index.evidence import asked_words
from index.model import Answer, Hit, Passage, Source, Span
from index.questions import Question, read_question
from index.ranking import Ranked, Ranker
from index.relative_dates import resolve
from index.short_answers import short_answer

LONGEST_QUESTION = 1000
"""Characters of a question that are read; what lies beyond changes nothing."""

_COMPARED = 5  # hits that are looked at for what other documents say
_NEARLY_AS_GOOD = 0.7  # share of the best sentence's coverage that another must reach


class Answerer:
    """Answers questions over the collection of a ranker."""

    def __init__(self, ranker: Ranker) -> None:
        self.ranker = ranker
        self._collection = ranker.collection

    def ask(self, text: str, top: int = 3, marked: int | None = None) -> Answer:
        """Return what the documents say to a question.

        Args:
            text: The question.
            top: How many sentences to return at most.
            marked: In how many of them to look for a short answer, at least in the first five; in
                all if not given.

        Raises:
            QuestionError: The question holds no word.
        """
        question = read_question(text[:LONGEST_QUESTION])
        if not question.words:
            raise QuestionError
        ranked = self.ranker.rank(question)
        if not ranked:
            return Answer(text, question.kind, answered=False, confidence=0.0, hits=())
        weights = self.ranker.weights(question, self.ranker.frequencies(question))
        first = ranked[0].sentence.document
        shown = [
            (rank, hit)
            for rank, hit in enumerate(ranked[: max(top, _COMPARED)], start=1)
            if rank <= max(top, 1) or hit.sentence.document != first
        ]
        sources = self._collection.sources([hit.sentence.document for _, hit in shown])
        passages = self._collection.passages([hit.sentence.passage for _, hit in shown])
        hits = [
            _hit(
                question,
                rank,
                hit,
                source,
                passage,
                marks=marked is None or rank <= max(marked, _COMPARED),
            )
            for (rank, hit), source, passage in zip(shown, sources, passages, strict=True)
        ]
        reasons = reasons_for(
            question,
            ranked,
            is_name=self.ranker.lexicon.is_name,
            has_short_answer=hits[0].short_answer is not None,
        )
        return Answer(
            question=text,
            kind=question.kind,
            answered=is_answered(question.kind, reasons),
            confidence=confidence(reasons),
            hits=tuple(hit for hit in hits if hit.rank <= max(top, 1)),
            asked=tuple(zip(asked_words(question), weights, strict=True)),
            reasons=reasons,
            agreeing=_agreeing([hit for hit in hits if hit.rank <= _COMPARED]),
            differing=_differing([hit for hit in hits if hit.rank <= _COMPARED]),
        )


def _hit(
    question: Question, rank: int, ranked: Ranked, source: Source, passage: Passage, *, marks: bool
) -> Hit:
    sentence = ranked.sentence
    text = sentence.text
    short = Span(0, len(text)) if sentence.label else None
    if marks and not short:
        short = short_answer(question, text)
    resolved = resolve(short.of(text), source.published) if short and source.published else None
    return Hit(
        rank=rank,
        sentence=text,
        span=sentence.span,
        short_answer=short,
        resolved=resolved,
        score=ranked.score,
        features=ranked.features,
        held=ranked.shares,
        passage=passage.text,
        document=source,
    )


def _others(hits: Sequence[Hit]) -> list[Hit]:
    """Return the best hit of each other document that answers nearly as well as the first."""
    best = hits[0]
    if best.short_answer is None:
        return []
    found: dict[str, Hit] = {}
    for hit in hits[1:]:
        if (
            hit.document.id != best.document.id
            and hit.short_answer is not None
            and hit.features["coverage"] >= _NEARLY_AS_GOOD * best.features["coverage"]
        ):
            found.setdefault(hit.document.id, hit)
    return list(found.values())


def _agrees(one: Hit, other: Hit) -> bool:
    """Tell whether two hits give the same short answer, or one says what the other begins."""
    first, second = (set(words(hit.short_text or "")) for hit in (one, other))
    return first <= second or second <= first


def _agreeing(hits: Sequence[Hit]) -> tuple[Source, ...]:
    return tuple(hit.document for hit in _others(hits) if _agrees(hits[0], hit))


def _differing(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    return tuple(hit for hit in _others(hits) if not _agrees(hits[0], hit))
