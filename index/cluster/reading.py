"""A collection in a cluster as bots use it: no documents, no index of their own.

A question costs three round trips. The first asks both collections at once (Qdrant takes a batch
for one collection, so they are two requests under way together), and with them how often the
question's terms stand and whether anything has changed. The second fetches what is not remembered
of the best passages and their documents. The third scores the passages of all candidates.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from index.answering import Answerer
from index.api import Index
from index.arabic import GRAM_PREFIX
from index.cluster.connection import (
    Call,
    Cluster,
    ClusterChangedError,
    Connection,
)
from index.cluster.engine import QdrantEngine, scored
from index.cluster.layout import (
    DOCUMENTS,
    FACTS_POINT,
    ID,
    PATHS,
    Placed,
    base_of,
    generation_of,
    passage_of,
    sentence_of,
)
from index.cluster.view import Kept, View
from index.collection import Sizes
from index.dropped import DroppedConnection
from index.engines.base import Scored
from index.engines.pair import (
    PASSAGE_CANDIDATES,
    PASSAGES,
    QDRANT,
    SENTENCE_CANDIDATES,
    SENTENCES,
    Engines,
)
from index.errors import ClusterError
from index.lexicon import Lexicon
from index.model import Answer, Document, Passage, Sentence, Source
from index.morphology import Morphology
from index.ranking import Ranker

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

_MOST_SENTENCES, _MOST_PASSAGES = 20_000, 5_000  # that are remembered
_MOST_SORTED = 20_000  # documents that are listed by path
_PAGE = 5_000
_TRIES = 3

U = TypeVar("U")


class QdrantCollection:
    """The collection in a cluster; see ``Collection``."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._sentences: Kept[Sentence] = Kept(_MOST_SENTENCES)
        self._passages: Kept[Passage] = Kept(_MOST_PASSAGES)
        self._listed: tuple[object, list[tuple[Source, int]]] = (None, [])

    @property
    def sizes(self) -> Sizes:
        """How much it holds."""
        return self._view.now.facts.sizes

    def document_numbers(self) -> Sequence[int]:
        """Return the numbers of the documents, rising."""
        facts = self._view.now.facts
        base = base_of(facts.generation)
        if facts.documents == facts.next_document:  # none was ever removed
            return range(base, base + facts.documents)
        return [number for number, _ in self._all_documents(with_payload=False)]

    def document(self, number: int) -> Document:
        """Raise an error: whole documents are not kept in a cluster."""
        raise ClusterError(
            f"The search cluster does not keep whole documents, such as {number}; "
            "ask the machine that built the index."
        )

    def sources(self, numbers: Sequence[int]) -> list[Source]:
        """Return documents without their texts, in the order asked for; see ``Collection``."""
        return [one.source for one in self._placed(numbers)]

    def listing(self, start: int = 0, count: int | None = None) -> list[tuple[Source, int]]:
        """Return documents by path, each with how many sentences it has.

        More than 20,000 documents come in the order in which they were added.
        """
        facts = self._view.now.facts
        end = None if count is None else start + count
        if facts.documents > _MOST_SORTED and end is not None:
            return _with_sizes(self._page(start, end - start))
        version, listed = self._listed
        if version != (facts.generation, facts.changes):
            listed = _with_sizes(one for _, one in self._all_documents(with_payload=True))
            listed.sort(key=lambda pair: pair[0].path)
            self._listed = (facts.generation, facts.changes), listed
        return listed[start:end]

    def find(self, document_id: str) -> int | None:
        """Return the number of the document with this id, or None."""
        return self._find(ID, document_id)

    def find_path(self, path: str) -> int | None:
        """Return the number of the document at a path, or None."""
        return self._find(PATHS, path)

    def sentences(self, numbers: Sequence[int]) -> list[Sentence]:
        """Return sentences in the order asked for; see ``Collection``."""
        return self._get(self._sentences, SENTENCES, numbers, sentence_of)

    def sentence_numbers(self, document: int) -> range:
        """Return the numbers of a document's sentences, in reading order."""
        try:
            return self._placed([document])[0].sentences
        except KeyError:
            return range(0)

    def members(self, passages: Sequence[int]) -> list[range]:
        """Return the numbers of the sentences of passages; see ``Collection``."""
        return [passage.sentences for passage in self.passages(passages)]

    def passages(self, numbers: Sequence[int]) -> list[Passage]:
        """Return passages in the order asked for; see ``Collection``."""
        return self._get(self._passages, PASSAGES, numbers, passage_of)

    # What Engines found, and what will be asked for next.

    def take(self, own: Iterable[Any], around: Iterable[Any]) -> None:
        """Remember the sentences and passages that were found.

        What the question will ask for next is fetched, all of it at once.
        """
        hits = {int(one.id): sentence_of(int(one.id), one.payload) for one in own}
        best = {int(one.id): passage_of(int(one.id), one.payload) for one in around}
        self._sentences.add(hits)
        self._passages.add(best)
        inside = [number for one in best.values() for number in one.sentences]
        outside = [one.passage for one in hits.values()]
        owners = {one.document for one in hits.values()} | {one.document for one in best.values()}
        calls = (
            self._fetch(self._sentences, SENTENCES, inside, sentence_of),
            self._fetch(self._passages, PASSAGES, outside, passage_of),
            self._fetch(self._view.now.documents, DOCUMENTS, sorted(owners), Placed.of),
        )
        needed = [call for call in calls if call is not None]
        if needed:
            self._view.connection.ask(*needed)

    def _placed(self, numbers: Sequence[int]) -> list[Placed]:
        return self._get(self._view.now.documents, DOCUMENTS, numbers, Placed.of)

    def _get(
        self,
        kept: Kept[U],
        kind: str,
        numbers: Sequence[int],
        make: Callable[[int, dict[str, Any]], U],
    ) -> list[U]:
        call = self._fetch(kept, kind, numbers, make)
        found = kept.among(numbers)
        if call is not None:
            try:
                found |= self._view.connection.ask(call)[0]
            except ClusterChangedError as error:  # the generation of these numbers is gone
                raise KeyError(numbers[0]) from error
        return [found[number] for number in numbers]

    def _fetch(
        self,
        kept: Kept[U],
        kind: str,
        numbers: Sequence[int],
        make: Callable[[int, dict[str, Any]], U],
    ) -> Call[dict[int, U]] | None:
        """Return the request for what is not remembered, or None where all of it is."""
        known = kept.among(numbers)
        missing = [number for number in dict.fromkeys(numbers) if number not in known]
        if not missing:
            return None
        name = self._view.name(kind, generation_of(missing[0]))

        def fetch(client: QdrantClient) -> dict[int, U]:
            records = client.retrieve(name, missing)
            found = {int(one.id): make(int(one.id), one.payload or {}) for one in records}
            kept.add(found)
            return found

        return fetch

    def _find(self, field: str, value: str) -> int | None:
        from qdrant_client import models  # noqa: PLC0415 - for those who use a cluster

        only = models.Filter(
            must=[models.FieldCondition(key=field, match=models.MatchValue(value=value))]
        )

        def find(client: QdrantClient) -> int | None:
            records, _ = client.scroll(self._view.name(DOCUMENTS), only, limit=1)
            self._keep(records)
            return int(records[0].id) if records else None

        return self._following(find)

    def _page(self, start: int, count: int) -> list[Placed]:
        def read(client: QdrantClient) -> list[Placed]:
            name = self._view.name(DOCUMENTS)
            # The facts come first.
            points = client.query_points(name, offset=start + 1, limit=count).points
            return [placed for _, placed in self._keep(points)]

        return self._following(read)

    def _all_documents(self, *, with_payload: bool) -> list[tuple[int, Placed]]:
        def read(client: QdrantClient) -> list[tuple[int, Placed]]:
            name = self._view.name(DOCUMENTS)
            found: list[tuple[int, Placed]] = []
            following: Any = FACTS_POINT + 1
            while following is not None:
                records, following = client.scroll(
                    name, limit=_PAGE, offset=following, with_payload=with_payload
                )
                numbers = [int(one.id) for one in records]
                if with_payload:
                    pairs = zip(numbers, records, strict=True)
                    found += [(n, Placed.of(n, one.payload or {})) for n, one in pairs]
                else:
                    found += [(n, _NOWHERE) for n in numbers]
            return found

        return self._following(read)

    def _keep(self, records: Iterable[Any]) -> list[tuple[int, Placed]]:
        found = [(int(one.id), Placed.of(int(one.id), one.payload or {})) for one in records]
        self._view.now.documents.add(dict(found))
        return found

    def _following(self, call: Call[U]) -> U:
        """Ask for what is not known by its number, of the next generation if this one is gone."""
        try:
            found: U = self._view.connection.ask(call)[0]
        except ClusterChangedError:
            self._view.refresh()
            found = self._view.connection.ask(call)[0]
        return found


