"""The index brought up to date by a process of its own, which takes no time from the answers."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.opening import Opening
from index import JawabError

_FAILED = 2
_NICENESS = 5  # the answers go first


def program() -> list[str]:
    """Return the command that refreshes the index which the environment names."""
    # The modules come from where this process has them, whatever lies in the current folder.
    code = f"import sys; sys.path[:] = {sys.path!r}; from bot.refreshing import main; main()"
    return [sys.executable, "-P", "-c", code]


def main() -> None:
    """Refresh the index, and write what became of it to standard output."""
    # The documents may have names that this system's encoding does not know.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    try:
        report = refresh(_opening())
    except (JawabError, OSError) as error:
        said = error.strerror if isinstance(error, OSError) else None
        sys.stderr.write(f"{said or error}\n")
        sys.exit(_FAILED)
    sys.stdout.write(json.dumps(report))


def _opening() -> Opening:
    home = os.environ.get("JAWAB_HOME")
    return Opening.from_environment(
        Path(os.environ.get("JAWAB_DOCS", "")), Path(home) if home else None, local=True
    )


def refresh(opening: Opening) -> dict[str, Any]:
    """Refresh an index, and return its state and what was changed."""
    index = opening.open()
    try:
        changes = {} if index.changes is None else asdict(index.changes)
        return {"state": index.state, "since": "", "came": 0, "changed": 0, "went": 0} | changes
    finally:
        index.close()
