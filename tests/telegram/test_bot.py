"""The whole bot over real HTTP, as its users see it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.texts import ARABIC, ENGLISH
from tests.telegram.conftest import RunningBot, StartBot
from tests.telegram.methods import TOKEN
from tests.telegram.server import BotApiServer, Call

SUMMIT = "متى القمة المقبلة؟"
SUMMIT_SENTENCE = (
    "كما دعا إلى إعداد استراتيجية جديدة لمكافحة الإرهاب داخل المنظمة وأعلن أن القمة المقبلة "
    "ستعقد في 11 نوفمبر 2026 في موسكو."
)
PIN, POP = "\u2068", "\u2069"


@pytest.mark.usefixtures("bot")
class TestQuestions:
    def test_the_summit_is_answered_with_its_date_in_bold(self, server: BotApiServer) -> None:
        server.send_text(SUMMIT)
        reply = server.wait_for_message()
        assert reply.bold == ["11 نوفمبر 2026"]
        assert SUMMIT_SENTENCE in reply.text

    def test_the_source_stands_under_the_answer(self, server: BotApiServer) -> None:
        server.send_text("ما تاريخ الخبر؟")
        reply = server.wait_for_message()
        answer, source = reply.text.split("\n\n")
        assert reply.bold == ["27/11/2025"]
        assert "27/11/2025" in answer
        agency, date, title = source.split(" · ")
        assert (agency.lstrip("\u200f"), date) == (f"{PIN}كونا{POP}", "\u206627/11/2025\u2069")
        assert title.startswith(f"{PIN}أكد الرئيس الروسي")

    def test_every_line_reads_from_the_right(self, server: BotApiServer) -> None:
        for number, text in enumerate((SUMMIT, "كيف أطبخ كبسة الدجاج؟", "/help", "/sources"), 1):
            server.send_text(text)
            reply = server.wait_for_message(count=number)
            assert all(part.startswith("\u200f") for part in reply.text.split("\n") if part)

    def test_the_reply_belongs_to_its_question(self, server: BotApiServer) -> None:
        sent = server.send_text(SUMMIT)
        assert server.wait_for_message().reply_to_message_id == sent.message_id

    def test_typing_is_shown_meanwhile(self, server: BotApiServer) -> None:
        server.send_text(SUMMIT)
        server.wait_for_message()
        (call,) = server.wait_for("sendChatAction")
        assert (call.params["chat_id"], call.params["action"]) == (1000, "typing")

    def test_an_unanswered_question_is_not_answered(self, server: BotApiServer) -> None:
        server.send_text("كيف أطبخ كبسة الدجاج؟")
        reply = server.wait_for_message()
        assert ARABIC.not_found in reply.text
        assert reply.bold == []

    def test_the_nearest_sentence_is_marked_as_not_sure(self, server: BotApiServer) -> None:
        server.send_text("من هو رئيس وزراء اليابان؟")
        reply = server.wait_for_message()
        assert ARABIC.not_found in reply.text
        assert ARABIC.not_sure_several in reply.text
        italic, *_ = [entity for entity in reply.entities if entity["type"] == "italic"]
        assert italic["length"] > len("رئيس")

    def test_the_interface_speaks_the_language_of_the_client(self, server: BotApiServer) -> None:
        server.send_text("كيف أطبخ كبسة الدجاج؟", language_code="en")
        assert ENGLISH.not_found in server.wait_for_message().text

    def test_an_edited_question_edits_its_reply(self, server: BotApiServer) -> None:
        sent = server.send_text("كيف أطبخ كبسة الدجاج؟")
        server.wait_for_message()
        server.edit_text(sent, SUMMIT)
        server.wait_for("editMessageText")
        (reply,) = server.messages()
        assert reply.edited
        assert reply.bold == ["11 نوفمبر 2026"]

    def test_an_edit_that_changes_nothing_is_taken_quietly(self, server: BotApiServer) -> None:
        sent = server.send_text(SUMMIT)
        server.wait_for_message()
        server.edit_text(sent, "متى القمة المقبلة؟؟")
        assert server.wait_for("editMessageText")[0].status == 400
        server.send_text("ما تاريخ الخبر؟")
        assert server.wait_for_message(count=2).bold == ["27/11/2025"]
        assert len(server.messages()) == 2

    def test_an_edited_question_without_a_reply_gets_one(self, server: BotApiServer) -> None:
        sent = server.send_text("/help")
        server.wait_for_message()
        server.edit_text(sent, SUMMIT)
        assert server.wait_for_message(count=2).bold == ["11 نوفمبر 2026"]

    def test_a_message_of_5000_characters_is_answered_from_its_beginning(
        self, server: BotApiServer
    ) -> None:
        server.send_text((SUMMIT + " ").ljust(5000, "ا"))
        reply = server.wait_for_message()
        assert "11 نوفمبر 2026" in reply.bold
        assert ARABIC.shortened.format(characters="400 حرف") in reply.text

    @pytest.mark.parametrize("text", ["🙂🙂", "؟؟؟", "..."])
    def test_a_message_without_words_asks_for_some(self, server: BotApiServer, text: str) -> None:
        server.send_text(text)
        assert ARABIC.no_words in server.wait_for_message().text

    def test_markup_in_a_question_does_no_harm(self, server: BotApiServer) -> None:
        server.send_text("<b>متى</b> & القمة <script> المقبلة؟")
        assert server.wait_for_message().bold == ["11 نوفمبر 2026"]

    def test_a_sticker_gets_a_friendly_line(self, server: BotApiServer) -> None:
        sticker = {
            "file_id": "s1",
            "file_unique_id": "u1",
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
        }
        server.send_message({"sticker": sticker})
        assert ARABIC.text_only in server.wait_for_message().text

    def test_two_chats_at_once_each_get_their_answer(self, server: BotApiServer) -> None:
        for _ in range(5):
            server.send_text(SUMMIT, chat_id=2001)
            server.send_text("ما تاريخ الخبر؟", chat_id=2002)
        server.wait_for_message(2001, count=5)
        server.wait_for_message(2002, count=5)
        assert {tuple(reply.bold) for reply in server.messages(2001)} == {("11 نوفمبر 2026",)}
        assert {tuple(reply.bold) for reply in server.messages(2002)} == {("27/11/2025",)}

    def test_the_answers_of_a_chat_keep_the_order_of_its_questions(
        self, server: BotApiServer
    ) -> None:
        sent = [server.send_text(SUMMIT).message_id for _ in range(10)]
        server.wait_for_message(count=10)
        assert [reply.reply_to_message_id for reply in server.messages()] == sent

    def test_a_group_is_left_in_peace(self, server: BotApiServer) -> None:
        server.send_text(SUMMIT, chat_id=-100500, chat_type="supergroup", user_id=1000)
        server.send_text("/help")
        server.wait_for_message()
        assert server.messages(-100500) == []


@pytest.mark.usefixtures("bot")
class TestCommands:
    def test_start_offers_three_examples_that_are_answered(self, server: BotApiServer) -> None:
        server.send_text("/start")
        start = server.wait_for_message()
        assert len(start.buttons) == 3
        assert any("القمة المقبلة" in button["text"] for button in start.buttons)
        for count, button in enumerate(start.buttons, 2):
            server.press(start, button["callback_data"])
            reply = server.wait_for_message(count=count)
            assert button["text"] in reply.text
            assert ARABIC.not_found not in reply.text
        assert len(server.wait_for("answerCallbackQuery", count=3)) == 3

    def test_a_button_of_another_time_says_that_it_has_expired(self, server: BotApiServer) -> None:
        server.send_text("/start")
        start = server.wait_for_message()
        server.press(start, "example:0000000000000000", forged=True)
        server.press(start, "something else", forged=True)
        calls = server.wait_for("answerCallbackQuery", count=2)
        assert {call.params["text"] for call in calls} == {ARABIC.expired}

    def test_help_and_an_unknown_command_say_how_to_ask(self, server: BotApiServer) -> None:
        server.send_text("/help")
        server.send_text("/frobnicate")
        server.wait_for_message(count=2)
        assert all("كيف أسأل؟" in reply.text for reply in server.messages())

    def test_sources_lists_the_documents(self, server: BotApiServer) -> None:
        server.send_text("/sources")
        text = server.wait_for_message().text
        assert "كونا" in text
        assert "وكالات" in text
        assert "27/11/2025" in text
        assert ARABIC.undated in text

    def test_commands_and_descriptions_are_registered_in_both_languages(
        self, server: BotApiServer
    ) -> None:
        groups = {"type": "all_group_chats"}
        for language, texts in (("", ARABIC), ("ar", ARABIC), ("en", ENGLISH)):
            assert server.commands(language_code=language) == [
                {"command": name, "description": getattr(texts, f"{name}_command")}
                for name in ("start", "help", "sources", "language", "about", "forget")
            ]
            assert server.commands(groups, language_code=language) == [
                {"command": "ask", "description": texts.ask_command},
                {"command": "help", "description": texts.help_command},
            ]
        described = {
            call.params.get("language_code", ""): call.params["description"]
            for call in server.calls("setMyDescription")
        }
        assert described == {
            "": ARABIC.description,
            "ar": ARABIC.description,
            "en": ENGLISH.description,
        }


@pytest.mark.usefixtures("bot")
class TestFaults:
    def test_a_failing_server_is_tried_again(self, server: BotApiServer) -> None:
        server.fail_next("sendMessage", status=500, description="Internal Server Error", times=2)
        server.send_text(SUMMIT)
        assert server.wait_for_message().bold == ["11 نوفمبر 2026"]
        assert [call.status for call in server.calls("sendMessage")] == [500, 500, 200]

    def test_a_flood_wait_is_waited_out(self, server: BotApiServer) -> None:
        server.fail_next("sendMessage", status=429, description="Too Many Requests", retry_after=1)
        started = time.monotonic()
        server.send_text(SUMMIT)
        assert server.wait_for_message().bold == ["11 نوفمبر 2026"]
        assert time.monotonic() - started >= 1

    def test_typing_that_fails_does_not_stop_the_answer(self, server: BotApiServer) -> None:
        server.fail_next("sendChatAction", status=400, description="Bad Request: no")
        server.send_text(SUMMIT)
        assert server.wait_for_message().bold == ["11 نوفمبر 2026"]

    def test_a_broken_poll_loses_no_question(self, server: BotApiServer) -> None:
        server.fail_next("getUpdates", status=500, description="Internal Server Error")
        server.drop_next("getUpdates")
        server.send_text(SUMMIT)
        server.send_text("ما تاريخ الخبر؟")
        server.wait_for_message(count=2, timeout=30)
        assert len(server.messages()) == 2

    def test_a_failing_handler_tells_the_user_and_logs_the_update(
        self, server: BotApiServer, bot: RunningBot
    ) -> None:
        server.fail_next("sendMessage", status=400, description="Bad Request: something odd")
        sent = server.send_text(SUMMIT)
        assert ARABIC.failed in server.wait_for_message().text
        assert f"update {sent.update_id} failed" in bot.output
        assert "something odd" not in server.messages()[0].text


class TestProcess:
    def test_it_stops_with_status_0_when_told_to(self, bot: RunningBot) -> None:
        assert bot.stop() == 0

    def test_a_second_start_answers_what_came_meanwhile(
        self, server: BotApiServer, start_bot: StartBot
    ) -> None:
        server.send_text("/help")
        first = start_bot()
        server.wait_for_message()
        first.stop()
        server.send_text(SUMMIT)
        start_bot()
        assert server.wait_for_message(count=2, timeout=30).bold == ["11 نوفمبر 2026"]

    def test_it_waits_for_a_telegram_that_is_away(
        self, server: BotApiServer, start_bot: StartBot
    ) -> None:
        server.fail_next("getMe", status=502, description="Bad Gateway", times=2)
        server.send_text(SUMMIT)
        bot = start_bot()
        assert server.wait_for_message(timeout=30).bold == ["11 نوفمبر 2026"]
        assert bot.output.count("Telegram cannot be reached") == 2

    def test_it_stops_while_telegram_is_away(
        self, server: BotApiServer, start_bot: StartBot
    ) -> None:
        server.fail_next("getMe", status=502, description="Bad Gateway", times=100)
        bot = start_bot(wait=False)
        server.wait_for("getMe", timeout=30)
        assert bot.stop() == 0

    @pytest.mark.parametrize(
        ("token", "said"),
        [("", "no Telegram bot token"), ("not-a-token", "malformed"), ("1:ab c", "malformed")],
    )
    def test_a_token_that_cannot_be_one_ends_it(
        self, start_bot: StartBot, token: str, said: str
    ) -> None:
        bot = start_bot(wait=False, TELEGRAM_BOT_TOKEN=token)
        assert bot.process.wait(timeout=20) == 2
        assert said in bot.output
        assert bot.output.count("\n") == 1
        assert not token or token not in bot.output

    @pytest.mark.parametrize("level", ["DEBUG", "info"])
    def test_a_refused_token_ends_it_and_is_not_shown(
        self, start_bot: StartBot, level: str
    ) -> None:
        refused = "987654321:AAHnobody-knows-this-token"
        bot = start_bot(wait=False, TELEGRAM_BOT_TOKEN=refused, JAWAB_LOG_LEVEL=level)
        assert bot.process.wait(timeout=20) == 2
        assert "Telegram does not know this bot token" in bot.output.splitlines()[-1]
        assert "AAHnobody" not in bot.output
        assert level == "DEBUG" or "Traceback" not in bot.output

    def test_the_token_is_not_logged_at_any_level(
        self, server: BotApiServer, start_bot: StartBot
    ) -> None:
        bot = start_bot(JAWAB_LOG_LEVEL="DEBUG")
        server.fail_next("sendMessage", status=400, description=f"Bad Request: bot{TOKEN}")
        server.drop_next("getUpdates")
        server.send_text(SUMMIT)
        server.wait_for_message()
        assert bot.stop() == 0
        assert "getUpdates" in bot.output  # requests are logged at this level
        assert TOKEN not in bot.output
        assert TOKEN.replace(":", "%3A") not in bot.output

    @pytest.mark.parametrize(
        ("name", "value"),
        [("JAWAB_LOG_LEVEL", "LOUD"), ("JAWAB_TELEGRAM_API_URL", "ftp://nowhere")],
    )
    def test_a_setting_that_cannot_be_used_is_named(
        self, start_bot: StartBot, name: str, value: str
    ) -> None:
        bot = start_bot(wait=False, **{name: value})
        assert bot.process.wait(timeout=20) == 2
        assert name in bot.output
        assert bot.output.count("\n") == 1

    def test_its_own_documents_give_examples_of_their_own(
        self, server: BotApiServer, start_bot: StartBot, tmp_path: Path
    ) -> None:
        folder = tmp_path / "library"
        folder.mkdir()
        text = "افتتحت بلدية الخليل مكتبة جديدة في حي الشيخ. تضم المكتبة 12 ألف كتاب."
        (folder / "news.txt").write_text(text, "utf-8")
        start_bot(JAWAB_DOCS=str(folder))
        server.send_text("/start")
        (button,) = server.wait_for_message().buttons
        server.press(server.messages()[0], button["callback_data"])
        assert "افتتحت بلدية الخليل" in server.wait_for_message(count=2).text


def test_every_call_has_been_understood(server: BotApiServer, start_bot: StartBot) -> None:
    start_bot()
    server.send_text("/start")
    server.send_text(SUMMIT)
    server.wait_for_message(count=2)

    def refused(call: Call) -> bool:
        return call.status not in {200, None}

    assert [call for call in server.calls() if refused(call)] == []
