"""Indexes of each engine, written and opened as the contract says, for the tests of the contract.

An engine takes part by a class here and its place in ``ENGINE_INDEXES``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from enum import IntEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import pytest

from index.database import FILE_NAME, connect, connect_writing, read_facts, write_facts
from index.engines.base import Bags, BM25Parameters, Engine, EngineWriter
from index.engines.forward import ForwardIndex, ForwardWriter
from index.engines.rank_bm25 import RankBM25Engine
from index.engines.tantivy import TantivyEngine, TantivyWriter

_NAME = "sentences"

Units = Mapping[int, Sequence[str]]


class Step(IntEnum):
    """How far a change came before it was broken off."""

    ADDED = 1
    PREPARED = 2
    COMMITTED = 3
    FINISHED = 4


class EngineIndex(Protocol):
    """An index of one engine.

    Attributes:
        relative: How far its scores may be from the formula's, as a share of them.
    """

    relative: float

    def change(self, add: Units, remove: Sequence[int] = (), until: Step = Step.FINISHED) -> None:
        """Add and remove units; break off after a step as a crash would."""
        ...

    def open(self) -> Engine:
        """Open it as it stands now."""
        ...


class _OverDatabase:
    """What the engines have in common that stand beside a database."""

    relative = 1e-9

    def __init__(self, folder: Path, parameters: BM25Parameters) -> None:
        self._folder = folder
        self._parameters = parameters
        folder.mkdir(exist_ok=True)
        with closing(connect_writing(folder / FILE_NAME)) as connection:
            ForwardWriter(connection, _NAME)
        self.change({})

    def change(self, add: Units, remove: Sequence[int] = (), until: Step = Step.FINISHED) -> None:
        """Add and remove units; see ``EngineIndex``."""
        with closing(connect_writing(self._folder / FILE_NAME)) as connection:
            first_free = int(read_facts(connection).get("next_sentence", "0"))
            assert all(number >= first_free for number in add), "numbers are never given again"
            connection.execute("BEGIN IMMEDIATE")
            writer = self._writer(connection, first_free)
            try:
                writer.add(Bags.of(add.items()))
                writer.remove(remove)
                write_facts(connection, {"next_sentence": f"{max([first_free - 1, *add]) + 1}"})
                if until >= Step.PREPARED:
                    writer.prepare()
                if until >= Step.COMMITTED:
                    connection.execute("COMMIT")
                if until >= Step.FINISHED:
                    writer.finish()
            finally:
                writer.close()

    def open(self) -> Engine:
        """Open it as it stands now."""
        connection = connect(self._folder / FILE_NAME, sealed=False)
        return self._engine(ForwardIndex(connection, _NAME, self._parameters))

    def _writer(self, connection: sqlite3.Connection, first_free: int) -> EngineWriter:
        raise NotImplementedError

    def _engine(self, forward: ForwardIndex) -> Engine:
        raise NotImplementedError


class RankBM25Index(_OverDatabase):
    """An index of rank-bm25."""

    def _writer(self, connection: sqlite3.Connection, first_free: int) -> EngineWriter:
        del first_free
        return ForwardWriter(connection, _NAME)

    def _engine(self, forward: ForwardIndex) -> Engine:
        return RankBM25Engine(forward, self._parameters)


class TantivyIndex(_OverDatabase):
    """An index of tantivy."""

    def _writer(self, connection: sqlite3.Connection, first_free: int) -> EngineWriter:
        forward = ForwardWriter(connection, _NAME)
        return TantivyWriter(self._folder / "tantivy", forward, first_free)

    def _engine(self, forward: ForwardIndex) -> Engine:
        return TantivyEngine(self._folder / "tantivy", forward)


def qdrant_index(folder: Path, parameters: BM25Parameters) -> EngineIndex:
    """Return an index of Qdrant."""
    from tests.index.qdrant_units import QdrantIndex  # noqa: PLC0415 - it imports this module

    return QdrantIndex(folder, parameters)


_is_there = find_spec("qdrant_client") is not None
ENGINE_INDEXES: list[Any] = [
    RankBM25Index,
    TantivyIndex,
    pytest.param(
        qdrant_index,
        marks=pytest.mark.skipif(not _is_there, reason="qdrant-client is not installed"),
    ),
]
"""What takes a folder and parameters, and gives an ``EngineIndex``."""
