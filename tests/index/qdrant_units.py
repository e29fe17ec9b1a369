"""A ``QdrantEngine`` over given units, for the contract of engines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.cluster.connection import MEMORY, Cluster, Connection
from index.cluster.engine import QdrantEngine
from index.cluster.generation import Generation, existing
from index.cluster.layout import TERMS, VECTOR, Facts
from index.cluster.vectors import term_id, term_point, unit_vector
from index.cluster.view import View
from index.engines.base import BM25Parameters, Scored
from index.engines.pair import PASSAGES, SENTENCES
from tests.index.engine_indexes import Step

pytest.importorskip("qdrant_client")
from qdrant_client import models

Units = Mapping[int, Sequence[str]]


class UnitsEngine(QdrantEngine):
    """A ``QdrantEngine`` that is asked for units by the numbers that they were given with."""

    def __init__(self, connection: Connection, *, owns: bool) -> None:
        self.view = View(connection)
        self.generation = Generation(connection, self.view.generation)
        self._owns = owns
        super().__init__(self.view, SENTENCES)

    def top_k(self, query: Mapping[str, float], k: int) -> list[Scored]:
        base = self.generation.base
        return [replace(one, unit=one.unit - base) for one in super().top_k(query, k)]

    def scores(
        self, queries: Sequence[Mapping[str, float]], units: Sequence[int]
    ) -> list[list[float]]:
        return super().scores(queries, [self.generation.base + unit for unit in units])

    def close(self) -> None:
        if self._owns:
            self.view.connection.close()


class QdrantIndex:
    """An index of a cluster in memory. Every change makes a new generation, as a rebuild does."""

    relative = 2e-6  # single precision, over some dozens of terms

    def __init__(self, _folder: Path, parameters: BM25Parameters) -> None:
        self._connection = Connection(Cluster(MEMORY))
        self._parameters = parameters
        self._units: dict[int, Sequence[str]] = {}
        self._generations = 0
        self.change({})

    def change(self, add: Units, remove: Sequence[int] = (), until: Step = Step.FINISHED) -> None:
        """Add and remove units; see ``EngineIndex``."""
        units = {n: bag for n, bag in {**self._units, **add}.items() if n not in set(remove)}
        self._generations += 1
        generation = build(self._connection, self._generations, units, self._parameters)
        if until >= Step.COMMITTED:
            generation.put_in_force()
            self._units = units

    def open(self) -> UnitsEngine:
        """Open it as it stands now."""
        return UnitsEngine(self._connection, owns=False)


def build_qdrant(
    units: Iterable[tuple[int, Sequence[str]]],
    parameters: BM25Parameters,
    cluster: Cluster | None = None,
) -> UnitsEngine:
    """Put units into a cluster, in memory if none is given, and return the engine over them."""
    connection = Connection(cluster or Cluster(MEMORY))
    build(connection, 1, dict(units), parameters).put_in_force()
    return UnitsEngine(connection, owns=True)


def build(
    connection: Connection, number: int, units: Units, parameters: BM25Parameters
) -> Generation:
    """Make a generation of units."""
    generation = Generation(connection, number)
    mean = sum(map(len, units.values())) / len(units) if any(units.values()) else 1.0
    generation.create()
    points = []
    for unit, bag in units.items():
        ids = np.array([term_id(term) for term in bag], np.uint32)
        indices, values = unit_vector(ids, parameters, mean)
        vector = models.SparseVector(indices=indices, values=values)
        points.append(
            models.PointStruct(id=generation.base + unit, vector={VECTOR: vector}, payload={})
        )
    if points:
        connection.send(generation.upsert(SENTENCES, points))
    _count(connection, generation, units, mean, changes=1)
    return generation


def _count(
    connection: Connection, generation: Generation, units: Units, mean: float, changes: int
) -> None:
    counts = Counter(term for bag in units.values() for term in set(bag))
    if gone := [int(record.id) for record in generation.scroll(TERMS, 0)]:
        connection.send(generation.delete(TERMS, gone))
    points = [
        models.PointStruct(id=term_point(term), vector={}, payload={SENTENCES: df, PASSAGES: 0})
        for term, df in counts.items()
    ]
    if points:
        connection.send(generation.upsert(TERMS, points))
    generation.write_facts(
        Facts(
            generation.number,
            "",
            mean,
            mean,
            sentences=len(units),
            sentence_terms=len(counts),
            changes=changes,
        )
    )


def remove_units(engine: UnitsEngine, units: Units, gone: Sequence[int]) -> None:
    """Take some of its units out of an engine's generation; the mean length stays what it was."""
    connection, facts = engine.view.connection, engine.view.now.facts
    points = [engine.generation.base + unit for unit in gone]
    connection.send(engine.generation.delete(SENTENCES, points))
    live = {unit: bag for unit, bag in units.items() if unit not in set(gone)}
    changes = facts.changes + 1
    _count(connection, engine.generation, live, facts.sentence_length, changes)
    engine.view.refresh()


def drop_all(cluster: Cluster) -> None:
    """Remove all that stands in a cluster under its prefix."""
    connection = Connection(cluster)
    for generation in existing(connection):
        generation.drop()
    connection.close()
