"""Engine scores of sentences and passages to ranked sentences.

A sentence is helped by the BM25 of the passage around it, so that «وأضاف أن…» is found by the name
in the sentence before. The evidence of ``index.evidence`` orders the candidates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from index.arabic import GRAM_PREFIX, grams, stem, terms, words
from index.engines.base import BM25Parameters, Engine, lucene_idf
from index.evidence import Coverage, Likenesses, asked_words, kind_features, score
from index.lexicon import Expansion, Lexicon
from index.model import Collection
from index.morphology import LEMMA_PREFIX, ROOT_PREFIX, Morphology
from index.questions import Question
from index.signs import Sign

SENTENCE_PARAMETERS = BM25Parameters(k1=0.9, b=0.4)
PASSAGE_PARAMETERS = BM25Parameters(k1=1.2, b=0.75)

STEM_WEIGHT = 1.0
GRAM_WEIGHT = 0.25
EXPANSION_WEIGHT = 0.4
_FORM_WEIGHTS = {LEMMA_PREFIX: 0.5, ROOT_PREFIX: 0.25}

SENTENCE_CANDIDATES = 50
PASSAGE_CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class Ranked:
    """A sentence, by its position in the collection, with its score and what that is made of.

    Attributes:
        sentence: Its position in the collection.
        score: The sum of its features times their weights.
        features: The features by name.
        shares: How much of each asked word of the question it holds, from 0 to 1.
    """

    sentence: int
    score: float
    features: Mapping[str, float]
    shares: tuple[float, ...]


def sentence_terms(
    collection: Collection, morphology: Morphology | None = None
) -> Iterator[list[str]]:
    """Yield the terms of each sentence, its label's included."""
    for sentence in collection.sentences:
        text = f"{collection.sentence_text(sentence)} {sentence.label}"
        yield terms(text, morphology.terms) if morphology else terms(text)


def passage_terms(collection: Collection, of_sentences: Sequence[list[str]]) -> list[list[str]]:
    """Return the terms of each passage: those of its sentences.

    A labelled sentence (a publication date) is no part of the passage it is filed under.
    """
    bags: list[list[str]] = [[] for _ in collection.passages]
    for sentence, bag in zip(collection.sentences, of_sentences, strict=True):
        if not sentence.label:
            bags[sentence.passage].extend(bag)
    return bags


@dataclass(frozen=True, slots=True)
class Query:
    """The weighted terms of a question: its stems, and what bridges forms (4-grams, lemmas)."""

    stems: Mapping[str, float]
    grams: Mapping[str, float]

    @property
    def terms(self) -> dict[str, float]:
        """All the terms."""
        return {**self.stems, **self.grams}


def make_query(
    question: Question, expansions: Iterable[Expansion], morphology: Morphology | None = None
) -> Query:
    """Return the query of a question: each term with its weight times its count.

    What the lexicon adds weighs less than what the user typed, and the less the more it adds.
    """
    weights: dict[str, float] = {}
    for word in question.words:
        _add(weights, word)
        for term in morphology.terms(word) if morphology else ():
            weights[term] = weights.get(term, 0.0) + _FORM_WEIGHTS[term[0]]
    for expansion in expansions:
        weight = EXPANSION_WEIGHT / len(expansion.phrases) ** 0.5
        for word in (word for phrase in expansion.phrases for word in phrase):
            weights[stem(word)] = weights.get(stem(word), 0.0) + weight * STEM_WEIGHT
    return Query(
        stems={term: weight for term, weight in weights.items() if not _is_form(term)},
        grams={term: weight for term, weight in weights.items() if _is_form(term)},
    )


def _add(weights: dict[str, float], word: str) -> None:
    weights[stem(word)] = weights.get(stem(word), 0.0) + STEM_WEIGHT
    for gram in grams(word):
        weights[gram] = weights.get(gram, 0.0) + GRAM_WEIGHT


def _is_form(term: str) -> bool:
    """Tell the terms that bridge forms of a word, 4-grams, lemmas and roots, from its stem."""
    return term.startswith((GRAM_PREFIX, LEMMA_PREFIX, ROOT_PREFIX))


class Ranker:
    """Ranks the sentences of a collection by two BM25 indexes, of sentences and of passages."""

    def __init__(
        self,
        collection: Collection,
        sentences: Engine,
        passages: Engine,
        lexicon: Lexicon,
        morphology: Morphology | None = None,
    ) -> None:
        self._morphology = morphology
        self.collection = collection
        self._sentences = sentences
        self._passages = passages
        self.lexicon = lexicon
        self._members: list[list[int]] = [[] for _ in collection.passages]
        for number, sentence in enumerate(collection.sentences):
            self._members[sentence.passage].append(number)
        self._likenesses = Likenesses()
        self._words: dict[int, tuple[frozenset[str], frozenset[str]]] = {}

    def rank(self, question: Question) -> list[Ranked]:
        """Return the candidate sentences for a question, best first, equal scores in order.

        Candidates are the best sentences and the sentences of the best passages.
        """
        expansions = self.lexicon.expand(question.words)
        query = make_query(question, expansions, self._morphology)
        own = self._sentences.top_k(query.terms, SENTENCE_CANDIDATES)
        around = self._passages.top_k(query.terms, PASSAGE_CANDIDATES)
        candidates = sorted(
            {hit.unit for hit in own}.union(*(self._members[hit.unit] for hit in around))
        )
        passages = sorted({self.collection.sentences[number].passage for number in candidates})
        whole = {hit.unit: hit.score for hit in around}
        missing = [passage for passage in passages if passage not in whole]
        if missing:
            scores = self._passages.scores(query.terms, missing)
            whole.update(zip(missing, scores, strict=True))
        stems = dict(zip(passages, self._passages.scores(query.stems, passages), strict=True))
        known = frozenset(word for word in question.words if self._frequency(word))
        vocabulary = frozenset().union(*(self.words_of(number)[0] for number in candidates))
        coverage = Coverage(
            question, self.weights(question), expansions, known, self._likenesses, vocabulary
        )
        ranked = [self._ranked(number, question, coverage, stems, whole) for number in candidates]
        return sorted(ranked, key=lambda hit: (-hit.score, hit.sentence))

    def weights(self, question: Question) -> list[float]:
        """Return the idf of each asked word of a question: the rarer, the more it says."""
        return [
            lucene_idf(self._sentences.size, self._frequency(word))
            for word in asked_words(question)
        ]

    def _frequency(self, word: str) -> int:
        return self._sentences.document_frequency(stem(word))

    def words_of(self, number: int) -> tuple[frozenset[str], frozenset[str]]:
        """Return the words of a sentence, its label's included, and their stems."""
        known = self._words.get(number)
        if known is None:
            sentence = self.collection.sentences[number]
            found = words(f"{self.collection.sentence_text(sentence)} {sentence.label}")
            known = self._words[number] = (frozenset(found), frozenset(map(stem, found)))
        return known

    def _ranked(
        self,
        number: int,
        question: Question,
        coverage: Coverage,
        stems: Mapping[int, float],
        whole: Mapping[int, float],
    ) -> Ranked:
        sentence = self.collection.sentences[number]
        shares = coverage.shares(*self.words_of(number))
        features = {
            "passage_stems": stems[sentence.passage],
            "passage_grams": whole[sentence.passage] - stems[sentence.passage],
            "coverage": coverage.of(shares),
            **kind_features(question.kind, Sign(sentence.signs)),
        }
        return Ranked(number, score(features), features, tuple(shares))
