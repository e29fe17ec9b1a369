"""What the tests of the index on disk share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index import Index
from index.apart import kept
from tests.index.opening import IN_PLACE, LONG_AGO


@pytest.fixture(scope="module")
def kept_readers() -> Iterator[None]:
    """Keep the processes that read web pages, PDF and Word files from test to test."""
    with kept():
        yield


@pytest.fixture
def documents(seeds: Path, tmp_path: Path) -> Path:
    """A folder with the seeds, written long ago."""
    folder = tmp_path / "documents"
    shutil.copytree(seeds, folder)
    for path in folder.iterdir():
        os.utime(path, (LONG_AGO, LONG_AGO))
    return folder


@pytest.fixture
def extra(documents: Path) -> Path:
    """Where a further document of ``documents`` would stand."""
    return documents / "extra.txt"


@pytest.fixture
def notices() -> list[str]:
    """What ``opened`` was told the last time."""
    return []


@pytest.fixture
def opened(documents: Path, home: Path, notices: list[str]) -> Callable[..., Index]:
    """Return a function that opens the index of ``documents`` and keeps what it is told."""

    def opened(engine: str = "auto") -> Index:
        notices.clear()
        return Index.open(documents, home, engine=engine, notify=notices.append)

    return opened


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every index be too large to be sealed, so that it is changed in place."""
    for name, value in IN_PLACE.items():
        monkeypatch.setattr(name, value)


@pytest.fixture(params=["sealed", "in place"])
def _both_layouts(request: pytest.FixtureRequest) -> None:
    """Have a test run with an index that is sealed, and with one that is changed in place."""
    if request.param == "in place":
        request.getfixturevalue("large")
