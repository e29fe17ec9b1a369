"""Links, and questions that travel in a button or in a deep link.

Both of these take 64 characters at most. A question travels as URL-safe base64, of UTF-8 where
that is short enough and else of Windows-1256, which has one byte for an Arabic letter where UTF-8
has two.
"""

from __future__ import annotations

import base64
import binascii
import re

ASK_PREFIX = "q:"
START_PREFIX = "q_"
_LONGEST_PAYLOAD = 62
_PAYLOAD = re.compile(rf"[A-Za-z0-9_-]{{1,{_LONGEST_PAYLOAD}}}")
_SHORT_ENCODING = "cp1256"
_LONGEST_LINK = 2000
# What no address has as it is: controls, marks and overrides of direction, halves of characters.
_NEVER = (
    r"\s<>\"\\\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
)
_WEB_LINK = re.compile(rf"https?://[^{_NEVER}/?#@']+(?:[/?#][^{_NEVER}]*)?", re.IGNORECASE)


def encode_question(question: str) -> str | None:
    """Return a question as the payload of a button or a link, or None where it is too long."""
    for encoding in ("utf-8", _SHORT_ENCODING):
        try:
            data = question.encode(encoding)
        except UnicodeEncodeError:
            continue
        payload = base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")
        if len(payload) <= _LONGEST_PAYLOAD and decode_question(payload) == question:
            return payload
    return None


def decode_question(payload: str) -> str | None:
    """Return the question in a payload, or None where it holds none."""
    if not _PAYLOAD.fullmatch(payload):
        return None
    try:
        data = base64.b64decode(payload + "=" * (-len(payload) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    for encoding in ("utf-8", _SHORT_ENCODING):
        try:
            question = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return question if question.isprintable() else None
    return None


def deep_link(username: str, question: str) -> str | None:
    """Return the address that opens the bot and asks a question, or None where it is too long."""
    payload = encode_question(question)
    return None if payload is None else f"https://t.me/{username}?start={START_PREFIX}{payload}"


def web_link(url: str | None) -> str | None:
    """Return an address of the web as it is, or None for anything else."""
    url = (url or "").strip()
    return url if len(url) <= _LONGEST_LINK and _WEB_LINK.fullmatch(url) else None
