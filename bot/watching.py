"""The documents folder watched: by the system's own events, or by looking where it has none.

Whoever refreshes after each report misses nothing: the first comes once the folder is watched.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import watchfiles

from index.documents import SUFFIXES

_QUIET_MILLISECONDS = 300  # without a change, until what changed is reported
_LONGEST_MILLISECONDS = 5000  # of changes without end, until they are reported
_LOOK_MILLISECONDS = 1000  # between looks at whether the folder itself is still the same one
_POLL_MILLISECONDS = 2000
_AWAY_SECONDS = 1.0  # between looks for a folder that is gone
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 300.0  # seconds between tries to watch what cannot be watched


def changes(
    documents: Path, home: Path, stop: threading.Event, notify: Callable[[str], None]
) -> Iterator[bool]:
    """Yield true whenever the documents may have changed, false when they are gone.

    Args:
        documents: A folder of documents or a single one.
        home: The folder that indexes are kept in, whose changes are none of the documents.
        stop: Ends it.
        notify: Told in one line where the system's own events cannot be had, and where nothing can.
    """
    polls: bool | None = None  # as WATCHFILES_FORCE_POLLING says
    is_there, pause = True, _FIRST_PAUSE
    while not stop.is_set():
        found = _identity(documents)
        if found is None:
            if is_there:
                is_there = False
                yield False
            stop.wait(_AWAY_SECONDS)
            continue
        is_there, began = True, time.monotonic()
        try:
            yield from _while_same(documents, home, found, stop, polls=polls)
        except FileNotFoundError:
            stop.wait(_AWAY_SECONDS)  # it went just now
        except (OSError, RuntimeError) as error:  # the second where watchfiles itself cannot go on
            if not polls:
                notify(
                    f"The system cannot tell of changes in {documents} ({error}); "
                    "Jawab looks every few seconds instead."
                )
                polls = True
                continue
            if time.monotonic() - began > _LONGEST_PAUSE:
                pause = _FIRST_PAUSE
            notify(f"{documents} cannot be watched ({error}); trying again in {pause:g} s.")
            stop.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)


def _while_same(
    documents: Path,
    home: Path,
    found: tuple[int, int],
    stop: threading.Event,
    *,
    polls: bool | None,
) -> Iterator[bool]:
    """Yield true for every change for as long as the folder is the one that was found."""
    alone = documents.is_file()
    watched = watchfiles.watch(
        # A file that is replaced is another one, whose changes only its folder knows of.
        documents.parent if alone else documents,
        watch_filter=_filter(documents, home),
        debounce=_LONGEST_MILLISECONDS,
        step=_QUIET_MILLISECONDS,
        stop_event=stop,
        rust_timeout=_LOOK_MILLISECONDS,
        yield_on_timeout=True,
        force_polling=polls,
        poll_delay_ms=_POLL_MILLISECONDS,
        recursive=not alone,
        ignore_permission_denied=True,
    )
    is_first = True
    for reported in watched:
        now = _identity(documents)
        if now is None or (now != found and not alone):
            return
        if reported or is_first:
            is_first = False
            yield True


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _filter(documents: Path, home: Path) -> Callable[[watchfiles.Change, str], bool]:
    """Return what tells the changes that may be those of documents."""
    root = documents.resolve()
    apart = home.resolve()
    if root.is_relative_to(apart):
        apart = apart / root.name / "none"  # the documents lie in the home, not the other way
    roots = (str(documents.absolute()), str(root), str(documents))

    def is_relevant(_: watchfiles.Change, changed: str) -> bool:
        if changed in roots:
            return True
        prefix = next((one for one in roots if changed.startswith((f"{one}/", f"{one}\\"))), None)
        if prefix is None:
            return documents.is_dir()
        path = root / changed.removeprefix(prefix).lstrip("/\\")
        if path.is_relative_to(apart):
            return False
        parts = path.relative_to(root).parts
        if any(part.startswith(".") for part in parts):
            return False
        # A folder that came or went tells of no file in it.
        return path.suffix.lower() in SUFFIXES or not path.is_file()

    return is_relevant
