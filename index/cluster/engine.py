"""The engine for collections larger than a machine: sparse vectors in a Qdrant cluster.

The vectors hold the BM25 weights and the server multiplies them by the idf of Lucene, which it
counts in each shard by itself: units are spread over the shards by their numbers, as if by chance,
so that each shard's idf is that of all but for a sampling error. It counts deleted units until the
shard's optimizer removes them (a fifth of a segment). The mean length in the weights is that of
the day when the collection was begun.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from index.cluster.connection import Call
from index.cluster.layout import VECTOR, generation_of
from index.cluster.vectors import query_vector
from index.cluster.view import View
from index.engines.base import Scored
from index.engines.pair import SENTENCES

if TYPE_CHECKING:
    from qdrant_client import QdrantClient, models

_MOST_EQUAL = 10_000  # units that are asked for since their scores are equal


class QdrantEngine:
    """BM25 by a cluster; see ``Engine`` for the contract, and above for how exact it is."""

    def __init__(self, view: View, kind: str) -> None:
        """Ask for the sentences or the passages of what a view shows."""
        self._view = view
        self._kind = kind

    @property
    def size(self) -> int:
        """How many units are indexed (N)."""
        facts = self._view.now.facts
        return facts.sentences if self._kind == SENTENCES else facts.passages

    @property
    def vocabulary_size(self) -> int:
        """How many different terms are indexed."""
        facts = self._view.now.facts
        return facts.sentence_terms if self._kind == SENTENCES else facts.passage_terms

    def top_k(self, query: Mapping[str, float], k: int) -> list[Scored]:
        """Return the best ``k`` units that hold a term of ``query``; see ``Engine``."""
        if k <= 0 or not query:
            return []
        limit = k + 1
        while True:
            search = self.search(query, limit, self._view.generation, with_payload=False)
            [points] = self._view.connection.ask(search)
            # The server cuts equal scores anywhere.
            cut = len(points) == limit and points[-1].score == points[k - 1].score
            if not cut or limit >= _MOST_EQUAL:
                return scored(points)[:k]
            limit *= 2

    def search(
        self, query: Mapping[str, float], k: int, generation: int, *, with_payload: bool
    ) -> Call[list[models.ScoredPoint]]:
        """Return the request for the best ``k`` units, with what is kept of them if asked."""
        request = _request(query, k, with_payload=with_payload)
        name = self._view.name(self._kind, generation)
        return lambda client: client.query_batch_points(name, [request])[0].points

    def scores(
        self, queries: Sequence[Mapping[str, float]], units: Sequence[int]
    ) -> list[list[float]]:
        """Return the score of each of ``units`` for each query; see ``Engine``."""
        asked = [place for place, query in enumerate(queries) if query and units]
        found = [[0.0] * len(units) for _ in queries]
        if asked:
            requests = [_request(queries[place], len(units), units) for place in asked]
            name = self._view.name(self._kind, generation_of(units[0]))

            def score(client: QdrantClient) -> list[models.QueryResponse]:
                return client.query_batch_points(name, requests)

            [responses] = self._view.connection.ask(score)
            for place, response in zip(asked, responses, strict=True):
                by_unit = {point.id: point.score for point in response.points}
                found[place] = [by_unit.get(unit, 0.0) for unit in units]
        return found

    def document_frequencies(self, terms: Sequence[str]) -> list[int]:
        """Return in how many units each of ``terms`` stands."""
        found = self._view.frequencies(terms)
        return [found[term][self._kind != SENTENCES] for term in terms]

    def close(self) -> None:
        """Nothing is held open but the connection, which others may use."""


def scored(points: Sequence[models.ScoredPoint]) -> list[Scored]:
    """Return units with their scores, best first; equal scores by number."""
    units = [Scored(int(point.id), point.score) for point in points]
    return sorted(units, key=lambda one: (-one.score, one.unit))


def _request(
    query: Mapping[str, float],
    k: int,
    units: Sequence[int] | None = None,
    *,
    with_payload: bool = False,
) -> models.QueryRequest:
    from qdrant_client import models  # noqa: PLC0415 - for those who use a cluster

    dimensions, weights = query_vector(query)
    only: Any = None
    if units is not None:
        only = models.Filter(must=[models.HasIdCondition(has_id=list(dict.fromkeys(units)))])
    return models.QueryRequest(
        query=models.SparseVector(indices=dimensions, values=weights),
        using=VECTOR,
        limit=k,
        filter=only,
        with_payload=with_payload,
    )
