"""Gold files to questions with the sentences that answer them.

Two kinds are read. Ours is JSON Lines, questions over the documents at hand: each line an object
with ``question``, ``sentences`` (parts of the accepted sentences, word for word; empty where the
documents do not answer) and, as far as they are known, ``answerable`` (where it is not plain from
that), ``id``, ``kind`` and ``answers`` (the accepted short answers). A SQuAD-format JSON file
brings its own documents: each article is a document, each of its paragraphs a passage.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from index.collection import Collection, MemoryCollection, all_sentences
from index.errors import GoldError
from index.model import Document, Kind, Passage, Sentence, Span
from index.segments import make_sentence
from index.sentences import split_lines, split_sentences

_OVERLAP = 0.5
_BETWEEN_PARAGRAPHS = "\n\n"

_Object = dict[str, Any]
_Place = tuple[int, Span]
"""A document, by position, and a span of its text."""


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with the sentences, by position in the collection, that answer it.

    Two are equal that ask the same and are answered by the same sentences.

    Attributes:
        text: The question as it is asked.
        sentences: The right sentences; none where the documents do not answer.
        answerable: Whether the documents answer.
        id: Its name in the file, else the number of its line (in a SQuAD-format file: which
            question it is), from 1.
        kind: The kind of answer it wants, where the file says it.
        answers: The accepted short answers.
    """

    text: str
    sentences: frozenset[int]
    answerable: bool
    id: str = field(default="", compare=False)
    kind: Kind | None = field(default=None, compare=False)
    answers: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Gold:
    """Questions and the collection that they are asked of."""

    collection: Collection
    questions: tuple[GoldQuestion, ...]


def read_gold(path: Path, collection: Callable[[], Collection]) -> Gold:
    """Read a file of gold questions, JSON Lines or SQuAD-format.

    Args:
        path: The file.
        collection: Gives the documents at hand; asked for only where the file brings none.

    Raises:
        GoldError: The file cannot be read or is of neither format.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise GoldError(path, getattr(error, "strerror", None) or "it is not UTF-8") from error
    try:
        data = _squad_data(text)
        gold = _squad(data) if data else _over_documents(_json_lines(text), collection)
    except _FormatError as error:
        raise GoldError(path, str(error)) from error
    if not gold.questions:
        raise GoldError(path, "it holds no question")
    return gold


class _FormatError(Exception):
    """What is wrong with the file, in a few words."""


def _squad_data(text: str) -> _Object | None:
    """Return the object of a SQuAD-format file, or None where it is not one."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) and "data" in data else None


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of our format: its question, still without sentences, and its parts of them."""

    question: GoldQuestion
    parts: tuple[str, ...]


def _json_lines(text: str) -> list[_Row]:
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                rows.append(_row(line, number))
            except _FormatError as error:
                raise _FormatError(f"line {number}: {error}") from error
    return rows


def _row(line: str, number: int) -> _Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _FormatError("it is not JSON") from error
    if not isinstance(row, dict):
        raise _FormatError("it is not a JSON object")
    parts = _texts(row, "sentences")
    answerable = row.get("answerable", bool(parts))
    if not isinstance(answerable, bool):
        raise _FormatError("answerable is neither true nor false")
    question = GoldQuestion(
        _text(row, "question"),
        frozenset(),
        answerable,
        id=_id(row, number),
        # A kind that is none of ours is passed over: nothing could be compared with it.
        kind=next((kind for kind in Kind if kind == row.get("kind")), None),
        answers=_texts(row, "answers") if "answers" in row else (),
    )
    return _Row(question, parts)


def _over_documents(rows: Iterable[_Row], at_hand: Callable[[], Collection]) -> Gold:
    collection = at_hand()
    questions = []
    numbers = collection.document_numbers()
    texts = {number: collection.document(number).text for number in numbers}
    sentences: dict[int, list[tuple[int, Sentence]]] = {number: [] for number in numbers}
    for number, sentence in all_sentences(collection):
        sentences[sentence.document].append((number, sentence))
    for row in rows:
        right = frozenset(
            number
            for document, text in texts.items()
            for place in _places(text, row.parts)
            for number, sentence in sentences[document]
            if _overlap(sentence.span, place) >= _OVERLAP
        )
        questions.append(replace(row.question, sentences=right))
    return Gold(collection, tuple(questions))


def _places(text: str, parts: Sequence[str]) -> list[Span]:
    starts = ((text.find(part), part) for part in parts)
    return [Span(start, start + len(part)) for start, part in starts if start >= 0]


def _overlap(one: Span, other: Span) -> float:
    """Return the characters that two spans share, as a share of the shorter one."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared / max(min(len(one), len(other)), 1)


