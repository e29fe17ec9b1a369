"""Nothing that comes from elsewhere acts on a terminal, or forges a line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import strategies as st

from bot.printable import json_line, label, printable
from bot.printing import answer_lines, source_line
from index.model import Answer, Hit, Kind, Source, Span
from tests.bot.conftest import Jawab
from tests.conftest import Endurance
from tests.hostile import DIRECTIONS, ESCAPES, TEXTS, fuzz

ACTING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
RED = "\x1b[31m"
SENTENCE = (
    f"قال الوزير {RED}أحمد\x9b32m إن القمة \x1b]8;;https://evil.example\x07المقبلة ستعقد في عمان."
)


@pytest.mark.parametrize("escape", ESCAPES)
@pytest.mark.parametrize("shown", [printable, label])
def test_what_would_act_is_shown(shown: Callable[[str], str], escape: str) -> None:
    assert not ACTING.search(shown(f"قبل {escape} بعد"))
    assert shown("قبل بعد، 11 NATO 😀\u200f\u00a0") == "قبل بعد، 11 NATO 😀\u200f\u00a0"


def test_a_name_stays_on_its_line_and_reorders_nothing(endurance: Endurance) -> None:
    def check(text: str) -> None:
        shown = label(text)
        shown.encode()
        assert not ACTING.search(shown)
        assert not set(shown) & set(DIRECTIONS)
        assert label(shown) == shown

    fuzz(endurance(200, 50_000), check, TEXTS)


def test_json_says_the_same_in_printable_characters(endurance: Endurance) -> None:
    def check(value: object) -> None:
        line = json_line(value)
        line.encode()
        assert not ACTING.search(line)
        # Two halves of a character that stand together become one.
        assert json.dumps(json.loads(line)) == json.dumps(value)

    fuzz(endurance(100, 20_000), check, TEXTS | st.dictionaries(TEXTS, TEXTS, max_size=3))


def test_lines_of_an_answer(endurance: Endurance) -> None:
    def check(sentence: str, title: str, agency: str, answered: bool) -> None:  # noqa: FBT001
        source = Source("0", "a.txt", title, date(2025, 11, 27), agency)
        short = Span(0, len(sentence) // 2) if len(sentence) > 1 else None
        hit = Hit(1, sentence, Span(0, len(sentence)), short, 1.0, sentence, source)
        answer = Answer("؟", Kind.WHO, answered, 0.5, (hit, hit), agreeing=(source,))
        lines = answer_lines(answer, bold=lambda it: f"<{it}>", dim=lambda it: f"({it})")
        assert not any(ACTING.search(line) for line in lines)
        assert not set(source_line(source)) & set(DIRECTIONS)

    fuzz(endurance(100, 20_000), check, TEXTS, TEXTS, TEXTS, st.booleans())


@pytest.fixture
def hostile_documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    rows = [
        {"title": f"{RED}عنوان\u202e", "agency": "\x9d0;x\x9cوكالة", "text": SENTENCE},
        {"title": "فارغ", "text": ""},
    ]
    lines = [json.dumps(row) for row in rows]
    (folder / f"a{RED}\nb\u202e.jsonl").write_text("\n".join(lines), "utf-8")
    (folder / "c\x9b2J.txt").write_text(f"{RED}اجتمع الوزراء في موسكو أمس.", "utf-8")
    (folder / "d\x1b]0;x\x07\n2026 ERROR forged.pdf").write_bytes(b"no PDF")
    return folder


@pytest.mark.parametrize(
    "command",
    [
        ["ask", "أين ستعقد القمة المقبلة؟"],
        ["ask", "أين ستعقد القمة المقبلة؟", "--json"],
        ["ask", "كم عمر فلان؟", "--explain"],
        ["sources"],
        ["index"],
        ["doctor"],
        ["chat"],
    ],
)
def test_hostile_documents_on_a_terminal(
    jawab: Jawab, hostile_documents: Path, tmp_path: Path, command: list[str]
) -> None:
    result = jawab(
        *command,
        "--docs",
        str(hostile_documents),
        home=tmp_path / "home",
        stdin="أين القمة؟\x1b[2J\n",
    )
    assert result.returncode in {0, 1}
    for line in (result.stdout + result.stderr).split("\n"):
        assert not ACTING.search(line), ascii(line)
        assert "\u202e" not in line or command[0] == "ask"
        assert not line.startswith("2026 ERROR")
    if command[0] == "index":
        assert "is left out" in result.stderr
