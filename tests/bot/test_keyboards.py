"""The buttons under the bot's messages."""

from __future__ import annotations

import re
from dataclasses import replace
from math import ceil

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot import keyboards
from bot.links import decode_question
from bot.markup import utf16_length
from bot.replies import DOCUMENTS_A_PAGE, NEAREST, OTHERS_A_PAGE
from bot.state import Given
from bot.texts import ARABIC, ENGLISH, LANGUAGES, Texts
from index import Index

SUMMIT = "متى القمة المقبلة؟"
NOT_HELD = "كم عمر بوتين؟"
EVERY = ("CONTEXT", "OTHERS", "ANSWER", "RATE", "ASK", "SOURCES", "DOCUMENT", "LANGUAGE")
PATTERNS = {
    name: re.compile(getattr(keyboards, name)) for name in (*EVERY, "REMOVE_PAGE", "REMOVE")
}


def buttons_of(markup: InlineKeyboardMarkup | None) -> list[InlineKeyboardButton]:
    assert markup is not None
    return [button for row in markup.inline_keyboard for button in row]


def kinds_of(markup: InlineKeyboardMarkup | None) -> list[str]:
    """Which button each is, by the one pattern that its data fits."""
    found = []
    for button in buttons_of(markup):
        data = str(button.callback_data)
        assert 1 <= len(data.encode()) <= 64
        assert 1 <= utf16_length(button.text) <= 64
        (kind,) = [name for name, pattern in PATTERNS.items() if pattern.fullmatch(data)]
        found.append(kind)
    return found


class TestAnswers:
    @pytest.mark.parametrize("texts", [ARABIC, ENGLISH])
    def test_an_answer(self, seeds_index: Index, texts: Texts) -> None:
        answer = seeds_index.ask(SUMMIT, 10)
        markup = keyboards.answer_buttons(answer, Given.new_id(), texts)
        assert kinds_of(markup) == ["CONTEXT", "OTHERS", "RATE", "RATE"]
        assert [button.text for button in buttons_of(markup)] == [
            texts.context_button,
            texts.others_button,
            "👍",
            "👎",
        ]

    def test_no_answer_offers_examples_first(self, seeds_index: Index) -> None:
        answer = seeds_index.ask(NOT_HELD, 10)
        examples = [SUMMIT, "أين القمة؟"]
        markup = keyboards.answer_buttons(answer, Given.new_id(), ARABIC, examples=examples)
        assert kinds_of(markup) == ["ASK", "ASK", "CONTEXT", "OTHERS", "RATE", "RATE"]
        payloads = [str(button.callback_data)[2:] for button in buttons_of(markup)[:2]]
        assert [decode_question(payload) for payload in payloads] == examples

    def test_an_example_too_long_for_a_button_is_left_out(self) -> None:
        rows = keyboards.example_rows(["س" * 47, SUMMIT])
        assert [[button.text for button in row] for row in rows] == [[SUMMIT]]

    def test_where_there_is_nothing_there_are_no_buttons(self, seeds_index: Index) -> None:
        nothing = seeds_index.ask("زبرجد قسطل؟", 10)
        assert keyboards.answer_buttons(nothing, Given.new_id(), ARABIC) is None
        assert keyboards.answer_buttons(None, Given.new_id(), ARABIC) is None

    def test_a_single_hit_has_no_others(self, seeds_index: Index) -> None:
        answer = seeds_index.ask(SUMMIT, 1)
        markup = keyboards.answer_buttons(answer, Given.new_id(), ARABIC)
        assert "OTHERS" not in kinds_of(markup)

    @pytest.mark.parametrize(
        ("counts", "private", "labels"),
        [
            ({}, True, ("", "")),
            ({1: 1}, True, ("✓", "")),
            ({-1: 1}, True, ("", "✓")),
            ({}, False, ("", "")),
            ({1: 1}, False, ("1", "")),
            ({1: 12, -1: 3}, False, ("12", "3")),
        ],
    )
    def test_ratings(
        self, counts: dict[int, int], labels: tuple[str, str], *, private: bool
    ) -> None:
        assert keyboards.rating_labels(counts, private=private) == labels


