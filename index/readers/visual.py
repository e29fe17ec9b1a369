"""Arabic as it was drawn to Arabic as it is read.

A page holds glyphs at places, from left to right as the eye sees them. Reading order comes back by
the Unicode bidirectional algorithm (python-bidi), which is its own inverse but for rare runs of
numbers; presentation forms become the letters that they are forms of.
"""

from __future__ import annotations

import re
import unicodedata

_PRESENTATION = re.compile(r"[\ufb50-\ufdff\ufe70-\ufeff]+")
_RTL = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_ARABIC_WORD = re.compile(r"[\u0620-\u065f\u066e-\u06d3]+")
_LTR = re.compile(r"[A-Za-z\u00c0-\u024f\u0370-\u052f]")
_PAIRS = ("()", "[]", "{}", "«»")
_RTL_END = (".", "،", ":", "؛", "؟", "!")

_FREQUENT = frozenset(
    "في من على إلى الى أن ان إن التي الذي الذين عن مع هذا هذه ذلك تلك كان كانت وقال قال قد بعد قبل "
    "بين كل ما لا لم لن هو هي وهو وهي أو او ثم حيث كما خلال عام أي غير به لها له فيه فيها عند حتى "
    "منذ دون ولا وفي ومن وعلى وأن وكان "
    # Persian and Urdu
    "و در به از که این را با است برای های می کے کی میں ہے اور سے کا کو نے پر".split()
)
_BACKWARD = frozenset(word[::-1] for word in _FREQUENT) - _FREQUENT
_ARTICLE = "ال"
_FEMININE = "ة"
_LONG_WORD = 4
_LEAST_WORDS = 200
_LEAST_KNOWN = 0.02


def letters(text: str) -> str:
    """Return ``text`` with the Arabic presentation forms as the letters that they are forms of."""
    return _PRESENTATION.sub(_letters, text)


def _letters(match: re.Match[str]) -> str:
    # A form of a mark by itself decomposes to a space and the mark, and U+FEFF is no letter.
    forms = (unicodedata.normalize("NFKC", form) for form in match.group())
    return "".join(form if len(form) == 1 else form.lstrip() for form in forms).replace(
        "\ufeff", ""
    )


def is_rtl(text: str) -> bool:
    """Return whether a text is mostly written from right to left."""
    return len(_RTL.findall(text)) > len(_LTR.findall(text))


def reading_order(line: str, *, rtl: bool) -> str:
    """Return a line in reading order.

    Args:
        line: Its characters from left to right, as they are drawn.
        rtl: Whether its page is written from right to left.
    """
    has_rtl = _RTL.search(line) is not None
    if not has_rtl and not (rtl and line.startswith(_RTL_END)):
        return line
    # Imported here: it comes with the formats extra only.
    from bidi import get_display  # noqa: PLC0415

    return str(get_display(line, base_dir="R" if rtl else "L"))


def mended_pairs(paragraph: str) -> str:
    """Turn the brackets and quotation marks of a kind that only pair the other way round.

    Some fonts say what a mark was, and some what it looks like in a line that runs to the left.
    """
    for pair in _PAIRS:
        turned = paragraph.translate(str.maketrans(pair, pair[::-1]))
        if _unpaired(turned, pair) < _unpaired(paragraph, pair):
            paragraph = turned
    return paragraph


def _unpaired(text: str, pair: str) -> int:
    opened = unpaired = 0
    for character in text:
        if character == pair[0]:
            opened += 1
        elif character == pair[1]:
            unpaired += opened == 0
            opened = max(0, opened - 1)
    return unpaired + opened


def is_backward(text: str) -> bool:
    """Return whether the Arabic words of a text read as words only from their end."""
    balance = 0
    for word in _ARABIC_WORD.findall(text):
        balance += (word in _BACKWARD) - (word in _FREQUENT)
        if len(word) >= _LONG_WORD:
            balance += word.endswith(_ARTICLE[::-1]) - word.startswith(_ARTICLE)
            balance += word.startswith(_FEMININE) - word.endswith(_FEMININE)
    return balance > 0


def is_garbled(text: str) -> bool:
    """Return whether a text in Arabic letters is long and holds next to no Arabic word."""
    words = _ARABIC_WORD.findall(text)
    known = sum(word in _FREQUENT or word.startswith(_ARTICLE) for word in words)
    return len(words) >= _LEAST_WORDS and known < _LEAST_KNOWN * len(words)
