"""What tests of administration share: a bot over a folder of its own, and files sent to it."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from bot.texts import ARABIC, Texts
from tests.telegram.markup import Json
from tests.telegram.records import Sent, SentMessage
from tests.telegram.server import BotApiServer

_ADMINS = range(5000, 5100)
ADMINS = ",".join(map(str, _ADMINS))
"""The setting JAWAB_ADMINS of these tests."""

_PLAIN = str.maketrans("", "", "\u200e\u200f\u2060\u2066\u2067\u2068\u2069")
_TAG = re.compile(r"</?[a-z]+>")
_files = itertools.count()
_admins = itertools.cycle(_ADMINS)
_strangers = itertools.count(7000)


@pytest.fixture
def admin() -> int:
    """An administrator's chat that no other test of the class uses."""
    return next(_admins)


@pytest.fixture
def stranger() -> int:
    """The chat of somebody who is no administrator."""
    return next(_strangers)


def send_file(
    server: BotApiServer,
    chat: int,
    name: str | None,
    content: bytes,
    *,
    size: int | None = None,
    declared: bool = True,
    language_code: str = "ar",
    **fields: object,
) -> Sent:
    """Send a file of any name; as in Telegram, its address says nothing of the name.

    Args:
        server: The server.
        chat: Who sends it.
        name: Its name, or None for a file without one.
        content: What is in it.
        size: The size that Telegram tells of.
        declared: Whether the message says the size, too.
        language_code: The language of their Telegram.
        fields: More of the message.
    """
    path = f"documents/file_{next(_files)}"
    document: Json = {"file_id": server.add_file(content, path, size=size), "file_unique_id": path}
    if name is not None:
        document["file_name"] = name
    if declared:
        document["file_size"] = len(content) if size is None else size
    return server.send_message(
        {"document": document, **fields}, chat_id=chat, language_code=language_code
    )


def plain(text: str) -> str:
    """Return what the bot says without the marks and isolates that set its direction."""
    return text.translate(_PLAIN)


def reply_in(
    server: BotApiServer, chat: int, count: int = 1, *, timeout: float = 30
) -> SentMessage:
    return server.wait_for_message(chat, count=count, timeout=timeout)


def said(template: str, **values: object) -> str:
    """Return a text as its reader sees it, without the marks that ``plain`` takes away."""
    return plain(_TAG.sub("", template).format(**values))


def wait_until_it_says(
    server: BotApiServer, chat: int, words: str, *, timeout: float = 30
) -> SentMessage:
    """Wait until a message in a chat holds these words, also by an edit, and return it."""

    def found() -> list[SentMessage]:
        return [message for message in server.messages(chat) if words in plain(message.text)]

    server.wait_for(lambda _: bool(found()), timeout=timeout)
    return found()[-1]


def confirmation(name: str, title: str, sentences: int, texts: Texts = ARABIC) -> str:
    """Return what is said of a document without a date, whose agency is its name."""
    return said(
        texts.added,
        name=name,
        title=title,
        source=f"{Path(name).stem} · {texts.undated}",
        sentences=texts.sentences.counted(sentences),
    )


def files(folder: Path) -> list[str]:
    """Return everything in a folder, hidden files too."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
