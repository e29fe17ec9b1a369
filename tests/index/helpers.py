"""What several of these tests need: small collections, and how running time grows."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from index.answering import Answerer
from index.collection import Collection, MemoryCollection, all_sentences
from index.documents import make_document
from index.evaluation import make_ranker
from index.model import Document, Passage, Sentence
from index.segments import segment

HOSTILE = {
    "digits": "5",
    "numbers": "25 ",
    "decimals": "3.5",
    "quotes": '"',
    "quoted sentences": '"نعم." ',
    "brackets": "(",
    "letters": "ب",
    "words": "من ",
    "spaces": " ",
    "full stops": ".",
    "abbreviations": "د. ",
    "sentences": "ذهب الولد. ",
    "dates": "25/11/",
    "hyphens": "5 - ",
    "tatweel": "ـ",
}
"""Pieces that, repeated, make a backtracking pattern or a nested loop take its time."""

_SMALL = 3000
_FACTOR = 4
_MOST_GROWTH = 9  # four times the text: 4 when linear, 16 when quadratic
_REPEATS = 9
_WARM = 3  # before that, a cold start may have made the short text slow
_SLOW_SECONDS = 3.0


def collection_of(*texts: str) -> MemoryCollection:
    """Return the collection of documents with these texts, named 0.txt, 1.txt and so on."""
    return segment(make_document(f"{number}.txt", text) for number, text in enumerate(texts))


def documents_of(collection: Collection) -> list[Document]:
    """Return every document of a collection, in order."""
    return [collection.document(number) for number in collection.document_numbers()]


def sentences_of(collection: Collection) -> list[Sentence]:
    """Return every sentence of a collection, in order."""
    return [sentence for _, sentence in all_sentences(collection)]


def passages_of(collection: Collection) -> list[Passage]:
    """Return every passage that holds a sentence of a collection, in order."""
    numbers = dict.fromkeys(sentence.passage for sentence in sentences_of(collection))
    return collection.passages(list(numbers))


def contents(collection: Collection) -> tuple[list[Document], list[Passage], list[Sentence]]:
    """Return all that a collection holds, to be compared."""
    return documents_of(collection), passages_of(collection), sentences_of(collection)


def answerer_of(collection: Collection) -> Answerer:
    """Return an answerer over a collection, with engines built in memory."""
    return Answerer(make_ranker(collection))


def assert_linear(action: Callable[[str], object], piece: str, ending: str = "x") -> None:
    """Check that a text four times as long takes about four times as long, not sixteen times.

    Args:
        action: What is done to the text.
        piece: What the text repeats.
        ending: What comes last; a letter makes a pattern that fits the rest fail.
    """
    texts = [piece * (size // len(piece)) + ending for size in (_SMALL, _SMALL * _FACTOR)]
    best = [float("inf"), float("inf")]
    growth = float("inf")
    # A pause of the machine makes one measurement long; only what stays slow is not linear.
    for attempt in range(1, _REPEATS + 1):
        for number, text in enumerate(texts):
            best[number] = min(best[number], _seconds(action, text))
        growth = best[1] / best[0]
        if attempt >= _WARM and growth < _MOST_GROWTH:
            return
        if best[1] > _SLOW_SECONDS and growth >= _MOST_GROWTH:
            break  # clear enough
    pytest.fail(f"{_FACTOR} times the text took {growth:.1f} times as long")


def _seconds(action: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    action(text)
    return max(time.process_time() - start, 1e-5)  # the clock's own grain
