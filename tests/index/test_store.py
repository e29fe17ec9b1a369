"""The index on disk."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import DocumentsError, Index, StoreError, open_index
from index.documents import Skipped
from tests.index.opening import Opener, answers

EXTRA = "وأعلنت وزارة النقل افتتاح محطة القطار في 5 مارس 2027. وقال الوزير إن العمل مستمر.\n"
LONG_AGO = 1_600_000_000

posix = pytest.mark.skipif(sys.platform == "win32", reason="limits and signals of POSIX")


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
    return []


@pytest.fixture
def opened(documents: Path, home: Path, notices: list[str]) -> Callable[[], Index]:
    """Return a function that opens the index of ``documents`` and keeps what it is told."""

    def opened() -> Index:
        notices.clear()
        return open_index(documents, home, notify=notices.append)

    return opened


Opened = Callable[[], Index]


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def left_behind(home: Path) -> list[Path]:
    """Return what an unfinished building has left under a home."""
    return [path for path in home.rglob("*") if path.name.startswith("building-")]


class TestOpening:
    def test_it_is_built_once_and_opened_afterwards(self, opened: Opened) -> None:
        first, second, third = opened(), opened(), opened()

        assert [index.built for index in (first, second, third)] == [True, False, False]
        assert second.collection == third.collection == first.collection
        assert second.folder == first.folder
        assert answers(second) == answers(third) == answers(first)

    def test_nothing_is_said_where_nothing_is_amiss(
        self, opened: Opened, notices: list[str]
    ) -> None:
        for _ in range(2):
            opened()
            assert notices == []

    def test_documents_just_written_are_opened_as_well(self, opened: Opened, extra: Path) -> None:
        extra.write_text(EXTRA, "utf-8")

        assert [opened().built for _ in range(3)] == [True, False, False]

    def test_a_single_document(self, documents: Path, home: Path) -> None:
        path = min(documents.iterdir())

        first, second = (open_index(path, home) for _ in range(2))

        assert (first.built, second.built) == (True, False)
        assert [document.path for document in second.collection.documents] == [path.name]

    def test_two_folders_live_side_by_side(
        self, opened: Opened, tmp_path: Path, home: Path
    ) -> None:
        opened()
        other = tmp_path / "other"
        other.mkdir()
        (other / "a.txt").write_text(EXTRA, "utf-8")

        assert open_index(other, home).built
        assert not opened().built
        assert not open_index(other, home).built

    def test_one_folder_by_two_paths_is_one_index(
        self, opened: Opened, documents: Path, home: Path, tmp_path: Path
    ) -> None:
        opened()
        (tmp_path / "link").symlink_to(documents)

        assert not open_index(tmp_path / "link", home).built

    def test_the_home_of_the_user_is_the_default(
        self, documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if sys.platform != "linux":
            pytest.skip("the variable is Linux's")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

        assert open_index(documents).folder.is_relative_to(tmp_path / "cache" / "jawab")

    def test_nothing_is_pickled(self, opened: Opened) -> None:
        for path in files(opened().folder):
            if path.suffix == ".npy":
                assert np.load(path, allow_pickle=False).dtype != object
            else:
                json.loads(path.read_text("utf-8"))

    def test_progress_counts_the_sentences(self, documents: Path, home: Path) -> None:
        told: list[tuple[str, int, int]] = []

        index = open_index(documents, home, progress=lambda *row: told.append(row))

        total = len(index.collection.sentences)
        assert told == [("sentences", done, total) for done in range(1, total + 1)]

    def test_what_an_index_says_of_itself(self, opened: Opened) -> None:
        for index in (opened(), opened()):
            counts = index.sentence_counts()
            assert [document for document, _ in counts] == list(index.collection.documents)
            assert sum(count for _, count in counts) == len(index.collection.sentences)
            assert index.disk_bytes == sum(path.stat().st_size for path in files(index.folder))
            assert index.terms > 1000

    def test_a_file_whose_name_is_not_utf_8(
        self, opened: Opened, documents: Path, notices: list[str]
    ) -> None:
        try:
            (documents / "\udcff.txt").write_text(EXTRA, "utf-8")
        except OSError:
            pytest.skip("this file system takes UTF-8 names only")

        assert [opened().built for _ in range(2)] == [True, False]
        assert notices == []


class TestSkipped:
    def test_each_file_left_out_is_named_in_a_line(
        self, opened: Opened, documents: Path, notices: list[str]
    ) -> None:
        (documents / "empty.txt").write_bytes(b"")
        (documents / "picture.md").write_bytes(bytes(100))

        opened()

        assert len(notices) == 2
        assert notices[0].startswith("empty.txt ")
        assert notices[1].startswith("picture.md ")
        assert all("\n" not in notice for notice in notices)

    def test_what_was_left_out_is_kept(self, opened: Opened, documents: Path) -> None:
        empty = documents / "empty.txt"
        empty.write_bytes(b"")
        os.utime(empty, (LONG_AGO, LONG_AGO))

        first, second = opened(), opened()

        assert not second.built
        assert second.skipped == first.skipped
        assert [type(file) for file in second.skipped] == [Skipped]


class TestChanges:
    def test_a_changed_file(self, opened: Opened, documents: Path, notices: list[str]) -> None:
        opened()
        path = max(documents.iterdir())
        path.write_text(path.read_text("utf-8") + EXTRA, "utf-8")

        index = opened()

        assert index.built
        assert len(notices) == 1
        assert index.ask("متى تفتتح محطة القطار؟").answered
        assert not opened().built

    def test_an_added_and_a_removed_file(self, opened: Opened, extra: Path) -> None:
        before = answers(opened())

        extra.write_text(EXTRA, "utf-8")
        added = opened()
        extra.unlink()
        removed = opened()

        assert (added.built, removed.built) == (True, True)
        assert [d.path for d in added.collection.documents][-1] == "extra.txt"
        assert answers(removed) == before

    def test_a_renamed_file(self, opened: Opened, documents: Path) -> None:
        opened()
        path = max(documents.iterdir())
        path.rename(documents / "renamed.txt")

        assert "renamed.txt" in [d.path for d in opened().collection.documents]

    def test_only_the_index_in_force_is_kept(self, opened: Opened, extra: Path) -> None:
        old = opened().folder
        extra.write_text(EXTRA, "utf-8")

        new = opened().folder

        assert new != old
        assert not old.exists()
        assert sorted(path for path in new.parent.iterdir() if path.is_dir()) == [new]

    def test_a_new_time_alone_changes_nothing(
        self, opened: Opened, documents: Path, notices: list[str]
    ) -> None:
        opened()
        for path in documents.iterdir():
            os.utime(path, (LONG_AGO, LONG_AGO + 60))

        assert [opened().built for _ in range(2)] == [False, False]
        assert notices == []

    def test_a_new_encoding_of_the_same_text_changes_nothing(
        self, opened: Opened, documents: Path
    ) -> None:
        opened()
        path = max(documents.iterdir())
        path.write_bytes(path.read_bytes().decode().encode("utf-16"))

        assert not opened().built

    def test_a_change_of_equal_size_and_time_is_seen_while_the_file_is_young(
        self, opened: Opened, extra: Path
    ) -> None:
        extra.write_text(EXTRA, "utf-8")
        status = extra.stat()
        opened()
        extra.write_text(EXTRA.replace("5 مارس", "6 مارس"), "utf-8")
        os.utime(extra, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert extra.stat().st_size == status.st_size

        index = opened()

        assert index.built
        assert "6 مارس 2027" in index.ask("متى تفتتح محطة القطار؟").hits[0].sentence

    @pytest.mark.parametrize(("name", "value"), [("VERSION", "0.0.0"), ("FORMAT", 0)])
    def test_the_index_of_another_version_is_built_anew(
        self,
        opened: Opened,
        notices: list[str],
        monkeypatch: pytest.MonkeyPatch,
        name: str,
        value: object,
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(f"index.store.{name}", value)
            before = answers(opened())

        index = opened()

        assert index.built
        assert answers(index) == before
        assert len(notices) == 1
        assert "version" in notices[0]
        assert "\n" not in notices[0]
        assert not opened().built
        assert notices == []

    def test_documents_that_are_gone(self, opened: Opened, documents: Path) -> None:
        opened()
        shutil.rmtree(documents)

        with pytest.raises(DocumentsError):
            opened()

    def test_documents_that_have_lost_their_text(self, opened: Opened, documents: Path) -> None:
        opened()
        for path in documents.iterdir():
            path.write_bytes(b"")

        with pytest.raises(DocumentsError):
            opened()


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGES = pytest.mark.parametrize("damage", [truncate, flip, Path.unlink])


class TestDamage:
    @DAMAGES
    def test_damage_to_any_file_of_the_index_is_repaired(
        self, opened: Opened, notices: list[str], damage: Callable[[Path], None]
    ) -> None:
        first = opened()
        before = answers(first)
        names = [path.relative_to(first.folder) for path in files(first.folder)]
        assert len(names) >= 4

        for name in names:
            damage(first.folder / name)
            index = opened()

            assert index.built, name
            assert answers(index) == before, name
            # The documents have not changed, and nothing says that they have.
            assert len(notices) == 1, name
            assert "damaged" in notices[0], name
            assert "\n" not in notices[0], name
            assert not opened().built, name
        assert left_behind(first.folder.parent) == []

    @DAMAGES
    def test_damage_to_what_says_which_index_is_in_force(
        self, opened: Opened, damage: Callable[[Path], None]
    ) -> None:
        first = opened()
        before = answers(first)
        others = [path for path in first.folder.parent.iterdir() if path.is_file()]
        assert others

        for path in others:
            damage(path)

            assert answers(opened()) == before
            assert not opened().built

    def test_every_flipped_bit_of_what_says_which_index_is_in_force(self, opened: Opened) -> None:
        first = opened()
        (path,) = [path for path in first.folder.parent.iterdir() if path.is_file()]
        kept = path.read_bytes()
        for place in range(0, len(kept), 7):
            path.write_bytes(kept[:place] + bytes([kept[place] ^ 2]) + kept[place + 1 :])

            assert opened().collection == first.collection

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
        (home / "building-x").mkdir()

        assert opened().built
        assert not opened().built


class TestSweep:
    def test_what_a_crash_left_behind_is_removed_later(self, opened: Opened, extra: Path) -> None:
        folder = opened().folder.parent
        now = time.time()
        young, old, old_file = (folder / f"building-{name}" for name in ("a", "b", "c"))
        young.mkdir()
        old.mkdir()
        (old / "collection.json").write_text("{}")
        old_file.write_text("{}")
        for path in (old, old_file):
            os.utime(path, (now - 86_400, now - 86_400))

        extra.write_text(EXTRA, "utf-8")
        opened()

        assert young.exists()  # another process may be at it
        assert not old.exists()
        assert not old_file.exists()


class TestUnwritable:
    def test_a_home_under_a_file(self, documents: Path, tmp_path: Path) -> None:
        file = tmp_path / "file"
        file.write_text("x")

        for home in (file, file / "home", Path("/dev/null/x")):
            with pytest.raises(StoreError) as raised:
                open_index(documents, home)

            message = str(raised.value)
            assert str(home) in message
            assert "JAWAB_HOME" in message
            assert message.endswith(".")
            assert "\n" not in message

    def test_a_home_that_may_not_be_written(self, documents: Path, home: Path) -> None:
        home.mkdir(mode=0o500)
        if os.access(home, os.W_OK):
            pytest.skip("this user may write everywhere")

        with pytest.raises(StoreError):
            open_index(documents, home)


@pytest.fixture(scope="module")
def opener() -> Iterator[Opener]:
    with Opener() as running:
        yield running


@posix
class TestFullDisk:
    def test_a_full_disk_is_told_and_the_old_index_stays(
        self, opened: Opened, documents: Path, home: Path, extra: Path, opener: Opener
    ) -> None:
        first = opened()
        before = answers(first)
        sizes = sorted({path.stat().st_size for path in files(first.folder)})
        extra.write_text(EXTRA, "utf-8")

        # Each limit stops the writing at another file.
        for limit in (0, *sizes[:-1]):
            reply = opener.ask(documents, home, limit)

            assert reply.get("error") == "StoreError", limit
            assert str(home) in reply["message"]
            assert "\n" not in reply["message"]
            assert left_behind(home) == []
        extra.unlink()
        index = opened()
        assert not index.built
        assert index.folder == first.folder
        assert answers(index) == before

    def test_a_full_disk_at_the_very_first_time(
        self, documents: Path, home: Path, opener: Opener
    ) -> None:
        assert opener.ask(documents, home, 100)["error"] == "StoreError"
        assert left_behind(home) == []
        assert opener.ask(documents, home)["built"]

    def test_an_index_in_force_is_opened_on_a_full_disk(
        self, opened: Opened, documents: Path, home: Path, opener: Opener
    ) -> None:
        before = answers(opened())

        assert opener.ask(documents, home, 0) == {
            "built": False,
            "answers": before,
            "notices": [],
        }

    def test_nothing_is_left_behind_where_only_the_last_step_fails(
        self, opened: Opened, documents: Path, home: Path, opener: Opener
    ) -> None:
        before = answers(opened())
        for path in documents.iterdir():
            os.utime(path, (LONG_AGO, LONG_AGO + 60))

        opener.ask(documents, home, 0)

        assert left_behind(home) == []
        assert answers(opened()) == before


@posix
class TestProcesses:
    def test_two_that_build_at_once_both_succeed(
        self, documents: Path, tmp_path: Path, opener: Opener
    ) -> None:
        expected = answers(open_index(documents, tmp_path / "alone"))
        with Opener() as other:
            for number in range(6):
                home = tmp_path / f"home-{number}"
                for process in (opener, other):
                    process.order(documents, home)
                replies = [process.reply() for process in (opener, other)]

                assert [reply.get("answers") for reply in replies] == [expected] * 2
                assert all(reply["notices"] == [] for reply in replies)
                assert not open_index(documents, home).built
                assert left_behind(home) == []

    def test_two_that_repair_at_once_both_succeed(
        self, opened: Opened, documents: Path, home: Path, opener: Opener
    ) -> None:
        first = opened()
        expected = answers(first)
        with Opener() as other:
            for path in files(first.folder)[::3]:
                truncate(path)
                for process in (opener, other):
                    process.order(documents, home)
                replies = [process.reply() for process in (opener, other)]

                assert [reply.get("answers") for reply in replies] == [expected] * 2
                assert answers(opened()) == expected
                assert not opened().built

    def test_a_kill_amid_the_building_leaves_an_index_that_opens(
        self, opened: Opened, documents: Path, home: Path, extra: Path, tmp_path: Path
    ) -> None:
        first = opened()
        before = answers(first)
        more = "".join(EXTRA.replace("النقل", f"النقل{number}") for number in range(600))

        def build(killed_after: float | None, where: Path) -> tuple[float, dict[str, Any] | None]:
            extra.write_text(more, "utf-8")
            try:
                with Opener() as process:
                    start = time.monotonic()
                    process.order(documents, where)
                    if killed_after is None:
                        reply = process.reply()
                        return time.monotonic() - start, reply
                    time.sleep(killed_after)
                    process.process.kill()
                    process.process.wait()
                    return killed_after, None
            finally:
                extra.unlink()

        whole, reply = build(None, tmp_path / "another home")
        assert reply is not None
        assert reply["built"]
        stopped = 0
        for number in range(10):
            build(whole * (number + 0.5) / 10, home)
            stopped += first.folder.exists()

            notices: list[str] = []
            index = open_index(documents, home, notify=notices.append)

            assert answers(index) == before
            assert index.built or index.folder == first.folder
            assert not [notice for notice in notices if "damaged" in notice]
            assert not opened().built
        assert stopped  # at least one was killed before it had put its index in force
