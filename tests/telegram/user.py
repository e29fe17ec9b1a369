"""The user's side: what a person does in Telegram that the bot gets to know of."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from tests.telegram.markup import Json, compact, spotted
from tests.telegram.methods import BotApiMethods
from tests.telegram.records import Sent, SentMessage
from tests.telegram.state import USER_ID


class UserSide(BotApiMethods):
    """What the test does in the user's place."""

    def send_message(
        self,
        fields: Mapping[str, Any],
        *,
        chat_id: int = USER_ID,
        user_id: int | None = None,
        language_code: str | None = "ar",
        chat_type: str = "private",
        update_id: int | None = None,
    ) -> Sent:
        """Sends the bot any message: ``fields`` are those of the Bot API's Message.

        An ``update_id`` of the test's own delivers it out of order, see ``updates``.
        """
        with self._lock:
            user = self._user(chat_id, user_id, language_code)
            known = self._chats.get(chat_id, {})
        private, channel = chat_type == "private", chat_type == "channel"
        name = {"first_name": user["first_name"]} if private else {"title": "Group"}
        chat = {"id": chat_id, **name, **known, "type": chat_type}
        if fields.get("is_topic_message"):
            chat["is_forum"] = True
        message: Json = {"message_id": next(self._ids), "date": int(time.time()), "chat": chat}
        message |= {"sender_chat": chat} if channel else {"from": user}
        message |= fields
        kind = "channel_post" if channel else "message"
        number = self.push(compact({"update_id": update_id, kind: message}))
        return Sent(number, message["message_id"], message["chat"]["id"], user["id"])

    def send_text(
        self,
        text: str,
        *,
        chat_id: int = USER_ID,
        user_id: int | None = None,
        language_code: str | None = "ar",
        chat_type: str = "private",
        update_id: int | None = None,
        **message_fields: Any,
    ) -> Sent:
        """Sends the bot a text, with the entities of its command and of the names it mentions."""
        return self.send_message(
            compact({"text": text, "entities": spotted(text)}) | message_fields,
            chat_id=chat_id,
            user_id=user_id,
            language_code=language_code,
            chat_type=chat_type,
            update_id=update_id,
        )

    def send_document(
        self,
        name: str,
        content: bytes,
        *,
        chat_id: int = USER_ID,
        user_id: int | None = None,
        language_code: str | None = "ar",
        chat_type: str = "private",
        mime_type: str = "text/plain",
        caption: str | None = None,
        size: int | None = None,
        **message_fields: Any,
    ) -> Sent:
        """Sends the bot a file; ``size`` makes Telegram tell of another size than it has."""
        path = f"documents/{next(self._ids)}/{name}"
        file_id = self.add_file(content, path, size=size)
        document = {
            "file_id": file_id,
            "file_unique_id": path,
            "file_name": name,
            "mime_type": mime_type,
            "file_size": self._files[path].size,
        }
        fields: Json = {"document": document, "caption": caption}
        if caption:
            fields["caption_entities"] = spotted(caption)
        return self.send_message(
            compact(fields) | message_fields,
            chat_id=chat_id,
            user_id=user_id,
            language_code=language_code,
            chat_type=chat_type,
        )

    def edit_text(self, sent: Sent, new_text: str) -> Sent:
        """Edits what the user sent."""
        message = {**self._messages[sent.chat_id][sent.message_id], "text": new_text}
        message |= {"edit_date": int(time.time()), "entities": spotted(new_text)}
        kind = "edited_channel_post" if "sender_chat" in message else "edited_message"
        update_id = self.push({kind: compact(message)})
        return Sent(update_id, sent.message_id, sent.chat_id, sent.user_id)

    def delete(self, message: Sent | SentMessage) -> None:
        """Deletes a message, the user's own or the bot's; Telegram does not tell the bot."""
        with self._lock:
            if not self._remove(message.chat_id, message.message_id):
                raise AssertionError(f"there is no such message: {message}")

    def press(
        self, message: SentMessage, data: str, *, user_id: int | None = None, forged: bool = False
    ) -> str:
        """Presses a button of a message as the test saw it, and returns the query's id.

        ``forged`` sends data that no button of the message has.
        """
        offered = [button.get("callback_data") for button in message.buttons]
        if data not in offered and not forged:
            raise AssertionError(f"no button with {data!r} on the message, only {offered}")
        chat_id, message_id = message.chat_id, message.message_id
        gone = {"chat": message.raw["chat"], "message_id": message_id, "date": 0}
        query = {
            "id": str(next(self._ids) + 10**15),
            "from": self._user(chat_id, user_id),
            "message": self._messages[chat_id].get(message_id, gone),
            "chat_instance": str(chat_id),
            "data": data,
        }
        self.push({"callback_query": query})
        return str(query["id"])

    def send_inline(
        self,
        query: str,
        *,
        user_id: int = USER_ID,
        offset: str = "",
        language_code: str | None = "ar",
        chat_type: str | None = "private",
    ) -> str:
        """Writes an inline query in some chat, and returns its id."""
        inline = {
            "id": str(next(self._ids) + 10**15),
            "from": self._user(user_id, user_id, language_code),
            "chat_type": chat_type,
            "query": query,
            "offset": offset,
        }
        self.push({"inline_query": compact(inline)})
        return str(inline["id"])

    # Chats.

    def block(self, user_id: int = USER_ID) -> int:
        """Blocks the bot, which is told of it; what it sends from now on is refused."""
        return self._membership_by(user_id, user_id, "member", "kicked", {"type": "private"})

    def unblock(self, user_id: int = USER_ID) -> int:
        """Lets the bot write again, which is told of it."""
        return self._membership_by(user_id, user_id, "kicked", "member", {"type": "private"})

    def join(
        self,
        chat_id: int,
        title: str = "Group",
        user_id: int = USER_ID,
        *,
        chat_type: str = "supergroup",
    ) -> int:
        """Adds the bot to a group, which is told of it."""
        chat = {"type": chat_type, "title": title}
        return self._membership_by(chat_id, user_id, "left", "member", chat)

    def kick(self, chat_id: int, user_id: int = USER_ID) -> int:
        """Removes the bot from a group, which is told of it."""
        return self._membership_by(chat_id, user_id, "member", "kicked", {})

    def migrate(self, old_chat_id: int, new_chat_id: int) -> None:
        """Makes a group a supergroup: both tell the bot, and the old one refuses everything."""
        title = self._chats.get(old_chat_id, {}).get("title", "Group")
        group = {"id": old_chat_id, "type": "group", "title": title}
        supergroup = {"id": new_chat_id, "type": "supergroup", "title": title}
        for chat, field, other in (
            (group, "migrate_to_chat_id", new_chat_id),
            (supergroup, "migrate_from_chat_id", old_chat_id),
        ):
            self.send_message(
                {"chat": chat, field: other}, chat_id=chat["id"], chat_type=chat["type"]
            )

    def set_member(self, chat_id: int, user_id: int, status: str) -> None:
        """Makes someone ``creator``, ``administrator``, ``member`` or ``left``, without a word."""
        with self._lock:
            user = self.bot if user_id == self.bot["id"] else self._user(chat_id, user_id)
            self._members[chat_id, user["id"]] = status

    def _membership_by(self, chat_id: int, user_id: int, old: str, new: str, about: Json) -> int:
        with self._lock:
            user = self._user(chat_id, user_id)
            name = {"first_name": user["first_name"]} if about.get("type") == "private" else {}
            chat = {"id": chat_id, **name, **self._chats.get(chat_id, {}), **about}
            return self._change_membership(chat, user, old, new)

    def _user(self, chat_id: int, user_id: int | None, language_code: str | None = None) -> Json:
        number = user_id or (chat_id if chat_id > 0 else USER_ID)
        user = {"id": number, "is_bot": False, "first_name": f"User {number}"}
        user = {**self._users.get(number, {}), **user, **compact({"language_code": language_code})}
        self._users[number] = user
        return user
