"""Long messages: Telegram HTML split into messages that each fit, or clipped to one that does.

What counts is what is seen: Telegram measures a message after its tags and references are read, in
UTF-16 code units. So the HTML is read into its visible characters, each with its source and the
tags that it stands in, and pieces are cut between characters, never inside a tag or a reference.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from bot.markup import LONGEST_MESSAGE, RIGHT_TO_LEFT_MARK
from index.model import Span
from index.sentences import split_lines, split_sentences

SHORTEST = 16
"""The least limit: room for one character among the marks that a piece may need around it."""

_ELLIPSIS = "…"
_MARKS = (RIGHT_TO_LEFT_MARK, "\u200e")
_ISOLATES = "\u2066\u2067\u2068"
_POP_ISOLATE = "\u2069"
_DEEPEST = 4  # isolates within one another that are kept track of; the bot nests none
_FULL_ENOUGH = 1 / 4  # of the limit: below, a better place to split is not worth the short piece
_FULL_ENOUGH_CLIPPED = 3 / 4  # more, as what follows is lost

_TOKEN = re.compile(
    r"<(?P<end>/?)(?P<name>[^\s<>]*+)(?:\"[^\"]*+\"|'[^']*+'|[^<>\"'])*+>"
    r"|&(?:#x(?P<hex>[0-9a-fA-F]{1,6})|#(?P<dec>\d{1,7})|(?P<named>lt|gt|amp|quot)(?![A-Za-z]));?"
    r"|&|(?P<wrong><)|[^<&]++"
)
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_GAP = re.compile(r"[^\S\u00a0\u2007\u202f]+")  # no-break spaces do not separate

_ZERO_WIDTH_JOINER = "\u200d"
_JOINERS = _ZERO_WIDTH_JOINER + "\u200c"
_SURROGATES = range(0xD800, 0xE000)
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_FLAG_TAGS = range(0xE0020, 0xE0080)


def split_html(html: str, limit: int = LONGEST_MESSAGE) -> list[str]:
    """Return Telegram HTML as messages that each fit, split at the best places.

    The best place is between paragraphs, else between lines, sentences, words and characters.
    White space at a split is dropped; tags and bidi isolates that are open there are closed and
    opened again, and what remains of a line that begins with a direction mark begins with it too.

    Args:
        html: HTML as Telegram takes it.
        limit: The most UTF-16 code units of visible text in a message.

    Returns:
        The messages in order, each with something to see; none where there is nothing to see.

    Raises:
        ValueError: The limit is below ``SHORTEST``, or Telegram would refuse the HTML.
    """
    message = _read(html, limit)
    if message.units[-1] <= limit:
        return [] if _is_blank(message.text) else [html]
    pieces = []
    start, end = _trimmed(message.text)
    lead = _Lead(_mark(message.text, start))
    while start < end:
        cut = message.cut(start, end, limit - len(lead.text), _FULL_ENOUGH)
        if not _is_blank(message.text[start : cut.end]):
            pieces.append(lead.text + message.html(start, cut.end))
        lead = message.lead(start, cut, lead)
        start = cut.resume
    return pieces


def clip_html(html: str, limit: int = LONGEST_MESSAGE) -> str:
    """Return Telegram HTML within a limit, with an ellipsis where its end was cut off.

    Args:
        html: HTML as Telegram takes it.
        limit: The most UTF-16 code units of visible text.

    Raises:
        ValueError: The limit is below ``SHORTEST``, or Telegram would refuse the HTML.
    """
    message = _read(html, limit)
    if message.units[-1] <= limit:
        return html
    start, end = _trimmed(message.text)
    if message.units[end] - message.units[start] <= limit:
        return message.html(start, end)
    cut = message.cut(start, end, limit - len(_ELLIPSIS), _FULL_ENOUGH_CLIPPED, words_only=False)
    return message.html(start, cut.end) + _ELLIPSIS


class _Cut(NamedTuple):
    """Where a piece ends, and behind the white space dropped there, where the next resumes."""

    end: int
    resume: int


@dataclass(frozen=True, slots=True)
class _Lead:
    """What a piece needs before its first character.

    Attributes:
        mark: The direction mark that the line begins with, in which the piece begins.
        text: That mark and the isolates that the split took from it.
    """

    mark: str
    text: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Tag:
    """A start tag, with the one around it; two alike at two places are not the same."""

    source: str
    name: str
    outer: _Tag | None
    depth: int


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a message may be split at white space; positions of characters, ascending.

    Attributes:
        paragraphs: Ends of paragraphs.
        lines: Ends of lines, not of paragraphs.
        sentences: Ends of sentences within a line, outside isolates.
        outside: All places outside isolates, with the three above.
        inside: Places inside isolates.
        resume: Where the white space at each place ends.
    """

    paragraphs: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    sentences: list[int] = field(default_factory=list)
    outside: list[int] = field(default_factory=list)
    inside: list[int] = field(default_factory=list)
    resume: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Message:
    """A message as the characters that are seen.

    Attributes:
        text: Those characters.
        sources: The HTML of each.
        tags: The innermost tag that each stands in.
        units: The UTF-16 code units before each, and last of all.
    """

    text: str
    sources: list[str]
    tags: list[_Tag | None]
    units: list[int]

    def html(self, start: int, end: int) -> str:
        """Return the HTML of some characters, with their isolates and all their tags closed."""
        parts = []
        current = None
        for position in range(start, end):
            if self.tags[position] is not current:
                parts.append(_change(current, self.tags[position]))
                current = self.tags[position]
            parts.append(self.sources[position])
        parts.append(_change(current, None))
        return "".join(parts) + _POP_ISOLATE * len(self.isolates[end])

    def lead(self, start: int, cut: _Cut, before: _Lead) -> _Lead:
        """Return what the piece behind a cut needs, given the one that begins at ``start``."""
        newline = self.text.rfind("\n", start, cut.resume)
        mark = _mark(self.text, newline + 1) if newline >= 0 else before.mark
        needed = "" if _mark(self.text, cut.resume) else mark
        return _Lead(mark, needed + self.isolates[cut.resume])

    def cut(
        self, start: int, end: int, room: int, full_enough: float, *, words_only: bool = True
    ) -> _Cut:
        """Return the best place to end the piece that begins at ``start``.

        Args:
            start: Position of the piece's first character.
            end: Position behind the last character of the whole.
            room: UTF-16 code units that the piece may take.
            full_enough: How much of the room a piece should fill.
            words_only: Rather make a piece shorter than split a word.
        """
        last = self._reach(start, room)
        if last >= end:
            return _Cut(end, end)
        deepest = self._reach(start, room - self._deepest)
        floor = max(start + 1, bisect_left(self.units, self.units[start] + room * full_enough))
        places = self._places
        attempts = [
            (places.paragraphs, floor, last),
            (places.lines, floor, last),
            (places.sentences, floor, last),
            (places.outside, floor, last),
            (places.inside, floor, deepest),
        ]
        if words_only:
            attempts += [(places.outside, start + 1, last), (places.inside, start + 1, deepest)]
        for ends, least, most in attempts:
            number = bisect_right(ends, most) - 1
            if number >= 0 and ends[number] >= least:
                return _Cut(ends[number], places.resume[ends[number]])
        position = deepest
        while position > start and _is_joined(self.text, start, position):
            position -= 1
        resume = position if position > start else deepest
        return _Cut(start + len(self.text[start:resume].rstrip()), resume)

    def _reach(self, start: int, room: int) -> int:
        return bisect_right(self.units, self.units[start] + room) - 1

    @cached_property
    def isolates(self) -> list[str]:
        """The isolates that are open before each character, and last of all."""
        opened = ""
        before = []
        for character in self.text:
            before.append(opened)
            if character in _ISOLATES:
                opened = (opened + character)[:_DEEPEST]
            elif character == _POP_ISOLATE:
                opened = opened[:-1]
            elif character == "\n":
                opened = ""  # no isolate reaches into the next line
        return [*before, opened]

    @cached_property
    def _deepest(self) -> int:
        return max(map(len, self.isolates))

    @cached_property
    def _places(self) -> _Places:
        places = _Places()
        ends = set(_sentence_ends(self.text))
        for gap in _GAP.finditer(self.text):
            end, newlines = gap.start(), gap.group().count("\n")
            places.resume[end] = gap.end()
            if self.isolates[end] and not newlines:
                places.inside.append(end)
                continue
            places.outside.append(end)
            if newlines > 1:
                places.paragraphs.append(end)
            elif newlines:
                places.lines.append(end)
            elif end in ends:
                places.sentences.append(end)
        return places


