"""A group as the tests play it, and questions whose answers they know."""

from __future__ import annotations

import itertools
from typing import Any

from tests.telegram.markup import Json
from tests.telegram.records import Sent, SentMessage
from tests.telegram.server import BotApiServer

SUMMIT = "متى القمة المقبلة؟"
SUMMIT_DATE = ["11 نوفمبر 2026"]
PUBLISHED = "ما تاريخ الخبر؟"
PUBLISHED_DATE = ["27/11/2025"]
NOT_HELD = "كيف أطبخ كبسة الدجاج؟"
AT_US = "@jawab_test_bot"

_numbers = itertools.count(1)


class Group:
    """A supergroup of its own for a test, and somebody who writes in it."""

    def __init__(self, server: BotApiServer, chat_id: int | None = None) -> None:
        number = next(_numbers)
        self.server = server
        self.id = -100_000_000_000 - number if chat_id is None else chat_id
        self.member = 50_000 + number

    def says(
        self,
        text: str,
        *,
        user_id: int | None = None,
        chat_type: str = "supergroup",
        language_code: str = "ar",
        **fields: Any,
    ) -> Sent:
        return self.server.send_text(
            text,
            chat_id=self.id,
            user_id=user_id or self.member,
            chat_type=chat_type,
            language_code=language_code,
            **fields,
        )

    def posts(self, fields: Json, *, user_id: int | None = None) -> Sent:
        return self.server.send_message(
            fields, chat_id=self.id, user_id=user_id or self.member, chat_type="supergroup"
        )

    def says_anonymously(self, text: str, channel: int | None = None) -> Sent:
        """An administrator says something in the group's name, or somebody in a channel's."""
        user: Json = {"id": 1_087_968_824, "is_bot": True, "first_name": "Group"}
        chat: Json = {"id": self.id, "type": "supergroup", "title": "Group"}
        if channel is not None:
            user = {"id": 136_817_688, "is_bot": True, "first_name": "Channel"}
            chat = {"id": channel, "type": "channel", "title": "Channel"}
        names: Json = {"from": user, "sender_chat": chat}
        return self.says(text, **names)

    def reply(self, count: int = 1) -> SentMessage:
        return self.server.wait_for_message(self.id, count=count)

    def somebodys(self, text: str, **fields: Any) -> Json:
        """A message of somebody else, as the one that replies to it carries it."""
        sent = self.posts({"text": text} | fields, user_id=self.member + 100_000)
        return self.shown(sent, {"text": text} | fields)

    def shown(self, sent: Sent, fields: Json) -> Json:
        return {
            "message_id": sent.message_id,
            "date": 1,
            "chat": {"id": self.id, "type": "supergroup", "title": "Group"},
            "from": {"id": sent.user_id, "is_bot": False, "first_name": "Somebody"},
            **fields,
        }

    def is_silent_until_asked(self) -> None:
        """Tell silence without waiting for nothing: the next thing said is the next answer."""
        asked = self.says(f"/ask {PUBLISHED}")
        reply = self.reply()
        assert reply.reply_to_message_id == asked.message_id
        assert reply.bold == PUBLISHED_DATE
        typed = [c for c in self.server.calls("sendChatAction") if c.params["chat_id"] == self.id]
        assert len(typed) == 1
