"""Measures over gold questions, every figure of which is worked out by hand."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from index import GoldError, Index
from index.collection import Collection
from index.engines.pair import QDRANT, RANK_BM25, TANTIVY
from index.evaluation import (
    Gold,
    GoldQuestion,
    Report,
    Response,
    System,
    ask_all,
    baseline_system,
    evaluate,
    jawab_system,
    read_gold,
)
from tests.conftest import ROOT
from tests.index.helpers import collection_of, contents, documents_of, passages_of, sentences_of

# Four passages of two sentences: sentences 0 and 1 are passage 0, and so on.
TEXT = (
    "وصل بوتين إلى بيشكيك. واستقبله جاباروف في المطار.\n"
    "عقدت القمة في قصر المؤتمرات. وحضرها ستة رؤساء.\n"
    "اتفق القادة على خطة جديدة. ووقعوا معاهدة الدفاع.\n"
    "غادر الوفد المدينة مساء. وعاد إلى موسكو.\n"
)


def canned(responses: Mapping[str, tuple[Sequence[int], bool]]) -> System:
    """Return a system that gives these responses."""
    return lambda question: Response(*responses[question])


def gold_of(questions: Mapping[str, tuple[set[int], bool]]) -> Gold:
    return Gold(
        collection_of(TEXT),
        tuple(
            GoldQuestion(text, frozenset(right), answerable)
            for text, (right, answerable) in questions.items()
        ),
    )


class TestMeasures:
    def test_every_measure_by_hand(self) -> None:
        gold = gold_of(
            {
                "أ": ({0}, True),
                "ب": ({2, 5}, True),
                "ج": ({6}, True),
                "د": ({4}, True),
                "ه": (set(), False),
                "و": (set(), False),
                "ز": (set(), False),
            }
        )
        system = canned(
            {
                # First; its passage first: recall 1, nDCG 1.
                "أ": ([0, 3, 5], True),
                # Second; passages 3, 1, 2, of which 1 and 2 are right: recall 1 and nDCG
                # (1/log2(3) + 1/log2(4)) / (1/log2(2) + 1/log2(3)).
                "ب": ([7, 2, 3, 5], True),
                # Nowhere.
                "ج": ([0, 1, 2, 3], False),
                # Fourth; passages 0, 1, 2, of which 2 is right: recall 1, nDCG 1/log2(4).
                "د": ([0, 1, 2, 4], False),
                "ه": ([0, 1], False),
                "و": ([], False),
                "ز": ([3], True),
            }
        )

        report = evaluate(gold, system)

        ndcg_b = (1 / math.log2(3) + 1 / 2) / (1 + 1 / math.log2(3))
        assert asdict(report) == pytest.approx(
            {
                "questions": 7,
                "answerable": 4,
                "first": 1 / 4,
                "first_3": 2 / 4,
                "first_5": 3 / 4,
                "mrr_10": (1 + 1 / 2 + 0 + 1 / 4) / 4,
                "passage_recall_10": (1 + 1 + 0 + 1) / 4,
                "passage_ndcg_10": (1 + ndcg_b + 0 + 1 / 2) / 4,
                # Four refused, two of them rightly; three not answerable.
                "not_found_precision": 2 / 4,
                "not_found_recall": 2 / 3,
                "answerable_refused": 2 / 4,
                "short_answer": None,
                "kind_accuracy": None,
                "expected_calibration_error": None,
            }
        )

    def test_what_stands_beyond_rank_ten_does_not_count(self) -> None:
        gold = gold_of({"أ": ({6}, True)})

        tenth = evaluate(gold, canned({"أ": ([0, 1, 2, 3, 4, 5, 0, 1, 2, 6], True)}))
        eleventh = evaluate(gold, canned({"أ": ([0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 6], True)}))

        assert tenth.mrr_10 == pytest.approx(1 / 10)
        assert tenth.passage_recall_10 == 1
        assert tenth.passage_ndcg_10 == pytest.approx(1 / math.log2(5))
        assert (eleventh.mrr_10, eleventh.passage_recall_10, eleventh.passage_ndcg_10) == (0, 0, 0)

    def test_half_of_the_passages(self) -> None:
        gold = gold_of({"أ": ({0, 6}, True)})

        report = evaluate(gold, canned({"أ": ([1, 0, 3], True)}))

        assert report.mrr_10 == pytest.approx(1 / 2)
        assert report.passage_recall_10 == pytest.approx(1 / 2)
        assert report.passage_ndcg_10 == pytest.approx(1 / (1 + 1 / math.log2(3)))

    def test_a_measure_without_anything_to_measure_is_none(self) -> None:
        refused = evaluate(gold_of({"أ": (set(), False)}), canned({"أ": ([], False)}))
        answered = evaluate(gold_of({"أ": ({0}, True)}), canned({"أ": ([0], True)}))

        assert (refused.first, refused.mrr_10, refused.passage_ndcg_10) == (None, None, None)
        assert (refused.not_found_precision, refused.not_found_recall) == (1, 1)
        assert (answered.not_found_precision, answered.not_found_recall) == (None, None)

    def test_an_answerable_question_without_a_right_sentence_counts_against(self) -> None:
        report = evaluate(gold_of({"أ": (set(), True)}), canned({"أ": ([0], True)}))

        assert (report.answerable, report.first, report.passage_recall_10) == (1, 0, 0)

    def test_progress_is_told(self) -> None:
        told: list[tuple[int, int]] = []

        evaluate(
            gold_of({"أ": ({0}, True), "ب": (set(), False)}),
            canned({"أ": ([0], True), "ب": ([], False)}),
            lambda done, total: told.append((done, total)),
        )

        assert told == [(1, 2), (2, 2)]


def json_lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


class TestJsonLines:
    def test_right_sentences_are_those_that_hold_a_part(self, tmp_path: Path) -> None:
        path = json_lines(
            tmp_path / "gold.jsonl",
            {"question": "من استقبله؟", "sentences": ["واستقبله جاباروف في المطار"]},
            {"question": "ماذا وقعوا؟", "sentences": ["معاهدة الدفاع", "خطة جديدة"]},
            {"question": "كيف الطقس؟", "sentences": []},
            {"question": "أين عقدت؟", "sentences": [], "answerable": True, "id": "x"},
        )

        gold = read_gold(path, lambda: collection_of(TEXT))

        assert contents(gold.collection) == contents(collection_of(TEXT))
        assert gold.questions == (
            GoldQuestion("من استقبله؟", frozenset({1}), answerable=True),
            GoldQuestion("ماذا وقعوا؟", frozenset({4, 5}), answerable=True),
            GoldQuestion("كيف الطقس؟", frozenset(), answerable=False),
            GoldQuestion("أين عقدت؟", frozenset(), answerable=True),
        )

    def test_a_part_over_two_sentences_makes_both_right(self, tmp_path: Path) -> None:
        part = "عقدت القمة في قصر المؤتمرات. وحضرها ستة رؤساء."
        path = json_lines(tmp_path / "gold.jsonl", {"question": "أين؟", "sentences": [part]})

        (question,) = read_gold(path, lambda: collection_of(TEXT)).questions

        assert question.sentences == {2, 3}

    def test_a_part_that_two_documents_hold_is_right_in_both(self, tmp_path: Path) -> None:
        path = json_lines(
            tmp_path / "gold.jsonl", {"question": "متى؟", "sentences": ["غادر الوفد المدينة"]}
        )
        collection = collection_of(TEXT, f"{TEXT}وانتهى الخبر.")

        (question,) = read_gold(path, lambda: collection).questions

        assert question.sentences == {6, 14}

    def test_blank_lines_and_a_byte_order_mark_are_passed_over(self, tmp_path: Path) -> None:
        path = tmp_path / "gold.jsonl"
        path.write_text(
            '\ufeff{"question": "أ", "sentences": []}\n\n  \n{"question": "ب", "sentences": []}',
            "utf-8",
        )

        assert [q.text for q in read_gold(path, lambda: collection_of(TEXT)).questions] == [
            "أ",
            "ب",
        ]

    @pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85"])
    def test_only_a_line_feed_ends_a_line(self, tmp_path: Path, mark: str) -> None:
        question = f"متى القمة؟{mark}وأين؟"
        path = json_lines(tmp_path / "gold.jsonl", {"question": question, "sentences": []})

        assert read_gold(path, lambda: collection_of(TEXT)).questions[0].text == question


FIRST, SECOND = TEXT.split("\n")[:2]


def answer(context: str, text: str) -> dict[str, Any]:
    return {"text": text, "answer_start": context.index(text)}


def squad(path: Path, *articles: Mapping[str, Any]) -> Path:
    path.write_text(json.dumps({"version": "v2.0", "data": articles}), "utf-8")
    return path


def paragraph(context: str, **questions: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "context": context,
        "qas": [
            {"id": text, "question": text, "answers": answers}
            for text, answers in questions.items()
        ],
    }


def none_at_hand() -> Collection:
    raise AssertionError("a SQuAD-format file brings its own documents")


class TestSquad:
    def test_an_article_is_a_document_and_a_paragraph_a_passage(self, tmp_path: Path) -> None:
        path = squad(
            tmp_path / "squad.json",
            {
                "title": "القمة",
                "paragraphs": [
                    paragraph(FIRST, أ=[answer(FIRST, "جاباروف")]),
                    paragraph(SECOND, ب=[answer(SECOND, "قصر المؤتمرات")]),
                ],
            },
            {"paragraphs": [paragraph("سطر واحد.\nسطر ثان.", ج=[answer("سطر واحد.", "واحد")])]},
        )

        gold = read_gold(path, none_at_hand)
        collection = gold.collection

        assert [document.title for document in documents_of(collection)] == ["القمة", ""]
        assert [passage.text for passage in passages_of(collection)] == [
            *(FIRST, SECOND, "سطر واحد.\nسطر ثان.")
        ]
        assert [sentence.text for sentence in sentences_of(collection)] == [
            "وصل بوتين إلى بيشكيك.",
            "واستقبله جاباروف في المطار.",
            "عقدت القمة في قصر المؤتمرات.",
            "وحضرها ستة رؤساء.",
            "سطر واحد.",
            "سطر ثان.",
        ]
        assert [(s.document, s.passage) for s in sentences_of(collection)] == [
            *((0, 0), (0, 0), (0, 1), (0, 1), (1, 2), (1, 2))
        ]
        assert gold.questions == (
            GoldQuestion("أ", frozenset({1}), answerable=True),
            GoldQuestion("ب", frozenset({2}), answerable=True),
            GoldQuestion("ج", frozenset({4}), answerable=True),
        )

    def test_an_answer_over_two_sentences_makes_both_right(self, tmp_path: Path) -> None:
        across = answer(FIRST, "بيشكيك. واستقبله")
        path = squad(tmp_path / "s.json", {"paragraphs": [paragraph(FIRST, أ=[across])]})

        assert read_gold(path, none_at_hand).questions[0].sentences == {0, 1}

    def test_several_answers_are_all_right(self, tmp_path: Path) -> None:
        answers = [answer(SECOND, "القمة"), answer(SECOND, "ستة")]
        path = squad(tmp_path / "s.json", {"paragraphs": [paragraph(SECOND, أ=answers)]})

        assert read_gold(path, none_at_hand).questions[0].sentences == {0, 1}

    def test_the_same_sentence_elsewhere_is_right_as_well(self, tmp_path: Path) -> None:
        path = squad(
            tmp_path / "s.json",
            {"paragraphs": [paragraph(FIRST, أ=[answer(FIRST, "بوتين")]), paragraph(FIRST)]},
        )

        assert read_gold(path, none_at_hand).questions[0].sentences == {0, 2}

    def test_an_impossible_question_of_squad_2(self, tmp_path: Path) -> None:
        one = paragraph(FIRST, أ=[answer(FIRST, "بوتين")], ب=[])
        one["qas"][0]["is_impossible"] = False
        one["qas"][1]["is_impossible"] = True
        one["qas"].append(
            {
                "question": "ج",
                "is_impossible": True,
                "answers": [answer(FIRST, "بوتين")],
                "plausible_answers": [answer(FIRST, "بوتين")],
            }
        )
        one["qas"].append({"question": "د", "is_impossible": True})
        path = squad(tmp_path / "s.json", {"paragraphs": [one]})

        assert [(q.text, q.answerable) for q in read_gold(path, none_at_hand).questions] == [
            *(("أ", True), ("ب", False), ("ج", False), ("د", False))
        ]

    def test_a_small_file_through_jawab(self, tmp_path: Path) -> None:
        path = squad(
            tmp_path / "s.json",
            {
                "paragraphs": [
                    paragraph(FIRST, **{"من استقبل بوتين في المطار؟": [answer(FIRST, "جاباروف")]}),
                    paragraph(
                        SECOND, **{"أين عقدت القمة؟": [answer(SECOND, "قصر المؤتمرات")], "؟!": []}
                    ),
                ]
            },
        )
        gold = read_gold(path, none_at_hand)

        report = evaluate(gold, jawab_system(gold.collection))

        assert (report.questions, report.answerable) == (3, 2)
        assert (report.first, report.mrr_10, report.passage_ndcg_10) == (1, 1, 1)
        # «؟!» holds no word, and is refused.
        assert (report.not_found_precision, report.not_found_recall) == (1, 1)


class TestBroken:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\n \n",
            b"not json",
            b"[]",
            b"5",
            b"null",
            b'"text"',
            b"{}",
            b'{"question": "x"}',
            b'{"sentences": []}',
            b'{"question": "x", "sentences": 5}',
            b'{"question": "x", "sentences": [5]}',
            b'{"question": "x", "sentences": "x"}',
            b'{"question": 5, "sentences": []}',
            b'{"question": null, "sentences": []}',
            b'{"question": "x", "sentences": []}\n{"question": "y"',
            b'{"question": "x", "sentences": []}\n[1]',
            b'{"data": []}',
            b'{"data": null}',
            b'{"data": [{}]}',
            b'{"data": [{"paragraphs": []}]}',
            b'{"data": [{"paragraphs": [{"context": "x"}]}]}',
            b'{"data": [{"paragraphs": [{"qas": []}]}]}',
            b'{"data": [{"paragraphs": [{"context": 5, "qas": []}]}]}',
            b'{"data": [{"paragraphs": [{"context": "x", "qas": [{"question": "y"}]}]}]}',
            b'{"data": [{"paragraphs": [{"context": "x", "qas": [{"question": "y",'
            b' "answers": [{"text": "x"}]}]}]}]}',
            b'{"data": [{"paragraphs": [{"context": "x", "qas": [{"question": 5,'
            b' "answers": []}]}]}]}',
            b"[" * 100_000,
            "{'question'}".encode("utf-16"),
            b"\xff\xfe\x00",
        ],
    )
    def test_a_broken_file_is_told(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "gold"
        path.write_bytes(content)

        with pytest.raises(GoldError) as raised:
            read_gold(path, lambda: collection_of(TEXT))

        assert str(path) in str(raised.value)
        assert "\n" not in str(raised.value)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(GoldError, match="No such file"):
            read_gold(tmp_path / "missing", none_at_hand)

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(GoldError):
            read_gold(tmp_path, none_at_hand)


class TestBaseline:
    def test_it_matches_whole_words_only(self) -> None:
        respond = baseline_system(collection_of(TEXT))

        assert respond("ستة رؤساء").ranked[0] == 3
        assert respond("ستة رؤساء").answered
        assert not respond("الستة").answered


@pytest.fixture(scope="module")
def gold(seeds_index: Index, seeds_gold: Path) -> Gold:
    return read_gold(seeds_gold, lambda: seeds_index.collection)


@pytest.fixture(scope="module")
def report(gold: Gold) -> Report:
    return evaluate(gold, jawab_system(gold.collection))


class TestDevelopmentQuestions:
    def test_every_answerable_question_has_a_right_sentence(self, gold: Gold) -> None:
        assert len(gold.questions) == 60
        assert sum(question.answerable for question in gold.questions) == 50
        assert all(bool(question.sentences) == question.answerable for question in gold.questions)

    def test_the_right_sentence_comes_first(self, report: Report) -> None:
        assert report.first is not None
        assert report.first * report.answerable >= 46 - 1e-9
        assert report.first_3 is not None
        assert report.first_3 * report.answerable >= 47 - 1e-9

    def test_jawab_is_better_than_the_baseline(self, gold: Gold, report: Report) -> None:
        baseline = evaluate(gold, baseline_system(gold.collection))

        for name in ("first", "first_3", "mrr_10", "passage_ndcg_10", "not_found_recall"):
            assert getattr(report, name) > getattr(baseline, name), name

    @pytest.mark.parametrize("engine", [TANTIVY, QDRANT])
    def test_every_engine_gives_the_same_outcomes(self, gold: Gold, engine: str) -> None:
        if engine == QDRANT:
            pytest.importorskip("qdrant_client")
        by_one, by_other = (
            ask_all(gold, jawab_system(gold.collection, engine=name))
            for name in (RANK_BM25, engine)
        )

        assert [asdict(outcome) for outcome in by_other] == [
            asdict(outcome, dict_factory=close_to) for outcome in by_one
        ]


def close_to(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return a value's fields, its floating-point numbers as what comes close to them."""
    return {
        name: pytest.approx(value, rel=1e-6) if isinstance(value, float) else value
        for name, value in pairs
    }


ARCD = ROOT.parent / "shared" / "eval" / "arcd-train.json"


@pytest.mark.skipif(not ARCD.exists(), reason="the training half of ARCD is not at hand")
def test_arcd() -> None:
    gold = read_gold(ARCD, none_at_hand)

    report = evaluate(gold, jawab_system(gold.collection))

    assert report.questions == 693
    assert report.first is not None
    assert report.first >= 0.58
    assert report.mrr_10 is not None
    assert report.mrr_10 >= 0.70
