"""What is on disk for good: written so that a power cut leaves the old or the new, never half."""

from __future__ import annotations

import os
from pathlib import Path

HALF = "-new"
"""What the name of a file ends with that is not whole yet; the next one is written over it."""


def write_durably(file: Path, content: bytes) -> None:
    """Write a file whole, in the place of the one that may be there.

    Raises:
        OSError: It cannot be written; the one that was there stays.
    """
    written = file.with_name(f"{file.name}{HALF}")
    try:
        with written.open("wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        written.replace(file)
    finally:
        written.unlink(missing_ok=True)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder stay as they are now."""
    if os.name == "nt":  # which cannot open a folder
        return
    sync_file(folder)


def sync_tree(folder: Path) -> None:
    """Have everything in a folder stay as it is now."""
    for path in folder.rglob("*"):
        if path.is_file():
            sync_file(path)
        elif path.is_dir():
            sync_folder(path)
    sync_folder(folder)


def sync_file(path: Path) -> None:
    """Have what is in a file, or a folder where the system can, stay as it is now."""
    # Windows only syncs what may be written to.
    opened = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
