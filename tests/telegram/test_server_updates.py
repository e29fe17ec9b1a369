"""The test server's queue of updates and log of calls: odd orders, and very many of both."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
import telegram
from telegram.error import Conflict

from tests.telegram.client import call, run
from tests.telegram.server import BotApiServer, Call


def ids(updates: Any) -> list[int]:
    return [update["update_id"] for update in updates]


def test_an_update_is_delivered_twice(server: BotApiServer) -> None:
    sent = server.send_text("س")
    server.redeliver(sent)
    twice = call(server, "getUpdates")
    assert twice[0] == twice[1]
    assert ids(twice) == [sent.update_id] * 2
    assert call(server, "getUpdates", offset=sent.update_id + 1) == []
    # Confirmed is not gone for good, but is handed out only once more.
    server.redeliver(sent.update_id)
    assert ids(call(server, "getUpdates", offset=sent.update_id + 1)) == [sent.update_id]
    assert call(server, "getUpdates", offset=sent.update_id + 1) == []
    assert server.pending_updates() == []


def test_a_query_is_delivered_twice(server: BotApiServer) -> None:
    query = server.send_inline("س")
    server.redeliver(query)
    assert [update["inline_query"]["id"] for update in call(server, "getUpdates")] == [query] * 2


def test_a_lower_id_comes_after_a_higher_one(server: BotApiServer) -> None:
    first = server.send_text("١")
    late = server.send_text("٠", update_id=first.update_id - 1)
    last = server.send_text("٢")
    assert late.update_id == first.update_id - 1
    assert last.update_id == first.update_id + 1
    expected = [first.update_id, late.update_id, last.update_id]
    assert ids(call(server, "getUpdates", offset=first.update_id)) == expected
    # It has been handed out, so from now on it is confirmed like any other.
    assert ids(call(server, "getUpdates", offset=first.update_id + 1)) == [last.update_id]
    assert call(server, "getUpdates", offset=last.update_id + 1) == []
    server.send_text("أقدم", update_id=5)
    assert ids(call(server, "getUpdates", offset=last.update_id + 1)) == [5]


def test_an_update_is_pushed_as_it_is(server: BotApiServer) -> None:
    update = {"update_id": 900_000_000, "poll": {"id": "1", "question": "؟"}}
    assert server.push(update) == 900_000_000
    assert call(server, "getUpdates") == [update]
    assert server.send_text("س").update_id == 900_000_001
    assert ids(server.pending_updates()) == [900_000_000, 900_000_001]


def test_a_negative_offset_keeps_the_last_ones(server: BotApiServer) -> None:
    sent = [server.send_text("س").update_id for _ in range(5)]
    assert ids(call(server, "getUpdates", offset=-2)) == sent[-2:]
    assert ids(call(server, "getUpdates", offset=-9)) == sent[-2:]


def test_reactions_come_only_when_asked_for(server: BotApiServer) -> None:
    sent = server.send_text("س")
    chat = {"id": 1000, "type": "private", "first_name": "User 1000"}
    reaction = {"chat": chat, "message_id": sent.message_id, "date": 1}
    reaction |= {"old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": "👎"}]}
    server.push({"message_reaction": reaction})
    assert len(call(server, "getUpdates", allowed_updates=["message_reaction"])) == 1
    number = server.push({"message_reaction": reaction})
    assert ids(call(server, "getUpdates", offset=-1)) == [number]
    # The message is still the one that was sent.
    assert server.edit_text(sent, "ج").message_id == sent.message_id


def test_a_webhook_ends_the_poll(server: BotApiServer) -> None:
    async def action(bot: telegram.Bot) -> None:
        poll = asyncio.create_task(bot.get_updates(timeout=8))
        await asyncio.to_thread(server.wait_for, "getUpdates")
        await bot.set_webhook("https://example.org/hook")
        with pytest.raises(Conflict, match="terminated by setWebhook"):
            await poll

    run(server, action)


def test_updates_that_wait_for_their_bot(server: BotApiServer) -> None:
    sent = server.send_text("س")
    with pytest.raises(AssertionError, match="no end of the pending updates"):
        server.wait_until_delivered(timeout=0.01)

    async def action(bot: telegram.Bot) -> None:
        waiting = asyncio.create_task(asyncio.to_thread(server.wait_until_delivered))
        await bot.get_updates(offset=sent.update_id + 1)
        await waiting

    run(server, action)


def test_a_condition_sees_calls_come_and_end(server: BotApiServer) -> None:
    async def action(bot: telegram.Bot) -> None:
        poll = asyncio.create_task(bot.get_updates(timeout=8))
        waits = await asyncio.to_thread(server.wait_for, lambda made: made.status is None)
        assert [made.method for made in waits] == ["getUpdates"]

        def ended(made: Call) -> bool:
            return made.method == "getUpdates" and made.status == 200

        server.send_text("س")
        await asyncio.to_thread(server.wait_for, ended)
        await poll
        with pytest.raises(AssertionError, match="matching call"):
            await asyncio.to_thread(server.wait_for, lambda made: made.status is None, timeout=0.01)

    run(server, action)


def test_a_condition_that_fails_fails_its_test(server: BotApiServer) -> None:
    def broken(made: Call) -> bool:
        return bool(made.params["no such thing"])

    async def action(bot: telegram.Bot) -> None:
        wait = asyncio.create_task(asyncio.to_thread(server.wait_for, broken, timeout=5))
        with pytest.raises(KeyError):
            await wait
        await bot.get_me()

    run(server, action)


def test_calls_can_be_forgotten(server: BotApiServer) -> None:
    async def action(bot: telegram.Bot) -> None:
        poll = asyncio.create_task(bot.get_updates(timeout=8))
        await asyncio.to_thread(server.wait_for, "getUpdates")
        server.forget_calls()
        assert server.calls() == []
        server.send_text("س")
        await poll
        assert server.calls() == []
        await bot.get_me()
        assert [made.method for made in server.calls()] == ["getMe"]
        assert len(server.wait_for("getMe")) == 1

    run(server, action)


def test_calls_need_not_be_kept() -> None:
    with BotApiServer(record=False) as server:
        server.send_text("س")
        call(server, "sendMessage", chat_id=1000, text="ج")
        assert server.wait_for_message().text == "ج"
        with pytest.raises(AssertionError, match="keeps no calls"):
            server.calls()
        with pytest.raises(AssertionError, match="keeps no calls"):
            server.wait_for("sendMessage")


def test_the_time_a_step_takes_does_not_grow(server: BotApiServer) -> None:
    """The server itself, without HTTP: from 500 chats' messages to ten times as many."""

    def seconds(count: int) -> float:
        start = time.perf_counter()
        offset = 0
        for number in range(count):
            server.send_text("سؤال", chat_id=1 + number % 50)
            with server._lock:
                server._serve("sendMessage", {"chat_id": 1 + number % 50, "text": "جواب"}, None)
            server.wait_for_message(1 + number % 50, timeout=0)
            if number % 100 == 99:
                server.wait_for("sendMessage", timeout=0)
                batch = server._batch({"offset": offset})
                offset = batch[-1]["update_id"] + 1
        return (time.perf_counter() - start) / count

    few = min(seconds(200) for _ in range(3))
    seconds(4000)
    assert min(seconds(200) for _ in range(3)) < 4 * few
