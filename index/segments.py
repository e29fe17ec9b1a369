"""Documents to passages and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from index.arabic import words
from index.collection import MemoryCollection
from index.model import Document, Passage, Sentence, Span
from index.sentences import split_sentences
from index.signs import signs_of

WINDOW = 3
"""Sentences of a passage where paragraphs are a single sentence each."""

LONGEST_PARAGRAPH = 10
"""Sentences of a paragraph that is still one passage; a longer one is cut into windows."""

_PUBLISHED_LABEL = "تاريخ نشر الخبر المقال التقرير"


def segment(documents: Iterable[Document]) -> MemoryCollection:
    """Cut documents into passages and sentences; see ``segment_document``."""
    kept = tuple(documents)
    passages: list[Passage] = []
    sentences: list[Sentence] = []
    for number, document in enumerate(kept):
        cut = segment_document(document, number, len(passages), len(sentences))
        passages.extend(cut[0])
        sentences.extend(cut[1])
    return MemoryCollection(kept, passages, sentences)


def segment_document(
    document: Document, number: int = 0, passage: int = 0, sentence: int = 0
) -> tuple[list[Passage], list[Sentence]]:
    """Cut a document into passages and sentences, in reading order.

    A paragraph is a passage. Paragraphs of one sentence are joined with their neighbours into
    windows of three, and a very long paragraph is cut into windows. A publication date that the
    document spells out is a sentence of its own in the document's first passage, labelled with the
    words that questions use for it.

    Args:
        document: The document.
        number: Its number in the collection.
        passage: The number of its first passage.
        sentence: The number of its first sentence.
    """
    passages: list[Passage] = []
    sentences: list[Sentence] = []
    published = document.published_span
    for spans in _windows(document):
        here = passage + len(passages)
        first = sentence + len(sentences)
        if published is not None:
            label = f"{_PUBLISHED_LABEL} {document.agency}"
            sentences.append(make_sentence(number, here, published, document.text, label))
            published = None
        sentences.extend(make_sentence(number, here, span, document.text) for span in spans)
        whole = Span(spans[0].start, spans[-1].end)
        members = range(first, sentence + len(sentences))
        passages.append(Passage(number, whole, whole.of(document.text), members))
    return passages, sentences


def make_sentence(document: int, passage: int, span: Span, text: str, label: str = "") -> Sentence:
    """Make the sentence at ``span`` of a document's text; the other arguments are its fields."""
    shown = span.of(text)
    found = " ".join(words(f"{shown} {label}" if label else shown))
    return Sentence(document, passage, span, shown, found, label, int(signs_of(shown)))


def _windows(document: Document) -> Iterator[list[Span]]:
    single: list[Span] = []
    for paragraph in document.body:
        spans = split_sentences(document.text, paragraph)
        if len(spans) == 1:
            single.append(spans[0])
            continue
        yield from _cut(single, WINDOW)
        single = []
        if len(spans) > LONGEST_PARAGRAPH:
            yield from _cut(spans, LONGEST_PARAGRAPH // 2)
        elif spans:
            yield spans
    yield from _cut(single, WINDOW)


def _cut(spans: list[Span], size: int) -> Iterator[list[Span]]:
    """Cut into windows of about ``size``, as even as they come."""
    count = max(1, round(len(spans) / size)) if spans else 0
    for number in range(count):
        yield spans[len(spans) * number // count : len(spans) * (number + 1) // count]
