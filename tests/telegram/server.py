"""A Telegram Bot API server for tests, on this machine and without Telegram.

A bot in another process talks to it over real HTTP: give the process
``JAWAB_TELEGRAM_API_URL=server.url`` and the server's token. The server answers in the Bot API's
shapes, refuses what Telegram refuses in Telegram's words, and keeps each chat as its user would
see it. The test plays the user (``send_text``, ``press``), looks at the chat (``messages``) and
at the requests (``calls``), and breaks the connection where it wants to (``fail_next``).

Of the parse modes it reads HTML only, it finds no links or hashtags in a bot's plain text, and it
keeps a webhook's address without ever calling it.
"""

import asyncio
import contextlib
import itertools
import json
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Thread
from typing import Any, Self, TypeVar

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from tests.telegram.markup import (
    ApiError,
    Json,
    compact,
    require,
    spotted,
)
from tests.telegram.methods import TOKEN, USER_ID, BotApiMethods, Upload

T = TypeVar("T")


# Form values are text; all but these are read as JSON where they are JSON.
_TEXT_FIELDS = frozenset(
    "action callback_query_id caption description document file_id inline_query_id language_code"
    " name next_offset parse_mode photo secret_token short_description text url".split()
)
# Sent only to a bot that asks for them by name.
_OPT_IN_UPDATES = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True)
class Call:
    """One request of the bot; ``status`` is None while it waits and 0 where it got no answer."""

    method: str
    params: Json
    status: int | None


@dataclass(frozen=True)
class Sent:
    """What the user sent."""

    update_id: int
    message_id: int
    chat_id: int
    user_id: int


@dataclass(frozen=True)
class SentMessage:
    """A message of the bot as its reader sees it; ``raw`` is the Bot API's Message."""

    chat_id: int
    message_id: int
    text: str
    html: str
    entities: list[Json]
    reply_markup: Json | None
    reply_to_message_id: int | None
    edited: bool
    raw: Json

    @property
    def bold(self) -> list[str]:
        """The bold parts of the text."""
        units = self.text.encode("utf-16-le")
        spans = [(e["offset"], e["length"]) for e in self.entities if e["type"] == "bold"]
        return [units[2 * at : 2 * (at + size)].decode("utf-16-le") for at, size in spans]

    @property
    def buttons(self) -> list[Json]:
        """The inline keyboard's buttons, row after row."""
        return list(itertools.chain(*(self.reply_markup or {}).get("inline_keyboard", [])))


def _typed(name: str, value: Any) -> Any:
    if isinstance(value, str) and name not in _TEXT_FIELDS:
        with contextlib.suppress(ValueError):
            return json.loads(value)
    return value


class _Handler(RequestHandler):
    """A method of the Bot API, or the download of a file that getFile told of."""

    def initialize(self, server: "BotApiServer") -> None:
        self.server = server
        self.waiter: asyncio.Future[ApiError | None] | None = None

    async def get(self, file: str | None, token: str, name: str) -> None:
        if not file:
            await self.server._serve(self, token, name)
        elif token == self.server.token and name in self.server._files:
            await self.finish(self.server._files[name])
        else:
            self.set_status(404)

    post = get

    def params(self) -> Json:
        request = self.request
        values: Json = {name: parts[-1].decode() for name, parts in request.arguments.items()}
        if request.headers.get("Content-Type", "").startswith("application/json"):
            values |= json.loads(request.body or b"{}")
        for name, (part, *_) in request.files.items():
            values[name] = Upload(part.filename, part.content_type, part.body)
        return {name: _typed(name, value) for name, value in values.items()}

    def on_connection_close(self) -> None:
        self.server._interrupt(self.waiter, ApiError(0, "the bot went away"))


