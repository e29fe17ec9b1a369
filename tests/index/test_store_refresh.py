"""An index brought up to date answers as one that is built afresh."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index import DocumentsError, Index
from tests.index.changing import (
    Documents,
    article,
    assert_as_fresh,
    write,
    write_archive,
)
from tests.index.opening import IN_PLACE

SEALED = {"index.store._SEALED_BYTES": 64 << 20}
LARGE_CHANGES = IN_PLACE | {"index.store._SMALL_CHANGE_BYTES": 0}
PARTS = {"index.building._COMMIT_SENTENCES": 3, "index.reading._BATCH_FILES": 1}
CROSSING = {"index.engines.pair.CROSSING": 16}

Open = Callable[[], Index]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of three documents, which were written long ago."""
    for name, number in (("a", 1), ("b", 2), ("c", 3)):
        write(tmp_path / "documents" / f"{name}.txt", article(number))
    return tmp_path / "documents"


@pytest.fixture(params=["rank_bm25", "tantivy"])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def opened(folder: Path, home: Path, engine: str, _both_layouts: None) -> Open:
    """Return a function that opens the index of ``folder``, sealed or to be changed in place."""
    return lambda: Index.open(folder, home, engine=engine)


class TestAnyChanges:
    @pytest.mark.parametrize(
        "setting",
        [
            ("rank_bm25", SEALED),
            ("rank_bm25", IN_PLACE),
            ("tantivy", SEALED),
            ("tantivy", IN_PLACE),
            ("tantivy", LARGE_CHANGES | PARTS),
            ("auto", SEALED | PARTS | CROSSING),
            ("auto", IN_PLACE | CROSSING),
        ],
    )
    @pytest.mark.parametrize("seed", [1, 2])
    def test_after_any_changes(
        self,
        tmp_path: Path,
        home: Path,
        monkeypatch: pytest.MonkeyPatch,
        setting: tuple[str, dict[str, int]],
        seed: int,
    ) -> None:
        engine, sizes = setting
        for name, value in sizes.items():
            monkeypatch.setattr(name, value)
        documents = Documents(tmp_path / "documents", seed)
        Index.open(documents.folder, home, engine=engine).close()
        engines = set()
        for turn in range(9):
            changes = documents.change()

            index = Index.open(documents.folder, home, engine=engine)

            engines.add(index.engine)
            try:
                assert_as_fresh(index, documents.folder, tmp_path / f"fresh-{turn}")
            except AssertionError as error:
                error.add_note(f"turn {turn}: {changes}")
                raise
            index.close()
        assert engines == ({"rank_bm25", "tantivy"} if engine == "auto" else {engine})


class TestDuplicates:
    def test_one_document_at_two_paths(self, opened: Open, folder: Path, tmp_path: Path) -> None:
        write(folder / "copy.txt", article(1))
        index = opened()

        [one] = [source for source, _ in index.collection.listing() if source.also]
        assert (one.path, one.also) == ("a.txt", ("copy.txt",))
        assert index.collection.find_path("copy.txt") == index.collection.find_path("a.txt")
        assert index.collection.sizes.documents == 3
        assert index.skipped == ()
        assert_as_fresh(index, folder, tmp_path / "fresh")

    @pytest.mark.parametrize("gone", ["a.txt", "copy.txt"])
    def test_it_stays_until_the_last_path_is_gone(
        self, opened: Open, folder: Path, gone: str
    ) -> None:
        write(folder / "copy.txt", article(1))
        before = opened()
        number = before.collection.find_path("a.txt")
        (folder / gone).unlink()
        [left] = {"a.txt", "copy.txt"} - {gone}

        index = opened()

        assert index.collection.find_path(left) == number is not None
        assert index.collection.find_path(gone) is None
        [source] = index.collection.sources([number])
        assert (source.path, source.also) == (left, ())
        (folder / left).unlink()
        assert opened().collection.sizes.documents == 2

    def test_a_copy_that_becomes_another_text(self, opened: Open, folder: Path) -> None:
        write(folder / "copy.txt", article(1))
        opened()
        write(folder / "copy.txt", article(7))

        index = opened()

        assert index.collection.sizes.documents == 4
        assert index.collection.find_path("copy.txt") != index.collection.find_path("a.txt")

    def test_copies_within_an_archive_and_beside_it(self, opened: Open, folder: Path) -> None:
        write_archive(folder / "d.jsonl", [article(1), article(5), article(5)])

        sources = [source for source, _ in opened().collection.listing()]

        assert [(source.path, *source.also) for source in sources] == [
            ("a.txt", "d.jsonl#1"),
            ("b.txt",),
            ("c.txt",),
            ("d.jsonl#2", "d.jsonl#3"),
        ]


