"""What there is to say: the keys that every language fills."""

from __future__ import annotations

from dataclasses import dataclass, fields

from bot.markup import line
from bot.texts.plurals import Plural


@dataclass(frozen=True, slots=True)
class Texts:
    """The bot's sentences in one language."""

    language: str
    """The language's own name."""

    mark: str
    """The mark that makes a line read in the direction of the language."""

    # Greeting and help
    start: str
    examples: str
    help: str
    help_in_groups: str
    ask_alone: str
    help_for_administrators: str
    help_for_administrators_of_cluster: str
    ask_what: str

    # Answers
    not_found: str
    unsure: str
    not_sure: str
    not_sure_several: str
    elsewhere: str
    resolved_on: str
    resolved_after: str
    resolved_before: str
    try_one_of: str
    undated: str
    context: str
    others: str
    context_button: str
    others_button: str
    back_button: str
    previous_button: str
    next_button: str
    thanks: str
    taken_back: str

    # What cannot be answered
    text_only: str
    no_words: str
    shortened: str
    expired: str
    failed: str
    search_away: str
    too_many: str
    not_allowed: str

    # Documents
    sources: str
    also: str
    page: str
    document_gone: str

    # Language, and what is stored
    choose_language: str
    language_chosen: str
    about: str
    questions_kept: str
    stored_nothing: str
    stored: str
    stored_language: str
    forgotten: str

    # Inline
    inline_ask: str
    inline_not_found: str
    inline_away: str

    # Administration
    added: str
    added_archive: str
    added_already: str
    add_format: str
    add_size: str
    add_empty: str
    add_name: str
    add_not_here: str
    came_with_jawab: str
    add_failed: str
    remove_which: str
    remove_sure: str
    remove_button: str
    keep_button: str
    removed: str
    remove_in_archive: str
    kept: str
    remove_last: str
    reloading: str
    reloaded: str
    left_out: str
    reload_failed: str
    reload_running: str
    changed_elsewhere: str
    follows_cluster: str
    stats: str
    stats_days: str
    unanswered: str
    unanswered_none: str
    unanswered_off: str

    # The menu and the profile
    start_command: str
    ask_command: str
    help_command: str
    sources_command: str
    language_command: str
    about_command: str
    forget_command: str
    remove_command: str
    reload_command: str
    stats_command: str
    unanswered_command: str
    description: str
    short_description: str

    # Counted things
    questions: Plural
    documents: Plural
    sentences: Plural
    users: Plural
    answers: Plural
    ratings: Plural
    characters: Plural
    seconds: Plural

    def said(self, html: str) -> str:
        """Return something that the bot says, as lines in the direction of the language."""
        return line(html, self.mark)


def keys() -> tuple[str, ...]:
    """Return the names of all texts."""
    return tuple(field.name for field in fields(Texts))
