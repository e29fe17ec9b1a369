"""The bot's sentences, in every language."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from bot.markup import utf16_length
from bot.texts import ARABIC, ENGLISH, LANGUAGES, Texts, keys, reason_in, texts_for
from bot.texts.plurals import Plural
from tests.telegram.markup import parse_html


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def forms(texts: Texts, key: str) -> tuple[str, ...]:
    text = getattr(texts, key)
    return text.forms() if isinstance(text, Plural) else (text,)


@pytest.mark.parametrize("key", keys())
def test_each_text_is_there_in_every_language_with_the_same_placeholders(key: str) -> None:
    found = [forms(texts, key) for texts in LANGUAGES.values()]
    assert all(text.strip() for texts in found for text in texts)
    assert len(set(found)) == len(found)
    wanted = [set().union(*map(placeholders, texts)) for texts in found]
    assert wanted[0] == wanted[1]


@pytest.mark.parametrize("texts", LANGUAGES.values(), ids=list(LANGUAGES))
def test_each_text_is_html_that_telegram_takes(texts: Texts) -> None:
    for key in keys():
        for form in forms(texts, key):
            text, _ = parse_html(form)
            assert utf16_length(text) <= 2000
        if key.endswith("_command"):
            assert len(getattr(texts, key)) <= 256
        if key.endswith("_button"):
            assert len(getattr(texts, key)) <= 20
    assert len(texts.description) <= 512
    assert len(texts.short_description) <= 120
    # What is shown for a button that was pressed is a plain notice of 200 characters at the most.
    for notice in (
        texts.expired,
        texts.thanks,
        texts.taken_back,
        texts.failed,
        texts.document_gone,
    ):
        assert parse_html(notice) == (notice, [])
        assert len(notice) <= 200


@pytest.mark.parametrize("key", keys())
def test_no_text_is_left_over(key: str) -> None:
    root = Path(__file__).parents[2] / "bot"
    code = "".join(
        path.read_text("utf-8") for path in root.rglob("*.py") if "texts" not in path.parts
    )
    assert f".{key}" in code or (key.endswith("_command") and key.removesuffix("_command") in code)


@pytest.mark.parametrize(
    ("count", "questions", "documents"),
    [
        (0, "لا أسئلة", "لا وثائق"),
        (1, "سؤال واحد", "وثيقة واحدة"),
        (2, "سؤالان", "وثيقتان"),
        (3, "3 أسئلة", "3 وثائق"),
        (10, "10 أسئلة", "10 وثائق"),
        (11, "11 سؤالًا", "11 وثيقة"),
        (99, "99 سؤالًا", "99 وثيقة"),
        (100, "100 سؤال", "100 وثيقة"),
        (102, "102 سؤال", "102 وثيقة"),
        (103, "103 أسئلة", "103 وثائق"),
        (111, "111 سؤالًا", "111 وثيقة"),
    ],
)
def test_counted_things_have_the_form_of_their_number(
    count: int, questions: str, documents: str
) -> None:
    assert ARABIC.questions.counted(count) == questions
    assert ARABIC.documents.counted(count) == documents


def test_english_has_one_and_many() -> None:
    assert [ENGLISH.sentences.counted(count) for count in (0, 1, 2)] == [
        "0 sentences",
        "1 sentence",
        "2 sentences",
    ]


def test_a_count_is_in_every_form_for_more_than_two() -> None:
    for texts in LANGUAGES.values():
        for key in keys():
            plural = getattr(texts, key)
            if isinstance(plural, Plural):
                assert "{count}" in plural.other
                assert all("{count}" in form for form in (plural.few, plural.many) if form)


@pytest.mark.parametrize(
    ("code", "texts"),
    [("ar", ARABIC), ("ar-EG", ARABIC), (None, ARABIC), ("fr", ARABIC), ("en", ENGLISH)],
)
def test_the_language_of_the_client_decides(code: str | None, texts: Texts) -> None:
    assert texts_for(code) is texts


@pytest.mark.parametrize(
    ("reason", "arabic"),
    [
        ("it holds no text", "لا نص فيه"),
        ("it holds more than 50 MB of text; split it", "فيه أكثر من 50 ميغابايت من النص؛ قسّمه"),
        ("it cannot be read (Permission denied)", "لا يمكن قراءته (Permission denied)"),
        (
            "it has no field for the text (it has a, b); name the one to read, as in text=body",
            "ليس فيه حقل للنص (حقوله: a, b)؛ سمِّ حقل النص في JAWAB_FIELDS",
        ),
        ("it is something new", "it is something new"),
    ],
)
def test_why_a_file_is_left_out_is_said_in_arabic_too(reason: str, arabic: str) -> None:
    assert reason_in(reason, ARABIC) == arabic
    assert reason_in(reason, ENGLISH) == reason


def test_every_reason_of_the_readers_has_an_arabic_text() -> None:
    readers = Path(__file__).parents[2] / "index" / "readers"
    said = {
        match.replace("\\'", "'")
        for file in readers.glob("*.py")
        for match in re.findall(r'= "(it[s]? [^"{]+)"', file.read_text("utf-8"))
    }
    assert len(said) > 8
    assert [reason for reason in sorted(said) if reason_in(reason, ARABIC) == reason] == []
