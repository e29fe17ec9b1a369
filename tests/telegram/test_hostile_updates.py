"""The real bot under updates of every wrong kind: it goes on answering, and nothing of it fails."""

from __future__ import annotations

import itertools

from tests.conftest import Endurance
from tests.telegram.chat import Chat
from tests.telegram.conftest import StartBot
from tests.telegram.hostile_updates import HostileUpdates
from tests.telegram.server import BotApiServer

SUMMIT = "متى القمة المقبلة؟"
USER = 7_000_000_001
BATCH = 100


def test_the_bot_answers_on_and_logs_no_traceback(
    server: BotApiServer, start_bot: StartBot, endurance: Endurance
) -> None:
    bot = start_bot(
        JAWAB_QUESTIONS_PER_MINUTE="0", JAWAB_MESSAGES_PER_SECOND="0", JAWAB_ADMINS=f"{USER}"
    )
    chat = Chat(server)
    right = chat.asks(SUMMIT).html
    updates = iter(HostileUpdates(7, user=USER))
    for _ in range(endurance(3, 100)):
        for update in itertools.islice(updates, BATCH):
            server.push(update)
        server.wait_until_delivered(timeout=60)
        assert bot.process.poll() is None
        assert chat.asks(SUMMIT).html == right
    assert bot.stop() == 0
    for word in ("Traceback", "ERROR", "CRITICAL"):
        assert word not in bot.output, bot.output[-5000:]
