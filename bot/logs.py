"""Logging in which no secret appears, whatever a library writes."""

from __future__ import annotations

import logging
import sys
from urllib.parse import quote

_REDACTED = "[token]"


class RedactingFormatter(logging.Formatter):
    """Formats a record, its traceback included, and then takes the secrets out."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        # httpx writes URLs, where a colon may be quoted; the part behind it is the secret one.
        parts = {part for secret in secrets for part in (secret, secret.partition(":")[2])}
        found = {form for part in parts if part for form in (part, quote(part, safe=""))}
        self._secrets = sorted(found, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text without any of the secrets."""
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, _REDACTED)
        return text


class LibraryTracebacks(logging.Filter):
    """Keeps the tracebacks of libraries out of the log; their message says what went wrong."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop the traceback of a record that is not Jawab's own; keep the record."""
        if not record.name.startswith("bot."):
            record.exc_info = record.exc_text = None
        return True


def set_up_logging(level: str, secrets: tuple[str, ...]) -> None:
    """Send everything that is logged to standard error, from ``level`` on, without ``secrets``."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    if level != "DEBUG":
        handler.addFilter(LibraryTracebacks())
        # A line for every request says nothing that ours do not.
        logging.getLogger("httpx").setLevel(logging.WARNING)
