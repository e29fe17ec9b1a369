"""Engine scores of sentences and passages to ranked sentences.

The score of a sentence is its own BM25 plus the BM25 of its passage, so that a sentence is helped
by what stands around it: «وأضاف أن…» is found by the name in the sentence before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.arabic import GRAM_PREFIX, terms
from index.engines.base import BM25Parameters, Engine
from index.model import Collection

SENTENCE_PARAMETERS = BM25Parameters(k1=0.9, b=0.4)
PASSAGE_PARAMETERS = BM25Parameters(k1=1.2, b=0.75)

STEM_WEIGHT = 1.0
GRAM_WEIGHT = 0.25

SENTENCE_CANDIDATES = 50
PASSAGE_CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class Ranked:
    """A sentence, by its position in the collection, and its score."""

    sentence: int
    score: float


def sentence_terms(collection: Collection) -> Iterator[list[str]]:
    """Yield the terms of each sentence, its label's included."""
    for sentence in collection.sentences:
        yield terms(f"{collection.sentence_text(sentence)} {sentence.label}")


def passage_terms(collection: Collection, of_sentences: Sequence[list[str]]) -> list[list[str]]:
    """Return the terms of each passage: those of its sentences.

    A labelled sentence (a publication date) is no part of the passage it is filed under.
    """
    bags: list[list[str]] = [[] for _ in collection.passages]
    for sentence, bag in zip(collection.sentences, of_sentences, strict=True):
        if not sentence.label:
            bags[sentence.passage].extend(bag)
    return bags


def weigh(question_terms: Iterable[str]) -> dict[str, float]:
    """Return the query of a question: each term with its weight times its count."""
    return {
        term: count * (GRAM_WEIGHT if term.startswith(GRAM_PREFIX) else STEM_WEIGHT)
        for term, count in Counter(question_terms).items()
    }


class Ranker:
    """Ranks the sentences of a collection by two BM25 indexes, of sentences and of passages."""

    def __init__(self, collection: Collection, sentences: Engine, passages: Engine) -> None:
        self._collection = collection
        self._sentences = sentences
        self._passages = passages
        self._members: list[list[int]] = [[] for _ in collection.passages]
        for number, sentence in enumerate(collection.sentences):
            self._members[sentence.passage].append(number)

    def rank(self, question: str) -> list[Ranked]:
        """Return the candidate sentences for ``question``, best first, equal scores in order.

        Candidates are the best sentences and the sentences of the best passages; a candidate
        that one of the two searches did not bring has no score from it.
        """
        query = weigh(terms(question))
        own = {hit.unit: hit.score for hit in self._sentences.top_k(query, SENTENCE_CANDIDATES)}
        around = {hit.unit: hit.score for hit in self._passages.top_k(query, PASSAGE_CANDIDATES)}
        candidates = set(own).union(*(self._members[passage] for passage in around))
        ranked = [
            Ranked(
                sentence,
                own.get(sentence, 0.0)
                + around.get(self._collection.sentences[sentence].passage, 0.0),
            )
            for sentence in candidates
        ]
        return sorted(ranked, key=lambda hit: (-hit.score, hit.sentence))
