"""Text to terms: normalise, split into words, stem, cut into character 4-grams.

Only terms are normalised. What people read is always a slice of the document's own text, which
is why ``normalise_aligned`` says where each normalised character came from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache

import Stemmer
from camel_tools.utils.charmap import CharMapper

from index.model import Span

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
_WORD = re.compile(r"[^\W_]+")
_stem_arabic = Stemmer.Stemmer("arabic", maxCacheSize=0).stemWord

GRAM_LENGTH = 4
GRAM_PREFIX = "~"
_BOUNDARY = "_"
_SHORTEST_FEMININE = 4
_SHORTEST_LIKE = 4


def normalise(text: str) -> str:
    """Return ``text`` in the one spelling that all its spellings share.

    NFKD, then camel-tools' ``CharMapper``: diacritics, tatweel and invisible characters off,
    hamza off its seat, ى to ي, ة to ه, Arabic-Indic digits to 0-9, letters to lower case.
    """
    # Decomposing gives upper case (№ is No) and folding the case gives composed letters (ŉ).
    folded = unicodedata.normalize("NFKD", text).casefold()
    return str(_fold_characters(unicodedata.normalize("NFKD", folded)))


_normalise_character = lru_cache(maxsize=4096)(normalise)


@lru_cache(maxsize=1024)
def normalise_aligned(text: str) -> tuple[str, tuple[int, ...]]:
    """Normalise ``text`` and say where each character came from.

    Returns:
        The normalised text and, for each of its characters, the offset in ``text`` of the
        character that gave it; a last entry, ``len(text)``, stands for the end.
    """
    characters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        folded = _normalise_character(character)
        characters.append(folded)
        offsets.extend([offset] * len(folded))
    offsets.append(len(text))
    return "".join(characters), tuple(offsets)


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
    return _WORD.findall(normalise(text))


@lru_cache(maxsize=1024)
def word_spans(text: str) -> tuple[tuple[str, Span], ...]:
    """Return the normalised words of ``text``, each with the span of ``text`` that it came from."""
    normalised, offsets = normalise_aligned(text)
    return tuple(
        (match.group(), original_span(offsets, *match.span()))
        for match in _WORD.finditer(normalised)
    )


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the Snowball Arabic stem of a normalised word.

    The stemmer sees a feminine ending only when it is written ة, and normalised text has none:
    a final ه of a word of four letters or more goes to it as ة.
    """
    if len(word) >= _SHORTEST_FEMININE and word.endswith("ه"):
        word = word[:-1] + "ة"
    return str(_stem_arabic(word))


@lru_cache(maxsize=65_536)
def grams(word: str) -> tuple[str, ...]:
    """Return the character 4-grams of a normalised word, each prefixed with ``~``.

    The word is cut with a boundary mark at both ends; one too short for two grams is one gram.
    """
    marked = f"{_BOUNDARY}{word}{_BOUNDARY}"
    last = max(len(marked) - GRAM_LENGTH, 0)
    return tuple(GRAM_PREFIX + marked[i : i + GRAM_LENGTH] for i in range(last + 1))


@lru_cache(maxsize=65_536)
def _gram_set(word: str) -> frozenset[str]:
    return frozenset(grams(word))


_LEAST_DICE = 0.5
# The least similarity of words of a length: one edit in a short word, three in a very long one.
_LEAST_SIMILARITY = ((9, 0.65), (6, 0.7), (4, 0.8))
_ROUNDED = 0.01  # more than single precision takes from a similarity
_ARTICLE = "ال"


@lru_cache(maxsize=262_144)
def affinity(one: str, other: str) -> float:
    """Return how surely two normalised words, rightly spelled, are forms of one word.

    1 for words of one stem; else the Dice coefficient of their 4-grams (Dice 1945), or 0 below what
    may be chance. It sees clitics and affixes.
    """
    if stem(one) == stem(other):
        return 1.0
    first, second = _gram_set(one), _gram_set(other)
    dice = 2 * len(first & second) / (len(first) + len(second))
    return dice if dice >= _LEAST_DICE else 0.0


@lru_cache(maxsize=262_144)
def likeness(one: str, other: str) -> float:
    """Return how surely two normalised words, one of them misspelled perhaps, are one word.

    Their affinity, or the optimal string alignment similarity (Damerau 1964) where that is greater
    and above what may be chance. The article counts for nothing in it.
    """
    bare, other_bare = one.removeprefix(_ARTICLE), other.removeprefix(_ARTICLE)
    longest = max(len(bare), len(other_bare))
    least = next((least for length, least in _LEAST_SIMILARITY if longest >= length), None)
    if least is None or min(len(bare), len(other_bare)) < _SHORTEST_LIKE:
        return affinity(one, other)
    # Imported here: 30 ms at the start that only a misspelled question needs.
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    similar = OSA.normalized_similarity(bare, other_bare, score_cutoff=least)
    return max(affinity(one, other), similar)


def alike(word: str, others: Collection[str], *, misspelled: bool) -> dict[str, float]:
    """Return how surely a word is the same as each of others, those left out that are not alike.

    What may be alike is told from what cannot be at once, in a thirtieth of the time that one pair
    after the other would take.

    Args:
        word: A normalised word.
        others: Further ones.
        misspelled: Whether their ``likeness`` counts, or their ``affinity`` only.
    """
    own, mine = stem(word), _gram_set(word)
    maybe = {
        other for other in others if stem(other) == own or not mine.isdisjoint(_gram_set(other))
    }
    if misspelled:
        maybe |= _nearly(word, others)
    compare = likeness if misspelled else affinity
    return {other: value for other in maybe if (value := compare(word, other))}


def _nearly(word: str, others: Collection[str]) -> set[str]:
    """Return the words that may be one with a misspelled word, and some that are not."""
    # Imported here as in ``likeness``.
    from rapidfuzz.distance import OSA  # noqa: PLC0415
    from rapidfuzz.process import cdist  # noqa: PLC0415

    listed = list(others)
    bare = [other.removeprefix(_ARTICLE) for other in listed]
    least = min(least for _, least in _LEAST_SIMILARITY) - _ROUNDED
    similar = cdist(
        [word.removeprefix(_ARTICLE)], bare, scorer=OSA.normalized_similarity, score_cutoff=least
    )
    return {listed[number] for number in similar[0].nonzero()[0]}


def terms(text: str, further: Callable[[str], Iterable[str]] = lambda _: ()) -> list[str]:
    """Return the terms of ``text`` in one bag: the stem and then the grams of each word.

    Args:
        text: Any text.
        further: Gives more terms for a normalised word (``index.morphology``).
    """
    bag: list[str] = []
    for word in words(text):
        bag.append(stem(word))
        bag.extend(grams(word))
        bag.extend(further(word))
    return bag
