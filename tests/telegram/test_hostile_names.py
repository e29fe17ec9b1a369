"""Names and documents of somebody hostile, as the bot's readers see them over real HTTP."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.texts import ARABIC
from tests.bot.test_injection import detected
from tests.hostile import DIRECTIONS
from tests.telegram.chat import Chat, without_marks
from tests.telegram.conftest import RunningBot, StartBot
from tests.telegram.records import SentMessage
from tests.telegram.server import BotApiServer

ADMINISTRATOR = 7_400_000_001
HOSTILE = (
    '<a href="https://evil.example">evil.com</a> @evil_bot /start #x \u202e\u2067\x1b[31m & \x00'
)
SENTENCE = "قال الوزير إن القمة <b>المقبلة</b> & ستعقد في عمان \u202eيوم الأحد"
GOOD = "https://news.example/a?b=1&c=2"


@pytest.fixture(scope="class")
def hostile_bot(start_shared_bot: StartBot, shared_folder: Path) -> RunningBot:
    folder = shared_folder / "documents"
    folder.mkdir()
    rows = [
        {"title": HOSTILE, "agency": HOSTILE, "text": SENTENCE, "url": GOOD},
        {"title": "b", "agency": HOSTILE, "text": "ولد الشاعر في موسكو.", "url": "tg://user?id=1"},
    ]
    (folder / "\u202ea @evil_bot\n.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return start_shared_bot(
        JAWAB_DOCS=str(folder), JAWAB_QUESTIONS_PER_MINUTE="0", JAWAB_ADMINS=f"{ADMINISTRATOR}"
    )


@pytest.fixture
def chat(hostile_bot: RunningBot, shared_server: BotApiServer) -> Chat:
    assert hostile_bot.process.poll() is None
    return Chat(shared_server)


def kinds(message: SentMessage) -> set[str]:
    return {entity["type"] for entity in message.entities}


class TestHostileNames:
    def test_an_answer_links_to_its_document_and_nowhere_else(self, chat: Chat) -> None:
        reply = chat.asks("أين ستعقد القمة المقبلة؟")
        links = [entity["url"] for entity in reply.entities if entity["type"] == "text_link"]
        assert links == [GOOD]
        assert kinds(reply) == {"text_link", "bold"}
        assert "القمة المقبلة & ستعقد" in reply.text  # an archive's text is taken for HTML
        assert detected(reply.text) == []
        lines = reply.text.split("\n")
        assert len([line for line in lines if " · " in line]) == 1
        assert without_marks(lines[-1]).count(" · ") == 2
        assert not set(reply.text) & set("\u202a\u202b\u202c\u202d\u202e\u2067\x1b")

    def test_a_document_that_names_no_page_of_the_web_has_no_link(self, chat: Chat) -> None:
        reply = chat.asks("أين ولد الشاعر؟")
        assert "text_link" not in kinds(reply)

    def test_the_list_of_documents(self, chat: Chat) -> None:
        reply = chat.asks("/sources")
        assert kinds(reply) == {"bold"}
        assert detected(reply.text) == []
        assert [button["text"] for button in reply.buttons] == ["1", "2"]

    def test_a_question_that_is_quoted(self, chat: Chat) -> None:
        server = chat.server
        name = {"first_name": HOSTILE, "username": "<b>"}
        user = {"id": chat.id, "is_bot": False, "language_code": "ar", **name}
        payload = "q_aHR0cHM6Ly9ldmlsLmV4YW1wbGUgPGI-"  # https://evil.example <b>
        command = {"type": "bot_command", "offset": 0, "length": 6}
        fields = {"text": f"/start {payload}", "entities": [command], "from": user}
        server.send_message(fields, chat_id=chat.id)
        reply = server.wait_for_message(chat.id)
        assert "blockquote" in kinds(reply)
        assert without_marks(reply.text.split("\n")[0]) == "https://evil.example <b>"
        assert detected(reply.text.split("\n")[0]) == []

    @pytest.mark.parametrize(
        "name",
        # The test server cannot be asked for a file with a # or a NUL in its name.
        [
            f"{HOSTILE.replace('#', '').strip(chr(0))}.txt",
            "evil.com.txt",
            "@evil_bot.exe",
            "\u202etxt.live.txt",
        ],
    )
    def test_a_file_that_is_sent(
        self, hostile_bot: RunningBot, shared_server: BotApiServer, name: str
    ) -> None:
        before = len(shared_server.messages(ADMINISTRATOR))
        content = f"ستعقد ندوة الكتاب في بغداد. {len(name)}".encode()
        shared_server.send_document(name, content, chat_id=ADMINISTRATOR)
        reply = shared_server.wait_for_message(ADMINISTRATOR, count=before + 1, timeout=30)
        assert kinds(reply) <= {"bold"}
        assert detected(reply.text) == []
        assert not set(reply.text) & (set(DIRECTIONS) - set("\u2066\u2068\u2069"))
        assert ARABIC.failed not in reply.text
        assert "Traceback" not in hostile_bot.output
