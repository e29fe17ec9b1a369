"""Engine scores of sentences and passages to ranked sentences.

A sentence is helped by the BM25 of the passage around it, so that «وأضاف أن…» is found by the name
in the sentence before. The evidence of ``index.evidence`` orders the candidates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from index.arabic import GRAM_PREFIX, grams, stem, terms
from index.collection import Collection
from index.engines.base import lucene_idf
from index.engines.pair import Engines
from index.evidence import Coverage, Likenesses, asked_words, kind_features, score
from index.lexicon import Expansion, Lexicon
from index.model import Sentence
from index.morphology import LEMMA_PREFIX, ROOT_PREFIX, Morphology
from index.questions import Question
from index.signs import Sign

STEM_WEIGHT = 1.0
GRAM_WEIGHT = 0.25
EXPANSION_WEIGHT = 0.4
_FORM_WEIGHTS = {LEMMA_PREFIX: 0.5, ROOT_PREFIX: 0.25}

_MOST_REMEMBERED = 2000  # sentences, of some 6 kB each


@dataclass(frozen=True, slots=True)
class Ranked:
    """A sentence with its score and what that is made of.

    Attributes:
        number: Its number in the collection.
        sentence: The sentence.
        score: The sum of its features times their weights.
        features: The features by name.
        shares: How much of each asked word of the question it holds, from 0 to 1.
    """

    number: int
    sentence: Sentence
    score: float
    features: Mapping[str, float]
    shares: tuple[float, ...]


def sentence_terms(sentence: Sentence, morphology: Morphology | None = None) -> list[str]:
    """Return the terms of a sentence, its label's included."""
    text = sentence.indexed_text
    return terms(text, morphology.terms) if morphology else terms(text)


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
        engines: Engines,
        lexicon: Lexicon,
        morphology: Morphology | None = None,
    ) -> None:
        self._morphology = morphology
        self.collection = collection
        self.engines = engines
        self.lexicon = lexicon
        self._likenesses = Likenesses()
        self._remembered: dict[int, tuple[Sentence, list[str]]] = {}

    def rank(self, question: Question) -> list[Ranked]:
        """Return the candidate sentences for a question, best first, equal scores in order.

        Candidates are the best sentences and the sentences of the best passages.
        """
        expansions = self.lexicon.expand(question.words)
        query = make_query(question, expansions, self._morphology)
        own, around = self.engines.candidates(query.terms)
        members = self.collection.members([hit.unit for hit in around])
        candidates = self._candidates(sorted({hit.unit for hit in own}.union(*members)))
        passages = sorted({sentence.passage for sentence, _ in candidates.values()})
        of_all, of_stems = self.engines.passages.scores([query.terms, query.stems], passages)
        whole = dict(zip(passages, of_all, strict=True))
        stems = dict(zip(passages, of_stems, strict=True))
        frequencies = self.frequencies(question)
        known = frozenset(word for word, frequency in frequencies.items() if frequency)
        vocabulary = frozenset(chain.from_iterable(words for _, words in candidates.values()))
        weights = self.weights(question, frequencies)
        coverage = Coverage(question, weights, expansions, known, self._likenesses, vocabulary)
        ranked = []
        for number, (sentence, words) in candidates.items():
            shares = coverage.shares(words)
            passage = sentence.passage
            features = {
                "passage_stems": stems[passage],
                "passage_grams": whole[passage] - stems[passage],
                "coverage": coverage.of(shares),
                **kind_features(question.kind, Sign(sentence.signs)),
            }
            ranked.append(Ranked(number, sentence, score(features), features, tuple(shares)))
        return sorted(ranked, key=lambda hit: (-hit.score, hit.number))

    def weights(self, question: Question, frequencies: Mapping[str, int]) -> list[float]:
        """Return the idf of each asked word of a question: the rarer, the more it says.

        Args:
            question: The question.
            frequencies: What ``frequencies`` gave for it.
        """
        size = self.engines.sentences.size
        return [lucene_idf(size, frequencies[word]) for word in asked_words(question)]

    def frequencies(self, question: Question) -> dict[str, int]:
        """Return in how many sentences each word of a question stands, by its stem."""
        found = dict.fromkeys((*question.words, *asked_words(question)))
        counts = self.engines.sentences.document_frequencies([stem(word) for word in found])
        return dict(zip(found, counts, strict=True))

    def _candidates(self, numbers: Sequence[int]) -> dict[int, tuple[Sentence, list[str]]]:
        """Return sentences by number, each with its words."""
        remembered = self._remembered
        missing = [number for number in numbers if number not in remembered]
        if len(remembered) + len(missing) > _MOST_REMEMBERED:
            # Not cleared: another thread may be reading it.
            remembered = self._remembered = {}
            missing = list(numbers)
        for number, sentence in zip(missing, self.collection.sentences(missing), strict=True):
            remembered[number] = (sentence, sentence.words.split())
        return {number: remembered[number] for number in numbers}
