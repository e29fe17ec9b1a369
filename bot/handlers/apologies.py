"""What users are told where something went wrong."""

from __future__ import annotations

from telegram import Update

from bot.handlers.buttons import notify
from bot.sending import Place, Reply
from bot.services import Services


async def apologise(services: Services, update: Update, *, is_away: bool = False) -> None:
    """Tell whoever sent an update that it came to nothing.

    Args:
        services: What the handlers work with.
        update: The update.
        is_away: Whether that is because the search cluster is away.
    """
    texts = services.texts(update.effective_user)
    said = texts.search_away if is_away else texts.failed
    message, query = update.effective_message, update.callback_query
    if query is not None:
        await notify(query, said)
    elif message is not None:
        await services.sender.send(Place.of(message), Reply(texts.said(said)), message.message_id)
