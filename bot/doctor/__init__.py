"""`jawab doctor`: what is in order, what is not, and the way out. It changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bot.confidential import secrets_in
from bot.doctor import documents, machine
from bot.doctor.findings import Examination, Finding, State, problem
from bot.doctor.settings import settings
from bot.logs import Redaction
from bot.opening import Opening
from bot.printable import label
from bot.settings import Settings, has_token
from index import JawabError

__all__ = ["Finding", "State", "examine"]

_SECONDS = 10.0  # for each thing; they are looked at at the same time
_INDEX_SECONDS = 30.0


def examine(
    docs: Path, home: Path | None, engine: str | None, *, offline: bool = False
) -> Iterator[Finding]:
    """Yield what the doctor finds, one thing after the other.

    Args:
        docs: The documents.
        home: Where indexes are kept.
        engine: The engine where the environment's is not wanted.
        offline: Whether Telegram is left out.
    """
    read, found = settings()
    bots = read if has_token() else None
    redacted = Redaction((*secrets_in(), *(bots.secrets() if bots else ())))
    opening: Opening | None = None
    try:
        opening = Opening.from_environment(docs, home, engine)
    except JawabError as error:
        if str(error) not in {one.said for one in found}:
            found.append(problem("settings", str(error)))
    looks = [
        Examination("python", _SECONDS, machine.versions),
        Examination("settings", _SECONDS, lambda: found),
        *_looks(opening, docs, home, read),
    ]
    if bots is not None:
        looks += _looks_of_bot(bots, offline=offline)
    looks.append(Examination("libraries", _SECONDS, machine.libraries))
    for look in looks:
        for finding in look.findings():
            yield replace(finding, said=label(redacted(finding.said)))


def _looks(
    opening: Opening | None, docs: Path, home: Path | None, read: Settings | None
) -> Iterator[Examination]:
    """Look at the documents, their index, and what both need."""
    folder = Opening(docs, home).home_folder()
    if opening is None:  # it is not known how their index is opened
        yield Examination("documents", _SECONDS, lambda: documents.only_documents(docs))
        yield Examination("home", _SECONDS, lambda: machine.home(folder, has_index=False))
    elif opening.cluster is not None:
        yield Examination("cluster", _INDEX_SECONDS, lambda: documents.cluster(opening))
    else:
        wanted = bool(read and read.administrators)
        yield Examination(
            "documents",
            _INDEX_SECONDS,
            lambda: documents.documents_and_index(opening, changes_wanted=wanted),
        )
    if opening is None or opening.cluster is None:
        yield Examination("formats", _SECONDS, machine.formats)
        folders = {"the documents": docs, "the index": folder}
        yield Examination(
            "disk",
            _SECONDS,
            lambda: machine.disks(folders, 2 * documents.index_bytes(docs, folder)),
        )
    if opening is not None and opening.lexicon is not None:
        file = opening.lexicon
        yield Examination("lexicon", _SECONDS, lambda: documents.lexicon(file))
    name = opening.morphology if opening else None
    yield Examination("morphology", _INDEX_SECONDS, lambda: machine.morphology(name))
    yield Examination("encoding", _SECONDS, machine.terminal)


def _looks_of_bot(read: Settings, *, offline: bool) -> Iterator[Examination]:
    """Look at what only the bot needs."""
    from bot.doctor.telegram import telegram  # noqa: PLC0415 - half a second, for those who run one

    file = read.state_file()
    yield Examination("state", _INDEX_SECONDS, lambda: machine.state(file))
    yield Examination("disk", _SECONDS, lambda: machine.disks({"the bot's state": file}, 0))
    if read.metrics_port is not None:
        address = read.metrics_port
        yield Examination("metrics", _SECONDS, lambda: machine.listening("metrics", address))
    if not offline:
        yield Examination("telegram", 2 * _SECONDS, lambda: telegram(read))
