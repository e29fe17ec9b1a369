"""The guard before every other handler: who may not use the bot gets no further."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable

from telegram import Chat, ChatMemberBanned, ChatMemberLeft, Update
from telegram.ext import ApplicationHandlerStop, ContextTypes

from bot.handlers.apologies import apologise
from bot.sending import Place, Reply
from bot.services import Services

_LOGGER = logging.getLogger(__name__)

_TOLD_AGAIN_SECONDS = 3600.0
_MOST_TOLD = 10_000


class Guard:
    """Stops every update of those who may not use the bot, and leaves groups it may not be in."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._told: OrderedDict[int, float] = OrderedDict()

    async def check(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Let an update through to the other handlers, or not.

        Raises:
            ApplicationHandlerStop: No other handler is to see it.
        """
        try:
            turned_away = self._turned_away(update)
            if turned_away is None:
                return
            await turned_away
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, nobody gets past
            _LOGGER.warning("update %s could not be refused properly: %r", update.update_id, error)
        raise ApplicationHandlerStop

    def _turned_away(self, update: Update) -> Awaitable[None] | None:
        """Return what is to be done instead of letting an update through, or None."""
        access = self._services.access
        chat, user = update.effective_chat, update.effective_user
        self._follow(update)
        if chat is not None and chat.type != Chat.PRIVATE and not access.allows_group(chat.id):
            return self._leave(update, chat)
        if not access.allows(user.id if user else None, chat):
            return self._refuse(update)
        if self._services.inbox.is_set_aside(update):
            return apologise(self._services, update)
        return None

    def _follow(self, update: Update) -> None:
        """Know a group again that has become a supergroup, which has another number."""
        message = update.effective_message
        if message is None:
            return
        old = message.migrate_from_chat_id or message.chat_id
        new = message.migrate_to_chat_id or message.chat_id
        if old != new and self._services.access.moved(old, new):
            self._services.state.keep_move(old, new)
            _LOGGER.warning("group %s has become %s; set that in JAWAB_ALLOWED_CHATS", old, new)

    async def _leave(self, update: Update, chat: Chat) -> None:
        member = update.my_chat_member
        if member is not None and isinstance(
            member.new_chat_member, ChatMemberLeft | ChatMemberBanned
        ):
            return
        _LOGGER.warning("leaving group %s, which is not in JAWAB_ALLOWED_CHATS", chat.id)
        await self._services.sender.patiently(chat.leave)

    async def _refuse(self, update: Update) -> None:
        """Tell a stranger that the bot is not for them: in private, and at most once an hour."""
        user, message, query = update.effective_user, update.message, update.callback_query
        if user is None:
            return
        texts = self._services.texts(user)
        if query is not None:
            await query.answer(texts.expired)
        elif update.inline_query is not None:
            await update.inline_query.answer([], is_personal=True)
        elif message is not None and message.chat.type == Chat.PRIVATE and self._tells(user.id):
            html = texts.said(texts.not_allowed.format(user=user.id))
            await self._services.sender.send(Place.of(message), Reply(html))

    def _tells(self, user: int) -> bool:
        now = time.monotonic()
        if now - self._told.get(user, -_TOLD_AGAIN_SECONDS) < _TOLD_AGAIN_SECONDS:
            return False
        self._told[user] = now
        self._told.move_to_end(user)
        if len(self._told) > _MOST_TOLD:
            self._told.popitem(last=False)
        return True
