"""Administrators: the figures, their picture, and the questions without an answer."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from PIL import Image

from bot.charts import AMBER, GREEN, RED, DayCounts, activity_png
from bot.handlers.administration import STATISTICS_DAYS
from bot.handlers.questions import outcome_of
from bot.keyboards import DOWN, UP
from bot.texts import ARABIC, ENGLISH, Texts
from index import Index
from tests.telegram.administering import ADMINS, admin, plain, reply_in, said
from tests.telegram.conftest import StartBot
from tests.telegram.methods import TOKEN
from tests.telegram.records import SentMessage
from tests.telegram.server import BotApiServer

__all__ = ["admin"]

QUESTIONS = (
    "متى القمة المقبلة؟",
    "ما تاريخ الخبر؟",
    "كم عمر بوتين؟",
    "كيف أطبخ كبسة الدجاج؟",
    "من هو رئيس وزراء اليابان؟",
    "أين تقع جزر المالديف؟",
    "لماذا ارتفعت أسعار النفط؟",
)
UNANSWERED = "كيف أطبخ كبسة الدجاج؟"
SPELLINGS = ("كيف اطبخ كبسه الدجاج", "كَيْفَ أطبُخُ كبســة الدجاج؟!")


def state_file(home: Path) -> Path:
    return home / f"bot-{TOKEN.partition(':')[0]}.sqlite"


def figures_of(
    message: SentMessage, texts: Texts, counts: Counter[str], *, up: int, down: int, users: int
) -> tuple[int, int]:
    """Check the figures in a message, and return its two durations."""
    text = said(
        texts.stats,
        questions=texts.questions.counted(counts.total()),
        answered=counts["answered"],
        not_sure=counts["not_sure"],
        not_found=counts["not_found"],
        up=up,
        down=down,
        users=texts.users.counted(users),
        p50="P50",
        p95="P95",
    )
    text += "\n\n" + said(texts.stats_days, days=STATISTICS_DAYS)
    pattern = re.escape(text).replace("P50", r"(\d+)").replace("P95", r"(\d+)")
    found = re.fullmatch(pattern, plain(message.text))
    assert found, f"{plain(message.text)!r} is not {text!r}"
    return int(found[1]), int(found[2])


def coloured(picture: Image.Image) -> set[int]:
    """Return the columns of a chart that belong to a bar."""
    bars = {tuple(bytes.fromhex(colour[1:])) for colour in (GREEN, AMBER, RED)}
    pixels = picture.load()
    assert pixels is not None
    columns = range(picture.width)
    return {x for x in columns if any(pixels[x, y] in bars for y in range(picture.height))}


def rows_of(content: bytes) -> list[list[str]]:
    """Return the rows of a CSV file, its header apart."""
    assert content.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert header == ["question", "count", "last"]
    return rows


class TestStatistics:
    def test_the_figures_are_those_of_what_was_asked_and_rated(
        self, server: BotApiServer, start_bot: StartBot, seeds_index: Index, admin: int
    ) -> None:
        start_bot(JAWAB_ADMINS=ADMINS)
        server.send_text("/stats", chat_id=admin)
        figures_of(reply_in(server, admin), ARABIC, Counter(), up=0, down=0, users=0)
        counts: Counter[str] = Counter()
        for number, question in enumerate(QUESTIONS, 1):
            for user in (1001, 1002):
                server.send_text(question, chat_id=user)
                reply_in(server, user, number)
                counts[outcome_of(seeds_index.ask(question, 10))] += 1
        assert counts["answered"] >= 2  # or the test would show little
        assert counts["not_found"] >= 2
        server.send_text("/help", chat_id=1003)
        server.send_text("🙂", chat_id=1003)  # neither is a question
        reply_in(server, 1003, 2)
        for user, number, marks in (
            (1001, 0, [UP]),
            (1002, 0, [UP, DOWN]),
            (1001, 1, [DOWN, DOWN]),
            (1002, 1, [UP]),
        ):
            answer = server.messages(user)[number]
            for mark in marks:
                (data,) = (
                    b["callback_data"]
                    for b in answer.buttons
                    if re.fullmatch(rf"rate:.*:{mark}", b["callback_data"])
                )
                server.wait_for_callback_answer(server.press(answer, data))
        server.send_text("/stats", chat_id=admin)
        p50, p95 = figures_of(reply_in(server, admin, 2), ARABIC, counts, up=2, down=1, users=2)
        assert 0 < p50 <= p95
        server.send_text("/stats", chat_id=admin, language_code="en")
        message = reply_in(server, admin, 3)
        figures_of(message, ENGLISH, counts, up=2, down=1, users=2)
        picture = Image.open(io.BytesIO(server.download(message)))
        assert picture.format == "PNG"
        columns = coloured(picture.convert("RGB"))
        day = picture.width // STATISTICS_DAYS
        assert columns
        assert min(columns) > picture.width - 2 * day  # today is the last, and the only one

    def test_the_picture_shows_the_last_days_of_the_file(
        self, server: BotApiServer, start_bot: StartBot, tmp_path: Path, admin: int
    ) -> None:
        start_bot(JAWAB_ADMINS=ADMINS).stop()
        server.forget_calls()
        today = date.today()  # noqa: DTZ011 - days as the machine counts them
        names = ("answered", "not_sure", "not_found")
        days = [
            DayCounts(today - timedelta(days=back), back % 5 * 7, back % 3, back % 4 * 2)
            for back in reversed(range(20))
        ]
        rows = [
            (day.day.toordinal(), name, getattr(day, name))
            for day in days
            for name in names
            if getattr(day, name)
        ]
        connection = sqlite3.connect(state_file(tmp_path / "home"))
        with connection:
            connection.executemany("INSERT INTO outcomes (day, name, count) VALUES (?, ?, ?)", rows)
        connection.close()
        start_bot(JAWAB_ADMINS=ADMINS)
        server.send_text("/stats", chat_id=admin)
        message = reply_in(server, admin)
        if date.today() != today:  # noqa: DTZ011
            pytest.skip("a day has begun meanwhile")
        counts = Counter({name: sum(getattr(day, name) for day in days) for name in names})
        figures_of(message, ARABIC, counts, up=0, down=0, users=0)
        assert STATISTICS_DAYS == 14
        assert server.download(message) == activity_png(days[-14:])
        assert server.download(message) != activity_png(days[-15:-1])


class TestUnanswered:
    def test_most_asked_first_spellings_together_and_nobody_named(
        self, server: BotApiServer, start_bot: StartBot, admin: int
    ) -> None:
        start_bot(JAWAB_ADMINS=ADMINS)
        server.send_text("/unanswered", chat_id=admin)
        assert plain(reply_in(server, admin).text) == plain(ARABIC.unanswered_none)
        asked = {
            81234567: ["=كيف أطبخ المقلوبة؟", "@كيف أطبخ المنسف", '+كيف أطبخ "الفول"، بالليمون؟'],
            87654321: [UNANSWERED, *SPELLINGS, "من هو رئيس وزراء اليابان؟"],
            89999999: [UNANSWERED, "من هو رئيس وزراء اليابان؟", "متى القمة المقبلة؟"],
        }
        for user, questions in asked.items():
            for count, question in enumerate(questions, 1):
                server.send_text(question, chat_id=user)
                reply_in(server, user, count)
        server.send_text("/unanswered", chat_id=admin)
        message = reply_in(server, admin, 2)
        assert message.filename == "unanswered.csv"
        counted = ARABIC.questions.counted(5)
        assert plain(message.text) == said(ARABIC.unanswered, questions=counted)
        content = server.download(message)
        rows = rows_of(content)
        assert rows[:2] == [
            [UNANSWERED, "4", rows[0][2]],
            ["من هو رئيس وزراء اليابان؟", "2", rows[0][2]],
        ]
        assert {row[0] for row in rows[2:]} == {
            "'=كيف أطبخ المقلوبة؟",
            "'@كيف أطبخ المنسف",
            '\'+كيف أطبخ "الفول"، بالليمون؟',
        }
        assert {row[1] for row in rows[2:]} == {"1"}
        assert date.fromisoformat(rows[0][2]) <= date.today()  # noqa: DTZ011
        for user in (*asked, admin):
            assert str(user) not in content.decode()
            assert f"User {user}" not in content.decode()

    def test_questions_are_not_kept_where_that_is_switched_off(
        self, server: BotApiServer, start_bot: StartBot, tmp_path: Path, admin: int
    ) -> None:
        start_bot(JAWAB_ADMINS=ADMINS, JAWAB_KEEP_QUESTIONS="0")
        server.send_text(UNANSWERED, chat_id=admin)
        reply_in(server, admin)
        server.send_text("/unanswered", chat_id=admin)
        assert plain(reply_in(server, admin, 2).text) == plain(ARABIC.unanswered_off)
        connection = sqlite3.connect(state_file(tmp_path / "home"))
        assert connection.execute("SELECT count(*) FROM unanswered").fetchone() == (0,)
        connection.close()

    def test_no_more_than_a_thousand_are_sent(
        self, server: BotApiServer, start_bot: StartBot, tmp_path: Path, admin: int
    ) -> None:
        start_bot(JAWAB_ADMINS=ADMINS).stop()
        server.forget_calls()
        day = date(2026, 1, 2).toordinal()
        rows = [(f"key {n}", f"سؤال رقم {n}\nوسطر آخر", n, day) for n in range(1, 1201)]
        connection = sqlite3.connect(state_file(tmp_path / "home"))
        with connection:
            connection.executemany(
                'INSERT INTO unanswered ("key", question, count, day) VALUES (?, ?, ?, ?)', rows
            )
        connection.close()
        start_bot(JAWAB_ADMINS=ADMINS)
        server.send_text("/unanswered", chat_id=admin)
        found = rows_of(server.download(reply_in(server, admin)))
        expected = [[question, str(count), "2026-01-02"] for _, question, count, _ in rows[::-1]]
        assert found == expected[:1000]
