"""Nothing in a document, a name or a question adds markup, a link or a button, or moves a source.

Replies are read as Telegram reads them: their entities are those that were meant, and what is seen
is what was given. Sentences stay exactly as their documents have them; of names, titles, agencies,
paths and questions Telegram must make no link either, which it does with addresses in plain text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import strategies as st

from bot.keyboards import answer_buttons, remove_buttons
from bot.links import web_link
from bot.markup import isolated, unlinked, utf16_length
from bot.replies import (
    answer_html,
    context_html,
    document_html,
    group_help_html,
    others_html,
    quoted_html,
    source_html,
    sources_html,
)
from bot.splitting import split_html
from bot.texts import ARABIC, ENGLISH, Texts
from index.model import Answer, Hit, Kind, Source, Span
from tests.bot.test_bidi import lines, seen
from tests.conftest import Endurance
from tests.hostile import ADDRESSES, ANY_ADDRESS, DIRECTIONS, LINKED, TEXTS, fuzz
from tests.telegram.markup import Json, parse_html
from tests.telegram.records import marked

DAY = date(2025, 11, 27)
SHOWN_DAY = "27/11/2025"
LANGUAGES = st.sampled_from([ARABIC, ENGLISH])
NAMES = TEXTS.map(lambda text: " ".join(text.split())[:80])
SENTENCES = TEXTS.map(lambda text: " ".join(text.split("\n")).strip()).filter(bool)
SOURCES = st.builds(
    Source,
    id=st.just("0123456789ab"),
    path=TEXTS,
    title=TEXTS,
    published=st.sampled_from([DAY, None]),
    agency=TEXTS,
    url=ANY_ADDRESS | st.none(),
    also=st.lists(TEXTS, max_size=3).map(tuple),
)
# What Telegram's servers make links of in plain text (TDLib's MessageEntity.cpp), roughly; where in
# doubt, more than they do.
DETECTED = re.compile(
    r"[^\s\u200e\u200f\u2060-\u2069]\.[^\W\d_]{2}|\d\.\d{1,3}\.\d{1,3}\.\d"
    r"|(?:tg|ton|tonsite|https?|ftp)://"
    r"|(?<!\w)@\w\w|#\d*[^\W\d]|\$[A-Z1]|(?<![\w/<>])/\w"
    r"|\+[ ()-]*\d(?:[ ()-]*\d){6}|(?:\d[ -]?){13}"
)
FILES = re.compile(r"\.(?:txt|html?|pdf|docx|jsonl|csv)(?!\w)")
UNSEEN = dict.fromkeys(map(ord, "\u200e\u200f\u2060" + DIRECTIONS))


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """An answer with hostile sentences of hostile documents."""
    hits = []
    for rank in range(1, draw(st.integers(1, 4)) + 1):
        sentence = draw(SENTENCES)
        places = sorted(draw(st.tuples(*[st.integers(0, len(sentence))] * 2)))
        short = Span(*places) if places[0] < places[1] else None
        passage = f"{draw(TEXTS)} {sentence} {draw(TEXTS)}"
        hits.append(Hit(rank, sentence, Span(0, len(sentence)), short, 1.0, passage, draw(SOURCES)))
    answered = draw(st.booleans())
    agreeing, differing = tuple(draw(st.lists(SOURCES, max_size=1))), tuple(hits[1:2])
    return Answer(
        "؟",
        Kind.WHEN,
        answered,
        0.5,
        tuple(hits),
        agreeing=agreeing if answered else (),
        differing=differing if answered and draw(st.booleans()) else (),
    )


def read(html: str) -> tuple[str, list[Json]]:
    """What is seen of a message and its entities; it can be sent."""
    html.encode()
    for part in split_html(html):
        parse_html(part)
    return parse_html(html)


def kinds(entities: Sequence[Json]) -> list[str]:
    return sorted(entity["type"] for entity in entities)


def assert_safe_links(entities: Sequence[Json], allowed: Sequence[str | None]) -> None:
    """Check that all links lead to where documents are said to be, on the web."""
    for entity in entities:
        if entity["type"] == "text_link":
            url = entity["url"]
            assert url in {(one or "").strip() for one in allowed}
            parts = urlsplit(url)
            assert parts.scheme.lower() in {"http", "https"}
            assert "@" not in parts.netloc
            assert not set(url) & set(f'{DIRECTIONS}<>"\n\r\t \x00\x1b')


def detected(text: str) -> list[str]:
    """Return what Telegram would make a link of in a plain text."""
    return DETECTED.findall(FILES.sub("", text))


def visible(shown: str) -> str:
    """Return what is seen without characters of no width, which have no place in the order."""
    return "".join(letter for letter in shown if unicodedata.bidirectional(letter) != "BN")


def as_shown(text: str) -> str:
    return text.translate(UNSEEN)


class TestReplies:
    def test_an_answer_has_the_entities_that_were_meant(self, endurance: Endurance) -> None:
        def check(answer: Answer, texts: Texts) -> None:
            text, entities = read(answer_html(answer, texts))
            shown = answer.hits[:1] + answer.differing if answer.answered else answer.hits[:2]
            sources = [hit.document for hit in shown] + list(answer.agreeing)
            links = [source.url for source in sources if web_link(source.url)]
            assert kinds(entities).count("text_link") <= len(links)
            assert set(kinds(entities)) <= {"text_link", "bold", "italic"}
            assert_safe_links(entities, links)
            bold = [as_shown(part) for part in marked(text, entities, "bold")]
            wanted = [as_shown(given(hit.short_text or "")) for hit in shown if answer.answered]
            assert [part for part in bold if part.strip()] == [
                part for part in wanted if part.strip()
            ]

        fuzz(endurance(40, 2_000), check, answers(), LANGUAGES)

    def test_contexts_and_other_answers(self, endurance: Endurance) -> None:
        def check(answer: Answer, texts: Texts) -> None:
            for html, bold in (
                (context_html(answer.hits[0], texts), 2),
                (others_html(answer.hits, 0, 1, texts), 1 + len(answer.hits)),
            ):
                _, entities = read(html)
                assert set(kinds(entities)) <= {"text_link", "bold"}
                assert kinds(entities).count("bold") <= bold
                assert_safe_links(entities, [hit.document.url for hit in answer.hits])

        fuzz(endurance(30, 2_000), check, answers(), LANGUAGES)

    def test_lists_of_documents(self, endurance: Endurance) -> None:
        def check(sources: list[Source], sentence: str, texts: Texts) -> None:
            listed = [(source, 3) for source in sources]
            text, entities = read(sources_html(listed, 0, 2, 9, texts))
            assert kinds(entities) == ["bold"]  # the heading
            assert detected(text) == []
            _, entities = read(document_html(sources[0], [sentence], texts))
            assert set(kinds(entities)) <= {"bold"}
            assert len(entities) <= 1

        fuzz(endurance(30, 2_000), check, st.lists(SOURCES, min_size=1), SENTENCES, LANGUAGES)

    def test_a_source_is_one_line_with_its_parts_in_order(self, endurance: Endurance) -> None:
        def check(title: str, agency: str) -> None:
            html = source_html(Source("0", "a.txt", title, DAY, agency), ARABIC)
            assert "\n" not in html
            (shown,) = lines("\u200f" + html)
            text, entities = read(html)
            assert entities == []
            assert detected(text) == []
            assert text.count("\u2068") + text.count("\u2066") == text.count("\u2069") == 3
            before, date_found, after = shown.partition(f" · {SHOWN_DAY} · ")
            assert date_found
            # White space at an end may be seen at either side of it.
            assert visible(before).strip() == visible(seen(as_isolated(title))).strip()
            assert visible(after).strip() == visible(seen(as_isolated(agency))).strip()

        fuzz(endurance(80, 20_000), check, NAMES, NAMES)

    def test_a_question_that_is_quoted(self, endurance: Endurance) -> None:
        def check(question: str) -> None:
            html = quoted_html(question)
            text, entities = read(html)
            assert kinds(entities) in (["blockquote"], [])  # of white space, there is none
            assert detected(text) == []
            assert as_shown(text) == as_shown(given(question)).replace("\0", "")

        fuzz(endurance(60, 20_000), check, TEXTS)

    def test_examples_in_a_group(self, endurance: Endurance) -> None:
        def check(questions: list[str], texts: Texts) -> None:
            _, entities = read(group_help_html("jawab_bot", questions, texts))
            assert set(kinds(entities)) <= {"text_link"}
            for entity in entities:
                assert entity["url"].startswith("https://t.me/jawab_bot?start=q_")

        fuzz(endurance(15, 3_000), check, st.lists(TEXTS, max_size=3), LANGUAGES)

    def test_labels_of_buttons(self, endurance: Endurance) -> None:
        def check(sources: list[Source], answer: Answer, questions: list[str]) -> None:
            removal = remove_buttons(sources, 0, 1, ARABIC)
            assert len(removal.inline_keyboard) == len(sources)
            below = answer_buttons(answer, "0" * 16, ARABIC, examples=questions)
            assert below is not None
            for row in (*removal.inline_keyboard, *below.inline_keyboard):
                for one in row:
                    one.text.encode()
                    assert utf16_length(one.text) <= 64
                    assert not set(one.text) & set(DIRECTIONS + "\0")
                    assert one.url is None
                    assert 1 <= len(str(one.callback_data).encode()) <= 64

        fuzz(
            endurance(30, 2_000),
            check,
            st.lists(SOURCES, max_size=5),
            answers(),
            st.lists(TEXTS, max_size=3),
        )


def given(text: str) -> str:
    """Text of a document as Telegram can be given it."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def as_isolated(text: str) -> str:
    """What is to be seen of a name in a source line."""
    shown: Any = parse_html(isolated(text))[0]
    return str(shown)


