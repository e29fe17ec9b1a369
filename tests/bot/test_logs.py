"""No secret gets through the log, no line is forged, and JSON is JSON."""

from __future__ import annotations

import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import (
    JSON,
    TEXT,
    RedactingFormatter,
    RedactingJsonFormatter,
    about_update,
    current_update,
    set_up_logging,
)

TOKEN = "123456789:AAHtests-only-token-0123456789abcdefg"
PASSWORD = 'pä"ss\\wörd'
FORMATTERS = (RedactingFormatter, RedactingJsonFormatter)


def record(message: str, *args: Any, **more: Any) -> logging.LogRecord:
    fields = {"name": "bot.x", "msg": message, "args": args, "levelname": "INFO", "levelno": 20}
    return logging.makeLogRecord(fields | more)


def failed(error: Exception) -> Any:
    try:
        raise error
    except type(error):
        return sys.exc_info()


@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize(
    "message",
    [
        f"POST https://api.telegram.org/bot{TOKEN}/getMe",
        "POST https://api.telegram.org/bot123456789%3AAAHtests-only-token-0123456789abcdefg/getMe",
        "the part behind the colon: AAHtests-only-token-0123456789abcdefg",
        repr({"token": TOKEN}),
        json.dumps({"token": TOKEN}),
        f"Bad request: {TOKEN}".capitalize(),
    ],
)
def test_the_token_is_taken_out_in_every_form(
    formatter: type[logging.Formatter], message: str
) -> None:
    text = formatter((TOKEN,)).format(record(message))  # type: ignore[arg-type]
    assert "aahtests" not in text.lower()
    assert "[token]" in text


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_the_token_is_taken_out_of_tracebacks_arguments_and_fields(
    formatter: type[logging.Formatter],
) -> None:
    fields = {"url": TOKEN, "all": [TOKEN, {"inner": TOKEN, TOKEN: 1}], "error": ValueError(TOKEN)}
    text = formatter((TOKEN,)).format(  # type: ignore[arg-type]
        record("failed: %s", TOKEN, exc_info=failed(ValueError(TOKEN)), **fields)
    )
    assert "Traceback" in text
    assert "AAHtests" not in text


@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize("said", [PASSWORD, repr(PASSWORD), json.dumps(PASSWORD)])
def test_a_secret_that_json_or_python_writes_otherwise_is_taken_out(
    formatter: type[logging.Formatter], said: str
) -> None:
    text = formatter((TOKEN, PASSWORD)).format(record("it is %s", said))  # type: ignore[arg-type]
    assert "ss" not in text.replace("[token]", "").replace("message", "")


@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize("secret", ["4:log", "12345678:a", "http:on", "x", "no"])
def test_a_secret_that_is_part_of_every_other_line_does_not_blot_them_out(
    formatter: type[logging.Formatter], secret: str
) -> None:
    line = formatter((secret, TOKEN)).format(  # type: ignore[arg-type]
        record("no log on http fails as %s", TOKEN)
    )
    assert "no log on http fails as [token]" in line


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_a_short_secret_is_taken_out_as_a_whole(formatter: type[logging.Formatter]) -> None:
    line = formatter(("12345:abc",)).format(record("of 12345:abc"))  # type: ignore[arg-type]
    assert "of [token]" in line


@pytest.mark.parametrize("formatter", FORMATTERS)
@given(said=st.text(), error=st.text())
def test_a_record_is_a_line_whatever_is_in_it(
    formatter: type[logging.Formatter], said: str, error: str
) -> None:
    made = formatter((TOKEN,))  # type: ignore[arg-type]
    line = made.format(record("heard %s", said))
    assert len(line.splitlines()) == 1
    assert line.encode()
    assert not set(line) & set("\x1b\x07\x85\u2028\u202e\u2067\u200f")
    first, *below = made.format(record("x", exc_info=failed(ValueError(error)))).splitlines()
    assert first
    assert all(one.startswith("    ") for one in below)


