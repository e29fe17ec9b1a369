"""The terms of a collection, written down once, so that every engine gets the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks.collection import PASSAGE, read_sentences
from index.arabic import terms, words
from index.lexicon import Lexicon
from index.questions import read_question
from index.ranking import make_query

if TYPE_CHECKING:
    import numpy.typing as npt

SENTENCES, PASSAGES = UNITS = "sentences", "passages"
_VOCABULARY, _TERMS, _ENDS = "vocabulary.txt", "terms.npy", "ends.npy"
_BLOCK = 10_000  # sentences


class Terms:
    """The bags of terms of a collection's sentences and passages."""

    def __init__(self, folder: Path) -> None:
        """Read what ``write_terms`` wrote; the bags stay on disk until they are asked for."""
        self.vocabulary = (folder / _VOCABULARY).read_text("utf-8").split("\n")
        self._terms = np.load(folder / _TERMS, mmap_mode="r")
        self._ends = np.load(folder / _ENDS)

    def bags(self, units: str) -> Iterator[list[int]]:
        """Yield the terms of each sentence or passage, as places in the vocabulary."""
        ends = self._ends if units == SENTENCES else self._ends[PASSAGE - 1 :: PASSAGE]
        start = 0
        for end in ends.tolist():
            yield self._terms[start:end].tolist()
            start = end


def write_terms(archive: Path, folder: Path) -> None:
    """Write down the terms of an archive's sentences; whole passages stand one after the other."""
    folder.mkdir()
    places: dict[str, int] = {}
    known: dict[str, npt.NDArray[np.uint32]] = {}
    held: list[npt.NDArray[np.uint32]] = []
    blocks: list[npt.NDArray[np.uint32]] = []
    ends: list[int] = []
    total = 0
    for sentence in read_sentences(archive):
        for word in words(sentence):
            bag = known.get(word)
            if bag is None:
                numbers = [places.setdefault(term, len(places)) for term in terms(word)]
                bag = known[word] = np.array(numbers, np.uint32)
            held.append(bag)
            total += len(bag)
        ends.append(total)
        if not len(ends) % _BLOCK:
            blocks.append(np.concatenate(held))
            held.clear()
    if held:
        blocks.append(np.concatenate(held))
    (folder / _VOCABULARY).write_text("\n".join(places), "utf-8")
    np.save(folder / _TERMS, np.concatenate(blocks))
    np.save(folder / _ENDS, np.array(ends, np.int64))


class Asked(NamedTuple):
    """A question, and the terms that it is searched by with their weights."""

    text: str
    terms: Mapping[str, float]


def read_asked(question: str, lexicon: Lexicon) -> Asked:
    """Return a question with what Jawab searches by, what its lexicon adds included."""
    read = read_question(question)
    return Asked(question, make_query(read, lexicon.expand(read.words)).terms)
