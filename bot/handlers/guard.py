"""The guard before every other handler: who may not use the bot gets no further."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict

from telegram import Chat, ChatMemberBanned, ChatMemberLeft, Update
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import ApplicationHandlerStop, ContextTypes

from bot.markup import line
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
        access = self._services.access
        chat, user = update.effective_chat, update.effective_user
        if chat is not None and chat.type != Chat.PRIVATE and not access.allows_group(chat.id):
            await self._leave(update, chat)
            raise ApplicationHandlerStop
        if not access.allows(user.id if user else None, chat):
            await self._refuse(update)
            raise ApplicationHandlerStop

    async def _leave(self, update: Update, chat: Chat) -> None:
        member = update.my_chat_member
        if member is not None and isinstance(
            member.new_chat_member, ChatMemberLeft | ChatMemberBanned
        ):
            return
        _LOGGER.warning("leaving group %s, which is not in JAWAB_ALLOWED_CHATS", chat.id)
        try:
            await self._services.sender.patiently(chat.leave)
        except (BadRequest, Forbidden) as error:
            _LOGGER.warning("group %s could not be left: %s", chat.id, error)

    async def _refuse(self, update: Update) -> None:
        """Tell a stranger that the bot is not for them: in private, and at most once an hour."""
        user, message, query = update.effective_user, update.message, update.callback_query
        if user is None:
            return
        texts = await self._services.texts(user)
        html = line(texts.not_allowed.format(user=user.id))
        try:
            if query is not None:
                await query.answer(texts.expired)
            elif update.inline_query is not None:
                await update.inline_query.answer([], is_personal=True)
            elif message is not None and message.chat.type == Chat.PRIVATE and self._tells(user.id):
                await self._services.sender.send(Place.of(message), Reply(html))
        except TelegramError as error:
            _LOGGER.info("a stranger could not be told: %s", error)

    def _tells(self, user: int) -> bool:
        now = time.monotonic()
        if now - self._told.get(user, -_TOLD_AGAIN_SECONDS) < _TOLD_AGAIN_SECONDS:
            return False
        self._told[user] = now
        self._told.move_to_end(user)
        if len(self._told) > _MOST_TOLD:
            self._told.popitem(last=False)
        return True
