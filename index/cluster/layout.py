"""How a collection is kept in a cluster: the names, the points and what they hold.

A collection is built as a generation of four Qdrant collections::

    <prefix>-<generation>-sentences   a vector each; place, text, words, label, signs
    <prefix>-<generation>-passages    a vector each; place, text, sentences
    <prefix>-<generation>-documents   what is shown of each document, and the facts about it all
    <prefix>-<generation>-terms       in how many sentences and passages each term stands

and ``<prefix>-sentences`` and so on are aliases of those in force. A point is known by its number
on the machine that builds, plus 2⁴⁰ for each generation: no number ever means two things.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import blake2b
from typing import Any

from index.collection import Sizes
from index.engines.base import BM25Parameters
from index.engines.pair import PASSAGE_PARAMETERS, PASSAGES, SENTENCE_PARAMETERS, SENTENCES
from index.model import Passage, Sentence, Source, Span

DOCUMENTS, TERMS = "documents", "terms"
KINDS = (SENTENCES, PASSAGES, DOCUMENTS, TERMS)
PARAMETERS: dict[str, BM25Parameters] = {
    SENTENCES: SENTENCE_PARAMETERS,
    PASSAGES: PASSAGE_PARAMETERS,
}
VECTOR = "terms"
FACTS_POINT = 0
"""Among the documents; those of the first generation begin at 2⁴⁰."""

ID, PATHS, MARK = "id", "paths", "mark"

_GENERATION_BITS = 40


def base_of(generation: int) -> int:
    """Return what the numbers of a generation are raised by."""
    return generation << _GENERATION_BITS


def generation_of(number: int) -> int:
    """Return the generation that a raised number belongs to."""
    return number >> _GENERATION_BITS


def alias_of(prefix: str, kind: str) -> str:
    """Return the name of what is in force."""
    return f"{prefix}-{kind}"


def collection_of(prefix: str, generation: int, kind: str) -> str:
    """Return the name of one of the collections of a generation."""
    return f"{prefix}-{generation}-{kind}"


def generations(prefix: str, names: list[str]) -> list[int]:
    """Return the generations that any of some collections belong to, rising."""
    pattern = re.compile(rf"{re.escape(prefix)}-(\d+)-(?:{'|'.join(KINDS)})")
    return sorted({int(found[1]) for name in names if (found := pattern.fullmatch(name))})


@dataclass(frozen=True, slots=True)
class Facts:
    """What is noted about a generation as a whole.

    Attributes:
        generation: Its number.
        depends: What the numbers and terms depend on besides the documents, as JSON.
        sentence_length: How many terms a sentence had on average when it was begun.
        passage_length: The same of a passage.
        documents: How many documents there are.
        passages: How many passages there are.
        sentences: How many sentences there are.
        sentence_terms: How many different terms the sentences hold.
        passage_terms: How many different terms the passages hold.
        next_document: Documents from this number on may be there in part.
        changes: How often it was brought up to date; 0 while it is being built.
    """

    generation: int
    depends: str
    sentence_length: float
    passage_length: float
    documents: int = 0
    passages: int = 0
    sentences: int = 0
    sentence_terms: int = 0
    passage_terms: int = 0
    next_document: int = 0
    changes: int = 0

    @property
    def sizes(self) -> Sizes:
        """How much there is."""
        return Sizes(self.documents, self.passages, self.sentences)

    def mean_length(self, kind: str) -> float:
        """Return how long a sentence or a passage is on average, to the vectors."""
        return self.sentence_length if kind == SENTENCES else self.passage_length

    def payload(self) -> dict[str, Any]:
        """Return what is kept of them."""
        return asdict(self)


def sentence_payload(sentence: Sentence) -> dict[str, Any]:
    """Return what is kept of a sentence."""
    payload: dict[str, Any] = {
        "d": sentence.document,
        "p": sentence.passage,
        "s": sentence.span.start,
        "e": sentence.span.end,
        "t": sentence.text,
        "w": sentence.words,
    }
    if sentence.label:
        payload["l"] = sentence.label
    if sentence.signs:
        payload["g"] = int(sentence.signs)
    return payload


def sentence_of(number: int, payload: dict[str, Any]) -> Sentence:
    """Return the sentence of a point, given its number."""
    base = base_of(generation_of(number))
    return Sentence(
        base + payload["d"],
        base + payload["p"],
        Span(payload["s"], payload["e"]),
        payload["t"],
        payload["w"],
        payload.get("l", ""),
        payload.get("g", 0),
    )


def passage_payload(passage: Passage) -> dict[str, Any]:
    """Return what is kept of a passage."""
    return {
        "d": passage.document,
        "s": passage.span.start,
        "e": passage.span.end,
        "f": passage.sentences.start,
        "l": passage.sentences.stop,
        "t": passage.text,
    }


def passage_of(number: int, payload: dict[str, Any]) -> Passage:
    """Return the passage of a point, given its number."""
    base = base_of(generation_of(number))
    return Passage(
        base + payload["d"],
        Span(payload["s"], payload["e"]),
        payload["t"],
        range(base + payload["f"], base + payload["l"]),
    )


@dataclass(frozen=True, slots=True)
class Placed:
    """A document without its text, with the numbers of what it holds."""

    source: Source
    passages: range
    sentences: range

    def payload(self) -> dict[str, Any]:
        """Return what is kept of it, with a mark that changes when any of it does."""
        source = self.source
        payload: dict[str, Any] = {
            ID: source.id,
            PATHS: [source.path, *source.also],
            "title": source.title,
            "published": source.published.isoformat() if source.published else None,
            "agency": source.agency,
            "url": source.url,
            PASSAGES: [self.passages.start, self.passages.stop],
            SENTENCES: [self.sentences.start, self.sentences.stop],
        }
        written = json.dumps(payload, sort_keys=True).encode()
        return {**payload, MARK: blake2b(written, digest_size=8).hexdigest()}

    @classmethod
    def of(cls, number: int, payload: dict[str, Any]) -> Placed:
        """Return the document of a point, given its number."""
        base = base_of(generation_of(number))
        path, *also = payload[PATHS]
        day = payload["published"]
        source = Source(
            payload[ID],
            path,
            payload["title"],
            date.fromisoformat(day) if day else None,
            payload["agency"],
            payload["url"],
            tuple(also),
        )
        passages, sentences = (
            range(base + first, base + last)
            for first, last in (payload[PASSAGES], payload[SENTENCES])
        )
        return cls(source, passages, sentences)
