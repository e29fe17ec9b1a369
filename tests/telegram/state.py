"""The chats, users, messages and files that the server knows of."""

from __future__ import annotations

import bisect
import itertools
import time
from collections import defaultdict
from dataclasses import dataclass, field

from tests.telegram.calls import CallLog
from tests.telegram.markup import ApiError, Json, require
from tests.telegram.records import CallbackAnswer, InlineAnswer, SentMessage

TOKEN = "123456789:AAHtests-only-token-0123456789abcdefg"
USER_ID = 1000

_MESSAGES = frozenset({"message", "edited_message", "channel_post", "edited_channel_post"})


@dataclass(frozen=True)
class Upload:
    """A file part of a request."""

    filename: str
    mime_type: str
    content: bytes


@dataclass(frozen=True)
class StoredFile:
    """A file that the bot may download; ``size`` is the size Telegram tells of it."""

    content: bytes
    size: int


@dataclass
class Query:
    """A press of a button or an inline query, which the bot may answer once."""

    kind: str
    update_id: int
    asked: float = field(default_factory=time.monotonic)
    callback_answers: list[CallbackAnswer] = field(default_factory=list)
    inline_answers: list[InlineAnswer] = field(default_factory=list)


class State(CallLog):
    """What Telegram remembers; guarded by ``_lock``, which whoever calls a method holds."""

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__()
        self.token = token
        bot = {"id": int(token.partition(":")[0]), "is_bot": True}
        self.bot: Json = {**bot, "first_name": "Jawab", "username": "jawab_test_bot"}
        self._chats: dict[int, Json] = {}
        self._topics: defaultdict[int, set[int]] = defaultdict(set)
        self._shut: dict[int, str] = {}  # why the bot may not write in a chat
        self._successors: dict[int, int] = {}  # the supergroups that groups became
        self._users: dict[int, Json] = {}
        self._members: dict[tuple[int, int], str] = {}  # status by chat and user
        self._messages: defaultdict[int, dict[int, Json]] = defaultdict(dict)
        # The bot's own messages: their ids in each chat, ascending, and their HTML.
        self._own: defaultdict[int, list[int]] = defaultdict(list)
        self._html: dict[tuple[int, int], str] = {}
        self._reactions: dict[tuple[int, int], list[str]] = {}
        self._queries: dict[str, Query] = {}
        self._files: dict[str, StoredFile] = {}
        self._ids = itertools.count(1)

    def add_file(
        self, content: bytes, path: str = "documents/file.txt", *, size: int | None = None
    ) -> str:
        """Keeps a file the bot may download, and returns its file_id.

        ``size`` is what Telegram says of it, so that a file too big to download need not exist.
        """
        with self._lock:
            self._files[path] = StoredFile(content, len(content) if size is None else size)
        return f"file:{path}"

    def messages(self, chat_id: int = USER_ID) -> list[SentMessage]:
        """The bot's messages in a chat as they are now."""
        with self._lock:
            return [self._shown(chat_id, number) for number in self._own.get(chat_id, ())]

    def wait_for_message(
        self, chat_id: int = USER_ID, *, count: int = 1, timeout: float = 10.0
    ) -> SentMessage:
        """Waits until the bot has ``count`` messages in the chat, and returns the last of these."""
        return self._wait(
            lambda: len(self._own.get(chat_id, ())) >= count,
            lambda: self._shown(chat_id, self._own[chat_id][count - 1]),
            timeout,
            f"{count} messages in chat {chat_id}",
        )

    def download(self, message: SentMessage) -> bytes:
        """The document or photo of a message of the bot."""
        file = message.raw.get("document") or message.raw["photo"][-1]
        with self._lock:
            return self._files[file["file_id"].removeprefix("file:")].content

    def _shown(self, chat_id: int, message_id: int) -> SentMessage:
        raw = self._messages[chat_id][message_id]
        return SentMessage(
            chat_id=chat_id,
            message_id=message_id,
            text=raw.get("text") or raw.get("caption") or "",
            html=self._html[chat_id, message_id],
            entities=raw.get("entities") or raw.get("caption_entities") or [],
            reply_markup=raw.get("reply_markup"),
            reply_to_message_id=raw.get("reply_to_message", {}).get("message_id"),
            edited="edit_date" in raw,
            raw=raw,
            message_thread_id=raw.get("message_thread_id"),
        )

    def _remove(self, chat_id: int, message_id: int) -> bool:
        """Deletes a message, whosever it is."""
        known = self._messages[chat_id].pop(message_id, None) is not None
        if self._html.pop((chat_id, message_id), None) is not None:
            own = self._own[chat_id]
            del own[bisect.bisect_left(own, message_id)]
        self._tell()
        return known

    def _chat(self, params: Json, *, to_write: bool = False) -> Json:
        chat_id = params.get("chat_id", "")
        require(chat_id != "", "chat_id is empty")
        require(chat_id in self._chats, "chat not found")
        if chat_id in self._successors:
            words = "Bad Request: group chat was upgraded to a supergroup chat"
            raise ApiError(400, words, migrate_to_chat_id=self._successors[chat_id])
        chat = self._chats[chat_id]
        # A user who blocks the bot keeps what it wrote before, and can be looked up.
        if chat_id in self._shut and (to_write or chat["type"] != "private"):
            raise ApiError(403, f"Forbidden: {self._shut[chat_id]}")
        return chat

    def _notice(self, kind: str, content: Json, update_id: int) -> None:
        """Takes from an update what it tells of chats, topics, messages and queries."""
        if kind in ("callback_query", "inline_query"):
            self._queries[content["id"]] = Query(kind, update_id)
        if "chat" not in content:
            return
        chat_id = content["chat"]["id"]
        chat = self._chats[chat_id] = {**self._chats.get(chat_id, {}), **content["chat"]}
        if kind == "my_chat_member":
            self._notice_membership(chat, content["new_chat_member"]["status"])
        elif kind in _MESSAGES:
            self._messages[chat_id][content["message_id"]] = content
            if chat["type"] != "private":
                self._shut.pop(chat_id, None)
            if content.get("is_topic_message"):
                chat["is_forum"] = True
                self._topics[chat_id].add(content["message_thread_id"])
            if "migrate_to_chat_id" in content:
                self._successors[chat_id] = content["migrate_to_chat_id"]
            if "from" in content:
                self._members.setdefault((chat_id, content["from"]["id"]), "member")

    def _notice_membership(self, chat: Json, status: str) -> None:
        if status not in ("left", "kicked"):
            self._shut.pop(chat["id"], None)
        elif chat["type"] == "private":
            self._shut[chat["id"]] = "bot was blocked by the user"
        else:
            how = "is not a member of" if status == "left" else "was kicked from"
            self._shut[chat["id"]] = f"bot {how} the {chat['type']} chat"
