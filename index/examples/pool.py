"""The pool of examples: sentences sampled, their questions asked, some kept and a few chosen."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TypeVar

from index.api import Index
from index.arabic import words as words_of
from index.collection import Collection
from index.examples.example import Example, is_sendable
from index.examples.patterns import PATTERNS, from_topics
from index.examples.tags import tag_sentence
from index.model import Hit, Kind, Sentence
from index.persons import find_persons
from index.questions import read_question

MOST_EXAMPLES = 24
"""Examples of a pool at most."""

MOST_SENTENCES = 150
"""Sentences that are looked at for examples, however many there are."""

MOST_ASKED = 60
"""Questions that are asked to check them at most."""

_ENOUGH = 3  # examples, from which on none as vague as «ماذا ورد عن» is added
_FURTHER = 15  # questions «ماذا ورد عن» that are asked at most
_SURE = 0.4  # confidence; an example should not be answered with a doubt
_SAME = 1.0  # share of common words from which two examples of a pool are one
_ALIKE = 0.6  # and from which two are not shown together
_LONGEST_SENTENCE = 1000  # characters; a longer one is a table or a list

_Item = TypeVar("_Item")


def find_candidates(index: Index, *, seed: int = 0) -> tuple[list[Example], list[Example]]:
    """Make questions that are worth asking, patterns and documents taking turns.

    Returns:
        Those made by a pattern and the vague ones, «ماذا ورد عن…», at most ``MOST_ASKED`` together.
    """
    sampled = _sample(index.collection, seed)
    names: dict[int, set[str]] = {}
    for one in sampled:
        text = one.sentence.text
        found = names.setdefault(one.sentence.document, set())
        found.update(word for span in find_persons(text) for word in words_of(span.of(text)))
    texts = [
        tag_sentence(one.sentence, one.document, names[one.sentence.document], opens=one.opens)
        for one in sampled
    ]
    made = (_in_turns([list(pattern(text)) for text in texts]) for pattern in PATTERNS)
    patterned = _sendable(_in_turns([_sendable(column) for column in made]))
    vague = _sendable(from_topics(texts))
    return patterned[: MOST_ASKED - _FURTHER], vague[:_FURTHER]


def _in_turns(columns: Iterable[Sequence[_Item]]) -> list[_Item]:
    """Return the first of each column, then the second of each, and so on."""
    return [one for turn in zip_longest(*columns) for one in turn if one is not None]


def _sendable(examples: Iterable[Example]) -> list[Example]:
    """Return those that can be sent, each question once."""
    first: dict[str, Example] = {}
    for example in examples:
        if is_sendable(example.question):
            first.setdefault(example.question, example)
    return list(first.values())


@dataclass(frozen=True, slots=True)
class _Sampled:
    """A sentence, its document's id, and whether nothing of the article stands before it."""

    sentence: Sentence
    document: str
    opens: bool


