"""Who may use the bot, and how many questions they may ask."""

from __future__ import annotations

import asyncio
import time

import pytest
from telegram import Chat

from bot.access import Access, QuestionLimit

FRIEND, STRANGER, ADMINISTRATOR = 1, 2, 3
HOME, ABROAD = -10, -20

PRIVATE = {user: Chat(user, Chat.PRIVATE) for user in (FRIEND, STRANGER, ADMINISTRATOR)}
GROUP = {number: Chat(number, Chat.SUPERGROUP) for number in (HOME, ABROAD)}


def access(*, users: tuple[int, ...] = (), chats: tuple[int, ...] = ()) -> Access:
    return Access(frozenset(users), frozenset(chats), frozenset({ADMINISTRATOR}))


class TestAccess:
    @pytest.mark.parametrize("user", [FRIEND, STRANGER, ADMINISTRATOR])
    def test_without_lists_everybody_may_everywhere(self, user: int) -> None:
        open_to_all = access()
        assert open_to_all.allows(user, PRIVATE[user])
        assert open_to_all.allows(user, None)
        assert open_to_all.allows(user, GROUP[ABROAD])
        assert open_to_all.allows_group(ABROAD)
        assert not open_to_all.is_restricted

    @pytest.mark.parametrize(
        ("user", "allowed"), [(FRIEND, True), (STRANGER, False), (ADMINISTRATOR, True)]
    )
    def test_a_list_of_users_counts_everywhere(self, user: int, *, allowed: bool) -> None:
        for_friends = access(users=(FRIEND,))
        assert for_friends.is_restricted
        assert for_friends.allows_group(ABROAD)
        for chat in (PRIVATE[user], None, GROUP[ABROAD]):
            assert for_friends.allows(user, chat) is allowed

    def test_a_list_of_chats_leaves_private_chats_open(self) -> None:
        at_home = access(chats=(HOME,))
        assert at_home.is_restricted
        assert at_home.allows(STRANGER, PRIVATE[STRANGER])
        assert at_home.allows(STRANGER, None)
        assert at_home.allows(STRANGER, GROUP[HOME])
        assert not at_home.allows(STRANGER, GROUP[ABROAD])
        assert not at_home.allows_group(ABROAD)

    def test_in_a_listed_group_everybody_may_ask_who_may_not_in_private(self) -> None:
        both = access(users=(FRIEND,), chats=(HOME,))
        assert both.allows(STRANGER, GROUP[HOME])
        assert not both.allows(STRANGER, PRIVATE[STRANGER])
        assert not both.allows(STRANGER, None)
        assert not both.allows(FRIEND, GROUP[ABROAD])

    def test_nobody_is_no_user_of_a_list(self) -> None:
        assert access().allows(None, None)
        assert not access(users=(FRIEND,)).allows(None, None)

    def test_an_allowed_group_stays_so_under_its_new_number(self) -> None:
        at_home = access(chats=(HOME,))
        assert at_home.moved(HOME, -100)
        assert at_home.allows_group(-100)
        assert not at_home.moved(HOME, -100)
        assert not at_home.moved(ABROAD, -200)
        assert not at_home.allows_group(-200)

    def test_a_group_that_moves_restricts_nobody_where_there_is_no_list(self) -> None:
        open_to_all = access()
        assert not open_to_all.moved(HOME, -100)
        assert open_to_all.allows_group(ABROAD)

    @pytest.mark.parametrize(
        ("restricted", "said"),
        [
            (access(users=(1, 2)), "2 users; in every group"),
            (access(users=(1,), chats=(HOME,)), "1 user; in 1 group"),
            (access(chats=(HOME, ABROAD)), "everybody; in 2 groups"),
        ],
    )
    def test_it_is_described(self, restricted: Access, said: str) -> None:
        assert restricted.described() == f"in private and inline: {said}"
        assert "open to everybody" in access().described()


class TestQuestionLimit:
    def test_the_question_over_the_limit_has_to_wait(self) -> None:
        async def ask() -> None:
            limit = QuestionLimit(3)
            assert [await limit.wait_seconds(FRIEND) for _ in range(3)] == [0, 0, 0]
            assert 1 <= await limit.wait_seconds(FRIEND) <= 60
            assert await limit.wait_seconds(STRANGER) == 0

        asyncio.run(ask())

    def test_after_the_wait_a_question_may_be_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        later, now = 0.0, time.time
        monkeypatch.setattr(time, "time", lambda: now() + later)

        async def ask() -> None:
            nonlocal later
            limit = QuestionLimit(2)
            await limit.wait_seconds(FRIEND)
            later += 20
            await limit.wait_seconds(FRIEND)
            wait = await limit.wait_seconds(FRIEND)
            assert 39 <= wait <= 41
            later += wait + 1
            assert await limit.wait_seconds(FRIEND) == 0
            assert 1 <= await limit.wait_seconds(FRIEND) <= 20

        asyncio.run(ask())

    def test_each_time_over_the_limit_is_told_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        later, now = 0.0, time.time
        monkeypatch.setattr(time, "time", lambda: now() + later)

        async def ask() -> None:
            nonlocal later
            limit = QuestionLimit(1)
            for _ in range(2):
                assert await limit.wait_seconds(FRIEND) == 0
                assert await limit.wait_seconds(FRIEND)
                assert [limit.is_told_first(FRIEND) for _ in range(3)] == [True, False, False]
                later += 61
            assert limit.is_told_first(STRANGER)

        asyncio.run(ask())

    def test_zero_is_no_limit(self) -> None:
        async def ask() -> list[int]:
            limit = QuestionLimit(0)
            return [await limit.wait_seconds(FRIEND) for _ in range(100)]

        assert set(asyncio.run(ask())) == {0}


class TestChange:
    def test_other_lists_come_into_force(self) -> None:
        access = Access(users=frozenset({1}), chats=frozenset({-5}), administrators=frozenset({9}))
        access.change(frozenset({2}), frozenset({-6}), frozenset({8}))
        assert not access.allows(1, None)
        assert access.allows(2, None)
        assert access.allows(8, None)
        assert not access.allows(9, None)
        assert not access.allows_group(-5)
        access.change(frozenset(), frozenset(), frozenset())
        assert access.allows(1, None)
        assert not access.is_restricted

    def test_a_group_that_has_a_new_number_is_known_for_as_long_as_the_old_one_is_listed(
        self,
    ) -> None:
        access = Access(chats=frozenset({-5, -6}))
        assert access.moved(-5, -1005)
        access.change(frozenset({1}), frozenset({-5}), frozenset())
        assert access.allows_group(-1005)
        access.change(frozenset(), frozenset({-6}), frozenset())
        assert not access.allows_group(-1005)

    def test_another_limit_counts_anew(self) -> None:
        async def ask() -> list[int]:
            limit = QuestionLimit(1)
            waits = [await limit.wait_seconds(1) for _ in range(2)]
            limit.change(2)
            waits += [await limit.wait_seconds(1) for _ in range(3)]
            limit.change(0)
            return [*waits, await limit.wait_seconds(1)]

        assert [bool(wait) for wait in asyncio.run(ask())] == [
            *(False, True),
            *(False, False, True),
            False,
        ]
