"""Measures of retrieval and of refusal over gold questions.

Two kinds of gold files are read. Ours is JSON Lines, questions over the documents at hand: each
line an object with ``question``, ``sentences`` (parts of the accepted sentences, word for word;
empty where the documents do not answer) and, where it is not plain from that, ``answerable``. A
SQuAD-format JSON file brings its own documents: each article is a document, each of its paragraphs
a passage.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rank_bm25 import BM25Okapi

from index.answering import Answerer
from index.engines.rank_bm25 import RankBM25Engine
from index.errors import GoldError, QuestionError
from index.model import Collection, Document, Passage, Sentence, Span
from index.ranking import (
    PASSAGE_PARAMETERS,
    SENTENCE_PARAMETERS,
    passage_terms,
    sentence_terms,
)
from index.sentences import split_lines, split_sentences

DEPTH = 10
"""How many ranked sentences are looked at (the 10 of MRR@10 and nDCG@10)."""

_OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with the sentences, by position in the collection, that answer it.

    No sentences: the documents do not answer.
    """

    text: str
    sentences: frozenset[int]
    answerable: bool


@dataclass(frozen=True, slots=True)
class Gold:
    """Questions and the collection that they are asked of."""

    collection: Collection
    questions: tuple[GoldQuestion, ...]


@dataclass(frozen=True, slots=True)
class Response:
    """What a system said to one question: ranked sentences, and whether it thinks it answered."""

    ranked: Sequence[int]
    answered: bool


System = Callable[[str], Response]


@dataclass(frozen=True, slots=True)
class Report:
    """Measures over a file of gold questions; all but the counts are shares from 0 to 1.

    The retrieval measures are means over the answerable questions; a measure without anything to
    measure is None.

    Attributes:
        questions: How many questions were asked.
        answerable: How many of them the documents answer.
        first: A right sentence came first.
        first_3: A right sentence was among the first three.
        first_5: A right sentence was among the first five.
        mrr_10: Mean of 1 / rank of the first right sentence, 0 beyond rank 10.
        passage_recall_10: Share of the right passages among those of the first ten sentences.
        passage_ndcg_10: nDCG of those passages in order of their best sentence (Järvelin and
            Kekäläinen 2002, binary gains).
        not_found_precision: Of the questions refused, how many the documents do not answer.
        not_found_recall: Of the questions that the documents do not answer, how many were refused.
    """

    questions: int
    answerable: int
    first: float | None
    first_3: float | None
    first_5: float | None
    mrr_10: float | None
    passage_recall_10: float | None
    passage_ndcg_10: float | None
    not_found_precision: float | None
    not_found_recall: float | None


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
        try:
            data = json.loads(text)
        except ValueError:
            data = None
        if isinstance(data, dict) and "data" in data:
            gold = _squad(data)
        else:
            rows = [json.loads(line) for line in text.splitlines() if line.strip()]
            gold = _json_lines(rows, collection())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GoldError(path, f"{type(error).__name__}: {error}") from error
    if not gold.questions:
        raise GoldError(path, "it holds no question")
    return gold


def _json_lines(rows: Iterable[dict[str, Any]], collection: Collection) -> Gold:
    questions = []
    for row in rows:
        places = [
            (number, Span(start, start + len(part)))
            for part in row["sentences"]
            for number, document in enumerate(collection.documents)
            if (start := document.text.find(part)) >= 0
        ]
        right = frozenset(
            number
            for number, sentence in enumerate(collection.sentences)
            if any(
                sentence.document == document and _overlap(sentence.span, place) >= _OVERLAP
                for document, place in places
            )
        )
        answerable = bool(row.get("answerable", bool(row["sentences"])))
        questions.append(GoldQuestion(row["question"], right, answerable))
    return Gold(collection, tuple(questions))


