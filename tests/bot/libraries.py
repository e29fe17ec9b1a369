"""What tests of the library share: two articles, an open library over them, and what it answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from bot.cluster_library import library_of
from bot.library import Library
from bot.opening import Opening
from index.model import Source
from tests.documents import article, question_about, write_articles

T = TypeVar("T")

HEBRON, NABLUS = "12 مارس 2026", "3 أبريل 2025"
GAZA = "20 مايو 2024"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two articles."""
    return write_articles(tmp_path / "documents", الخليل=HEBRON, نابلس=NABLUS)


@pytest.fixture
def opening(folder: Path, home: Path) -> Opening:
    return Opening(folder, home)


def with_library(opening: Opening, use: Callable[[Library], Awaitable[T]]) -> T:
    """Return what ``use`` does with an open library."""

    async def run() -> T:
        library = library_of(opening, opening.open())
        try:
            return await use(library)
        finally:
            library.close()

    return asyncio.run(run())


def documents_of(library: Library) -> list[Source]:
    """Return the documents in force, by path."""
    return [source for source, _ in library.index.collection.listing()]


async def short_answer(library: Library, place: str) -> str | None:
    """Return the day that the documents give for a place, or None where they say nothing of it."""
    (hit,) = (await library.ask(question_about(place), 1)).hits
    return hit.short_text if place in hit.sentence else None


def names(folder: Path) -> list[str]:
    """Return everything in a folder, hidden files too."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.005)


def archive(*places: str) -> bytes:
    """Return JSON Lines with an article for each place."""
    rows = (
        {"text": article(place, GAZA), "url": f"https://example.org/{place}"} for place in places
    )
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode()


async def eventually(library: Library, place: str, day: str | None) -> None:
    """Wait until the documents give a day for a place."""
    async with asyncio.timeout(20):
        while await short_answer(library, place) != day:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.05)
