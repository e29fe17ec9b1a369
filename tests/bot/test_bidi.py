"""The order in which what the bot writes is seen, by the Unicode bidirectional algorithm (UAX #9).

Telegram shows each line in the direction of its first strong letter, and so do these tests. What
they compare is the line as it is seen from left to right, so its first word is on the right.
"""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from bidi import get_base_level, get_display
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.markup import line
from bot.replies import (
    answer_html,
    context_html,
    document_html,
    others_html,
    source_html,
    sources_html,
)
from bot.texts import ARABIC
from index.documents import make_document
from index.model import Answer, Hit, Kind, Relation, Resolved, Source, Span
from tests.telegram.markup import parse_html

DAY = date(2025, 11, 27)
SHOWN_DAY = "27/11/2025"
FILE_NAME = "report-2024 (final).v2.txt"
CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
UNSEEN = dict.fromkeys(map(ord, "\u200e\u200f\u061c\u2060" + CONTROLS))
PARTS = (
    "وكالة الأنباء الكويتية (كونا)",
    "Reuters",
    "24 ساعة",
    "تقرير Reuters رقم 7",
    FILE_NAME,
    "خطة المياه 2026-2030",
    "2026-2030",
    'قال "نعم" (ثم سكت',
    "(1) Plan",
    "100%",
)
# A document's name and agency hold no line ends, which would end every isolate.
ANY_PART = st.text(
    st.characters(codec="utf-8").filter(lambda c: unicodedata.bidirectional(c) != "B"), max_size=30
) | st.text("ab اب12-/().:" + CONTROLS, max_size=30)


def seen(text: str) -> str:
    """One line as it is seen from left to right, in the direction of its first strong letter."""
    return str(get_display(text)).translate(UNSEEN) if text else ""


def lines(html: str) -> list[str]:
    """The lines of a message as they are seen, those with text only."""
    return [seen(part) for part in parse_html(html)[0].split("\n") if part]


def assert_from_the_right(shown: str, *parts: str) -> None:
    """Check that a line shows these parts from right to left, each as it is seen by itself."""
    rest = shown
    for part in parts:
        before, found, _ = rest.rpartition(seen(part))
        assert found, f"{part!r} is not whole, or not in its place, in {shown!r}"
        rest = before


def document(title: str = "عنوان", agency: str = "كونا", published: date | None = DAY) -> Source:
    return Source("0", "a.txt", title, published, agency)


def answer(sentence: str, source: Source | None = None, *, answered: bool = True) -> Answer:
    short = Span(0, len(sentence.split(maxsplit=1)[0]))
    found = source or document()
    hit = Hit(1, sentence, Span(0, len(sentence)), short, 1.0, sentence, found)
    return Answer("سؤال؟", Kind.WHEN, answered, 0.5, (hit,))


class TestTheAlgorithm:
    """What the tests below rest on: the library knows isolates and finds the direction itself."""

    def test_the_first_strong_letter_gives_the_direction(self) -> None:
        assert seen("كتب Reuters") == "Reuters بتك"
        assert seen("Reuters كتب") == "Reuters بتك"
        assert seen("\u200fReuters كتب") == "بتك Reuters"

    def test_isolates_hold(self) -> None:
        assert seen("\u200fا 1 - 2 ب") == "ب 2 - 1 ا"
        assert seen("\u200fا \u20661 - 2\u2069 ب") == "ب 1 - 2 ا"
        assert seen("\u200fa \u2068ب 1 c\u2069 d") == "a c 1 ب d"

    def test_an_override_that_nothing_isolates_reorders_what_follows(self) -> None:
        assert seen("\u200f\u202dكونا · عنوان") == "كونا · عنوان"