def _overlap(one: Span, other: Span) -> float:
    """Return the characters that two spans share, as a share of the shorter one."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared / max(min(len(one), len(other)), 1)


def _squad(data: dict[str, Any]) -> Gold:
    documents: list[Document] = []
    passages: list[Passage] = []
    sentences: list[Sentence] = []
    asked: list[tuple[str, list[tuple[int, Span]]]] = []
    for article in data["data"]:
        contexts = [paragraph["context"] for paragraph in article["paragraphs"]]
        text = "\n\n".join(contexts)
        start = 0
        for paragraph, context in zip(article["paragraphs"], contexts, strict=True):
            whole = Span(start, start + len(context))
            sentences.extend(
                Sentence(len(documents), len(passages), span)
                for line in split_lines(text, whole)
                for span in split_sentences(text, line)
            )
            passages.append(Passage(len(documents), whole))
            for row in paragraph["qas"]:
                answers = () if row.get("is_impossible") else row["answers"]
                places = [
                    (
                        len(documents),
                        Span(answer["answer_start"], answer["answer_start"] + len(answer["text"])),
                    )
                    for answer in answers
                ]
                asked.append((row["question"], [(d, s.shifted(start)) for d, s in places]))
            start = whole.end + len("\n\n")
        title = str(article.get("title", ""))
        name = f"{len(documents)}"
        documents.append(
            Document(name, name, text, title, None, None, title, (Span(0, len(text)),))
        )
    collection = Collection(tuple(documents), tuple(passages), tuple(sentences))
    return Gold(collection, tuple(_squad_questions(collection, asked)))


def _squad_questions(
    collection: Collection, asked: Iterable[tuple[str, list[tuple[int, Span]]]]
) -> Iterator[GoldQuestion]:
    """Yield the questions; a right sentence is one that an answer overlaps.

    A paragraph may be repeated in its article, so the same sentence elsewhere is right as well.
    """
    same: dict[str, list[int]] = {}
    of_document: dict[int, list[int]] = {}
    for number, sentence in enumerate(collection.sentences):
        same.setdefault(collection.sentence_text(sentence), []).append(number)
        of_document.setdefault(sentence.document, []).append(number)
    for text, places in asked:
        right = {
            twin
            for document, place in places
            for number in of_document.get(document, [])
            if _overlap(collection.sentences[number].span, place) > 0
            for twin in same[collection.sentence_text(collection.sentences[number])]
        }
        yield GoldQuestion(text, frozenset(right), bool(places))


def jawab_system(collection: Collection) -> System:
    """Return Jawab itself over a collection, built in memory with the embedded engine."""
    of_sentences = list(sentence_terms(collection))
    of_passages = passage_terms(collection, of_sentences)
    answerer = Answerer(
        collection,
        RankBM25Engine.build(of_sentences, SENTENCE_PARAMETERS),
        RankBM25Engine.build(of_passages, PASSAGE_PARAMETERS),
    )

    positions = {
        (collection.documents[sentence.document].id, sentence.span): number
        for number, sentence in enumerate(collection.sentences)
    }

    def respond(question: str) -> Response:
        try:
            answer = answerer.ask(question, DEPTH)
        except QuestionError:
            return Response((), answered=False)
        ranked = [positions[hit.document.id, hit.span] for hit in answer.hits]
        return Response(ranked, answered=answer.answered)

    return respond


def baseline_system(collection: Collection) -> System:
    """Return plain rank-bm25 over white-space words: its own idf, k1 = 1.5 and b = 0.75."""
    bm25 = BM25Okapi(
        [collection.sentence_text(sentence).split() for sentence in collection.sentences]
    )

    def respond(question: str) -> Response:
        scores = bm25.get_scores(question.split())
        ranked = sorted(range(len(scores)), key=lambda number: (-scores[number], number))[:DEPTH]
        return Response(ranked, answered=bool(ranked and scores[ranked[0]] > 0))

    return respond


def evaluate(
    gold: Gold, system: System, progress: Callable[[int, int], None] = lambda *_: None
) -> Report:
    """Ask every question and return the measures."""
    responses = []
    for done, question in enumerate(gold.questions, start=1):
        responses.append(system(question.text))
        progress(done, len(gold.questions))
    pairs = list(zip(gold.questions, responses, strict=True))
    answerable = [pair for pair in pairs if pair[0].answerable]
    refused = [question for question, response in pairs if not response.answered]
    unanswerable = [question for question in gold.questions if not question.answerable]
    refused_rightly = sum(not question.answerable for question in refused)
    ranks = [_first_right(question, response.ranked) for question, response in answerable]
    passages = [_passages(gold.collection, *pair) for pair in answerable]
    return Report(
        questions=len(pairs),
        answerable=len(answerable),
        first=_mean(rank == 1 for rank in ranks),
        first_3=_mean(rank is not None and rank <= 3 for rank in ranks),  # noqa: PLR2004
        first_5=_mean(rank is not None and rank <= 5 for rank in ranks),  # noqa: PLR2004
        mrr_10=_mean(1 / rank if rank else 0.0 for rank in ranks),
        passage_recall_10=_mean(recall for recall, _ in passages),
        passage_ndcg_10=_mean(ndcg for _, ndcg in passages),
        not_found_precision=refused_rightly / len(refused) if refused else None,
        not_found_recall=refused_rightly / len(unanswerable) if unanswerable else None,
    )


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return math.fsum(listed) / len(listed) if listed else None


def _first_right(question: GoldQuestion, ranked: Sequence[int]) -> int | None:
    """Return the rank, from 1, of the first right sentence within the depth, or None."""
    return next(
        (rank for rank, number in enumerate(ranked[:DEPTH], 1) if number in question.sentences),
        None,
    )


def _passages(
    collection: Collection, question: GoldQuestion, response: Response
) -> tuple[float, float]:
    """Return recall and nDCG of the passages in order of their best sentence."""
    right = {collection.sentences[number].passage for number in question.sentences}
    if not right:
        return 0.0, 0.0
    ranked = list(
        dict.fromkeys(collection.sentences[number].passage for number in response.ranked[:DEPTH])
    )
    gains = [1 / math.log2(rank + 1) for rank, passage in enumerate(ranked, 1) if passage in right]
    ideal = [1 / math.log2(rank + 1) for rank in range(1, min(len(right), DEPTH) + 1)]
    return len(gains) / min(len(right), DEPTH), math.fsum(gains) / math.fsum(ideal)
