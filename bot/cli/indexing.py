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
    tell_of_mirror,
)

if TYPE_CHECKING:
    from bot.cli.watching import Told
    from bot.opening import Opening
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
    time. With the engine qdrant it is the index that `jawab mirror` brings into the cluster.
    """
    opening = opening_of(docs, home, engine, local=True)
    started = time.perf_counter()
    opened = open_index(opening)
    _show_index(opening, opened, time.perf_counter() - started)
    tell_of_mirror(engine)
    if watch:
        _follow(opening, opened)


def _show_index(opening: Opening, opened: Index, seconds: float) -> None:
    from bot.tables import index_table, show

    if opened.changes is None:
        for skipped in opened.skipped:
            notify(f"{skipped.path} is left out: {skipped.reason}.")
    show(index_table(opened, opening.engine, seconds))


def _follow(opening: Opening, opened: Index) -> None:
    """Refresh the index whenever the documents change, until Ctrl-C."""
    from bot.cli.watching import Told, follow, seen_by

    seen = seen_by(opening, opened)
    opened.close()
    told = Told()
    follow(opening, seen, lambda: _refresh(opening, told))


def _refresh(opening: Opening, told: Told) -> None:
    """Refresh the index and say in one line what that changed."""
    from index import JawabError

    told.begin()
    started = time.perf_counter()
    try:
        opened = open_index(opening, told.say)
    except (JawabError, OSError) as error:
        told.say(str(error))
        return
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
