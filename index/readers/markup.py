"""Tags in texts that archives hold: news dumps often keep a page's own markup."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

_TAG = re.compile(
    r"</?(?:p|br|div|span|a|b|i|u|em|strong|img|h[1-6]|ul|ol|li|table|tr|td|blockquote|figure|"
    r"article|section|script|style|iframe|font)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(
    r"&(?:nbsp|amp|quot|lt|gt|laquo|raquo|[lr][sd]quo|ndash|mdash|hellip|#\d{2,6}|#x[\da-f]{2,5});"
)
_BLOCK_TAG = re.compile(r"<(?:p|br|div|li|h[1-6]|td|blockquote)\b", re.IGNORECASE)
_INLINE = frozenset(
    "a abbr b bdi bdo cite code em font i mark q s small span strong sub sup u".split()
)
_SILENT = frozenset("script style iframe noscript template title".split())


def plain_text(text: str) -> str:
    """Return ``text`` without HTML tags and entities where it has any, else as it is.

    Blocks become lines, and lines stay lines where there are no blocks; scripts and styles go. A
    text without a well-known tag keeps its ``<``.
    """
    if "<" in text and _TAG.search(text):
        return without_tags(text)
    return unescape(text) if "&" in text and _ENTITY.search(text) else text


def without_tags(text: str) -> str:
    """Return the text of a piece of HTML, a block a line."""
    remover = _Remover(line_end=" " if _BLOCK_TAG.search(text) else "\n")
    try:
        remover.feed(text)
        remover.close()
    except AssertionError:  # the standard library's answer to a broken declaration
        return unescape(_TAG.sub("\n", text)).strip()
    return "\n".join(remover.lines())


class _Remover(HTMLParser):
    def __init__(self, line_end: str) -> None:
        super().__init__(convert_charrefs=True)
        self._line_end = line_end
        self._pieces: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._silent += tag in _SILENT
        self._break_at(tag)

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))
        self._break_at(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._break_at(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._pieces.append(data.replace("\n", self._line_end))

    def lines(self) -> list[str]:
        """Return the lines that hold more than white space, trimmed."""
        lines = (line.strip() for line in "".join(self._pieces).split("\n"))
        return [line for line in lines if line]

    def _break_at(self, tag: str) -> None:
        if tag not in _INLINE:
            self._pieces.append("\n")
