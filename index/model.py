"""The nouns of the index, as immutable values.

Every offset in this package counts characters (Unicode code points) of ``Document.text``, the
document exactly as it was decoded; the one exception is said where it is made: a short answer's
span counts characters of its sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What kind of answer a question wants."""

    WHEN = "when"
    WHERE = "where"
    WHO = "who"
    HOWMANY = "howmany"
    WHAT = "what"
    WHICH = "which"
    WHY = "why"
    HOW = "how"
    YESNO = "yesno"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters, ``start <= i < end``."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """Return the characters of ``text`` that the span covers."""
        return text[self.start : self.end]

    def shifted(self, by: int) -> Span:
        """Return the same span ``by`` characters further on."""
        return Span(self.start + by, self.end + by)


@dataclass(frozen=True, slots=True)
class Document:
    """One file the user gave.

    Attributes:
        id: Stable name of the document: the first 12 hex digits of the SHA-256 of its text.
        path: Where it was read from, relative to the documents folder, with forward slashes.
        text: The decoded file, unchanged.
        title: The first sentence, shortened at a word.
        published: The publication date, or None where the document does not give a whole one.
        published_span: Where in ``text`` that date stands, or None.
        agency: The news agency that the document names, else the file's name without its ending.
        body: The spans of ``text`` that are article text, in order, one a paragraph (blocks);
            what lies outside them is wire furniture (header, dateline, initials) or empty.
    """

    id: str
    path: str
    text: str
    title: str
    published: date | None
    published_span: Span | None
    agency: str
    body: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """The unit that is shown as an answer.

    Attributes:
        document: Position of its document in the collection.
        passage: Position of its passage in the collection.
        span: Where it stands in its document's text.
        label: Words that describe the sentence and that questions use, but that the document
            does not hold; they are indexed with it and never shown. Empty but for a
            publication date.
        signs: What it holds that a question may want (``index.signs.Sign``).
    """

    document: int
    passage: int
    span: Span
    label: str = ""
    signs: int = 0


@dataclass(frozen=True, slots=True)
class Passage:
    """A few sentences of a document that stand together; ``span`` is where in its text."""

    document: int
    span: Span


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents with their passages and sentences, each in reading order."""

    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    sentences: tuple[Sentence, ...]

    def sentence_text(self, sentence: Sentence) -> str:
        """Return the sentence exactly as its document has it."""
        return sentence.span.of(self.documents[sentence.document].text)

    def passage_text(self, passage: Passage) -> str:
        """Return the passage exactly as its document has it."""
        return passage.span.of(self.documents[passage.document].text)


class Relation(StrEnum):
    """How a relative expression stands to the dates that it was resolved to."""

    ON = "on"  # from start to end, both included
    AFTER = "after"  # some time after start
    BEFORE = "before"  # some time before start


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a relative date means, seen from the day its document was published."""

    relation: Relation
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Hit:
    """One ranked sentence of an answer.

    Attributes:
        rank: 1 for the best.
        sentence: The text exactly as in the document.
        span: Its characters in the document's text.
        short_answer: The part of ``sentence`` that answers, as a span of ``sentence``, or None.
        resolved: What a relative date as short answer means, where the document's date tells.
        score: The ranking score; comparable within one answer only.
        features: The features that the score was made of, by name.
        held: How much of each asked word of the question the sentence holds, from 0 to 1.
        passage: The passage that the sentence stands in, exactly as in the document.
        document: The document that holds it.
    """

    rank: int
    sentence: str
    span: Span
    short_answer: Span | None
    score: float
    passage: str
    document: Document
    resolved: Resolved | None = None
    features: Mapping[str, float] = field(default_factory=dict)
    held: tuple[float, ...] = ()

    @property
    def short_text(self) -> str | None:
        """The short answer's characters, or None."""
        return None if self.short_answer is None else self.short_answer.of(self.sentence)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the documents say to a question.

    Attributes:
        question: The question as it was asked.
        kind: What kind of answer it wants.
        answered: Whether the best sentence is thought to answer it.
        confidence: How sure that is: the chance, from 0 to 1, that the best sentence is right.
        hits: The best sentences, best first, also when ``answered`` is false.
        asked: The words that the question is about, each with its weight (idf).
        reasons: What the confidence was made of, by name.
        agreeing: Other documents that give the same short answer.
        differing: The best hits of other documents that give another one.
    """

    question: str
    kind: Kind
    answered: bool
    confidence: float
    hits: tuple[Hit, ...]
    asked: tuple[tuple[str, float], ...] = ()
    reasons: Mapping[str, float] = field(default_factory=dict)
    agreeing: tuple[Document, ...] = ()
    differing: tuple[Hit, ...] = ()
