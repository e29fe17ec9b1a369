"""The documents that are asked where none are named."""

from __future__ import annotations

from pathlib import Path

_HERE = Path("seeds")
_OWN = Path(__file__).with_name("seeds")


def default_documents() -> Path:
    """Return ``seeds`` in the current folder, else the documents that were installed with Jawab."""
    return _OWN if _OWN.is_dir() and not _HERE.exists() else _HERE


def came_with_jawab(documents: Path) -> bool:
    """Return whether documents were installed with Jawab, and so are never changed."""
    return documents.resolve().is_relative_to(_OWN.resolve())
