"""Where sentences end."""

from __future__ import annotations

from itertools import pairwise

import pytest

from index.model import Span
from index.sentences import LONGEST, split_lines, split_sentences, trim
from tests.index.helpers import HOSTILE, assert_linear


def spans(text: str) -> list[Span]:
    return [
        span
        for line in split_lines(text, Span(0, len(text)))
        for span in split_sentences(text, line)
    ]


def split(text: str) -> list[str]:
    return [span.of(text) for span in spans(text)]


class TestEnds:
    @pytest.mark.parametrize("mark", [".", "؟", "?", "!", "؛", "…", "...", "؟!", "۔"])
    def test_a_mark_ends_a_sentence(self, mark: str) -> None:
        assert split(f"وصل الوفد إلى موسكو{mark} ثم غادرها") == [
            f"وصل الوفد إلى موسكو{mark}",
            "ثم غادرها",
        ]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", "\u2028", "\u2029", "\x85", "\v", "\f"])
    def test_a_line_ends_a_sentence(self, end: str) -> None:
        assert split(f"عنوان الخبر{end}وصل الوفد إلى موسكو") == [
            "عنوان الخبر",
            "وصل الوفد إلى موسكو",
        ]

    def test_a_comma_or_colon_ends_none(self) -> None:
        text = "وقال: إن الوفد وصل، ثم غادر - بعد ساعة - إلى بيشكيك"

        assert split(text) == [text]

    def test_a_missing_space_behind_a_full_stop(self) -> None:
        assert split("عقد الاجتماع في موسكو.وأضاف البيان أن القمة انتهت.") == [
            "عقد الاجتماع في موسكو.",
            "وأضاف البيان أن القمة انتهت.",
        ]

    def test_a_missing_space_behind_a_question_mark(self) -> None:
        assert split("هل وصل الوفد؟نعم وصل.") == ["هل وصل الوفد؟", "نعم وصل."]

    @pytest.mark.parametrize(
        "text",
        [
            "ارتفعت الأسعار بنسبة 3.5 في المئة خلال شهر",
            "صدر القرار في 27.11.2025 ونشر بعد ذلك",
            "ارتفعت الأسعار بنسبة ٣.٥ في المئة",
            "نشر البيان على موقع www.kuna.net.kw صباحا",
            "التقى الوزير د. أحمد المنصور في مكتبه",
            "وقال د.أحمد المنصور إن المشروع جاهز",
            "شارك في الندوة أ.د. سامي العلي من الجامعة",
            "ألفت ج. ك. رولينغ الرواية في لندن",
            "وافق م. خالد وأ. محمد على الخطة",
            "انظر ص. 25 من الكتاب",
            "سقطت المدينة عام 44 ق.م في يد الرومان",
        ],
    )
    def test_a_full_stop_inside_a_number_or_an_abbreviation_ends_none(self, text: str) -> None:
        assert split(f"{text}. ثم انتهى.") == [f"{text}.", "ثم انتهى."]

    def test_a_number_at_the_end_does_not_hide_the_full_stop(self) -> None:
        assert split("ارتفع السعر إلى 3.5. وانخفض الطلب إلى 20.") == [
            "ارتفع السعر إلى 3.5.",
            "وانخفض الطلب إلى 20.",
        ]

    @pytest.mark.parametrize("era", ["م", " م", "هـ", " هـ", "ه", " ق.م"])
    def test_an_era_at_the_end_does_not_hide_the_full_stop(self, era: str) -> None:
        assert split(f"عاش في دمشق حتى عام 958{era}. وتوفي في حلب.") == [
            f"عاش في دمشق حتى عام 958{era}.",
            "وتوفي في حلب.",
        ]

    def test_a_list_number_stays_with_its_item(self) -> None:
        assert split("1. توقيع المعاهدة\n2. تبادل السفراء. وفتح القنصليات") == [
            "1. توقيع المعاهدة",
            "2. تبادل السفراء.",
            "وفتح القنصليات",
        ]


