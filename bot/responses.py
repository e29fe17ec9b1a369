"""What comes back from Telegram, in a shape that python-telegram-bot can read, or refused.

The library takes what it gets for Telegram's: it fails in many ways over an answer of another
shape, and writes the whole of it into the log. Whatever passes here has the right shape.
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import Any

from telegram.error import NetworkError

LARGEST_UPDATE_ID = 2**31 - 1
"""The Bot API's own bound. To confirm an update beyond it would confirm all that ever comes."""

_LONGEST_DESCRIPTION = 300
_LONGEST_WAIT = 86_400  # seconds
_DONE = re.compile(rb'\s*\{\s*"ok"\s*:\s*true\b')
_MESSAGE_ID = re.compile(rb'"result"\s*:\s*\{\s*"message_id"\s*:\s*(\d{1,15})\b')
_SAYS_NOTHING_OF_IT = "sendChatAction"  # it sends no message
_UNKNOWN_MESSAGE = 0


class UnreadableError(NetworkError):
    """What came back is none of Telegram's answers."""


def readable(
    method: str, status: int, body: bytes, broken: NetworkError | None = None
) -> tuple[int, bytes]:
    """Return the status and the body of an answer as the library can read it.

    Args:
        method: The Bot API's method.
        status: The answer's, 0 for none.
        body: As much of it as came.
        broken: Why no more came.

    Raises:
        NetworkError: It is no answer of Telegram's, and a message was not sent.
    """
    sends = method.startswith("send") and method != _SAYS_NOTHING_OF_IT
    if broken is None and status >= HTTPStatus.MULTIPLE_CHOICES:
        return status, _refusal(_parsed(body) or {})
    try:
        if broken is not None:
            raise broken
        answer = _parsed(body)
        if answer is not None and answer.get("ok") is False:
            return _status_of(answer), _refusal(answer)
        return status, _result(method, answer, body, sends=sends)
    except NetworkError:
        if sends and status == HTTPStatus.OK and _DONE.match(body):
            # Telegram has sent the message; that its answer broke off is no reason to do it twice.
            found = _MESSAGE_ID.search(body)
            return status, _message(int(found[1]) if found else _UNKNOWN_MESSAGE)
        raise


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _result(method: str, answer: dict[str, Any] | None, body: bytes, *, sends: bool) -> bytes:
    """Return a body whose result has the shape that a method has."""
    if answer is None or "result" not in answer or answer.get("ok") is not True:
        raise UnreadableError("the answer is not Telegram's")
    result = answer["result"]
    if method == "getUpdates":
        if not isinstance(result, list):
            raise UnreadableError("the answer holds no updates")
        updates = [update for update in result if _is_update(update)]
        if result and not updates:
            raise UnreadableError("the answer holds no updates")
        return body if len(updates) == len(result) else _as_answer(updates)
    if sends:
        number = result.get("message_id") if isinstance(result, dict) else None
        if type(number) is not int:
            raise UnreadableError("the answer holds no message")
        return _message(number)
    if isinstance(result, dict) and "message_id" in result:  # of an edit; nobody looks at it
        return _as_answer(result=True)
    if method == "getMe" and not _is_bot(result):
        raise UnreadableError("the answer does not tell which bot this is")
    if method == "getFile" and not _is_file(result):
        raise UnreadableError("the answer does not tell where the file is")
    return body


def _is_update(update: object) -> bool:
    if not isinstance(update, dict):
        return False
    number = update.get("update_id")
    return type(number) is int and 0 <= number <= LARGEST_UPDATE_ID


def _is_bot(result: object) -> bool:
    if not isinstance(result, dict) or type(result.get("id")) is not int:
        return False
    return all(isinstance(result.get(name), str) for name in ("first_name", "username"))


def _is_file(result: object) -> bool:
    if not isinstance(result, dict):
        return False
    return all(isinstance(result.get(name), str) for name in ("file_id", "file_unique_id"))


def _message(number: int) -> bytes:
    """Return an answer about a message that was sent; which one it is is all that is asked.

    Telegram sends it back whole, with the message that it replies to. The library would make
    objects of all that, which takes as long as to send it.
    """
    chat = {"id": 0, "type": "private"}
    return _as_answer({"message_id": number, "date": 1, "chat": chat})


def _as_answer(result: object) -> bytes:
    return json.dumps({"ok": True, "result": result}).encode()


def _status_of(answer: dict[str, Any]) -> int:
    code = answer.get("error_code")
    if type(code) is int and HTTPStatus.BAD_REQUEST <= code < 600:  # noqa: PLR2004 - the end of HTTP's
        return code
    return HTTPStatus.BAD_GATEWAY


def _refusal(answer: dict[str, Any]) -> bytes:
    """Return what the library looks at in a refusal, where it is of the right kind."""
    said: dict[str, Any] = {"ok": False}
    description, parameters = answer.get("description"), answer.get("parameters")
    if isinstance(description, str):
        said["description"] = " ".join(description.split())[:_LONGEST_DESCRIPTION]
    if isinstance(parameters, dict):
        wait, chat = parameters.get("retry_after"), parameters.get("migrate_to_chat_id")
        if isinstance(wait, int | float) and wait > 0:
            said["parameters"] = {"retry_after": max(1, int(min(wait, _LONGEST_WAIT)))}
        elif type(chat) is int and chat:
            said["parameters"] = {"migrate_to_chat_id": chat}
    return json.dumps(said).encode()
