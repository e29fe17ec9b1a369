"""A collection: documents with their passages and sentences, each known by its number.

Numbers rise in reading order within a document, and those of a document's sentences stand together.
A number is never given again, so that there are gaps where documents were removed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol, TypeVar

from index.model import Document, Passage, Sentence, Source

_Unit = TypeVar("_Unit")


class Sizes(NamedTuple):
    """How much a collection holds."""

    documents: int
    passages: int
    sentences: int


class Collection(Protocol):
    """What is asked of a collection, wherever it is kept."""

    @property
    def sizes(self) -> Sizes:
        """How much it holds."""
        ...

    def document_numbers(self) -> Sequence[int]:
        """Return the numbers of the documents, rising."""
        ...

    def document(self, number: int) -> Document:
        """Return a document with its text.

        Raises:
            KeyError: There is none of that number.
        """
        ...

    def sources(self, numbers: Sequence[int]) -> list[Source]:
        """Return documents without their texts, in the order asked for.

        Raises:
            KeyError: One is not there.
        """
        ...

    def listing(self, start: int = 0, count: int | None = None) -> list[tuple[Source, int]]:
        """Return documents by path, or a part of them, each with how many sentences it has."""
        ...

    def find(self, document_id: str) -> int | None:
        """Return the number of the document with this id, or None."""
        ...

    def find_path(self, path: str) -> int | None:
        """Return the number of the document at a path, or None."""
        ...

    def sentences(self, numbers: Sequence[int]) -> list[Sentence]:
        """Return sentences in the order asked for.

        Raises:
            KeyError: One is not there.
        """
        ...

    def sentence_numbers(self, document: int) -> range:
        """Return the numbers of a document's sentences, in reading order."""
        ...

    def members(self, passages: Sequence[int]) -> list[range]:
        """Return the numbers of the sentences of passages, in the order asked for.

        Raises:
            KeyError: One is not there.
        """
        ...

    def passages(self, numbers: Sequence[int]) -> list[Passage]:
        """Return passages in the order asked for.

        Raises:
            KeyError: One is not there.
        """
        ...


def all_sentences(collection: Collection) -> Iterator[tuple[int, Sentence]]:
    """Yield every sentence with its number, document by document."""
    for document in collection.document_numbers():
        numbers = collection.sentence_numbers(document)
        yield from zip(numbers, collection.sentences(numbers), strict=True)


class MemoryCollection:
    """A collection in memory, numbered from 0 without gaps; see ``Collection``."""

    def __init__(
        self,
        documents: Sequence[Document],
        passages: Sequence[Passage],
        sentences: Sequence[Sentence],
    ) -> None:
        self._documents = tuple(documents)
        self._passages = tuple(passages)
        self._sentences = tuple(sentences)
        self._owners = [sentence.document for sentence in sentences]
        self._ids = {document.id: number for number, document in enumerate(documents)}
        self._paths = {document.path: number for number, document in enumerate(documents)}

    @property
    def sizes(self) -> Sizes:
        """How much it holds."""
        return Sizes(len(self._documents), len(self._passages), len(self._sentences))

    def document_numbers(self) -> Sequence[int]:
        """Return the numbers of the documents, rising."""
        return range(len(self._documents))

    def document(self, number: int) -> Document:
        """Return a document with its text; see ``Collection``."""
        if not 0 <= number < len(self._documents):
            raise KeyError(number)
        return self._documents[number]

    def sources(self, numbers: Sequence[int]) -> list[Source]:
        """Return documents, in the order asked for; see ``Collection``."""
        return [self.document(number) for number in numbers]

    def listing(self, start: int = 0, count: int | None = None) -> list[tuple[Source, int]]:
        """Return documents by path, each with how many sentences it has."""
        by_path = sorted(self.document_numbers(), key=lambda number: self._documents[number].path)
        end = None if count is None else start + count
        return [
            (self._documents[number], len(self.sentence_numbers(number)))
            for number in by_path[start:end]
        ]

    def find(self, document_id: str) -> int | None:
        """Return the number of the document with this id, or None."""
        return self._ids.get(document_id)

    def find_path(self, path: str) -> int | None:
        """Return the number of the document at a path, or None."""
        return self._paths.get(path)

    def sentences(self, numbers: Sequence[int]) -> list[Sentence]:
        """Return sentences in the order asked for; see ``Collection``."""
        return [_at(self._sentences, number) for number in numbers]

    def sentence_numbers(self, document: int) -> range:
        """Return the numbers of a document's sentences, in reading order."""
        return range(bisect_right(self._owners, document - 1), bisect_right(self._owners, document))

    def members(self, passages: Sequence[int]) -> list[range]:
        """Return the numbers of the sentences of passages; see ``Collection``."""
        return [passage.sentences for passage in self.passages(passages)]

    def passages(self, numbers: Sequence[int]) -> list[Passage]:
        """Return passages in the order asked for; see ``Collection``."""
        return [_at(self._passages, number) for number in numbers]


def _at(units: Sequence[_Unit], number: int) -> _Unit:
    if not 0 <= number < len(units):
        raise KeyError(number)
    return units[number]
