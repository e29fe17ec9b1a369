"""The engine of a cluster against the formula, and the server's own arithmetic in Rust."""

from __future__ import annotations

import math
import os
import random
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import Index
from index.cluster.connection import MEMORY, Cluster
from index.cluster.vectors import query_vector, term_id, term_point, unit_vector
from index.engines.base import BM25Parameters
from index.engines.forward import ForwardIndex
from index.engines.pair import PASSAGE_PARAMETERS, SENTENCE_PARAMETERS, SENTENCES
from tests.index.qdrant_units import UnitsEngine, build_qdrant, drop_all, remove_units

CLOSE = 2e-6  # single precision, over some dozens of terms
SEEDS = Path("seeds")
SERVER = os.environ.get("JAWAB_TEST_QDRANT_URL")

Bags = dict[int, Sequence[str]]


def scores(
    bags: Bags,
    query: Mapping[str, float],
    parameters: BM25Parameters,
    mean: float,
    counted: Bags | None = None,
) -> dict[int, float]:
    """Return the scores by the formula written out; the idf may count other units."""
    counted = bags if counted is None else counted
    found: dict[int, float] = {}
    for unit, bag in bags.items():
        norm = parameters.k1 * (1 - parameters.b + parameters.b * len(bag) / mean)
        for term, weight in query.items():
            if f := bag.count(term):
                df = sum(term in other for other in counted.values())
                idf = math.log(1 + (len(counted) - df + 0.5) / (df + 0.5))
                gain = weight * idf * f * (parameters.k1 + 1) / (f + norm)
                found[unit] = found.get(unit, 0.0) + gain
    return found


def mean_of(bags: Bags) -> float:
    return sum(map(len, bags.values())) / len(bags)


def random_bags(seed: int, units: int) -> Bags:
    chosen = random.Random(seed)  # noqa: S311 - the same units each time
    return {
        3 * number + 1: [f"ك{int(chosen.expovariate(0.06))}" for _ in range(chosen.randint(0, 30))]
        for number in range(units)
    }


def random_query(seed: int) -> dict[str, float]:
    chosen = random.Random(-seed)  # noqa: S311 - the same query each time
    return {f"ك{chosen.randrange(60)}": chosen.choice([0.25, 1.0, 2.0]) for _ in range(12)}


@pytest.fixture(params=["memory", "server"])
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    if request.param == "memory":
        yield Cluster(MEMORY)
        return
    if SERVER is None:
        pytest.skip("JAWAB_TEST_QDRANT_URL is not set")
    given = Cluster(SERVER, prefix=f"test-{secrets.token_hex(4)}")
    yield given
    drop_all(given)


def assert_same(
    engine: UnitsEngine, query: Mapping[str, float], expected: dict[int, float]
) -> None:
    hits = engine.top_k(query, len(expected) + 5)
    assert {hit.unit: hit.score for hit in hits} == pytest.approx(expected, rel=CLOSE)
    assert hits == sorted(hits, key=lambda hit: (-hit.score, hit.unit))
    asked = [*expected, 10_000_000]
    [found] = engine.scores([query], asked)
    assert found == pytest.approx([*expected.values(), 0.0], rel=CLOSE)


@pytest.mark.parametrize("parameters", [SENTENCE_PARAMETERS, PASSAGE_PARAMETERS])
def test_scores_are_those_of_the_formula(cluster: Cluster, parameters: BM25Parameters) -> None:
    bags = random_bags(7, 120)
    engine = build_qdrant(bags.items(), parameters, cluster)
    try:
        for seed in range(8):
            query = random_query(seed)
            assert_same(engine, query, scores(bags, query, parameters, mean_of(bags)))
        words = [f"ك{number}" for number in range(70)]
        counts = [sum(word in bag for bag in bags.values()) for word in words]
        assert engine.document_frequencies(words) == counts
        assert engine.size == len(bags)
        assert engine.vocabulary_size == len({term for bag in bags.values() for term in bag})
    finally:
        engine.close()


def test_only_the_best_are_returned_and_ties_by_number(cluster: Cluster) -> None:
    bags: Bags = {number: ["a", "b"] for number in (9, 2, 5, 7)}
    bags[3] = ["a", "a"]
    engine = build_qdrant(bags.items(), SENTENCE_PARAMETERS, cluster)
    try:
        assert [hit.unit for hit in engine.top_k({"a": 1.0}, 10)] == [3, 2, 5, 7, 9]
        assert [hit.unit for hit in engine.top_k({"a": 1.0}, 1)] == [3]
        assert engine.top_k({"a": 1.0}, 0) == []
        assert engine.top_k({}, 5) == []
        assert engine.top_k({"c": 1.0}, 5) == []
        assert engine.scores([{"a": 1.0}, {}], []) == [[], []]
        assert engine.scores([{}, {"b": 1.0}], [3]) == [[0.0], [0.0]]
    finally:
        engine.close()


