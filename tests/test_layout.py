"""The layout in the README is that of the code: a module is in it, below all that it imports."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

LAYOUT = (ROOT / "README.md").read_text("utf-8").partition("## The layout")[2]
UNLISTED = {"__init__", "__main__", "version"}
"""What imports everything, or nothing."""

packages = pytest.mark.parametrize("package", ["index", "bot"])


def listed(package: str) -> list[str]:
    """Return the modules and packages of a package in the order of the layout."""
    part = re.search(rf"^{package}/ .*\n((?:  .*\n)+)", LAYOUT, re.MULTILINE)
    assert part
    return re.findall(r"^  (\w+)(?:\.py|/) ", part[1], re.MULTILINE)


def imported(module: Path) -> Iterator[tuple[str, ...]]:
    """Yield what a module imports anywhere, also where only the type checker or a call does."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (tuple(one.name.split(".")) for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "a relative import"
            yield from ((*str(node.module).split("."), one.name) for one in node.names)


@packages
def test_every_module_is_in_it_once(package: str) -> None:
    there = {
        path.stem
        for path in Path(ROOT, package).iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    assert sorted(listed(package)) == sorted(there - UNLISTED)


@packages
def test_a_module_imports_only_what_stands_above_it(package: str) -> None:
    order = {name: place for place, name in enumerate(listed(package))}
    for path in sorted(Path(ROOT, package).rglob("*.py")):
        own = path.relative_to(ROOT / package).with_suffix("").parts[0]
        if own in UNLISTED:
            continue
        for root, *names in imported(path):
            if root == package and names and names[0] not in UNLISTED:
                assert order[names[0]] <= order[own], f"{path} imports {'.'.join(names)}"


def test_the_index_knows_nothing_of_the_bot() -> None:
    for path in Path(ROOT, "index").rglob("*.py"):
        assert not any(name[0] in {"bot", "tests"} for name in imported(path)), path
