"""What the tests of both packages share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from index import Index

ROOT = Path(__file__).parents[1]

Endurance = Callable[[int, int], int]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what chooses the long runs."""
    parser.addoption(
        "--endurance",
        action="store_true",
        help="Run the tests of faults, fuzzing and load as often as a release demands.",
    )


@pytest.fixture(scope="session")
def endurance(request: pytest.FixtureRequest) -> Endurance:
    """How often a test does something: ``endurance(usually, for_a_release)``."""
    is_long: bool = request.config.getoption("--endurance")
    return lambda usually, for_a_release: for_a_release if is_long else usually


@pytest.fixture
def for_a_release(endurance: Endurance) -> None:
    """Leave a test to the long runs, where a shorter one tells nearly as much."""
    if not endurance(0, 1):
        pytest.skip("with --endurance only")


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
    return Index.open(seeds, tmp_path_factory.mktemp("seeds-home"))
