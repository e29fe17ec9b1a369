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
from typing import Any


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
class Source:
    """What is shown of a document beside an answer.

    Attributes:
        id: Stable name of the document: the first 12 hex digits of the SHA-256 of its text.
        path: Where it was read from, relative to the documents folder, with forward slashes; a
            document of an archive has its place in there behind the archive's own path.
        title: The title that the file gives, else the first sentence, shortened at a word.
        published: The publication date, or None where the document does not give a whole one.
        agency: The news agency that the document names, else the file's name without its ending.
        url: Where it was published, or None.
        also: Further paths with the same text.
    """

    id: str
    path: str
    title: str
    published: date | None
    agency: str
    url: str | None = None
    also: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what JSON holds of it."""
        return {
            "id": self.id,
            "title": self.title,
            "published": self.published.isoformat() if self.published else None,
            "agency": self.agency,
            "path": self.path,
            "also": list(self.also),
            "url": self.url,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Source):
    """One document the user gave.

    Attributes:
        text: The decoded file, unchanged; of a format that is not text, what was read from it.
        published_span: Where in ``text`` the publication date stands, or None.
        body: The spans of ``text`` that are article text, in order, one a paragraph (blocks);
            what lies outside them is wire furniture (header, dateline, initials) or empty.
    """

    text: str
    published_span: Span | None
    body: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """The unit that is shown as an answer.

    Attributes:
        document: Number of its document in the collection.
        passage: Number of its passage in the collection.
        span: Where it stands in its document's text.
        text: Its characters, exactly as the document has them.
        label: Words that describe the sentence and that questions use, but that the document
            does not hold; they are indexed with it and never shown. Empty but for a
            publication date.
        signs: What it holds that a question may want (``index.signs.Sign``).
        words: Its normalised words and its label's, with spaces between them.
    """

    document: int
    passage: int
    span: Span
    text: str
    words: str
    label: str = ""
    signs: int = 0

    @property
    def indexed_text(self) -> str:
        """What its terms are made of: its text and its label."""
        return f"{self.text} {self.label}" if self.label else self.text


@dataclass(frozen=True, slots=True)
class Passage:
    """A few sentences of a document that stand together.

    Attributes:
        document: Number of its document in the collection.
        span: Where it stands in its document's text.
        text: Its characters, exactly as the document has them.
        sentences: The numbers of its sentences, the labelled one that is filed under it included.
    """

    document: int
    span: Span
    text: str
    sentences: range


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
        document: The source: the document that holds it.
    """

    rank: int
    sentence: str
    span: Span
    short_answer: Span | None
    score: float
    passage: str
    document: Source
    resolved: Resolved | None = None
    features: Mapping[str, float] = field(default_factory=dict)
    held: tuple[float, ...] = ()

    @property
    def short_text(self) -> str | None:
        """The short answer's characters, or None."""
        return None if self.short_answer is None else self.short_answer.of(self.sentence)

    def as_json(self) -> dict[str, Any]:
        """Return what JSON holds of it; a short answer's characters are those of the sentence."""
        short = self.short_answer
        return {
            "rank": self.rank,
            "sentence": self.sentence,
            "short_answer": None
            if short is None
            else {"text": short.of(self.sentence), "start": short.start, "end": short.end},
            "score": round(self.score, 4),
            "passage": self.passage,
            "document": self.document.as_json(),
            "start": self.span.start,
            "end": self.span.end,
        }


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
    agreeing: tuple[Source, ...] = ()
    differing: tuple[Hit, ...] = ()

    @property
    def best(self) -> Hit | None:
        """The best sentence, also when ``answered`` is false; None where none was found."""
        return self.hits[0] if self.hits else None

    @property
    def short_text(self) -> str | None:
        """The short answer's characters, or None where the question is not answered or has none."""
        return self.hits[0].short_text if self.answered and self.hits else None

    def as_json(self) -> dict[str, Any]:
        """Return it as the JSON object that ``jawab ask --json`` prints."""
        return {
            "question": self.question,
            "answered": self.answered,
            "confidence": round(self.confidence, 3),
            "kind": str(self.kind),
            "answers": [hit.as_json() for hit in self.hits],
        }
