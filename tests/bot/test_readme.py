"""The README cannot go stale: its commands are run and their output compared."""

from __future__ import annotations

import re
import shlex

import pytest

from bot.settings import Settings
from tests.bot.conftest import ROOT, Jawab

README = (ROOT / "README.md").read_text("utf-8")
CONSOLE = re.findall(r"```console\n\$ uv run jawab (.+)\n((?:.*\n)*?)```", README)


@pytest.mark.parametrize(("command", "output"), CONSOLE, ids=[c for c, _ in CONSOLE])
def test_shown_output_is_what_the_command_prints(jawab: Jawab, command: str, output: str) -> None:
    printed = jawab(*shlex.split(command)).stdout
    # Trailing spaces of a table are not worth showing.
    assert [line.rstrip() for line in printed.splitlines()] == output.splitlines()


def test_there_is_output_to_check() -> None:
    assert len(CONSOLE) == README.count("```console") >= 4


def test_every_setting_is_in_the_table() -> None:
    for field in Settings.model_fields.values():
        assert f"| `{field.validation_alias}` |" in README


def test_ci_runs_the_test_command_of_the_readme() -> None:
    assert "uv run pytest" in README
    assert "uv run pytest" in (ROOT / ".ci" / "run").read_text("utf-8")