_NOWHERE = Placed(Source("", "", "", None, ""), range(0), range(0))


def _with_sizes(placed: Iterable[Placed]) -> list[tuple[Source, int]]:
    return [(one.source, len(one.sentences)) for one in placed]


class QdrantEngines(Engines):
    """Both engines of a collection in a cluster, asked together."""

    def __init__(self, view: View, collection: QdrantCollection) -> None:
        self._own = QdrantEngine(view, SENTENCES)
        self._around = QdrantEngine(view, PASSAGES)
        super().__init__(self._own, self._around)
        self._view = view
        self._collection = collection

    def candidates(self, query: Mapping[str, float]) -> tuple[list[Scored], list[Scored]]:
        """Return the best sentences and the best passages for a query.

        Raises:
            ClusterChangedError: Another generation is in force.
        """
        # Only of words is it asked in how many sentences they stand.
        unknown = self._view.unknown(term for term in query if not term.startswith(GRAM_PREFIX))
        generation = self._view.generation
        calls: list[Call[Any]] = [
            self._own.search(query, SENTENCE_CANDIDATES, generation, with_payload=True),
            self._around.search(query, PASSAGE_CANDIDATES, generation, with_payload=True),
            self._view.look(),
        ]
        if unknown:
            calls.append(self._view.look_up(unknown))
        own, around, facts, *counted = self._view.connection.ask(*calls)
        if not self._view.note(facts):
            raise ClusterChangedError
        for found in counted:
            self._view.now.frequencies.add(found)
        self._collection.take(own, around)
        return scored(own), scored(around)

    def close(self) -> None:
        """Let go of the cluster."""
        self._view.connection.close()


