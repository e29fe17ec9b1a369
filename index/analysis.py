"""Documents to what the index keeps of them: passages, sentences and their terms.

It depends on the documents alone, so that other processes can do it.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from index.engines.base import Bags, Positions
from index.model import Document, Passage, Sentence, Source, Span
from index.morphology import Morphology
from index.ranking import sentence_terms
from index.segments import segment_document

if TYPE_CHECKING:  # 10 ms that only the type checker needs
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class SentenceRow:
    """A sentence; ``passage`` counts from the document's first one.

    Attributes:
        gap: What stands between it and the next sentence of its passage.
    """

    passage: int
    start: int
    end: int
    text: str
    gap: str
    words: str
    label: str
    signs: int


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage; ``first`` and ``last`` (behind it) count from the document's first sentence."""

    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Analysed:
    """A document as the database keeps it.

    Attributes:
        source: What is shown of it.
        digest: The SHA-256 of its text.
        description: What tells whether all else about it is the same, too.
        text: The text, packed by ``pack_text``.
        frame: Where its publication date and its paragraphs stand, as JSON.
        passages: Its passages.
        sentences: Its sentences.
    """

    source: Source
    digest: bytes
    description: bytes
    text: bytes
    frame: str
    passages: tuple[PassageRow, ...]
    sentences: tuple[SentenceRow, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents that were analysed together, with the terms of their sentences and passages.

    The units of the bags count from 0 over the whole batch.
    """

    documents: tuple[Analysed, ...]
    sentences: Bags
    passages: Bags


def digest_of(text: str) -> bytes:
    """Return the SHA-256 of a text: what tells whether two documents are the same."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def description_of(document: Document) -> bytes:
    """Return a digest of what is known of a document beside its text, but for its path."""
    said = (
        document.title,
        document.published.isoformat() if document.published else None,
        document.agency,
        document.url,
        pack_frame(document),
    )
    return hashlib.sha256(json.dumps(said).encode("ascii")).digest()


def pack_text(text: str) -> bytes:
    """Return a text compressed."""
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 1)


def unpack_text(packed: bytes) -> str:
    """Return the text that ``pack_text`` packed.

    Raises:
        ValueError: It is damaged.
    """
    try:
        return zlib.decompress(packed).decode("utf-8", "surrogatepass")
    except zlib.error as error:
        raise ValueError(str(error)) from error


def pack_frame(document: Document) -> str:
    """Return where a document's publication date and paragraphs stand, as JSON."""
    published = document.published_span
    return json.dumps(
        [
            [published.start, published.end] if published else None,
            [[span.start, span.end] for span in document.body],
        ],
        separators=(",", ":"),
    )


def unpack_frame(frame: str) -> tuple[Span | None, tuple[Span, ...]]:
    """Return the spans that ``pack_frame`` packed."""
    published, body = json.loads(frame)
    return Span(*published) if published else None, tuple(Span(*span) for span in body)


def analyse(documents: Sequence[Document], morphology: Morphology | None = None) -> Batch:
    """Cut documents into passages and sentences, and these into terms."""
    analysed: list[Analysed] = []
    positions = Positions()
    held: list[int] = []
    ends: list[int] = []
    passages: list[tuple[int, int]] = []
    for document in documents:
        cut_passages, cut_sentences = segment_document(document)
        first = len(ends)
        for sentence in cut_sentences:
            held.extend(map(positions.__getitem__, sentence_terms(sentence, morphology)))
            ends.append(len(held))
        passages.extend(_terms_of(one, cut_sentences, first, ends) for one in cut_passages)
        analysed.append(_analysed(document, cut_passages, cut_sentences))
    terms = np.array(held, np.uint32)
    bounds = np.array([0, *ends], np.int64)
    spans = np.array(passages, np.int64).reshape(len(passages), 2)
    vocabulary = list(positions)
    return Batch(
        tuple(analysed),
        Bags.pack(_count(len(ends)), vocabulary, terms, bounds[:-1], bounds[1:]),
        Bags.pack(_count(len(passages)), vocabulary, terms, spans[:, 0], spans[:, 1]),
    )


def _count(size: int) -> npt.NDArray[np.int64]:
    return np.arange(size, dtype=np.int64)


def _terms_of(
    passage: Passage, sentences: Sequence[Sentence], first: int, ends: Sequence[int]
) -> tuple[int, int]:
    """Return where the terms of a passage begin and end: those of its sentences.

    A labelled sentence (a publication date), which is the first, is no part of the passage that it
    is filed under.
    """
    members = [number for number in passage.sentences if not sentences[number].label]
    start = first + members[0]
    return (ends[start - 1] if start else 0), ends[first + members[-1]]


def _analysed(
    document: Document, passages: Sequence[Passage], sentences: Sequence[Sentence]
) -> Analysed:
    gaps = [""] * len(sentences)
    for number, (one, following) in enumerate(pairwise(sentences)):
        if one.passage == following.passage and not one.label:
            gaps[number] = document.text[one.span.end : following.span.start]
    return Analysed(
        source=Source(
            document.id,
            document.path,
            document.title,
            document.published,
            document.agency,
            document.url,
        ),
        digest=digest_of(document.text),
        description=description_of(document),
        text=pack_text(document.text),
        frame=pack_frame(document),
        passages=tuple(
            PassageRow(one.span.start, one.span.end, one.sentences.start, one.sentences.stop)
            for one in passages
        ),
        sentences=tuple(
            SentenceRow(
                one.passage,
                one.span.start,
                one.span.end,
                one.text,
                gap,
                one.words,
                one.label,
                one.signs,
            )
            for one, gap in zip(sentences, gaps, strict=True)
        ),
    )
