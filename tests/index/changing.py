"""Documents that change, and the comparison of an index brought up to date with a fresh one."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from index import Answer, Index
from tests.index.opening import LONG_AGO

QUESTIONS = (
    "متى القمة المقبلة؟",
    "من وصل إلى العاصمة 3؟",
    "كم عدد الوفود في العاصمة 5؟",
    "ماذا قال الوزير 1 عن المعاهدة؟",
    "ما تاريخ الخبر؟",
)
TERMS = ("قم", "وزير", "عاصم", "معاهد", "~_قمه", "5", "none")
NAMES = ("a.txt", "b.txt", "c.txt", "folder/a.txt", "folder/z.txt")
ARCHIVES = ("d.jsonl", "folder/e.jsonl")

_clock = count(LONG_AGO)


def article(number: int) -> str:
    """Return an article, each number another, which says itself when and by whom it was made."""
    day = number % 28 + 1
    more = " ".join(f"وصل الوفد {turn} إلى العاصمة {number}." for turn in range(number % 4))
    return (
        f"التاريخ : {day}/11/2025\nموسكو - {day} -11 - (كونا) -- قال الوزير {number} إن القمة "
        f"المقبلة تعقد في {day} ديسمبر 2026.\nوأضاف أن المعاهدة {number} جاهزة. {more}\n"
        "ووقع الرؤساء على الوثائق.\n"
    )


def write(path: Path, text: str) -> None:
    """Write a file that was changed long ago, at another time than every other."""
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(text, "utf-8")
    age(path)


def age(path: Path) -> None:
    """Have a file changed long ago, at another time than every other."""
    time = next(_clock)
    os.utime(path, (time, time))


def write_archive(path: Path, texts: Sequence[str]) -> None:
    """Write an archive of documents."""
    write(path, "".join(json.dumps({"text": text}) + "\n" for text in texts))


class Documents:
    """A folder of documents that changes at random."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self._chance = random.Random(seed)  # noqa: S311
        folder.mkdir()
        write(folder / "always.txt", article(99))

    def change(self) -> list[str]:
        """Make some changes; return what they were."""
        actions = [self._write, self._write, self._write_archive, self._copy, self._rename]
        actions += [self._remove, self._remove, self._empty, self._touch]
        return [self._chance.choice(actions)() for _ in range(self._chance.randint(1, 4))]

    def _there(self) -> list[Path]:
        return sorted(
            path for path in self.folder.rglob("*") if path.is_file() and path.name != "always.txt"
        )

    def _name(self) -> Path:
        return self.folder / self._chance.choice(NAMES)

    def _write(self) -> str:
        path, number = self._name(), self._chance.randrange(12)
        write(path, article(number))
        return f"{path.name} says {number}"

    def _write_archive(self) -> str:
        path = self.folder / self._chance.choice(ARCHIVES)
        numbers = self._chance.choices(range(14), k=self._chance.randint(1, 6))
        write_archive(path, [article(number) for number in numbers])
        return f"{path.name} says {numbers}"

    def _copy(self) -> str:
        source = self._chance.choice([*self._there(), self.folder / "always.txt"])
        path = self._name().with_suffix(source.suffix)
        write(path, source.read_text("utf-8"))
        return f"{path.name} is a copy of {source.name}"

    def _rename(self) -> str:
        if not (there := self._there()):
            return ""
        source = self._chance.choice(there)
        path = self._name().with_suffix(source.suffix)
        path.parent.mkdir(exist_ok=True)
        source.replace(path)
        return f"{source.name} is now {path.name}"

    def _remove(self) -> str:
        if not (there := self._there()):
            return ""
        path = self._chance.choice(there)
        path.unlink()
        return f"{path.name} is gone"

    def _empty(self) -> str:
        path = self._name()
        write(path, "")
        return f"{path.name} is empty"

    def _touch(self) -> str:
        for path in self._there():
            age(path)
        return "all are touched"


def assert_as_fresh(index: Index, documents: Path, home: Path) -> None:
    """Check that an index says what one says that is built afresh in ``home``."""
    assert_same(index, Index.open(documents, home, engine="rank_bm25"))


def assert_same(index: Index, fresh: Index) -> None:
    """Check that two indexes of the same documents say the same."""
    assert index.collection.sizes == fresh.collection.sizes
    assert index.collection.listing() == fresh.collection.listing()
    assert _texts(index) == _texts(fresh)
    assert index.skipped == fresh.skipped
    assert index.terms == fresh.terms
    engines, others = (one.answerer.ranker.engines for one in (index, fresh))
    for engine, other in (
        (engines.sentences, others.sentences),
        (engines.passages, others.passages),
    ):
        assert (engine.size, engine.vocabulary_size) == (other.size, other.vocabulary_size)
        assert engine.document_frequencies(TERMS) == other.document_frequencies(TERMS)
    with pytest.MonkeyPatch.context() as patch:
        # Among equal ones, numbers would say which are candidates.
        patch.setattr("index.engines.pair.SENTENCE_CANDIDATES", 1000)
        patch.setattr("index.engines.pair.PASSAGE_CANDIDATES", 1000)
        for question in QUESTIONS:
            assert_same_answer(index.ask(question, 1000), fresh.ask(question, 1000))


def assert_same_answer(one: Answer, other: Answer) -> None:
    """Check that two answers are the same, the order of hits with equal scores aside."""
    assert [hit.score for hit in one.hits] == pytest.approx([hit.score for hit in other.hits])
    assert sorted(map(_shown, one.hits)) == sorted(map(_shown, other.hits))
    if len(one.hits) < 2 or one.hits[0].score > one.hits[1].score + 1e-9:
        assert one.confidence == pytest.approx(other.confidence)
        assert one.hits[:1] == other.hits[:1] or _shown(one.hits[0]) == _shown(other.hits[0])


def _shown(hit: Any) -> tuple[Any, ...]:
    return (round(hit.score, 6), hit.sentence, hit.span.start, hit.passage, hit.document.path)


def _texts(index: Index) -> dict[str, Any]:
    collection = index.collection
    documents = [collection.document(number) for number in collection.document_numbers()]
    return {document.id: document for document in documents}
