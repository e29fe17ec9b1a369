"""How well a sentence answers a question: a linear model over a few features.

The score of a sentence is the sum of its features, each times its weight. The weights were fitted
on the questions of ARCD by ``benchmarks/fit.py`` (softmax over the candidates of each question),
which prints them as they stand here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.arabic import alike, stem
from index.lexicon import Expansion
from index.model import Kind
from index.questions import Question
from index.signs import Sign

_MOST_REMEMBERED = 2000  # asked words
_EXPANDED = 0.8  # what a synonym covers of the word that the user typed


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: its name, what it measures, and its weight in the score."""

    name: str
    meaning: str
    weight: float


FEATURES = (
    Feature("passage_stems", "BM25 of its passage for the stems", 0.175),
    Feature("passage_grams", "BM25 of its passage for the 4-grams", 0.427),
    Feature("coverage", "share of the question's content words in the sentence, by idf", 4.739),
    Feature("date", "the question asks when and the sentence holds a date or period", 1.055),
    Feature("written_date", "… and one that says a day, a month or a year", 1.270),
    Feature("number", "the question asks how many and the sentence holds a number", 2.950),
    Feature("place", "the question asks where and the sentence holds a place", 1.474),
)

_WANTED = (
    ("date", Kind.WHEN, Sign.DATE),
    ("written_date", Kind.WHEN, Sign.WRITTEN_DATE),
    ("number", Kind.HOWMANY, Sign.NUMBER),
    ("place", Kind.WHERE, Sign.PLACE),
)


def kind_features(kind: Kind, signs: Sign) -> dict[str, float]:
    """Return the features of what a sentence holds against what the question wants."""
    return {name: float(kind is wanted and sign in signs) for name, wanted, sign in _WANTED}


def score(features: Mapping[str, float]) -> float:
    """Return the score of a sentence with these features."""
    return sum(feature.weight * features[feature.name] for feature in FEATURES)


class Likenesses:
    """Remembers which words were found alike, so that no pair is compared twice."""

    def __init__(self) -> None:
        self._remembered: dict[str, tuple[dict[str, float], set[str]]] = {}

    def compare(self, word: str, others: frozenset[str], *, known: bool) -> Mapping[str, float]:
        """Return how alike a word is to others, those left out that are not alike.

        A word that is known, that the documents hold as it is typed, has no typo. What is returned
        may hold words that were compared with it before.
        """
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered = {}  # not cleared: another thread may be reading it
        found, compared = self._remembered.setdefault(word, ({}, set()))
        if not others <= compared:
            new = others - compared
            # Not changed in place: another thread may be looking through it.
            found = found | alike(word, new, misspelled=not known)
            self._remembered[word] = (found, compared | new)
        return found


class Coverage:
    """Tells how much of a question's content a text holds.

    A word is held where its stem is; a word with a typo, or another form of it, counts by its
    likeness, and a synonym of the lexicon a little less than the word itself.
    """

    def __init__(  # noqa: PLR0917 - all that is known of one question
        self,
        question: Question,
        weights: Sequence[float],
        expansions: Sequence[Expansion],
        known: frozenset[str],
        likenesses: Likenesses,
        vocabulary: frozenset[str],
    ) -> None:
        """Prepare for one question.

        Args:
            question: The question.
            weights: The idf of each of its asked words, in order.
            expansions: What may stand for its words.
            known: Those of its words that the documents hold as they are typed.
            likenesses: What is known of words that are alike.
            vocabulary: The words of all the texts that will be asked about; to compare all at once
                is far cheaper than to compare those of one text after the other.
        """
        self._asked = tuple(
            (word, stem(word), likenesses.compare(word, vocabulary, known=word in known))
            for word in asked_words(question)
        )
        self._weights = weights
        self._whole = sum(weights) or 1.0
        self._alternatives: dict[str, list[frozenset[str]]] = {}
        for expansion in expansions:
            phrases = [frozenset(stem(word) for word in phrase) for phrase in expansion.phrases]
            for word in question.words[expansion.start : expansion.end]:
                self._alternatives.setdefault(word, []).extend(phrases)

    def shares(self, text_words: frozenset[str], stems: frozenset[str]) -> list[float]:
        """Return how much of each asked word a text holds, from 0 to 1.

        Args:
            text_words: The normalised words of the text.
            stems: Their stems.
        """
        return [
            1.0 if root in stems else self._share(word, alike, text_words, stems)
            for word, root, alike in self._asked
        ]

    def of(self, shares: Sequence[float]) -> float:
        """Return the share of the whole question, each word weighted by its idf."""
        held = sum(w * share for w, share in zip(self._weights, shares, strict=True))
        return held / self._whole

    def _share(
        self,
        word: str,
        alike: Mapping[str, float],
        text_words: frozenset[str],
        stems: frozenset[str],
    ) -> float:
        # Few words are alike, so this is shorter than an intersection with all of a sentence's.
        best = max((value for other, value in alike.items() if other in text_words), default=0.0)
        if best < _EXPANDED and any(phrase <= stems for phrase in self._alternatives.get(word, ())):
            return _EXPANDED
        return best


def asked_words(question: Question) -> tuple[str, ...]:
    """Return the words that a question is about: its content, or all it has."""
    return question.content or tuple(dict.fromkeys(question.words))
