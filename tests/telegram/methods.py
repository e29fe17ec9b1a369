"""The methods of the Bot API: what they refuse, what they change and what they answer."""

import itertools
import json
import re
import time
from collections import defaultdict
from dataclasses import dataclass
from functools import partialmethod
from threading import Condition

from tests.telegram.markup import (
    ApiError,
    Json,
    compact,
    formatted,
    keyboard,
    require,
    utf16_length,
)

TOKEN = "123456789:AAHtests-only-token-0123456789abcdefg"
USER_ID = 1000

_ACTIONS = frozenset(
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document"
    " choose_sticker find_location record_video_note upload_video_note".split()
)


@dataclass(frozen=True)
class Upload:
    """A file part of a request."""

    filename: str
    mime_type: str
    content: bytes


def scope_key(scope: Json | None, language_code: str | None) -> tuple[str, str]:
    return json.dumps(scope or {"type": "default"}, sort_keys=True), language_code or ""


class BotApiMethods:
    """The state of the chats, and a method ``_api_…`` for each method of the Bot API.

    All of it is guarded by ``_changed``, which whoever calls a method holds.
    """

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        bot = {"id": int(token.partition(":")[0]), "is_bot": True}
        self.bot: Json = {**bot, "first_name": "Jawab", "username": "jawab_test_bot"}
        # Guards everything below, and tells the test thread of every change.
        self._changed = Condition()
        self._updates: list[Json] = []
        self._webhook: Json = {"url": "", "has_custom_certificate": False}
        self._chats: dict[int, Json] = {}
        self._left: set[int] = set()
        self._users: dict[int, Json] = {}
        self._messages: defaultdict[int, dict[int, Json]] = defaultdict(dict)
        self._html: dict[tuple[int, int], str] = {}  # of the bot's own messages, and no others
        self._queries: set[str] = set()
        self._files: dict[str, bytes] = {}
        self._commands: dict[tuple[str, str], list[Json]] = {}
        self._ids = itertools.count(1)
        self._update_ids = itertools.count(700_000_001)

    def add_file(self, content: bytes, path: str = "documents/file.txt") -> str:
        """Keeps a file the bot may download, and returns its file_id."""
        self._files[path] = content
        return f"file:{path}"

    def commands(self, scope: Json | None = None, language_code: str = "") -> list[Json]:
        """The command list set for exactly this scope and language."""
        with self._changed:
            return self._commands.get(scope_key(scope, language_code), [])

    def _api_set_webhook(self, params: Json) -> bool:
        url = params.get("url", "")
        secure = not url or url.startswith("https://")
        require(secure, "bad webhook: An HTTPS URL must be provided for webhook")
        if params.get("drop_pending_updates"):
            self._updates.clear()
        self._webhook = {"url": url, "has_custom_certificate": "certificate" in params}
        return True

    def _api_delete_webhook(self, params: Json) -> bool:
        return self._api_set_webhook({**params, "url": ""})

    def _api_get_webhook_info(self, _params: Json) -> Json:
        return {**self._webhook, "pending_update_count": len(self._updates)}

    # Chats and messages.

    def _chat(self, params: Json) -> Json:
        chat_id = params.get("chat_id", "")
        require(chat_id != "", "chat_id is empty")
        require(chat_id in self._chats, "chat not found")
        chat = self._chats[chat_id]
        if chat_id in self._left:
            raise ApiError(403, f"Forbidden: bot is not a member of the {chat['type']} chat")
        return chat

    def _post(self, params: Json, content: Json, shown: str) -> Json:
        chat, markup = self._chat(params), keyboard(params)
        # Without reply_parameters the older fields of the same names stand in the request itself.
        reply = params.get("reply_parameters") or params
        target_id = reply.get("reply_to_message_id" if reply is params else "message_id")
        target = self._messages[chat["id"]].get(target_id or 0)
        found = target or not target_id or reply.get("allow_sending_without_reply")
        require(found, "message to be replied not found")
        message = {
            "message_id": next(self._ids),
            **({"sender_chat": chat} if chat["type"] == "channel" else {"from": self.bot}),
            "chat": chat,
            "date": int(time.time()),
            "message_thread_id": params.get("message_thread_id"),
            "reply_to_message": target and compact({**target, "reply_to_message": None}),
            **content,
            "reply_markup": markup,
        }
        self._html[chat["id"], message["message_id"]] = shown
        return self._messages[chat["id"]].setdefault(message["message_id"], compact(message))

    def _api_send_message(self, params: Json) -> Json:
        return self._post(params, *formatted(params))

    def _send_file(self, params: Json, *, kind: str) -> Json:
        file = params.get(kind) or ""
        if isinstance(file, str):
            file = params.get(file.removeprefix("attach://"), file)
        require(file, f"there is no {kind} in the request")
        if isinstance(file, Upload):
            file = self.add_file(file.content, f"{kind}s/{next(self._ids)}/{file.filename}")
        about = self._api_get_file({"file_id": file}, "wrong file identifier/HTTP URL specified")
        name = about.pop("file_path").rpartition("/")[2]
        media = {**about, "file_name": name}
        sizes = [{**about, "width": 90, "height": 90}]
        content, shown = formatted(params, "caption")
        return self._post(params, {kind: sizes if kind == "photo" else media, **content}, shown)

    _api_send_document = partialmethod(_send_file, kind="document")
    _api_send_photo = partialmethod(_send_file, kind="photo")

    def _api_get_file(self, params: Json, refusal: str = "invalid file_id") -> Json:
        path = params.get("file_id", "").removeprefix("file:")
        require(path in self._files, refusal)
        about = {"file_id": f"file:{path}", "file_unique_id": path, "file_path": path}
        return {**about, "file_size": len(self._files[path])}

    def _edit(self, params: Json, content: Json, shown: str | None = None) -> Json | bool:
        markup = keyboard(params)
        if "inline_message_id" in params:
            return True
        key = chat_id, message_id = self._chat(params)["id"], params.get("message_id", 0)
        old = self._messages[chat_id].get(message_id, {})
        require(old, "message to edit not found")
        require(key in self._html, "message can't be edited")
        require("text" in old or not content, "there is no text in the message to edit")
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
        return self._edit(params, *formatted(params, too_long="MESSAGE_TOO_LONG"))

    def _api_edit_message_reply_markup(self, params: Json) -> Json | bool:
        return self._edit(params, {})

    def _api_delete_message(self, params: Json) -> bool:
        messages = self._messages[self._chat(params)["id"]]
        require(messages.pop(params.get("message_id", 0), None), "message to delete not found")
        return True

    def _api_send_chat_action(self, params: Json) -> bool:
        self._chat(params)
        require(params.get("action") in _ACTIONS, "wrong parameter action in request")
        return True

    def _api_get_chat(self, params: Json) -> Json:
        gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
        accepted = dict.fromkeys((*gifts, "gifts_from_channels"), True)
        more = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": accepted}
        return {**self._chat(params), **more}

    def _api_leave_chat(self, params: Json) -> bool:
        chat = self._chat(params)
        private = chat["type"] == "private"
        require(not private, "chat member status can't be changed in private chats")
        self._left.add(chat["id"])
        return True

    # Queries.

    def _query(self, params: Json, field: str) -> None:
        known = params.get(field) in self._queries
        require(known, "query is too old and response timeout expired or query ID is invalid")

    def _api_answer_callback_query(self, params: Json) -> bool:
        self._query(params, "callback_query_id")
        require(utf16_length(params.get("text") or "") <= 200, "MESSAGE_TOO_LONG")
        return True

    def _api_answer_inline_query(self, params: Json) -> bool:
        self._query(params, "inline_query_id")
        results = params.get("results") or []
        names = [str(result.get("id", "")) for result in results]
        require(len(results) <= 50, "RESULTS_TOO_MUCH")
        require(all(1 <= len(name.encode()) <= 64 for name in names), "RESULT_ID_INVALID")
        require(len(set(names)) == len(names), "RESULT_ID_DUPLICATE")
        for result in results:
            keyboard(result)
            require(result.get("type") != "article" or result.get("title"), "ARTICLE_TITLE_EMPTY")
            if "message_text" in (content := result.get("input_message_content", {})):
                formatted(content, "message_text")
        return True

    # The bot itself.

    def _api_get_me(self, _params: Json) -> Json:
        abilities = {"can_join_groups": True, "can_read_all_group_messages": False}
        more = {"can_connect_to_business": False, "has_main_web_app": False}
        return {**self.bot, **abilities, **more, "supports_inline_queries": True}

    def _api_set_my_commands(self, params: Json) -> bool:
        code, commands = params.get("language_code") or "", params.get("commands") or []
        require(re.fullmatch(r"(?:[a-z]{2})?", code), "invalid language code specified")
        require(len(commands) <= 100, "BOT_COMMANDS_TOO_MUCH")
        for item in commands:
            for field, words, limit in (
                ("command", "command", 32),
                ("description", "command description", 256),
            ):
                require(item.get(field, "").strip(), f"{words} must be non-empty")
                require(len(item[field]) <= limit, f"{words} length must not exceed {limit}")
            require(re.fullmatch(r"[a-z0-9_]{1,32}", item["command"]), "BOT_COMMAND_INVALID")
        self._commands[scope_key(params.get("scope"), code)] = commands
        return True

    def _api_get_my_commands(self, params: Json) -> list[Json]:
        return self.commands(params.get("scope"), params.get("language_code", ""))

    # Telegram's own words for these three refusals are not published.
    def _set_profile(self, params: Json, *, field: str, limit: int) -> bool:
        require(len(params.get(field) or "") <= limit, f"{field.upper()}_TOO_LONG")
        return True

    _api_set_my_name = partialmethod(_set_profile, field="name", limit=64)
    _api_set_my_description = partialmethod(_set_profile, field="description", limit=512)
    _api_set_my_short_description = partialmethod(
        _set_profile, field="short_description", limit=120
    )

    def _api_close(self, _params: Json) -> bool:
        return True

    _api_log_out = _api_close
