"""What has come from Telegram and is not dealt with."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import pytest
from telegram import Bot, Update

from bot.inbox import Inbox, Processor, UpdateQueue
from bot.state import State

T = TypeVar("T")

BOT = Bot("1:tests-only")
CHAT = {"id": 5, "type": "private", "first_name": "Somebody"}
USER = {"id": 5, "is_bot": False, "first_name": "Somebody"}


def updated(number: Any = 1, text: str = "متى القمة؟", **more: Any) -> Update:
    message = {"message_id": 3, "date": 1, "chat": CHAT, "from": USER, "text": text}
    return Update.de_json({"update_id": number, **(more or {"message": message})}, BOT)


def inline(number: int) -> Update:
    query = {"id": "7", "from": USER, "query": "سر لا يحفظ", "offset": ""}
    return updated(number, inline_query=query)


def with_inbox(path: Path, action: Callable[[Inbox], Awaitable[T]]) -> T:
    """Does something with the inbox of a bot that is started and stopped."""

    async def main() -> T:
        state = await State.open(path)
        try:
            return await action(Inbox(state))
        finally:
            await state.close()

    return asyncio.run(main())


async def recovered(inbox: Inbox) -> list[int]:
    return [update.update_id for update in await inbox.recover(BOT)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


def test_what_is_not_finished_is_there_at_the_next_start_as_it_was(path: Path) -> None:
    first, second = updated(8, "أولًا؟"), updated(9, "ثانيًا؟")
    with_inbox(path, lambda inbox: inbox.receive([second, first]))
    found = with_inbox(path, lambda inbox: inbox.recover(BOT))
    assert [update.to_dict() for update in found] == [first.to_dict(), second.to_dict()]


def test_what_is_finished_is_over(path: Path) -> None:
    async def act(inbox: Inbox) -> None:
        await inbox.receive([updated(1), updated(2)])
        inbox.finish(updated(1))

    with_inbox(path, act)
    assert with_inbox(path, recovered) == [2]


def test_what_is_left_for_the_next_start_is_not_finished(path: Path) -> None:
    async def act(inbox: Inbox) -> None:
        await inbox.receive([updated(1)])
        inbox.keep(updated(1))
        inbox.finish(updated(1))

    with_inbox(path, act)
    assert with_inbox(path, recovered) == [1]


def test_an_update_is_accepted_once(path: Path) -> None:
    async def act(inbox: Inbox) -> list[bool]:
        await inbox.receive([updated(1), updated(1)])
        accepted = [inbox.accepts(updated(1)) for _ in range(2)]
        await inbox.receive([updated(1)])
        return [*accepted, inbox.accepts(updated(1)), inbox.accepts(updated(2))]

    assert with_inbox(path, act) == [True, False, False, False]


@pytest.mark.parametrize("finished", [False, True])
def test_an_update_of_an_earlier_run_is_known(path: Path, *, finished: bool) -> None:
    async def before(inbox: Inbox) -> None:
        await inbox.receive([updated(1)])
        if finished:
            inbox.finish(updated(1))

    async def after(inbox: Inbox) -> bool:
        await inbox.recover(BOT)
        await inbox.receive([updated(1)])
        return inbox.accepts(updated(1))

    with_inbox(path, before)
    assert with_inbox(path, after) is False


def test_what_is_typed_for_inline_queries_is_not_stored(path: Path) -> None:
    async def act(inbox: Inbox) -> bool:
        await inbox.receive([inline(4)])
        return inbox.accepts(inline(4))

    assert with_inbox(path, act)
    assert with_inbox(path, recovered) == []
    assert "سر لا يحفظ".encode() not in path.read_bytes()


class TestQueue:
    def test_what_comes_twice_is_queued_once(self, path: Path) -> None:
        async def act(inbox: Inbox) -> int:
            queue = UpdateQueue(inbox, receives=True)
            for _ in range(3):
                await queue.put(updated(1))
            return queue.qsize()

        assert with_inbox(path, act) == 1
        assert with_inbox(path, recovered) == [1]

    def test_what_comes_when_it_is_closed_is_left_on_disk(self, path: Path) -> None:
        async def act(inbox: Inbox) -> int:
            queue = UpdateQueue(inbox, receives=True)
            queue.close()
            await queue.put(updated(1))
            return queue.qsize()

        assert with_inbox(path, act) == 0
        assert with_inbox(path, recovered) == [1]

    @pytest.mark.parametrize("number", [None, "five", 1.5, 2**63, -(2**70), [1]])
    def test_an_update_without_a_number_is_refused(self, path: Path, number: object) -> None:
        async def act(inbox: Inbox) -> None:
            await UpdateQueue(inbox, receives=True).put(updated(number))

        with pytest.raises(ValueError):  # noqa: PT011 - the number is all it says
            with_inbox(path, act)
        assert with_inbox(path, recovered) == []


class TestProcessor:
    @pytest.mark.parametrize(("fails", "left"), [(False, []), (True, [1])])
    def test_an_update_is_let_go_when_it_is_dealt_with(
        self, path: Path, *, fails: bool, left: list[int]
    ) -> None:
        async def deal() -> None:
            if fails:
                raise asyncio.CancelledError

        async def act(inbox: Inbox) -> None:
            await inbox.receive([updated(1)])
            try:
                await Processor(inbox, 1).do_process_update(updated(1), deal())
            except asyncio.CancelledError:
                assert fails

        with_inbox(path, act)
        assert with_inbox(path, recovered) == left


class TestTries:
    """Updates over which the bot ends; it does so wherever its inbox is not closed."""

    def begun(self, path: Path, *, well: bool = False) -> list[int]:
        """Starts a bot that deals with what it finds, one after the other, until it ends over 2.

        Returns the updates that were dealt with.
        """
        done: list[int] = []

        async def deal(number: int) -> None:
            await asyncio.sleep(0)
            done.append(number)

        async def act(inbox: Inbox) -> None:
            processor = Processor(inbox, 5)
            for update in await inbox.recover(BOT):
                if update.update_id == 2 and not well and not inbox.is_set_aside(update):
                    async with inbox.tried(update):
                        return  # without closing
                await processor.do_process_update(update, deal(update.update_id))
            await inbox.close()

        with_inbox(path, act)
        return done

    def test_after_three_starts_it_is_set_aside_and_kept(
        self, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        with_inbox(path, lambda inbox: inbox.receive([updated(1), updated(2), updated(3)]))
        assert [self.begun(path) for _ in range(3)] == [[1], [], []]
        assert "set aside" not in caplog.text
        assert self.begun(path) == [2, 3]  # who sent it is told, and that is all
        assert caplog.text.count("update 2 is set aside") == 1
        assert self.begun(path) == []
        assert caplog.text.count("set aside") == 1
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute("SELECT id FROM received WHERE body IS NOT NULL").fetchall()
        assert found == [(2,)]

    def test_a_bot_that_is_stopped_forgives_it(self, path: Path) -> None:
        with_inbox(path, lambda inbox: inbox.receive([updated(2)]))
        for _ in range(2):
            self.begun(path)

        async def stop(inbox: Inbox) -> None:
            inbox.keep(updated(2))
            await inbox.close()

        with_inbox(path, stop)
        for _ in range(3):
            self.begun(path)
        assert self.begun(path, well=True) == [2]  # told, and set aside only now

    def test_those_that_may_be_why_it_ended_have_their_turn_one_by_one(self, path: Path) -> None:
        with_inbox(path, lambda inbox: inbox.receive([updated(1), updated(2)]))
        with_inbox(path, recovered)

        async def act(inbox: Inbox) -> list[str]:
            [first, second] = await inbox.recover(BOT)
            came: list[str] = []

            async def deal(update: Update) -> None:
                async with inbox.tried(update):
                    came.append(f"{update.update_id} begins")
                    await asyncio.sleep(0.01)
                    came.append(f"{update.update_id} ends")

            new = updated(7)
            await inbox.receive([new])
            await asyncio.gather(deal(first), deal(second), deal(new))
            return [said for said in came if not said.startswith("7")]

        assert with_inbox(path, act) == ["1 begins", "1 ends", "2 begins", "2 ends"]

    def test_one_that_cannot_be_read_is_set_aside_at_once(
        self, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        with_inbox(path, lambda inbox: inbox.receive([updated(1), updated(2)]))
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE received SET body = '{' WHERE id = 1")
        assert with_inbox(path, recovered) == [2]
        assert with_inbox(path, recovered) == [2]
        assert caplog.text.count("update 1 is set aside: it cannot be read") == 1

    def test_what_is_set_aside_goes_with_who_is_forgotten_and_after_a_while(
        self, path: Path
    ) -> None:
        def left() -> list[tuple[int]]:
            with closing(sqlite3.connect(path)) as connection:
                return connection.execute("SELECT id FROM received ORDER BY id").fetchall()

        other = {"id": 55, "is_bot": False, "first_name": "Somebody"}
        message = {"message_id": 3, "date": 1, "chat": {**CHAT, "id": 55}, "from": other}
        theirs = [updated(2, message={**message, "text": "نص"}), updated(3, message=message)]

        async def set_aside(state: State) -> None:
            await Inbox(state).receive([updated(1), *theirs])
            for number in (1, 2, 3):
                await state.set_aside(number)
            await state.forget(5)

        async def run() -> None:
            state = await State.open(path)
            await set_aside(state)
            await state.close()

        asyncio.run(run())
        assert left() == [(2,), (3,)]
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE received SET at = at - 4000000 WHERE id = 2")
        with_inbox(path, recovered)
        assert left() == [(3,)]