def _squad(data: _Object) -> Gold:
    documents: list[Document] = []
    passages: list[Passage] = []
    sentences: list[Sentence] = []
    asked: list[tuple[GoldQuestion, list[_Place]]] = []
    for article in _objects(data, "data"):
        paragraphs = _objects(article, "paragraphs")
        text = _BETWEEN_PARAGRAPHS.join(_text(paragraph, "context") for paragraph in paragraphs)
        start = 0
        for paragraph in paragraphs:
            whole = Span(start, start + len(paragraph["context"]))
            first = len(sentences)
            sentences.extend(
                make_sentence(len(documents), len(passages), span, text)
                for line in split_lines(text, whole)
                for span in split_sentences(text, line)
            )
            members = range(first, len(sentences))
            passages.append(Passage(len(documents), whole, whole.of(text), members))
            for row in _objects(paragraph, "qas"):
                question, spans = _squad_question(row, len(asked) + 1)
                asked.append((question, [(len(documents), s.shifted(start)) for s in spans]))
            start = whole.end + len(_BETWEEN_PARAGRAPHS)
        documents.append(_squad_document(f"{len(documents)}", text, f"{article.get('title', '')}"))
    collection = MemoryCollection(documents, passages, sentences)
    return Gold(collection, tuple(_located(collection, asked)))


def _squad_document(name: str, text: str, title: str) -> Document:
    return Document(
        id=name,
        path=name,
        title=title,
        published=None,
        agency=title,
        text=text,
        published_span=None,
        body=(Span(0, len(text)),),
    )


def _squad_question(row: _Object, number: int) -> tuple[GoldQuestion, list[Span]]:
    """Return a question, still without sentences, and where in its paragraph it is answered."""
    answers = [] if row.get("is_impossible") else _objects(row, "answers")
    question = GoldQuestion(
        _text(row, "question"),
        frozenset(),
        bool(answers),
        id=_id(row, number),
        answers=tuple(_text(answer, "text") for answer in answers),
    )
    return question, [Span(0, len(a["text"])).shifted(_start(a)) for a in answers]


def _start(answer: _Object) -> int:
    start = answer.get("answer_start")
    if not isinstance(start, int):
        raise _FormatError("answer_start is not a number")
    return start


def _located(
    collection: Collection, asked: Iterable[tuple[GoldQuestion, list[_Place]]]
) -> Iterator[GoldQuestion]:
    """Yield the questions with their sentences: those that an answer overlaps.

    A paragraph may be repeated in its article, so the same sentence elsewhere is right as well.
    """
    same: dict[str, list[int]] = {}
    of_document: dict[int, list[tuple[int, Sentence]]] = {}
    for number, sentence in all_sentences(collection):
        same.setdefault(sentence.text, []).append(number)
        of_document.setdefault(sentence.document, []).append((number, sentence))
    for question, places in asked:
        right = {
            twin
            for document, place in places
            for _, sentence in of_document.get(document, [])
            if _overlap(sentence.span, place) > 0
            for twin in same[sentence.text]
        }
        yield replace(question, sentences=frozenset(right))


def _text(row: _Object, name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise _FormatError(f"{name} is not a text")
    return value


def _texts(row: _Object, name: str) -> tuple[str, ...]:
    value = row.get(name)
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise _FormatError(f"{name} is not a list of texts")
    return tuple(value)


def _objects(row: _Object, name: str) -> list[_Object]:
    value = row.get(name)
    if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
        raise _FormatError(f"{name} is not a list of objects")
    return value


def _id(row: _Object, number: int) -> str:
    value = row.get("id")
    return f"{number}" if value in (None, "") else f"{value}"
