"""Long messages: pieces that Telegram takes, cut where a reader would pause."""

from __future__ import annotations

import re
import unicodedata
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.markup import LONGEST_MESSAGE, line
from bot.splitting import SHORTEST, clip_html, split_html
from tests.index.helpers import HOSTILE, assert_linear
from tests.telegram.markup import parse_html, utf16_length

OPENED, CLOSED = "\u2066\u2067\u2068", "\u2069"
FAMILY = "👨‍👩‍👧‍👦"
HARAKAT = "مُحَمَّدٌ"
PIECES = st.sampled_from(
    [
        *("ا", "ب", "كلمة ", "جملة تامة. ", "report-2024 ", "؟", "،", FAMILY, HARAKAT),
        *(" ", "\n", "\n\n", "\r", "\u00a0", "\u2068عنوان. report\u2069"),
        *("&", "<", '"', "&amp;", "🙂", "🇯🇴🇸🇦"),
    ]
)
TEXTS = st.lists(PIECES, max_size=120).map("".join) | st.text(max_size=120)
TAGS = ("b", "i", 'a href="https://example.org/?a=1&amp;b=%3E"', "blockquote expandable", "code")
OTHER = re.compile(r"[\u2066-\u2069\u200f\n\r\v\f\x1c-\x1e\x85\u2029]")
LIMITS = st.integers(SHORTEST, 80)


def visible(html: str) -> str:
    return parse_html(html)[0]


def seen(text: str) -> str:
    """What is left of a text without white space and the marks that splitting adds."""
    return "".join(c for c in text if not c.isspace() and unicodedata.category(c) != "Cf")


def isolates_balance(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character in OPENED) - (character in CLOSED)
        if depth < 0:
            return False
    return depth == 0


@st.composite
def messages(draw: st.DrawFn, depth: int = 3) -> str:
    parts = []
    for _ in range(draw(st.integers(1, 4))):
        if depth and draw(st.booleans()):
            tag = draw(st.sampled_from(TAGS))
            parts.append(f"<{tag}>{draw(messages(depth - 1))}</{tag.split()[0]}>")
        else:
            parts.append(escape(draw(TEXTS), quote=draw(st.booleans())).replace("&#x27;", "&#39;"))
    return "".join(parts)


class TestAnyMessage:
    @settings(deadline=None)
    @given(messages(), LIMITS)
    def test_each_piece_is_a_message_that_telegram_takes(self, html: str, limit: int) -> None:
        for piece in split_html(html, limit):
            text = visible(piece)
            assert utf16_length(text) <= limit
            assert seen(text)

    @settings(deadline=None)
    @given(messages(), LIMITS)
    def test_what_is_seen_is_preserved(self, html: str, limit: int) -> None:
        assert seen("".join(map(visible, split_html(html, limit)))) == seen(visible(html))

    @settings(deadline=None)
    @given(messages(), LIMITS)
    def test_each_character_keeps_its_tags(self, html: str, limit: int) -> None:
        pieces = split_html(html, limit)
        assert [mark for piece in pieces for mark in marks(piece)] == marks(html)

    @settings(deadline=None)
    @given(st.lists(st.tuples(TEXTS, st.sampled_from([" · ", "\n", "\n\n"]))), LIMITS)
    def test_isolates_are_closed_and_lines_keep_their_mark(
        self, parts: list[tuple[str, str]], limit: int
    ) -> None:
        html = line(
            "".join(f"\u2068{escape(OTHER.sub('', text))}\u2069{gap}" for text, gap in parts)
        )
        for piece in split_html(html, limit):
            for part in filter(seen, visible(piece).split("\n")):
                assert part.startswith("\u200f")
                assert isolates_balance(part)

    @settings(deadline=None)
    @given(messages(), LIMITS)
    def test_clipping_keeps_the_beginning(self, html: str, limit: int) -> None:
        text, clipped = visible(html), visible(clip_html(html, limit))
        assert utf16_length(clipped) <= limit
        if clipped != text and clipped != text.strip():
            assert clipped.endswith("…")
            assert seen(text).startswith(seen(clipped[:-1]))

    @settings(deadline=None)
    @given(messages(), LIMITS)
    def test_what_fits_stays_as_it_is(self, html: str, limit: int) -> None:
        text = visible(html)
        if utf16_length(text) <= limit:
            assert clip_html(html, limit) == html
            assert split_html(html, limit) == ([html] if seen(text) else [])


