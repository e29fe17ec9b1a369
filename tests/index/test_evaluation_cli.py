"""``jawab eval`` as a process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (
    "وصل الرئيس إلى بيشكيك يوم الثلاثاء. واستقبله الوزير جاباروف في المطار.\n"
    "عقدت القمة في موسكو يوم 11 نوفمبر 2026. وحضرها ستة رؤساء من المنظمة.\n"
)
ROWS = [
    {
        "id": "q1",
        "question": "متى عقدت القمة؟",
        "kind": "when",
        "sentences": ["عقدت القمة في موسكو"],
        "answers": ["11 نوفمبر 2026"],
    },
    # A sentence that nobody would rank first, so that there is a miss.
    {"id": "q2", "question": "من استقبل الرئيس في المطار؟", "sentences": ["وحضرها ستة رؤساء"]},
    {"id": "q3", "question": "كيف صنع الحاسوب العملاق؟", "sentences": []},
]

Result = subprocess.CompletedProcess[str]
Evaluate = Callable[..., Result]


@pytest.fixture
def evaluate(tmp_path: Path) -> Evaluate:
    """Return a function that runs ``jawab eval`` on three questions over a small document."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "one.txt").write_text(TEXT, "utf-8")
    gold = tmp_path / "gold.jsonl"
    gold.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in ROWS), "utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JAWAB_")}

    def run(*arguments: str, **env: str) -> Result:
        return subprocess.run(
            [sys.executable, "-c", "from bot.cli import main; main()", "eval", *arguments],
            cwd=tmp_path,
            env={
                **kept,
                "PYTHONPATH": str(ROOT),
                "JAWAB_HOME": str(tmp_path / "home"),
                "JAWAB_DOCS": "documents",
                **env,
            },
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return run


def test_noise_stands_beside_the_clean_run(evaluate: Evaluate) -> None:
    printed = evaluate("gold.jsonl", "--noise", "--baseline").stdout
    measures = json.loads(evaluate("gold.jsonl", "--noise", "--baseline", "--json").stdout)

    names = ["jawab", "rank-bm25"]
    columns = [f"{name}{noise}" for name in names for noise in ("", " orthographic", " typo")]
    header, *rows = printed.splitlines()
    assert re.split(r"\s{2,}", header) == ["measure", *columns]
    assert list(measures) == columns
    assert len(rows) == len(measures["jawab"]) + 1
    assert re.split(r"\s{2,}", rows[-1])[:4] == ["same ranking", "-", "1.000", "-"]
    assert measures["jawab orthographic"].pop("same_ranking") == 1
    assert measures["jawab orthographic"] == measures["jawab"]


def test_the_seed_is_the_only_chance(evaluate: Evaluate) -> None:
    first, again, other = (
        evaluate("gold.jsonl", "--noise", "--errors", "--json", "--seed", seed).stdout
        for seed in ("1", "1", "2")
    )

    assert first == again
    assert first != other
    assert evaluate("gold.jsonl", "--noise").stdout == (
        evaluate("gold.jsonl", "--noise", "--seed", "7").stdout
    )


def test_errors_are_lines_that_read_from_the_right(evaluate: Evaluate) -> None:
    table, heading, *misses = evaluate("gold.jsonl", "--errors").stdout.split("\n\n")

    assert table.startswith("measure")
    assert re.fullmatch(r"jawab: \d+ miss(es)?", heading)
    (miss,) = (miss for miss in misses if "(q2)" in miss)
    lines = miss.strip().splitlines()
    assert lines[0] == "السؤال: من استقبل الرئيس في المطار؟ (q2)"
    assert "الأولى: واستقبله الوزير جاباروف في المطار." in lines
    assert "الصحيحة: وحضرها ستة رؤساء من المنظمة." in lines
    assert all("\u0600" <= line[0] <= "\u06ff" for line in lines)


def test_errors_as_json(evaluate: Evaluate) -> None:
    printed = json.loads(evaluate("gold.jsonl", "--errors", "--json").stdout)

    assert printed["questions"] == 3
    (error,) = (error for error in printed["errors"] if error["id"] == "q2")
    assert error["run"] == "jawab"
    assert "not first" in error["faults"]
    assert error["first"] == "واستقبله الوزير جاباروف في المطار."
    assert error["right"] == "وحضرها ستة رؤساء من المنظمة."


def test_a_run_is_kept_and_compared_with(evaluate: Evaluate, tmp_path: Path) -> None:
    evaluate("gold.jsonl", "--save", "run.jsonl")
    kept = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text("utf-8").splitlines()]
    assert [row["id"] for row in kept] == ["q1", "q2", "q3"]
    assert kept[0]["rank"] == 1
    assert kept[0]["short_answer"]

    same = evaluate("gold.jsonl", "--compare", "run.jsonl").stdout
    assert same.splitlines()[-1] == "right sentence first: 0 won, 0 lost, 2 same"

    kept[0]["rank"] = 4
    kept[1]["rank"] = 1
    (tmp_path / "run.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in kept), "utf-8")
    changed = evaluate("gold.jsonl", "--compare", "run.jsonl").stdout.splitlines()
    assert changed[-3:-1] == [
        "right sentence first: 1 won, 1 lost, 0 same",
        "كسب: متى عقدت القمة؟ (q1)، الرتبة 1 وكانت 4",
    ]
    assert changed[-1].startswith("خسارة: من استقبل الرئيس في المطار؟ (q2)، الرتبة ")
    as_json = json.loads(evaluate("gold.jsonl", "--compare", "run.jsonl", "--json").stdout)
    assert as_json["comparison"]["won"] == [
        {"id": "q1", "question": "متى عقدت القمة؟", "before": 4, "after": 1}
    ]


def test_a_run_may_be_compared_with_and_replaced_at_once(evaluate: Evaluate) -> None:
    evaluate("gold.jsonl", "--save", "run.jsonl")

    result = evaluate("gold.jsonl", "--compare", "run.jsonl", "--save", "run.jsonl")

    assert result.stdout.splitlines()[-1] == "right sentence first: 0 won, 0 lost, 2 same"


def test_the_plot(evaluate: Evaluate, tmp_path: Path) -> None:
    assert evaluate("gold.jsonl", "--plot", "plot.svg").returncode == 0

    texts = ET.parse(tmp_path / "plot.svg").getroot().itertext()  # noqa: S314 - it is our own
    assert any("3 questions" in text for text in texts)


def test_the_lexicon_of_the_settings_is_used_with_any_file(
    evaluate: Evaluate, tmp_path: Path
) -> None:
    asked = {"id": "1", "question": "أين ولد؟", "answers": [{"text": "دمشق", "answer_start": 14}]}
    paragraph = {"context": "ولد الشاعر في دمشق.", "qas": [asked]}
    squad = {"data": [{"paragraphs": [paragraph]}]}
    (tmp_path / "squad.json").write_text(json.dumps(squad), "utf-8")

    assert json.loads(evaluate("squad.json", "--json").stdout)["first"] == 1
    result = evaluate("squad.json", JAWAB_LEXICON="missing.tsv")
    assert result.returncode == 2
    assert "missing.tsv" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("missing.jsonl",), ("missing.jsonl", "No such file")),
        (("gold.jsonl", "--compare", "missing.jsonl"), ("missing.jsonl", "--save")),
        (("gold.jsonl", "--compare", "gold.jsonl"), ("gold.jsonl", "not a saved run")),
        (("gold.jsonl", "--save", "missing/run.jsonl"), ("cannot be written", "folder")),
        (("gold.jsonl", "--plot", "documents"), ("cannot be written", ".svg")),
        (("gold.jsonl", "--plot", "missing/plot.svg"), ("cannot be written", "folder")),
    ],
)
def test_what_cannot_be_used_is_told(
    evaluate: Evaluate, arguments: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    result = evaluate(*arguments)

    assert result.returncode == 2
    assert not result.stdout
    (sentence,) = result.stderr.splitlines()
    assert sentence.startswith("jawab: ")
    assert all(part in sentence for part in parts)
