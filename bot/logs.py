"""Logging in which no secret appears and no line is forged, whatever a library writes.

A line is for people, or one JSON object. What is in a message may come from a file's name, from
Telegram or from whoever asks: what would end a line, clear a terminal or turn the direction of text
is written as an escape.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO
from urllib.parse import quote

from pythonjsonlogger.json import JsonFormatter

TEXT, JSON = "text", "json"

_REDACTED = "[token]"
# Characters of a secret, and of the part of one behind a colon; what is shorter stands in every
# other line, which would tell nothing any more.
_SHORTEST, _SHORTEST_PART = 4, 8
_LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_BELOW = "    "  # before each line of a traceback, so that none passes for a line of the log
# Controls, the line ends of Unicode, what turns the direction of text, halves of characters.
_UNSAFE = (
    "\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff"
)
_UNSAFE_CHARACTER = re.compile(f"[{_UNSAFE}]")
_UNSAFE_BUT_LINE_ENDS = re.compile(f"(?!\n)[{_UNSAFE}]")
_FIELDS = {"levelname": "level", "name": "logger", "exc_info": "traceback", "stack_info": "stack"}

_update: ContextVar[int | None] = ContextVar("update", default=None)


@contextmanager
def about_update(number: int) -> Iterator[None]:
    """Have everything that is logged in here say which update it is about."""
    token = _update.set(number)
    try:
        yield
    finally:
        _update.reset(token)


def current_update() -> int | None:
    """Return the number of the update that is being dealt with, if one is."""
    return _update.get()


class Redaction:
    """Takes secrets out of text."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        # httpx writes URLs, where a colon may be quoted; the part behind it is the secret one.
        parts = (secret.partition(":")[2] for secret in secrets)
        hidden = {secret for secret in secrets if len(secret) >= _SHORTEST}
        hidden |= {part for part in parts if len(part) >= _SHORTEST_PART}
        found = {form for secret in hidden for form in _forms(secret)}
        longest_first = sorted(found, key=len, reverse=True)
        # In any case: the messages of some errors are lower-cased on their way.
        self._secrets = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)
        self._lowered = {form.lower() for form in found}

    def __call__(self, text: str) -> str:
        """Return a text without any of the secrets."""
        lowered = text.lower()
        if not any(secret in lowered for secret in self._lowered):  # ten times as fast
            return text
        return self._secrets.sub(_REDACTED, text)


def _forms(secret: str) -> tuple[str, ...]:
    """Return how a secret may stand in a text: as it is, in a URL, in JSON, in Python's quotes."""
    quoted = (json.dumps(secret), json.dumps(secret, ensure_ascii=False), repr(secret))
    return secret, quote(secret, safe=""), quote(secret), *(form[1:-1] for form in quoted)


class RedactingFormatter(logging.Formatter):
    """Formats a record as a line; the traceback stands below it, set off."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__(_LINE)
        self._redacted = Redaction(secrets)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own
        """Return the line of a record."""
        record.message = record.message.rstrip()
        return _UNSAFE_CHARACTER.sub(_escape, self._redacted(super().formatMessage(record)))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own
        """Return the traceback of an exception."""
        return self._below(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - logging's own
        """Return where something was logged."""
        return self._below(super().formatStack(stack_info))

    def _below(self, text: str) -> str:
        escaped = _UNSAFE_BUT_LINE_ENDS.sub(_escape, self._redacted(text))
        return _BELOW + escaped.replace("\n", f"\n{_BELOW}")


class RedactingJsonFormatter(JsonFormatter):
    """Formats a record as one JSON object on one line."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__(
            ["time", "levelname", "name", "message"],
            rename_fields=_FIELDS,
            json_ensure_ascii=False,
        )
        self._redacted = Redaction(secrets)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Return the fields without secrets."""
        update = current_update()
        if update is not None:
            log_data.setdefault("update", update)
        return {name: self._without_secrets(value) for name, value in log_data.items()}

    def _without_secrets(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, dict):
            return {
                self._redacted(str(key)): self._without_secrets(one) for key, one in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._without_secrets(one) for one in value]
        return self._redacted(str(value))

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON."""
        moment = datetime.fromtimestamp(record.created, UTC).astimezone()
        record.time = moment.isoformat(timespec="milliseconds")
        # These stand between quotation marks only; JSON itself escapes the first 32.
        return _UNSAFE_CHARACTER.sub(_escape_in_json, super().format(record))


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


def _escape_in_json(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to standard error."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own
        """Say which line could not be made; logging itself would print all that is in it."""
        error = type(sys.exception()).__name__
        with suppress(Exception):
            said = f"a line from {record.filename}:{record.lineno} could not be written: {error}"
            fields = {"name": __name__, "levelname": "ERROR", "levelno": logging.ERROR}
            self.stream.write(self.format(logging.makeLogRecord(fields | {"msg": said})) + "\n")


class LibraryTracebacks(logging.Filter):
    """Keeps the tracebacks of libraries out of the log; their message says what went wrong."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop the traceback of a record that is not Jawab's own; keep the record."""
        if not record.name.startswith("bot."):
            record.exc_info = record.exc_text = None
        return True


def set_up_logging(level: str, secrets: tuple[str, ...], form: str = TEXT) -> None:
    """Send everything that is logged to standard error.

    It may be called again, with other settings, while others are logging.

    Args:
        level: From which level on.
        secrets: What is left out.
        form: ``TEXT`` or ``JSON``.
    """
    handler = _Handler(sys.stderr)
    handler.setFormatter((RedactingJsonFormatter if form == JSON else RedactingFormatter)(secrets))
    is_quiet = level != "DEBUG"
    if is_quiet:
        handler.addFilter(LibraryTracebacks())
    root = logging.getLogger()
    # In one step: between two, a record would be lost, or written with its secrets in it.
    root.handlers = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    # A line for every request says nothing that ours do not.
    logging.getLogger("httpx").setLevel(logging.WARNING if is_quiet else logging.NOTSET)