def marks(html: str) -> list[tuple[str, frozenset[str]]]:
    """The seen characters of a message, each with the kinds of the entities it stands in."""
    text, entities = parse_html(html)
    found, position = [], 0
    for character in text:
        if seen(character):
            around = frozenset(
                entity["type"] + entity.get("url", "")
                for entity in entities
                if entity["offset"] <= position < entity["offset"] + entity["length"]
            )
            found.append((character, around))
        position += utf16_length(character)
    return found


class TestWhere:
    def test_between_paragraphs_first(self) -> None:
        html = "فقرة أولى. تتمة\nسطر\n\nفقرة ثانية. تتمة طويلة هنا"
        assert split_html(html, 40) == ["فقرة أولى. تتمة\nسطر", "فقرة ثانية. تتمة طويلة هنا"]

    def test_then_between_lines(self) -> None:
        assert split_html("سطر أول. تتمة\nسطر ثان. تتمة أطول", 30) == [
            "سطر أول. تتمة",
            "سطر ثان. تتمة أطول",
        ]

    @pytest.mark.parametrize("end", list(".؟!؛…"))
    def test_then_after_a_sentence(self, end: str) -> None:
        assert split_html(f"ذهب الولد إلى البيت{end} ثم عاد منه مساء", 32) == [
            f"ذهب الولد إلى البيت{end}",
            "ثم عاد منه مساء",
        ]

    def test_a_title_or_a_list_number_is_no_end_of_a_sentence(self) -> None:
        text = "قال د. محمد علي إن الاجتماع سيعقد غدا"
        assert split_html(text, 20)[0] == "قال د. محمد علي إن"
        assert split_html(f"\u200f1. {text}", 20)[0] == "\u200f1. قال د. محمد علي"

    def test_then_at_a_space(self) -> None:
        assert split_html("كلمة " * 8, 20) == ["كلمة كلمة كلمة كلمة"] * 2

    def test_then_between_characters(self) -> None:
        assert split_html("ب" * 50, 20) == ["ب" * 20, "ب" * 20, "ب" * 10]

    def test_a_word_is_rather_moved_than_split(self) -> None:
        assert split_html("أب " + "ب" * 20, 20) == ["أب", "ب" * 20]

    def test_a_better_place_does_not_make_a_tiny_piece(self) -> None:
        words = "كلمة " * 12
        assert split_html(f"أب\n\n{words}", 40)[0].startswith("أب\n\nكلمة كلمة")

    def test_no_break_spaces_hold(self) -> None:
        assert split_html("كلمة كلمة 100\u00a0كلم وبعد", 16) == ["كلمة كلمة", "100\u00a0كلم وبعد"]

    @pytest.mark.parametrize("cluster", [FAMILY, "م\u064f\u0651", "🇯🇴", "👍🏽", "1\ufe0f\u20e3"])
    def test_what_is_seen_as_one_character_stays_whole(self, cluster: str) -> None:
        for before in range(20):
            pieces = split_html("ب" * before + cluster * 30, 24)
            assert sum(piece.count(cluster) for piece in pieces) == 30

    def test_more_marks_than_a_message_holds_are_split_all_the_same(self) -> None:
        marked = "م" + "\u064f" * 100
        pieces = split_html(marked, 20)
        assert "".join(pieces) == marked
        assert max(map(len, pieces)) <= 20


