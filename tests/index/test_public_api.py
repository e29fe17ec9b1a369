"""What can be imported from ``index``, and how the class ``Index`` is used."""

from __future__ import annotations

import inspect
import json
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import assert_type

import pytest

import index as package
from index import (
    Answer,
    ClosedIndexError,
    Document,
    EngineError,
    Fields,
    FieldsError,
    Hit,
    Index,
    JawabError,
    Source,
    errors,
)
from tests.conftest import ROOT, Endurance
from tests.index.opening import QUESTIONS

SUMMIT = "متى القمة المقبلة؟"
Asked = list[tuple[str, float, str | None]]


@pytest.fixture
def opened_home(seeds: Path, home: Path) -> Path:
    """A home in which the index of the seeds is built already."""
    Index.open(seeds, home).close()
    return home


class TestOpening:
    def test_the_line_of_the_docs(self, seeds: Path, home: Path) -> None:
        with Index.open(str(seeds), str(home)) as index:
            assert index.ask(SUMMIT).short_text == "11 نوفمبر 2026"

    def test_paths_may_be_path_objects(self, seeds: Path, opened_home: Path) -> None:
        with Index.open(seeds, opened_home) as index:
            assert not index.built
            assert type(index) is Index

    def test_an_engine_that_does_not_exist_is_named(self, seeds: Path, home: Path) -> None:
        with pytest.raises(EngineError, match="no engine 'lucene'; use auto, rank_bm25, tantivy"):
            Index.open(seeds, home, engine="lucene")
        assert not home.exists()

    @pytest.mark.parametrize(
        "fields", [{"title": "headline"}, "title=headline", Fields(title="headline")]
    )
    def test_fields_of_archives_may_have_names_of_their_own(
        self, tmp_path: Path, home: Path, fields: str | dict[str, str] | Fields
    ) -> None:
        row = {"headline": "قمة موسكو", "text": "تعقد القمة في موسكو.", "title": "x"}
        archive = tmp_path / "news.jsonl"
        archive.write_text(json.dumps(row), "utf-8")
        with Index.open(archive, home, fields=fields) as index:
            assert [source.title for source in index.sources()] == ["قمة موسكو"]

    @pytest.mark.parametrize("fields", [{"headline": "title"}, "headline=title"])
    def test_what_is_no_field_of_archives_is_named(
        self, seeds: Path, home: Path, fields: str | dict[str, str]
    ) -> None:
        with pytest.raises(FieldsError, match="'headline=title' does not name a field"):
            Index.open(seeds, home, fields=fields)


class TestResults:
    def test_documents_are_listed_and_read(self, seeds_index: Index) -> None:
        sources = seeds_index.sources()
        assert [source.path for source in sources] == sorted(source.path for source in sources)
        assert len(sources) == 2
        document = seeds_index.document(sources[0])
        assert document.id == sources[0].id
        assert seeds_index.document(document.id).text == document.text

    def test_an_unknown_document_is_named(self, seeds_index: Index) -> None:
        with pytest.raises(LookupError, match=r"no document 123; sources\(\) lists them"):
            seeds_index.document("123")

    def test_a_hit_can_be_found_in_its_document(self, seeds_index: Index) -> None:
        best = seeds_index.ask(SUMMIT).best
        assert best is not None
        text = seeds_index.document(best.document).text
        assert best.span.of(text) == text[best.span.start : best.span.end] == best.sentence

    def test_what_is_not_answered_has_no_short_answer(self, seeds_index: Index) -> None:
        answer = seeds_index.ask("كم عمر بوتين؟")
        assert not answer.answered
        assert answer.best is answer.hits[0]
        assert answer.short_text is None

    def test_what_is_not_found_has_no_best_sentence(self, seeds_index: Index) -> None:
        answer = seeds_index.ask("xqzw")
        assert answer.best is None
        assert answer.short_text is None

    def test_the_json_holds_only_what_json_can(self, seeds_index: Index) -> None:
        answer = seeds_index.ask(SUMMIT, top=2)
        written = json.loads(json.dumps(answer.as_json()))
        assert written == answer.as_json()
        assert [one["rank"] for one in written["answers"]] == [1, 2]
        assert written["answers"][0]["short_answer"]["text"] == answer.short_text


