"""Text for Telegram: its HTML, its length, and lines that read from the right.

Each line begins with a right-to-left mark, so that one that starts with a number or a Latin name
still reads from the right, and what comes from a document is isolated where it stands beside
something else, so that none reorders its neighbours (UAX #9).
"""

from __future__ import annotations

from html import escape

LONGEST_MESSAGE = 4096
"""UTF-16 code units that Telegram takes in one message, after its entities are parsed."""

RIGHT_TO_LEFT_MARK = "\u200f"
_FIRST_STRONG_ISOLATE = "\u2068"
_LEFT_TO_RIGHT_ISOLATE = "\u2066"
_POP_ISOLATE = "\u2069"
# Direction controls of a document would reach beyond the part that they stand in.
_WITHOUT_CONTROLS = dict.fromkeys((0, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))


def utf16_length(text: str) -> int:
    """Return the length of ``text`` in UTF-16 code units, as Telegram counts."""
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)  # noqa: PLR2004


def clip(text: str, units: int) -> str:
    """Return ``text`` cut to at most ``units`` UTF-16 code units, with an ellipsis where cut."""
    if utf16_length(text) <= units:
        return text
    while utf16_length(text) >= units:
        text = text[: len(text) - max(1, (utf16_length(text) - units) // 2)]
    return text + "…"


def line(html: str) -> str:
    """Return Telegram HTML as lines that read from the right."""
    return "\n".join(RIGHT_TO_LEFT_MARK + part if part else part for part in html.split("\n"))


def plain(text: str) -> str:
    """Return text of a document without what would act beyond it: direction controls, NUL."""
    return text.translate(_WITHOUT_CONTROLS).encode("utf-8", "replace").decode()


def escaped(text: str) -> str:
    """Return text of a document as Telegram HTML."""
    return escape(plain(text), quote=False)


def isolated(text: str) -> str:
    """Return text as HTML that keeps its direction to itself, whichever that is."""
    return f"{_FIRST_STRONG_ISOLATE}{escaped(text)}{_POP_ISOLATE}"


def isolated_ltr(text: str) -> str:
    """Return text that reads from the left, such as a date in digits, as HTML."""
    return f"{_LEFT_TO_RIGHT_ISOLATE}{escaped(text)}{_POP_ISOLATE}"
