"""What ``--watch`` does: stays, and does it again when the documents change."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from bot.cli.options import notify

if TYPE_CHECKING:
    from bot.opening import Opening
    from bot.seen import Seen
    from index import Index


class Told:
    """Says what is to be said, but not what was said the last time already."""

    def __init__(self) -> None:
        self._before: set[str] = set()
        self._now: set[str] = set()

    def begin(self) -> None:
        """Begin a new time."""
        self._before, self._now = self._now, set()

    def say(self, line: str) -> None:
        """Say something, unless the documents have changed, which nobody need be told."""
        from index.store import CHANGED

        if line != CHANGED:
            self._now.add(line)
            if line not in self._before:
                notify(line)


def seen_by(opening: Opening, opened: Index) -> Seen | None:
    """Return how the documents look, or None where that is not what an index holds."""
    from bot.seen import as_the_index_knows, look

    seen = look(opening.documents)
    return seen if as_the_index_knows(seen or {}, opened) else None


def follow(opening: Opening, seen: Seen | None, refresh: Callable[[], None]) -> None:
    """Refresh whenever the documents change, until Ctrl-C, which is how it is meant to end.

    Args:
        opening: Where they are.
        seen: How they looked when they were last read.
        refresh: What is done then.
    """
    from bot.seen import look
    from bot.watching import changes

    documents = opening.documents
    typer.echo(f"watching {documents}; Ctrl-C ends")
    sys.stdout.flush()
    try:
        for is_there in changes(documents, opening.home_folder(), threading.Event(), notify):
            if not is_there:
                notify(f"{documents} is gone; waiting for it.")
                continue
            now = look(documents)
            if now != seen:
                refresh()
                sys.stdout.flush()
                seen = now
    except (KeyboardInterrupt, typer.Exit):
        raise typer.Exit from None
