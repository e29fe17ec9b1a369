"""`jawab doctor`: what is in order, what is not, and the way out."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from index import JawabError, open_index
from index.morphology import Morphology, installed
from index.store import default_home
from index.version import VERSION


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


def examine(
    docs: Path, home: Path | None, lexicon: Path | None, morphology: str | None
) -> Iterator[Finding]:
    """Yield what the doctor finds, one thing after the other."""
    yield Finding(State.OK, "jawab", f"{VERSION}, Python {platform.python_version()}")
    yield Finding(State.OK, "home", str(home or default_home()))
    yield _index(docs, home, lexicon, morphology)
    yield _morphology(morphology)


def _index(docs: Path, home: Path | None, lexicon: Path | None, morphology: str | None) -> Finding:
    try:
        # With the same settings as every other command, or the index would be built anew by turns.
        index = open_index(docs, home, lexicon=lexicon, morphology=morphology)
    except JawabError as error:
        return Finding(State.PROBLEM, "documents", str(error))
    count = len(index.collection.documents)
    if index.skipped:
        names = ", ".join(file.path for file in index.skipped)
        return Finding(State.WARNING, "documents", f"{count} in {docs}; left out: {names}")
    return Finding(State.OK, "documents", f"{count} in {docs}")


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
