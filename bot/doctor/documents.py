"""The documents and their index, as they stand: nothing is built, and nothing changed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from bot.cluster import shown_address
from bot.doctor.findings import Finding, ok, problem, warning
from bot.doctor.machine import home
from bot.opening import Opening, described_engine
from bot.tables import size_text
from index import JawabError, MorphologyError
from index.current import index_folder
from index.documents import SUFFIXES
from index.lexicon import Lexicon
from index.listing import Listed, list_documents
from index.standing import Contents, Standing, look_at

_MOST_NAMED = 20
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def documents_and_index(opening: Opening, *, changes_wanted: bool) -> Iterator[Finding]:
    """Tell of the documents, of the index that they have, and of the home it is in.

    Args:
        opening: How the index is opened.
        changes_wanted: Whether there are administrators, who add documents and remove them.
    """
    listed: Sequence[Listed] | None = None
    try:
        listed = list_documents(opening.documents)
    except JawabError as error:
        yield problem("documents", str(error))
    standing: Standing | None = None
    with suppress(MorphologyError):  # which is told of by itself
        standing = look_at(
            opening.documents,
            opening.home_folder(),
            listed or (),
            engine=opening.engine,
            fields=opening.archive_fields(),
            morphology=opening.morphology,
        )
    contents = standing.contents if standing else None
    if listed is not None:
        yield from _documents(opening.documents, listed, contents)
        yield from _writable(opening.documents, changes_wanted=changes_wanted)
    yield from home(opening.home_folder(), has_index=contents is not None)
    if standing is not None:
        yield from _index(opening, standing)


def only_documents(documents: Path) -> Iterator[Finding]:
    """Tell of the documents alone, where it is not known how their index is opened.

    Raises:
        DocumentsError: There are none.
    """
    yield from _documents(documents, list_documents(documents), None)


def _documents(
    documents: Path, listed: Sequence[Listed], contents: Contents | None
) -> Iterator[Finding]:
    if not listed:
        yield problem(
            "documents",
            f"none in {documents}; put {', '.join(SUFFIXES)} files there, or name another folder "
            "in JAWAB_DOCS",
        )
        return
    files = f"{len(listed)} files" if len(listed) > 1 else "1 file"
    size = size_text(sum(max(one.size, 0) for one in listed))
    held = f"{contents.sizes.documents} from " if contents else ""
    found = f"{held}{files} in {documents}, {size}"
    left_out = [f"{one.path} ({one.reason})" for one in contents.skipped] if contents else []
    if left_out:
        yield warning("documents", f"{found}; left out: {_named(left_out)}")
    else:
        yield ok("documents", found)
    unreadable = [one.name for one in listed if not os.access(one.path, os.R_OK)]
    unreadable += _closed_folders(documents)
    if unreadable:
        yield warning(
            "documents", f"this user may not read {_named(unreadable)}; `chmod a+r` lets everybody"
        )


def _closed_folders(documents: Path) -> list[str]:
    closed: list[str] = []
    for folder, names, _ in os.walk(documents):
        names[:] = [name for name in names if not name.startswith(".")]
        closed += [
            f"{path}/"
            for path in (Path(folder) / name for name in names)
            if not os.access(path, os.R_OK | os.X_OK)
        ]
    return closed


def _named(names: Sequence[str]) -> str:
    further = len(names) - _MOST_NAMED
    more = f" and {further} more" if further > 0 else ""
    return f"{', '.join(names[:_MOST_NAMED])}{more}"


def _writable(documents: Path, *, changes_wanted: bool) -> Iterator[Finding]:
    if documents.is_file() or os.access(documents, os.W_OK | os.X_OK):
        return
    said = f"{documents} cannot be written, so `jawab add` and `remove` do nothing there"
    if changes_wanted:
        yield warning("documents", f"{said}, nor do the administrators; make it writable")
    else:
        yield ok("documents", said)


def _index(opening: Opening, standing: Standing) -> Iterator[Finding]:
    contents = standing.contents
    if contents is not None:
        sizes = contents.sizes
        yield ok("engine", described_engine(contents.engine, opening.engine, sizes.sentences))
        size = size_text(contents.disk_bytes)
        said = f"{sizes.sentences} sentences, {size} on disk, written {_ago(standing.age)}"
        if contents.next_engine != contents.engine:
            said += f"; built anew for {contents.next_engine} when it is opened next"
        elif contents.stale:
            files = f"{contents.stale} files" if contents.stale > 1 else "1 file"
            said += f"; {files} changed since, and read when it is opened next"
        yield ok("index", said)
        return
    by = "as set" if opening.engine != "auto" else "by the number of sentences"
    yield ok("engine", f"{opening.engine} ({by})")
    build = "; `jawab index` builds it"
    if standing.damage:
        yield warning("index", f"damaged ({standing.damage}){build} anew")
    elif standing.exists:
        yield warning("index", f"built by another version or with other settings{build} anew")
    elif standing.is_begun:
        yield warning("index", "begun and not ended; `jawab index` goes on with it")
    else:
        yield warning("index", f"none yet{build}, and so does the first question")


def index_bytes(documents: Path, home: Path) -> int:
    """Return how large an index is, which a change may double for a while."""
    found = index_folder(documents, home).rglob("*")
    return sum(path.stat().st_size for path in found if path.is_file())


def _ago(seconds: float) -> str:
    for length, name in ((_DAY, "days"), (_HOUR, "hours"), (_MINUTE, "minutes")):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {name} ago"
    return "just now" if seconds < _MINUTE else "a minute ago"


def lexicon(file: Path) -> Iterator[Finding]:
    """Tell whether the user's own lexicon can be read.

    Raises:
        LexiconError: It cannot.
    """
    Lexicon.load(file)
    yield ok("lexicon", f"{file}")


def cluster(opening: Opening) -> Iterator[Finding]:
    """Tell of the index in a search cluster.

    Raises:
        JawabError: It is away, or holds none.
    """
    from index.cluster.reading import ClusterIndex  # noqa: PLC0415 - for those who use one

    index = opening.open()
    try:
        if not isinstance(index, ClusterIndex):
            raise TypeError(index)
        view, sizes = index.view, index.collection.sizes
        remote = view.connection.cluster
        said = f"{shown_address(remote)}, name {remote.prefix}, generation {view.generation}"
        yield ok("cluster", said)
        yield ok("documents", f"{sizes.documents}, {sizes.sentences} sentences")
        yield ok("engine", f"{index.engine} (as set)")
    finally:
        index.close()
