"""A connection to SQLite that may be dropped without being closed."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import suppress


class DroppedConnection(sqlite3.Connection):
    """Closes itself when nobody holds it any more.

    Whoever asks an index once has no reason to close it: ``Index.open("seeds").ask(…)``. From
    Python 3.13 on a connection that is dropped open is warned of; before, it closes itself, and
    nothing may run here then: a Ctrl-C that comes in ``__del__`` is lost.
    """

    if sys.version_info >= (3, 13):

        def __del__(self) -> None:
            """Close it."""
            with suppress(sqlite3.ProgrammingError):  # of one that never came about
                self.close()
