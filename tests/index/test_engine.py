"""The contract of ``index.engines.base.Engine``, which every engine keeps."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index import DamagedIndexError, Index
from index.engines.base import BM25Parameters, Engine, Scored, lucene_idf
from index.engines.rank_bm25 import RankBM25Engine
from index.questions import read_question
from index.ranking import (
    PASSAGE_PARAMETERS,
    SENTENCE_PARAMETERS,
    make_query,
    passage_terms,
    sentence_terms,
)

ENGINES: list[type[Engine]] = [RankBM25Engine]
CLOSE = 1e-9
HEADER = 128  # bytes that say how to read the rest of a file

Units = Sequence[Sequence[str]]
Query = Mapping[str, float]


@pytest.fixture(params=ENGINES, ids=lambda engine: engine.__name__)
def engine(request: pytest.FixtureRequest) -> type[Engine]:
    kind: type[Engine] = request.param
    return kind


def scores(units: Units, query: Query, parameters: BM25Parameters) -> dict[int, float]:
    """Return the score of each unit that holds a term of ``query``, by the formula written out."""
    mean = sum(len(unit) for unit in units) / max(len(units), 1)
    found: dict[int, float] = {}
    for number, unit in enumerate(units):
        length = 1 - parameters.b + parameters.b * len(unit) / (mean or 1)
        for term, weight in query.items():
            if term not in unit:
                continue
            df = sum(term in other for other in units)
            idf = math.log(1 + (len(units) - df + 0.5) / (df + 0.5))
            f = unit.count(term)
            gain = f * (parameters.k1 + 1) / (f + parameters.k1 * length)
            found[number] = found.get(number, 0.0) + weight * idf * gain
    return found


def assert_ranked(hits: Sequence[Scored], expected: Mapping[int, float], k: int) -> None:
    """Check that ``hits`` are the best ``k`` of ``expected``, best first."""
    assert len(hits) == min(k, len(expected))
    assert len({hit.unit for hit in hits}) == len(hits)
    for hit in hits:
        assert hit.score == pytest.approx(expected[hit.unit], rel=CLOSE)
    best = sorted(expected.values(), reverse=True)[:k]
    assert [hit.score for hit in hits] == pytest.approx(best, rel=CLOSE)
    assert [(-hit.score, hit.unit) for hit in hits] == sorted(
        (-hit.score, hit.unit) for hit in hits
    )


TERMS = st.sampled_from("قمه موسكو بوتين روسي معاهد ~_قمه ~موسك نوفمبر".split())
UNITS = st.lists(st.lists(TERMS, max_size=12), max_size=12)
QUERIES = st.dictionaries(TERMS, st.sampled_from([0.25, 0.5, 1.0, 2.0]), max_size=6)
PARAMETERS = st.builds(
    BM25Parameters, st.sampled_from([0.9, 1.2, 2.0]), st.sampled_from([0, 0.4, 1])
)


class TestRanking:
    @pytest.mark.parametrize("engine", ENGINES)
    @settings(deadline=None, max_examples=150)
    @example(units=[[], ["قمه"]], query={"قمه": 1.0}, parameters=SENTENCE_PARAMETERS, k=1)
    @given(units=UNITS, query=QUERIES, parameters=PARAMETERS, k=st.integers(0, 15))
    def test_random_lists_are_ranked_by_the_formula(
        self, engine: type[Engine], units: Units, query: Query, parameters: BM25Parameters, k: int
    ) -> None:
        built = engine.build(units, parameters)

        assert_ranked(built.top_k(query, k), scores(units, query, parameters), k)
        built.close()

    @pytest.mark.parametrize(
        ("parameters", "passages"), [(SENTENCE_PARAMETERS, False), (PASSAGE_PARAMETERS, True)]
    )
    def test_the_seeds_are_ranked_by_the_formula(
        self,
        engine: type[Engine],
        parameters: BM25Parameters,
        passages: bool,  # noqa: FBT001 - a parameter of the test
        seeds_index: Index,
        seeds_gold: Path,
    ) -> None:
        units = list(sentence_terms(seeds_index.collection))
        if passages:
            units = passage_terms(seeds_index.collection, units)
        built = engine.build(units, parameters)
        questions = [json.loads(row)["question"] for row in seeds_gold.read_text().splitlines()]

        for question in questions[::3]:
            query = make_query(read_question(question), ()).terms
            assert_ranked(built.top_k(query, 10), scores(units, query, parameters), 10)
        built.close()


@pytest.fixture
def build(engine: type[Engine]) -> Callable[..., Engine]:
    def build(*units: str, k1: float = 0.9, b: float = 0.4) -> Engine:
        return engine.build([unit.split() for unit in units], BM25Parameters(k1, b))

    return build


Build = Callable[..., Engine]


class TestQuery:
    def test_an_unknown_term_finds_nothing(self, build: Build) -> None:
        assert build("قمه موسكو", "بوتين").top_k({"كبسه": 1.0}, 5) == []

    def test_an_unknown_term_beside_a_known_one_changes_nothing(self, build: Build) -> None:
        built = build("قمه موسكو", "بوتين")

        assert built.top_k({"كبسه": 1.0, "قمه": 1.0}, 5) == built.top_k({"قمه": 1.0}, 5)

    def test_an_empty_query_finds_nothing(self, build: Build) -> None:
        assert build("قمه موسكو", "بوتين").top_k({}, 5) == []

    def test_only_units_that_hold_a_term_are_found(self, build: Build) -> None:
        built = build("قمه موسكو", "بوتين", "موسكو")

        assert {hit.unit for hit in built.top_k({"موسكو": 1.0}, 10)} == {0, 2}

    def test_k_cuts_the_ranking(self, build: Build) -> None:
        built = build("قمه", "قمه قمه", "قمه موسكو", "بوتين")
        every = built.top_k({"قمه": 1.0}, 100)

        assert len(every) == 3
        for k in range(5):
            assert built.top_k({"قمه": 1.0}, k) == every[:k]

    def test_a_repeated_term_counts_more_but_ever_less(self, build: Build) -> None:
        # b = 0 takes the lengths out.
        built = build("قمه", "قمه قمه", "قمه قمه قمه", b=0.0)

        third, second, first = (hit.score for hit in built.top_k({"قمه": 1.0}, 3))

        assert third > second > first
        assert second - first > third - second

    def test_a_longer_unit_counts_less(self, build: Build) -> None:
        built = build("قمه في موسكو", "قمه", "قمه موسكو")

        assert [hit.unit for hit in built.top_k({"قمه": 1.0}, 3)] == [1, 2, 0]

    def test_equal_scores_come_by_position(self, build: Build) -> None:
        built = build("بوتين", *["قمه موسكو", "موسكو قمه"] * 20)

        hits = built.top_k({"موسكو": 1.0, "قمه": 0.25}, 30)

        assert len({hit.score for hit in hits}) == 1
        assert [hit.unit for hit in hits] == list(range(1, 31))

    def test_a_term_of_most_units_still_counts(self, build: Build) -> None:
        built = build("قمه موسكو", "قمه", "قمه بوتين", "قمه روسي")

        hits = built.top_k({"قمه": 1.0}, 10)

        assert [hit.unit for hit in hits] == [1, 0, 2, 3]
        assert all(hit.score > 0 for hit in hits)

    def test_a_rare_term_counts_more_than_a_common_one(self, build: Build) -> None:
        built = build("قمه روسي", "قمه موسكو", "قمه بوتين")

        assert built.top_k({"قمه": 1.0, "بوتين": 1.0}, 1)[0].unit == 2

    def test_weights_weigh(self, build: Build) -> None:
        built = build("قمه", "موسكو")

        (one,) = built.top_k({"قمه": 1.0}, 5)
        (four,) = built.top_k({"قمه": 4.0}, 5)

        assert four.score == pytest.approx(4 * one.score, rel=CLOSE)
        assert [hit.unit for hit in built.top_k({"قمه": 0.25, "موسكو": 1.0}, 2)] == [1, 0]


class TestCounts:
    def test_document_frequency_counts_units_not_occurrences(self, build: Build) -> None:
        built = build("قمه قمه موسكو", "بوتين", "قمه")

        assert built.document_frequency("قمه") == 2
        assert built.document_frequency("بوتين") == 1
        assert built.document_frequency("كبسه") == 0

    def test_sizes(self, build: Build) -> None:
        built = build("قمه قمه موسكو", "", "بوتين قمه")

        assert built.size == 3
        assert built.vocabulary_size == 3

    def test_units_may_come_one_by_one(self, engine: type[Engine]) -> None:
        built = engine.build(iter([["قمه"], ["موسكو"]]), SENTENCE_PARAMETERS)

        assert built.size == 2

    def test_nothing_at_all(self, engine: type[Engine], tmp_path: Path) -> None:
        built = engine.build([], SENTENCE_PARAMETERS)

        assert (built.size, built.vocabulary_size) == (0, 0)
        assert built.top_k({"قمه": 1.0}, 5) == []
        built.save(tmp_path)
        assert engine.open(tmp_path, SENTENCE_PARAMETERS).top_k({"قمه": 1.0}, 5) == []

    def test_units_without_terms(self, build: Build) -> None:
        built = build("", "")

        assert built.size == 2
        assert built.top_k({"قمه": 1.0}, 5) == []


@pytest.fixture
def saved(engine: type[Engine], tmp_path: Path, seeds_index: Index) -> Path:
    folder = tmp_path / "saved"
    folder.mkdir()
    engine.build(list(sentence_terms(seeds_index.collection)), SENTENCE_PARAMETERS).save(folder)
    return folder


class TestFiles:
    def test_what_is_opened_is_what_was_saved(
        self, engine: type[Engine], tmp_path: Path, seeds_index: Index
    ) -> None:
        units = list(sentence_terms(seeds_index.collection))
        built = engine.build(units, SENTENCE_PARAMETERS)
        built.save(tmp_path)

        opened = engine.open(tmp_path, SENTENCE_PARAMETERS)

        assert (opened.size, opened.vocabulary_size) == (built.size, built.vocabulary_size)
        for term in {term for unit in units for term in unit}:
            assert opened.document_frequency(term) == built.document_frequency(term)
        for question in ("متى القمة المقبلة؟", "ما موقف أرمينيا؟", "كيف الطقس؟"):
            query = make_query(read_question(question), ()).terms
            assert opened.top_k(query, 50) == built.top_k(query, 50)

    def test_any_term_is_saved(self, engine: type[Engine], tmp_path: Path) -> None:
        odd = ["", " ", '"', "\\", "\n", "😀", "\u200f", "~", "\ud800", "a\0b"]
        engine.build([[term] for term in odd], SENTENCE_PARAMETERS).save(tmp_path)

        opened = engine.open(tmp_path, SENTENCE_PARAMETERS)

        for number, term in enumerate(odd):
            assert [hit.unit for hit in opened.top_k({term: 1.0}, 5)] == [number]

    def test_a_saved_index_can_be_opened_twice(self, engine: type[Engine], saved: Path) -> None:
        one, other = (engine.open(saved, SENTENCE_PARAMETERS) for _ in range(2))
        query = make_query(read_question("القمة المقبلة"), ()).terms
        hits = one.top_k(query, 5)
        one.close()

        assert hits
        assert other.top_k(query, 5) == hits
        other.close()

    def test_an_empty_folder_is_no_index(self, engine: type[Engine], tmp_path: Path) -> None:
        with pytest.raises(DamagedIndexError):
            engine.open(tmp_path, SENTENCE_PARAMETERS)

    def test_a_missing_folder_is_no_index(self, engine: type[Engine], tmp_path: Path) -> None:
        with pytest.raises(DamagedIndexError):
            engine.open(tmp_path / "missing", SENTENCE_PARAMETERS)

    @pytest.mark.parametrize(
        "damage",
        [
            lambda path: path.unlink(),
            lambda path: path.write_bytes(b""),
            lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
            lambda path: path.write_bytes(path.read_bytes()[:-1]),
            lambda path: path.write_bytes(b"\0garbage\xff" * 50),
            lambda path: path.write_bytes(b"{}"),
            lambda path: (path.unlink(), path.mkdir()),
        ],
        ids=["missing", "empty", "half", "a byte short", "garbage", "other", "a folder"],
    )
    def test_damage_to_any_file_is_noticed(
        self, engine: type[Engine], saved: Path, damage: Callable[[Path], object]
    ) -> None:
        files = sorted(path for path in saved.rglob("*") if path.is_file())
        assert files
        for path in files:
            kept = path.read_bytes()
            damage(path)

            with pytest.raises(DamagedIndexError):
                engine.open(saved, SENTENCE_PARAMETERS)

            if path.is_dir():
                path.rmdir()
            path.write_bytes(kept)
        engine.open(saved, SENTENCE_PARAMETERS).close()

    def test_a_flipped_bit_gives_no_other_error(self, engine: type[Engine], tmp_path: Path) -> None:
        # An engine need not notice every flipped bit, since the store seals its files; but what
        # it does notice is damage.
        engine.build([["قمه", "موسكو"], ["قمه"]], SENTENCE_PARAMETERS).save(tmp_path)
        other: Counter[str] = Counter()
        for path in sorted(path for path in tmp_path.rglob("*") if path.is_file()):
            kept = path.read_bytes()
            for place in range(min(len(kept), HEADER)):
                path.write_bytes(kept[:place] + bytes([kept[place] ^ 1]) + kept[place + 1 :])
                try:
                    engine.open(tmp_path, SENTENCE_PARAMETERS).close()
                except DamagedIndexError:
                    continue
                except Exception as error:  # noqa: BLE001 - that is what is looked for
                    other[type(error).__name__] += 1
            path.write_bytes(kept)
        assert other == Counter()


class TestIdf:
    def test_it_falls_as_a_term_becomes_common_but_stays_positive(self) -> None:
        values = [lucene_idf(100, df) for df in range(101)]

        assert values == sorted(values, reverse=True)
        assert values[-1] > 0

    def test_by_hand(self) -> None:
        # Two of three: ln(1 + 1.5 / 2.5)
        assert lucene_idf(3, 2) == pytest.approx(math.log(1.6))
