"""The pages of ``docs/`` and what stands in their fences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

PAGES = sorted([ROOT / "README.md", *Path(ROOT, "docs").rglob("*.md")])

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Fence:
    """What stands between two fences of a page."""

    language: str
    text: str
    line: int


def fences_of(page: str) -> list[Fence]:
    """Return the fences of a page in order."""
    return [
        Fence(found[2], found[3], page.count("\n", 0, found.start(3)) + 1)
        for found in _FENCE.finditer(page)
    ]


def name_of(page: Path) -> str:
    """Return what a page is called in the names of tests."""
    return page.relative_to(ROOT).as_posix()
