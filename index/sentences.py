"""Where sentences end in Arabic text.

A sentence ends at a full stop, ؟ ! ؛ or … and at the end of a line, but not inside a number, an
abbreviation, initials, brackets or quotation marks.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from index.arabic import words
from index.model import Span

LONGEST = 1200
"""Characters of a sentence; a longer run without an end mark is cut at a comma or a space."""

_LONGEST_ENCLOSED = 600
_SHORTEST_SENTENCE_END = 3
_LOOK_BACK = 40  # characters before a full stop that may tell it from the end of a sentence

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_END = re.compile(r"[.؟?!؛…۔]+")
_CLOSING = "\"”“„»«)]'’"
_ARABIC_LETTER = re.compile(r"[\u0620-\u064a\u066e-\u06d3]")
_BEFORE_LAST_TOKEN = re.compile(r"(?:(?s:.*)[\s\"“”«»()\[\]،,:؛/-])?")
_SURELY_WORD = re.compile(r"[0-9A-Za-z\u0621-\u063a\u0641-\u064a]")
_ABBREVIATION = re.compile(
    r"(?:[وفبلك]?(?:د|أ|م|ا|أ\.د|ا\.د|ق|ص|ج|ط|ت|ب|س|ع|ش|ح)"  # titles, page, part, letters
    r"|[^\W\d_](?:\.[^\W\d_])*"  # initials: ج  U.S
    r"|Dr|Mr|Mrs|Ms|Prof|St|No|vs|Jr|Sr)"
)
_ERA = re.compile(r"\d\s*(?:م|هـ|ه|ق\.?\s?م)$")
_LIST_NUMBER = re.compile(r"\s*\(?\d{1,3}$")
# Marks that open and close alike, or that Arabic texts use either way round, alternate.
_ALTERNATING = (frozenset('"“”„‟'), frozenset("«»"))
_MARKS = {mark: marks for marks in _ALTERNATING for mark in marks}
_BRACKETS = {")": "(", "]": "[", "﴾": "﴿", "}": "{"}
_OPENING = frozenset(_BRACKETS.values())
_ENCLOSING = re.compile("[" + re.escape("".join((*_MARKS, *_BRACKETS, *_OPENING))) + "]")


def split_lines(text: str, span: Span) -> Iterator[Span]:
    """Yield the lines of a span of ``text`` that hold more than white space, trimmed."""
    for line in _LINE.finditer(text, span.start, span.end):
        trimmed = trim(text, Span(line.start(), line.end()))
        if trimmed:
            yield trimmed


def trim(text: str, span: Span) -> Span:
    """Return ``span`` without the white space at its two ends."""
    piece = span.of(text)
    start = span.start + len(piece) - len(piece.lstrip())
    return Span(start, max(start, span.start + len(piece.rstrip())))


def split_sentences(text: str, span: Span) -> list[Span]:
    """Return the sentences of one line of ``text``, in order and trimmed.

    Args:
        text: The whole text; what the returned spans count characters of.
        span: One line of it, as ``split_lines`` gives them.
    """
    sentences: list[Span] = []
    start = span.start
    for end in _ends(text, span):
        sentences.extend(_shorten(text, trim(text, Span(start, end))))
        start = end
    sentences.extend(_shorten(text, trim(text, Span(start, span.end))))
    return [sentence for sentence in sentences if _has_words(sentence.of(text))]


def _has_words(piece: str) -> bool:
    return bool(_SURELY_WORD.search(piece) or words(piece))


def _ends(text: str, line: Span) -> Iterator[int]:
    enclosed = _enclosed(text, line)
    starts = [span.start for span in enclosed]
    opening = set(starts)
    for match in _END.finditer(text, line.start, line.end):
        number = bisect_right(starts, match.start()) - 1
        around = enclosed[number] if number >= 0 else None
        after = match.end()
        if around is not None and match.start() < around.end:
            # «قال: "نعم." ثم…»: a full stop just inside the closing mark ends it behind the mark.
            if after != around.end - 1 or match.group()[-1] not in ".…":
                continue
            after = around.end
            if _END.match(text, after, line.end):
                continue  # the stop behind the mark will do
        elif not _ends_sentence(text, line, match):
            continue
        else:
            while after < line.end and text[after] in _CLOSING and after not in opening:
                after += 1
        if after < line.end:
            yield after


def _ends_sentence(text: str, line: Span, match: re.Match[str]) -> bool:
    following = text[match.end() : match.end() + 1] if match.end() < line.end else ""
    gap = not following or following.isspace() or following in _CLOSING
    if match.group() != ".":
        return gap or match.group()[0] in "؟؛…۔" or bool(_ARABIC_LETTER.match(following))
    before = text[max(line.start, match.start() - _LOOK_BACK) : match.start()]
    if match.start() - line.start <= _LOOK_BACK and _LIST_NUMBER.fullmatch(before):
        return False
    token = _BEFORE_LAST_TOKEN.match(before)
    word = before[token.end() :] if token else ""
    if not gap:
        # A missing space: «في موسكو.وأضاف», but not 3.5, a.b or أ.د
        letters = sum(1 for character in word if _ARABIC_LETTER.match(character))
        return letters >= _SHORTEST_SENTENCE_END and bool(_ARABIC_LETTER.match(following))
    return not _ABBREVIATION.fullmatch(word) or bool(_ERA.search(before))


def _enclosed(text: str, line: Span) -> list[Span]:
    """Return the outermost quoted and bracketed spans of a line, their marks included."""
    spans: list[Span] = []
    alternating: dict[frozenset[str], int] = {}
    brackets: list[tuple[str, int]] = []
    for match in _ENCLOSING.finditer(text, line.start, line.end):
        mark, offset = match.group(), match.start()
        if mark in _MARKS:
            opened = alternating.pop(_MARKS[mark], None)
            if opened is None:
                alternating[_MARKS[mark]] = offset
            else:
                spans.append(Span(opened, offset + 1))
        elif mark in _OPENING:
            brackets.append((mark, offset))
        elif brackets and brackets[-1][0] == _BRACKETS[mark]:
            spans.append(Span(brackets.pop()[1], offset + 1))
    short = sorted(
        (span for span in spans if len(span) <= _LONGEST_ENCLOSED), key=lambda s: (s.start, -s.end)
    )
    outermost: list[Span] = []
    for span in short:
        if not outermost or span.start >= outermost[-1].end:
            outermost.append(span)
    return outermost


def _shorten(text: str, sentence: Span) -> Iterator[Span]:
    """Cut a run that no mark ends, at the last comma or space that leaves a fair length."""
    start = sentence.start
    while sentence.end - start > LONGEST:
        piece = text[start : start + LONGEST]
        cut = max(piece.rfind(mark, LONGEST // 2) for mark in "،,؛")
        cut = cut + 1 if cut > 0 else piece.rfind(" ", LONGEST // 2)
        end = start + (cut if cut > 0 else LONGEST)
        yield trim(text, Span(start, end))
        start = end
    if start < sentence.end:
        yield trim(text, Span(start, sentence.end))
