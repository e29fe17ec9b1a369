"""The examples of docs/python-api.md run, in order, and print what the page says."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import index
from index import Index
from tests.conftest import ROOT
from tests.docs.pages import Fence, fences_of

PAGE = ROOT / "docs" / "python-api.md"
FENCES = fences_of(PAGE.read_text("utf-8"))
EXAMPLES = [
    (fence, following)
    for fence, following in pairwise([*FENCES, Fence("", "", 0)])
    if fence.language == "python"
]


@pytest.fixture
def namespace(
    seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """What the examples name, in a folder with the seeds and with a cache of its own."""
    shutil.copytree(seeds, tmp_path / "seeds")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("index.store.default_home", lambda: tmp_path / "cache")
    named: dict[str, Any] = {"__name__": "__main__"}
    yield named
    for value in named.values():
        if isinstance(value, Index):
            value.close()


def test_the_examples_print_what_the_page_says(namespace: dict[str, Any]) -> None:
    for fence, following in EXAMPLES:
        printed = io.StringIO()
        # Lines of a traceback are then those of the page.
        code = compile("\n" * (fence.line - 1) + fence.text, str(PAGE), "exec")
        with contextlib.redirect_stdout(printed):
            exec(code, namespace)  # noqa: S102 - our own page
        expected = following.text if following.language == "text" else ""
        assert printed.getvalue().rstrip("\n") == expected.rstrip("\n"), f"line {fence.line}"


def test_a_strict_type_checker_takes_the_examples(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    pytest.importorskip("mypy", reason="the type checker comes with the group dev")
    code = "\n".join(fence.text for fence, _ in EXAMPLES)
    (tmp_path / "examples.py").write_text(code, "utf-8")
    checked = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--config-file="),
            *("--cache-dir", str(pytestconfig.cache.mkdir("mypy") if pytestconfig.cache else "")),
            "examples.py",
        ],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_every_example_with_output_shows_it() -> None:
    assert len(EXAMPLES) >= 12
    assert all(
        following.language == "text" for fence, following in EXAMPLES if "print" in fence.text
    )


def test_everything_that_can_be_imported_is_in_the_page_or_named_by_what_is() -> None:
    page = PAGE.read_text("utf-8")
    further = {
        "Document",
        "Resolved",
        "Relation",
        "Fields",
        "Skipped",
        "Answer",
        "Hit",
        "GoldError",
    }
    for name in set(index.__all__) - further:
        assert f"`{name}" in page or f"import {name}" in page, name
