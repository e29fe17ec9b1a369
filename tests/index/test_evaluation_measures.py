"""Measures of refusal, short answers, kinds and confidence, worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from index.documents import make_document
from index.evaluation import (
    GoldQuestion,
    Outcome,
    Report,
    Response,
    measure,
    same_ranking,
    token_f1,
)
from index.model import Kind
from index.segments import segment

COLLECTION = segment([make_document("0.txt", "وصل بوتين إلى بيشكيك. واستقبله جاباروف في المطار.")])

REFUSED = Response([0], answered=False)
ANSWERED = Response([0], answered=True)


def question(
    text: str = "أ",
    right: set[int] | None = None,
    kind: Kind | None = None,
    answers: tuple[str, ...] = (),
) -> GoldQuestion:
    sentences = frozenset({0} if right is None else right)
    return GoldQuestion(text, sentences, bool(sentences), kind=kind, answers=answers)


def report(*outcomes: tuple[GoldQuestion, Response]) -> Report:
    return measure(COLLECTION, [Outcome(*outcome) for outcome in outcomes])


class TestRefusal:
    def test_answerable_and_unanswerable_are_counted_apart(self) -> None:
        nowhere = question(right=set())

        measured = report(
            (question(), REFUSED),
            (question(), ANSWERED),
            (question(), ANSWERED),
            (nowhere, REFUSED),
            (nowhere, ANSWERED),
        )

        assert measured.answerable_refused == pytest.approx(1 / 3)
        assert measured.not_found_recall == pytest.approx(1 / 2)
        assert measured.not_found_precision == pytest.approx(1 / 2)

    def test_nothing_answerable(self) -> None:
        assert report((question(right=set()), REFUSED)).answerable_refused is None


class TestTokenF1:
    @pytest.mark.parametrize(
        ("one", "other", "f1"),
        [
            ("11 نوفمبر 2026", "11 نوفمبر 2026", 1),
            ("في ١١ نُوفمبر", "11 نوفمبر", 2 * 2 / 5),
            ("موسكو", "بيشكيك", 0),
            ("ستة ستة", "ستة", 2 * 1 / 3),  # a word counts as often as both have it
            ("", "ستة", 0),
            ("", "؟", 0),
        ],
    )
    def test_by_hand(self, one: str, other: str, f1: float) -> None:
        assert token_f1(one, other) == token_f1(other, one) == pytest.approx(f1)


class TestShortAnswers:
    @staticmethod
    def answer(
        short: str | None, kind: Kind | None = Kind.WHEN, ranked: Sequence[int] = (0,)
    ) -> tuple[GoldQuestion, Response]:
        asked = question("متى القمة؟", kind=kind, answers=("2026", "11 نوفمبر 2026"))
        return asked, Response(ranked, answered=True, short_answer=short)

    def test_the_share_that_overlaps_an_accepted_one(self) -> None:
        measured = report(
            self.answer("11 نوفمبر 2026"),
            self.answer("نوفمبر 2026"),  # 2 * 1 / 3 with the first, 2 * 2 / 5 with the second
            self.answer("في شهر نوفمبر المقبل"),  # 2 * 1 / 7: too little
            self.answer(""),
        )

        assert measured.short_answer == pytest.approx(2 / 4)

    def test_half_is_enough(self) -> None:
        assert report(self.answer("عام 2026 في موسكو", Kind.WHERE)).short_answer == 0
        assert report(self.answer("في عام 2026")).short_answer == 1  # 2 * 1 / (3 + 1)

    def test_what_is_not_counted(self) -> None:
        marked = Response([0], answered=True, short_answer="2026")

        for outcome in (
            self.answer("2026", Kind.WHY),  # the kind
            self.answer("2026", ranked=[1, 0]),  # the sentence is wrong
            self.answer(None),  # a system that marks nothing
            (question("متى القمة؟", kind=Kind.WHEN), marked),  # nothing accepted
        ):
            assert report(outcome).short_answer is None

    def test_a_refused_answer_counts_by_what_it_would_have_been(self) -> None:
        asked, _ = self.answer("")

        assert report((asked, Response([0], answered=False, short_answer="2026"))).short_answer == 1

    def test_where_the_file_says_no_kind_it_is_read_from_the_question(self) -> None:
        asked = question("لماذا القمة؟", answers=("2026",))

        assert report(self.answer("2026", kind=None)).short_answer == 1
        assert (
            report((asked, Response([0], answered=True, short_answer="2026"))).short_answer is None
        )


class TestKinds:
    def test_the_share_taken_for_the_right_kind(self) -> None:
        response = Response([0], answered=True, kind=Kind.WHEN)

        measured = report(
            (question(kind=Kind.WHEN), response),
            (question(kind=Kind.WHO), response),
            (question(right=set(), kind=Kind.WHEN), response),
            (question(), response),  # the file says none
        )

        assert measured.kind_accuracy == pytest.approx(2 / 3)

    def test_a_system_that_reads_no_kinds(self) -> None:
        assert report((question(kind=Kind.WHEN), ANSWERED)).kind_accuracy is None


class TestCalibration:
    def test_by_hand(self) -> None:
        nowhere = question(right=set())

        measured = report(
            (question(), Response([0], answered=True, confidence=0.95)),
            (question(), Response([1], answered=True, confidence=0.9)),
            (nowhere, Response([0], answered=True, confidence=0.35)),
            # Refused, but the first sentence is right all the same.
            (question(), Response([0], answered=False, confidence=0.35)),
        )

        # Two bins of two: |0.925 - 1/2| and |0.35 - 1/2|.
        assert measured.expected_calibration_error == pytest.approx((0.425 + 0.15) / 2)

    def test_a_system_without_confidence(self) -> None:
        assert report((question(), ANSWERED)).expected_calibration_error is None


class TestSameRanking:
    @staticmethod
    def run(*rankings: Sequence[int]) -> list[Outcome]:
        return [Outcome(question(), Response(ranked, answered=True)) for ranked in rankings]

    def test_the_share_of_questions_ranked_alike(self) -> None:
        clean = self.run([0, 1], [1, 0], [], [3, 4])
        noisy = self.run((0, 1), (0, 1), (), (3,))

        assert same_ranking(noisy, clean) == pytest.approx(2 / 4)

    def test_what_stands_beyond_rank_ten_does_not_count(self) -> None:
        first = list(range(10))

        assert same_ranking(self.run([*first, 10]), self.run([*first, 11])) == 1
        assert same_ranking(self.run([]), self.run([])) == 1
        assert same_ranking([], []) is None
