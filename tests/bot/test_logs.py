"""No secret gets through the log."""

from __future__ import annotations

import logging
import sys

import pytest

from bot.logs import RedactingFormatter

TOKEN = "123456789:AAHtests-only-token-0123456789abcdefg"


@pytest.mark.parametrize(
    "message",
    [
        f"POST https://api.telegram.org/bot{TOKEN}/getMe",
        "POST https://api.telegram.org/bot123456789%3AAAHtests-only-token-0123456789abcdefg/getMe",
        "the part behind the colon: AAHtests-only-token-0123456789abcdefg",
    ],
)
def test_the_token_is_taken_out_in_every_form(message: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "x", 1, message, None, None)
    text = RedactingFormatter((TOKEN,)).format(record)
    assert "AAHtests" not in text
    assert "[token]" in text


def test_the_token_is_taken_out_of_tracebacks_and_arguments() -> None:
    try:
        int(TOKEN)
    except ValueError:
        record = logging.LogRecord(
            "x", logging.ERROR, "x", 1, "failed: %s", (TOKEN,), sys.exc_info()
        )
    text = RedactingFormatter((TOKEN,)).format(record)
    assert "Traceback" in text
    assert "AAHtests" not in text
