"""What people read, as Telegram and a terminal take it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.markup import clip, line, utf16_length
from bot.printing import answer_lines, source_line
from bot.replies import (
    DOCUMENTS_A_PAGE,
    answer_html,
    context_html,
    document_html,
    format_date,
    others_html,
    source_html,
    sources_html,
)
from bot.splitting import split_html
from bot.texts import ARABIC, ENGLISH
from index import Answer, Hit, Kind, Span
from index.model import Relation, Resolved, Source
from tests.telegram.markup import parse_html

ANY_TEXT = st.text(max_size=300) | st.text("<>&\"'b/ا \u202e\u2066\0🙂", max_size=60)
CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def document(title: str = "عنوان", agency: str = "كونا", published: date | None = None) -> Source:
    return Source("0", "a.txt", title, published, agency)


def answer(
    sentence: str,
    short: Span | None = None,
    *,
    answered: bool = True,
    source: Source | None = None,
) -> Answer:
    found = source or document()
    hit = Hit(1, sentence, Span(0, len(sentence)), short, 1.0, sentence, found)
    return Answer("سؤال؟", Kind.WHEN, answered, 0.5, (hit,))


class TestTelegram:
    @settings(deadline=None)
    @given(sentence=ANY_TEXT, title=ANY_TEXT, agency=ANY_TEXT, data=st.data())
    def test_any_text_gives_html_that_telegram_takes(
        self, sentence: str, title: str, agency: str, data: st.DataObject
    ) -> None:
        start = data.draw(st.integers(0, len(sentence)))
        short = Span(start, data.draw(st.integers(start, len(sentence))))
        for answered in (True, False):
            html = answer_html(
                answer(sentence, short, answered=answered, source=document(title, agency)), ARABIC
            )
            text, entities = parse_html(html)
            assert {entity["type"] for entity in entities} <= {"bold", "italic"}
            assert sum(entity["type"] == "bold" for entity in entities) <= 1
            assert all(part.startswith("\u200f") for part in text.split("\n") if part)

    def test_a_document_cannot_add_markup(self) -> None:
        html = answer_html(answer('<a href="https://x">هنا</a> & <b>'), ARABIC)
        text, entities = parse_html(html)
        assert '<a href="https://x">هنا</a> & <b>' in text
        assert entities == []

    def test_a_document_cannot_reorder_the_source_line(self) -> None:
        for mark in CONTROLS:
            source = source_html(document(f"عن{mark}وان", f"كو{mark}نا"), ARABIC)
            opened = sum(source.count(mark) for mark in "\u2066\u2067\u2068")
            assert opened == source.count("\u2069") == 3
            assert not any(mark in source for mark in "\u202a\u202b\u202c\u202d\u202e\u2067")

    def test_the_title_links_to_where_the_document_was_published(self) -> None:
        url = "https://example.org/a?b=1&c='<2>'".replace("<2>", "%3C2%3E")
        html = source_html(replace(document("عنوان <b>"), url=url), ARABIC)
        text, entities = parse_html(html)
        (link,) = [entity for entity in entities if entity["type"] == "text_link"]
        assert link["url"] == url
        assert "عنوان <b>" in text[link["offset"] : link["offset"] + link["length"]]
        assert split_html(html) == [html]
        other = source_html(replace(document(), url="javascript:alert(1)"), ARABIC)
        assert parse_html(other)[1] == []

    def test_the_further_paths_of_a_text_are_named_up_to_three(self) -> None:
        several = replace(document(), also=tuple(f"{letter}.txt" for letter in "bcde"))
        text, _ = parse_html(sources_html([(several, 2)], 0, 1, 1, ARABIC))
        assert all(f"{letter}.txt" in text for letter in "abc")
        assert "d.txt" not in text
        assert "(+2)" in text

    def test_the_short_answer_is_bold_and_the_sentence_whole(self) -> None:
        sentence = "تنعقد القمة 🙂 في 11 نوفمبر 2026 هنا."
        start = sentence.index("11")
        html = answer_html(answer(sentence, Span(start, start + len("11 نوفمبر 2026"))), ARABIC)
        assert "<b>11 نوفمبر 2026</b>" in html
        assert sentence in parse_html(html)[0]

    def test_without_any_sentence_there_is_only_the_refusal(self) -> None:
        nothing = Answer("سؤال؟", Kind.OTHER, answered=False, confidence=0.0, hits=())
        assert answer_html(nothing, ARABIC) == line(ARABIC.not_found)
        assert answer_html(nothing, ENGLISH) == line(ENGLISH.not_found, "\u200e")

    def test_a_page_of_sources_numbers_its_documents(self) -> None:
        documents = [(document(f"عنوان {n}"), n) for n in range(6, 11)]
        text, _ = parse_html(sources_html(documents, 1, 3, 12, ARABIC))
        for number in range(6, 6 + DOCUMENTS_A_PAGE):
            assert f"\u200f{number}. \u2068عنوان {number}\u2069\n" in text
        assert "12 وثيقة" in text
        assert "صفحة 2 من 3" in text

    def test_the_context_is_the_passage_with_the_sentence_in_bold(self) -> None:
        hit = replace(answer("تنعقد القمة.").hits[0], passage="قبلها. تنعقد القمة. بعدها <x>.")
        html = context_html(hit, ARABIC)
        assert "قبلها. <b>تنعقد القمة.</b> بعدها &lt;x&gt;." in html
        assert parse_html(html)[0].endswith("\u2068عنوان\u2069")

    def test_a_sentence_far_into_a_long_passage_is_in_its_context(self) -> None:
        sentence = "تنعقد القمة."
        hit = replace(answer(sentence).hits[0], passage="كلام " * 5000 + sentence + " كلام" * 5000)
        assert f"<b>{sentence}</b>" in split_html(context_html(hit, ARABIC))[0]

    def test_others_are_numbered_by_their_rank(self) -> None:
        hits = [replace(answer("جملة").hits[0], rank=rank) for rank in (4, 5)]
        text, _ = parse_html(others_html(hits, 1, 3, ENGLISH))
        assert "Other answers (2 of 3)" in text
        assert "\u200f4. جملة\n" in text
        assert "\u200f5. جملة\n" in text

    def test_a_document_is_shown_with_all_its_sentences(self) -> None:
        text, _ = parse_html(document_html(document(), ["أولى.", "ثانية <b>."], ARABIC))
        assert "جملتان" in text
        assert "• أولى." in text
        assert "• ثانية <b>." in text

    def test_several_nearest_sentences_are_told_as_several(self) -> None:
        one = answer("جملة", answered=False)
        two = replace(one, hits=(one.hits[0], replace(one.hits[0], sentence="أخرى")))
        assert ARABIC.not_sure_several in answer_html(two, ARABIC)
        assert "أخرى" in answer_html(two, ARABIC)

    def test_the_two_ways_of_not_answering_are_told_apart(self) -> None:
        unsure = answer_html(answer("جملة", answered=False), ARABIC)
        hit = answer("جملة").hits
        not_found = answer_html(
            Answer("س", Kind.WHEN, answered=False, confidence=0.0, hits=hit), ARABIC
        )
        assert ARABIC.unsure in unsure
        assert ARABIC.not_found in not_found
        assert ARABIC.not_sure in unsure
        assert ARABIC.not_sure in not_found

    def test_a_relative_date_is_resolved(self) -> None:
        day = date(2025, 11, 27)
        for resolved, said in (
            (Resolved(Relation.AFTER, day, day), "أي بعد 27/11/2025"),
            (Resolved(Relation.BEFORE, day, day), "أي قبل 27/11/2025"),
            (Resolved(Relation.ON, day, day), "أي 27/11/2025"),
            (Resolved(Relation.ON, date(2026, 1, 1), date(2026, 12, 31)), "أي 2026"),
            (Resolved(Relation.ON, date(2025, 12, 1), date(2025, 12, 31)), "أي 12/2025"),
            (Resolved(Relation.ON, date(2025, 11, 25), day), "أي 25/11/2025 – 27/11/2025"),
        ):
            found = answer("سيزور الأسبوع المقبل", Span(6, 20))
            hit = replace(found.hits[0], resolved=resolved)
            html = answer_html(replace(found, hits=(hit,)), ARABIC)
            assert f"«الأسبوع المقبل»، {said}\n" in html

    def test_documents_that_agree_are_both_named_and_those_that_differ_both_shown(self) -> None:
        other = document("آخر", "وكالات")
        agreeing = replace(answer("تنعقد في موسكو", Span(9, 14)), agreeing=(other,))
        differing = replace(agreeing, agreeing=(), differing=answer("في دمشق", source=other).hits)
        assert "وكالات" in answer_html(agreeing, ARABIC)
        assert ARABIC.elsewhere not in answer_html(agreeing, ARABIC)
        assert ARABIC.elsewhere in answer_html(differing, ARABIC)
        assert "في دمشق" in answer_html(differing, ARABIC)
        assert "في دمشق" in answer_lines(differing)
        assert "وكالات · آخر" in answer_lines(agreeing)


class TestTerminal:
    def test_a_source_without_a_date_shows_none(self) -> None:
        assert source_line(document()) == "كونا · عنوان"
        assert source_line(document(published=date(2025, 3, 7))) == "كونا · 7/3/2025 · عنوان"

    def test_styles_go_around_what_they_mark(self) -> None:
        lines = answer_lines(
            answer("في 2026 هنا", Span(3, 7)), bold=lambda t: f"[{t}]", dim=lambda t: f"({t})"
        )
        assert lines == ["في [2026] هنا", "(كونا · عنوان)"]

    def test_what_is_not_sure_is_not_marked_as_an_answer(self) -> None:
        lines = answer_lines(answer("في 2026 هنا", Span(3, 7), answered=False), bold=str.upper)
        assert lines[0] == ARABIC.unsure
        assert lines[2] == "في 2026 هنا"


@pytest.mark.parametrize("day", [date(2025, 11, 27), date(1, 2, 3)])
def test_dates_are_written_day_month_year(day: date) -> None:
    assert format_date(day) == f"{day.day}/{day.month}/{day.year}"


@given(st.text(), st.integers(1, 50))
def test_clipping_keeps_within_the_units(text: str, units: int) -> None:
    clipped = clip(text, units)
    assert utf16_length(clipped) <= units
    assert clipped == text or (clipped.endswith("…") and text.startswith(clipped[:-1]))


@given(st.text())
def test_lengths_are_those_of_utf16(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2
