"""``jawab add`` and ``jawab remove``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import (
    SEEDS,
    DocsOption,
    HomeOption,
    fail,
    notify,
    notify_unless_changed,
    open_index,
    opening_of,
    tell_of_mirror,
)
from bot.printable import printable

if TYPE_CHECKING:
    from bot.folder import Removal
    from bot.incoming import Incoming
    from bot.opening import Opening
    from index import Index

_STANDARD_INPUT = "-"


def add(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH…", help="Files, folders of them, or - for standard input."),
    ],
    *,
    docs: DocsOption = SEEDS,
    home: HomeOption = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            metavar="NAME",
            help="The file name of what - reads.",
            show_default="its first words",
        ),
    ] = None,
) -> None:
    """Copy documents into the documents folder, and refresh the index.

    Where a file that is named cannot be read, nothing is changed. A text that is among the
    documents already is not added again.
    """
    from bot.files import AddError
    from bot.incoming import put, take_back
    from index import JawabError

    _must_be_own(docs)
    if docs.is_file():
        fail(f"{docs} is a single file, so nothing can be added; name a folder with --docs.")
    if name is not None and _STANDARD_INPUT not in paths:
        raise typer.BadParameter("--name is for what - reads from standard input")
    opening = opening_of(docs, home, local=True)
    before = _open_if_any(opening)
    try:
        new = _new(_incoming(paths, name, opening), before, docs)
    except AddError as error:
        fail(str(error))
    finally:
        if before is not None:
            before.close()
    if not new:
        return
    files = put(docs, new)
    try:
        opened = open_index(opening, notify_unless_changed)
    except (JawabError, OSError):
        take_back(docs, files)
        raise
    _show(opened, docs, files)
    tell_of_mirror()


def _must_be_own(docs: Path) -> None:
    """End where the documents are those that were installed with Jawab."""
    from bot.default_documents import came_with_jawab

    if came_with_jawab(docs):
        fail(
            "The documents that came with Jawab are not changed; name a folder of your own with "
            "--docs or in JAWAB_DOCS."
        )


def _open_if_any(opening: Opening) -> Index | None:
    """Open the index, or return None where there are no documents yet."""
    from index.errors import DocumentsNotFoundError, NoDocumentsError

    try:
        return open_index(opening)
    except DocumentsNotFoundError:
        if not opening.documents.absolute().parent.is_dir():
            raise
    except NoDocumentsError:
        pass
    return None


def _incoming(paths: list[str], name: str | None, opening: Opening) -> list[Incoming]:
    """Return everything that is to be added; what cannot be used of a folder is said."""
    from bot.incoming import gather, typed

    found = []
    for path in dict.fromkeys(paths):
        if path == _STANDARD_INPUT:
            found.append(typed(sys.stdin.buffer.read(), name))
            continue
        for one in gather([Path(path)], opening.documents, opening.archive_fields()):
            if isinstance(one, str):
                notify(one)
            else:
                found.append(one)
    return found


def _new(incoming: list[Incoming], index: Index | None, docs: Path) -> list[Incoming]:
    """Return what is not known already; what is, is said."""
    from bot.folder import known_at

    new: list[Incoming] = []
    seen: dict[str, str] = {}
    for one in incoming:
        archive = Path(one.shown) if one.is_archive else None
        known = None if archive else seen.get(one.document.id)
        if known is None and index is not None:
            known = known_at(index, docs, one.document, archive)
        if not archive:
            seen.setdefault(one.document.id, one.shown)
        if known is None:
            new.append(one)
        else:
            notify(
                f"{one.shown} is not added: its text is among the documents already, as {known}."
            )
    return new


def _show(index: Index, docs: Path, files: list[Path]) -> None:
    from bot.folder import what_came, why_nothing_came
    from bot.tables import came_table, show
    from index.documents import display_path

    came = []
    for file in files:
        shown = display_path(docs, file)
        one = what_came(index, shown)
        if one is None:
            notify(f"{shown} is left out: {why_nothing_came(index, shown)}.")
        else:
            came.append(one)
    show(came_table(came))


def remove(
    names: Annotated[
        list[str],
        typer.Argument(metavar="ID…", help="Ids of documents, or their paths; see `sources`."),
    ],
    *,
    docs: DocsOption = SEEDS,
    home: HomeOption = None,
) -> None:
    """Move documents out of the documents folder, and refresh the index.

    Their files are kept, so that they can be added again.
    """
    from bot.folder import put_back, take_out
    from index import JawabError

    _must_be_own(docs)
    opening = opening_of(docs, home, local=True)
    opened = open_index(opening)
    files: dict[str, None] = {}
    ids = set()
    for name in dict.fromkeys(names):
        removal = _planned(opened, docs, name)
        files |= dict.fromkeys(removal.files)
        ids |= {document.id for document in removal.documents}
    if len(ids) == opened.collection.sizes.documents:
        fail("No document would be left, so nothing is removed.")
    opened.close()
    moved = take_out(docs, list(files), opening.removed_folder())
    try:
        open_index(opening, notify_unless_changed)
    except (JawabError, OSError):
        put_back(moved)
        raise
    for one in moved:
        typer.echo(printable(f"removed {one.path}"))
        typer.echo(printable(f"to have it back: jawab add {shlex.quote(str(one.kept))}"))
    tell_of_mirror()


def _planned(index: Index, docs: Path, name: str) -> Removal:
    """Return what goes with a name, or end with the reason why nothing does."""
    from bot.folder import InArchiveError, LastDocumentError, plan_removal
    from index.documents import display_path

    path = Path(name).resolve()
    names = [name]
    if path.is_relative_to(docs.resolve()) and docs.is_dir():
        names.append(display_path(docs.resolve(), path))
    removal = None
    try:
        removal = next(filter(None, (plan_removal(index, one) for one in names)), None)
    except LastDocumentError:
        fail("No document would be left, so nothing is removed.")
    except InArchiveError as error:
        fail(
            f"{name} stands in {error.file} ({error.place}) with {error.others} other "
            f"document{'s' if error.others > 1 else ''}; take it out of that file, or remove the "
            f"whole file with `jawab remove {shlex.quote(error.file)}`."
        )
    if removal is None:
        fail(f"There is no document {name}; `jawab sources` lists them with their ids.")
    return removal
