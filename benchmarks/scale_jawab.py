"""Jawab's own side of the scale benchmark: building, opening, searching and ranking."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from benchmarks.scale_terms import Asked
from index import Index
from index.analysis import analyse
from index.arabic import terms
from index.documents import Fields, read_file
from index.engines.pair import (
    PASSAGE_CANDIDATES,
    PASSAGE_PARAMETERS,
    SENTENCE_CANDIDATES,
    SENTENCE_PARAMETERS,
)
from index.engines.tantivy import TantivyEngine, depth_for
from index.model import Document
from index.questions import read_question

TANTIVY, RANK_BM25 = "tantivy", "rank_bm25"


def build(archive: Path, home: Path, engine: str) -> None:
    """Build the index of an archive, and close it."""
    Index.open(archive, home, engine=engine).close()


def open_answers(archive: Path, home: Path, engine: str) -> Callable[[Asked], object]:
    """Open a built index; what is returned answers, as the bot does."""
    index = Index.open(archive, home, engine=engine)
    return lambda asked: index.ask(asked.text)


def open_ranking(archive: Path, home: Path, engine: str) -> Callable[[Asked], object]:
    """Open a built index; what is returned reads a question and ranks sentences for it."""
    ranker = Index.open(archive, home, engine=engine).answerer.ranker
    return lambda asked: ranker.rank(read_question(asked.text))


def open_searches(archive: Path, home: Path, engine: str) -> Callable[[Asked], object]:
    """Open a built index; what is returned searches twice and orders by the exact scores."""
    engines = Index.open(archive, home, engine=engine).answerer.ranker.engines
    return lambda asked: engines.candidates(asked.terms)


def open_candidates(archive: Path, home: Path) -> Callable[[Asked], object]:
    """Open a built index; what is returned searches twice with tantivy, for candidates alone."""
    engines = Index.open(archive, home, engine=TANTIVY).answerer.ranker.engines
    sentences = cast("TantivyEngine", engines.sentences)
    passages = cast("TantivyEngine", engines.passages)

    def find(asked: Asked) -> object:
        return (
            sentences.candidates(asked.terms, depth_for(SENTENCE_CANDIDATES, SENTENCE_PARAMETERS)),
            passages.candidates(asked.terms, depth_for(PASSAGE_CANDIDATES, PASSAGE_PARAMETERS)),
        )

    return find


def disk_bytes(home: Path) -> int:
    """Return what an index takes on disk."""
    return sum(path.stat().st_size for path in home.rglob("*") if path.is_file())


def analysis_rates(archive: Path, sentences: int) -> tuple[float, float]:
    """Return how many sentences one core takes a second, over the beginning of an archive.

    Returns:
        Of text to terms alone, and of all that is done to a document that was read: sentences and
        passages found, dates, numbers and places in them, terms.
    """
    found: list[Document] = []
    lines: list[str] = []
    for document in read_file(archive, archive.name, Fields()):
        if isinstance(document, Document):
            found.append(document)
            lines.extend(span.of(document.text) for span in document.body)
        if len(lines) * 5 >= sentences:
            break
    count = len(lines) * 5
    started = time.perf_counter()
    for line in lines:
        terms(line)
    middle = time.perf_counter()
    analyse(found)
    return count / (middle - started), count / (time.perf_counter() - middle)