_watched: list[tuple[Path, set[str]]] = []


def _notice(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and _watched and isinstance(arguments[0], str):
        folder, names = _watched[0]
        if Path(arguments[0]).is_relative_to(folder):
            names.add(Path(arguments[0]).relative_to(folder).as_posix())


@pytest.fixture(scope="module", autouse=True)
def _hook() -> None:
    sys.addaudithook(_notice)  # for good: it cannot be taken away


@pytest.fixture
def read(folder: Path) -> Iterator[set[str]]:
    """The names of the documents that were opened so far."""
    names: set[str] = set()
    _watched.append((folder, names))
    yield names
    _watched.clear()


class TestOnlyWhatChanged:
    def test_only_changed_files_are_read(self, opened: Open, folder: Path, read: set[str]) -> None:
        for number in range(10, 30):
            write(folder / f"{number}.txt", article(number))
        opened()
        assert len(read) == 23
        read.clear()
        opened()
        assert read == set()

        write(folder / "15.txt", article(50))
        write(folder / "new.txt", article(51))
        (folder / "b.txt").unlink()
        (folder / "c.txt").rename(folder / "renamed.txt")
        opened()

        assert read == {"15.txt", "new.txt", "renamed.txt"}
        read.clear()
        opened()
        assert read == set()

    def test_what_did_not_change_keeps_its_numbers(self, opened: Open, folder: Path) -> None:
        for number in range(10, 30):
            write(folder / f"{number}.txt", article(number))
        before = opened().collection
        write(folder / "15.txt", article(50))

        after = opened().collection

        old, new = set(before.document_numbers()), set(after.document_numbers())
        assert len(old - new) == len(new - old) == 1
        assert min(new - old) > max(old)
        for number in old & new:
            assert after.sentence_numbers(number) == before.sentence_numbers(number)
            assert after.document(number) == before.document(number)

    def test_a_document_that_moves_is_not_indexed_again(self, opened: Open, folder: Path) -> None:
        before = opened().collection
        (folder / "c.txt").rename(folder / "renamed.txt")

        after = opened().collection

        assert after.find_path("renamed.txt") == before.find_path("c.txt")
        assert after.document_numbers() == before.document_numbers()

    def test_an_open_index_stays_as_it_was(self, opened: Open, folder: Path) -> None:
        old = opened()
        listing, answer = old.collection.listing(), old.ask("ماذا قال الوزير 1؟", 50)
        write(folder / "a.txt", article(50))
        (folder / "b.txt").unlink()

        new = opened()

        assert new.collection.listing() != listing
        assert old.collection.listing() == listing
        assert old.ask("ماذا قال الوزير 1؟", 50) == answer


class TestNothingLeft:
    def test_documents_that_lose_their_text_are_told_every_time(
        self, opened: Open, folder: Path
    ) -> None:
        opened()
        for path in folder.iterdir():
            write(path, "")

        for _ in range(2):
            with pytest.raises(DocumentsError):
                opened()
        write(folder / "a.txt", article(4))
        assert [source.path for source, _ in opened().collection.listing()] == ["a.txt"]


class TestDescription:
    """What is said of a document beside its text."""

    def test_a_corrected_date_in_an_archive(self, opened: Open, folder: Path) -> None:
        text = "وصل الوفد إلى العاصمة. وعاد."
        row = '{{"text": "{}", "title": "خبر", "date": "2025-11-{}"}}'
        write(folder / "d.jsonl", row.format(text, "10"))
        opened()
        write(folder / "d.jsonl", row.format(text, "11"))

        [source] = [s for s, _ in opened().collection.listing() if s.path == "d.jsonl#1"]

        assert source.published is not None
        assert source.published.day == 11

    def test_an_agency_that_comes_from_the_name_of_the_file(
        self, opened: Open, folder: Path, tmp_path: Path
    ) -> None:
        write(folder / "old.txt", "وصل الوفد إلى العاصمة. وعاد.")
        opened()
        (folder / "old.txt").rename(folder / "new.txt")

        assert_as_fresh(opened(), folder, tmp_path / "fresh")

    def test_a_text_that_becomes_markdown(self, opened: Open, folder: Path, tmp_path: Path) -> None:
        write(folder / "old.txt", "# العنوان\n\n- وصل **الوفد** إلى العاصمة. وعاد.\n")
        opened()
        (folder / "old.txt").rename(folder / "old.md")

        assert_as_fresh(opened(), folder, tmp_path / "fresh")
