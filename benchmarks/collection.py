"""A collection of any size that looks like ARCD's text, and questions that look like its questions.

Sentences have the lengths of ARCD's. Words are drawn as often as ARCD has them; those that it has
once, and those that it would have next, make the tail: words by rank under a power law (Zipf), of
which there are always more, so that the vocabulary grows with the collection (Heaps). A word beyond
ARCD's own is the beginning of one of its words and the end of another, so that its 4-grams are
those of Arabic. Numbers and dates come in the phrases that ARCD has them in, with other digits.

A question is one of ARCD's with other words: its words that say nothing of what it is about stay,
those that it shares with the sentence that answers it come from one sentence of the collection,
and the others from the vocabulary.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.arabic import words
from index.model import Span
from index.questions import read_question
from index.sentences import split_lines, split_sentences

if TYPE_CHECKING:
    import numpy.typing as npt

SEED = 11
PASSAGE, PARAGRAPHS = 5, 4
DOCUMENT = PASSAGE * PARAGRAPHS
"""Sentences of a paragraph, paragraphs of a document, and so sentences of a document."""

_BLOCK = 50  # documents that are drawn at once
_LONGEST = (
    150  # words and phrases of a sentence; a sentence of more than 1,200 characters would be cut
)
_WHOLE = 4  # letters of a word that cannot be an abbreviation, and of one worth cutting in two
_MOST_RANKS = 2**40
_MIXER = 0x9E3779B97F4A7C15  # of Fibonacci hashing: neighbouring ranks get unlike words

_CORE = re.compile(r"\w[\w\u064b-\u065f\u0670%]*(?:[./,٫٬-]\d+)*")  # with its vowel marks
_DIGITS = re.compile(r"\d+")
_PLAIN = re.compile(r"[\u0620-\u064a\u064b-\u065f\u0670]+")
_AGENCIES = "كونا", "واس", "وام", "بترا", "سبأ", "وفا"
_FIRST_DAY, _DAYS = date(2015, 1, 1), 4000


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of ARCD, each word with where another is taken from.

    Attributes:
        words: Its words; a None stands for one to be drawn.
        shared: Which of those to be drawn stand in the sentence that answers.
    """

    words: tuple[str | None, ...]
    shared: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """What is drawn from: all that is known of ARCD.

    Attributes:
        lengths: How many words and phrases with digits each sentence has.
        common: The words that it has twice or more, the commonest first.
        shares: How likely each of these is, cumulated; what is missing to 1 is the tail's.
        single: The words that it has once: the first ranks of the tail.
        exponent: Of the tail's power law.
        figures: The phrases with digits; one stands for ``figure`` of all words and phrases.
        figure: How likely a phrase with digits is.
        comma: How likely a comma behind a word is.
        asked: The questions.
    """

    lengths: Sequence[int]
    common: Sequence[str]
    shares: npt.NDArray[np.float64]
    single: Sequence[str]
    exponent: float
    figures: Sequence[str]
    figure: float
    comma: float
    asked: Sequence[Asked]


def read_model(path: Path) -> Model:
    """Read what is drawn from out of a SQuAD-format file."""
    data: dict[str, Any] = json.loads(path.read_text("utf-8-sig"))
    paragraphs = [one for article in data["data"] for one in article["paragraphs"]]
    sentences = [text for one in paragraphs for text in _sentences(one["context"]).values()]
    counts: Counter[str] = Counter()
    figures: list[str] = []
    lengths: list[int] = []
    for text in sentences:
        cores = _CORE.findall(text)
        phrases, rest = _split_figures(cores)
        lengths.append(min(len(phrases) + len(rest), _LONGEST))
        figures.extend(phrases)
        counts.update(rest)
    common = [word for word, count in counts.most_common() if count > 1]
    single = [word for word, count in counts.items() if count == 1]
    total = counts.total()
    # Good (1953): all that is not seen yet is as likely as what was seen once is frequent.
    tail = len(single) / total
    seen = np.array([counts[word] for word in common], np.float64)
    shares = np.cumsum(seen / seen.sum() * (1 - tail))
    commas = sum(text.count("،") for text in sentences)
    return Model(
        lengths=lengths,
        common=common,
        shares=shares,
        single=single,
        # Karlin (1967): under a power law, the share of words that are seen once gives it away.
        exponent=len(counts) / len(single),
        figures=figures,
        figure=len(figures) / (len(figures) + total),
        comma=commas / total,
        asked=[one for paragraph in paragraphs for one in _asked(paragraph)],
    )


