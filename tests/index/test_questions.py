"""What is read from a question."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.arabic import words
from index.model import Kind
from index.questions import read_question
from tests.index.helpers import HOSTILE, assert_linear

KINDS = {
    Kind.WHEN: [
        "متى القمة المقبلة؟",
        "امتى بدأت الزيارة؟",
        "إيمتى رح يصير الاجتماع؟",
        "وقتاش غادي يكون الاجتماع؟",
        "شوقت يبدي الاجتماع؟",
        "ومتى انتهت الحرب؟",
        "منذ متى يرأس المنظمة؟",
        "ما تاريخ الخبر؟",
        "ما هو موعد القمة المقبلة؟",
        "في أي عام تأسست المنظمة؟",
        "كم الساعة الآن؟",
        "تاريخ القمة",
    ],
    Kind.WHERE: [
        "أين تقع بيشكيك؟",
        "فين المؤتمر؟",
        "وين رح تنعقد القمة الجاية؟",
        "من أين جاء الوفد؟",
        "إلى أين سافر الرئيس؟",
        "في أي مدينة عقدت القمة؟",
        "ما مكان انعقاد القمة؟",
    ],
    Kind.WHO: [
        "من هو رئيس روسيا؟",
        "من افتتح الاجتماع؟",
        "مين رئيس بيلاروسيا؟",
        "منو رئيس الوزراء؟",
        "شكون رئيس الحكومة؟",
        "ما اسم وزير الخارجية؟",
        "ممن تتألف اللجنة؟",
    ],
    Kind.HOWMANY: [
        "كم عدد الدول الأعضاء؟",
        "قديش سعر الدولار؟",
        "شحال ثمن الكتاب؟",
        "بكام الكيلو؟",
        "شكد عدد السكان؟",
        "ما عدد سكان مصر؟",
        "ما طول النهر؟",
    ],
    Kind.WHY: [
        "لماذا انسحبت القوات؟",
        "ليش تأخر القطار؟",
        "ليه سافر الرئيس؟",
        "علاش مشى الوفد؟",
        "لم استقال الوزير؟",
        "ما سبب الأزمة؟",
        "لأي سبب استقال الوزير؟",
    ],
    Kind.HOW: [
        "كيف تعمل المحطة النووية؟",
        "ازاي أروح المطار؟",
        "شلون صار الحادث؟",
        "كيفاش نمشي للمحطة؟",
        "ما طريقة عمل المحطة؟",
    ],
    Kind.YESNO: ["هل يقبل بوتين الخطة؟", "واش كاين اجتماع؟", "أليس هو الرئيس؟"],
    Kind.WHICH: [
        "أي دولة فازت بالكأس؟",
        "أية دولة تترأس المنظمة؟",
        "ما الدولة التي تبني المحطة؟",
        "تحت أي شعار تترأس روسيا المنظمة؟",
    ],
    Kind.WHAT: [
        "ماذا قال الوزير؟",
        "ما عاصمة قرغيزستان؟",
        "ما هي الخطة الأمريكية؟",
        "شو قال الرئيس؟",
        "شنو قال بوتين عن السلاح؟",
        "ايش صار في القمة؟",
        "إيه اللي حصل في القمة؟",
        "بماذا وصف بوتين المنظمة؟",
        "مم يتكون الوفد؟",
    ],
    Kind.OTHER: ["روسيا", "معاهدة الأمن الجماعي", "Putin summit"],
}


class TestKind:
    @pytest.mark.parametrize(
        ("question", "kind"),
        [(question, kind) for kind, questions in KINDS.items() for question in questions],
    )
    def test_kinds_in_standard_arabic_and_dialects(self, question: str, kind: Kind) -> None:
        assert read_question(question).kind is kind

    def test_kinds_of_the_development_questions(self, seeds_gold: Path) -> None:
        rows = [json.loads(line) for line in seeds_gold.read_text("utf-8").splitlines()]

        right = [read_question(row["question"]).kind == row["kind"] for row in rows]

        assert len(rows) == 60
        assert sum(right) >= 57

    @pytest.mark.parametrize(
        "question",
        ["مَتَى القِمَّةُ المُقْبِلَةُ؟", "متي القمه المقبله", "مـــتى القمة المقبلة", "متى القمة المقبلة!!!"],
    )
    def test_spelling_does_not_change_the_kind(self, question: str) -> None:
        assert read_question(question).kind is Kind.WHEN

    @pytest.mark.parametrize(
        ("question", "kind"),
        [
            # «من», «ما» and «لم» mean something else inside a sentence.
            ("متى عاد بوتين من موسكو؟", Kind.WHEN),
            ("كيف وصف ما حدث في القمة؟", Kind.HOW),
            ("لماذا لم يحضر الرئيس؟", Kind.WHY),
            ("زيارة بوتين من موسكو إلى بيشكيك", Kind.OTHER),
        ],
    )
    def test_a_particle_is_not_taken_for_a_question_word(self, question: str, kind: Kind) -> None:
        assert read_question(question).kind is kind


class TestContent:
    def test_content_is_what_the_question_is_about(self) -> None:
        question = read_question("متى ستعقد القمة المقبلة في موسكو؟")

        assert question.content == tuple(words("ستعقد القمة المقبلة موسكو"))

    def test_content_holds_each_word_once(self) -> None:
        assert read_question("ما القمة؟ القمّة! القمه").content == tuple(words("القمة"))

    @pytest.mark.parametrize("question", ["متى؟", "من هو؟", "كم كان؟", "شو هاي؟"])
    def test_a_question_of_function_words_has_no_content(self, question: str) -> None:
        found = read_question(question)

        assert found.content == ()
        assert found.words

    def test_words_are_all_the_words_in_order(self) -> None:
        question = read_question("متى القمة؟ ومتى القمة؟")

        assert question.words == tuple(words("متى القمة ومتى القمة"))

    def test_the_text_is_kept_as_it_was_asked(self) -> None:
        assert read_question("  مَتى؟ ").text == "  مَتى؟ "

    @pytest.mark.parametrize("question", ["", "  \n", "؟!", "😀"])
    def test_a_question_without_words(self, question: str) -> None:
        found = read_question(question)

        assert (found.words, found.content, found.kind) == ((), (), Kind.OTHER)


PIECES = HOSTILE | {
    "which": "في أي ",
    "glued": "اي",
    "what": "ما ",
    "name": "ما اسم ",
    "program": "ما البرنامج ",
    "with whom": "مع من ",
}


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_hostile_questions_take_linear_time(piece: str) -> None:
    assert_linear(read_question, piece)
