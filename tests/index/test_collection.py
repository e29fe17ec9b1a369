"""Collections in memory and on disk, which say the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.analysis import analyse, digest_of, pack_text, unpack_text
from index.collection import Collection, MemoryCollection, all_sentences
from index.collection_writer import CollectionWriter
from index.database import connect, connect_writing
from index.documents import make_document, read_documents
from index.model import Document
from index.segments import segment
from index.stored_collection import StoredCollection
from tests.index.helpers import contents
from tests.index.test_properties import TEXTS

few = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def fill(connection: sqlite3.Connection, documents: Sequence[Document]) -> list[int]:
    """Write documents into a database, each a file of its own."""
    writer = CollectionWriter(connection)
    connection.execute("BEGIN")
    numbers = writer.add(analyse(documents).documents)
    for number, document in zip(numbers, documents, strict=True):
        writer.place(number, document.path, document.path)
        writer.note_file(document.path, 1, 1)
    connection.execute("COMMIT")
    return numbers


@contextmanager
def stored(documents: Sequence[Document]) -> Iterator[StoredCollection]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "index.db"
        with closing(connect_writing(file)) as connection:
            fill(connection, documents)
            with closing(connect(file, sealed=False)) as reading:
                yield StoredCollection(reading)


def distinct(texts: Sequence[str]) -> list[Document]:
    """Return documents of texts as files hold them, each once."""
    whole = dict.fromkeys(text.encode("utf-8", "replace").decode() for text in texts)
    return [make_document(f"{n}.txt", text) for n, text in enumerate(whole)]


class TestSame:
    @few
    @given(st.lists(TEXTS, max_size=4))
    def test_what_is_stored_is_what_was_cut(self, texts: list[str]) -> None:
        documents = distinct(texts)
        memory = segment(documents)
        with stored(documents) as collection:
            assert contents(collection) == contents(memory)
            assert collection.sizes == memory.sizes
            assert collection.listing() == [
                (collection.sources([number])[0], len(memory.sentence_numbers(number)))
                for number in memory.document_numbers()
            ]
            for number, document in enumerate(documents):
                assert collection.find(document.id) == memory.find(document.id) == number
                assert collection.find_path(document.path) == number
                assert memory.find_path(document.path) == number
                assert collection.sentence_numbers(number) == memory.sentence_numbers(number)
                [source] = collection.sources([number])
                assert (source.id, source.title, source.published, source.agency) == (
                    *(document.id, document.title, document.published, document.agency),
                )

    def test_the_seeds(self, seeds: Path) -> None:
        documents = read_documents(seeds).documents
        with stored(documents) as collection:
            assert contents(collection) == contents(segment(documents))


ARTICLES = [
    make_document(f"{name}.txt", f"وصل الوفد {name} إلى المدينة. وعاد.\n\nثم غادر {name}.")
    for name in "cab"
]


@pytest.fixture(params=["memory", "stored"])
def collection(request: pytest.FixtureRequest) -> Iterator[Collection]:
    """A collection of three documents of three sentences each, whose paths are c, a and b."""
    if request.param == "memory":
        yield segment(ARTICLES)
        return
    with stored(ARTICLES) as found:
        yield found


class TestAsked:
    def test_units_come_in_the_order_asked_for_and_as_often(self, collection: Collection) -> None:
        numbers = [7, 2, 0, 2]
        every = dict(all_sentences(collection))

        assert collection.sentences(numbers) == [every[number] for number in numbers]
        assert [p.text for p in collection.passages([3, 0, 3])] == [
            collection.passages([number])[0].text for number in (3, 0, 3)
        ]
        assert [source.path for source in collection.sources([2, 0, 2])] == [
            *("b.txt", "c.txt", "b.txt")
        ]
        for ask in (collection.sentences, collection.passages, collection.sources):
            assert list(ask([])) == []

    def test_more_than_a_statement_takes(self, collection: Collection) -> None:
        numbers = [number % 9 for number in range(2500)]

        assert len(collection.sentences(numbers)) == 2500
        assert len(collection.passages([number % 6 for number in numbers])) == 2500

    @pytest.mark.parametrize("number", [-1, 9, 10**12])
    def test_what_is_not_there(self, collection: Collection, number: int) -> None:
        for ask in (collection.sentences, collection.passages, collection.sources):
            with pytest.raises(KeyError):
                ask([0, number])
        with pytest.raises(KeyError):
            collection.document(number)
        assert len(collection.sentence_numbers(number)) == 0
        assert collection.find("0123456789ab") is None
        assert collection.find_path("d.txt") is None

    def test_the_listing_is_by_path_and_comes_in_parts(self, collection: Collection) -> None:
        whole = collection.listing()

        assert [(source.path, count) for source, count in whole] == [
            *(("a.txt", 3), ("b.txt", 3), ("c.txt", 3))
        ]
        assert collection.listing(1) == whole[1:]
        assert collection.listing(1, 1) == whole[1:2]
        assert collection.listing(0, 0) == collection.listing(3, 5) == []

    def test_sentences_come_document_by_document(self, collection: Collection) -> None:
        assert [number for number, _ in all_sentences(collection)] == list(range(9))
        assert [sentence.document for _, sentence in all_sentences(collection)] == [
            *([0] * 3 + [1] * 3 + [2] * 3)
        ]


def test_nothing_at_all() -> None:
    with stored([]) as collection:
        for empty in (collection, MemoryCollection((), (), ())):
            assert empty.sizes == (0, 0, 0)
            for held in (empty.document_numbers(), empty.listing(), all_sentences(empty)):
                assert list(held) == []


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect_writing(tmp_path / "index.db")) as connection:
        yield connection


class TestWriting:
    def test_a_number_is_never_given_again(self, connection: sqlite3.Connection) -> None:
        first = fill(connection, ARTICLES)
        writer = CollectionWriter(connection)
        before = writer.next_numbers()
        passages, sentences = writer.remove(first[1:])
        assert writer.sizes == (1, 2, 3)
        assert (len(passages), len(sentences)) == (4, 6)

        again = fill(connection, ARTICLES[1:])

        assert again == [before[0], before[0] + 1]
        collection = StoredCollection(connection)
        assert collection.sentence_numbers(again[0]) == range(before[2], before[2] + 3)
        assert collection.sizes == (3, 6, 9)
        assert list(collection.document_numbers()) == [first[0], *again]
        for number in first[1:]:
            with pytest.raises(KeyError):
                collection.document(number)

    def test_a_document_without_a_path_is_an_orphan(self, connection: sqlite3.Connection) -> None:
        numbers = fill(connection, ARTICLES)
        writer = CollectionWriter(connection)
        writer.place(numbers[0], "copy.txt", "copy.txt")

        assert writer.forget("a.txt") == {"a.txt": numbers[1]}
        assert writer.forget("c.txt") == {"c.txt": numbers[0]}

        assert writer.orphans() == writer.orphans(numbers) == [numbers[1]]
        assert writer.orphans([numbers[0]]) == []
        assert writer.forget("c.txt") == {}

    def test_other_texts_have_other_ids(self, connection: sqlite3.Connection) -> None:
        documents = list(analyse(ARTICLES).documents)
        writer = CollectionWriter(connection)
        same = "0" * 12
        digests = [bytes.fromhex(same + f"{n:02}" * 26) for n in range(3)]
        alike = [
            replace(one, source=replace(one.source, id=same), digest=digest)
            for one, digest in zip(documents, digests, strict=True)
        ]

        numbers = writer.add(alike)

        for number, document in zip(numbers, alike, strict=True):
            writer.place(number, document.source.path, document.source.path)
            assert writer.find(document.digest) == (number, document.description)
        ids = [source.id for source in StoredCollection(connection).sources(numbers)]
        assert len(set(ids)) == 3
        assert all(one.startswith(same) for one in ids)

    def test_a_reader_sees_what_was_there_when_it_was_opened(
        self, connection: sqlite3.Connection, tmp_path: Path
    ) -> None:
        fill(connection, ARTICLES[:1])
        with closing(connect(tmp_path / "index.db", sealed=False)) as reading:
            old = StoredCollection(reading)
            before = contents(old)
            CollectionWriter(connection).remove([0])
            fill(connection, ARTICLES[1:])

            assert contents(old) == before
            assert old.find_path("a.txt") is None
        with closing(connect(tmp_path / "index.db", sealed=False)) as reading:
            assert StoredCollection(reading).find_path("a.txt") is not None


class TestTexts:
    @few
    @given(TEXTS)
    def test_a_text_is_unpacked_as_it_was_packed(self, text: str) -> None:
        assert unpack_text(pack_text(text)) == text
        assert digest_of(text) == digest_of(unpack_text(pack_text(text)))

    def test_damage_is_told(self) -> None:
        with pytest.raises(ValueError, match="incomplete"):
            unpack_text(pack_text("نص")[:-3])