@dataclass(frozen=True, slots=True)
class ClusterIndex(Index):
    """An index in a cluster. It follows the generation in force and outlives the cluster's absence.

    Attributes:
        view: What is seen of the cluster.
    """

    view: View = field(kw_only=True)

    @property
    def state(self) -> str:
        """What tells this state of the index from every earlier and later one."""
        facts = self.view.now.facts
        return f"{self.view.connection.cluster.prefix}-{facts.generation}-{facts.changes}"

    def ask(self, question: str, top: int = 3, marked: int | None = None) -> Answer:
        """Return what the documents say to a question; see ``Index``.

        Raises:
            QuestionError: The question holds no word.
            ClosedIndexError: The index was closed.
            ClusterError: The cluster does not answer, or its documents change faster than that.
        """
        for _ in range(_TRIES):
            try:
                with self.reading():
                    return self.answerer.ask(question, top, marked)
            except (ClusterChangedError, KeyError):  # what was found is gone by now
                self.view.refresh()
        raise ClusterChangedError

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read from the cluster, which has no file here that could be damaged.

        Raises:
            ClosedIndexError: The index was closed.
        """
        with self.in_use.using():
            yield

    @property
    def disk_bytes(self) -> int:
        """How many bytes the index takes on this machine's disk: none."""
        return 0


def open_cluster(
    cluster: Cluster | Connection, lexicon: Lexicon, morphology: Morphology | None = None
) -> ClusterIndex:
    """Open the collection in a cluster.

    Args:
        cluster: Where it is, or a connection to it.
        lexicon: The lexicon.
        morphology: What gives lemmas and roots beside the stems; the same as when it was built.

    Raises:
        ClusterError: The cluster does not answer, or holds nothing of this name.
    """
    connection = cluster if isinstance(cluster, Connection) else Connection(cluster)
    try:
        view = View(connection)
    except BaseException:
        if connection is not cluster:
            connection.close()
        raise
    collection = QdrantCollection(view)
    ranker = Ranker(collection, QdrantEngines(view, collection), lexicon, morphology)
    return ClusterIndex(
        collection=collection,
        skipped=(),
        engine=QDRANT,
        folder=Path(),
        built=False,
        answerer=Answerer(ranker),
        connection=sqlite3.connect(":memory:", check_same_thread=False, factory=DroppedConnection),
        view=view,
    )
