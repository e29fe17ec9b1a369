"""Text for Telegram: its HTML, its length, and lines that read from the right.

Each line begins with a right-to-left mark, so that one that starts with a number or a Latin name
still reads from the right, and what comes from a document is isolated where it stands beside
something else, so that none reorders its neighbours (UAX #9). Titles and names make no links
either, which Telegram would find in plain text; only sentences stay exactly as they are.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html import escape

from bot.printable import label

LONGEST_MESSAGE = 4096
"""UTF-16 code units that Telegram takes in one message, after its entities are parsed."""

RIGHT_TO_LEFT_MARK = "\u200f"
LEFT_TO_RIGHT_MARK = "\u200e"
_FIRST_STRONG_ISOLATE = "\u2068"
_LEFT_TO_RIGHT_ISOLATE = "\u2066"
_POP_ISOLATE = "\u2069"
# Direction controls of a document would reach beyond the part that they stand in.
_CONTROLS = re.compile("[\0\u202a-\u202e\u2066-\u2069]")
_MOST_MARKS = 4  # above and below a letter; Arabic has three at the most
_WORD_JOINER = "\u2060"
# What Telegram makes a link of in plain text, where one character more, which is not seen, keeps it
# from that: addresses, names, hashtags, cashtags, commands. Endings of documents' files that are no
# domains stay as they are, so that file names can be copied.
_LINKED = re.compile(
    r"(?<=\S)\.(?!(?:txt|html?|pdf|docx|jsonl|csv)(?!\w|[-.]\w))(?=[^\W\d_])"
    r"|(?<=\d)\.(?=\d{1,3}\.\d)"  # the address of a machine
    r"|:(?=//)"
    r"|@(?=\S)|#(?=\S)(?!\d+(?!\w))"
    r"|\$(?=[A-Z1])"
    r"|(?<![\w/<>])/(?=\w)"
)
# Numbers of telephones and cards.
_DIALLED = re.compile(r"\+[ .()-]{0,3}\d(?:[ .()-]{0,3}\d){4,}|\d(?:[ .()-]{0,3}\d){8,}")
_BETWEEN_DIGITS = re.compile(r"(?<=[\d+])(?=[ .()\d-])")


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


def unlinked(text: str) -> str:
    """Return text of which Telegram makes no link by itself; it looks the same."""
    # What is left out later would bring together what is told apart here.
    text = plain(text).replace(_WORD_JOINER, "")
    broken = _LINKED.sub(rf"\g<0>{_WORD_JOINER}", text)
    return _DIALLED.sub(lambda number: _BETWEEN_DIGITS.sub(_WORD_JOINER, number[0]), broken)


def without_joiners(text: str) -> str:
    """Return text, such as a name that was copied from a reply, as it was before ``unlinked``."""
    return text.replace(_WORD_JOINER, "")


def kept_in_order(text: str, html: str) -> str:
    """Return the HTML of a sentence; one without a letter that reads from the right is isolated.

    Its full stop would else be seen at its left, in a line that reads from the right.
    """
    return html if _is_from_the_right(text) else f"{_LEFT_TO_RIGHT_ISOLATE}{html}{_POP_ISOLATE}"


def _is_from_the_right(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in {"R", "AL"} for character in text)


@lru_cache(maxsize=1024)  # titles and agencies come again with every answer
def isolated(text: str) -> str:
    """Return a name or title as HTML that keeps its direction to itself, and makes no link."""
    return f"{_FIRST_STRONG_ISOLATE}{escaped(unlinked(_on_one_line(text)))}{_POP_ISOLATE}"


def isolated_ltr(text: str) -> str:
    """Return text of ours that reads from the left, such as a date in digits, as HTML."""
    return f"{_LEFT_TO_RIGHT_ISOLATE}{escaped(_on_one_line(text))}{_POP_ISOLATE}"


def _on_one_line(text: str) -> str:
    """Return text that keeps to its line: an isolate ends with it, and marks may reach over it."""
    kept, marks = [], 0
    for character in label(text):
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)
