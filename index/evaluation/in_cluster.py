"""The engines of a collection in a cluster, for as long as it is measured there."""

from __future__ import annotations

import sqlite3
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from index.cluster.connection import MEMORY, MIRROR_SECONDS, Cluster, Connection, in_parts
from index.cluster.engine import QdrantEngine
from index.cluster.generation import Generation
from index.cluster.layout import PARAMETERS, TERMS, VECTOR, Facts
from index.cluster.vectors import term_id, term_point, unit_vector
from index.cluster.view import View
from index.engines.forward import ForwardIndex
from index.engines.pair import PASSAGES, SENTENCES, Engines

if TYPE_CHECKING:
    from qdrant_client import models

_NUMBER = 0  # of the generation; units keep their numbers there
_POINTS_AT_ONCE = 1_000


def engines_in_cluster(database: sqlite3.Connection, cluster: Cluster | None = None) -> Engines:
    """Return the engines of what a database's forward indexes hold.

    Args:
        database: The database.
        cluster: Where to put it, under a name that nothing else has there, until the engines are
            gone; qdrant-client's own small engine, in memory, if none is given.

    Raises:
        ClusterError: It cannot be put there.
    """
    connection = Connection(cluster or Cluster(MEMORY), MIRROR_SECONDS)
    generation = Generation(connection, _NUMBER)
    try:
        _fill(connection, generation, database)
        view = View(connection)
    except BaseException:
        _drop(generation, connection)
        raise
    engines = Engines(QdrantEngine(view, SENTENCES), QdrantEngine(view, PASSAGES))
    weakref.finalize(engines, _drop, generation, connection)
    return engines


def _drop(generation: Generation, connection: Connection) -> None:
    try:
        if not connection.cluster.is_local:
            generation.drop()
    finally:
        connection.close()


def _fill(connection: Connection, generation: Generation, database: sqlite3.Connection) -> None:
    forwards = {kind: ForwardIndex(database, kind, own) for kind, own in PARAMETERS.items()}
    generation.create()
    frequencies: dict[str, dict[str, int]] = {}
    for kind, forward in forwards.items():
        vocabulary = list(forward.vocabulary())
        own = np.zeros(max((number for _, number, _ in vocabulary), default=0) + 1, np.uint32)
        for term, number, frequency in vocabulary:
            own[number] = term_id(term)
            frequencies.setdefault(term, {SENTENCES: 0, PASSAGES: 0})[kind] = frequency
        mean = forward.mean_length
        vectors = (
            (unit, unit_vector(own[numbers], PARAMETERS[kind], mean))
            for unit, numbers in forward.rows()
        )
        _send(
            connection,
            generation,
            kind,
            [_point(unit, {VECTOR: _sparse(*vector)}, {}) for unit, vector in vectors],
        )
    terms = [_point(term_point(term), {}, counts) for term, counts in frequencies.items()]
    _send(connection, generation, TERMS, terms)
    sentences, passages = forwards[SENTENCES], forwards[PASSAGES]
    generation.write_facts(
        Facts(
            generation.number,
            "",
            sentences.mean_length,
            passages.mean_length,
            passages=passages.size,
            sentences=sentences.size,
            sentence_terms=sentences.vocabulary_size,
            passage_terms=passages.vocabulary_size,
            changes=1,
        )
    )
    generation.wait_until_indexed()
    generation.put_in_force()


def _send(
    connection: Connection, generation: Generation, kind: str, points: list[models.PointStruct]
) -> None:
    for part in in_parts(points, _POINTS_AT_ONCE):
        connection.send(generation.upsert(kind, part))


def _point(number: int, vector: dict[str, Any], payload: dict[str, Any]) -> models.PointStruct:
    from qdrant_client import models  # noqa: PLC0415 - for those who use a cluster

    return models.PointStruct(id=number, vector=vector, payload=payload)


def _sparse(indices: list[int], values: list[float]) -> models.SparseVector:
    from qdrant_client import models  # noqa: PLC0415 - for those who use a cluster

    return models.SparseVector(indices=indices, values=values)
