"""How the documents look, so that what has been read already is not read again for nothing."""

from __future__ import annotations

from pathlib import Path

from index import Index, JawabError
from index.database import read_files
from index.documents import display_path, find_files

Seen = dict[str, tuple[int, int, int]]
"""Size, time of change, and time of change of what the system knows of it, of each file."""


def look(documents: Path) -> Seen:
    """Return how the documents look now; where there are none, nothing."""
    seen: Seen = {}
    try:
        for path in find_files(documents):
            try:
                status = path.stat()
            except OSError:
                continue  # it has gone meanwhile
            name = display_path(documents, path)
            seen[name] = (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    except JawabError:
        return {}
    return seen


def as_the_index_knows(seen: Seen, index: Index) -> bool:
    """Tell whether the documents look as they did when an index read them, as far as it knows."""
    known = read_files(index.connection)
    return known.keys() == seen.keys() and all(
        size == seen[name][0] and modified in {-1, seen[name][1]}
        for name, (size, modified) in known.items()
    )
