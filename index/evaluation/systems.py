"""What can be measured: Jawab itself, and plain rank-bm25 to compare it with."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rank_bm25 import BM25Okapi

from index.answering import Answerer
from index.collection import Collection, all_sentences
from index.dropped import DroppedConnection
from index.engines.base import Bags
from index.engines.forward import ForwardWriter, Vocabulary
from index.engines.pair import (
    PASSAGES,
    QDRANT,
    RANK_BM25,
    SENTENCES,
    TANTIVY,
    Engines,
    fill_tantivy,
    open_engines,
)
from index.errors import QuestionError
from index.lexicon import Lexicon
from index.model import Kind
from index.morphology import Morphology
from index.ranking import Ranker, sentence_terms

if TYPE_CHECKING:
    from index.cluster.connection import Cluster

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
    collection: Collection,
    lexicon: Lexicon | None = None,
    morphology: Morphology | None = None,
    engine: str = RANK_BM25,
    cluster: Cluster | None = None,
) -> Ranker:
    """Return a ranker over a collection, its index built for this process alone."""
    engines = make_engines(collection, morphology, engine, cluster)
    return Ranker(collection, engines, lexicon or Lexicon.load(), morphology)


def make_engines(
    collection: Collection,
    morphology: Morphology | None = None,
    engine: str = RANK_BM25,
    cluster: Cluster | None = None,
) -> Engines:
    """Return the engines of a collection, built for this process alone.

    Args:
        collection: What is indexed.
        morphology: What gives lemmas and roots beside the stems.
        engine: ``rank_bm25``, ``tantivy`` or ``qdrant``.
        cluster: Where ``qdrant`` is measured, under a name that nothing else has there; in this
            process if none is given.

    Raises:
        ClusterError: The cluster cannot be used.
    """
    connection = sqlite3.connect(
        ":memory:", isolation_level=None, check_same_thread=False, factory=DroppedConnection
    )
    vocabulary = Vocabulary(connection)
    forwards = {name: ForwardWriter(connection, name, vocabulary) for name in (SENTENCES, PASSAGES)}
    bags: dict[int, list[str]] = {}
    passages: dict[int, list[str]] = {}
    for number, sentence in all_sentences(collection):
        bags[number] = sentence_terms(sentence, morphology)
        passage = passages.setdefault(sentence.passage, [])
        if not sentence.label:
            passage.extend(bags[number])
    for name, units in ((SENTENCES, bags), (PASSAGES, passages)):
        forwards[name].add(Bags.of(units.items()))
        forwards[name].prepare()
    if engine == QDRANT:
        from index.evaluation.in_cluster import engines_in_cluster  # noqa: PLC0415 - who uses it

        return engines_in_cluster(connection, cluster)
    folder = TemporaryDirectory(prefix="jawab-", ignore_cleanup_errors=True)
    if engine == TANTIVY:
        fill_tantivy(Path(folder.name), connection)
    opened = open_engines(Path(folder.name), connection, engine)
    weakref.finalize(opened, folder.cleanup)
    return opened


def jawab_system(
    collection: Collection,
    lexicon: Lexicon | None = None,
    morphology: Morphology | None = None,
    engine: str = RANK_BM25,
    cluster: Cluster | None = None,
) -> System:
    """Return Jawab itself over a collection, its index built for this process alone.

    Args:
        collection: What it answers from.
        lexicon: What to use in place of the built-in lexicon.
        morphology: What gives lemmas and roots beside the stems.
        engine: ``rank_bm25``, ``tantivy`` or ``qdrant``.
        cluster: Where ``qdrant`` is measured; see ``make_engines``.
    """
    answerer = Answerer(make_ranker(collection, lexicon, morphology, engine, cluster))
    ids = {number: collection.sources([number])[0].id for number in collection.document_numbers()}
    positions = {
        (ids[sentence.document], sentence.span): number
        for number, sentence in all_sentences(collection)
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
    numbers, sentences = zip(*all_sentences(collection), strict=True)
    bm25 = BM25Okapi([sentence.text.split() for sentence in sentences])

    def respond(question: str) -> Response:
        scores = bm25.get_scores(question.split())
        best = sorted(range(len(scores)), key=lambda place: (-scores[place], place))[:DEPTH]
        answered = bool(best and scores[best[0]] > 0)
        return Response([numbers[place] for place in best], answered=answered)

    return respond
