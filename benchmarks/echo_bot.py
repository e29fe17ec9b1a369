"""The peer of ``benchmarks.telegram``: python-telegram-bot's echo bot, with its default settings.

Told by the environment like Jawab, so that both are started alike: ``TELEGRAM_BOT_TOKEN``,
``ECHO_API_URL``, ``ECHO_WEBHOOK_PORT`` (polls without it) and ``ECHO_CONCURRENT`` (handles one
update after the other without it, which is the library's default).
"""

from __future__ import annotations

import os

from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters


async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    """Reply with what was said."""
    if update.message:
        await update.message.reply_text(update.message.text or "")


def main() -> None:
    """Run the bot until it is told to end."""
    api = os.environ["ECHO_API_URL"]
    builder = ApplicationBuilder().token(os.environ["TELEGRAM_BOT_TOKEN"]).base_url(f"{api}/bot")
    if "ECHO_CONCURRENT" in os.environ:
        builder = builder.concurrent_updates(True)  # noqa: FBT003 - the library's own signature
    application = builder.build()
    application.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND, echo))
    if port := os.environ.get("ECHO_WEBHOOK_PORT"):
        application.run_webhook(
            listen="127.0.0.1",
            port=int(port),
            url_path="hook",
            webhook_url=os.environ["ECHO_WEBHOOK_URL"],
            secret_token=os.environ["ECHO_WEBHOOK_SECRET"],
        )
    else:
        application.run_polling()


if __name__ == "__main__":
    main()
