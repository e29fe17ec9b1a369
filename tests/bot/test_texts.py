"""The bot's sentences, in every language."""

from __future__ import annotations

import string

import pytest

from bot.replies import utf16_length
from bot.texts import ARABIC, ENGLISH, LANGUAGES, Texts, keys, texts_for
from tests.telegram.markup import parse_html


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", keys())
def test_each_text_is_there_in_every_language_with_the_same_placeholders(key: str) -> None:
    found = [getattr(texts, key) for texts in LANGUAGES.values()]
    assert all(text.strip() for text in found)
    assert len(set(found)) == len(found)
    assert placeholders(found[0]) == placeholders(found[1])


@pytest.mark.parametrize("texts", LANGUAGES.values(), ids=list(LANGUAGES))
def test_each_text_is_html_that_telegram_takes(texts: Texts) -> None:
    for key in keys():
        text, _ = parse_html(getattr(texts, key))
        assert utf16_length(text) <= 2000
    assert all(
        len(getattr(texts, f"{command}_command")) <= 256 for command in ("start", "help", "sources")
    )
    assert len(texts.description) <= 512
    assert len(texts.short_description) <= 120


@pytest.mark.parametrize(
    ("code", "texts"),
    [("ar", ARABIC), ("ar-EG", ARABIC), (None, ARABIC), ("fr", ARABIC), ("en", ENGLISH)],
)
def test_the_language_of_the_client_decides(code: str | None, texts: Texts) -> None:
    assert texts_for(code) is texts
