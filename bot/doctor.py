"""`jawab doctor`: what is in order, what is not, and the way out."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec

from bot.cluster import shown_address
from bot.opening import Opening, described_engine
from bot.tables import size_text
from index import Index, JawabError
from index.documents import SUFFIXES
from index.morphology import Morphology, installed
from index.version import VERSION

_MOST_NAMED = 20  # files that were left out
_NEEDS = {
    ".html": ("trafilatura",),
    ".htm": ("trafilatura",),
    ".pdf": ("pypdfium2", "bidi"),
    ".docx": ("docx",),
}


class State(StrEnum):
    """How it is with one thing."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's: how it is, with what, and what is to be said of it."""

    state: State
    what: str
    said: str


def examine(opening: Opening, open_index: Callable[[Opening], Index]) -> Iterator[Finding]:
    """Yield what the doctor finds, one thing after the other.

    Args:
        opening: How every other command opens the index; otherwise it would be built by turns.
        open_index: Opens it.
    """
    yield Finding(State.OK, "jawab", f"{VERSION}, Python {platform.python_version()}")
    yield Finding(State.OK, "home", str(opening.home_folder()))
    try:
        index = open_index(opening)
    except JawabError as error:
        what = "documents" if opening.cluster is None else "cluster"
        yield Finding(State.PROBLEM, what, str(error))
    else:
        yield from _cluster(index) if opening.cluster else _index(opening, index)
        index.close()
    if opening.cluster is None:
        yield _formats()
    yield _morphology(opening.morphology)


def _index(opening: Opening, index: Index) -> Iterator[Finding]:
    sizes = index.collection.sizes
    found = f"{sizes.documents} in {opening.documents}"
    if index.skipped:
        names = ", ".join(file.path for file in index.skipped[:_MOST_NAMED])
        further = len(index.skipped) - _MOST_NAMED
        more = f" and {further} more" if further > 0 else ""
        yield Finding(State.WARNING, "documents", f"{found}; left out: {names}{more}")
    else:
        yield Finding(State.OK, "documents", found)
    yield Finding(
        State.OK, "engine", described_engine(index.engine, opening.engine, sizes.sentences)
    )
    yield Finding(
        State.OK, "index", f"{sizes.sentences} sentences, {size_text(index.disk_bytes)} on disk"
    )


def _cluster(index: Index) -> Iterator[Finding]:
    from index.cluster.reading import ClusterIndex  # noqa: PLC0415 - for those who use one

    if not isinstance(index, ClusterIndex):
        raise TypeError(index)
    view, sizes = index.view, index.collection.sizes
    cluster = view.connection.cluster
    said = f"{shown_address(cluster)}, name {cluster.prefix}, generation {view.generation}"
    yield Finding(State.OK, "cluster", said)
    yield Finding(State.OK, "documents", f"{sizes.documents}, {sizes.sentences} sentences")
    yield Finding(State.OK, "engine", f"{index.engine} (as set)")


def _formats() -> Finding:
    """Tell which formats can be read; libraries that are not installed are no problem."""
    missing = {suffix for suffix, modules in _NEEDS.items() if not all(map(_is_there, modules))}
    found = " ".join(suffix for suffix in SUFFIXES if suffix not in missing)
    if not missing:
        return Finding(State.OK, "formats", found)
    lacking = " ".join(suffix for suffix in SUFFIXES if suffix in missing)
    return Finding(State.OK, "formats", f"{found}; `uv sync --extra formats` brings {lacking}")


def _is_there(module: str) -> bool:
    return find_spec(module) is not None


def _morphology(database: str | None) -> Finding:
    """Tell whether the morphological database that is set, if any, can be used."""
    if database:
        try:
            return Finding(State.OK, "morphology", Morphology.open(database).name)
        except JawabError as error:
            return Finding(State.PROBLEM, "morphology", str(error))
    names = ", ".join(installed())
    if names:
        return Finding(State.OK, "morphology", f"installed, not in use: {names}")
    way = "`camel_data -i morphology-db-msa-r13` brings lemmas and roots"
    return Finding(State.OK, "morphology", f"not installed and not needed; {way}")
