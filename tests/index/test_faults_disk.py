"""A disk that is full or read-only: one clear sentence, and what there was still answers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from index.engines.pair import ENGINES
from tests.conftest import Endurance
from tests.index.changing import article, write
from tests.index.opening import IN_PLACE
from tests.index.small_disk import in_small_disk

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="namespaces of Linux")
ENGINE = pytest.mark.parametrize("engine", ENGINES[1:])
SIZES = pytest.mark.parametrize("sizes", [{}, IN_PLACE], ids=["sealed", "in place"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Documents, with a large one beside them that is none yet."""
    for number in range(8):
        write(tmp_path / "documents" / f"{number}.txt", article(number))
    more = "\n".join(article(number) for number in range(50, 250))
    (tmp_path / "documents" / "more").write_text(more, "utf-8")
    (tmp_path / "disk").mkdir()
    return tmp_path / "documents"


def assert_told(result: dict[str, Any], home: Path) -> None:
    assert result["error"] == "StoreError", result
    assert str(home) in result["message"]
    assert result["message"].endswith(".")
    assert "\n" not in result["message"]
    assert not [line for line in result["told"] if "damaged" in line]


@ENGINE
@SIZES
def test_a_full_disk(
    folder: Path,
    engine: str,
    sizes: dict[str, int],
    endurance: Endurance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SIZES", json.dumps(sizes))
    disk = folder.parent / "disk"
    count = endurance(2, 25)
    free = [turn * 1_500_000 // count // 4096 * 4096 for turn in range(count)]

    first, *results, last, left = in_small_disk(disk, "full", folder, engine, json.dumps(free))

    assert "error" in results[0]
    for size, (changed, as_it_is) in zip(
        free, zip(results[::2], results[1::2], strict=True), strict=True
    ):
        if "error" in changed:
            assert_told(changed, disk / "home")
        else:
            assert changed["answers"] == last["answers"], size
        assert as_it_is["answers"] in (first["answers"], last["answers"]), size
        assert "error" not in changed or as_it_is == first | {"told": []}, size
    assert first["answers"] != last["answers"]
    assert not [line for line in last["told"] if "damaged" in line]
    assert left == []


@ENGINE
@SIZES
def test_a_read_only_disk(
    folder: Path, engine: str, sizes: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIZES", json.dumps(sizes))
    disk = folder.parent / "disk"

    first, again, changed, as_it_is = in_small_disk(disk, "read-only", folder, engine)

    assert again == as_it_is == first
    assert_told(changed, disk / "home")


def test_documents_that_have_no_room(folder: Path, tmp_path: Path) -> None:
    source = (folder / "more").rename(tmp_path / "new.txt")

    for status, output, said, there in in_small_disk(
        tmp_path / "disk", "documents", source, tmp_path / "home"
    ):
        assert (status, output) == (2, "")
        [line] = said.splitlines()
        assert line.startswith("jawab: ")
        assert "No space left on device" in line
        assert there == ["a.txt"]
