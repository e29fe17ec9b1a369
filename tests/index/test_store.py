"""The index on disk."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index import DocumentsError, Index, StoreError
from index.documents import Fields, Skipped
from index.engines.pair import ENGINES
from tests.index.helpers import contents, documents_of
from tests.index.opening import IN_PLACE, LONG_AGO, Opener, answers, files, left_behind

EXTRA = "وأعلنت وزارة النقل افتتاح محطة القطار في 5 مارس 2027. وقال الوزير إن العمل مستمر.\n"

Opened = Callable[[], Index]


class TestOpening:
    def test_it_is_built_once_and_opened_afterwards(self, opened: Opened) -> None:
        first, second, third = opened(), opened(), opened()

        assert [index.built for index in (first, second, third)] == [True, False, False]
        assert contents(second.collection) == contents(third.collection)
        assert contents(second.collection) == contents(first.collection)
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

        first, second = (Index.open(path, home) for _ in range(2))

        assert (first.built, second.built) == (True, False)
        assert [source.path for source, _ in second.collection.listing()] == [path.name]

    def test_two_folders_live_side_by_side(
        self, opened: Opened, tmp_path: Path, home: Path
    ) -> None:
        opened()
        other = tmp_path / "other"
        other.mkdir()
        (other / "a.txt").write_text(EXTRA, "utf-8")

        assert Index.open(other, home).built
        assert not opened().built
        assert not Index.open(other, home).built

    def test_one_folder_by_two_paths_is_one_index(
        self, opened: Opened, documents: Path, home: Path, tmp_path: Path
    ) -> None:
        opened()
        (tmp_path / "link").symlink_to(documents)

        assert not Index.open(tmp_path / "link", home).built

    def test_the_home_of_the_user_is_the_default(
        self, documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if sys.platform != "linux":
            pytest.skip("the variable is Linux's")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

        assert Index.open(documents).folder.is_relative_to(tmp_path / "cache" / "jawab")

    def test_nothing_is_pickled(self, opened: Opened) -> None:
        for path in files(opened().folder):
            if path.suffix == ".db":
                assert path.read_bytes().startswith(b"SQLite format 3")
            else:
                json.loads(path.read_text("utf-8"))

    def test_progress_counts_bytes_and_sentences(
        self, documents: Path, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("index.reading._BATCH_FILES", 1)
        told: list[tuple[int, int, int]] = []

        index = Index.open(documents, home, progress=lambda *row: told.append(row))

        sizes = [path.stat().st_size for path in sorted(documents.iterdir())]
        counts = [count for _, count in index.collection.listing()]
        assert told == [
            (sizes[0], sum(sizes), counts[0]),
            (sum(sizes), sum(sizes), sum(counts)),
        ]

    def test_what_an_index_says_of_itself(self, opened: Opened) -> None:
        for index in (opened(), opened()):
            listing = index.collection.listing()
            assert [source.id for source, _ in listing] == [
                document.id for document in documents_of(index.collection)
            ]
            assert sum(count for _, count in listing) == index.collection.sizes.sentences
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
        assert [source.path for source, _ in added.collection.listing()][-1] == "extra.txt"
        assert answers(removed) == before

    def test_a_renamed_file(self, opened: Opened, documents: Path) -> None:
        opened()
        path = max(documents.iterdir())
        path.rename(documents / "renamed.txt")

        assert opened().collection.find_path("renamed.txt") is not None

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
            patch.setattr(f"index.depends.{name}", value)
            before = answers(opened())

        index = opened()

        assert index.built
        assert answers(index) == before
        assert len(notices) == 1
        assert "version" in notices[0]
        assert "\n" not in notices[0]
        assert not opened().built
        assert notices == []

    def test_other_names_of_the_fields_of_archives(
        self, documents: Path, home: Path, notices: list[str]
    ) -> None:
        row = {"body": "وصل الوفد إلى المدينة. وعاد.", "lead": "كتب الشاعر قصيدة. ونشرها."}
        (documents / "rows.jsonl").write_text(json.dumps(row), "utf-8")
        found = []
        for text in ("body", "lead", "body"):
            index = Index.open(documents, home, fields=Fields(text=text), notify=notices.append)
            number = index.collection.find_path("rows.jsonl#1")
            assert number is not None
            found.append(index.collection.document(number).text)

        assert found == [row["body"], row["lead"], row["body"]]
        assert len(notices) == 2
        assert all("built anew" in notice for notice in notices)

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


class TestSweep:
    def test_what_a_crash_left_behind_is_removed_later(self, opened: Opened, extra: Path) -> None:
        folder = opened().folder.parent
        for name in ("building", "building-copy", "doomed-0123abcd", "0123456789abcdef01234567"):
            (folder / name).mkdir()
            (folder / name / "index.db").write_bytes(b"not one")
        (folder / "current.json-0123abcd").write_text("{}")

        extra.write_text(EXTRA, "utf-8")
        index = opened()

        assert index.ask("متى تفتتح محطة القطار؟").answered
        assert left_behind(folder.parent) == []
        assert not [path for path in folder.iterdir() if path.name.startswith("current.json-")]


class TestUnwritable:
    def test_a_home_under_a_file(self, documents: Path, tmp_path: Path) -> None:
        file = tmp_path / "file"
        file.write_text("x")

        for home in (file, file / "home", Path("/dev/null/x")):
            with pytest.raises(StoreError) as raised:
                Index.open(documents, home)

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
            Index.open(documents, home)


@pytest.fixture(scope="module")
def opener() -> Iterator[Opener]:
    with Opener() as running:
        yield running


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
class TestFullDisk:
    def test_a_full_disk_is_told_and_the_old_index_stays(
        self, opened: Opened, documents: Path, home: Path, extra: Path, opener: Opener
    ) -> None:
        first = opened()
        before = answers(first)
        sizes = sorted(path.stat().st_size for path in files(first.folder))
        extra.write_text(EXTRA, "utf-8")

        # Each limit stops the writing at another place.
        for limit in (0, 100, *sizes[:-1], *(sizes[-1] * part // 8 for part in range(1, 8))):
            reply = opener.ask(documents, home, limit)

            assert reply.get("error") == "StoreError", limit
            assert str(home) in reply["message"]
            assert "\n" not in reply["message"]
            # What was begun is gone on with.
            assert {path.name for path in left_behind(home)} <= {"building"}
        extra.unlink()
        index = opened()
        assert not index.built
        assert index.folder == first.folder
        assert answers(index) == before

    @pytest.mark.parametrize("engine", ENGINES[1:])
    @pytest.mark.parametrize("sizes", [{}, IN_PLACE])
    def test_where_there_is_space_again_the_change_is_made(
        self, documents: Path, home: Path, extra: Path, engine: str, sizes: dict[str, int]
    ) -> None:
        with Opener() as process:
            process.order(documents, home, engine=engine, sizes=sizes)
            before = process.reply()["answers"]
            extra.write_text(EXTRA, "utf-8")
            for limit in (4000, 30_000, 120_000, 200_000, 250_000):
                process.order(documents, home, limit, engine=engine, sizes=sizes)
                reply = process.reply()
                assert reply.get("error", "StoreError") == "StoreError"
            process.order(documents, home, engine=engine, sizes=sizes)
            assert process.reply()["answers"] != before
            extra.unlink()
            process.order(documents, home, engine=engine, sizes=sizes)
            assert process.reply()["answers"] == before
        assert left_behind(home) == []

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
