"""Every sentence the bot says: one module a language, all with the same keys.

Values are Telegram HTML; what goes into a ``{placeholder}`` is escaped by who puts it there.
"""

from __future__ import annotations

from bot.texts.arabic import ARABIC
from bot.texts.english import ENGLISH
from bot.texts.keys import Texts, keys
from bot.texts.reasons import reason_in

__all__ = ["ARABIC", "ENGLISH", "LANGUAGES", "Texts", "keys", "reason_in", "texts_for"]

LANGUAGES = {"ar": ARABIC, "en": ENGLISH}


def texts_for(language_code: str | None) -> Texts:
    """Return the texts for a Telegram client's language: English for ``en…``, else Arabic."""
    return ENGLISH if (language_code or "").lower().startswith("en") else ARABIC
