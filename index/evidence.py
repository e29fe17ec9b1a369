"""How well a sentence answers a question: a linear model over a few features.

The score of a sentence is the sum of its features, each times its weight. The weights were fitted
on the questions of ARCD by ``benchmarks/fit.py`` (softmax over the candidates of each question),
which prints them as they stand here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from index.arabic import alike, stems
from index.lexicon import Expansion
from index.model import Kind
from index.questions import Question
from index.signs import Sign

_MOST_HELD = 100_000  # words that others were compared with
_MOST_ASKED = 5_000  # words that were compared with them
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
    """Remembers which words were found alike, so that the same are not compared again and again."""

    def __init__(self) -> None:
        # For a word, those that it is alike to and all that it was compared with. Words of one
        # question share the latter.
        self._remembered: dict[str, tuple[dict[str, float], frozenset[str]]] = {}
        self._last: frozenset[str] = frozenset()
        self._held = 0

    def compare(
        self, asked: Sequence[str], others: frozenset[str], known: frozenset[str]
    ) -> list[Mapping[str, float]]:
        """Return how alike words are to others, for each of them those that are alike.

        What has the same stem is not told: that is known without comparing.

        Args:
            asked: The words.
            others: What they are compared with.
            known: Those that the documents hold as they are typed; they have no typo.
        """
        is_new = others != self._last
        if not is_new:
            others = self._last
        too_many = is_new and self._held + len(others) > _MOST_HELD
        if too_many or len(self._remembered) + len(asked) > _MOST_ASKED:
            # Not cleared: another thread may be reading it.
            self._remembered, self._held = {}, 0 if is_new else len(others)
        remembered = self._remembered
        nothing: tuple[dict[str, float], frozenset[str]] = ({}, frozenset())
        before = {word: remembered.get(word, nothing) for word in asked}
        compared = frozenset(others).intersection(*(words for _, words in before.values()))
        pairs = [(word, word not in known) for word in asked]
        new = alike(pairs, others - compared) if len(compared) < len(others) else []
        for word, more in zip(asked, new, strict=False):
            found = {other: value for other, value in before[word][0].items() if other in others}
            remembered[word] = (found | more, others)
        if others is not self._last:
            self._last = others
            self._held += len(others)
        return [remembered.get(word, before[word])[0] for word in asked]


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
        asked = asked_words(question)
        self._weights = weights
        self._whole = sum(weights) or 1.0
        self._asked_stems = tuple(stems(asked))
        self._alternatives: list[tuple[int, frozenset[str]]] = []
        for expansion in expansions:
            phrases = [frozenset(stems(phrase)) for phrase in expansion.phrases]
            for word in frozenset(question.words[expansion.start : expansion.end]):
                if word in asked:
                    self._alternatives += ((asked.index(word), phrase) for phrase in phrases)
        wanted = frozenset(self._asked_stems).union(*(phrase for _, phrase in self._alternatives))
        # Of all the words of the texts only few matter: those of a stem that is wanted, and those
        # that are alike to an asked word, by its position.
        self._matters: dict[str, tuple[str, list[tuple[int, float]]]] = {
            word: (root, [])
            for word, root in zip(vocabulary, stems(vocabulary), strict=True)
            if root in wanted
        }
        for position, found in enumerate(likenesses.compare(asked, vocabulary, known)):
            for word in found.keys() & vocabulary:
                self._matters.setdefault(word, ("", []))[1].append((position, found[word]))

    def shares(self, text_words: Iterable[str]) -> list[float]:
        """Return how much of each asked word a text holds, from 0 to 1.

        Args:
            text_words: The normalised words of the text.
        """
        held: set[str] = set()
        shares = [0.0] * len(self._asked_stems)
        for root, likely in map(self._matters.__getitem__, filter(self._matters.get, text_words)):
            held.add(root)
            for position, value in likely:
                shares[position] = max(shares[position], value)
        for position, root in enumerate(self._asked_stems):
            if root in held:
                shares[position] = 1.0
        for position, phrase in self._alternatives:
            if shares[position] < _EXPANDED and phrase <= held:
                shares[position] = _EXPANDED
        return shares

    def of(self, shares: Sequence[float]) -> float:
        """Return the share of the whole question, each word weighted by its idf."""
        held = sum(w * share for w, share in zip(self._weights, shares, strict=True))
        return held / self._whole


def asked_words(question: Question) -> tuple[str, ...]:
    """Return the words that a question is about: its content, or all it has."""
    return question.content or tuple(dict.fromkeys(question.words))