class TestQuotes:
    @pytest.mark.parametrize(
        "quoted",
        [
            '"{}"',
            "“{}”",
            "”{}“",
            "„{}“",
            "«{}»",
            "»{}«",
            "({})",
            "[{}]",
            '«قال "{}"»',
            "({} [1])",
        ],
    )
    def test_a_mark_inside_quotes_or_brackets_ends_none(self, quoted: str) -> None:
        inner = quoted.format("نعم. لا")

        assert split(f"قال: {inner}. ثم ذهب.") == [f"قال: {inner}.", "ثم ذهب."]

    def test_a_full_stop_just_inside_the_closing_mark_ends_behind_it(self) -> None:
        assert split('قال: "نعم. لا." ثم ذهب.') == ['قال: "نعم. لا."', "ثم ذهب."]

    def test_a_full_stop_on_both_sides_of_the_closing_mark_ends_once(self) -> None:
        assert split("قال: «نعم.». ثم ذهب.") == ["قال: «نعم.».", "ثم ذهب."]

    def test_a_question_inside_quotes_ends_none(self) -> None:
        assert split("سأل: «هل وصل الوفد؟» ثم ذهب. ولم يعد.") == [
            "سأل: «هل وصل الوفد؟» ثم ذهب.",
            "ولم يعد.",
        ]

    @pytest.mark.parametrize("mark", ['"', "“", "”", "«", "»", "(", ")", "[", "]", "'"])
    def test_an_unbalanced_mark_does_not_swallow_the_text(self, mark: str) -> None:
        assert split(f"قال الوزير {mark} إن القمة انتهت. ثم غادر المدينة. وعاد الوفد.") == [
            f"قال الوزير {mark} إن القمة انتهت.",
            "ثم غادر المدينة.",
            "وعاد الوفد.",
        ]

    def test_far_apart_marks_do_not_swallow_the_text(self) -> None:
        middle = "وأضاف المصدر أن المحادثات مستمرة. " * 30

        found = split(f'قال " إن القمة انتهت. {middle}وانتهى الخبر " هنا.')

        assert len(found) == 32
        assert max(map(len, found)) < 60

    def test_a_closing_mark_stays_with_its_sentence(self) -> None:
        assert split("(وصل الوفد إلى موسكو.) ثم غادر.") == ["(وصل الوفد إلى موسكو.)", "ثم غادر."]

    def test_an_opening_mark_stays_with_the_next_sentence(self) -> None:
        assert split('انتهت القمة."ثم غادر الوفد" وعاد.') == [
            "انتهت القمة.",
            '"ثم غادر الوفد" وعاد.',
        ]


class TestLength:
    def test_a_run_without_marks_is_cut_at_words(self) -> None:
        text = "كلمات متتالية بلا علامات ترقيم " * 150

        found = split(text)

        assert all(len(sentence) <= LONGEST for sentence in found)
        assert " ".join(found) == text.strip()

    def test_a_run_with_commas_is_cut_at_a_comma(self) -> None:
        text = "وشارك في القمة رئيس الدولة، ووزير الخارجية، " * 60

        found = split(text)

        assert all(len(sentence) <= LONGEST for sentence in found)
        assert all(sentence.endswith("،") for sentence in found)

    def test_a_run_without_even_a_space_is_cut_all_the_same(self) -> None:
        text = "ب" * (LONGEST * 2 + 1)

        found = split(text)

        assert all(len(sentence) <= LONGEST for sentence in found)
        assert "".join(found) == text

    def test_a_sentence_of_the_greatest_length_is_whole(self) -> None:
        text = ("كلمة " * LONGEST)[: LONGEST - 1] + "."

        assert split(text) == [text]


class TestOffsets:
    def test_sentences_are_slices_of_the_text_in_order(self) -> None:
        text = '  أ. وصل الوفد.\tثم غادر!\r\n\n"نعم." قال د. أحمد… و٣.٥؛ (لا)؟ \u200f\n'

        found = spans(text)

        assert [span.of(text) for span in found] == [
            "أ. وصل الوفد.",
            "ثم غادر!",
            '"نعم."',
            "قال د. أحمد…",
            "و٣.٥؛",
            "(لا)؟",
        ]
        assert all(one.end <= other.start for one, other in pairwise(found))

    @pytest.mark.parametrize("text", ["", "   ", "\n \n", "...", "*** --- ؟", "()\n«»", "ــــــ"])
    def test_a_text_without_a_letter_or_digit_has_no_sentence(self, text: str) -> None:
        assert split(text) == []

    def test_only_the_given_span_is_split(self) -> None:
        text = "السطر الأول. انتهى\nالسطر الثاني. انتهى"
        second = Span(text.index("\n") + 1, len(text))

        assert [span.of(text) for span in split_sentences(text, second)] == [
            "السطر الثاني.",
            "انتهى",
        ]

    def test_trim_keeps_an_empty_span_inside(self) -> None:
        assert trim("أ    ب", Span(1, 4)) == Span(4, 4)
        assert trim(" أ ب ", Span(0, 5)) == Span(1, 4)


@pytest.mark.parametrize(
    "piece",
    [*HOSTILE.values(), "ا.", "5.", "(نعم.) ", "1. ", "؟", "«»", "عام 958م. "],
    ids=[*HOSTILE, "letters apart", "stops", "bracketed", "list", "questions", "pairs", "eras"],
)
def test_hostile_texts_take_linear_time(piece: str) -> None:
    assert_linear(spans, piece)
