"""The two BM25 indexes of a collection, of its sentences and of its passages, and their engine."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from index.engines.base import BM25Parameters, Engine, Scored
from index.engines.forward import ForwardIndex, ForwardWriter, Vocabulary
from index.engines.rank_bm25 import RankBM25Engine

if TYPE_CHECKING:
    from index.engines.tantivy import TantivyWriter

SENTENCES, PASSAGES = "sentences", "passages"

SENTENCE_PARAMETERS = BM25Parameters(k1=0.9, b=0.4)
PASSAGE_PARAMETERS = BM25Parameters(k1=1.2, b=0.75)

_PARAMETERS = {SENTENCES: SENTENCE_PARAMETERS, PASSAGES: PASSAGE_PARAMETERS}
_FILLED_AT_ONCE = {SENTENCES: 2000, PASSAGES: 400}

SENTENCE_CANDIDATES = 50
PASSAGE_CANDIDATES = 20

RANK_BM25, TANTIVY, QDRANT, AUTO = "rank_bm25", "tantivy", "qdrant", "auto"
ENGINES = (AUTO, RANK_BM25, TANTIVY)
"""Those of an index on disk. Qdrant, which answers from a cluster, is filled from such an index."""

CROSSING = 10_000
"""Sentences from which on ``auto`` is tantivy: where the benchmark's curves cross."""


class Engines:
    """The two BM25 indexes of a collection, of its sentences and of its passages."""

    def __init__(self, sentences: Engine, passages: Engine) -> None:
        self.sentences = sentences
        self.passages = passages

    def candidates(self, query: Mapping[str, float]) -> tuple[list[Scored], list[Scored]]:
        """Return the best sentences and the best passages for a query."""
        return (
            self.sentences.top_k(query, SENTENCE_CANDIDATES),
            self.passages.top_k(query, PASSAGE_CANDIDATES),
        )

    def close(self) -> None:
        """Let go of what the engines hold open."""
        self.sentences.close()
        self.passages.close()


def engine_for(wanted: str, current: str, sentences: int) -> str:
    """Return the engine to use.

    Args:
        wanted: One of ``ENGINES``.
        current: The one in use.
        sentences: How many there are.
    """
    if wanted != AUTO:
        return wanted
    # One that hovers about the crossing does not change every time.
    return TANTIVY if sentences >= CROSSING / (1 + (current == TANTIVY)) else RANK_BM25


def open_engines(folder: Path, connection: sqlite3.Connection, name: str) -> Engines:
    """Open the engines of an index.

    Args:
        folder: The index's folder.
        connection: Its database.
        name: The engine, which that folder must have been written for; rank-bm25 can be had of
            every index.

    Raises:
        DamagedIndexError: A file is missing or does not hold what it should.
    """
    sentences = ForwardIndex(connection, SENTENCES, SENTENCE_PARAMETERS)
    passages = ForwardIndex(connection, PASSAGES, PASSAGE_PARAMETERS)
    if name != TANTIVY:
        return Engines(
            RankBM25Engine(sentences, SENTENCE_PARAMETERS),
            RankBM25Engine(passages, PASSAGE_PARAMETERS),
        )
    from index.engines.tantivy import TantivyEngine  # noqa: PLC0415 - for those who use it

    return Engines(
        TantivyEngine(tantivy_folder(folder, SENTENCES), sentences),
        TantivyEngine(tantivy_folder(folder, PASSAGES), passages),
    )


def tantivy_folder(folder: Path, name: str) -> Path:
    """Return where tantivy keeps the sentences or the passages of an index."""
    return folder / f"tantivy-{name}"


def fill_tantivy(folder: Path, connection: sqlite3.Connection) -> None:
    """Give tantivy, in an empty folder, what the forward indexes of a database hold."""
    from index.engines.tantivy import TantivyWriter  # noqa: PLC0415 - for those who use it

    vocabulary = Vocabulary(connection)
    writers = {
        name: TantivyWriter(
            tantivy_folder(folder, name), ForwardWriter(connection, name, vocabulary), 0
        )
        for name in (SENTENCES, PASSAGES)
    }
    fill(writers, connection)
    for writer in writers.values():
        writer.prepare()
        writer.close()


def fill(writers: Mapping[str, TantivyWriter], connection: sqlite3.Connection) -> None:
    """Give tantivy what the forward indexes hold already.

    Args:
        writers: What writes the sentences and the passages, by name; each has a thread of its own,
            so that they take turns.
        connection: The database of the forward indexes.
    """
    rows = {name: ForwardIndex(connection, name, _PARAMETERS[name]).rows() for name in writers}
    left = set(writers)
    while left:
        for name in sorted(left):
            units = list(islice(rows[name], _FILLED_AT_ONCE[name]))
            writers[name].add_indexed(units)
            if not units:
                left.discard(name)
