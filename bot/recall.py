"""Answers as they are kept for their buttons: what was shown, and nothing of the question.

A document's id is a digest of its text, so a place in it stays right for as long as the document is
among the documents at all.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from index.model import Answer, Collection, Document, Hit, Kind, Sentence, Span
from index.relative_dates import resolve

_HITS = 10


def pack(answer: Answer) -> str:
    """Return what is needed to show an answer again, as JSON; its question is not in it."""
    documents = {hit.document.id for hit in answer.hits[:1]}
    return (
        json.dumps(
            {
                "answered": answer.answered,
                "confidence": round(answer.confidence, 4),
                "hits": [_packed(hit) for hit in answer.hits[:_HITS]],
                "agreeing": [document.id for document in answer.agreeing],
                "differing": [_packed(hit) for hit in answer.differing],
            },
            separators=(",", ":"),
        )
        if documents
        else ""
    )


def _packed(hit: Hit) -> list[Any]:
    short = hit.short_answer
    return [
        hit.document.id,
        hit.span.start,
        hit.span.end,
        *((short.start, short.end) if short else ()),
    ]


class Recaller:
    """Shows answers again from a collection."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._documents = {document.id: n for n, document in enumerate(collection.documents)}

    def document(self, name: str) -> Document | None:
        """Return a document by its id, or None where it is not among the documents."""
        number = self._documents.get(name)
        return None if number is None else self._collection.documents[number]

    def sentences(self, name: str) -> list[str]:
        """Return the sentences of a document, in order, as it has them."""
        number = self._documents.get(name)
        if number is None:
            return []
        first = self._first(number, 0)
        last = self._first(number + 1, 0)
        found = self._collection.sentences[first:last]
        return [self._collection.sentence_text(sentence) for sentence in found]

    def answer(self, content: str) -> Answer | None:
        """Return a packed answer; None where its best sentence is no longer there."""
        if not content:
            return None
        kept = json.loads(content)
        hits = tuple(self._hits(kept["hits"]))
        if len(hits) == 0 or hits[0].rank != 1:
            return None
        agreeing = (self.document(name) for name in kept["agreeing"])
        return Answer(
            question="",
            kind=Kind.OTHER,
            answered=kept["answered"],
            confidence=kept["confidence"],
            hits=hits,
            agreeing=tuple(document for document in agreeing if document),
            differing=tuple(self._hits(kept["differing"])),
        )

    def _hits(self, rows: Sequence[Sequence[Any]]) -> list[Hit]:
        hits = (self._hit(rank, *row) for rank, row in enumerate(rows, start=1))
        return [hit for hit in hits if hit is not None]

    def _hit(self, rank: int, name: str, start: int, end: int, *short: int) -> Hit | None:
        number = self._documents.get(name)
        sentence = None if number is None else self._sentence(number, start)
        if number is None or sentence is None:
            return None
        document = self._collection.documents[number]
        text = Span(start, end).of(document.text)
        span = Span(*short) if short else None
        return Hit(
            rank=rank,
            sentence=text,
            span=Span(start, end),
            short_answer=span,
            resolved=resolve(span.of(text), document.published)
            if span and document.published
            else None,
            score=0.0,
            passage=self._collection.passage_text(self._collection.passages[sentence.passage]),
            document=document,
        )

    def _first(self, document: int, start: int) -> int:
        """Return the position of the first sentence at or behind a place."""
        return bisect_left(
            self._collection.sentences, (document, start), key=lambda s: (s.document, s.span.start)
        )

    def _sentence(self, document: int, start: int) -> Sentence | None:
        position = self._first(document, start)
        if position == len(self._collection.sentences):
            return None
        found = self._collection.sentences[position]
        return found if (found.document, found.span.start) == (document, start) else None
