"""Where the indexes of a documents folder are, which is in force, and what may be swept away."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.durable import write_durably

CURRENT = "current.json"
LOCK = "lock.db"
BUILDING = "building"
_DOOMED = "doomed-"


@dataclass(frozen=True, slots=True)
class Current:
    """What ``current.json`` says: the index in force, and whether it is never written to."""

    key: str
    depends: list[Any]
    sealed: bool


def default_home() -> Path:
    """Return where indexes are kept unless JAWAB_HOME says otherwise: the user's cache folder."""
    from platformdirs import user_cache_path  # noqa: PLC0415 - 50 ms that a set home saves

    return user_cache_path("jawab", appauthor=False)


def index_folder(documents: Path, home: Path) -> Path:
    """Return where the index of a documents folder is kept."""
    name = str(documents.resolve()).encode("utf-8", "surrogatepass")
    return home / hashlib.sha256(name).hexdigest()[:16]


def read_current(folder: Path) -> Current | None:
    """Return which index of a folder is in force, or None where that cannot be used."""
    try:
        read = json.loads((folder / CURRENT).read_text("ascii"))
        return Current(str(read["key"]), list(read["depends"]), bool(read["sealed"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def put_in_force(folder: Path, current: Current) -> None:
    """Have an index of a folder be the one in force, and sweep what was before.

    Raises:
        OSError: What is in force cannot be written; it is what it was.
    """
    write_durably(folder / CURRENT, json.dumps(asdict(current)).encode("ascii"))
    sweep(folder, current.key)


def leftovers(folder: Path, key: str, *, building: bool = True) -> list[Path]:
    """Return what is in a folder beside the index in force: what a crash left behind.

    Args:
        folder: The folder.
        key: The index in force.
        building: Whether one that is being built, and could be gone on with, is among it.
    """
    kept = {key, CURRENT} if building else {key, CURRENT, BUILDING}
    return [
        path
        for path in folder.iterdir()
        if path.name not in kept and not path.name.startswith(LOCK)
    ]


def sweep(folder: Path, key: str, *, building: bool = True) -> None:
    """Remove the leftovers; the lock is held."""
    for path in leftovers(folder, key, building=building):
        if path.is_dir():
            remove(path)
        else:
            path.unlink(missing_ok=True)


def remove(folder: Path) -> None:
    """Remove an index's folder so that a crash amid it leaves nothing that looks like an index."""
    doomed = folder
    if not folder.name.startswith(_DOOMED):
        doomed = folder.with_name(f"{_DOOMED}{secrets.token_hex(4)}")
        with suppress(OSError):
            folder.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
