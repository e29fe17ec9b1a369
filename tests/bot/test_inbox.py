"""What has come from Telegram and is not dealt with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
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
