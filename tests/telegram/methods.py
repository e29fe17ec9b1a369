"""The methods of the Bot API for chats and messages: what they refuse, change and answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partialmethod
from typing import Any

from telegram.constants import ReactionEmoji

from tests.telegram.markup import Json, compact, formatted, keyboard, require
from tests.telegram.state import TOKEN, USER_ID, StoredFile, Upload
from tests.telegram.updates import Updates

__all__ = ["TOKEN", "USER_ID", "BotApiMethods", "Upload"]

_ACTIONS = frozenset(
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document"
    " choose_sticker find_location record_video_note upload_video_note".split()
)
_LARGEST_DOWNLOAD, _LARGEST_PHOTO = 20 << 20, 10 << 20  # bytes
_EMOJI = frozenset(emoji.value.replace("\ufe0f", "") for emoji in ReactionEmoji)
_RIGHTS = (
    "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats"
    " can_restrict_members can_promote_members can_change_info can_invite_users can_post_stories"
    " can_edit_stories can_delete_stories can_pin_messages can_manage_topics"
).split()


def chat_member(user: Json, status: str) -> Json:
    """A ChatMember with all that its status asks for."""
    more: Json = {}
    if status == "administrator":
        more = dict.fromkeys(_RIGHTS, True) | {"is_anonymous": False}
    elif status == "creator":
        more = {"is_anonymous": False}
    elif status == "kicked":
        more = {"until_date": 0}
    return {"user": user, "status": status, **more}


def picture_size(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG; any other picture counts as a small square."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    return 90, 90


class BotApiMethods(Updates):
    """A method ``_api_…`` for each method of the Bot API."""

    def reactions(self, chat_id: int, message_id: int) -> list[str]:
        """The bot's reactions to a message."""
        with self._lock:
            return list(self._reactions.get((chat_id, message_id), ()))

    # Messages.

    def _post(self, params: Json, content: Json, shown: str) -> Json:
        chat, markup = self._chat(params, to_write=True), keyboard(params)
        chat_id: int = chat["id"]
        thread_id = self._topic(chat_id, params)
        # Without reply_parameters the older fields of the same names stand in the request itself.
        reply = params.get("reply_parameters") or params
        target_id = reply.get("reply_to_message_id" if reply is params else "message_id")
        target = self._messages[chat_id].get(target_id or 0)
        found = target or not target_id or reply.get("allow_sending_without_reply")
        require(found, "message to be replied not found")
        if thread_id is None and target and target.get("is_topic_message"):
            # A reply stands where the message it replies to does.
            thread_id = target["message_thread_id"]
        message = {
            "message_id": next(self._ids),
            **({"sender_chat": chat} if chat["type"] == "channel" else {"from": self.bot}),
            "chat": chat,
            "date": int(time.time()),
            "message_thread_id": thread_id,
            "is_topic_message": thread_id and True,
            "reply_to_message": target and compact({**target, "reply_to_message": None}),
            "has_protected_content": params.get("protect_content") or None,
            "effect_id": params.get("message_effect_id"),
            **content,
            "reply_markup": markup,
        }
        number: int = message["message_id"]
        self._html[chat_id, number] = shown
        self._own[chat_id].append(number)
        self._messages[chat_id][number] = sent = compact(message)
        return sent

    def _topic(self, chat_id: int, params: Json) -> int | None:
        thread_id: int | None = params.get("message_thread_id") or None
        known = thread_id is None or thread_id in self._topics.get(chat_id, ())
        require(known, "message thread not found")
        return thread_id

    def _api_send_message(self, params: Json) -> Json:
        content, shown = formatted(params)
        # As the request gave them; Telegram looks for links in the text first.
        content["link_preview_options"] = params.get("link_preview_options")
        return self._post(params, content, shown)

    def _send_file(self, params: Json, *, kind: str) -> Json:
        return self._post(params, *self._media(params, kind, params.get(kind) or "", params))

    _api_send_document = partialmethod(_send_file, kind="document")
    _api_send_photo = partialmethod(_send_file, kind="photo")

    def _media(
        self, params: Json, kind: str, file: str | Upload, caption: Json
    ) -> tuple[Json, str]:
        """The content of a message with a file, and its caption's HTML."""
        if isinstance(file, str):
            file = params.get(file.removeprefix("attach://"), file)
        require(file, f"there is no {kind} in the request")
        mime_type = None
        if isinstance(file, Upload):
            require(file.content, "file must be non-empty")
            mime_type = file.mime_type
            file = self.add_file(file.content, f"{kind}s/{next(self._ids)}/{file.filename}")
        path, stored = self._file(file, "wrong file identifier/HTTP URL specified")
        about: Json = {"file_id": file, "file_unique_id": path, "file_size": stored.size}
        if kind == "photo":
            most = f"too big for a photo; the maximum size is {_LARGEST_PHOTO} bytes"
            require(stored.size <= _LARGEST_PHOTO, f"file of size {stored.size} bytes is {most}")
            width, height = sorted(picture_size(stored.content))
            fits = width > 0 and width + height <= 10_000 and height <= 20 * width
            require(fits, "PHOTO_INVALID_DIMENSIONS")
            width, height = picture_size(stored.content)
            media: Any = [{**about, "width": width, "height": height}]
        else:
            name = path.rpartition("/")[2]
            media = compact({**about, "file_name": name, "mime_type": mime_type})
        content, shown = formatted(caption, "caption")
        return {kind: media, **content}, shown

    def _file(self, file_id: str, refusal: str) -> tuple[str, StoredFile]:
        path = file_id.removeprefix("file:")
        require(path in self._files, refusal)
        return path, self._files[path]

    def _api_get_file(self, params: Json) -> Json:
        path, stored = self._file(params.get("file_id", ""), "invalid file_id")
        require(stored.size <= _LARGEST_DOWNLOAD, "file is too big")
        about = {"file_id": f"file:{path}", "file_unique_id": path, "file_path": path}
        return {**about, "file_size": stored.size}

    def _edit(
        self,
        params: Json,
        content: Json,
        shown: str | None = None,
        *,
        fits: Callable[[Json], str] = lambda _old: "",
    ) -> Json | bool:
        """Changes a message; ``fits`` says why a message cannot have this content, if so."""
        markup = keyboard(params)
        if "inline_message_id" in params:
            return True
        key = chat_id, message_id = self._chat(params)["id"], params.get("message_id", 0)
        old = self._messages[chat_id].get(message_id, {})
        require(old, "message to edit not found")
        require(key in self._html, "message can't be edited")
        unfit = fits(old)
        require(not unfit, unfit)
        new = compact({**old, **content, "reply_markup": markup})
        require(
            new != old,
            "message is not modified: specified new message content and reply markup are"
            " exactly the same as a current content and reply markup of the message",
        )
        if shown is not None:
            new["edit_date"] = int(time.time())
            self._html[key] = shown
        self._messages[chat_id][message_id] = new
        return new

    def _api_edit_message_text(self, params: Json) -> Json | bool:
        # An edit is refused by another part of Telegram than a new message, in other words.
        content, shown = formatted(params, too_long="MESSAGE_TOO_LONG")
        content["link_preview_options"] = params.get("link_preview_options")
        words = "there is no text in the message to edit"
        return self._edit(params, content, shown, fits=lambda old: "" if "text" in old else words)

    def _api_edit_message_caption(self, params: Json) -> Json | bool:
        words = "there is no caption in the message to edit"
        content, shown = formatted(params, "caption")
        return self._edit(params, content, shown, fits=lambda old: words if "text" in old else "")

    def _api_edit_message_media(self, params: Json) -> Json | bool:
        media = params.get("media") or {}
        kind = str(media.get("type"))
        require(kind in ("photo", "document"), "can't parse InputMedia: type must be non-empty")
        content, shown = self._media(params, kind, media.get("media") or "", media)
        nothing: Json = dict.fromkeys(("text", "entities", "photo", "document"))
        return self._edit(params, {**nothing, **content}, shown)

    def _api_edit_message_reply_markup(self, params: Json) -> Json | bool:
        return self._edit(params, {})

    def _api_delete_message(self, params: Json) -> bool:
        chat_id = self._chat(params)["id"]
        known = self._remove(chat_id, params.get("message_id", 0))
        require(known, "message to delete not found")
        return True

    def _api_set_message_reaction(self, params: Json) -> bool:
        chat_id, message_id = self._chat(params)["id"], params.get("message_id", 0)
        require(message_id in self._messages[chat_id], "message to react not found")
        given = params.get("reaction") or []
        emoji = [reaction.get("emoji", "").replace("\ufe0f", "") for reaction in given]
        require(len(emoji) <= 1, "REACTIONS_TOO_MANY")
        require(all(one in _EMOJI for one in emoji), "REACTION_INVALID")
        self._reactions[chat_id, message_id] = emoji
        return True

    def _api_send_chat_action(self, params: Json) -> bool:
        self._topic(self._chat(params, to_write=True)["id"], params)
        require(params.get("action") in _ACTIONS, "wrong parameter action in request")
        return True

    # Chats.

    def _api_get_chat(self, params: Json) -> Json:
        gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
        accepted = dict.fromkeys((*gifts, "gifts_from_channels"), True)
        more = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": accepted}
        return {**self._chat(params), **more}

    def _api_get_chat_member(self, params: Json) -> Json:
        chat_id, user_id = self._chat(params)["id"], params.get("user_id", 0)
        if user_id == self.bot["id"]:
            return chat_member(self.bot, self._members.get((chat_id, user_id), "member"))
        require(user_id in self._users, "user not found")
        return chat_member(self._users[user_id], self._members.get((chat_id, user_id), "left"))

    def _api_get_chat_administrators(self, params: Json) -> list[Json]:
        chat = self._chat(params)
        private = chat["type"] == "private"
        require(not private, "there are no administrators in the private chat")
        return [
            chat_member(self._users[user_id], status)
            for (chat_id, user_id), status in self._members.items()
            if chat_id == chat["id"] and status in ("creator", "administrator")
        ]

    def _api_leave_chat(self, params: Json) -> bool:
        chat = self._chat(params)
        private = chat["type"] == "private"
        require(not private, "chat member status can't be changed in private chats")
        self._change_membership(chat, self.bot, "member", "left")
        return True

    def _change_membership(self, chat: Json, by: Json, old: str, new: str) -> int:
        """Tells the bot that it was taken into a chat, or out of it."""
        member = {
            "chat": chat,
            "from": by,
            "date": int(time.time()),
            "old_chat_member": chat_member(self.bot, old),
            "new_chat_member": chat_member(self.bot, new),
        }
        return self.push({"my_chat_member": member})
