"""Updates that nobody in their right mind would send, the same in every run."""

from __future__ import annotations

import base64
import itertools
import random
import string
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.hostile import (
    ADDRESSES,
    DIRECTIONS,
    ESCAPES,
    LINKED,
    MARKUP,
    WORDS,
)
from tests.telegram.markup import Json

_PIECES = (*WORDS, *DIRECTIONS, *ESCAPES, *LINKED, *MARKUP, *ADDRESSES)
_ENTITIES = (
    *("mention", "text_mention", "bot_command", "hashtag", "url", "text_link", "blockquote"),
    *("code", "pre", "custom_emoji", "expandable_blockquote", "of_tomorrow", "", "MENTION"),
)
_NUMBERS = (0, 1, -1, 7, 63, 4096, 2**31, -(2**31), 2**52, -(10**12))
_ID = "0123456789abcdef"
_SERVICE: tuple[Json, ...] = (
    {"new_chat_title": "<b>"},
    {"new_chat_members": []},
    {"left_chat_member": {"id": 5, "is_bot": True, "first_name": "\u202e"}},
    {"delete_chat_photo": True},
    {"group_chat_created": True},
    {"migrate_to_chat_id": -1, "chat": {"id": -77, "type": "group", "title": ""}},
    {"migrate_from_chat_id": 1, "chat": {"id": -78, "type": "supergroup", "title": "<"}},
    {"pinned_message": {"chat": {"id": 1, "type": "private"}, "message_id": 1, "date": 0}},
    {"successful_payment": {}, "of_tomorrow": [[{}]]},
    {"web_app_data": {"data": "<", "button_text": "\x1b"}},
    {"forum_topic_created": {"name": "\u202e", "icon_color": 1}, "message_thread_id": 9},
    {"dice": {"emoji": "🎲", "value": 6}},
    {"venue": {"location": {"longitude": 1e300, "latitude": -0.0}, "title": "", "address": ""}},
    {"contact": {"phone_number": "+1", "first_name": ""}},
    {"location": {"longitude": 181.0, "latitude": 91.0}},
    {"poll": {"id": "1", "question": "؟", "options": [], "total_voter_count": 0}},
    {"sticker": {"file_id": "a", "file_unique_id": "b", "type": "of_tomorrow"}},
    {"voice": {"file_id": "a", "file_unique_id": "b", "duration": -1}},
    {"photo": []},
    {"photo": [{"file_id": "a", "file_unique_id": "b", "width": 0, "height": 0}]},
    {"story": {"id": 1, "chat": {"id": 1, "type": "of_tomorrow"}}},
    {"giveaway": {}, "media_group_id": "1"},
    {},
)


