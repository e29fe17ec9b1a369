"""How the documents look, so that what has been read already is not read again for nothing."""

from __future__ import annotations

from pathlib import Path

from index import Index, JawabError
from index.database import read_files
from index.documents import real_root, scan, status_of
from index.listing import UNREAD

Seen = dict[str, tuple[int, int, int]]
"""Size, time of change, and time of change of what the system knows of it, of each file."""


def look(documents: Path) -> Seen:
    """Return how the documents look now; where there are none, nothing."""
    seen: Seen = {}
    try:
        root = real_root(documents)
        for name, entry in scan(documents):
            try:
                status = status_of(entry, root)
            except OSError:
                continue  # it has gone meanwhile
            seen[name] = (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    except JawabError:
        return {}
    return seen


def as_the_index_knows(seen: Seen, index: Index) -> bool:
    """Tell whether the documents look as they did when an index read them, as far as it knows."""
    known = read_files(index.connection)
    return known.keys() == seen.keys() and all(
        size == seen[name][0] and modified in {-1, UNREAD, seen[name][1]}
        for name, (size, modified) in known.items()
    )
