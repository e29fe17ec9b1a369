"""The doors to the index: a Telegram bot and a command line."""