class BotApiServer(BotApiMethods):
    """The server: a context manager that listens on a free port of 127.0.0.1 in its own thread."""

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__(token)
        self.url = ""
        self._calls: list[Call] = []
        self._faults: defaultdict[str, deque[tuple[ApiError | None, float]]] = defaultdict(deque)
        self._allowed: list[str] = []
        self._waiter: asyncio.Future[ApiError | None] | None = None

    def __enter__(self) -> Self:
        sockets = bind_sockets(0, "127.0.0.1")
        self.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()

        async def run() -> None:
            routes = [(r"/(file/)?bot([^/]+)/(.+)", _Handler, {"server": self})]
            server = HTTPServer(Application(routes, log_function=lambda _handler: None))
            server.add_sockets(sockets)
            await self._stop.wait()
            server.stop()
            await server.close_all_connections()

        def serve() -> None:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(run())

        self._thread = Thread(target=serve, name="bot-api-server", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=10)

    # The user's side.

    def push(self, update: Json) -> int:
        """Queues an update for the bot as it is, and returns its id."""
        with self._changed:
            update = {"update_id": next(self._update_ids), **json.loads(json.dumps(update))}
            kind, content = next((k, v) for k, v in update.items() if k != "update_id")
            if "chat" in content:
                chat_id = content["chat"]["id"]
                self._chats[chat_id] = content["chat"]
                self._left.discard(chat_id)
                if "message_id" in content:
                    self._messages[chat_id][content["message_id"]] = content
            if kind in ("callback_query", "inline_query"):
                self._queries.add(content["id"])
            if kind in self._allowed or (not self._allowed and kind not in _OPT_IN_UPDATES):
                self._updates.append(update)
        self._loop.call_soon_threadsafe(lambda: self._interrupt(self._waiter, None))
        return int(update["update_id"])

    def send_message(
        self,
        fields: Mapping[str, Any],
        *,
        chat_id: int = USER_ID,
        user_id: int | None = None,
        language_code: str | None = "ar",
        chat_type: str = "private",
    ) -> Sent:
        """Sends the bot any message: ``fields`` are those of the Bot API's Message."""
        user = self._user(chat_id, user_id, language_code)
        private, channel = chat_type == "private", chat_type == "channel"
        name = {"first_name": user["first_name"]} if private else {"title": "Group"}
        chat = {"id": chat_id, "type": chat_type, **name}
        message: Json = {"message_id": next(self._ids), "date": int(time.time()), "chat": chat}
        message |= {"sender_chat": chat} if channel else {"from": user}
        message |= fields
        update_id = self.push({"channel_post" if channel else "message": message})
        return Sent(update_id, message["message_id"], message["chat"]["id"], user["id"])

    def send_text(
        self,
        text: str,
        *,
        chat_id: int = USER_ID,
        user_id: int | None = None,
        language_code: str | None = "ar",
        chat_type: str = "private",
        **message_fields: Any,
    ) -> Sent:
        """Sends the bot a text, with the entities of its command and of the names it mentions."""
        return self.send_message(
            compact({"text": text, "entities": spotted(text)}) | message_fields,
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

    def _user(self, chat_id: int, user_id: int | None, language_code: str | None = None) -> Json:
        number = user_id or (chat_id if chat_id > 0 else USER_ID)
        user = {"id": number, "is_bot": False, "first_name": f"User {number}"}
        user = {**self._users.get(number, {}), **user, **compact({"language_code": language_code})}
        self._users[number] = user
        return user

    # What the test looks at.

    def calls(self, method: str | None = None) -> list[Call]:
        """The bot's requests in the order they came; one that waits is among them."""
        with self._changed:
            return [call for call in self._calls if method in (None, call.method)]

    def wait_for(
        self, wanted: str | Callable[[Call], bool], *, count: int = 1, timeout: float = 10.0
    ) -> list[Call]:
        """Waits until the bot has made ``count`` such requests, and returns all of them."""

        def found() -> list[Call]:
            if isinstance(wanted, str):
                return self.calls(wanted)
            return [call for call in self.calls() if wanted(call)]

        what = f"{count} x {wanted if isinstance(wanted, str) else 'matching call'}"
        return self._wait(found, count, timeout, what)

    def messages(self, chat_id: int = USER_ID) -> list[SentMessage]:
        """The bot's messages in a chat as they are now."""
        with self._changed:
            return [
                SentMessage(
                    chat_id=chat_id,
                    message_id=message_id,
                    text=raw.get("text") or raw.get("caption") or "",
                    html=self._html[chat_id, message_id],
                    entities=raw.get("entities") or raw.get("caption_entities") or [],
                    reply_markup=raw.get("reply_markup"),
                    reply_to_message_id=raw.get("reply_to_message", {}).get("message_id"),
                    edited="edit_date" in raw,
                    raw=raw,
                )
                for message_id, raw in self._messages[chat_id].items()
                if (chat_id, message_id) in self._html
            ]

    def wait_for_message(
        self, chat_id: int = USER_ID, *, count: int = 1, timeout: float = 10.0
    ) -> SentMessage:
        """Waits until the bot has ``count`` messages in the chat, and returns the last of these."""
        what = f"{count} messages in chat {chat_id}"
        return self._wait(lambda: self.messages(chat_id), count, timeout, what)[count - 1]

    def _wait(self, found: Callable[[], list[T]], count: int, timeout: float, what: str) -> list[T]:
        with self._changed:
            if not self._changed.wait_for(lambda: len(found()) >= count, timeout):
                made = [f"  {c.method} {c.status} {str(c.params)[:300]}" for c in self._calls]
                listed = "\n".join(made) or "  nothing"
                raise AssertionError(f"no {what} within {timeout} s; called:\n{listed}")
            return found()

    # Faults: each is used up by one request, in the order they were asked for. A getUpdates that
    # waits already has passed them.

    def fail_next(
        self,
        method: str,
        *,
        status: int,
        description: str,
        retry_after: int | None = None,
        times: int = 1,
    ) -> None:
        """Answers the next requests with an error and does nothing else."""
        self._fault(method, ApiError(status, description, retry_after), 0.0, times)

    def drop_next(self, method: str, times: int = 1) -> None:
        """Closes the connection of the next requests without an answer."""
        self._fault(method, ApiError(0, "dropped"), 0.0, times)

    def delay_next(self, method: str, seconds: float) -> None:
        """Takes up the next request only after a while."""
        self._fault(method, None, seconds, 1)

    def _fault(self, method: str, error: ApiError | None, seconds: float, times: int) -> None:
        with self._changed:
            self._faults[method].extend([(error, seconds)] * times)

    # Requests.

    async def _serve(self, handler: _Handler, token: str, method: str) -> None:
        params, index = handler.params(), None
        with self._changed:
            faults = self._faults[method] if token == self.token else None
            fault, delay = faults.popleft() if faults else (None, 0.0)
        if delay or method == "getUpdates":
            index = self._record(Call(method, params, None))
            await asyncio.sleep(delay)
        try:
            fault = ApiError(401, "Unauthorized") if token != self.token else fault
            if fault:
                raise fault
            updates = await self._poll(handler, params) if method == "getUpdates" else None
            # In one step, so that whoever sees the call sees what it did.
            with self._changed:
                result = self._result(method, params) if updates is None else updates
                self._record(Call(method, params, 200), index)
        except ApiError as error:
            self._record(Call(method, params, error.status), index)
            if error.status == 0:
                handler.detach().close()
            else:
                handler.set_status(error.status)
                await handler.finish(error.body)
        else:
            await handler.finish({"ok": True, "result": result})

    def _result(self, method: str, params: Json) -> Any:
        name = "_api" + re.sub("(?=[A-Z])|^", "_", method).lower()
        if not hasattr(self, name):
            raise ApiError(404, "Not Found")
        for field in params.keys() - _TEXT_FIELDS:
            broken = isinstance(params[field], str) and params[field][:1] in ("{", "[")
            require(not broken, f"can't parse {field} JSON object")
        return getattr(self, name)(params)

    def _record(self, call: Call, index: int | None = None) -> int:
        with self._changed:
            place = len(self._calls) if index is None else index
            self._calls[place : place + 1] = [call]
            self._changed.notify_all()
            return place

    # Updates.

    @staticmethod
    def _interrupt(waiter: "asyncio.Future[ApiError | None] | None", why: ApiError | None) -> None:
        if waiter and not waiter.done():
            waiter.set_result(why)

    async def _poll(self, handler: _Handler, params: Json) -> list[Json]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + min(max(params.get("timeout", 0), 0), 50)
        other = "terminated by other getUpdates request; make sure that only one bot instance"
        self._interrupt(self._waiter, ApiError(409, f"Conflict: {other} is running"))
        while True:
            with self._changed:
                batch, left = self._batch(params), deadline - loop.time()
                if batch or left <= 0:
                    return batch
                waiter = self._waiter = handler.waiter = loop.create_future()
            await asyncio.wait({waiter}, timeout=left)
            if self._waiter is waiter:
                self._waiter = None
            if waiter.done() and (error := waiter.result()):
                raise error

    def _batch(self, params: Json) -> list[Json]:
        if self._webhook["url"]:
            how = "can't use getUpdates method while webhook is active"
            raise ApiError(409, f"Conflict: {how}; use deleteWebhook to delete the webhook first")
        self._allowed = params.get("allowed_updates", self._allowed)
        offset = params.get("offset", 0)
        if offset < 0:
            self._updates = self._updates[offset:]
        self._updates = [update for update in self._updates if update["update_id"] >= offset]
        return self._updates[: min(max(params.get("limit", 100), 1), 100)]
