"""Which files there are, and which of them have changed since they were read."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.documents import open_regular, real_root, scan, status_of
from index.readers import LeftOutError

# A file that was written this shortly before it was read may be written again unnoticed, with the
# same size and time.
_RACY_NANOSECONDS = 2_000_000_000

UNREAD = -2
"""What is noted in place of the time of change of a file that could not be read."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of the documents.

    Attributes:
        name: Its path as it is shown.
        location: Where it is.
        size: Its bytes, -1 where it cannot be looked at.
        modified: When it was changed, in nanoseconds; -1 where that may not tell the next change.
        root: The real path of the folder that it must not lead out of as a link, if any.
    """

    name: str
    location: str
    size: int
    modified: int
    root: Path | None = None

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
    root = real_root(documents)
    return [_listed(name, entry, now, root) for name, entry in scan(documents)]


def _listed(name: str, entry: os.PathLike[str], now: int, root: Path | None) -> Listed:
    location = os.fspath(entry)
    try:
        status = status_of(entry, root)
    except OSError:
        return Listed(name, location, -1, -1, root)
    # A time far ahead, of a clock that was set back since, tells the next change as well as any.
    racy = abs(now - status.st_mtime_ns) < _RACY_NANOSECONDS
    return Listed(name, location, status.st_size, -1 if racy else status.st_mtime_ns, root)


def compare(listed: Sequence[Listed], known: Mapping[str, tuple[int, int]]) -> Change:
    """Return what has changed: by size and time of change, without reading a file.

    Args:
        listed: The files that there are.
        known: Those that were read, by name, with size and time as they were listed then.
    """
    read = tuple(
        file for file in listed if file.modified < 0 or not _is_as_known(file, known.get(file.name))
    )
    names = {file.name for file in listed}
    return Change(read, tuple(name for name in known if name not in names))


def _is_as_known(file: Listed, known: tuple[int, int] | None) -> bool:
    if known == (file.size, UNREAD):  # who may read it changes no time
        return not _is_readable(file)
    return known == (file.size, file.modified)


def _is_readable(file: Listed) -> bool:
    try:
        with open_regular(file.path, file.root) as stream:
            stream.read(1)
    except OSError:
        return False
    except LeftOutError:  # which is another reason
        return True
    return True