def test_removed_units_are_gone_and_the_mean_length_stays() -> None:
    bags = random_bags(11, 90)
    engine = build_qdrant(bags.items(), SENTENCE_PARAMETERS)
    mean = mean_of(bags)
    gone = list(bags)[::3]
    remove_units(engine, bags, gone)
    live = {unit: bag for unit, bag in bags.items() if unit not in gone}
    try:
        for seed in range(5):
            query = random_query(seed)
            assert_same(engine, query, scores(live, query, SENTENCE_PARAMETERS, mean))
            assert engine.scores([query], gone) == [[0.0] * len(gone)]
        assert engine.size == len(live)
    finally:
        engine.close()


def test_the_real_text_of_the_seeds(tmp_path: Path) -> None:
    index = Index.open(SEEDS, tmp_path)
    forward = ForwardIndex(index.connection, SENTENCES, SENTENCE_PARAMETERS)
    terms = {number: term for term, number, _ in forward.vocabulary()}
    bags: Bags = {unit: [terms[one] for one in row.tolist()] for unit, row in forward.rows()}
    index.close()
    engine = build_qdrant(bags.items(), SENTENCE_PARAMETERS)
    try:
        for bag in list(bags.values())[::4]:
            query = dict.fromkeys(bag[:20], 1.0) | dict.fromkeys(bag[20:40], 0.25)
            assert_same(engine, query, scores(bags, query, SENTENCE_PARAMETERS, mean_of(bags)))
    finally:
        engine.close()


def test_numbers_of_terms_stay_what_they_are() -> None:
    # What is in a cluster was written with these.
    assert term_id("كتب") == 3418412968
    assert term_point("كتب") % 2**32 == term_id("كتب")
    assert term_id("~كتب") != term_id("كتب")
    assert 0 <= term_id("\ud800") < 2**32


def test_terms_that_share_a_number_count_as_one() -> None:
    assert unit_vector(np.array([5, 5, 9], np.uint32), SENTENCE_PARAMETERS, 3.0)[0] == [5, 9]
    numbers, weights = query_vector({"a": 1.0, "b": 0.5})
    assert dict(zip(numbers, weights, strict=True)) == {term_id("a"): 1.0, term_id("b"): 0.5}


class TestRust:
    """Qdrant's own code, as it runs in the server, by the package qdrant-edge-py."""

    @pytest.fixture
    def edge(self) -> Any:
        return pytest.importorskip("qdrant_edge")

    def build(self, edge: Any, folder: Path, bags: Bags, parameters: BM25Parameters) -> Any:
        vectors = {"terms": edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)}
        shard = edge.EdgeShard.create(str(folder), edge.EdgeConfig(sparse_vectors=vectors))
        points = []
        for unit, bag in bags.items():
            ids = np.array([term_id(term) for term in bag], np.uint32)
            vector = edge.SparseVector(*unit_vector(ids, parameters, mean_of(bags)))
            points.append(edge.Point(unit, {"terms": vector}, {}))
        shard.update(edge.UpdateOperation.upsert_points(points))
        return shard

    def ask(self, edge: Any, shard: Any, query: Mapping[str, float], only: Any = None) -> Any:
        vector = edge.SparseVector(*query_vector(query))
        nearest = edge.Query.Nearest(vector, using="terms")
        points = shard.query(edge.QueryRequest(limit=5000, query=nearest, filter=only))
        return {point.id: point.score for point in points}

    @pytest.mark.parametrize("parameters", [SENTENCE_PARAMETERS, PASSAGE_PARAMETERS])
    def test_scores_are_those_of_the_formula(
        self, edge: Any, tmp_path: Path, parameters: BM25Parameters
    ) -> None:
        bags = random_bags(3, 300)
        shard = self.build(edge, tmp_path / "shard", bags, parameters)
        for seed in range(8):
            query = random_query(seed)
            expected = scores(bags, query, parameters, mean_of(bags))
            assert self.ask(edge, shard, query) == pytest.approx(expected, rel=CLOSE)
            some = edge.Filter(must=[edge.HasIdCondition(set(list(expected)[:20]))])
            part = dict(list(expected.items())[:20])
            assert self.ask(edge, shard, query, some) == pytest.approx(part, rel=CLOSE)
        shard.close()

    def test_removed_units_count_until_the_optimizer_comes(self, edge: Any, tmp_path: Path) -> None:
        bags = random_bags(5, 2000)
        shard = self.build(edge, tmp_path / "shard", bags, SENTENCE_PARAMETERS)
        gone = list(bags)[::2]
        shard.update(edge.UpdateOperation.delete_points(gone))
        live = {unit: bag for unit, bag in bags.items() if unit not in set(gone)}
        query, mean = random_query(1), mean_of(bags)
        before = scores(live, query, SENTENCE_PARAMETERS, mean, counted=bags)
        assert self.ask(edge, shard, query) == pytest.approx(before, rel=CLOSE)
        assert shard.optimize()
        after = scores(live, query, SENTENCE_PARAMETERS, mean)
        assert self.ask(edge, shard, query) == pytest.approx(after, rel=CLOSE)
        shard.close()