def _read(html: str, limit: int) -> _Message:
    if limit < SHORTEST:
        raise ValueError(f"the limit is {limit}, less than {SHORTEST}")
    texts: list[str] = []
    sources: list[str] = []
    tags: list[_Tag | None] = []
    tag: _Tag | None = None
    for token in _TOKEN.finditer(html):
        if token["wrong"]:
            raise ValueError(f"unclosed tag at character {token.start()}")
        if token["name"] is not None:
            tag = _after(token, tag)
            continue
        character = _referred(token)
        texts.append(character or token.group())
        sources.extend([token.group()] if character else token.group())
        tags.extend([tag] * len(texts[-1]))
    if tag is not None:
        raise ValueError(f"no end tag for <{tag.name}>")
    text = "".join(texts)
    units = [0]
    for character in text:
        units.append(units[-1] + 1 + (ord(character) > 0xFFFF))  # noqa: PLR2004
    return _Message(text, sources, tags, units)


def _after(token: re.Match[str], tag: _Tag | None) -> _Tag | None:
    """Return the innermost tag behind a tag's token, given the one before it."""
    name = token["name"]
    if not token["end"]:
        return _Tag(token.group(), name, tag, tag.depth + 1 if tag else 1)
    if tag is None or name.lower() not in ("", tag.name.lower()):
        raise ValueError(f"unexpected end tag </{name}> at character {token.start()}")
    return tag.outer


