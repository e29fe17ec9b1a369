"""Answers as they are kept for their buttons: what was shown, and nothing of the question.

A document's id is a digest of its text, so a place in it stays right for as long as the document is
among the documents at all.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from bot.markup import without_joiners
from index.collection import Collection
from index.model import Answer, Hit, Kind, Sentence, Source, Span
from index.relative_dates import resolve

_HITS = 10


def pack(answer: Answer) -> str:
    """Return what is needed to show an answer again, as JSON; its question is not in it."""
    documents = {hit.document.id for hit in answer.hits[:1]}
    return (
        json.dumps(
            {
                "answered": answer.answered,
                "confidence": answer.confidence,
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

    def document(self, name: str) -> Source | None:
        """Return a document by its id, or None where it is not among the documents."""
        number = self._collection.find(name)
        return None if number is None else self._collection.sources([number])[0]

    def named(self, name: str) -> Source | None:
        """Return a document by its id or by a path of its own, as it is or is shown; or None."""
        number = self._collection.find(name)
        for path in (name, without_joiners(name)):
            if number is None:
                number = self._collection.find_path(path)
        return None if number is None else self._collection.sources([number])[0]

    def sentences(self, name: str) -> list[str]:
        """Return the sentences of a document, in order, as it has them."""
        number = self._collection.find(name)
        if number is None:
            return []
        numbers = self._collection.sentence_numbers(number)
        return [sentence.text for sentence in self._collection.sentences(numbers)]

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
        number = self._collection.find(name)
        sentence = None if number is None else self._sentence(number, start, end)
        if number is None or sentence is None:
            return None
        [document] = self._collection.sources([number])
        [passage] = self._collection.passages([sentence.passage])
        span = Span(*short) if short else None
        return Hit(
            rank=rank,
            sentence=sentence.text,
            span=sentence.span,
            short_answer=span,
            resolved=resolve(span.of(sentence.text), document.published)
            if span and document.published
            else None,
            score=0.0,
            passage=passage.text,
            document=document,
        )

    def _sentence(self, document: int, start: int, end: int) -> Sentence | None:
        """Return a document's sentence at a place; they stand in reading order."""
        numbers = self._collection.sentence_numbers(document)
        at = bisect_left(
            numbers, start, key=lambda n: self._collection.sentences([n])[0].span.start
        )
        if at == len(numbers):
            return None
        [found] = self._collection.sentences([numbers[at]])
        return found if found.span == Span(start, end) else None
