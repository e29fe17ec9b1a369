"""What the pages of docs/ name is there: commands and their options, settings, files, sections."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from bot.cli import app
from bot.settings import Settings
from index.arabic import words
from index.lexicon import Lexicon
from tests.bot.conftest import Jawab, jawab, shared_home
from tests.conftest import ROOT
from tests.docs.pages import PAGES, fences_of, name_of

__all__ = ["jawab", "shared_home"]

OUTSIDE = {"JAWAB_TEST_QDRANT_URL"}
"""Names that are no settings: what the tests are told."""

_COMMAND = re.compile(r"(?<![\w./-])jawab ([a-z]+)((?: [^\n`|#;&>)]+)?)")
_SETTING = re.compile(r"\b(?:JAWAB|TELEGRAM)_[A-Z0-9_]*[A-Z0-9]\b")
_LINK = re.compile(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
_LARGEST_PICTURE = 150_000
CONSOLE = [
    (name_of(page), fence.text)
    for page in PAGES
    if page.name != "README.md"
    for fence in fences_of(page.read_text("utf-8"))
    if fence.language == "console"
]

pages = pytest.mark.parametrize("page", PAGES, ids=name_of)


def code_of(page: Path) -> list[str]:
    """Return everything of a page that is code."""
    text = page.read_text("utf-8")
    shell = [one.text for one in fences_of(text) if one.language in {"sh", "console", "yaml"}]
    return [*shell, *_CODE.findall(re.sub(r"```.*?```", "", text, flags=re.DOTALL))]


@cache
def command_line() -> TyperGroup:
    command = get_command(app)
    assert isinstance(command, TyperGroup)
    return command


@pages
def test_commands_and_their_options_exist(page: Path) -> None:
    for code in code_of(page):
        for name, rest in _COMMAND.findall(code):
            command = command_line().commands.get(name)
            assert command is not None, f"jawab {name}"
            options = {option for one in command.params for option in one.opts} | {"--help"}
            named = [word for word in rest.split() if re.match(r"--?[a-z]", word)]
            assert set(named) <= options, f"jawab {name}{rest}"


@pages
def test_settings_exist(page: Path) -> None:
    known = {str(one.validation_alias) for one in Settings.model_fields.values()} | OUTSIDE
    assert set(_SETTING.findall(page.read_text("utf-8"))) <= known


@pages
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    for groups in _LINK.findall(page.read_text("utf-8")):
        target, _, section = "".join(groups).partition("#")
        if target.startswith("http"):
            continue
        file = page.parent / unquote(target) if target else page
        assert file.exists(), target
        if section and file.suffix == ".md":
            assert section in anchors(file), f"{target}#{section}"


def anchors(page: Path) -> list[str]:
    """Return what the sections of a page are called in links."""
    return [
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in _HEADING.findall(page.read_text("utf-8"))
    ]


@pytest.mark.parametrize(("page", "shown"), CONSOLE)
def test_shown_output_is_what_the_command_prints(jawab: Jawab, page: str, shown: str) -> None:
    command, _, output = shown.partition("\n")
    printed = jawab(*shlex.split(command.removeprefix("$ uv run jawab "))).stdout
    assert [line.rstrip() for line in printed.splitlines()] == output.splitlines(), page


def test_every_page_is_in_the_index_of_the_docs() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    for page in Path(ROOT, "docs").glob("*.md"):
        assert page.name == "README.md" or f"]({page.name})" in index


def test_every_picture_is_small_and_shown() -> None:
    shown = "".join(page.read_text("utf-8") for page in PAGES)
    for picture in Path(ROOT, "docs").glob("*.png"):
        assert picture.stat().st_size <= _LARGEST_PICTURE
        assert picture.name in shown


def test_the_lexicon_that_is_shown_can_be_used(tmp_path: Path) -> None:
    [shown] = [
        fence.text
        for fence in fences_of((ROOT / "docs" / "documents.md").read_text("utf-8"))
        if fence.text.startswith("same\t")
    ]
    own = tmp_path / "own.tsv"
    own.write_text(shown, "utf-8")
    expansions = Lexicon.load(own).expand(words("ماذا قالت الدبلوماسية؟"))
    assert ("وزاره", "الخارجيه") in expansions[-1].phrases