class TestOthers:
    @pytest.mark.parametrize(("question", "shown"), [(SUMMIT, 1), (NOT_HELD, NEAREST)])
    def test_they_are_what_the_reply_does_not_show(
        self, seeds_index: Index, question: str, shown: int
    ) -> None:
        answer = seeds_index.ask(question, 10)
        others = keyboards.other_hits(answer)
        assert others == list(answer.hits[shown:])
        assert keyboards.other_pages(answer) == ceil(len(others) / OTHERS_A_PAGE)

    def test_what_the_reply_shows_as_differing_is_not_among_them(self, seeds_index: Index) -> None:
        answer = seeds_index.ask(SUMMIT, 10)
        differing = replace(answer, differing=(answer.hits[3],))
        others = keyboards.other_hits(differing)
        assert answer.hits[3] not in others
        assert len(others) == len(answer.hits) - 2

    @pytest.mark.parametrize(
        ("page", "pages", "turning"), [(0, 1, 0), (0, 2, 1), (1, 3, 2), (2, 3, 1)]
    )
    def test_a_page_has_contexts_turns_and_the_way_back(
        self, seeds_index: Index, page: int, pages: int, turning: int
    ) -> None:
        hits = seeds_index.ask(SUMMIT, 10).hits[1:4]
        markup = keyboards.others_buttons(Given.new_id(), hits, page, pages, ARABIC)
        kinds = ["CONTEXT"] * 3 + ["OTHERS"] * turning + ["ANSWER"]
        assert kinds_of(markup) == kinds

    def test_a_context_leads_back_to_where_it_was_opened(self) -> None:
        name = Given.new_id()
        assert kinds_of(keyboards.context_buttons(name, 0, 0, ARABIC)) == ["ANSWER"]
        (back,) = buttons_of(keyboards.context_buttons(name, 7, 2, ARABIC))
        assert back.callback_data == f"others:{name}:2"


class TestLists:
    @pytest.mark.parametrize(("total", "pages"), [(0, 1), (1, 1), (5, 1), (6, 2), (12, 3)])
    def test_pages_of_documents(self, total: int, pages: int) -> None:
        assert keyboards.document_pages(total) == pages

    def test_documents_are_numbered_through(self, seeds_index: Index) -> None:
        documents = [one for one, _ in seeds_index.collection.listing()]
        markup = keyboards.sources_buttons(documents, 2, 4, ARABIC)
        first = 2 * DOCUMENTS_A_PAGE + 1
        assert [button.text for button in buttons_of(markup)[:2]] == [str(first), str(first + 1)]
        assert kinds_of(markup) == ["DOCUMENT", "DOCUMENT", "SOURCES", "SOURCES"]

    def test_a_document_leads_back_to_its_page_of_the_list(self, seeds_index: Index) -> None:
        name = seeds_index.collection.listing()[0][0].id
        markup = keyboards.document_buttons(name, 99_998, 100_000, 99_999, ARABIC)
        assert kinds_of(markup) == ["DOCUMENT", "DOCUMENT", "SOURCES"]
        assert buttons_of(markup)[-1].callback_data == "sources:99999"

    def test_a_label_keeps_within_64_units_and_without_direction_controls(
        self, seeds_index: Index
    ) -> None:
        document = seeds_index.collection.listing()[0][0]
        odd = replace(document, path="\u202e" + "🫒" * 100 + ".txt")
        rows = keyboards.remove_buttons([odd, document], 0, 2, ARABIC)
        assert kinds_of(rows) == ["REMOVE", "REMOVE", "REMOVE_PAGE"]
        label = buttons_of(rows)[0].text
        assert label.startswith("🫒")
        assert label.endswith("…")
        label.encode("utf-8")  # fails where a surrogate pair was split

    def test_what_is_asked_before_removing(self, seeds_index: Index) -> None:
        name = seeds_index.collection.listing()[0][0].id
        assert kinds_of(keyboards.confirm_buttons(name, ARABIC)) == ["REMOVE", "REMOVE"]

    @pytest.mark.parametrize("chosen", LANGUAGES.values())
    def test_the_language_in_use_is_ticked(self, chosen: Texts) -> None:
        markup = keyboards.language_buttons(chosen)
        assert kinds_of(markup) == ["LANGUAGE"] * len(LANGUAGES)
        ticked = [button.text for button in buttons_of(markup) if "✓" in button.text]
        assert ticked == [f"{chosen.language} ✓"]