class TestTags:
    def test_what_is_open_is_closed_and_opened_again_with_its_attributes(self) -> None:
        link = '<a href="https://example.org/?a=1&amp;b=2">'
        html = f"<b>عنوان</b> {link}كلمة <i>كلمة كلمة</i> كلمة</a>"
        assert split_html(html, 17) == [
            f"<b>عنوان</b> {link}كلمة <i>كلمة</i></a>",
            f"{link}<i>كلمة</i> كلمة</a>",
        ]

    def test_no_empty_tags_are_left_at_a_split(self) -> None:
        html = "<b>كلمة كلمة كلمة</b> <i>كلمة كلمة كلمة</i>"
        assert split_html(html, 16) == ["<b>كلمة كلمة كلمة</b>", "<i>كلمة كلمة كلمة</i>"]

    def test_a_reference_is_one_character_and_stays_whole(self) -> None:
        assert split_html("&amp;" * 40, 20) == ["&amp;" * 20] * 2
        assert (
            split_html("&lt;&#39;&#x1f642;&quot;" * 8, 20) == ["&lt;&#39;&#x1f642;&quot;" * 4] * 2
        )

    def test_what_telegram_shows_as_written_counts_as_written(self) -> None:
        assert split_html("AT&T " * 8, 20) == ["AT&T AT&T AT&T AT&T"] * 2
        assert split_html("&#0;" * 10, 20) == ["&#0;" * 5] * 2

    def test_neighbours_do_not_grow_together(self) -> None:
        html = "<blockquote>كلمة</blockquote><blockquote>كلمة</blockquote>\n" * 4
        assert split_html(html, 20) == [html[: html.index("\n") * 2 + 1]] * 2

    @pytest.mark.parametrize("html", ["<b>كلمة", "كلمة</b>", "<b><i>كلمة</b></i>", "1 < 2", "<b"])
    def test_what_telegram_refuses_is_refused(self, html: str) -> None:
        with pytest.raises(ValueError, match="tag"):
            split_html(html)

    def test_a_limit_without_room_is_refused(self) -> None:
        with pytest.raises(ValueError, match="limit"):
            split_html("كلمة", SHORTEST - 1)


class TestDirection:
    def test_the_rest_of_a_line_begins_with_its_mark(self) -> None:
        html = line("<b>كلمة كلمة كلمة كلمة كلمة</b>\nسطر آخر")
        assert split_html(html, 20) == [
            "\u200f<b>كلمة كلمة كلمة كلمة</b>",
            "\u200f<b>كلمة</b>\n\u200fسطر آخر",
        ]

    def test_a_line_that_reads_from_the_left_goes_on_from_the_left(self) -> None:
        html = "\u200eword word word (جواب) word"
        assert split_html(html, 16) == ["\u200eword word word", "\u200e(جواب) word"]

    def test_a_line_without_a_mark_is_given_none(self) -> None:
        assert split_html("word " * 8, 20) == ["word word word word"] * 2

    def test_a_split_is_rather_outside_an_isolate(self) -> None:
        html = line("كلمة كلمة كلمة \u2068report. final of 2024\u2069 كلمة")
        assert split_html(html, 40) == [
            "\u200fكلمة كلمة كلمة \u2068report. final of 2024\u2069",
            "\u200fكلمة",
        ]
        assert split_html(html, 30)[0] == "\u200fكلمة كلمة كلمة"

    def test_an_isolate_that_is_split_is_closed_and_opened_again(self) -> None:
        html = line("\u2068<b>final report of the year</b>\u2069 · كونا")
        assert split_html(html, 20) == [
            "\u200f\u2068<b>final report of</b>\u2069",
            "\u200f\u2068<b>the year</b>\u2069 · كونا",
        ]


class TestClipping:
    def test_an_ellipsis_says_where_it_was_cut(self) -> None:
        assert clip_html("<b>كلمة كلمة كلمة كلمة كلمة</b>", 21) == "<b>كلمة كلمة كلمة كلمة</b>…"

    def test_a_long_word_fills_the_room(self) -> None:
        assert clip_html("• " + "ب" * 50, 20) == "• " + "ب" * 17 + "…"

    def test_white_space_around_it_is_not_what_makes_it_long(self) -> None:
        assert clip_html("\n" * 20 + "<b>كلمة</b>" + " " * 20, 20) == "<b>كلمة</b>"


def test_a_message_of_the_longest_size_is_one_piece() -> None:
    assert len(split_html("🙂" * (LONGEST_MESSAGE // 2))) == 1
    assert len(split_html("🙂" * (LONGEST_MESSAGE // 2) + "ب")) == 2


@pytest.mark.parametrize(
    "piece",
    [
        *HOSTILE.values(),
        *("\u064f", "🇯🇴", "\n", "\u2068", "\u2068ا \u2069", "&", "&amp;", "<b>ا</b>", "\u00a0"),
    ],
)
def test_long_messages_take_linear_time(piece: str) -> None:
    assert_linear(lambda html: split_html(html, 64), piece)
