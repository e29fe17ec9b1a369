"""Documents to passages and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from index.model import Collection, Document, Passage, Sentence, Span
from index.sentences import split_sentences
from index.signs import signs_of

WINDOW = 3
"""Sentences of a passage where paragraphs are a single sentence each."""

LONGEST_PARAGRAPH = 10
"""Sentences of a paragraph that is still one passage; a longer one is cut into windows."""

_PUBLISHED_LABEL = "تاريخ نشر الخبر المقال التقرير"


def segment(documents: Iterable[Document]) -> Collection:
    """Cut documents into passages and sentences, in reading order.

    A paragraph is a passage. Paragraphs of one sentence are joined with their neighbours into
    windows of three, and a very long paragraph is cut into windows. A publication date that the
    document spells out is a sentence of its own in the document's first passage, labelled with the
    words that questions use for it.
    """
    kept = tuple(documents)
    passages: list[Passage] = []
    sentences: list[Sentence] = []
    for number, document in enumerate(kept):
        published = document.published_span
        for spans in _windows(document):
            if published is not None:
                label = f"{_PUBLISHED_LABEL} {document.agency}"
                dated = make_sentence(number, len(passages), published, document.text, label)
                sentences.append(dated)
                published = None
            sentences.extend(
                make_sentence(number, len(passages), span, document.text) for span in spans
            )
            passages.append(Passage(number, Span(spans[0].start, spans[-1].end)))
    return Collection(kept, tuple(passages), tuple(sentences))


def make_sentence(document: int, passage: int, span: Span, text: str, label: str = "") -> Sentence:
    """Make the sentence at ``span`` of a document's text; the other arguments are its fields."""
    return Sentence(document, passage, span, label, int(signs_of(span.of(text))))


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
