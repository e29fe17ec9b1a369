"""Engine scores of sentences and passages to ranked sentences."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from index.arabic import grams, stem, terms
from index.collection import Collection
from index.engines.pair import (
    PASSAGE_CANDIDATES,
    RANK_BM25,
    SENTENCE_CANDIDATES,
    TANTIVY,
    Engines,
)
from index.evaluation.systems import make_engines
from index.evidence import FEATURES
from index.lexicon import Lexicon
from index.questions import read_question
from index.ranking import (
    GRAM_WEIGHT,
    STEM_WEIGHT,
    Ranked,
    Ranker,
    make_query,
    sentence_terms,
)
from tests.index.helpers import collection_of, passages_of, sentences_of

Making = Callable[[Collection], Engines]
Rank = Callable[[Collection, str], list[Ranked]]

TEXT = (
    "التاريخ : 27/11/2025\n"
    "عقد بوتين مؤتمرا صحافيا في بيشكيك. وأضاف أن القمة المقبلة ستعقد في نوفمبر.\n"
    "وأشار الوزير إلى ارتفاع أسعار النفط. وانخفضت أسعار الذهب.\n"
)


class TestTerms:
    def test_the_label_of_a_sentence_is_indexed_with_it(self) -> None:
        collection = collection_of(TEXT)

        date, first, *_ = map(sentence_terms, sentences_of(collection))

        assert set(terms("27/11/2025")) <= set(date)
        assert set(terms("تاريخ الخبر")) <= set(date)
        assert first == terms("عقد بوتين مؤتمرا صحافيا في بيشكيك.")

    def test_a_passage_has_the_terms_of_its_sentences_but_not_of_a_labelled_one(self) -> None:
        collection = collection_of(TEXT)

        engines = make_engines(collection)

        for number, passage in enumerate(passages_of(collection)):
            bag = dict.fromkeys(terms(passage.text), 1.0)
            assert [hit.unit for hit in engines.passages.top_k(bag, 1)] == [number]
        held = set().union(*(terms(passage.text) for passage in passages_of(collection)))
        assert engines.passages.vocabulary_size == len(held)
        assert engines.passages.document_frequencies(["27"]) == [0]


def query_of(text: str) -> dict[str, float]:
    return make_query(read_question(text), ()).terms


class TestQuery:
    def test_a_stem_counts_one_and_a_gram_a_quarter(self) -> None:
        query = query_of("القمه")

        assert query == {
            stem("القمه"): STEM_WEIGHT,
            **dict.fromkeys(grams("القمه"), GRAM_WEIGHT),
        }
        assert (STEM_WEIGHT, GRAM_WEIGHT) == (1.0, 0.25)

    def test_a_repeated_word_counts_twice(self) -> None:
        once, twice = query_of("بوتين"), query_of("بوتين بوتين")

        assert twice == {term: 2 * weight for term, weight in once.items()}

    def test_nothing(self) -> None:
        assert query_of("") == {}

    def test_a_synonym_counts_less_than_what_was_typed(self) -> None:
        question = read_question("متى القمة الجاية؟")
        expansions = Lexicon.load().expand(question.words)

        query = make_query(question, expansions)

        assert any("مقبل" in stem for stem in query.stems)
        typed = {stem(word) for word in question.words}
        assert all(
            weight < STEM_WEIGHT for term, weight in query.stems.items() if term not in typed
        )


@pytest.fixture(params=[RANK_BM25, TANTIVY])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def engines(engine: str) -> Making:
    return lambda collection: make_engines(collection, engine=engine)


@pytest.fixture
def rank(engines: Making) -> Rank:
    def rank(collection: Collection, question: str) -> list[Ranked]:
        ranker = Ranker(collection, engines(collection), Lexicon.load())
        return ranker.rank(read_question(question))

    return rank


class TestRanker:
    def test_a_score_is_the_sum_of_the_features_times_their_weights(
        self, engines: Making, rank: Rank
    ) -> None:
        collection = collection_of(TEXT)
        passages = engines(collection).passages
        query = make_query(read_question("أين القمة المقبلة؟"), ())

        ranked = rank(collection, "أين القمة المقبلة؟")

        assert ranked[0].sentence.text == "وأضاف أن القمة المقبلة ستعقد في نوفمبر."
        weights = {feature.name: feature.weight for feature in FEATURES}
        for hit in ranked:
            assert hit.features.keys() == weights.keys()
            total = sum(weights[name] * value for name, value in hit.features.items())
            assert hit.score == pytest.approx(total)
            [[own]] = passages.scores([query.stems], [hit.sentence.passage])
            assert hit.features["passage_stems"] >= own
            assert [hit.sentence] == collection.sentences([hit.number])
        assert ranked[0].features["coverage"] == 1.0
        assert ranked[0].shares == (1.0, 1.0)

    def test_a_date_is_evidence_for_when_and_a_number_for_how_many(self, rank: Rank) -> None:
        collection = collection_of(
            "افتتحت المكتبة في مارس 2024.\n\nافتتحت المكتبة بعد جهد.\n\nفي المكتبة 12 قاعة.\n"
            "\nفي المكتبة قاعات.\n"
        )

        when, how_many = (
            rank(collection, question)
            for question in ("متى افتتحت المكتبة؟", "كم قاعة في المكتبة؟")
        )

        assert (when[0].number, how_many[0].number) == (0, 2)
        assert when[0].features["date"] == 1.0
        assert how_many[0].features["number"] == 1.0

    def test_a_sentence_is_helped_by_its_neighbour(self, rank: Rank) -> None:
        collection = collection_of(
            "عقد بوتين مؤتمرا صحافيا. وأضاف أن المحادثات مستمرة.\n"
            "عقد الوزير اجتماعا طويلا. وأضاف أن المحادثات مستمرة.\n"
        )

        ranked = rank(collection, "ماذا أضاف بوتين عن المحادثات؟")

        scores = {hit.number: hit.score for hit in ranked}
        same = [
            number
            for number, sentence in enumerate(sentences_of(collection))
            if sentence.text == "وأضاف أن المحادثات مستمرة."
        ]
        assert same == [1, 3]
        assert scores[1] > scores[3] > 0

    def test_a_sentence_without_a_common_term_is_a_candidate_by_its_passage(
        self, rank: Rank
    ) -> None:
        collection = collection_of("عقد بوتين مؤتمرا. ثم رحل.\nقال الوزير شيئا. وسكت.\n")

        ranked = rank(collection, "بوتين")

        assert [hit.number for hit in ranked] == [0, 1]

    def test_ranked_best_first_and_equal_ones_in_order(self, rank: Rank) -> None:
        twice = "عقد بوتين مؤتمرا في بيشكيك. ثم رحل الوفد.\n"
        collection = collection_of(f"{twice}قال الوزير شيئا. وسكت.\n{twice}")

        ranked = rank(collection, "أين عقد بوتين المؤتمر؟")

        assert [hit.number for hit in ranked[:2]] == [0, 4]
        assert ranked[0].score == ranked[1].score
        assert [(-hit.score, hit.number) for hit in ranked] == sorted(
            (-hit.score, hit.number) for hit in ranked
        )

    def test_candidates_are_the_best_sentences_and_those_of_the_best_passages(
        self, engines: Making, rank: Rank
    ) -> None:
        # 60 passages of two sentences; the first of each names the summit, and is the longer the
        # further down it stands.
        collection = collection_of(
            "\n".join(f"القمة {'كلمة ' * number}مهمة. ثم رحل الوفد." for number in range(60))
        )
        opened = engines(collection)
        query = query_of("القمة")
        own = [hit.unit for hit in opened.sentences.top_k(query, SENTENCE_CANDIDATES)]
        around = [hit.unit for hit in opened.passages.top_k(query, PASSAGE_CANDIDATES)]
        assert (len(own), len(around)) == (50, 20)

        ranked = rank(collection, "القمة")

        assert {hit.number for hit in ranked} == {
            *own,
            *(n for n, s in enumerate(sentences_of(collection)) if s.passage in around),
        }

    @pytest.mark.parametrize("question", ["", "؟!", "كبسة zzz"])
    def test_nothing_in_common_ranks_nothing(self, rank: Rank, question: str) -> None:
        collection = collection_of(TEXT)

        assert rank(collection, question) == []
