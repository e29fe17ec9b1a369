"""What gold files say of their questions beside the right sentences."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from index.collection import Collection, MemoryCollection
from index.errors import GoldError
from index.evaluation import Gold, read_gold
from index.model import Kind

CONTEXT = "ولد الشاعر في دمشق. درس الطب في باريس."


def nothing_at_hand() -> Collection:
    return MemoryCollection((), (), ())


def json_lines(path: Path, *rows: Mapping[str, Any], between: str = "\n") -> Gold:
    path.write_text(between.join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return read_gold(path, nothing_at_hand)


def squad(path: Path, *questions: Mapping[str, Any]) -> Gold:
    paragraph = {"context": CONTEXT, "qas": questions}
    path.write_text(json.dumps({"data": [{"paragraphs": [paragraph]}]}), "utf-8")
    return read_gold(path, nothing_at_hand)


def answer(text: str) -> dict[str, Any]:
    return {"text": text, "answer_start": CONTEXT.index(text)}


def test_our_format_says_id_kind_and_answers(tmp_path: Path) -> None:
    gold = json_lines(
        tmp_path / "gold.jsonl",
        {"id": "dev-7", "question": "متى؟", "sentences": [], "kind": "when", "answers": ["اليوم"]},
        {"id": 8, "question": "كم؟", "sentences": [], "kind": "howmany", "answers": []},
    )

    assert [(q.id, q.kind, q.answers) for q in gold.questions] == [
        ("dev-7", Kind.WHEN, ("اليوم",)),
        ("8", Kind.HOWMANY, ()),
    ]


def test_without_an_id_the_number_of_the_line_stands_for_it(tmp_path: Path) -> None:
    row = {"question": "متى؟", "sentences": []}

    gold = json_lines(tmp_path / "gold.jsonl", row, {**row, "id": None}, row, between="\n\n")

    assert [(q.id, q.kind, q.answers) for q in gold.questions] == [
        *(("1", None, ()), ("3", None, ()), ("5", None, ()))
    ]


@pytest.mark.parametrize("kind", ["", "weather", None, 5, ["when"], {}])
def test_a_kind_that_is_none_of_ours_is_passed_over(tmp_path: Path, kind: object) -> None:
    row = {"question": "متى؟", "sentences": [], "kind": kind}

    assert json_lines(tmp_path / "gold.jsonl", row).questions[0].kind is None


def test_squad_says_id_and_answers(tmp_path: Path) -> None:
    gold = squad(
        tmp_path / "squad.json",
        {"id": "5a", "question": "أين ولد؟", "answers": [answer("دمشق"), answer("في دمشق")]},
        {"question": "أين درس؟", "answers": [answer("باريس")]},
        {"id": 9, "question": "متى؟", "answers": [answer("باريس")], "is_impossible": True},
    )

    assert [(q.id, q.kind, q.answers, q.answerable) for q in gold.questions] == [
        ("5a", None, ("دمشق", "في دمشق"), True),
        ("2", None, ("باريس",), True),
        ("9", None, (), False),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"question": "x", "sentences": []}\n{', "line 2: it is not JSON"),
        ("[1, 2]", "line 1: it is not a JSON object"),
        ('\n\n{"sentences": []}', "line 3: question is not a text"),
        ('{"question": "x"}', "line 1: sentences is not a list of texts"),
        ('{"question": "x", "sentences": [5]}', "line 1: sentences is not a list of texts"),
        ('{"question": "x", "sentences": [], "answers": "y"}', "answers is not a list of texts"),
        ('{"question": "x", "sentences": [], "answerable": "no"}', "answerable is neither"),
        ('{"data": 3}', "data is not a list of objects"),
        ('{"data": [{"paragraphs": [{"context": "x"}]}]}', "qas is not a list of objects"),
        (
            '{"data": [{"paragraphs": [{"context": "x", "qas": '
            '[{"question": "y", "answers": [{"text": "x", "answer_start": "0"}]}]}]}]}',
            "answer_start is not a number",
        ),
        ("", "it holds no question"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "gold"
    path.write_text(text, "utf-8")

    with pytest.raises(GoldError) as raised:
        read_gold(path, nothing_at_hand)

    assert reason in str(raised.value)
    assert str(path) in str(raised.value)
