"""What the commands share: their options, how they open the index, and how they fail."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.default_documents import default_documents
from bot.printable import label

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.opening import Opening
    from index import Index

NOT_FOUND = 1
USAGE_ERROR = 2
INTERRUPTED = 130

SEEDS = default_documents()

DocsOption = Annotated[
    Path,
    typer.Option(
        "--docs",
        envvar="JAWAB_DOCS",
        metavar="PATH",
        help="A folder of documents, or a single file.",
        show_default="seeds, else what came with Jawab",
    ),
]
HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        envvar="JAWAB_HOME",
        metavar="FOLDER",
        help="Where indexes are kept.",
        show_default="the user's cache folder",
    ),
]
EngineOption = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="The BM25 engine: auto, rank_bm25, tantivy or qdrant.",
        show_default="JAWAB_ENGINE, else auto",
    ),
]
TopOption = Annotated[
    int,
    typer.Option("--top", "-n", metavar="N", min=1, max=100, help="How many sentences to show."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def fail(message: str) -> NoReturn:
    """End with an error that is said in one line, without a secret in it."""
    from bot.confidential import secrets_in
    from bot.logs import Redaction

    notify(Redaction(secrets_in())(message))
    sys.exit(USAGE_ERROR)


def notify(message: str) -> None:
    """Say something on standard error, in one line."""
    typer.echo(f"jawab: {label(message)}", err=True)


def notify_unless_changed(message: str) -> None:
    """Say something, but not that the documents have changed, to whoever has just changed them."""
    from index.store import CHANGED

    if message != CHANGED:
        notify(message)


def opening_of(
    docs: Path, home: Path | None, engine: str | None = None, *, local: bool = False
) -> Opening:
    """Return how the index is opened, with the settings of the environment.

    Args:
        docs: The documents.
        home: Where indexes are kept.
        engine: The engine where the environment's is not wanted.
        local: Whether the index on this machine is meant, also where a cluster answers.
    """
    from bot.opening import Opening

    return Opening.from_environment(docs, home, engine, local=local)


def tell_of_mirror(engine: str | None = None) -> None:
    """Where a cluster answers, say how it gets to know of what was changed on this machine."""
    from bot.opening import checked_engine
    from index.engines.pair import QDRANT

    if checked_engine(engine or os.environ.get("JAWAB_ENGINE", "")) == QDRANT:
        notify("This is the index on this machine; `jawab mirror` brings it into the cluster.")


def open_index(opening: Opening, say: Callable[[str], None] = notify) -> Index:
    """Open the index; where that takes long, show how it goes, and stop at Ctrl-C.

    Args:
        opening: How it is opened.
        say: Told of files that are left out, and of an index built anew.
    """
    from bot.progress import building_progress

    with building_progress(say) as progress:
        try:
            return opening.open(say, progress)
        except KeyboardInterrupt:
            progress.close()
            if progress.has_begun:
                notify("Stopped. What was done is kept, and the same command goes on from there.")
            raise typer.Exit(INTERRUPTED) from None


def wanted_color() -> bool | None:
    """Return False where colours are unwanted (no-color.org), else leave it to the terminal."""
    return False if os.environ.get("NO_COLOR") else None
