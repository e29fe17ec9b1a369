"""``jawab index``, ``jawab sources`` and ``jawab doctor``."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import (
    SEEDS,
    DocsOption,
    EngineOption,
    HomeOption,
    JsonOption,
    notify,
    open_index,
    opening_of,
    tell_of_mirror,
    wanted_color,
)

if TYPE_CHECKING:
    from bot.cli.watching import Told
    from bot.doctor import Finding, State
    from bot.opening import Opening
    from index import Index

_COLORS = {"ok": "green", "warning": "yellow", "problem": "red"}
_SAID_AT = 21  # the column from which on the doctor says something
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
    *,
    docs: DocsOption = SEEDS,
    home: HomeOption = None,
    engine: EngineOption = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Leave Telegram out, whatever token is set.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what is in order and what is not, and change nothing.

    Exit status 1 where there is a problem; a warning is none.
    """
    from bot.doctor import State, examine

    found = []
    for finding in examine(docs, home, engine, offline=offline):
        found.append(finding)
        if not as_json:
            _show_finding(finding)
    worst = max((finding.state for finding in found), key=list(State).index)
    if as_json:
        from bot.printable import json_line

        rows = [{"state": one.state, "what": one.what, "said": one.said} for one in found]
        typer.echo(json_line({"state": worst, "findings": rows}))
    else:
        notify(_summary([finding.state for finding in found]))
    raise typer.Exit(int(worst is State.PROBLEM))


def _summary(states: Sequence[State]) -> str:
    from bot.doctor import State

    counts = [(states.count(state), state) for state in (State.PROBLEM, State.WARNING)]
    said = " and ".join(f"{count} {state}{'s' * (count > 1)}" for count, state in counts if count)
    who = "it" if sum(count for count, _ in counts) == 1 else "each"
    return f"{said}; {who} says what to do." if said else "Everything is in order."


def _show_finding(finding: Finding) -> None:
    """Print a line; on a terminal coloured, and long ones wrapped beside their name."""
    line = f"{finding.state:8} {finding.what:11} {finding.said}"
    if not sys.stdout.isatty():
        typer.echo(line)
        return
    from shutil import get_terminal_size
    from textwrap import wrap

    columns = max(get_terminal_size().columns, 2 * _SAID_AT)
    first, *more = wrap(line, columns, subsequent_indent=" " * _SAID_AT) or [line]
    color, state = _COLORS[finding.state], f"{finding.state:8}"
    first = typer.style(state, fg=color, bold=True) + first.removeprefix(state)
    for shown in (first, *more):
        typer.echo(shown, color=wanted_color())
    sys.stdout.flush()