def _referred(token: re.Match[str]) -> str | None:
    """Return the character that a reference stands for; None for what is shown as written."""
    if token["named"]:
        return _NAMED[token["named"]]
    if not (token["hex"] or token["dec"]):
        return None
    code = int(token["hex"], 16) if token["hex"] else int(token["dec"])
    return chr(code) if 0 < code < 0x10FFFF and code not in _SURROGATES else None  # noqa: PLR2004


def _change(before: _Tag | None, after: _Tag | None) -> str:
    """Return the tags that lead from inside one tag to inside another."""
    closing, opening = [], []
    while before is not after:
        if before is not None and (after is None or before.depth >= after.depth):
            closing.append(f"</{before.name}>")
            before = before.outer
        elif after is not None:
            opening.append(after.source)
            after = after.outer
    return "".join(closing + opening[::-1])


def _sentence_ends(text: str) -> Iterator[int]:
    for line in split_lines(text, Span(0, len(text))):
        # Before a mark, the number of a list item would look like a sentence.
        start = line.start + len(_mark(text, line.start))
        for sentence in split_sentences(text, Span(start, line.end)):
            yield sentence.end


def _mark(text: str, position: int) -> str:
    """Return the direction mark at a position, if there is one."""
    return text[position] if text.startswith(_MARKS, position) else ""


def _is_joined(text: str, start: int, position: int) -> bool:
    """Return whether a split would tear apart what is seen as one character.

    Args:
        text: The text.
        start: Where its piece starts; flags are counted from there.
        position: Where it would be split.
    """
    before, after = text[position - 1], text[position]
    return (
        before in _ZERO_WIDTH_JOINER + _ISOLATES
        or before in _MARKS
        or after in _JOINERS + _POP_ISOLATE
        or unicodedata.category(after).startswith("M")
        or ord(after) in _SKIN_TONES
        or ord(after) in _FLAG_TAGS
        or (ord(after) in _FLAG_LETTERS and _flag_letters(text, start, position) % 2 == 1)
    )


def _flag_letters(text: str, start: int, position: int) -> int:
    """Return how many letters of flags, two to a flag, stand right before ``position``."""
    first = position
    while first > start and ord(text[first - 1]) in _FLAG_LETTERS:
        first -= 1
    return position - first


def _is_blank(text: str) -> bool:
    """Return whether there is nothing to see: only white space and marks."""
    return all(character.isspace() or unicodedata.category(character) == "Cf" for character in text)


def _trimmed(text: str) -> tuple[int, int]:
    return len(text) - len(text.lstrip()), len(text.rstrip())
