"""Which files there are, and which of them have changed since they were read."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.documents import scan

# A file that was written this shortly before it was read may be written again unnoticed, with the
# same size and time.
_RACY_NANOSECONDS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of the documents.

    Attributes:
        name: Its path as it is shown.
        location: Where it is.
        size: Its bytes, -1 where it cannot be looked at.
        modified: When it was changed, in nanoseconds; -1 where that may not tell the next change.
    """

    name: str
    location: str
    size: int
    modified: int

    @property
    def path(self) -> Path:
        """Where it is."""
        return Path(self.location)


@dataclass(frozen=True, slots=True)
class Change:
    """What must be done so that an index fits its documents again."""

    read: tuple[Listed, ...]
    gone: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.read or self.gone)

    @property
    def size(self) -> int:
        """How many bytes must be read."""
        return sum(max(file.size, 0) for file in self.read)


def list_documents(documents: Path) -> list[Listed]:
    """Return the files of a documents folder, or the single one, by path.

    Raises:
        DocumentsError: There is nothing at ``documents``, or it cannot be listed.
    """
    now = time.time_ns()
    return [_listed(name, entry, now) for name, entry in scan(documents)]


def _listed(name: str, entry: os.PathLike[str], now: int) -> Listed:
    location = os.fspath(entry)
    try:
        status = entry.stat() if isinstance(entry, os.DirEntry) else Path(entry).stat()
    except OSError:
        return Listed(name, location, -1, -1)
    racy = now - status.st_mtime_ns < _RACY_NANOSECONDS
    return Listed(name, location, status.st_size, -1 if racy else status.st_mtime_ns)


def compare(listed: Sequence[Listed], known: Mapping[str, tuple[int, int]]) -> Change:
    """Return what has changed: by size and time of change, without reading a file.

    Args:
        listed: The files that there are.
        known: Those that were read, by name, with size and time as they were listed then.
    """
    read = tuple(
        file
        for file in listed
        if file.modified < 0 or known.get(file.name) != (file.size, file.modified)
    )
    names = {file.name for file in listed}
    return Change(read, tuple(name for name in known if name not in names))
