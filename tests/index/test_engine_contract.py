"""The contract of ``index.engines.base``, which every engine keeps."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from index import Index
from index.arabic import terms as terms_of
from index.engines.base import BM25Parameters, Engine, Scored, lucene_idf
from index.engines.pair import PASSAGE_PARAMETERS, SENTENCE_PARAMETERS
from index.questions import read_question
from index.ranking import make_query, sentence_terms
from tests.index.engine_indexes import ENGINE_INDEXES, EngineIndex, Step, Units
from tests.index.helpers import passages_of, sentences_of

Query = Mapping[str, float]
Making = Callable[[Path, BM25Parameters], EngineIndex]
Build = Callable[..., EngineIndex]

ODD = ["😀", "\u200f", "ß", "日本語", "a\u0301", '"', "\\", "~", "a\0b", "AND", "(", "*", "term:"]

few = settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(params=ENGINE_INDEXES, ids=lambda making: making.__name__)
def making(request: pytest.FixtureRequest) -> Making:
    kind: Making = request.param
    return kind


@pytest.fixture
def build(making: Making, tmp_path: Path) -> Build:
    """Return a function that builds an index of units, written as terms with spaces between."""
    numbers = count()

    def build(*units: str, k1: float = 0.9, b: float = 0.4) -> EngineIndex:
        index = making(tmp_path / f"index-{next(numbers)}", BM25Parameters(k1, b))
        index.change({number: unit.split() for number, unit in enumerate(units)})
        return index

    return build


def formula(units: Units, query: Query, parameters: BM25Parameters) -> dict[int, float]:
    """Return the score of each unit that holds a term of ``query``, by the formula written out."""
    mean = sum(map(len, units.values())) / max(len(units), 1) or 1
    counts = {number: Counter(unit) for number, unit in units.items()}
    found: dict[int, float] = {}
    for term, weight in query.items():
        df = sum(term in held for held in counts.values())
        idf = math.log(1 + (len(units) - df + 0.5) / (df + 0.5))
        for number, held in counts.items():
            if f := held[term]:
                length = 1 - parameters.b + parameters.b * len(units[number]) / mean
                gain = f * (parameters.k1 + 1) / (f + parameters.k1 * length)
                found[number] = found.get(number, 0.0) + weight * idf * gain
    return found


def assert_ranked(
    hits: Sequence[Scored], expected: Mapping[int, float], k: int, relative: float
) -> None:
    """Check that ``hits`` are the best ``k`` of ``expected``, best first, equal ones by number."""
    assert len({hit.unit for hit in hits}) == len(hits) == min(k, len(expected))
    for hit in hits:
        assert hit.score == pytest.approx(expected[hit.unit], rel=relative)
    best = sorted(expected.values(), reverse=True)[:k]
    assert [hit.score for hit in hits] == pytest.approx(best, rel=relative)
    assert hits == sorted(hits, key=lambda hit: (-hit.score, hit.unit))


def assert_holds(
    index: EngineIndex, units: Units, queries: Sequence[Query], parameters: BM25Parameters
) -> None:
    """Check that an index, opened, is one of these units and of no others."""
    with opened(index) as engine:
        held = {term for unit in units.values() for term in unit}
        asked = [*sorted(held), "none", "\udc80"]
        frequencies = [sum(term in unit for unit in units.values()) for term in asked]
        assert (engine.size, engine.vocabulary_size) == (len(units), len(held))
        assert engine.document_frequencies(asked) == frequencies
        asked_units = [*reversed(list(units)), max(units, default=0) + 1]
        table = engine.scores(queries, asked_units)
        assert [len(row) for row in table] == [len(asked_units)] * len(queries)
        for query, row in zip(queries, table, strict=True):
            expected = formula(units, query, parameters)
            wanted = [expected.get(number, 0.0) for number in asked_units]
            assert row == pytest.approx(wanted, rel=index.relative)
            for k in (1, 3, 100):
                assert_ranked(engine.top_k(query, k), expected, k, index.relative)


@contextmanager
def opened(index: EngineIndex) -> Iterator[Engine]:
    engine = index.open()
    yield engine
    engine.close()


def top(index: EngineIndex, query: Query, k: int) -> list[Scored]:
    with opened(index) as engine:
        return engine.top_k(query, k)


def numbers(hits: Sequence[Scored]) -> list[int]:
    return [hit.unit for hit in hits]


TERMS = st.sampled_from([*"قمه موسكو بوتين روسي معاهد ~_قمه ~موسك نوفمبر".split(), *ODD[:6]])
BAGS = st.lists(TERMS, max_size=12)
QUERIES = st.dictionaries(TERMS, st.sampled_from([0.25, 0.5, 1.0, 2.0]), max_size=6)
PARAMETERS = st.builds(
    BM25Parameters, st.sampled_from([0.9, 1.2, 2.0]), st.sampled_from([0.0, 0.4, 1.0])
)
CHANGES = st.lists(
    st.tuples(
        st.lists(st.tuples(st.integers(0, 3), BAGS), max_size=6),
        st.sets(st.integers(0, 20)),
        st.sampled_from([*Step, Step.FINISHED, Step.FINISHED]),
    ),
    min_size=1,
    max_size=4,
)


class TestRanking:
    @pytest.mark.parametrize("making", ENGINE_INDEXES)
    @few
    @example(
        changes=[([(0, []), (2, ["قمه"])], set(), Step.FINISHED)],
        queries=[{"قمه": 1.0}, {}],
        parameters=BM25Parameters(0.9, 1.0),
    )
    @given(
        changes=CHANGES, queries=st.lists(QUERIES, min_size=1, max_size=4), parameters=PARAMETERS
    )
    def test_after_any_changes_units_are_ranked_by_the_formula(
        self,
        making: Making,
        changes: list[tuple[list[tuple[int, list[str]]], set[int], Step]],
        queries: list[Query],
        parameters: BM25Parameters,
    ) -> None:
        with TemporaryDirectory() as folder:
            index = making(Path(folder), parameters)
            units: dict[int, list[str]] = {}
            free = 0
            for bags, places, until in changes:
                added = {}
                last = free - 1
                for gap, bag in bags:
                    last += 1 + gap
                    added[last] = bag
                removed = [number for n, number in enumerate(units) if n in places]

                index.change(added, removed, until)

                if until >= Step.COMMITTED:
                    units = {n: bag for n, bag in units.items() if n not in removed} | added
                    free = last + 1
                assert_holds(index, units, queries, parameters)

    @pytest.mark.parametrize("parameters", [SENTENCE_PARAMETERS, PASSAGE_PARAMETERS])
    def test_the_seeds_are_ranked_by_the_formula(
        self,
        making: Making,
        parameters: BM25Parameters,
        seeds_index: Index,
        seeds_gold: Path,
        tmp_path: Path,
    ) -> None:
        if parameters is PASSAGE_PARAMETERS:
            bags = [terms_of(passage.text) for passage in passages_of(seeds_index.collection)]
        else:
            bags = [sentence_terms(one) for one in sentences_of(seeds_index.collection)]
        units = {10 + 3 * number: bag for number, bag in enumerate(bags)}
        index = making(tmp_path / "index", parameters)
        index.change(units)
        rows = seeds_gold.read_text("utf-8").splitlines()[::3]
        questions = [read_question(json.loads(row)["question"]) for row in rows]

        assert_holds(index, units, [make_query(one, ()).terms for one in questions], parameters)


class TestQuery:
    @pytest.mark.parametrize("term", ["كبسه", "\ud800", "a\udfffb", "ب" * 100_000, "", " ", "\0"])
    def test_an_unknown_term_finds_nothing_and_changes_nothing(
        self, build: Build, term: str
    ) -> None:
        index = build("قمه موسكو", "بوتين")

        assert top(index, {term: 1.0}, 5) == []
        assert top(index, {term: 1.0, "قمه": 1.0}, 5) == top(index, {"قمه": 1.0}, 5) != []
        with opened(index) as engine:
            assert engine.document_frequencies([term, "قمه"]) == [0, 1]
            assert engine.scores([{term: 1.0}], [0, 1]) == [[0.0, 0.0]]

    def test_an_empty_query_finds_nothing(self, build: Build) -> None:
        with opened(build("قمه موسكو", "بوتين")) as engine:
            assert engine.top_k({}, 5) == []
            assert engine.scores([{}], [0, 1]) == [[0.0, 0.0]]
            assert engine.scores([], [0, 1]) == []
            assert engine.scores([{"قمه": 1.0}], []) == [[]]
            assert engine.document_frequencies([]) == []

    def test_only_units_that_hold_a_term_are_found(self, build: Build) -> None:
        index = build("قمه موسكو", "بوتين", "موسكو")

        assert set(numbers(top(index, {"موسكو": 1.0}, 10))) == {0, 2}

    def test_k_cuts_the_ranking(self, build: Build) -> None:
        with opened(build("قمه", "قمه قمه", "قمه موسكو", "بوتين")) as engine:
            every = engine.top_k({"قمه": 1.0}, 100)

            assert len(every) == 3
            for k in range(5):
                assert engine.top_k({"قمه": 1.0}, k) == every[:k]

    def test_a_repeated_term_counts_more_but_ever_less(self, build: Build) -> None:
        # b = 0 takes the lengths out.
        index = build("قمه", "قمه قمه", "قمه قمه قمه", b=0.0)

        third, second, first = (hit.score for hit in top(index, {"قمه": 1.0}, 3))

        assert third > second > first
        assert second - first > third - second

    def test_a_longer_unit_counts_less(self, build: Build) -> None:
        index = build("قمه في موسكو", "قمه", "قمه موسكو")

        assert numbers(top(index, {"قمه": 1.0}, 3)) == [1, 2, 0]

    def test_equal_scores_come_by_number(self, build: Build) -> None:
        index = build("بوتين", *["قمه موسكو", "موسكو قمه"] * 20)

        hits = top(index, {"موسكو": 1.0, "قمه": 0.25}, 30)

        assert len({hit.score for hit in hits}) == 1
        assert numbers(hits) == list(range(1, 31))

    def test_a_term_of_most_units_still_counts(self, build: Build) -> None:
        hits = top(build("قمه موسكو", "قمه", "قمه بوتين", "قمه روسي"), {"قمه": 1.0}, 10)

        assert numbers(hits) == [1, 0, 2, 3]
        assert all(hit.score > 0 for hit in hits)

    def test_a_rare_term_counts_more_than_a_common_one(self, build: Build) -> None:
        index = build("قمه روسي", "قمه موسكو", "قمه بوتين")

        assert numbers(top(index, {"قمه": 1.0, "بوتين": 1.0}, 1)) == [2]

    def test_weights_weigh(self, build: Build) -> None:
        index = build("قمه", "موسكو")

        (one,) = top(index, {"قمه": 1.0}, 5)
        (four,) = top(index, {"قمه": 4.0}, 5)

        assert four.score == pytest.approx(4 * one.score, rel=index.relative)
        assert numbers(top(index, {"قمه": 0.25, "موسكو": 1.0}, 2)) == [1, 0]

    def test_any_term_is_found_again(self, build: Build) -> None:
        odd = [*ODD, "طويل" * 1200]
        index = build(*odd)

        for number, term in enumerate(odd):
            assert numbers(top(index, {term: 1.0}, 5)) == [number], term

    def test_the_best_are_found_among_many(self, build: Build) -> None:
        # Many more hold the term than an engine may look at.
        units = [f"قمه {'موسكو ' * (number % 40)}" for number in range(900)]
        units[777] = "قمه قمه"
        index = build(*units)

        assert numbers(top(index, {"قمه": 1.0}, 1)) == [777]
        assert len(top(index, {"قمه": 1.0}, 450)) == 450
        assert len(top(index, {"قمه": 1.0}, 5000)) == 900


class TestCounts:
    def test_document_frequency_counts_units_not_occurrences(self, build: Build) -> None:
        with opened(build("قمه قمه موسكو", "بوتين", "قمه")) as engine:
            assert engine.document_frequencies(["قمه", "كبسه", "بوتين", "قمه"]) == [2, 0, 1, 2]

    def test_units_that_are_not_there_score_nothing(self, build: Build) -> None:
        for b in (0.0, 0.4, 1.0):
            with opened(build("قمه", "", "بوتين قمه", b=b)) as engine:
                [row] = engine.scores([{"قمه": 1.0}], [5, 0, 1, 0, -1, 1_000_000])

                assert row[0] == row[2] == row[4] == row[5] == 0.0
                assert row[1] == row[3] > 0

    @pytest.mark.parametrize("units", [[], [""], ["", ""]])
    def test_nothing_at_all(self, build: Build, units: list[str]) -> None:
        with opened(build(*units)) as engine:
            assert (engine.size, engine.vocabulary_size) == (len(units), 0)
            assert engine.top_k({"قمه": 1.0}, 5) == []
            assert engine.scores([{"قمه": 1.0}], [0]) == [[0.0]]
            assert engine.document_frequencies(["قمه"]) == [0]


QUERY = {"قمه": 1.0, "موسكو": 0.25}


class TestChanges:
    def test_a_unit_that_was_added_and_removed_in_one_change_leaves_nothing(
        self, making: Making, tmp_path: Path
    ) -> None:
        index = making(tmp_path / "index", SENTENCE_PARAMETERS)
        index.change({0: ["قمه"], 1: ["موسكو", "قمه"]}, [1])

        assert_holds(index, {0: ["قمه"]}, [QUERY], SENTENCE_PARAMETERS)

    def test_removing_what_is_not_there_changes_nothing(self, build: Build) -> None:
        index = build("قمه", "موسكو")
        index.change({}, [7, 1])
        index.change({}, [1])

        assert_holds(index, {0: ["قمه"]}, [QUERY], BM25Parameters(0.9, 0.4))

    def test_everything_is_removed_and_something_added(self, build: Build) -> None:
        index = build("قمه", "موسكو قمه")
        index.change({}, [0, 1])
        assert_holds(index, {}, [QUERY], BM25Parameters(0.9, 0.4))

        index.change({7: ["قمه"]})

        assert_holds(index, {7: ["قمه"]}, [QUERY], BM25Parameters(0.9, 0.4))

    def test_removed_units_do_not_hide_others(self, build: Build) -> None:
        index = build(*["قمه"] * 600, *["قمه موسكو"] * 5)
        index.change({}, range(600), Step.COMMITTED)

        assert numbers(top(index, {"قمه": 1.0}, 10)) == list(range(600, 605))

    def test_a_reader_sees_what_was_there_when_it_was_opened(self, build: Build) -> None:
        index = build("قمه", "موسكو قمه", "بوتين")
        old = index.open()
        before = (old.top_k(QUERY, 5), old.size, old.document_frequencies(list(QUERY)))

        index.change({3: ["قمه"]}, [0])

        with opened(index) as new:
            assert numbers(new.top_k(QUERY, 5)) == [1, 3]
            assert (old.top_k(QUERY, 5), old.size, old.document_frequencies(list(QUERY))) == before
            assert old.scores([QUERY], [3])[0] == [0.0]
        assert (old.top_k({"بوتين": 1.0}, 5), old.vocabulary_size) != ([], 0)
        old.close()

    def test_a_reader_opened_amid_a_change_sees_before_or_after(self, build: Build) -> None:
        for until, expected in (
            (Step.ADDED, [0, 1]),
            (Step.PREPARED, [0, 1]),
            (Step.COMMITTED, [1, 2]),
        ):
            index = build("قمه", "موسكو قمه", "بوتين")
            index.change({3: ["قمه"], 4: ["بوتين"]}, [0], until)

            assert sorted(numbers(top(index, QUERY, 5))) == (
                [1, 3] if until == Step.COMMITTED else expected
            )

    def test_numbers_of_a_change_that_was_broken_off_are_given_again(self, build: Build) -> None:
        index = build("قمه", "بوتين")
        index.change({2: ["موسكو"] * 3, 3: ["قمه", "موسكو"]}, [0], Step.PREPARED)
        index.change({2: ["قمه"]}, [1])

        units = {0: ["قمه"], 2: ["قمه"]}
        assert_holds(index, units, [QUERY, {"موسكو": 1.0}], BM25Parameters(0.9, 0.4))

    def test_opened_again_after_it_was_closed(self, build: Build) -> None:
        index = build("قمه", "موسكو قمه", "بوتين")
        one, other = index.open(), index.open()
        hits = one.top_k(QUERY, 5)
        one.close()

        assert other.top_k(QUERY, 5) == hits == top(index, QUERY, 5)
        other.close()


class TestIdf:
    def test_it_falls_as_a_term_becomes_common_but_stays_positive(self) -> None:
        values = [lucene_idf(100, df) for df in range(101)]

        assert values == sorted(values, reverse=True)
        assert values[-1] > 0

    def test_by_hand(self) -> None:
        # Two of three: ln(1 + 1.5 / 2.5)
        assert lucene_idf(3, 2) == pytest.approx(math.log(1.6))
