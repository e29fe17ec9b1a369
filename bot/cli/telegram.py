"""``jawab bot``."""

from __future__ import annotations

from bot.cli.options import fail, open_index


def bot() -> None:
    """Run the Telegram bot until it is stopped."""
    from telegram.error import InvalidToken

    from bot.application import WebhookError, run
    from bot.logs import set_up_logging
    from bot.settings import SettingsError, read_settings
    from bot.state import StateError

    try:
        settings = read_settings()
    except SettingsError as error:
        fail(str(error))
    set_up_logging(settings.log_level, settings.secrets())
    opened = open_index(settings.opening())
    try:
        run(settings, opened)
    except InvalidToken:
        fail(
            "Telegram does not know this bot token; copy it again from @BotFather into "
            "TELEGRAM_BOT_TOKEN."
        )
    except (StateError, WebhookError) as error:
        fail(str(error))
