"""What a running bot writes to its log: a line a question, no secret, nothing forged, or JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.documents import question_about, write_articles
from tests.telegram.chat import Chat, data_of, labels
from tests.telegram.conftest import StartBot
from tests.telegram.methods import TOKEN
from tests.telegram.modes import SUMMIT, until
from tests.telegram.server import BotApiServer

LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (?:DEBUG|INFO|WARNING|ERROR) [\w.]+: .+")
FORGED = "x\n2026-01-01 00:00:00,000 INFO bot.forged: all is well\x1b[2J\u202e.txt"


def test_people_read_a_line_a_question_and_none_is_forged(
    server: BotApiServer, start_bot: StartBot, tmp_path: Path
) -> None:
    folder = write_articles(tmp_path / "documents", الخليل="12 مارس 2026")
    (folder / FORGED).write_bytes(b"\xff\xfe\x00")
    bot = start_bot(JAWAB_DOCS=str(folder), JAWAB_LOG_QUESTIONS="1")
    chat = Chat(server)
    sent = chat.says(forging := f"{question_about('الخليل')}\n2026-01-01 INFO bot.forged: \u202e")
    answer = server.wait_for_message(chat.id)
    chat.sends_data(answer, data_of(answer, labels(answer)[0]))
    until(lambda: "button " in bot.output)
    server.send_inline("شيء", user_id=chat.id)
    until(lambda: "inline" in bot.output)
    assert bot.stop() == 0
    said = [line for line in bot.output.splitlines() if not line.startswith("jawab: ")]
    assert all(LINE.fullmatch(line) for line in said)
    [line] = [line for line in said if "bot.bookkeeping" in line and "private" in line]
    told = f"update {sent.update_id}: answered in \\d+ ms \\(private, rank_bm25\\): "
    assert re.search(told, line)
    assert line.endswith(forging.replace("\n", "\\n").replace("\u202e", "\\u202e"))
    assert not [line for line in said if re.match(r"2026-01-01", line)]
    assert "شيء" not in bot.output
    assert not set(bot.output) & set("\x1b\u202e")


def test_json_is_all_there_is_and_a_failure_holds_no_secret(
    server: BotApiServer, start_bot: StartBot
) -> None:
    bot = start_bot(JAWAB_LOG_FORMAT="json", JAWAB_LOG_LEVEL="DEBUG", JAWAB_HOME="new")
    chat = Chat(server)
    server.fail_next("sendMessage", status=400, description=f"Bad Request: {TOKEN}\n{{", times=1)
    sent = chat.says(SUMMIT)
    until(lambda: '"failed"' in bot.output)
    chat.asks("؟")
    assert bot.stop() == 0
    lines = [json.loads(line) for line in bot.output.splitlines()]
    [failed] = [line for line in lines if line.get("outcome") == "failed"]
    assert failed["update"] == sent.update_id
    [error] = [line for line in lines if line["level"] == "ERROR"]
    assert error["update"] == sent.update_id
    assert "Traceback" in error["traceback"]
    assert "[token]" in error["traceback"]
    assert TOKEN.lower().partition(":")[2] not in bot.output.lower()


def test_json_tells_which_setting_is_wrong(start_bot: StartBot) -> None:
    bot = start_bot(wait=False, JAWAB_LOG_FORMAT="JSON", JAWAB_UPLOAD_MB="much")
    assert bot.process.wait(timeout=30) == 2
    [line] = [json.loads(line) for line in bot.output.splitlines()]
    assert (line["level"], "JAWAB_UPLOAD_MB" in line["message"]) == ("CRITICAL", True)


def test_json_tells_why_the_bot_ended(server: BotApiServer, start_bot: StartBot) -> None:
    bot = start_bot(
        wait=False, JAWAB_LOG_FORMAT="json", TELEGRAM_BOT_TOKEN="987654321:AAHanother-one"
    )
    assert bot.process.wait(timeout=30) == 2
    last = [json.loads(line) for line in bot.output.splitlines()][-1]
    assert (last["level"], "TELEGRAM_BOT_TOKEN" in last["message"]) == ("CRITICAL", True)
    assert "another-one" not in bot.output
    assert server.calls("getMe")