class HostileUpdates:
    """Makes updates, each with one thing or more amiss.

    What Telegram always gives is there, in its type: an id, a date, a chat, a user.
    """

    def __init__(self, seed: int, *, user: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - the same in every run is the point
        self._user = user
        self._numbers = itertools.count(5_000_000)

    def __iter__(self) -> Iterator[Json]:
        makers: tuple[Callable[[], Json], ...] = (
            *(self.pressed, self.linked, self.written, self.edited, self.captioned),
            *(self.service, self.grouped, self.inline, self.member, self.huge),
        )
        while True:
            yield self._random.choice(makers)()

    def text(self, most: int = 12) -> str:
        count = self._random.randrange(most + 1)
        separator = self._random.choice(("", " "))
        return separator.join(self._random.choices(_PIECES, k=count))

    def data(self) -> str:
        """What a button carries: anything at all, or nearly what ours do."""
        some = self._random
        name = "".join(some.choices(_ID, k=some.choice((12, 16, 16, 15, 17))))
        number = some.choice(
            ("0", "1", "-1", "9", "99", "100", "999999", "٣", "²", "1e3", "", " 1")
        )
        page = some.choice(("0", "999999", "٩"))
        payload = self.payload()
        made = some.choice(
            (
                *(f"context:{name}:{number}", f"others:{name}:{number}", f"answer:{name}"),
                *(f"rate:{name}:{number}", f"q:{payload}", f"sources:{number}"),
                *(f"document:{name}:{number}:{page}", f"language:{number}", "language:zz"),
                *(f"remove:{number}", f"remove:{name}:yes", f"remove:{name}:ask", "q:", ":", "\n"),
                *(f"answer:{name}\n", f"\nanswer:{name}", f"ANSWER:{name}", f"answer:{name}" * 2),
                *("".join(some.choices(string.printable, k=some.randrange(1, 64))), self.text(3)),
                some.randbytes(some.randrange(1, 32)).decode("latin-1"),
            )
        )
        return made.encode("utf-8", "surrogatepass")[:64].decode("utf-8", "replace")

    def payload(self) -> str:
        some = self._random
        raw = some.choice(
            (
                some.randbytes(some.randrange(50)),
                self.text(3).encode("utf-8", "surrogatepass"),
                self.text(3).encode("cp1256", "replace"),
            )
        )
        coded = base64.urlsafe_b64encode(raw).decode()
        return some.choice((coded, coded.rstrip("="), coded[: some.randrange(70)], self.text(2)))

    def pressed(self) -> Json:
        message = self._message({"text": self.text(), "entities": self._entities()})
        message["from"] = {"id": 123456789, "is_bot": True, "first_name": "Jawab"}
        if self._random.random() < 0.2:
            message = {"chat": message["chat"], "message_id": 7, "date": 0}
        query: Json = {"id": f"{10**15 + next(self._numbers)}", "from": self._from()}
        query |= {"chat_instance": self.text(2), "message": message, "data": self.data()}
        if self._random.random() < 0.1:
            del query["message"]
            query["inline_message_id"] = self.text(2)
        if self._random.random() < 0.1:
            query["game_short_name"] = query.pop("data")
        return {"callback_query": query}

    def linked(self) -> Json:
        start = self._random.choice(("q_", "", "inline", "q_q_", "Q_"))
        text = f"/start {start}{self.payload()}"
        command = {"type": "bot_command", "offset": 0, "length": 6}
        return {"message": self._message({"text": text, "entities": [command]})}

    def written(self) -> Json:
        fields: Json = {"text": self.text(30)}
        if self._random.random() < 0.7:
            fields["entities"] = self._entities()
        if self._random.random() < 0.3:
            fields["text"] = "/" + self.text(2)
            fields["entities"] = [{"type": "bot_command", "offset": 0, "length": 3}]
        return {"message": self._message(fields)}

    def edited(self) -> Json:
        fields = self._random.choice(({}, {"text": self.text()}, {"caption": self.text()}))
        date = self._random.choice((0, 1, int(time.time()), 2**31))
        return {"edited_message": self._message({"edit_date": date, **fields})}

    def captioned(self) -> Json:
        photo = {"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}
        fields = {"caption": self.text(), "caption_entities": self._entities(), "photo": [photo]}
        return {"message": self._message(fields | {"media_group_id": self.text(1)})}

    def service(self) -> Json:
        fields = self._random.choice(_SERVICE)
        message = self._message({**fields, "of_tomorrow": {"deep": [[[[{}]]]]}})
        return {"message": message, "of_tomorrow": {"a": None}}

    def grouped(self) -> Json:
        text = f"@jawab_test_bot {self.text()}"
        fields: Json = {"text": text, "entities": self._entities()}
        fields["entities"] += [{"type": "mention", "offset": 0, "length": 15}]
        fields["chat"] = {"id": -next(self._numbers), "type": "supergroup", "title": self.text()}
        if self._random.random() < 0.5:
            above = self._message({"text": self.text(), "chat": fields["chat"]})
            fields |= {"reply_to_message": above, "quote": {"text": self.text(), "position": -1}}
            fields["quote"]["is_manual"] = True
        if self._random.random() < 0.3:
            fields["sender_chat"] = {"id": -1, "type": "channel", "title": self.text()}
        return {"message": self._message(fields)}

    def inline(self) -> Json:
        query: Json = {"id": f"{10**15 + next(self._numbers)}", "from": self._from()}
        query |= {"query": self.text(20), "offset": self.text(1)}
        return {"inline_query": query | {"chat_type": self.text(1)}}

    def member(self) -> Json:
        status = self._random.choice(("left", "kicked", "member", "restricted", "of_tomorrow"))
        user = {"id": 123456789, "is_bot": True, "first_name": "Jawab"}
        return {
            "my_chat_member": {
                "chat": {"id": self._user, "type": "private", "first_name": self.text()},
                "from": self._from(),
                "date": 0,
                "old_chat_member": {"user": user, "status": "member"},
                "new_chat_member": {"user": user, "status": status, "until_date": 0},
            }
        }

    def huge(self) -> Json:
        piece = self._random.choice(_PIECES) or " "
        text = (piece * 10_000)[: self._random.choice((4096, 10_000))]
        return {"message": self._message({"text": text})}

    def _message(self, fields: Json) -> Json:
        chat = {"id": self._user, "type": "private", "first_name": self.text()}
        message: Json = {"message_id": next(self._numbers), "date": int(time.time())}
        return message | {"chat": chat, "from": self._from()} | fields

    def _from(self) -> Json:
        user: Json = {"id": self._user, "is_bot": False, "first_name": self.text()}
        user |= {"username": self.text(1), "last_name": self.text()}
        return user | {"language_code": self._random.choice(("ar", "en", "", "٣", "x" * 99))}

    def _entities(self) -> list[Json]:
        def entity() -> Json:
            made: dict[str, Any] = {"type": self._random.choice(_ENTITIES)}
            made |= {"offset": self._random.choice(_NUMBERS)}
            made |= {"length": self._random.choice(_NUMBERS)}
            if self._random.random() < 0.3:
                made |= {"user": self._from(), "url": self._random.choice(ADDRESSES)}
            return made

        return [entity() for _ in range(self._random.randrange(4))]
