"""Text for Telegram: its HTML, its length, and lines that read from the right.

Each line begins with a right-to-left mark, so that one that starts with a number or a Latin name
still reads from the right, and what comes from a document is isolated where it stands beside
something else, so that none reorders its neighbours (UAX #9).
"""

from __future__ import annotations

import re
import unicodedata
from html import escape

LONGEST_MESSAGE = 4096
"""UTF-16 code units that Telegram takes in one message, after its entities are parsed."""

RIGHT_TO_LEFT_MARK = "\u200f"
LEFT_TO_RIGHT_MARK = "\u200e"
_FIRST_STRONG_ISOLATE = "\u2068"
_LEFT_TO_RIGHT_ISOLATE = "\u2066"
_POP_ISOLATE = "\u2069"
# Direction controls of a document would reach beyond the part that they stand in.
_CONTROLS = re.compile("[\0\u202a-\u202e\u2066-\u2069]")


def utf16_length(text: str) -> int:
    """Return the length of ``text`` in UTF-16 code units, as Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clip(text: str, units: int) -> str:
    """Return ``text`` cut to at most ``units`` UTF-16 code units, with an ellipsis where cut."""
    if utf16_length(text) <= units:
        return text
    while utf16_length(text) >= units:
        text = text[: len(text) - max(1, (utf16_length(text) - units) // 2)]
    return text + "…"


def line(html: str, mark: str = RIGHT_TO_LEFT_MARK) -> str:
    """Return Telegram HTML as lines that read from the right, or as another mark says."""
    return "\n".join(mark + part if part else part for part in html.split("\n"))


def plain(text: str) -> str:
    """Return text of a document without what would act beyond it: direction controls, NUL."""
    return _CONTROLS.sub("", text).encode("utf-8", "replace").decode()


def escaped(text: str) -> str:
    """Return text of a document as Telegram HTML."""
    return escape(plain(text), quote=False)


def kept_in_order(text: str, html: str) -> str:
    """Return the HTML of a sentence; one without a letter that reads from the right is isolated.

    Its full stop would else be seen at its left, in a line that reads from the right.
    """
    return html if _is_from_the_right(text) else f"{_LEFT_TO_RIGHT_ISOLATE}{html}{_POP_ISOLATE}"


def _is_from_the_right(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in {"R", "AL"} for character in text)


def isolated(text: str) -> str:
    """Return text as HTML that keeps its direction to itself, whichever that is."""
    return f"{_FIRST_STRONG_ISOLATE}{escaped(_on_one_line(text))}{_POP_ISOLATE}"


def isolated_ltr(text: str) -> str:
    """Return text that reads from the left, such as a date in digits, as HTML."""
    return f"{_LEFT_TO_RIGHT_ISOLATE}{escaped(_on_one_line(text))}{_POP_ISOLATE}"


def _on_one_line(text: str) -> str:
    """Return text without line breaks: an isolate ends with its line."""
    return " ".join(text.splitlines())
