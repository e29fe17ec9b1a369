"""Files that users write for Jawab, of any content: used, or refused in one sentence."""

from __future__ import annotations

import io
import json
import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import strategies as st

from bot.cli import main
from bot.environment import EnvFileError, load_env_file
from bot.settings import Settings
from index import Index
from index.errors import GoldError
from index.evaluation import read_gold
from index.lexicon import Lexicon, LexiconError
from tests.conftest import Endurance
from tests.hostile import TEXTS, fuzz, refusal

BYTES = st.binary(max_size=300)
NAMES = [str(field.validation_alias) for field in Settings.model_fields.values()]


def encoded(texts: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    """Text in one encoding or another, with halves of characters too."""
    return st.builds(
        lambda text, encoding: text.encode(encoding, "surrogatepass"),
        texts,
        st.sampled_from(["utf-8", "utf-8", "utf-16", "utf-8-sig"]),
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from("id question answerable answers sentences data paragraphs".split())
            | st.sampled_from("context qas title answer_start text is_impossible".split())
            | TEXTS,
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


def nearly(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[Any]:
    """An object with these fields, each of its kind or of any."""
    fields = {name: kind | JSON for name, kind in required.items()}
    return st.fixed_dictionaries(
        fields, optional={name: kind | JSON for name, kind in optional.items()}
    )


ROWS = st.lists(
    nearly({"question": TEXTS, "sentences": st.lists(TEXTS, max_size=2)}, id=TEXTS), max_size=3
)
SPANS = st.lists(nearly({"text": TEXTS, "answer_start": st.integers()}), max_size=2)
ASKED = st.lists(nearly({"question": TEXTS, "answers": SPANS}, id=TEXTS), max_size=2)
PARAGRAPHS = st.lists(nearly({"context": TEXTS, "qas": ASKED}), max_size=2)
SQUAD = nearly({"data": st.lists(nearly({"paragraphs": PARAGRAPHS}, title=TEXTS), max_size=2)})
GOLD = (
    BYTES
    | encoded(TEXTS)
    | ROWS.map(lambda rows: "\n".join(map(json.dumps, rows)).encode())
    | SQUAD.map(lambda data: json.dumps(data).encode())
    | st.sampled_from(
        [b"[" * 100_000, b'{"a":' * 50_000, b'{"data": ' + b"[" * 99_999, b"9" * 9999]
    )
)
CELLS = st.sampled_from(["same", "name", "=", "متى", "القمة", "", "|", "|||", "#"]) | TEXTS
TABLES = st.lists(st.lists(CELLS, max_size=4).map("\t".join), max_size=6).map("\n".join)
ENV_LINES = st.lists(
    st.tuples(st.sampled_from(NAMES) | TEXTS, TEXTS).map("=".join)
    | st.sampled_from(["export ", "A='", 'B="${A}', "C=${C}", "=", "# ", "D"])
    | TEXTS,
    max_size=6,
).map("\n".join)


def test_gold_questions(tmp_path: Path, seeds_index: Index, endurance: Endurance) -> None:
    file = tmp_path / "gold.jsonl"

    def check(content: bytes) -> None:
        file.write_bytes(content)
        refusal(GoldError, lambda: read_gold(file, lambda: seeds_index.collection))

    fuzz(endurance(80, 20_000), check, GOLD)


def test_lexicons(tmp_path: Path, endurance: Endurance) -> None:
    file = tmp_path / "lexicon.tsv"

    def check(content: bytes) -> None:
        file.write_bytes(content)
        said = refusal(LexiconError, lambda: Lexicon.load(file).expand(["متي", "القمه"]))
        assert "\n" not in said

    fuzz(endurance(10, 2_000), check, BYTES | encoded(TABLES))


@pytest.mark.filterwarnings("ignore:python-dotenv")
def test_files_of_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, endurance: Endurance
) -> None:
    monkeypatch.chdir(tmp_path)

    def check(content: bytes) -> None:
        (tmp_path / ".env").write_bytes(content)
        with mock.patch.dict(os.environ):
            assert "\n" not in refusal(EnvFileError, load_env_file)
            (tmp_path / ".env").unlink()
            load_env_file()

    fuzz(endurance(80, 20_000), check, BYTES | encoded(ENV_LINES))


def test_questions(
    tmp_path: Path,
    shared_home: Path,
    seeds: Path,
    monkeypatch: pytest.MonkeyPatch,
    endurance: Endurance,
) -> None:
    file = tmp_path / "questions.txt"
    monkeypatch.setenv("JAWAB_HOME", str(shared_home))

    def check(content: bytes) -> None:
        file.write_bytes(content)
        written = io.TextIOWrapper(io.BytesIO(), "utf-8")
        with (
            redirect_stdout(written),
            redirect_stderr(written),
            pytest.raises(SystemExit) as ended,
        ):
            main(["ask", "--docs", str(seeds), "--questions", str(file), "--top", "1"])
        assert ended.value.code in {0, 1, 2}

    lines = st.lists(TEXTS, max_size=5).map("\n".join)
    fuzz(endurance(10, 1_000), check, BYTES | encoded(lines))
