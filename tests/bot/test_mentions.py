"""What a message of a group asks the bot."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from telegram import Chat, Message, MessageEntity, TextQuote, User

from bot.mentions import question_after_command, question_to
from tests.telegram.markup import spotted, utf16_length

QUESTION = "متى القمة المقبلة؟"
BOT = User(7, "Jawab", is_bot=True, username="jawab_test_bot")
MEMBER = User(8, "أحمد", is_bot=False)
AT_US = "@jawab_test_bot"


def message(text: str | None, by: User = MEMBER, **fields: Any) -> Message:
    entities = [MessageEntity.de_json(entity, None) for entity in spotted(text or "")]
    fields = {"text": text, "entities": entities} | fields
    return Message(1, datetime.now(UTC), Chat(-100, Chat.SUPERGROUP), from_user=by, **fields)


def asked(text: str, **fields: Any) -> str | None:
    return question_to(message(text, **fields), BOT.id, "jawab_test_bot")


def commanded(text: str, **fields: Any) -> str:
    return question_after_command(message(text, **fields), BOT.id, "jawab_test_bot")


@pytest.mark.parametrize(
    "text",
    [
        f"{AT_US} {QUESTION}",
        f"{QUESTION} {AT_US}",
        f"{QUESTION}\n{AT_US}",
        f"@JAWAB_Test_bot {QUESTION}",
        f"{AT_US} {AT_US} {QUESTION}",
    ],
)
def test_a_mention_is_no_part_of_the_question(text: str) -> None:
    assert asked(text) == QUESTION


@pytest.mark.parametrize("before", ["🙂", "👩‍👩‍👧‍👦👍🏽", "𐎠𐎡", "مَتَى 🙂"])
def test_what_takes_two_units_of_utf_16_moves_no_mention(before: str) -> None:
    assert asked(f"{before} {AT_US} {QUESTION} 🙂") == f"{before}  {QUESTION} 🙂"


def test_a_mention_in_the_middle_leaves_both_sides() -> None:
    assert (asked(f"متى {AT_US} القمة المقبلة؟") or "").split() == QUESTION.split()


@pytest.mark.parametrize(
    "text",
    [QUESTION, f"{AT_US}2 {QUESTION}", f"@my{AT_US[1:]} {QUESTION}", AT_US[1:], f"x{AT_US}", ""],
)
def test_other_names_are_not_the_bots(text: str) -> None:
    assert asked(text) is None


def test_other_mentions_stay_in_the_question() -> None:
    assert asked(f"{AT_US} من @ahmad_ahmad؟") == "من @ahmad_ahmad؟"


@pytest.mark.parametrize(("user", "said"), [(BOT, QUESTION), (MEMBER, None)])
def test_a_mention_by_name_is_told_by_its_user(user: User, said: str | None) -> None:
    before = "🙂 "
    name = MessageEntity(
        MessageEntity.TEXT_MENTION, utf16_length(before), utf16_length("جواب"), user=user
    )
    text = asked(f"{before}جواب {QUESTION}", entities=[name])
    assert text == (said and f"{before} {said}")


def test_a_reply_to_the_bot_asks_it() -> None:
    assert asked(QUESTION, reply_to_message=message("جواب", by=BOT)) == QUESTION
    assert asked(QUESTION, reply_to_message=message("كلام")) is None


@pytest.mark.parametrize("text", [AT_US, f"{AT_US}؟", f"🙏 {AT_US} …", f" {AT_US}\n"])
def test_a_mention_without_a_word_asks_what_it_replies_to(text: str) -> None:
    assert asked(text, reply_to_message=message(QUESTION)) == QUESTION
    captioned = message(None, caption=QUESTION)
    assert asked(text, reply_to_message=captioned) == QUESTION


def test_the_part_that_a_reply_quotes_is_what_it_asks() -> None:
    above = message(f"صباح الخير. {QUESTION} شكرًا.")
    quote = TextQuote(QUESTION, 13, is_manual=True)
    assert asked(AT_US, reply_to_message=above, quote=quote) == QUESTION
    assert commanded("/ask", reply_to_message=above, quote=quote) == QUESTION


def test_a_mention_alone_asks_nothing_of_the_bots_own_words() -> None:
    assert asked(AT_US) == ""
    assert asked(AT_US, reply_to_message=message(QUESTION, by=BOT)) == ""
    assert asked(AT_US, reply_to_message=message(None)) == ""


@pytest.mark.parametrize(
    "text",
    [
        f"/ask {QUESTION}",
        f"/ask\n{QUESTION}",
        f"/ask\u00a0{QUESTION}",
        f"/ask: {QUESTION}",
        f"/ask{AT_US} {QUESTION}",
        f"/ask {AT_US} {QUESTION}",
    ],
)
def test_a_command_asks_what_stands_behind_it(text: str) -> None:
    assert commanded(text).lstrip(": ") == QUESTION


@pytest.mark.parametrize("text", ["/ask", "/ask ", f"/ask{AT_US}", "/ask ؟"])
def test_a_command_alone_asks_what_it_replies_to(text: str) -> None:
    assert commanded(text, reply_to_message=message(QUESTION)) == QUESTION
    assert commanded(f"/ask {QUESTION}", reply_to_message=message("كلام")) == QUESTION


def test_a_command_alone_asks_nothing() -> None:
    assert commanded("/ask") == ""


def test_a_command_in_the_middle_is_part_of_the_question() -> None:
    assert commanded(f"/ask ما /start؟ {QUESTION}") == f"ما /start؟ {QUESTION}"
