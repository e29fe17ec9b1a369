"""What the tests of both packages share."""

from __future__ import annotations

from pathlib import Path

import pytest

from index import Index, open_index

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The documents that Jawab answers from out of the box."""
    return ROOT / "seeds"


@pytest.fixture(scope="session")
def seeds_gold() -> Path:
    """The questions over ``seeds`` that Jawab was tuned on."""
    return ROOT / "tests" / "seeds-dev.jsonl"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder for indexes, not yet made."""
    return tmp_path / "home"


@pytest.fixture(scope="session")
def seeds_index(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Index:
    """An open index of ``seeds``."""
    return open_index(seeds, tmp_path_factory.mktemp("seeds-home"))
