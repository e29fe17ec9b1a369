"""``jawab bot``."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from bot.cli.options import USAGE_ERROR, fail, notify, open_index

_LOGGER = logging.getLogger(__name__)


def bot() -> None:
    """Run the Telegram bot until it is stopped; SIGHUP has it read settings and documents again."""
    from bot.hangups import Hangups

    hangups = Hangups()  # first of all: from now on one ends nothing
    from telegram.error import InvalidToken

    from bot.application import run
    from bot.confidential import secrets_in
    from bot.logs import JSON, set_up_logging
    from bot.monitoring import MonitoringError
    from bot.request import CertificatesError
    from bot.revocation import TokenRevokedError
    from bot.settings import SettingsError, read_settings
    from bot.state import StateError
    from bot.webhook import WebhookError
    from index import JawabError

    try:
        settings = read_settings()
    except SettingsError as error:
        if os.environ.get("JAWAB_LOG_FORMAT", "").strip().lower() == JSON:
            set_up_logging("INFO", secrets_in(), JSON)
            _end(str(error))
        fail(str(error))
    set_up_logging(settings.log_level, settings.secrets(), settings.log_format)
    # Whoever reads JSON reads nothing else.
    say: Callable[[str], None] = _log if settings.log_format == JSON else notify
    end = _end if settings.log_format == JSON else fail
    try:
        opened = open_index(settings.opening(), say)
        run(settings, opened, hangups)
    except InvalidToken:
        end(
            "Telegram does not know this bot token; copy it again from @BotFather into "
            "TELEGRAM_BOT_TOKEN."
        )
    except (
        CertificatesError,
        JawabError,
        MonitoringError,
        StateError,
        TokenRevokedError,
        WebhookError,
    ) as error:
        end(str(error))


def _log(message: str) -> None:
    """Say something in a line of the log."""
    _LOGGER.info("%s", message)


def _end(message: str) -> NoReturn:
    """End with an error that is a line of the log."""
    _LOGGER.critical("%s", message)
    sys.exit(USAGE_ERROR)
