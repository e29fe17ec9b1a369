"""What the bot remembers, and what becomes of it when the file does not work."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from tortoise import Tortoise
from tortoise.migrations.autodetector import MigrationAutodetector

from bot.state import ANSWERS_KEPT_DAYS, Given, State, StateError, Stored
from bot.state.file import configuration
from bot.state.histogram import bucket, quantile
from tests.bot.libraries import until
from tests.conftest import Endurance

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
DAY = 86_400
SECRET = "سؤال لا يبقى له أثر بعد الجواب عنه"


def with_state(path: Path, action: Callable[[State], Awaitable[T]]) -> T:
    """Does something with the state of a bot that is started and stopped."""

    async def main() -> T:
        state = await State.open(path)
        try:
            return await action(state)
        finally:
            await state.close()

    return asyncio.run(main())


def opened(path: Path) -> None:
    async def nothing(_: State) -> None:
        pass

    with_state(path, nothing)


def language_of(path: Path, user: int) -> str | None:
    async def language(state: State) -> str | None:
        return state.language(user)

    return with_state(path, language)


def rows(path: Path, query: str, *values: object) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(query, values).fetchall()


def given(number: int = 1, **more: Any) -> Given:
    about: dict[str, Any] = {
        "id": f"{number:016x}",
        "chat": 5,
        "question": number,
        "version": 0,
        "replies": (7, 8),
        "content": "{}",
    }
    return Given(**(about | more))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


class TestFile:
    def test_it_is_made_with_its_folder_for_nobody_else_to_read(self, tmp_path: Path) -> None:
        path = tmp_path / "مجلد جديد" / "100% ?" / "state.sqlite"
        opened(path)
        assert path.stat().st_mode & 0o777 == 0o600
        assert [file.name for file in path.parent.iterdir()] == ["state.sqlite"]

    def test_nothing_beside_it_can_be_read_by_others_while_it_is_open(self, path: Path) -> None:
        async def act(state: State) -> list[int]:
            await state.receive([(1, "{}")])
            return [file.stat().st_mode & 0o077 for file in path.parent.iterdir()]

        assert set(with_state(path, act)) == {0}

    def test_opening_it_again_applies_no_migration_again(self, path: Path) -> None:
        opened(path)
        tables = "SELECT sql FROM sqlite_master ORDER BY name"
        before = rows(path, "SELECT * FROM tortoise_migrations"), rows(path, tables)
        opened(path)
        assert (rows(path, "SELECT * FROM tortoise_migrations"), rows(path, tables)) == before
        assert len(before[0]) == len(list((ROOT / "bot/state/migrations").glob("0*.py")))

    def test_the_migrations_lead_to_the_tables_of_the_models(self, path: Path) -> None:
        async def changes() -> list[Any]:
            config: Any = configuration(path)
            await Tortoise.init(config=config)
            try:
                return await MigrationAutodetector(Tortoise.apps, config["apps"]).changes()
            finally:
                await Tortoise.close_connections()

        assert asyncio.run(changes()) == []

    @pytest.mark.parametrize(
        "kind", ["text", "folder", "under a file", "garbage", "another program's"]
    )
    def test_one_that_cannot_be_used_is_told_in_a_sentence(self, path: Path, kind: str) -> None:
        if kind == "folder":
            path.mkdir()
        elif kind == "under a file":
            path.write_text("")
            path = path / "state.sqlite"
        elif kind == "text":
            path.write_text("this is a text and no SQLite at all " * 100)
        elif kind == "another program's":
            rows(path, "CREATE TABLE users (name)")
        else:
            opened(path)
            content = path.read_bytes()
            half = len(content) // 2
            path.write_bytes(content[:100] + b"\xff" * half)
        with pytest.raises(StateError) as caught:
            opened(path)
        said = str(caught.value)
        assert said.startswith(f"The bot's state in {path} cannot be used (")
        assert "JAWAB_STATE" in said
        assert "\n" not in said

    def test_the_bot_ends_with_status_2_where_it_cannot_be_used(self, tmp_path: Path) -> None:
        wrong = tmp_path / "notes.txt"
        wrong.write_text("no SQLite at all " * 100)
        finished = subprocess.run(
            [sys.executable, "-m", "bot"],
            cwd=tmp_path,
            env={
                "PYTHONPATH": str(ROOT),
                "TELEGRAM_BOT_TOKEN": "1:tests-only",
                "JAWAB_DOCS": str(ROOT / "seeds"),
                "JAWAB_HOME": str(tmp_path / "home"),
                "JAWAB_STATE": str(wrong),
                "JAWAB_TELEGRAM_API_URL": "http://127.0.0.1:9",
            },
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert finished.returncode == 2
        assert f"The bot's state in {wrong} cannot be used" in finished.stderr.splitlines()[-1]
        assert "Traceback" not in finished.stderr
        assert wrong.read_text() == "no SQLite at all " * 100


def flipped(content: bytes, page: int) -> bytes:
    """Returns a file of which the first bytes of a page are not what they were."""
    at = page * 4096
    return content[:at] + bytes(255 - byte for byte in content[at : at + 8]) + content[at + 8 :]


class TestDamage:
    """A file that is damaged is kept, and what can be read of it is taken over."""

    @pytest.fixture
    def filled(self, path: Path) -> Path:
        async def act(state: State) -> None:
            await state.receive([(number, f"update {number}") for number in range(1, 501)])
            for number in range(400):
                state.remember(given(number))
                state.count("answered", 0.1, number)
            await state.set_language(7, "en")

        with_state(path, act)
        return path

    def begins_anew(self, path: Path, log: str) -> Path:
        """Tells that a damaged file was moved aside and said so; returns where it is."""
        [kept] = path.parent.glob("state.sqlite.damaged-*")
        assert not list(path.parent.glob("*.new*"))
        assert path.stat().st_mode & 0o777 == 0o600
        assert log.count("was damaged; it is kept as") == 1
        assert kept.name in log
        assert rows(path, "PRAGMA integrity_check") == [("ok",)]
        return kept

    def test_a_file_that_was_cut_off(self, filled: Path, caplog: pytest.LogCaptureFixture) -> None:
        content = filled.read_bytes()
        filled.write_bytes(content[: len(content) * 2 // 3])
        opened(filled)
        kept = self.begins_anew(filled, caplog.text)
        assert kept.read_bytes()[:1000] == content[:1000]
        assert rows(filled, "SELECT count(*) FROM received")[0][0] > 100

    def test_a_bit_that_is_flipped_in_any_page_costs_a_page_at_the_most(
        self, filled: Path, endurance: Endurance, record_property: Any
    ) -> None:
        content = filled.read_bytes()
        pages = len(content) // 4096
        lost = rounds = 0
        for page in range(0, pages, max(1, pages // endurance(6, pages))):
            for old in filled.parent.glob("state.sqlite*"):
                old.unlink()
            filled.write_bytes(flipped(content, page))
            opened(filled)
            left = rows(filled, "SELECT count(*) FROM received WHERE body IS NOT NULL")[0][0]
            lost += left < 300
            rounds += 1
            assert rows(filled, "PRAGMA integrity_check") == [("ok",)]
        record_property("rounds", rounds)
        record_property("rounds that lost updates", lost)
        assert lost <= 2 + rounds // 10  # the first page, and those that lead to the others

    def test_one_that_is_whole_stays(self, filled: Path) -> None:
        before = filled.read_bytes()[4096:]
        opened(filled)
        assert [file.name for file in filled.parent.iterdir()] == [filled.name]
        assert len(filled.read_bytes()[4096:]) == len(before)

    def test_a_file_of_the_bots_own_name_is_replaced_whatever_is_in_it(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        path = tmp_path / "bot-12345.sqlite"
        path.write_bytes(b"\xff" * 10_000)
        opened(path)
        assert "was damaged" in caplog.text
        [kept] = tmp_path.glob("bot-12345.sqlite.damaged-*")
        assert kept.read_bytes() == b"\xff" * 10_000

    def test_amid_a_run_nothing_that_comes_is_lost(
        self, filled: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        def damage() -> None:
            with filled.open("r+b") as file:  # the file that is open, and not another one
                file.write(b"\xff" * filled.stat().st_size)

        async def act(state: State) -> list[int]:
            damage()
            for number in range(600, 640):
                await state.receive([(number, f"{number}")])
                await state.edits(5)
            state.finish(600)
            await state.set_language(9, "ar")
            await state.receive([(640, "640")])
            return [waiting.id for waiting in await state.unfinished()]

        left = with_state(filled, act)
        assert set(range(601, 640)) <= set(left)
        assert 600 not in left
        self.begins_anew(filled, caplog.text)
        assert language_of(filled, 9) == "ar"

    def test_one_that_is_removed_amid_a_run_is_begun_anew(
        self, filled: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def act(state: State) -> None:
            await state.receive([(900, "before")])
            await asyncio.to_thread(filled.unlink)
            await state.receive([(901, "after")])

        with_state(filled, act)
        assert rows(filled, "SELECT id FROM received") == [(901,)]
        assert caplog.text.count("was removed; a new one is begun") == 1

    def test_one_that_cannot_be_begun_anew_is_told_once(
        self, filled: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def act(state: State) -> int:
            shutil.rmtree(filled.parent)
            for number in range(900, 910):
                await state.receive([(number, "after")])
            return state.postponed

        filled.parent.joinpath("inner").mkdir()
        moved = filled.rename(filled.parent / "inner" / filled.name)
        filled = moved
        assert with_state(filled, act) == 10
        assert caplog.text.count("the state does not work") == 1
        assert caplog.text.count("no new state could be begun") == 1


class TestTidying:
    def test_it_goes_on_after_a_failure(self, path: Path, caplog: pytest.LogCaptureFixture) -> None:
        def left() -> int:
            count: int = rows(path, "SELECT count(*) FROM received")[0][0]
            return count

        async def act(state: State) -> None:
            await state.receive([(1, "one"), (2, "two")])
            state.finish(1)
            await state.receive([(3, "three")])
            tidying = asyncio.create_task(state.tidy(every=0.05, again=0.01))
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("UPDATE received SET at = 0")
                other.execute("BEGIN EXCLUSIVE")
                await until(lambda: "could not be deleted" in caplog.text)
                other.execute("ROLLBACK")
            await until(lambda: left() == 2)
            assert not tidying.done()
            tidying.cancel()

        with_state(path, act)


def test_where_groups_moved_to_is_kept(path: Path) -> None:
    async def move(state: State) -> None:
        state.keep_move(-5, -1005)
        state.keep_move(-6, -1006)
        state.keep_move(-5, -1007)

    with_state(path, move)
    assert with_state(path, lambda state: state.moves()) == [(-6, -1006), (-5, -1007)]


class TestUpdates:
    def test_they_are_kept_in_their_order_until_they_are_finished(self, path: Path) -> None:
        async def act(state: State) -> list[str]:
            await state.receive([(3, "three"), (1, "one"), (2, "two")])
            state.finish(2)
            await state.receive([(3, "three again")])
            return [waiting.body for waiting in await state.unfinished()]

        assert with_state(path, act) == ["one", "three"]

    def test_each_is_new_once_over_restarts_too(self, path: Path) -> None:
        async def act(state: State) -> list[bool]:
            new = [state.is_new(1), state.is_new(1), state.is_new(2)]
            await state.receive([(1, "{}"), (2, "{}")])
            state.finish(1)
            return new

        assert with_state(path, act) == [True, False, True]
        assert with_state(path, act) == [False, False, False]

    def test_no_trace_is_left_of_one_that_is_finished(self, path: Path) -> None:
        async def act(state: State) -> None:
            long = SECRET * 500  # more than a page of the file
            await state.receive([(number, f"{number} {SECRET}") for number in range(200)])
            await state.receive([(1000, long)])
            assert any(SECRET.encode() in file.read_bytes() for file in path.parent.iterdir())
            for number in (*range(200), 1000):
                state.finish(number)

        with_state(path, act)
        for file in path.parent.iterdir():
            assert SECRET.encode() not in file.read_bytes()

    def test_finished_ones_are_forgotten_after_days_and_others_never(self, path: Path) -> None:
        async def act(state: State) -> None:
            await state.receive([(1, "one"), (2, "two"), (3, "three")])
            state.finish(1)
            state.finish(2)

        with_state(path, act)
        rows(path, "UPDATE received SET at = at - ? WHERE id <> 2", 3 * DAY)
        opened(path)
        assert rows(path, "SELECT id FROM received ORDER BY id") == [(2,), (3,)]

    def test_whoever_is_cancelled_while_it_is_written_takes_nobody_along(self, path: Path) -> None:
        async def act(state: State) -> None:
            for number in range(20):
                receiving = asyncio.create_task(state.receive([(number, "{}")]))
                await asyncio.sleep(0)
                receiving.cancel()
                async with asyncio.timeout(10):
                    await state.receive([(100 + number, "{}")])

        with_state(path, act)
        assert rows(path, "SELECT count(*) FROM received") == [(40,)]


class TestAnswers:
    def test_one_is_found_by_its_id_in_its_chat_only(self, path: Path) -> None:
        async def act(state: State) -> list[Given | None]:
            state.remember(given())
            return [
                await state.given(given().id, 5),
                await state.given(given().id, 6),
                await state.given("0" * 16, 5),
            ]

        assert with_state(path, act) == [given(), None, None]

    def test_the_latest_to_a_question_is_found(self, path: Path) -> None:
        first, second = given(1, question=9), given(2, question=9, version=70)

        async def act(state: State) -> list[Given | None]:
            state.remember(second)
            state.remember(first)
            return [await state.answer_to(5, 9), await state.answer_to(5, 8)]

        assert with_state(path, act) == [second, None]

    def test_the_edits_are_known_with_their_latest_version(self, path: Path) -> None:
        async def act(state: State) -> dict[tuple[int, int], int]:
            for number, version in enumerate((0, 70, 90, 80)):
                state.remember(given(number, question=number // 2, version=version))
            await state.receive([(1, "{}")])
            return await state.edits(10)

        assert with_state(path, act) == {(5, 0): 70, (5, 1): 90}

    def test_they_are_forgotten_after_days(self, path: Path) -> None:
        async def remember(state: State) -> None:
            state.remember(given(1))
            state.remember(given(2))

        with_state(path, remember)
        old = (ANSWERS_KEPT_DAYS + 1) * DAY
        rows(path, "UPDATE answers SET at = at - ? WHERE question = 1", old)

        async def left(state: State) -> list[bool]:
            return [await state.given(given(number).id, 5) is not None for number in (1, 2)]

        assert with_state(path, left) == [False, True]

    def test_ids_cannot_be_guessed(self) -> None:
        names = {Given.new_id() for _ in range(1000)}
        assert len(names) == 1000
        assert {len(name) for name in names} == {16}


class TestRatings:
    def test_one_is_set_changed_and_taken_back(self, path: Path) -> None:
        async def act(state: State) -> list[Any]:
            now = [await state.rate("a", 1, value) for value in (1, -1, -1, 1)]
            await state.rate("a", 2, -1)
            await state.rate("b", 1, -1)
            return [now, await state.ratings("a"), await state.ratings("c")]

        assert with_state(path, act) == [[1, -1, 0, 1], {1: 1, -1: 1}, {}]

    def test_presses_at_once_leave_one_of_a_user_at_the_most(self, path: Path) -> None:
        async def act(state: State) -> dict[int, int]:
            await asyncio.gather(*(state.rate("a", user, 1) for user in (1, 2, 3) * 3))
            return await state.ratings("a")

        assert with_state(path, act) == {1: 3}


class TestUsers:
    def test_a_language_is_kept(self, path: Path) -> None:
        async def act(state: State) -> list[str | None]:
            before = state.language(1)
            await state.set_language(1, "en")
            await state.set_language(2, "en")
            await state.set_language(2, "ar")
            return [before, state.language(1), state.language(2)]

        assert with_state(path, act) == [None, "en", "ar"]
        assert language_of(path, 1) == "en"

    def test_what_is_stored_is_told_and_forgotten(self, path: Path) -> None:
        async def act(state: State) -> list[Stored]:
            state.count("answered", 0.1, 1)
            state.count("answered", 0.1, 2)
            await state.set_language(1, "en")
            state.remember(given(chat=1))
            await state.rate("a", 1, 1)
            before = await state.stored_about(1)
            await state.forget(1)
            return [before, *[await state.stored_about(user) for user in (1, 2)]]

        nothing = Stored(None, None, 0, 0)
        today = date.today()  # noqa: DTZ011 - as the bot counts
        before, after, other = with_state(path, act)
        assert before == Stored(today, "en", 1, 1)
        assert (after, other) == (nothing, Stored(today, None, 0, 0))
        assert language_of(path, 1) is None


class TestCounts:
    def test_they_add_up_by_day_and_outcome(self, path: Path) -> None:
        async def count(state: State) -> None:
            for outcome, times in (("answered", 5), ("not_found", 2)):
                for user in range(times):
                    state.count(outcome, 0.010, user)
            await state.rate("a", 1, 1)
            await state.rate("a", 2, -1)
            await state.rate("b", 2, -1)

        with_state(path, count)
        rows(path, "UPDATE outcomes SET day = day - 1 WHERE name = 'not_found'")
        found = with_state(path, lambda state: state.statistics(3))
        today = date.today()  # noqa: DTZ011 - as the bot counts
        assert found.totals == {"answered": 5, "not_found": 2}
        assert found.by_day == (
            (today - timedelta(days=2), {}),
            (today - timedelta(days=1), {"not_found": 2}),
            (today, {"answered": 5}),
        )
        assert (found.up, found.down, found.users) == (1, 2, 5)
        assert 9 < found.p50_ms < 11
        assert 9 < found.p95_ms < 11

    def test_of_a_new_file_are_nothing(self, path: Path) -> None:
        found = with_state(path, lambda state: state.statistics(1))
        assert (found.totals, found.up, found.users, found.p50_ms) == ({}, 0, 0, 0.0)

    def test_questions_without_an_answer_are_kept_without_who_asked(self, path: Path) -> None:
        async def act(state: State) -> list[tuple[str, int, date]]:
            for key, question in (("b", "ب؟"), ("a", "أ؟"), ("a", "ا؟")):
                state.keep_unanswered(key, question)
            return await state.unanswered(10)

        today = date.today()  # noqa: DTZ011 - as the bot counts
        assert with_state(path, act) == [("أ؟", 2, today), ("ب؟", 1, today)]
        columns = {row[1] for row in rows(path, "PRAGMA table_info(unanswered)")}
        assert columns == {"key", "question", "count", "day"}

    def test_the_oldest_of_too_many_questions_go(self, path: Path) -> None:
        opened(path)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.executemany(
                "INSERT INTO unanswered VALUES (?, ?, 1, ?)",
                [(str(number), "؟", number) for number in range(10_005)],
            )
        opened(path)
        assert rows(path, "SELECT count(*), min(day) FROM unanswered") == [(10_000, 5)]

    @pytest.mark.parametrize("milliseconds", [0.0, 0.1, 3.0, 77.0, 12_345.0])
    def test_a_quantile_is_close_to_the_durations(self, milliseconds: float) -> None:
        found = quantile({bucket(milliseconds): 3}, 0.5)
        assert abs(found - max(milliseconds, 0.1)) <= 0.05 * max(milliseconds, 0.1)


class TestWriting:
    def test_a_thousand_writes_at_once_all_arrive(self, path: Path) -> None:
        async def act(state: State) -> None:
            async def one(number: int) -> None:
                await state.receive([(number, str(number))])
                state.count("answered", number / 1000, number % 100)
                state.remember(given(number))
                state.finish(number)

            await asyncio.gather(*map(one, range(1000)))

        with_state(path, act)
        for table, wanted in (("received WHERE body IS NULL", 1000), ("answers", 1000)):
            assert rows(path, f"SELECT count(*) FROM {table}") == [(wanted,)]  # noqa: S608
        assert rows(path, "SELECT sum(count) FROM outcomes") == [(1000,)]
        assert rows(path, "SELECT sum(count) FROM durations") == [(1000,)]
        assert rows(path, "SELECT count(*) FROM users") == [(100,)]

    def test_what_was_written_last_is_there_after_closing(self, path: Path) -> None:
        async def act(state: State) -> None:
            await state.receive([(number, "{}") for number in range(50)])
            for number in range(50):
                state.finish(number)
                await asyncio.sleep(0)  # the writer may be in the midst of it when it is closed

        for _ in range(10):
            path.unlink(missing_ok=True)
            with_state(path, act)
            assert rows(path, "SELECT count(*) FROM received WHERE body IS NOT NULL") == [(0,)]

    def test_a_file_that_is_locked_keeps_nobody_and_is_caught_up_on(self, path: Path) -> None:
        opened(path)

        async def act(state: State) -> float:
            state.keep_unanswered("before", "؟")
            await state.receive([(1, "{}")])
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                started = time.monotonic()
                await state.receive([(2, "{}")])  # returns, though it is not on disk
                assert state.is_new(3)
                assert state.language(1) is None
                waited = time.monotonic() - started
                state.finish(1)
                await state.unanswered(1)
                other.execute("ROLLBACK")
            state.finish(2)
            return waited

        assert with_state(path, act) < 30
        assert rows(path, "SELECT id, body FROM received ORDER BY id") == [(1, None), (2, None)]

    def test_a_row_that_cannot_be_written_does_not_keep_the_others(self, path: Path) -> None:
        async def act(state: State) -> None:
            state.keep_unanswered("key", "\ud800")  # no text that a file could hold
            state.count("answered", 0.1, 2**70)
            async with asyncio.timeout(10):
                await state.receive([(1, "{}")])
                assert await state.unanswered(5) == []
                state.finish(1)

        with_state(path, act)
        assert rows(path, "SELECT id, body FROM received") == [(1, None)]
        assert rows(path, "SELECT count FROM outcomes") == [(1,)]
