"""Text to terms: normalise, split into words, stem, cut into character 4-grams.

Only terms are normalised. What people read is always a slice of the document's own text, which
is why ``normalise_aligned`` says where each normalised character came from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from sys import intern
from typing import TypeVar

import Stemmer
from camel_tools.utils.charmap import CharMapper

from index.model import Span

_T = TypeVar("_T")
_MOST_REMEMBERED = 8_192  # recently, and as many from before that
_LONGEST_REMEMBERED = 64  # characters

# Marks, joiners and direction controls carry no meaning for retrieval. NFKD has already taken
# the hamza off its seat (أ is ا + U+0654), so dropping the marks folds every seat at once.
_CHARACTERS: dict[str, str] = {
    "\u0300-\u036f": "",  # combining accents
    "\u0610-\u061a": "",  # Koranic signs
    "\u064b-\u065f": "",  # diacritics, madda and hamza above and below
    "\u0670": "",  # dagger alef
    "\u06d6-\u06dc": "",
    "\u06df-\u06e8": "",
    "\u06ea-\u06ed": "",
    "\u08d3-\u08ff": "",
    "\u0640": "",  # tatweel
    "\u00ad": "",  # soft hyphen
    "\u061c": "",  # Arabic letter mark
    "\u200b-\u200f": "",  # zero-width space and joiners, direction marks
    "\u202a-\u202e": "",  # embeddings
    "\u2060-\u2069": "",  # word joiner, isolates
    "\ufe00-\ufe0f": "",  # variation selectors
    "\ufeff": "",
    "ٱ": "ا",
    "ى": "ي",
    "ی": "ي",
    "ې": "ي",
    "ے": "ي",
    "ک": "ك",
    "ة": "ه",
    "ہ": "ه",
    "ھ": "ه",
    "ە": "ه",
    "ۃ": "ه",
} | {
    chr(zero + value): str(value)
    for zero in (0x0660, 0x06F0)  # Arabic-Indic digits and their eastern forms
    for value in range(10)
}

_fold_characters = CharMapper(_CHARACTERS).map_string
WORD = re.compile(r"[^\W_]+")
"""A word of normalised text: a run of letters and digits."""

_stem_arabic = Stemmer.Stemmer("arabic", maxCacheSize=0).stemWord

PROCLITIC_LETTERS = "وفبل"
"""What may be written before a word without being part of it: and, then, in, to."""

GRAM_LENGTH = 4
GRAM_PREFIX = "~"
_BOUNDARY = "_"
_SHORTEST_FEMININE = 4
_SHORTEST_LIKE = 4


class Remembered(dict[str, _T]):
    """Remembers what a function gives for each token or word: texts say the same ones again.

    It is faster than ``functools.lru_cache`` and bounded all the same: very long tokens are not
    kept, and when there are too many, those are forgotten that were not met since the last time.
    """

    def __init__(self, make: Callable[[str], _T]) -> None:
        super().__init__()
        self._make = make
        self._before: dict[str, _T] = {}

    def __missing__(self, token: str) -> _T:
        made = self._before.get(token)
        if made is None:
            made = self._make(token)
        if len(token) <= _LONGEST_REMEMBERED:
            if len(self) >= _MOST_REMEMBERED:
                self._before = dict(self)
                self.clear()
            self[token] = made
        return made

    def each(self, tokens: Iterable[str]) -> Iterator[_T]:
        """Yield what the function gives for each of some tokens, in order."""
        return map(self.__getitem__, tokens)


def _normalise(text: str) -> str:
    # Decomposing gives upper case (№ is No) and folding the case gives composed letters (ŉ).
    decomposed = unicodedata.normalize("NFKD", text)
    folded = decomposed.casefold()
    if folded != decomposed:
        folded = unicodedata.normalize("NFKD", folded)
    return str(_fold_characters(folded))


def _align(token: str) -> tuple[str, tuple[int, ...] | None]:
    """Normalise a token one character after the other.

    Returns:
        The normalised token, and where each of its characters came from, or None where each came
        from the one at its own place.
    """
    pieces = list(_NORMALISED.each(token))
    normalised = "".join(pieces)
    if len(normalised) == len(token) and "" not in pieces:
        return normalised, None
    return normalised, tuple(offset for offset, piece in enumerate(pieces) for _ in piece)


def _stem(word: str) -> str:
    if len(word) >= _SHORTEST_FEMININE and word.endswith("ه"):
        word = word[:-1] + "ة"
    return intern(_stem_arabic(word))


def _word_terms(word: str) -> tuple[str, ...]:
    """Return the terms of a normalised word: its stem, then its grams."""
    marked = f"{_BOUNDARY}{word}{_BOUNDARY}"
    cuts = range(max(len(marked) - GRAM_LENGTH, 0) + 1)
    found = [f"{GRAM_PREFIX}{marked[cut : cut + GRAM_LENGTH]}" for cut in cuts]
    # Words share grams: one string for each saves most of the room.
    return (_stem(word), *map(intern, found))


def _token_terms(token: str) -> tuple[str, ...]:
    normalised = _normalise(token)
    if normalised.isalnum():  # a word, and nothing else
        return _WORD_TERMS[normalised]
    return tuple(chain.from_iterable(_WORD_TERMS.each(WORD.findall(normalised))))


# Normalising looks at no character across a white space, so that texts can go token by token.
_NORMALISED = Remembered(_normalise)
_ALIGNED = Remembered(_align)
_TOKEN_TERMS = Remembered(_token_terms)
_STEMS = Remembered(_stem)
_WORD_TERMS = Remembered(_word_terms)


def normalise(text: str) -> str:
    """Return ``text`` in the one spelling that all its spellings share.

    NFKD, then camel-tools' ``CharMapper``: diacritics, tatweel and invisible characters off,
    hamza off its seat, ى to ي, ة to ه, Arabic-Indic digits to 0-9, letters to lower case.
    """
    return " ".join(_NORMALISED.each(text.split(" ")))


def normalise_in_place(text: str) -> str:
    """Return ``text`` normalised one character after the other, as ``normalise_aligned`` has it."""
    return " ".join([normalised for normalised, _ in _ALIGNED.each(text.split(" "))])


@lru_cache(maxsize=1024)
def normalise_aligned(text: str) -> tuple[str, tuple[int, ...]]:
    """Normalise ``text`` and say where each character came from.

    Returns:
        The normalised text and, for each of its characters, the offset in ``text`` of the
        character that gave it; a last entry, ``len(text)``, stands for the end.
    """
    pieces: list[str] = []
    offsets: list[int] = []
    start = 0
    for token in text.split(" "):
        normalised, inside = _ALIGNED[token]
        pieces.append(normalised)
        end = start + len(token)
        offsets.extend(range(start, end) if inside is None else [start + at for at in inside])
        offsets.append(end)  # the space, or the end of the text
        start = end + 1
    return " ".join(pieces), tuple(offsets)


def original_span(offsets: Sequence[int], start: int, end: int) -> Span:
    """Return the span of a text that a span of its normalised form came from.

    Marks that follow the last character belong to it and are covered too.

    Args:
        offsets: What ``normalise_aligned`` gave with the normalised form.
        start: The first normalised character.
        end: Behind the last one; ``start < end``.
    """
    return Span(offsets[start], max(offsets[end - 1] + 1, offsets[end]))


def words(text: str) -> list[str]:
    """Return the normalised words of ``text`` in order: runs of letters and digits."""
    return WORD.findall(normalise(text))


@lru_cache(maxsize=1024)
def word_spans(text: str) -> tuple[tuple[str, Span], ...]:
    """Return the normalised words of ``text``, each with the span of ``text`` that it came from."""
    normalised, offsets = normalise_aligned(text)
    return tuple(
        (match.group(), original_span(offsets, *match.span()))
        for match in WORD.finditer(normalised)
    )


def stem(word: str) -> str:
    """Return the Snowball Arabic stem of a normalised word.

    The stemmer sees a feminine ending only when it is written ة, and normalised text has none:
    a final ه of a word of four letters or more goes to it as ة.
    """
    return _STEMS[word]


def stems(several: Iterable[str]) -> Iterator[str]:
    """Yield the stem of each of several normalised words, in order; see ``stem``."""
    return _STEMS.each(several)


def grams(word: str) -> tuple[str, ...]:
    """Return the character 4-grams of a normalised word, each prefixed with ``~``.

    The word is cut with a boundary mark at both ends; one too short for two grams is one gram.
    """
    return _WORD_TERMS[word][1:]


def terms(text: str, further: Callable[[str], Iterable[str]] | None = None) -> list[str]:
    """Return the terms of ``text`` in one bag: the stem and then the grams of each word.

    Args:
        text: Any text.
        further: Gives more terms for a normalised word (``index.morphology``).
    """
    if further is None:
        return list(chain.from_iterable(_TOKEN_TERMS.each(text.split())))
    bag: list[str] = []
    for word in words(text):
        bag.extend(_WORD_TERMS[word])
        bag.extend(further(word))
    return bag


_LEAST_DICE = 0.5
# The least similarity of words of a length: one edit in a short word, three in a very long one.
_LEAST_SIMILARITY = ((9, 0.65), (6, 0.7), (4, 0.8))
_ROUNDED = 0.01  # more than single precision takes from a similarity
_ARTICLE = "ال"


def affinity(one: str, other: str) -> float:
    """Return how surely two normalised words, rightly spelled, are forms of one word.

    1 for words of one stem; else the Dice coefficient of their 4-grams (Dice 1945), or 0 below what
    may be chance. It sees clitics and affixes.
    """
    if stem(one) == stem(other):
        return 1.0
    first, second = set(grams(one)), set(grams(other))
    return _dice(len(first & second), len(first) + len(second))


def _dice(shared: int, both: int) -> float:
    dice = 2 * shared / both
    return dice if dice >= _LEAST_DICE else 0.0


def _similarity(one: str, other: str) -> float:
    bare, other_bare = one.removeprefix(_ARTICLE), other.removeprefix(_ARTICLE)
    longest = max(len(bare), len(other_bare))
    least = next((least for length, least in _LEAST_SIMILARITY if longest >= length), None)
    if least is None or min(len(bare), len(other_bare)) < _SHORTEST_LIKE:
        return 0.0
    # Imported here: 30 ms at the start that only a misspelled question needs.
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    return OSA.normalized_similarity(bare, other_bare, score_cutoff=least)


def alike(asked: Sequence[tuple[str, bool]], others: Collection[str]) -> list[dict[str, float]]:
    """Return how surely each of several words is one with others, those that may be none left out.

    That is the Dice coefficient of their 4-grams, or, of a word that may be misspelled, the optimal
    string alignment similarity (Damerau 1964) where it is greater. Both count from where they are
    no chance; the article counts for nothing in the latter. Nobody looks at stems here.

    Args:
        asked: Normalised words, each with whether it may be misspelled.
        others: Further ones. All are compared at once, in a fraction of the time.
    """
    others = frozenset(others)
    found = _akin([word for word, _ in asked], others)
    doubted = [number for number, (_, misspelled) in enumerate(asked) if misspelled]
    for number, other in _nearly([asked[number][0] for number in doubted], others):
        similar = _similarity(asked[doubted[number]][0], other)
        alike_words = found[doubted[number]]
        if similar > alike_words.get(other, 0.0):
            alike_words[other] = similar
    return found


def _akin(asked: Sequence[str], others: Collection[str]) -> list[dict[str, float]]:
    """Return how many grams each asked word shares with others (Dice), where that says anything."""
    # One search of a gram in all words at once is far faster than the grams of word after word.
    listed = _BOUNDARY + _BOUNDARY.join(others) + _BOUNDARY
    holders: dict[str, list[str]] = {}
    found: list[dict[str, float]] = []
    for word in asked:
        own = set(grams(word))
        shared: dict[str, int] = {}
        for gram in own:
            if gram not in holders:
                holders[gram] = list(_holding(gram.removeprefix(GRAM_PREFIX), listed))
            for other in holders[gram]:
                shared[other] = shared.get(other, 0) + 1
        found.append(
            {
                other: dice
                for other, count in shared.items()
                # With fewer it has no chance, however short the other is.
                if count * 3 >= len(own)
                and (dice := _dice(count, len(own) + len(set(grams(other)))))
            }
        )
    return found


def _holding(gram: str, listed: str) -> Iterator[str]:
    """Yield the words that hold a gram, of words listed with a boundary mark around each."""
    at = listed.find(gram)
    while at >= 0:
        start = listed.rfind(_BOUNDARY, 0, at + 1) + 1
        end = listed.index(_BOUNDARY, start)
        yield listed[start:end]
        at = listed.find(gram, end)


def _nearly(asked: Sequence[str], others: Collection[str]) -> Iterator[tuple[int, str]]:
    """Yield what may be one with a misspelled word: its number and the other one."""
    if not asked or not others:
        return
    # Imported here as in ``_similarity``.
    from rapidfuzz.distance import OSA  # noqa: PLC0415
    from rapidfuzz.process import cdist  # noqa: PLC0415

    listed = list(others)
    similar = cdist(
        [word.removeprefix(_ARTICLE) for word in asked],
        [other.removeprefix(_ARTICLE) for other in listed],
        scorer=OSA.normalized_similarity,
        score_cutoff=min(least for _, least in _LEAST_SIMILARITY) - _ROUNDED,
    )
    for number, other in zip(*similar.nonzero(), strict=True):
        yield int(number), listed[other]
