"""The search cluster gone amid questions: each has one reply, and answers go on when it is back."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

from bot.texts import ARABIC
from tests.bot.clusters import bring, cluster_server, cluster_settings
from tests.conftest import Endurance
from tests.documents import question_about, write_articles
from tests.index.qdrant_server import QdrantServer
from tests.telegram.administering import plain, said
from tests.telegram.conftest import StartBot
from tests.telegram.modes import User, replies, until_answered
from tests.telegram.records import Sent
from tests.telegram.server import BotApiServer

__all__ = ["cluster_server"]

HEBRON = "12 مارس 2026"


def test_nothing_is_lost_while_the_cluster_comes_and_goes(
    server: BotApiServer,
    start_bot: StartBot,
    cluster_server: QdrantServer,
    *,
    tmp_path: Path,
    endurance: Endurance,
    record_property: Callable[[str, object], None],
) -> None:
    moments = random.Random(5)  # noqa: S311 - nothing to guess
    folder = write_articles(tmp_path / "elsewhere", الخليل=HEBRON)
    bring(folder, tmp_path / "building", cluster_server)
    settings = cluster_settings(cluster_server) | {"JAWAB_QUESTIONS_PER_MINUTE": "0"}
    bot = start_bot(JAWAB_DOCS="nowhere", **settings)
    sent: list[Sent] = []
    users = [User(server) for _ in range(8)]
    rounds, needed = endurance(3, 40), 0
    for _ in range(rounds):
        asked = [user.asks(question_about("الخليل")) for user in users]
        time.sleep(moments.uniform(0.0, 0.1))
        cluster_server.stop()
        asked += [user.asks(question_about("الخليل")) for user in users[:3]]
        until_answered(server, asked)
        cluster_server.start()
        sent += asked
        deadline = time.monotonic() + 20
        while server.messages(users[0].id)[-1].bold != [HEBRON]:
            assert time.monotonic() < deadline
            sent.append(users[0].asks(question_about("الخليل")))
            until_answered(server, sent[-1:])
            needed += 1
    counted = replies(server, sent)
    away = sum(
        plain(reply.text) == said(ARABIC.search_away)
        for user in users
        for reply in server.messages(user.id)
    )
    record_property("rounds", rounds)
    record_property("questions", len(sent))
    record_property("told that it is away", away)
    record_property("questions until it was back", needed)
    assert set(counted.values()) == {1}
    assert away >= 3 * rounds
    # Twice where one that was on its way was answered yet.
    assert bot.output.count("questions cannot be answered: ") <= 2 * rounds
    assert bot.stop() == 0
    assert "Traceback" not in bot.output