def _sentences(text: str) -> dict[Span, str]:
    whole = Span(0, len(text))
    spans = (span for line in split_lines(text, whole) for span in split_sentences(text, line))
    return {span: span.of(text) for span in spans}


def _split_figures(cores: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the phrases with digits, a word to each side included, and the other words."""
    near = set()
    for place, core in enumerate(cores):
        if _DIGITS.search(core):
            near |= {place - 1, place, place + 1}
    phrases: list[list[str]] = []
    rest: list[str] = []
    for place, core in enumerate(cores):
        if place not in near:
            rest.append(core)
        elif place - 1 in near and phrases and place:
            phrases[-1].append(core)
        else:
            phrases.append([core])
    return [" ".join(phrase) for phrase in phrases], rest


def _asked(paragraph: Mapping[str, Any]) -> Iterator[Asked]:
    sentences = _sentences(paragraph["context"])
    for row in paragraph["qas"]:
        # Many questions of the file have a stray «ال» behind the question mark.
        text = row["question"].partition("؟")[0]
        place = row["answers"][0]["answer_start"]
        answering = next(
            (sentence for span, sentence in sentences.items() if span.start <= place < span.end),
            "",
        )
        held = set(words(answering))
        question = read_question(text)
        content = set(question.content)
        if content:
            yield Asked(
                tuple(None if word in content else word for word in question.words),
                tuple(word in held for word in question.words if word in content),
            )


class _Words:
    """Draws words, numbers and dates."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._listed = [*model.common, *model.single]
        plain = sorted({word for word in self._listed if _is_whole(word)})
        self._heads = [word[: (len(word) + 1) // 2] for word in plain]
        self._ends = [word[(len(word) + 1) // 2 :] for word in plain]
        self._invented: dict[int, str] = {}

    def draw(self, random: np.random.Generator, count: int) -> list[str]:
        """Draw words, phrases with digits among them as many as ARCD has."""
        model = self._model
        drawn = random.random(count)
        ranks = np.searchsorted(model.shares, drawn, side="right")
        tail = ranks == len(model.common)
        # The inverse of the power law's distribution function, at what is left of the chance.
        left = (1 - drawn[tail]) / (1 - model.shares[-1])
        ranks[tail] = np.minimum(
            len(model.common) * left ** (-1 / (model.exponent - 1)), _MOST_RANKS
        ).astype(np.int64)
        listed = self._listed
        found = [listed[r] if r < len(listed) else self._invent(r) for r in ranks.tolist()]
        for place in (random.random(count) < model.figure).nonzero()[0].tolist():
            found[place] = self._figure(random)
        for place in (random.random(count) < model.comma).nonzero()[0].tolist():
            found[place] += "،"
        return found

    def _invent(self, rank: int) -> str:
        word = self._invented.get(rank)
        if word is None:
            mixed = rank * _MIXER % 2**64
            first, second = divmod(mixed >> 16, len(self._ends))
            word = self._heads[first % len(self._heads)] + self._ends[second]
            self._invented[rank] = word
        return word

    def _figure(self, random: np.random.Generator) -> str:
        phrase = self._model.figures[int(random.integers(len(self._model.figures)))]
        return _DIGITS.sub(lambda digits: _number(digits.group(), random), phrase)


def _number(digits: str, random: np.random.Generator) -> str:
    """Return another number of as many digits; of a year or a day of a month, another such."""
    length = len(digits)
    if length <= 2:  # noqa: PLR2004 - what a day of a month has
        return str(random.integers(1, 29))
    if length == 4 and digits[0] in "12":  # noqa: PLR2004 - what a year has
        return str(random.integers(1900, 2026))
    return "".join(map(str, random.integers(1, 10, length).tolist()))


def documents(model: Model, sentences: int) -> Iterator[dict[str, str]]:
    """Return the documents of a collection; a smaller one is the beginning of a greater one.

    Args:
        model: What is drawn from.
        sentences: How many there are to be, rounded up to whole documents.
    """
    wanted = -(-sentences // DOCUMENT)
    source = _Words(model)
    blocks = (_block(model, source, block) for block in range(-(-wanted // _BLOCK)))
    return islice(chain.from_iterable(blocks), wanted)


def _block(model: Model, source: _Words, block: int) -> Iterator[dict[str, str]]:
    random = np.random.default_rng((SEED, block))
    lengths = random.choice(model.lengths, _BLOCK * DOCUMENT)
    drawn = iter(source.draw(random, int(lengths.sum())))
    last = iter(word for word in source.draw(random, 8 * len(lengths)) if _is_whole(word))
    texts = [
        " ".join((*islice(drawn, length - 1), next(last))) + "." for length in lengths.tolist()
    ]
    for number in range(_BLOCK):
        mine = texts[number * DOCUMENT : (number + 1) * DOCUMENT]
        lines = (" ".join(mine[at : at + PASSAGE]) for at in range(0, DOCUMENT, PASSAGE))
        published = _FIRST_DAY + timedelta(days=int(random.integers(_DAYS)))
        yield {
            "title": " ".join(mine[0].rstrip(".").split()[:8]),
            "date": published.isoformat(),
            "agency": _AGENCIES[int(random.integers(len(_AGENCIES)))],
            "text": "\n".join(lines),
            "url": f"https://example.org/{block * _BLOCK + number}",
        }


def _is_whole(word: str) -> bool:
    return len(word) >= _WHOLE and _PLAIN.fullmatch(word) is not None


def write_archive(path: Path, model: Model, sentences: int) -> None:
    """Write a collection as JSON Lines, a document a line."""
    with path.open("w", encoding="utf-8") as archive:
        for document in documents(model, sentences):
            archive.write(json.dumps(document, ensure_ascii=False) + "\n")


def read_sentences(path: Path) -> Iterator[str]:
    """Yield the sentences of an archive that ``write_archive`` wrote."""
    with path.open(encoding="utf-8") as archive:
        for line in archive:
            for paragraph in json.loads(line)["text"].split("\n"):
                yield from (_sentences(paragraph)).values()


def make_questions(path: Path, model: Model, sentences: int, count: int) -> list[str]:
    """Make questions about sentences anywhere in an archive.

    Args:
        path: The archive.
        model: What it was drawn from.
        sentences: How many it has.
        count: How many questions there are to be.
    """
    random = np.random.default_rng((SEED, sentences, count))
    chosen = sorted(random.choice(sentences, count, replace=False).tolist())
    source = _Words(model)
    return [_question(model, source, random, sentence) for sentence in _sentences_at(path, chosen)]


def _sentences_at(path: Path, places: Sequence[int]) -> Iterator[str]:
    wanted: dict[int, list[int]] = {}
    for place in places:
        wanted.setdefault(place // DOCUMENT, []).append(place % DOCUMENT)
    with path.open(encoding="utf-8") as archive:
        for number, line in enumerate(archive):
            if number in wanted:
                text = json.loads(line)["text"]
                found = list(_sentences(text).values())
                yield from (found[place] for place in wanted[number])


def _question(model: Model, source: _Words, random: np.random.Generator, sentence: str) -> str:
    asked = model.asked[int(random.integers(len(model.asked)))]
    held = list(read_question(sentence).content)
    random.shuffle(held)
    # Function words among those drawn fall away, hence more than are needed.
    others = iter(read_question(" ".join(source.draw(random, 50 + 5 * len(asked.shared)))).content)
    content = iter([held.pop() if shared and held else next(others) for shared in asked.shared])
    return " ".join(next(content) if word is None else word for word in asked.words) + "؟"
