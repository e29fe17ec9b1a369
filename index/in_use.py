"""What several threads use: closing it waits for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from index.errors import ClosedIndexError


class InUse:
    """Counts those who use an index.

    SQLite's connections may not be closed under a thread that reads from them: Python crashes.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._users = 0
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether nobody may use it any more."""
        return self._closed

    @contextmanager
    def using(self) -> Iterator[None]:
        """Use it while the block runs.

        Raises:
            ClosedIndexError: It is closed.
        """
        with self._changed:
            if self._closed:
                raise ClosedIndexError
            self._users += 1
        try:
            yield
        finally:
            with self._changed:
                self._users -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Let nobody use it any more, and wait for those who do."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: not self._users)
