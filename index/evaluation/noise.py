"""Questions as people type them: seeded changes of spelling and slips of the keyboard.

Each question has a random generator of its own, seeded with the run's seed, the noise and the
question, so that its noise does not depend on what else the file holds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from random import Random

from index.arabic import normalise
from index.evaluation.gold import Gold

SEED = 7
"""The seed of the noise unless another one is asked for."""

# How likely a change is wherever it is possible.
_DIACRITIC = 0.3
_RESPELLED = 0.5
_TATWEEL = 0.1

_DIACRITICS = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652"  # tanwin, vowels, shadda, sukun
_TATWEEL_SIGN = "\u0640"
_JOINING = frozenset("بتثجحخسشصضطظعغفقكلمنهيئ")  # a tatweel can follow, inside a word
_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_SEATS: Mapping[str, str] = {
    **dict.fromkeys("اأإ", "اأإ"),
    "آ": "آا",
    "ؤ": "وؤ",
    "ئ": "ئيى",
}
_ENDINGS: Mapping[str, str] = {"ة": "ه", "ه": "ة", "ى": "ي", "ي": "ى"}

_LETTER = "[ء-غف-ي]"
_MARKED = rf"{_LETTER}[\u0640\u064b-\u065f\u0670]*"  # with its diacritics, or drawn out
_IS_LETTER = re.compile(_LETTER).match
_LETTERS = re.compile(_MARKED).findall
_LONG_WORD = re.compile(rf"(?<!\w)(?:{_MARKED}){{5,}}+(?!\w)")

# The letters of the Arabic (101) keyboard, row by row; each row is shifted against the one above
# (by a quarter of a key, then by half a key), and «لا» is a key of its own.
_ROWS: tuple[tuple[float, tuple[str, ...]], ...] = (
    (0.0, tuple("ضصثقفغعهخحجد")),
    (0.25, tuple("شسيبلاتنمكط")),
    (0.75, ("ئ", "ء", "ؤ", "ر", "لا", "ى", "ة", "و", "ز", "ظ")),
)
_SHIFTED = {"أ": "ا", "إ": "ا", "آ": "ا"}


def orthographic(text: str, random: Random) -> str:
    """Return a text in another spelling, one that a search should not notice.

    Diacritics and tatweel are added, hamza seats changed, ة and ه, ى and ي exchanged at the end
    of words, digits written ٠-٩, and punctuation left out.
    """
    plain = "".join(
        " " if unicodedata.category(character).startswith("P") else character for character in text
    )
    text = " ".join(plain.split()).translate(_DIGITS)
    return "".join(_respelled(text, random))


def _respelled(text: str, random: Random) -> Iterator[str]:
    for place, letter in enumerate(text):
        if not _IS_LETTER(letter):
            yield letter
            continue
        last = not text[place + 1 : place + 2].isalnum()
        other = _SEATS.get(letter) or (_ENDINGS.get(letter) if last else None)
        if letter == "ا" and text[place - 1 : place].isalnum():
            other = None  # only at the beginning of a word do people wonder which hamza it is
        yield random.choice(other) if other and random.random() < _RESPELLED else letter
        if random.random() < _DIACRITIC:
            yield random.choice(_DIACRITICS)
        if not last and letter in _JOINING and random.random() < _TATWEEL:
            yield _TATWEEL_SIGN


def typo(text: str, random: Random) -> str:
    """Return a text with one typo in one word of five or more Arabic letters, if it has one.

    Two letters are swapped, or one is dropped, doubled or replaced by a neighbour on the Arabic
    keyboard. It is never a mere change of spelling: the normalised word changes.
    """
    found = list(_LONG_WORD.finditer(text))
    if not found:
        return text
    match = random.choice(found)
    letters = _LETTERS(match.group())
    ways = [
        slips
        for way in (_swapped, _dropped, _doubled, _replaced)
        if (slips := [slip for slip in map("".join, way(letters)) if _differs(slip, match.group())])
    ]
    return text[: match.start()] + random.choice(random.choice(ways)) + text[match.end() :]


def _differs(slip: str, word: str) -> bool:
    return normalise(slip) != normalise(word)


def _swapped(word: list[str]) -> Iterator[list[str]]:
    for i in range(len(word) - 1):
        yield [*word[:i], word[i + 1], word[i], *word[i + 2 :]]


def _dropped(word: list[str]) -> Iterator[list[str]]:
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]


def _doubled(word: list[str]) -> Iterator[list[str]]:
    for i in range(len(word)):
        yield word[: i + 1] + word[i:]


def _replaced(word: list[str]) -> Iterator[list[str]]:
    for i, marked in enumerate(word):
        letter, marks = marked[0], marked[1:]
        for other in NEIGHBOURS.get(_SHIFTED.get(letter, letter), ()):
            yield [*word[:i], other + marks, *word[i + 1 :]]


def _neighbours() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each letter with the letters whose keys touch its own."""
    keys = [
        (row, shift + place, key)
        for row, (shift, letters) in enumerate(_ROWS)
        for place, key in enumerate(letters)
    ]
    for row, place, key in keys:
        yield (
            key,
            tuple(
                other
                for other_row, other_place, other in keys
                if other != key
                and abs(other_row - row) <= 1
                and abs(other_place - place) <= (1 if other_row == row else 0.75)
            ),
        )


NEIGHBOURS: Mapping[str, tuple[str, ...]] = dict(_neighbours())
"""The keys that touch a letter's key on the Arabic keyboard."""

ORTHOGRAPHIC = "orthographic"
NOISES: Mapping[str, Callable[[str, Random], str]] = {ORTHOGRAPHIC: orthographic, "typo": typo}
"""The kinds of noise by name."""


def noisy(gold: Gold, noise: str, seed: int = SEED) -> Gold:
    """Return the same questions with noise of a kind."""
    questions = (
        replace(question, text=NOISES[noise](question.text, _random(seed, noise, question.text)))
        for question in gold.questions
    )
    return replace(gold, questions=tuple(questions))


def _random(*parts: object) -> Random:
    return Random(":".join(map(str, parts)))  # noqa: S311 - nothing here is a secret