class TestClosing:
    def test_a_closed_index_says_so_and_is_not_taken_for_damaged(
        self, seeds: Path, opened_home: Path
    ) -> None:
        with Index.open(seeds, opened_home) as index:
            index.ask(SUMMIT)
        uses: list[Callable[[], object]] = [
            lambda: index.ask(SUMMIT),
            index.sources,
            lambda: index.document("123"),
        ]
        for use in uses:
            with pytest.raises(ClosedIndexError, match="is closed; open it again"):
                use()
        with Index.open(seeds, opened_home) as again:
            assert not again.built

    def test_it_may_be_closed_twice(self, seeds: Path, opened_home: Path) -> None:
        index = Index.open(seeds, opened_home)
        index.close()
        index.close()

    def test_an_error_in_the_block_comes_through_and_the_index_is_closed(
        self, seeds: Path, opened_home: Path
    ) -> None:
        with pytest.raises(ZeroDivisionError), Index.open(seeds, opened_home) as index:
            raise ZeroDivisionError
        assert index.closed


@pytest.mark.usefixtures("busy")
class TestThreads:
    @pytest.mark.parametrize("engine", ["rank_bm25", "tantivy"])
    def test_several_threads_ask_one_index(
        self, seeds: Path, home: Path, engine: str, endurance: Endurance
    ) -> None:
        with Index.open(seeds, home, engine=engine) as index:
            expected = {question: asked(index, question) for question in QUESTIONS}
        for _ in range(endurance(3, 200)):
            # Nothing is remembered yet, so that all of them read the files.
            with Index.open(seeds, home, engine=engine) as index, ThreadPoolExecutor(8) as run:
                for question, found in run.map(together(8, index), range(8 * len(QUESTIONS))):
                    assert found == expected[question]

    def test_closing_while_another_thread_asks_harms_nothing(
        self, seeds: Path, opened_home: Path, endurance: Endurance
    ) -> None:
        for number in range(endurance(10, 500)):
            index = Index.open(seeds, opened_home, engine=("auto", "tantivy")[number % 2])
            started = threading.Event()
            with ThreadPoolExecutor(1) as run:
                asking = run.submit(ask_for_ever, index, started)
                started.wait()
                index.close()
                with pytest.raises(ClosedIndexError):
                    asking.result()
        with Index.open(seeds, opened_home, engine="tantivy") as index:
            assert not index.built


@pytest.fixture
def busy() -> Iterator[None]:
    """Have threads take turns a hundred times as often as usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 100)
    yield
    sys.setswitchinterval(usual)


def together(threads: int, index: Index) -> Callable[[int], tuple[str, Asked]]:
    """Return a function that asks by number, the first time in all threads at once."""
    start = threading.Barrier(threads)

    def ask(number: int) -> tuple[str, Asked]:
        if number < threads:
            start.wait()
        question = QUESTIONS[number % len(QUESTIONS)]
        return question, asked(index, question)

    return ask


def ask_for_ever(index: Index, started: threading.Event) -> None:
    """Ask until the index does not answer any more."""
    while True:
        index.ask(SUMMIT)
        index.sources()
        started.set()


def asked(index: Index, question: str) -> Asked:
    """Return what an index says, in a form that can be compared."""
    return [(hit.sentence, hit.score, hit.short_text) for hit in index.ask(question).hits]


class TestNames:
    def test_everything_exported_is_there(self) -> None:
        assert package.__all__ == sorted(package.__all__)
        for name in package.__all__:
            assert getattr(package, name).__doc__

    def test_every_error_is_exported(self) -> None:
        found = inspect.getmembers(errors, lambda one: isinstance(one, type(JawabError)))
        for name, error in [(n, e) for n, e in found if issubclass(e, JawabError)]:
            assert getattr(package, name) is error
            assert name in package.__all__

    @pytest.mark.parametrize("name", ["index", "bot"])
    def test_the_packages_say_that_they_are_typed(self, name: str) -> None:
        assert (ROOT / name / "py.typed").is_file()

    def test_types(self, seeds: Path, opened_home: Path) -> None:
        with Index.open(seeds, opened_home) as index:
            assert_type(index, Index)
            answer = assert_type(index.ask(SUMMIT), Answer)
            assert_type(answer.best, Hit | None)
            assert_type(answer.hits[0].document, Source)
            assert_type(answer.short_text, str | None)
            assert_type(index.sources(), list[Source])
            assert_type(index.document(index.sources()[0].id), Document)
