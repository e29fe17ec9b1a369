"""The bot over a search cluster: no documents, no index, and a cluster that goes and comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.texts import ARABIC, ENGLISH
from tests.bot.clusters import KEY, bring, cluster_server, cluster_settings
from tests.documents import article, children, question_about, write_articles
from tests.index.qdrant_server import QdrantServer
from tests.telegram.administering import ADMINS, admin, plain, reply_in, said, send_file
from tests.telegram.chat import Chat, labels, told
from tests.telegram.conftest import RunningBot, StartBot
from tests.telegram.modes import until
from tests.telegram.server import BotApiServer

__all__ = ["admin", "cluster_server"]

HEBRON, NABLUS, GAZA = "12 مارس 2026", "3 أبريل 2025", "20 مايو 2024"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The documents on the machine that builds."""
    return write_articles(tmp_path / "elsewhere", الخليل=HEBRON, نابلس=NABLUS)


@pytest.fixture
def building(tmp_path: Path) -> Path:
    """The home of the machine that builds."""
    return tmp_path / "building"


@pytest.fixture
def bot(
    start_bot: StartBot, folder: Path, building: Path, cluster_server: QdrantServer
) -> RunningBot:
    bring(folder, building, cluster_server)
    settings = cluster_settings(cluster_server) | {"JAWAB_ADMINS": ADMINS}
    return start_bot(JAWAB_DOCS="nowhere", JAWAB_LOG_LEVEL="DEBUG", **settings)


@pytest.fixture
def chat(server: BotApiServer) -> Chat:
    return Chat(server)


def test_everything_works_as_with_documents_of_its_own(
    bot: RunningBot, chat: Chat, server: BotApiServer
) -> None:
    answer = chat.asks(question_about("الخليل"))
    assert answer.bold == [HEBRON]
    context = chat.opens(answer, ARABIC.context_button)
    assert "تضم المكتبة" in context.text
    assert chat.opens(context, ARABIC.back_button).bold == [HEBRON]
    listed = chat.asks("/sources")
    assert told(ARABIC.documents.counted(2)) in told(listed.text)
    [first, *_] = labels(listed)
    assert "افتتحت بلدية" in chat.opens(listed, first).text
    assert question_about("الخليل") in labels(chat.asks("/start"))
    inline = server.wait_for_inline_answer(server.send_inline(question_about("نابلس")))
    assert inline.results[0].bold == [NABLUS]
    assert children(bot.process.pid) == set()
    assert bot.stop() == 0
    assert KEY not in bot.output
    assert "Traceback" not in bot.output


def test_what_is_mirrored_is_answered_from_with_the_next_question(
    bot: RunningBot, chat: Chat, folder: Path, building: Path, cluster_server: QdrantServer
) -> None:
    assert chat.asks(question_about("نابلس")).bold == [NABLUS]
    write_articles(folder, غزة=GAZA, نابلس=GAZA)
    bring(folder, building, cluster_server)
    assert chat.asks(question_about("نابلس")).bold == [GAZA]
    assert chat.asks(question_about("غزة")).bold == [GAZA]
    assert bot.process.poll() is None


def test_administrators_are_told_where_documents_change(
    bot: RunningBot, server: BotApiServer, admin: int
) -> None:
    elsewhere = said(ARABIC.changed_elsewhere)
    send_file(server, admin, "غزة.txt", article("غزة", GAZA).encode())
    assert plain(reply_in(server, admin).text) == elsewhere
    for count, command in enumerate(("/remove", "/remove نابلس.txt"), start=2):
        server.send_text(command, chat_id=admin)
        assert plain(reply_in(server, admin, count).text) == elsewhere
    server.send_text("/reload", chat_id=admin)
    assert plain(reply_in(server, admin, 4).text) == said(
        ARABIC.follows_cluster,
        documents=ARABIC.documents.counted(2),
        sentences=ARABIC.sentences.counted(4),
    )
    server.send_text("/help", chat_id=admin)
    assert "يُبنى الفهرس" in reply_in(server, admin, 5).text
    assert bot.process.poll() is None


def test_while_the_cluster_is_away_everybody_is_told_at_once(
    bot: RunningBot, server: BotApiServer, chat: Chat, cluster_server: QdrantServer
) -> None:
    answer = chat.asks(question_about("الخليل"))
    listed = chat.asks("/sources")
    english = Chat(server, language="en")
    for _ in range(2):
        cluster_server.stop()
        assert plain(chat.asks(question_about("نابلس")).text) == said(ARABIC.search_away)
        assert plain(english.asks(question_about("غزة")).text) == said(ENGLISH.search_away)
        assert chat.presses(answer, ARABIC.context_button) == ARABIC.search_away
        [first, *_] = labels(listed)
        assert chat.presses(listed, first) == ARABIC.search_away
        inline = server.wait_for_inline_answer(server.send_inline(question_about("نابلس")))
        assert (inline.results, inline.cache_time) == ([], 0)
        assert (inline.button or {})["text"] == ARABIC.inline_away
        assert chat.asks("/about").text  # what needs no cluster
        cluster_server.start()
        assert chat.asks(question_about("نابلس")).bold == [NABLUS]
    assert bot.output.count("questions cannot be answered: ") == 2
    assert bot.output.count("the search cluster is back after ") == 2
    assert "Traceback" not in bot.output
    assert "ERROR" not in bot.output


def test_a_bot_is_stopped_while_the_cluster_is_away(
    bot: RunningBot, chat: Chat, cluster_server: QdrantServer
) -> None:
    cluster_server.stop()
    chat.asks(question_about("نابلس"))
    assert bot.stop() == 0
    assert "Traceback" not in bot.output


def test_a_bot_does_not_begin_without_the_cluster(
    start_bot: StartBot, cluster_server: QdrantServer
) -> None:
    cluster_server.stop()
    bot = start_bot(wait=False, **cluster_settings(cluster_server))
    until(lambda: bot.process.poll() is not None)
    assert bot.process.returncode == 2
    assert bot.output.splitlines() == [
        "jawab: The search cluster does not answer; try again in a moment."
    ]
