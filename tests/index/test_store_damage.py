"""Damaged files of an index on disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from index import DamagedIndexError, Index
from index.engines.pair import ENGINES, TANTIVY
from tests.index.helpers import contents
from tests.index.opening import LONG_AGO, answers, files, left_behind

DAMAGED = "The index is damaged; it is built anew."
ENGINE = pytest.mark.parametrize("engine", ENGINES[1:])

Opened = Callable[..., Index]


def sealed_files(folder: Path) -> list[Path]:
    """Return the files of a folder that a seal tells the damage of."""
    return sorted(p for p in folder.iterdir() if p.is_file() and not p.name.endswith(".lock"))


def replace(path: Path, data: bytes) -> None:
    """Have a file hold something else, in a new file of its name.

    Written in place it would be empty for a moment, and a thread of tantivy that has it mapped and
    reads it then ends the process (SIGBUS).
    """
    other = path.with_name("other")
    other.write_bytes(data)
    other.replace(path)


def truncate(path: Path) -> None:
    replace(path, path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    replace(path, bytes(data))


DAMAGES = pytest.mark.parametrize("damage", [truncate, flip, Path.unlink])


class TestDamage:
    @DAMAGES
    @ENGINE
    def test_damage_to_any_file_of_the_index_is_repaired(
        self, opened: Opened, notices: list[str], damage: Callable[[Path], None], engine: str
    ) -> None:
        first = opened(engine)
        before = answers(first)
        folders = {path.parent for path in files(first.folder)}
        assert len(folders) == (3 if engine == TANTIVY else 1)
        places = range(max(len(sealed_files(folder)) for folder in folders))

        for folder, place in product(sorted(folders), places):
            there = sealed_files(opened(engine).folder / folder.relative_to(first.folder))
            if place >= len(there):
                continue
            name = there[place]
            damage(name)
            index = opened(engine)

            assert index.built, name
            assert answers(index) == before, name
            # The documents have not changed, and nothing says that they have.
            assert notices == [DAMAGED], name
            assert not opened(engine).built, name
        assert left_behind(first.folder.parents[1]) == []

    @DAMAGES
    def test_damage_to_what_says_which_index_is_in_force(
        self, opened: Opened, damage: Callable[[Path], None]
    ) -> None:
        first = opened()
        before = answers(first)

        damage(first.folder.parent / "current.json")

        assert answers(opened()) == before
        assert not opened().built

    def test_every_flipped_bit_of_what_says_which_index_is_in_force(self, opened: Opened) -> None:
        first = opened()
        before = contents(first.collection)
        path = first.folder.parent / "current.json"
        kept = path.read_bytes()
        for place in range(0, len(kept), 17):
            path.write_bytes(kept[:place] + bytes([kept[place] ^ 2]) + kept[place + 1 :])

            assert contents(opened().collection) == before

    def test_an_index_that_is_gone_is_built_anew(self, opened: Opened, notices: list[str]) -> None:
        first = opened()
        before = answers(first)
        shutil.rmtree(first.folder)

        index = opened()

        assert index.built
        assert answers(index) == before
        assert not [notice for notice in notices if "documents have changed" in notice]

    def test_a_file_too_many_is_damage(self, opened: Opened) -> None:
        (opened().folder / "more").write_bytes(b"x")

        assert opened().built

    def test_a_home_of_rubbish(self, home: Path, opened: Opened) -> None:
        home.mkdir()
        (home / "current.json").write_bytes(b"\0")
        (home / "building").mkdir()
        (home / "building" / "index.db").write_bytes(b"no database")

        assert opened().built
        assert not opened().built


def no_database(path: Path) -> None:
    path.write_bytes(b"\0" * path.stat().st_size)


def garbage_amid(path: Path) -> None:
    data = path.read_bytes()
    third = len(data) // 3
    path.write_bytes(data[:third] + b"\xa5" * third + data[2 * third :])


@pytest.mark.usefixtures("large")
class TestUnsealed:
    """An index that is changed in place has no seal; what is noticed is repaired all the same."""

    @pytest.mark.parametrize("damage", [truncate, no_database, garbage_amid, Path.unlink])
    @pytest.mark.parametrize("changes", [False, True])
    @ENGINE
    def test_a_damaged_database_is_noticed_and_built_anew(
        self,
        opened: Opened,
        documents: Path,
        damage: Callable[[Path], None],
        engine: str,
        changes: bool,  # noqa: FBT001 - a parameter of the test
    ) -> None:
        first = opened(engine)
        before = answers(first)
        first.close()
        damage(first.folder / "index.db")
        if changes:
            path = max(documents.iterdir())
            path.write_text(path.read_text("utf-8") + "\nوانتهى الخبر.\n", "utf-8")
            os.utime(path, (LONG_AGO, LONG_AGO))

        try:
            index = opened(engine)
            answers(index)
        except DamagedIndexError:  # and the next opening repairs it
            index = opened(engine)

        assert index.folder != first.folder
        assert len(answers(index)) == len(before)
        assert changes or answers(index) == before
        assert not opened(engine).built

    @pytest.mark.parametrize("damage", [truncate, Path.unlink])
    def test_a_missing_file_of_tantivy_is_noticed(
        self, opened: Opened, damage: Callable[[Path], None], notices: list[str]
    ) -> None:
        first = opened(TANTIVY)
        before = answers(first)
        first.close()
        damage(min((first.folder / "tantivy-sentences").glob("*.term")))

        index = opened(TANTIVY)

        assert notices == [DAMAGED]
        assert answers(index) == before
