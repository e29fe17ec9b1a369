"""What can be measured: Jawab itself, and plain rank-bm25 to compare it with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rank_bm25 import BM25Okapi

from index.answering import Answerer
from index.engines.rank_bm25 import RankBM25Engine
from index.errors import QuestionError
from index.lexicon import Lexicon
from index.model import Collection, Kind
from index.morphology import Morphology
from index.ranking import (
    PASSAGE_PARAMETERS,
    SENTENCE_PARAMETERS,
    Ranker,
    passage_terms,
    sentence_terms,
)

DEPTH = 10
"""How many ranked sentences are looked at (the 10 of MRR@10 and nDCG@10)."""


@dataclass(frozen=True, slots=True)
class Response:
    """What a system said to one question.

    Attributes:
        ranked: Its sentences, by position in the collection, best first.
        answered: Whether it thinks that the first one answers.
        confidence: How sure it is that the first one answers, from 0 to 1; None where a system
            does not say.
        short_answer: What it marks in the first one, empty where it finds nothing to mark; None
            where a system never marks anything.
        kind: What kind of answer it takes the question to want; None where it does not say.
    """

    ranked: Sequence[int]
    answered: bool
    confidence: float | None = None
    short_answer: str | None = None
    kind: Kind | None = None


System = Callable[[str], Response]


def make_ranker(
    collection: Collection, lexicon: Lexicon | None = None, morphology: Morphology | None = None
) -> Ranker:
    """Return a ranker over a collection, built in memory with the embedded engine."""
    engines = _engines(collection, morphology)
    return Ranker(collection, *engines, lexicon or Lexicon.load(), morphology)


def _engines(
    collection: Collection, morphology: Morphology | None
) -> tuple[RankBM25Engine, RankBM25Engine]:
    of_sentences = list(sentence_terms(collection, morphology))
    of_passages = passage_terms(collection, of_sentences)
    return (
        RankBM25Engine.build(of_sentences, SENTENCE_PARAMETERS),
        RankBM25Engine.build(of_passages, PASSAGE_PARAMETERS),
    )


def jawab_system(
    collection: Collection, lexicon: Lexicon | None = None, morphology: Morphology | None = None
) -> System:
    """Return Jawab itself over a collection, built in memory with the embedded engine.

    Args:
        collection: What it answers from.
        lexicon: What to use in place of the built-in lexicon.
        morphology: What gives lemmas and roots beside the stems.
    """
    answerer = Answerer(make_ranker(collection, lexicon, morphology))
    positions = {
        (collection.documents[sentence.document].id, sentence.span): number
        for number, sentence in enumerate(collection.sentences)
    }

    def respond(question: str) -> Response:
        try:
            answer = answerer.ask(question, DEPTH)
        except QuestionError:
            return Response((), answered=False, confidence=0.0, short_answer="", kind=Kind.OTHER)
        marked = answer.hits[0].short_answer if answer.hits else None
        return Response(
            ranked=[positions[hit.document.id, hit.span] for hit in answer.hits],
            answered=answer.answered,
            confidence=answer.confidence,
            short_answer="" if marked is None else marked.of(answer.hits[0].sentence),
            kind=answer.kind,
        )

    return respond


def baseline_system(collection: Collection) -> System:
    """Return plain rank-bm25 over white-space words: its own idf, k1 = 1.5 and b = 0.75."""
    bm25 = BM25Okapi(
        [collection.sentence_text(sentence).split() for sentence in collection.sentences]
    )

    def respond(question: str) -> Response:
        scores = bm25.get_scores(question.split())
        ranked = sorted(range(len(scores)), key=lambda number: (-scores[number], number))[:DEPTH]
        return Response(ranked, answered=bool(ranked and scores[ranked[0]] > 0))

    return respond