class TestSources:
    @pytest.mark.parametrize("title", PARTS)
    @pytest.mark.parametrize("agency", PARTS)
    def test_agency_date_and_title_stand_from_right_to_left(self, agency: str, title: str) -> None:
        (dated,) = lines(line(source_html(document(title, agency), ARABIC)))
        assert dated == f"{seen(title)} · {SHOWN_DAY} · {seen(agency)}"
        (undated,) = lines(line(source_html(document(title, agency, None), ARABIC)))
        assert undated == f"{seen(title)} · {seen(ARABIC.undated)} · {seen(agency)}"

    def test_a_file_name_and_a_range_stay_in_order(self) -> None:
        (shown,) = lines(line(source_html(document(FILE_NAME, "Plan 2026-2030"), ARABIC)))
        assert shown == f"{FILE_NAME} · {SHOWN_DAY} · Plan 2026-2030"
        (shown,) = lines(line(source_html(document("خطة 2026-2030"), ARABIC)))
        assert_from_the_right(shown, "كونا", SHOWN_DAY, "خطة", "2026", "2030")

    @settings(deadline=None)
    @given(ANY_PART, st.sampled_from(PARTS))
    @example("عنوان \u202e\u2067\u202d", "Reuters")
    @example("\u2069\u2069\u202c عنوان", "24 ساعة")
    def test_no_title_reorders_what_is_beside_it(self, title: str, agency: str) -> None:
        (shown,) = lines(line(source_html(document(title, agency), ARABIC)))
        assert shown.endswith(f" · {SHOWN_DAY} · {seen(agency)}")

    @settings(deadline=None)
    @given(ANY_PART, st.sampled_from(PARTS))
    @example("\u202e\u2067كونا", FILE_NAME)
    @example("كونا\u2069 \u202b(", FILE_NAME)
    def test_no_agency_reorders_what_is_beside_it(self, agency: str, title: str) -> None:
        (shown,) = lines(line(source_html(document(title, agency), ARABIC)))
        assert shown.startswith(f"{seen(title)} · {SHOWN_DAY} · ")

    @pytest.mark.parametrize("control", CONTROLS)
    def test_controls_of_a_document_leave_its_title_as_without_them(self, control: str) -> None:
        (shown,) = lines(line(source_html(document(f"عنوان {control}report 7"), ARABIC)))
        assert shown == f"{seen('عنوان report 7')} · {SHOWN_DAY} · {seen('كونا')}"

    def test_a_document_that_was_read_from_a_file_stands_in_order(self) -> None:
        read = make_document(FILE_NAME, "Reuters \u202eقالت إن القمة في عمان.\n\nوأضافت\u2067 ذلك.")
        (shown,) = lines(line(source_html(read, ARABIC)))
        agency = FILE_NAME.removesuffix(".txt")
        assert_from_the_right(shown, agency, ARABIC.undated, read.title.translate(UNSEEN))
        assert shown.endswith(f" · {agency}")

    def test_the_list_of_documents_reads_from_the_right(self) -> None:
        listed = [(document(FILE_NAME, "Reuters"), 3), (document("2026-2030", "24"), 11)]
        _, first, origin, second, other_origin = lines(sources_html(listed, 0, 1, 2, ARABIC))
        assert first == f"{FILE_NAME} .1"
        assert second == "2026-2030 .2"
        assert_from_the_right(origin, "Reuters", SHOWN_DAY, ARABIC.sentences.counted(3))
        assert_from_the_right(other_origin, "24", SHOWN_DAY, "11")

    def test_a_document_with_its_sentences_reads_from_the_right(self) -> None:
        sentences = ["Reuters قالت ذلك.", "2026 عام القمة."]
        heading, origin, first, second = lines(
            document_html(document(FILE_NAME, "Reuters"), sentences, ARABIC)
        )
        assert heading == FILE_NAME
        assert_from_the_right(origin, "Reuters", SHOWN_DAY, ARABIC.sentences.counted(2))
        assert_from_the_right(first, "•", "Reuters", "قالت", "ذلك", ".")
        assert_from_the_right(second, "•", "2026", "عام", "القمة", ".")


class TestAnswers:
    @pytest.mark.parametrize(
        "sentence",
        [
            "Reuters قالت إن القمة في 2026.",
            "2026 هو عام القمة (التاسعة).",
            "27/11/2025 موعد القمة.",
            "«Reuters» نقلت عنه ذلك؟",
            "تنعقد القمة في Amman، يوم 27/11/2025!",
        ],
    )
    @pytest.mark.parametrize("answered", [True, False])
    def test_a_sentence_reads_from_the_right(self, sentence: str, *, answered: bool) -> None:
        shown = lines(answer_html(answer(sentence, answered=answered), ARABIC))
        (found,) = (part for part in shown if seen("القمة") in part or "Reuters" in part)
        words = [word.strip("«»().،؟!") for word in sentence.split()]
        assert_from_the_right(found, *words, sentence[-1])
        assert found.startswith(sentence[-1])

    @settings(deadline=None)
    @given(ANY_PART.filter(str.strip))
    @example("\u202e\u2067Reuters قالت\u202d")
    @example("\u2069\u202cReuters")
    def test_no_sentence_reorders_its_source(self, sentence: str) -> None:
        source = document(FILE_NAME, "Reuters")
        whole = lines(answer_html(answer(sentence, source), ARABIC))
        assert whole[-1] == f"{FILE_NAME} · {SHOWN_DAY} · Reuters"

    def test_every_line_is_shown_from_the_right(self) -> None:
        found = answer("Reuters said so.\n2026", document("Plan", "Reuters"))
        hit = found.hits[0]
        for html in (
            answer_html(found, ARABIC),
            context_html(hit, ARABIC),
            others_html(found.hits, 0, 1, ARABIC),
            sources_html([(hit.document, 1)], 0, 2, 9, ARABIC),
            document_html(hit.document, ["Reuters", "7"], ARABIC),
        ):
            for part in filter(None, parse_html(html)[0].split("\n")):
                assert get_base_level(part) == 1

    def test_a_further_answer_begins_with_its_rank(self) -> None:
        shown = lines(others_html(answer("Reuters قالت ذلك").hits, 0, 1, ARABIC))
        assert shown[1] == f"{seen('قالت ذلك')} Reuters .1"

    def test_the_days_that_a_relative_date_means_stand_in_order(self) -> None:
        resolved = Resolved(Relation.ON, date(2025, 11, 25), DAY)
        hit = Hit(
            1, "سيزور غدا", Span(0, 9), Span(6, 9), 1.0, "سيزور غدا", document(), resolved=resolved
        )
        found = Answer("سؤال؟", Kind.WHEN, answered=True, confidence=0.9, hits=(hit,))
        shown = lines(answer_html(found, ARABIC))[1]
        assert_from_the_right(shown, "غدا", "أي", "25/11/2025", "–", SHOWN_DAY)
