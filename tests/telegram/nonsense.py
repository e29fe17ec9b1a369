"""What may answer in Telegram's place: proxies, captive portals, what is broken or hostile."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import Any

MEGABYTE = 2**20
HTML = "<html><body><h1>تعذر الاتصال</h1><a href='http://127.0.0.1:9/'>…</a></body></html>".encode()


@dataclass(frozen=True)
class Answer:
    """An answer: the status with the headers, the body, and what comes after it for ever."""

    body: bytes
    head: str = "200 OK"
    endless: bytes = b""

    def by(self, method: str) -> dict[str, Any]:
        """Return it as arguments of ``BotApiServer.answer_next``."""
        return {"method": method, "body": self.body, "head": self.head, "endless": self.endless}


def _result(result: object) -> Answer:
    return Answer(json.dumps({"ok": True, "result": result}).encode())


def _json(value: object, head: str = "200 OK") -> Answer:
    return Answer(json.dumps(value).encode(), head)


_DEEP = b"[" * 100_000

NONSENSE = {
    "a page with an error": Answer(HTML, "502 Bad Gateway\r\nContent-Type: text/html"),
    "a page that says all is well": Answer(HTML, "200 OK\r\nContent-Type: text/html"),
    "nothing": Answer(b""),
    "no content": Answer(b"", "204 No Content"),
    "nothing but an error": Answer(b"", "500 Internal Server Error"),
    "a status of no kind": Answer(b"{}", "799 Odd"),
    "half of it": Answer(b'{"ok":tr'),
    "no text": Answer(bytes(range(256)) * 10),
    "null": Answer(b"null"),
    "a list": Answer(b"[]"),
    "a number of 10,000 digits": Answer(b'{"ok":true,"result":' + b"9" * 10_000 + b"}"),
    "an object": Answer(b"{}"),
    "a refusal without a word": Answer(b'{"ok":false}'),
    "a refusal that is none": _json({"ok": False, "error_code": "five", "description": [1]}),
    "a refusal of another shape": _json(
        {"ok": False, "description": {"a": 1}, "parameters": [3]}, "500 Internal Server Error"
    ),
    "a wait of no number": _json(
        {"ok": False, "parameters": {"retry_after": "soon"}}, "429 Too Many Requests"
    ),
    "a wait of less than nothing": _json(
        {"ok": False, "parameters": {"retry_after": -5}}, "429 Too Many Requests"
    ),
    "a move to no chat": _json(
        {"ok": False, "parameters": {"migrate_to_chat_id": "x"}}, "400 Bad Request"
    ),
    "a hundred thousand levels": Answer(_DEEP),
    "a result of a hundred thousand levels": Answer(b'{"ok":true,"result":' + _DEEP),
    "a redirection": Answer(b"", "302 Found\r\nLocation: {elsewhere}"),
    "a lasting redirection": Answer(b"", "308 Permanent Redirect\r\nLocation: {elsewhere}"),
    "less than it says": Answer(b'{"ok":', "200 OK\r\nContent-Length: 1000"),
    "a length of no number": Answer(b"{}", "200 OK\r\nContent-Length: many"),
    "chunks that are none": Answer(b"zz\r\n{}", "200 OK\r\nTransfer-Encoding: chunked"),
    "a bomb": Answer(gzip.compress(bytes(64 * MEGABYTE)), "200 OK\r\nContent-Encoding: gzip"),
    "what says it is packed": Answer(HTML, "200 OK\r\nContent-Encoding: gzip"),
    "200 MB": Answer(b"{", f"200 OK\r\nContent-Length: {200 * MEGABYTE}", b" " * MEGABYTE),
    "what never ends": Answer(b'{"ok": true, "description": "', "200 OK", b"x" * MEGABYTE),
    "an error that never ends": Answer(b"", "502 Bad Gateway", b"<br>" * (MEGABYTE // 4)),
    "a header that never ends": Answer(b"", f"200 OK\r\nX-Odd: {'x' * 100_000}"),
    "no HTTP": Answer(b"", "hello\r\nworld"),
}
"""In the place of any answer."""

UPDATES = {
    "no result": _json({"ok": True}),
    "an object as updates": _result({}),
    "a text as updates": _result("updates"),
    "updates that are none": _result([1, "two", None, [3]]),
    "an update without a number": _result([{"message": {"text": "سر"}}]),
    "an update with a text as its number": _result([{"update_id": "5"}]),
    "an update with a huge number": _result([{"update_id": 2**62}]),
    "an update with a number that is true": _result([{"update_id": True}]),
    "an update with half a number": _result([{"update_id": 1.5}]),
}
"""In the place of updates; none of it may be confirmed."""


def unreadable_updates(number: int) -> dict[str, Answer]:
    """Return updates with a number that are to be confirmed, though they cannot be read."""
    odd: dict[str, dict[str, Any]] = {
        "a message that is a text": {"message": "سر"},
        "a message without a chat": {"message": {"message_id": 1, "date": 1, "text": "سر"}},
        "a message of lists": {"message": {"message_id": [], "date": [], "chat": [], "text": []}},
        "a query that is a number": {"callback_query": 5, "inline_query": 7},
        "nothing in it": {},
    }
    return {
        name: _result([{"update_id": number + at, **content}])
        for at, (name, content) in enumerate(odd.items())
    }