class TestLinks:
    @pytest.mark.parametrize("text", LINKED)
    def test_what_telegram_would_link_stays_text_that_looks_the_same(self, text: str) -> None:
        plain = unlinked(f"قال {text} ذلك")
        assert detected(f"قال {text} ذلك") != []
        assert detected(plain) == []
        assert as_shown(plain) == f"قال {text} ذلك"
        assert unlinked(plain) == plain

    @pytest.mark.parametrize(
        "text",
        [
            *("report.txt", "news/2025/a.html", "a.jsonl", "27/11/2025", "2026-2030", "2.5%"),
            *("قال. ثم", "11:30", "(1) Plan", "1,000,000", "24/7", "NATO", "a - b", "50$"),
        ],
    )
    def test_what_it_would_not_stays_as_it_is(self, text: str) -> None:
        assert unlinked(text) == text

    @pytest.mark.parametrize("hidden", [*DIRECTIONS, "\0", "\u2060"])
    def test_what_is_not_shown_hides_none(self, hidden: str) -> None:
        for text in LINKED:
            parted = hidden.join(text)
            for html in (quoted_html(parted), isolated(parted)):
                assert detected(parse_html(html)[0]) == []

    def test_nothing_is_left_to_link(self, endurance: Endurance) -> None:
        def check(text: str) -> None:
            assert detected(unlinked(text)) == []

        fuzz(endurance(150, 50_000), check, TEXTS)

    def test_only_addresses_of_the_web_become_links(self, endurance: Endurance) -> None:
        def check(url: str) -> None:
            link = web_link(url)
            if link is None:
                return
            link.encode()
            text, entities = parse_html(
                source_html(Source("0", "a", "عنوان", DAY, "كونا", url), ARABIC)
            )
            assert kinds(entities) == ["text_link"]
            assert entities[0]["url"] == link
            assert "عنوان" in text
            assert_safe_links(entities, [url])

        fuzz(endurance(80, 20_000), check, ANY_ADDRESS)

    def test_of_the_dangerous_ones_none_does(self) -> None:
        good = [url for url in ADDRESSES if web_link(url)]
        assert good == list(ADDRESSES[:3])
