"""Questions that travel in a button or in a deep link."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.keyboards import ASK
from bot.links import (
    ASK_PREFIX,
    START_PREFIX,
    decode_question,
    deep_link,
    encode_question,
    web_link,
)

LONGEST = 64  # what Telegram takes, of a button in bytes and of a link in characters
ARABIC_LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئةى ؟،"

questions = st.text(st.sampled_from(ARABIC_LETTERS), min_size=1)


@given(st.text())
@example("متى القمة المقبلة؟")
@example("\ud800")
@example("ÿ" * 30)
@example("أ؟" * 23)  # in Windows-1256 the same bytes as other letters in UTF-8
def test_what_is_encoded_is_what_is_decoded(question: str) -> None:
    payload = encode_question(question)
    if payload is not None:
        assert decode_question(payload) == question


@given(st.text())
def test_a_payload_fits_a_button_and_a_link_with_its_prefix(question: str) -> None:
    payload = encode_question(question)
    if payload is not None:
        assert 0 < len(f"{ASK_PREFIX}{payload}".encode()) <= LONGEST
        assert re.fullmatch(rf"[A-Za-z0-9_-]{{1,{LONGEST}}}", START_PREFIX + payload)
        assert re.fullmatch(ASK, ASK_PREFIX + payload)


@given(questions)
def test_an_arabic_question_travels_up_to_46_letters(question: str) -> None:
    payload = encode_question(question)
    if len(question.encode()) <= 46:
        assert payload is not None
    elif len(question) > 46:
        assert payload is None


@pytest.mark.parametrize(
    ("question", "fits"),
    [
        ("س" * 23, True),  # UTF-8
        ("س" * 24, True),  # Windows-1256
        ("س" * 46, True),
        ("س" * 47, False),
        ("🫒" * 11, True),
        ("🫒" * 12, False),
        ("a" * 46, True),
        ("a" * 47, False),
    ],
)
def test_the_longest_question(question: str, *, fits: bool) -> None:
    payload = encode_question(question)
    assert (payload is not None) == fits
    assert payload is None or decode_question(payload) == question


@pytest.mark.parametrize("question", ["", "\n", "متى\nأين", "a\x00b", "\u202eمتى", "\u200fمتى"])
def test_what_cannot_be_shown_as_it_is_does_not_travel(question: str) -> None:
    assert encode_question(question) is None


@given(st.text(st.sampled_from(string.printable)) | st.text() | st.binary().map(repr))
@example("")
@example("A")  # no whole byte
@example("AAAAA")
@example("AA==")
@example("2YXYqtmJ\n")
@example("2YXYqtmJ ")
@example("2YXY+tm/")
@example("A" * 63)
@example("AAAA")  # NUL
@example("4oCu")  # a direction control
def test_any_payload_gives_a_question_that_can_be_shown_or_none(payload: str) -> None:
    question = decode_question(payload)
    assert question is None or (question and question.isprintable())
    if len(payload) > LONGEST - 2 or not re.fullmatch(r"[A-Za-z0-9_-]+", payload):
        assert question is None


@pytest.mark.parametrize(
    "payload",
    ["", "A", "AAAAA", "AA==", "2YXYqtmJ\n", "2YXY+tm/", "A" * 63, "AAAA", "4oCu", "٣٣٣٣"],
)
def test_a_malformed_payload_gives_none(payload: str) -> None:
    assert decode_question(payload) is None


@given(questions)
def test_a_link_opens_the_bot_with_the_question(question: str) -> None:
    link = deep_link("jawab_bot", question)
    payload = encode_question(question)
    if payload is None:
        assert link is None
    else:
        assert link == f"https://t.me/jawab_bot?start={START_PREFIX}{payload}"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "http://example.org:8080/a?b=c&d=e#f",
        "HTTPS://EXAMPLE.ORG/",
        " https://example.org/خبر/اليوم \n",
        "https://موقع.example/'a'",
    ],
)
def test_an_address_of_the_web_is_a_link(url: str) -> None:
    assert web_link(url) == url.strip()


@pytest.mark.parametrize(
    "url",
    [
        *(None, "", "example.org", "/a", "//example.org/a", "https://", "https:///a", "mailto:a@b"),
        *("javascript:alert(1)", "tg://user?id=1", "https://user@example.org", "ftp://a.org/"),
        *("https://a.org/ b", 'https://a.org/"', "https://a.org/<b>", "https://a.org\n.b/"),
        *("https://a.org/\x00", "https://a.org/" + "a" * 2000),
    ],
)
def test_nothing_else_is(url: str | None) -> None:
    assert web_link(url) is None
