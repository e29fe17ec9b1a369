"""What a test gets to see: requests, messages, answers and deliveries, each as a small record."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from tests.telegram.markup import Json


@dataclass(frozen=True)
class Call:
    """One request of the bot; ``status`` is None while it waits and 0 where it got no answer."""

    method: str
    params: Json
    status: int | None


@dataclass(frozen=True)
class WebhookRequest:
    """One try to hand an update to the bot's webhook; ``status`` 0 stands for no answer."""

    update_id: int
    attempt: int
    url: str
    status: int
    error: str | None

    @property
    def delivered(self) -> bool:
        """Whether the bot has taken the update."""
        return self.error is None


@dataclass(frozen=True)
class Sent:
    """What the user sent."""

    update_id: int
    message_id: int
    chat_id: int
    user_id: int


def marked(text: str, entities: list[Json], kind: str) -> list[str]:
    """The parts of a text that have an entity of a kind."""
    units = text.encode("utf-16-le")
    spans = [(e["offset"], e["length"]) for e in entities if e["type"] == kind]
    return [units[2 * at : 2 * (at + size)].decode("utf-16-le") for at, size in spans]


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
    message_thread_id: int | None = None

    @property
    def bold(self) -> list[str]:
        """The bold parts of the text."""
        return marked(self.text, self.entities, "bold")

    @property
    def buttons(self) -> list[Json]:
        """The inline keyboard's buttons, row after row."""
        return list(itertools.chain(*(self.reply_markup or {}).get("inline_keyboard", [])))

    @property
    def filename(self) -> str | None:
        """The name of the document; a photo has none."""
        name: str | None = self.raw.get("document", {}).get("file_name")
        return name


@dataclass(frozen=True)
class CallbackAnswer:
    """What the user sees after pressing a button; ``text`` may be empty."""

    text: str
    show_alert: bool
    url: str | None
    cache_time: int


@dataclass(frozen=True)
class InlineResult:
    """One choice of an inline answer, with the text that choosing it would send."""

    id: str
    type: str
    title: str
    description: str
    text: str
    html: str
    entities: list[Json]
    reply_markup: Json | None
    raw: Json

    @property
    def bold(self) -> list[str]:
        """The bold parts of the text."""
        return marked(self.text, self.entities, "bold")


@dataclass(frozen=True)
class InlineAnswer:
    """An accepted answer to an inline query; ``button`` has a text and a start_parameter."""

    results: list[InlineResult]
    cache_time: int
    is_personal: bool
    next_offset: str
    button: Json | None
