"""What the handlers work with."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import User

from bot.access import Access, QuestionLimit
from bot.bookkeeping import Bookkeeping
from bot.inbox import Inbox
from bot.library import Library
from bot.sending import Sender
from bot.state import State
from bot.texts import LANGUAGES, Texts, texts_for


@dataclass(slots=True)
class Services:
    """Everything of the bot that lives as long as it runs.

    Attributes:
        library: The documents in force.
        state: What is remembered.
        inbox: What is in hand.
        sender: Sends messages.
        access: Who may use the bot.
        limit: How many questions a user may ask.
        bookkeeping: What is noted of every question.
        keeps_questions: Whether questions without an answer are kept, without who asked.
        upload_bytes: The size of the largest file that administrators may send.
    """

    library: Library
    state: State
    inbox: Inbox
    sender: Sender
    access: Access
    limit: QuestionLimit
    bookkeeping: Bookkeeping
    keeps_questions: bool
    upload_bytes: int

    def texts(self, user: User | None) -> Texts:
        """Return the texts in the language that a user chose, else in that of their client."""
        if user is None:
            return texts_for(None)
        chosen = self.state.language(user.id)
        return LANGUAGES[chosen] if chosen in LANGUAGES else texts_for(user.language_code)
