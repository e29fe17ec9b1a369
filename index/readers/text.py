"""Plain text and Markdown: bytes to text, and text to lines."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from index.model import Span
from index.readers.base import LONGEST_TEXT, TOO_LONG, Content, File, LeftOutError, Skipped
from index.sentences import split_lines

NOT_TEXT = "it is not a text file"
SNIFFED_BYTES = 65_536
"""How much of a file is looked at to find its encoding."""

_BROKEN_SHARE = 100
# What Arabic text files are written in besides UTF-8.
_ENCODINGS = ["cp1256", "utf_16_le", "utf_16_be", "iso8859_6"]
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n.*?\n---[ \t]*(?=\r?\n|\Z)", re.DOTALL)
_MARKDOWN_MARKER = re.compile(r"(?:(?:#{1,6}|[-*+>]|\d{1,3}[.)])\s+)*")
_MARKDOWN_RULE = re.compile(r"[-*_=|:\s]{3,}|(?:```|~~~).*")


def read_text(file: File) -> Iterator[Content | Skipped]:
    """Read a file that is text through and through: one document."""
    text = decode(file.read(LONGEST_TEXT, TOO_LONG))
    if text is None:
        raise LeftOutError(NOT_TEXT)
    yield Content(file.name, text)


def decode(data: bytes) -> str | None:
    """Return the text of a file, or None where it is not text.

    UTF-8 and UTF-16 with a byte order mark, and UTF-8 without, are known for certain; anything
    else (Windows-1256, bare UTF-16) is detected by charset-normalizer.
    """
    if marked := marked_encoding(data):
        return data.decode(marked, "replace")
    text = data.decode("utf-8", "replace")
    if _is_sound(text):
        return text
    encoding = _detect(data)
    if encoding is None:
        return None
    text = data.decode(encoding, "replace")
    return None if "\0" in text else text


def find_encoding(head: bytes) -> str | None:
    """Return the encoding of a text, or None where it is not text.

    Args:
        head: Its beginning, as much as ``SNIFFED_BYTES`` or all of it; a character that is cut
            off at the end does no harm.
    """
    if marked := marked_encoding(head):
        return marked
    if _is_sound(codecs.getincrementaldecoder("utf-8")("replace").decode(head)):
        return "utf-8"
    encoding = _detect(head)
    return None if encoding is None or "\0" in head.decode(encoding, "ignore") else encoding


def marked_encoding(data: bytes) -> str | None:
    """Return the encoding that a byte order mark tells, or None where there is no mark."""
    return next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)


def _is_sound(text: str) -> bool:
    # A few broken bytes do not make a file something other than UTF-8.
    return "\0" not in text and text.count("\ufffd") * _BROKEN_SHARE <= len(text)


def _detect(data: bytes) -> str | None:
    # Imported here: it takes 50 ms and most collections never need it.
    from charset_normalizer import from_bytes  # noqa: PLC0415

    best = from_bytes(data[:SNIFFED_BYTES], cp_isolation=_ENCODINGS).best()
    return best.encoding if best else None


def text_lines(text: str) -> list[Span]:
    """Return the lines of a text that hold more than white space, trimmed."""
    return list(split_lines(text, Span(0, len(text))))


def markdown_lines(text: str) -> list[Span]:
    """Return the lines of a Markdown text without front matter, rules and what marks a line."""
    front_matter = _FRONT_MATTER.match(text)
    start = front_matter.end() if front_matter else 0
    lines = []
    for line in split_lines(text, Span(start, len(text))):
        if not _MARKDOWN_RULE.fullmatch(line.of(text)):
            marker = _MARKDOWN_MARKER.match(text, line.start, line.end)
            lines.append(Span(marker.end() if marker else line.start, line.end))
    return lines
