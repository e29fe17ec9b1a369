"""Questions to answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from index import Answer, Index, Kind, QuestionError
from index.answering import LONGEST_QUESTION, Answerer
from index.confidence import ANSWERED_FROM
from index.questions import read_question
from index.short_answers import short_answer
from tests.conftest import ROOT
from tests.index.helpers import answerer_of, collection_of

HOSPITAL = (
    "افتتح أمير البلاد اليوم مستشفى جديدا في محافظة الجهراء. "
    "ويضم المستشفى الجديد 450 سريرا و12 غرفة للعمليات.\n"
    "وقال وزير الصحة إن العيادات ستبدأ العمل في 5 مارس 2027. "
    "وأضاف أن الأطباء سيصلون الأسبوع المقبل.\n"
    "وأشاد المواطنون بالمشروع الكبير. وطالبوا بمزيد من الحدائق.\n"
)


@pytest.fixture(scope="module")
def hospital() -> Answerer:
    return answerer_of(collection_of(HOSPITAL))


def short(question: str, sentence: str) -> str | None:
    span = short_answer(read_question(question), sentence)
    return span.of(sentence) if span else None


def first_short(answer: Answer) -> str | None:
    first = answer.hits[0]
    return first.short_answer.of(first.sentence) if first.short_answer else None


class TestSeeds:
    def test_when_is_the_next_summit(self, seeds_index: Index) -> None:
        answer = seeds_index.ask("متى القمة المقبلة؟")

        assert answer.kind is Kind.WHEN
        assert answer.answered
        assert "القمة المقبلة ستعقد في 11 نوفمبر 2026" in answer.hits[0].sentence
        assert first_short(answer) == "11 نوفمبر 2026"
        assert answer.hits[0].document.agency == "وكالات"

    @pytest.mark.parametrize(
        "question",
        ["امتى القمه المقبله", "مَتَى القِمَّةُ المُقْبِلَةُ؟", "مـــتى القمة المقبلة ؟", "القمة المقبلة متى"],
    )
    def test_spelling_and_dialect_change_nothing(self, seeds_index: Index, question: str) -> None:
        assert first_short(seeds_index.ask(question)) == "11 نوفمبر 2026"

    @pytest.mark.parametrize("question", ["ما تاريخ الخبر؟", "تاريخ خبر كونا", "متى نشر الخبر؟"])
    def test_the_date_of_the_article(self, seeds_index: Index, question: str) -> None:
        answer = seeds_index.ask(question)

        assert answer.answered
        assert answer.hits[0].sentence == "27/11/2025"
        assert first_short(answer) == "27/11/2025"
        assert answer.hits[0].document.agency == "كونا"

    @pytest.mark.parametrize(
        "question",
        [
            "كيف أطبخ كبسة الدجاج؟",
            "من لحن النشيد الوطني المغربي؟",
            "أين تباع الهواتف المستعملة؟",
            "كم ثمن تذكرة الطيران؟",
            "How do I bake bread?",
        ],
    )
    def test_what_the_documents_do_not_hold_is_not_answered(
        self, seeds_index: Index, question: str
    ) -> None:
        answer = seeds_index.ask(question)

        assert not answer.answered
        assert answer.confidence < ANSWERED_FROM

    def test_a_question_of_unknown_terms_finds_nothing(self, seeds_index: Index) -> None:
        answer = seeds_index.ask("zzzz qqqq")

        assert answer.hits == ()
        assert not answer.answered
        assert answer.confidence == 0

    def test_every_hit_is_what_its_document_holds(
        self, seeds_index: Index, seeds_gold: Path
    ) -> None:
        for row in seeds_gold.read_text("utf-8").splitlines():
            question = json.loads(row)["question"]
            answer = seeds_index.ask(question, top=5)

            assert answer.question == question
            assert 0 <= answer.confidence <= 1
            assert answer.answered == (answer.confidence >= ANSWERED_FROM)
            assert [hit.rank for hit in answer.hits] == list(range(1, len(answer.hits) + 1))
            scores = [hit.score for hit in answer.hits]
            assert scores == sorted(scores, reverse=True)
            for hit in answer.hits:
                number = seeds_index.collection.find(hit.document.id)
                assert number is not None
                document = seeds_index.collection.document(number)
                assert hit.span.of(document.text) == hit.sentence
                assert hit.passage in document.text
                assert hit.sentence in hit.passage or hit.span == document.published_span
                if hit.short_answer is not None:
                    assert 0 <= hit.short_answer.start < hit.short_answer.end <= len(hit.sentence)
                    assert hit.short_answer.of(hit.sentence).strip()

    @pytest.mark.parametrize("top", [1, 2, 3, 7])
    def test_at_most_top_hits(self, seeds_index: Index, top: int) -> None:
        assert len(seeds_index.ask("ماذا قال بوتين؟", top).hits) == top

    def test_fewer_hits_are_the_best_of_more(self, seeds_index: Index) -> None:
        more = seeds_index.ask("ما موقف أرمينيا؟", 10)
        fewer = seeds_index.ask("ما موقف أرمينيا؟", 2)

        assert fewer.hits == more.hits[:2]
        assert fewer.confidence == more.confidence


class TestQuestion:
    @pytest.mark.parametrize(
        "question", ["", "   ", "\n\t", "؟", "?!…", "😀🇰🇼", "ـــ", "\u064b", "،_-"]
    )
    def test_a_question_without_a_word_is_refused(self, seeds_index: Index, question: str) -> None:
        with pytest.raises(QuestionError) as raised:
            seeds_index.ask(question)

        assert str(raised.value).endswith(".")

    def test_a_very_long_question_is_answered_by_its_beginning(self, seeds_index: Index) -> None:
        question = ("متى القمة المقبلة؟ " * 6000)[:100_000]
        other = question[:LONGEST_QUESTION] + "كبسة الدجاج " * 9000

        answer = seeds_index.ask(question)

        assert answer.question == question
        assert first_short(answer) == "11 نوفمبر 2026"
        assert seeds_index.ask(other).hits == answer.hits

    def test_a_very_long_word_is_no_trouble(self, seeds_index: Index) -> None:
        assert not seeds_index.ask("ب" * 100_000).answered

    def test_latin_letters_and_digits(self) -> None:
        answerer = answerer_of(
            collection_of("عقدت شركة Microsoft مؤتمرا.\nزار وفد NATO كابل. وتأخر G20.\n")
        )

        assert answerer.ask("what is microsoft?").hits[0].sentence == "عقدت شركة Microsoft مؤتمرا."
        assert answerer.ask("وفد nato").hits[0].sentence == "زار وفد NATO كابل."
        assert answerer.ask("g20").answered

    @pytest.mark.parametrize("question", ["متى؟", "من هو؟", "كم؟", "ما هذا"])
    def test_a_question_of_function_words_does_no_harm(
        self, seeds_index: Index, question: str
    ) -> None:
        assert 0 <= seeds_index.ask(question).confidence <= 1

    def test_no_documents_answer_nothing(self) -> None:
        answer = answerer_of(collection_of()).ask("متى القمة المقبلة؟")

        assert (answer.answered, answer.confidence, answer.hits) == (False, 0.0, ())


class TestEvidence:
    def test_how_many_with_a_number(self, hospital: Answerer) -> None:
        answer = hospital.ask("كم سريرا يضم المستشفى الجديد؟")

        assert answer.answered
        assert first_short(answer) == "450 سريرا"

    def test_how_many_without_a_number_is_not_answered(self, hospital: Answerer) -> None:
        answer = hospital.ask("كم عدد المواطنين الذين أشادوا بالمشروع الكبير؟")

        assert "وأشاد المواطنون" in answer.hits[0].sentence
        assert not answer.answered

    def test_a_date_is_not_how_many(self) -> None:
        answerer = answerer_of(
            collection_of("افتتح الوزير المحطات الجديدة في 5 مارس 2026. وعاد.\n")
        )

        answer = answerer.ask("كم عدد المحطات الجديدة؟")

        assert "المحطات الجديدة" in answer.hits[0].sentence
        assert not answer.answered

    def test_when_with_a_date(self, hospital: Answerer) -> None:
        answer = hospital.ask("متى تبدأ العيادات العمل؟")

        assert answer.answered
        assert first_short(answer) == "5 مارس 2027"

    def test_when_without_a_date_is_not_answered(self, hospital: Answerer) -> None:
        answer = hospital.ask("متى طالب المواطنون بمزيد من الحدائق؟")

        assert "الحدائق" in answer.hits[0].sentence
        assert not answer.answered

    def test_the_same_words_answer_another_kind_of_question(self, hospital: Answerer) -> None:
        assert hospital.ask("بماذا أشاد المواطنون؟").answered

    def test_a_question_about_something_else_is_not_answered(self, hospital: Answerer) -> None:
        assert not hospital.ask("متى مباراة الأهلي والزمالك؟").answered

    def test_a_covered_question_is_surer_than_a_half_covered_one(self, hospital: Answerer) -> None:
        covered = hospital.ask("ماذا افتتح أمير البلاد؟").confidence
        half = hospital.ask("ماذا افتتح أمير قطر؟").confidence

        assert covered > half > 0


LIFE = "ولد نجيب محفوظ في 11 ديسمبر 1911 وتوفي في 30 أغسطس 2006 في القاهرة."


class TestShortDate:
    @pytest.mark.parametrize(
        ("question", "sentence", "expected"),
        [
            ("متى ستعقد القمة؟", "وستعقد القمة في 11 نوفمبر 2026 في موسكو.", "11 نوفمبر 2026"),
            # What says most by itself
            (
                "متى ستعقد القمة؟",
                "قال اليوم الخميس إن القمة ستعقد في 11 نوفمبر 2026.",
                "11 نوفمبر 2026",
            ),
            ("متى يصل الوفد؟", "يصل الوفد الأمريكي الأسبوع المقبل.", "الأسبوع المقبل"),
            # The nearest to what is asked
            (
                "متى انتهت الحرب؟",
                "بدأت ثورة عارمة في البلاد عام 1936 ثم انتهت الحرب عام 1945 في برلين.",
                "عام 1945",
            ),
            ("متى ولد نجيب محفوظ؟", LIFE, "11 ديسمبر 1911"),
            ("متى توفي نجيب محفوظ؟", LIFE, "30 أغسطس 2006"),
            # A date that the question gives is not the answer
            (
                "متى أعلنت خطة عام 2030؟",
                "أعلنت خطة عام 2030 في 5 مارس 2024.",
                "5 مارس 2024",
            ),
            ("متى كانت قمة 27 نوفمبر 2025؟", "كانت القمة في 27 نوفمبر 2025.", None),
            ("متى وصل الوفد؟", "وصل الوفد إلى موسكو.", None),
            ("متى وصل الوفد؟", "وصل الوفد في ٢٧/١١/٢٠٢٥.", "٢٧/١١/٢٠٢٥"),
        ],
    )
    def test_the_date_that_answers(
        self, question: str, sentence: str, expected: str | None
    ) -> None:
        assert short(question, sentence) == expected


class TestShortQuantity:
    @pytest.mark.parametrize(
        ("question", "sentence", "expected"),
        [
            ("كم سريرا يضم المستشفى؟", "يضم المستشفى 450 سريرا.", "450 سريرا"),
            # As many as a year may count
            ("كم سريرا يضم المستشفى؟", "يضم المستشفى الجديد 1200 سرير.", "1200 سرير"),
            ("كم عدد الجنود؟", "وصل إلى القاعدة 2000 جندي.", "2000 جندي"),
            # What is counted
            (
                "كم غرفة في المستشفى؟",
                "يضم المستشفى 450 سريرا و12 غرفة للعمليات.",
                "12 غرفة",
            ),
            # A date is no count
            ("كم سريرا في المستشفى؟", "في 5 مارس 2026 افتتح المستشفى بطاقة 90 سريرا.", "90 سريرا"),
            # How long is told by beginning and end as well
            ("كم استمرت الزيارة؟", "استمرت الزيارة بين 25 و27 نوفمبر.", "25 و27 نوفمبر"),
            # A number that the question gives is not the answer
            ("كم شخصا حضر قمة 20 دولة؟", "حضر قمة 20 دولة 350 شخصا.", "350 شخصا"),
            ("كم بلغت نسبة الارتفاع؟", "بلغت نسبة الارتفاع ٣٫٥٪ في شهر.", "٣٫٥٪"),
            ("كم دولة شاركت؟", "شاركت إحدى عشرة دولة في القمة.", "إحدى عشرة دولة"),
            ("كم عدد القتلى؟", "لم يعلن عدد القتلى بعد.", None),
        ],
    )
    def test_the_number_that_answers(
        self, question: str, sentence: str, expected: str | None
    ) -> None:
        assert short(question, sentence) == expected


@pytest.mark.parametrize(
    "question", ["من وصل في 27 نوفمبر؟", "لماذا تأخر؟", "هل وصل 12 وزيرا؟", "القمة"]
)
def test_other_questions_have_no_short_answer(question: str) -> None:
    assert short(question, "وصل 12 وزيرا إلى موسكو في 27 نوفمبر 2025.") is None


QUESTIONS = ["متى القمة المقبلة؟", "ماذا قال بوتين عن أوكرانيا؟", "من رئيس قرغيزستان؟"]


def test_the_same_question_has_the_same_answer(seeds_index: Index) -> None:
    for question in QUESTIONS:
        assert seeds_index.ask(question) == seeds_index.ask(question)


def test_answers_do_not_hang_on_the_process(seeds: Path, home: Path) -> None:
    # Python orders sets anew in every process; no ranking may hang on that.
    code = (
        "import sys; from pathlib import Path; from index import Index\n"
        "index = Index.open(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "for question in sys.argv[3:]: print(ascii(index.ask(question, 50)))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code, str(seeds), str(home / seed), *QUESTIONS],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            encoding="utf-8",
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert [output.count("Answer(") for output in outputs] == [len(QUESTIONS)]
