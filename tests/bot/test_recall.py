"""Answers as they are kept for their buttons, and shown again from the documents."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.keyboards import other_hits
from bot.recall import Recaller, pack
from bot.replies import answer_html
from bot.texts import ARABIC
from index import Answer, Index
from index.arabic import words
from tests.telegram.library import CHRONICLE, CHRONICLE_SENTENCES, OLIVES, write_library

SUMMIT = "متى القمة المقبلة؟"
RELATIVE = "متى يزور الوفد الأمريكي موسكو؟"
DIFFERING = "من هو رئيس قرغيزستان؟"
NOT_HELD = "كم عمر بوتين؟"


@pytest.fixture(scope="module")
def recaller(seeds_index: Index) -> Recaller:
    return Recaller(seeds_index.collection)


def recalled(recaller: Recaller, answer: Answer) -> Answer:
    found = recaller.answer(pack(answer))
    assert found is not None
    return found


@pytest.mark.parametrize("question", [SUMMIT, RELATIVE, DIFFERING, NOT_HELD, "ما تاريخ الخبر؟"])
class TestRecalled:
    def test_it_reads_as_it_did(
        self, seeds_index: Index, recaller: Recaller, question: str
    ) -> None:
        answer = seeds_index.ask(question, 10)
        again = recalled(recaller, answer)
        assert answer_html(again, ARABIC) == answer_html(answer, ARABIC)

    def test_its_hits_are_the_same_but_for_why_they_were_found(
        self, seeds_index: Index, recaller: Recaller, question: str
    ) -> None:
        answer = seeds_index.ask(question, 10)
        again = recalled(recaller, answer)
        shown = [replace(hit, score=0.0, held=(), features={}) for hit in answer.hits]
        assert shown == list(again.hits)
        assert (again.answered, again.agreeing) == (answer.answered, answer.agreeing)
        assert len(other_hits(again)) == len(other_hits(answer))

    def test_nothing_of_the_question_nor_of_the_documents_is_kept(
        self, seeds_index: Index, question: str
    ) -> None:
        content = pack(seeds_index.ask(question, 10))
        assert not set(words(question)) & set(words(content))
        assert not any("\u0600" <= letter <= "\u06ff" for letter in str(json.loads(content)))


def test_an_answer_without_a_sentence_is_nothing_to_keep(seeds_index: Index) -> None:
    assert pack(seeds_index.ask("زبرجد قسطل؟", 10)) == ""


def test_no_more_than_ten_hits_are_kept(seeds_index: Index, recaller: Recaller) -> None:
    answer = seeds_index.ask(SUMMIT, 25)
    assert len(answer.hits) > 10
    assert len(recalled(recaller, answer).hits) == 10


def test_where_nothing_was_kept_nothing_is_recalled(recaller: Recaller) -> None:
    assert recaller.answer("") is None


class TestChangedDocuments:
    @pytest.fixture
    def library(self, tmp_path: Path) -> Path:
        return write_library(tmp_path / "library")

    def test_an_answer_outlives_documents_that_come(self, library: Path, home: Path) -> None:
        answer = Index.open(library, home).ask(OLIVES, 10)
        # New documents stand before it and behind it.
        for name in ("0-first.txt", "ي-last.txt"):
            (library / name).write_text(f"وثيقة جديدة اسمها {name}. لا زيتون فيها.", "utf-8")
        recaller = Recaller(Index.open(library, home).collection)
        assert answer_html(recalled(recaller, answer), ARABIC) == answer_html(answer, ARABIC)

    def test_an_answer_outlives_a_new_name_of_its_file(self, library: Path, home: Path) -> None:
        answer = Index.open(library, home).ask(OLIVES, 10)
        path = library / answer.hits[0].document.path
        path.rename(library / "renamed.txt")
        again = recalled(Recaller(Index.open(library, home).collection), answer)
        assert again.hits[0].sentence == answer.hits[0].sentence
        assert again.hits[0].document.path == "renamed.txt"

    @pytest.mark.parametrize("change", ["removed", "edited"])
    def test_an_answer_does_not_outlive_its_document(
        self, library: Path, home: Path, change: str
    ) -> None:
        answer = Index.open(library, home).ask(OLIVES, 10)
        path = library / answer.hits[0].document.path
        if change == "removed":
            path.unlink()
        else:
            path.write_text(path.read_text("utf-8").replace("2026", "2027"), "utf-8")
        assert Recaller(Index.open(library, home).collection).answer(pack(answer)) is None

    def test_other_documents_that_go_are_left_out(self, library: Path, home: Path) -> None:
        answer = Index.open(library, home).ask(OLIVES, 10)
        best = answer.hits[0].document
        gone = {hit.document.path for hit in (*answer.hits, *answer.differing)} - {best.path}
        assert gone
        for name in gone:
            (library / name).unlink()
        again = recalled(Recaller(Index.open(library, home).collection), answer)
        assert {hit.document.id for hit in again.hits} == {best.id}
        assert again.differing == ()
        ranks = [hit.rank for hit in answer.hits if hit.document.id == best.id]
        assert [hit.rank for hit in again.hits] == ranks

    def test_the_sentences_of_a_document_come_in_order_and_whole(
        self, library: Path, home: Path
    ) -> None:
        index = Index.open(library, home)
        recaller = Recaller(index.collection)
        documents = [one for one, _ in index.collection.listing()]
        (document,) = [one for one in documents if one.path == CHRONICLE]
        found = recaller.sentences(document.id)
        assert found == (library / CHRONICLE).read_text("utf-8").split("\n")
        assert len(found) == CHRONICLE_SENTENCES
        every = [recaller.sentences(document.id) for document in documents]
        assert sum(map(len, every)) == index.collection.sizes.sentences

    def test_an_unknown_document_has_none(self, recaller: Recaller) -> None:
        assert recaller.document("0" * 12) is None
        assert recaller.sentences("0" * 12) == []
