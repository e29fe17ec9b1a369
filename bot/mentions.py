"""What is asked of the bot in a group, where most messages are not for it."""

from __future__ import annotations

from telegram import Message, MessageEntity

from index.arabic import words


def question_to(message: Message, bot: int, username: str) -> str | None:
    """Return what a message of a group asks the bot, or None where it does not speak to it.

    The bot is spoken to by a mention or by a reply to one of its messages. A mention alone, below
    somebody's message, asks that message.

    Args:
        message: The message, a text.
        bot: The bot's id.
        username: Its name, without the @.
    """
    mentions = _mentions(message, bot, username)
    if not mentions and not _is_by(replied_to(message), bot):
        return None
    return _asked(message, mentions, bot)


def question_after_command(message: Message, bot: int, username: str) -> str:
    """Return what a command asks: what stands behind it, or the message that it replies to."""
    command = [entity for entity in message.entities if entity.type == MessageEntity.BOT_COMMAND]
    return _asked(message, command[:1] + _mentions(message, bot, username), bot)


def _mentions(message: Message, bot: int, username: str) -> list[MessageEntity]:
    return [
        entity
        for entity in message.entities
        if (
            entity.type == MessageEntity.MENTION
            and text_of(message, entity).lower() == f"@{username.lower()}"
        )
        or (entity.type == MessageEntity.TEXT_MENTION and entity.user and entity.user.id == bot)
    ]


def text_of(message: Message, entity: MessageEntity) -> str:
    """Return the part of a message's text that an entity marks, whatever that text holds."""
    units = (message.text or "").encode("utf-16-le", "surrogatepass")
    start, end = _bounds(entity)
    return units[start:end].decode("utf-16-le", "replace")


def _bounds(entity: MessageEntity) -> tuple[int, int]:
    """Return the bytes of UTF-16 that an entity stands on; none where its place is no place."""
    start = 2 * max(entity.offset, 0)
    return start, start + 2 * max(entity.length, 0)


def _asked(message: Message, address: list[MessageEntity], bot: int) -> str:
    """Return a message without its address, or what it replies to where no word is left."""
    asked = _without(message.text or "", address)
    return asked if words(asked) else _quoted(message, bot) or asked


def replied_to(message: Message) -> Message | None:
    """Return the message that this one replies to; in a topic, its first message is none."""
    above = message.reply_to_message
    return None if above is None or above.forum_topic_created else above


def _quoted(message: Message, bot: int) -> str | None:
    """Return the text of the message that this one replies to, unless it is the bot's own."""
    above = replied_to(message)
    if above is None or _is_by(above, bot):
        return None
    if message.quote and message.quote.is_manual:
        return message.quote.text
    return above.text or above.caption


def _is_by(message: Message | None, bot: int) -> bool:
    return bool(message and message.from_user and message.from_user.id == bot)


def _without(text: str, entities: list[MessageEntity]) -> str:
    """Return a text without some of its parts; entities count UTF-16 code units."""
    units = text.encode("utf-16-le", "surrogatepass")
    for entity in sorted(entities, key=lambda entity: entity.offset, reverse=True):
        start, end = _bounds(entity)
        units = units[:start] + units[end:]
    return units.decode("utf-16-le", "replace").strip()