def _sample(collection: Collection, seed: int) -> list[_Sampled]:
    """Return the sentences to look at, evenly chosen, the first of each document first."""
    documents = collection.document_numbers()
    if not documents:
        return []
    taken = min(len(documents), MOST_SENTENCES // 3)
    first = random.Random(seed).randrange(len(documents)) if taken < len(documents) else 0  # noqa: S311
    most = -(-MOST_SENTENCES // taken)
    columns = []
    for turn in range(taken):
        place = (first + turn * len(documents) // taken) % len(documents)
        columns.append(_sample_document(collection, documents[place], most))
    return _in_turns(columns)[:MOST_SENTENCES]


def _sample_document(collection: Collection, document: int, most: int) -> list[_Sampled]:
    """Return at most ``most`` sentences of a document, evenly chosen, in reading order."""
    numbers = collection.sentence_numbers(document)
    [source] = collection.sources([document])
    step = max(len(numbers) / (4 * most), 1)
    seen = [int(part * step) for part in range(min(len(numbers), 4 * most))]
    wanted = sorted({place for at in seen for place in (at - 1, at) if place >= 0})
    found = collection.sentences([numbers[place] for place in wanted])
    sentences = dict(zip(wanted, found, strict=True))
    short = [at for at in seen if len(sentences[at].span) <= _LONGEST_SENTENCE]
    # Where there is a choice, a sentence with a date, a number or a place is the better one.
    short.sort(key=lambda at: (at != 0, not sentences[at].signs))
    return [
        _Sampled(sentences[at], source.id, at == 0 or bool(sentences[at - 1].label))
        for at in sorted(short[:most])
    ]


def make_examples(index: Index, *, seed: int = 0) -> tuple[Example, ...]:
    """Make the pool of examples of an index, kinds and documents taking turns, the surest first.

    However large the index is, at most ``MOST_SENTENCES`` sentences are looked at and
    ``MOST_ASKED`` questions asked.

    Args:
        index: The index.
        seed: Which sentences of a large index are looked at.

    Returns:
        At most ``MOST_EXAMPLES``; the same for the same index and seed.
    """
    patterned, vague = find_candidates(index, seed=seed)
    sure = [(sureness, one) for one in patterned if (sureness := _checked(index, one)) is not None]
    # Nearly as sure is as good: the patterns stand in the order of what they are worth.
    made = [one for _, one in sorted(sure, key=lambda pair: -round(pair[0], 1))]
    if len(made) < _ENOUGH:
        settled = [one for one in (_settled(index, one) for one in vague) if one is not None]
        made += _varied(settled, _ENOUGH - len(made), made)
    return tuple(_varied(made, MOST_EXAMPLES, (), _SAME))


def choose_examples(
    pool: Sequence[Example], count: int = 3, *, seed: int = 0, near: Sequence[Hit] = ()
) -> list[Example]:
    """Choose a few of a pool: of different kinds, documents and words as far as there are such.

    Args:
        pool: What ``make_examples`` gave.
        count: How many at most.
        seed: 0 for the surest; any other number for a choice of its own.
        near: Hits of a question; examples of their passages come first, then of their documents.
    """
    ordered = list(pool)
    if seed:
        random.Random(seed).shuffle(ordered)  # noqa: S311 - nothing secret
    documents = {hit.document.id for hit in near}
    groups: tuple[list[Example], ...] = ([], [], [])
    for example in ordered:
        if any(example.sentence in hit.passage for hit in near):
            groups[0].append(example)
        else:
            groups[1 if example.document in documents else 2].append(example)
    chosen: list[Example] = []
    for group in groups:
        chosen += _varied(group, count - len(chosen), chosen)
    return chosen


def _checked(index: Index, example: Example) -> float | None:
    """Ask an example; return how sure the answer is, or None where it is not the expected one."""
    answer = index.ask(example.question, 1)
    if not answer.answered or answer.confidence < _SURE:
        return None
    best = answer.hits[0]
    short = set(words_of(best.short_text or ""))
    if example.kind is Kind.WHAT:
        right = best.sentence == example.sentence and not short.isdisjoint(example.expected)
    else:
        agrees = short <= example.expected or example.expected <= short
        right = bool(short) and agrees and not answer.differing
    return answer.confidence if right else None


def _settled(index: Index, example: Example) -> Example | None:
    """Ask a vague example; return it with the sentence that answers it, or None.

    That is whichever sentence of its document says the most about its topic.
    """
    answer = index.ask(example.question, 1)
    if not answer.answered:
        return None
    best = answer.hits[0]
    held = example.expected <= set(words_of(best.sentence))
    if best.document.id != example.document or not held:
        return None
    return replace(example, sentence=best.sentence)


def _varied(
    examples: Sequence[Example], count: int, beside: Sequence[Example], alike: float = _ALIKE
) -> list[Example]:
    """Take ``count`` examples, each time the first of those whose kind and document are rarest.

    No two share as many words as ``alike`` says, nor one with those of ``beside``.
    """
    taken: list[Example] = []
    left = list(examples)
    while len(taken) < count:
        every = [*beside, *taken]
        left = [one for one in left if not any(_likeness(one, other) >= alike for other in every)]
        if not left:
            break
        kinds = Counter(other.kind for other in every)
        documents = Counter(other.document for other in every)
        taken.append(min(left, key=lambda one: (kinds[one.kind], documents[one.document])))
    return taken


def _likeness(one: Example, other: Example) -> float:
    """Return which share of the words of one example the other has; the kind is a word too."""
    first, second = ({each.kind, *read_question(each.question).content} for each in (one, other))
    return len(first & second) / min(len(first), len(second))
