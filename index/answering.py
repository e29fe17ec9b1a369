"""Ranked sentences to an answer: the short answer, how sure we are, or "not found"."""

from __future__ import annotations

from collections.abc import Sequence

from index.arabic import likeness, stem, word_spans, words
from index.dates import Precision, find_dates
from index.engines.base import Engine, lucene_idf
from index.errors import QuestionError
from index.model import Answer, Collection, Hit, Kind, Sentence, Span
from index.quantities import find_quantities
from index.questions import Question, read_question
from index.ranking import Ranked, Ranker

LONGEST_QUESTION = 1000
"""Characters of a question that are read; what lies beyond changes nothing."""

ANSWERED_FROM = 0.1
"""The confidence from which a question counts as answered; chosen on the development questions."""

_LIKE = 0.4  # two words this alike are one word with a typo, or two forms of one word
_SHORTEST_LIKE = 4  # below this many letters nearly every pair of words is alike
_WITHOUT_EVIDENCE = 0.09  # keeps a sentence without any number from answering «كم»
_DURATION_STEMS = frozenset(
    stem(word)
    for word in words(
        "استمرت استمر تستمر دامت دام تدوم مدة المدة يوم يوما أيام استغرقت استغرق طالت"
    )
)


class Answerer:
    """Answers questions over a collection."""

    def __init__(self, collection: Collection, sentences: Engine, passages: Engine) -> None:
        self._collection = collection
        self._sentences = sentences
        self._ranker = Ranker(collection, sentences, passages)

    def ask(self, text: str, top: int = 3) -> Answer:
        """Return what the documents say to a question, with at most ``top`` sentences.

        Raises:
            QuestionError: The question holds no word.
        """
        question = read_question(text[:LONGEST_QUESTION])
        if not question.words:
            raise QuestionError
        ranked = self._ranker.rank(question.text)[: max(top, 1)]
        confidence = self._confidence(question, ranked[0]) if ranked else 0.0
        return Answer(
            question=text,
            kind=question.kind,
            answered=confidence >= ANSWERED_FROM,
            confidence=confidence,
            hits=tuple(self._hit(question, rank, hit) for rank, hit in enumerate(ranked, start=1)),
        )

    def _hit(self, question: Question, rank: int, ranked: Ranked) -> Hit:
        sentence = self._collection.sentences[ranked.sentence]
        text = self._collection.sentence_text(sentence)
        return Hit(
            rank=rank,
            sentence=text,
            span=sentence.span,
            short_answer=Span(0, len(text)) if sentence.label else short_answer(question, text),
            score=ranked.score,
            passage=self._collection.passage_text(self._collection.passages[sentence.passage]),
            document=self._collection.documents[sentence.document],
        )

    def _confidence(self, question: Question, best: Ranked) -> float:
        """Return the share of the question's content that the best sentence covers, idf-weighted.

        A word that only the passage around it holds counts half. A word that the documents do not
        hold weighs the most: it is what tells «قمة الناتو» from any other summit.
        """
        sentence = self._collection.sentences[best.sentence]
        covered = self._coverage(question, sentence)
        return covered if self._has_evidence(question, sentence) else covered * _WITHOUT_EVIDENCE

    def _coverage(self, question: Question, sentence: Sentence) -> float:
        passage = self._collection.passages[sentence.passage]
        own = set(words(f"{self._collection.sentence_text(sentence)} {sentence.label}"))
        around = set(words(self._collection.passage_text(passage)))
        asked = question.content or question.words
        weights = [
            lucene_idf(self._sentences.size, self._sentences.document_frequency(stem(word)))
            for word in asked
        ]
        covered = sum(
            weight * max(_best_likeness(word, own), _best_likeness(word, around) / 2)
            for word, weight in zip(asked, weights, strict=True)
        )
        return covered / sum(weights)

    def _has_evidence(self, question: Question, sentence: Sentence) -> bool:
        text = self._collection.sentence_text(sentence)
        if question.kind is Kind.WHEN:
            return bool(find_dates(text))
        if question.kind is Kind.HOWMANY:
            return bool(find_quantities(text))
        return True


def _best_likeness(word: str, others: set[str]) -> float:
    if len(word) < _SHORTEST_LIKE:
        return float(any(stem(word) == stem(other) for other in others))
    best = max((likeness(word, other) for other in others), default=0.0)
    return best if best >= _LIKE else 0.0


def short_answer(question: Question, sentence: str) -> Span | None:
    """Return the part of a sentence that answers a متى or كم question, or None.

    It is a date or a number that does not stand in the question itself: of several, the one that
    says most by itself, and then the one nearest to a word of the question.

    Returns:
        A span of ``sentence``.
    """
    if question.kind is Kind.WHEN:
        return _short_date(question, sentence)
    if question.kind is Kind.HOWMANY:
        return _short_quantity(question, sentence)
    return None


def _short_date(question: Question, sentence: str) -> Span | None:
    dates = [date for date in find_dates(sentence) if _is_new(question, date.span.of(sentence))]
    if not dates:
        return None
    best = max(date.precision > Precision.RELATIVE for date in dates)
    return _nearest(
        question,
        sentence,
        [date.span for date in dates if (date.precision > Precision.RELATIVE) is best],
    )


def _short_quantity(question: Question, sentence: str) -> Span | None:
    dates = [date for date in find_dates(sentence) if date.precision > Precision.RELATIVE]
    quantities = [
        span
        for span in find_quantities(sentence)
        if _is_new(question, span.of(sentence))
        and not any(span.start < date.span.end and date.span.start < span.end for date in dates)
    ]
    if not quantities and any(stem(word) in _DURATION_STEMS for word in question.words):
        # How long something lasted is also told by when it began and ended.
        quantities = [date.span for date in dates if _is_new(question, date.span.of(sentence))]
    counted = [
        span
        for span in quantities
        if any(_best_likeness(word, set(question.content)) for word in words(span.of(sentence)))
    ]
    return _nearest(question, sentence, counted or quantities)


def _is_new(question: Question, text: str) -> bool:
    return not set(words(text)) <= set(question.words)


def _nearest(question: Question, sentence: str, spans: Sequence[Span]) -> Span | None:
    """Return the span nearest to any word that the question shares with the sentence."""
    asked = set(question.content)
    shared = [
        span
        for word, span in word_spans(sentence)
        if not any(other.start <= span.start < other.end for other in spans)
        and _best_likeness(word, asked)
    ]

    def distance(span: Span) -> int:
        return min(
            (max(word.start - span.end, span.start - word.end) for word in shared), default=0
        )

    return min(spans, key=lambda span: (distance(span), span.start), default=None)