@given(said=st.text(alphabet=st.characters(exclude_categories=["Cs"])), number=st.integers())
def test_what_json_says_is_what_was_said(said: str, number: int) -> None:
    made = RedactingJsonFormatter((TOKEN,))
    read = json.loads(made.format(record("%s", said, number=number, told=said)))
    assert (read["message"], read["number"], read["told"]) == (said, number, said)


def test_json_has_the_time_with_its_offset_the_fields_and_the_traceback() -> None:
    made = RedactingJsonFormatter(())
    with about_update(7):
        line = made.format(
            record("متى؟", exc_info=failed(ValueError("x")), outcome="answered", milliseconds=1.5)
        )
    assert "متى؟" in line
    read = json.loads(line)
    assert list(read)[:4] == ["time", "level", "logger", "message"]
    moment = datetime.fromisoformat(read.pop("time"))
    assert moment.tzinfo is not None
    assert moment.microsecond % 1000 == 0
    assert read.pop("traceback").endswith("ValueError: x")
    assert read == {
        "level": "INFO",
        "logger": "bot.x",
        "message": "متى؟",
        "outcome": "answered",
        "milliseconds": 1.5,
        "update": 7,
    }
    assert current_update() is None
    assert "update" not in json.loads(made.format(record("x")))


class TestSetUp:
    @pytest.fixture(autouse=True)
    def _as_before(self) -> Iterator[None]:
        root, httpx = logging.getLogger(), logging.getLogger("httpx")
        before = root.handlers, root.level, httpx.level
        yield
        root.handlers, level, httpx.level = before
        root.setLevel(level)
        logging.captureWarnings(capture=False)

    def test_it_can_be_changed_again_and_again(self, capsys: pytest.CaptureFixture[str]) -> None:
        log = logging.getLogger("bot.test")
        for level, form in (("INFO", TEXT), ("DEBUG", JSON), ("WARNING", TEXT), ("INFO", JSON)):
            set_up_logging(level, (TOKEN,), form)
            for said in (logging.DEBUG, logging.INFO, logging.WARNING):
                log.log(said, "with %s", TOKEN)
            lines = capsys.readouterr().err.splitlines()
            levels = ["DEBUG", "INFO", "WARNING"]
            assert len(lines) == len(levels) - levels.index(level)
            assert all(line.startswith("{") is (form == JSON) for line in lines)
            assert all("with [token]" in line for line in lines)
            quiet = logging.getLogger("httpx").isEnabledFor(logging.INFO)
            assert quiet is (level == "DEBUG")

    def test_nothing_is_lost_or_told_while_it_is_changed(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        set_up_logging("INFO", (TOKEN,), TEXT)
        count = 2000

        def write() -> None:
            for number in range(count):
                logging.getLogger("bot.test").info("%d %s", number, TOKEN)

        writing = threading.Thread(target=write)
        writing.start()
        while writing.is_alive():
            set_up_logging("INFO", (TOKEN,), TEXT)
        writing.join()
        said = capsys.readouterr().err
        assert said.count("[token]") == count
        assert "AAHtests" not in said

    @pytest.mark.parametrize("form", [TEXT, JSON])
    def test_libraries_have_their_say_in_a_line_without_a_traceback(
        self, capsys: pytest.CaptureFixture[str], form: str
    ) -> None:
        set_up_logging("INFO", (TOKEN,), form)
        logging.getLogger("telegram.ext").error("failed", exc_info=ValueError(TOKEN))
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("look\nhere", stacklevel=1)
        failing, warning = capsys.readouterr().err.splitlines()
        assert "Traceback" not in failing
        assert "look\\nhere" in warning

    @pytest.mark.parametrize("form", [TEXT, JSON])
    def test_a_record_that_cannot_be_made_is_told_of_without_what_is_in_it(
        self, capsys: pytest.CaptureFixture[str], form: str
    ) -> None:
        set_up_logging("INFO", (TOKEN,), form)
        logging.getLogger("bot.test").info("%d", TOKEN)
        [line] = capsys.readouterr().err.splitlines()
        assert "test_logs.py" in line
        assert "TypeError" in line
        assert "AAHtests" not in line
