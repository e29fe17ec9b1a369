"""Telegram updates to answers: which handler takes which update."""

from __future__ import annotations

import logging
from typing import Any

from telegram import Message, Update
from telegram.error import Forbidden, InvalidToken, TelegramError
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot import keyboards
from bot.access import Access
from bot.handlers.administration import Administration
from bot.handlers.apologies import apologise
from bot.handlers.buttons import AnswerButtons
from bot.handlers.commands import Commands
from bot.handlers.guard import Guard
from bot.handlers.inline import Inline
from bot.handlers.questions import Questions
from bot.sending import StoppedError
from bot.services import Services
from index import ClusterError

_LOGGER = logging.getLogger(__name__)

Context = ContextTypes.DEFAULT_TYPE

_BEFORE_ALL = -1


class _ByAdministrator(filters.MessageFilter):
    """Lets through what administrators write, whoever they are just then."""

    def __init__(self, access: Access) -> None:
        super().__init__("by an administrator")
        self._access = access

    def filter(self, message: Message) -> bool:
        user = message.from_user
        return user is not None and user.id in self._access.administrators


class Handlers:
    """Every handler of the bot."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._guard = Guard(services)
        self._questions = Questions(services)
        self._commands = Commands(services, self._questions)
        self._buttons = AnswerButtons(services, self._questions)
        self._inline = Inline(services)
        self._administration = Administration(services)

    def register(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        """Add the handlers to the application, the guard before all."""
        application.add_handler(TypeHandler(Update, self._guard.check), group=_BEFORE_ALL)
        self._register_administration(application)
        self._register_messages(application)
        self._register_buttons(application)
        application.add_handler(InlineQueryHandler(self._inline.query))
        application.add_error_handler(self._on_error)

    def _register_administration(
        self, application: Application[Any, Any, Any, Any, Any, Any]
    ) -> None:
        by_administrator = _ByAdministrator(self._services.access)
        new = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE & by_administrator
        mine = self._administration
        for command, handler in (
            ("remove", mine.remove),
            ("reload", mine.reload),
            ("stats", mine.stats),
            ("unanswered", mine.unanswered),
        ):
            application.add_handler(CommandHandler(command, handler, filters=new))
        application.add_handler(MessageHandler(new & filters.Document.ALL, mine.add))

    def _register_messages(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        private, groups = filters.ChatType.PRIVATE, filters.ChatType.GROUPS
        new = filters.UpdateType.MESSAGE
        new_or_edited = new | filters.UpdateType.EDITED_MESSAGE
        # What was chosen from the bot's own inline results is an answer, not a question.
        written = filters.TEXT & ~filters.COMMAND & ~filters.VIA_BOT
        mine = self._commands
        application.add_handler(
            CommandHandler("ask", self._questions.command, filters=new_or_edited)
        )
        for command, handler in (
            ("start", mine.start),
            ("help", mine.help),
            ("sources", mine.sources),
            ("language", mine.language),
            ("about", mine.about),
            ("forget", mine.forget),
        ):
            application.add_handler(CommandHandler(command, handler, filters=private & new))
        # A group has many bots: there a command must name the one that it is for.
        named = filters.Regex(r"\A/\w+@")
        application.add_handler(
            CommandHandler(("start", "help"), mine.help, filters=groups & new & named)
        )
        application.add_handler(
            MessageHandler(private & new_or_edited & written, self._questions.private)
        )
        application.add_handler(
            MessageHandler(groups & new_or_edited & written, self._questions.group)
        )
        application.add_handler(MessageHandler(private & new & filters.COMMAND, mine.help))
        application.add_handler(
            MessageHandler(private & new & ~filters.StatusUpdate.ALL & ~filters.VIA_BOT, mine.other)
        )

    def _register_buttons(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        answers, lists, removal = self._buttons, self._commands, self._administration
        for pattern, handler in (
            (keyboards.ASK, answers.ask),
            (keyboards.CONTEXT, answers.context),
            (keyboards.OTHERS, answers.others),
            (keyboards.ANSWER, answers.answer),
            (keyboards.RATE, answers.rate),
            (keyboards.SOURCES, lists.sources_page),
            (keyboards.DOCUMENT, lists.document),
            (keyboards.LANGUAGE, lists.choose_language),
            (keyboards.REMOVE_PAGE, removal.remove_page),
            (keyboards.REMOVE, removal.remove_one),
        ):
            application.add_handler(CallbackQueryHandler(handler, pattern=rf"\A{pattern}\Z"))
        application.add_handler(CallbackQueryHandler(answers.expired))

    async def _on_error(self, update: object, context: Context) -> None:
        """Log what went wrong with the update's id, and tell the user that something did."""
        error = context.error
        if not isinstance(update, Update):
            _LOGGER.error("something outside an update failed", exc_info=error)
            return
        is_refused = isinstance(error, InvalidToken)
        if isinstance(error, StoppedError) or (
            is_refused and await self._services.sender.token_was_revoked()
        ):
            self._services.inbox.keep(update)
            _LOGGER.warning("update %s is left for the next start", update.update_id)
            return
        if isinstance(error, Forbidden):
            _LOGGER.info("update %s: %s", update.update_id, error)
            return
        is_away = isinstance(error, ClusterError)
        if is_away:  # that has been logged, once for all questions
            _LOGGER.debug("update %s: %s", update.update_id, error)
        else:
            _LOGGER.error("update %s failed", update.update_id, exc_info=error)
        try:
            await apologise(self._services, update, is_away=is_away)
        except (TelegramError, StoppedError) as again:
            _LOGGER.warning("update %s: the user could not be told: %s", update.update_id, again)
