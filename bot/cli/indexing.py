"""``jawab index``, ``jawab sources`` and ``jawab doctor``."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import (
    SEEDS,
    DocsOption,
    EngineOption,
    HomeOption,
    notify,
    open_index,
    opening_of,
)

if TYPE_CHECKING:
    from bot.opening import Opening
    from bot.seen import Seen
    from index import Index

_SHOWN = 100  # documents that a terminal is shown unless it asks for more


def index(
    *,
    docs: DocsOption = SEEDS,
    home: HomeOption = None,
    engine: EngineOption = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and refresh when the documents change.")
    ] = False,
) -> None:
    """Build or refresh the index, and say what it holds.

    Only documents that are new, changed or gone are worked on; what Ctrl-C stops goes on the next
    time.
    """
    opening = opening_of(docs, home, engine)
    started = time.perf_counter()
    opened = open_index(opening)
    _show_index(opening, opened, time.perf_counter() - started)
    if watch:
        try:
            _follow(opening, opened)
        except (KeyboardInterrupt, typer.Exit):
            raise typer.Exit from None  # that is how it is meant to end


def _show_index(opening: Opening, opened: Index, seconds: float) -> None:
    from bot.tables import index_table, show

    if opened.changes is None:
        for skipped in opened.skipped:
            notify(f"{skipped.path} is left out: {skipped.reason}.")
    show(index_table(opened, opening.engine, seconds))


def _follow(opening: Opening, opened: Index) -> None:
    """Refresh the index whenever the documents change, until Ctrl-C."""
    import threading

    from bot.seen import as_the_index_knows, look
    from bot.watching import changes

    documents = opening.documents
    seen: Seen | None = look(documents)
    if not as_the_index_knows(seen or {}, opened):
        seen = None
    opened.close()
    typer.echo(f"watching {documents}; Ctrl-C ends")
    sys.stdout.flush()
    said: set[str] = set()
    for is_there in changes(documents, opening.home_folder(), threading.Event(), notify):
        if not is_there:
            notify(f"{documents} is gone; waiting for it.")
            continue
        now = look(documents)
        if now != seen:
            said = _refresh(opening, said)
            seen = now


def _refresh(opening: Opening, said_before: set[str]) -> set[str]:
    """Refresh the index and say in one line what that changed.

    Args:
        opening: How it is opened.
        said_before: What was said the last time, which is not said again.

    Returns:
        What was said this time.
    """
    from index import JawabError
    from index.store import CHANGED

    said: set[str] = set()

    def say(line: str) -> None:
        if line != CHANGED:
            said.add(line)
            if line not in said_before:
                notify(line)

    started = time.perf_counter()
    try:
        opened = open_index(opening, say)
    except (JawabError, OSError) as error:
        say(str(error))
        return said
    changes, sizes = opened.changes, opened.collection.sizes
    opened.close()
    if changes:
        parts = [(changes.came, "came"), (changes.changed, "changed"), (changes.went, "went")]
        typer.echo(
            f"{time.strftime('%H:%M:%S')}  "
            + ", ".join(f"{count} {what}" for count, what in parts if count)
            + f": {sizes.documents} documents, {sizes.sentences} sentences "
            f"({time.perf_counter() - started:.1f} s)"
        )
        sys.stdout.flush()
    return said


def sources(
    *,
    docs: DocsOption = SEEDS,
    home: HomeOption = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            metavar="N",
            min=1,
            help="How many documents to list.",
            show_default=f"{_SHOWN} in a terminal, else all",
        ),
    ] = None,
) -> None:
    """List the documents."""
    from bot.tables import show_sources

    opened = open_index(opening_of(docs, home))
    total = opened.collection.sizes.documents
    shown = limit or (_SHOWN if sys.stdout.isatty() else total)
    show_sources(opened, shown)
    if shown < total:
        notify(f"{total - shown:,} more; --limit {total} lists them all.")


def doctor(
    *, docs: DocsOption = SEEDS, home: HomeOption = None, engine: EngineOption = None
) -> None:
    """Say what is in order and what is not. Exit status 1 where there is a problem."""
    from bot.doctor import State, examine

    found = list(examine(opening_of(docs, home, engine), open_index))
    for finding in found:
        typer.echo(f"{finding.state:8} {finding.what:11} {finding.said}")
    raise typer.Exit(int(any(finding.state is State.PROBLEM for finding in found)))
