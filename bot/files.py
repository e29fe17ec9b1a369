"""Files of documents: names that stay in their folder, and files that come and go whole."""

from __future__ import annotations

import hashlib
import re
import shutil
import unicodedata
from pathlib import Path

from index.documents import SUFFIXES

_LONGEST_NAME_BYTES = 200
_UNSAFE = re.compile(
    r"[\\/:*?\"<>|\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
_HIDING = re.compile(r"\A[\s.]+")  # what a name must not begin with, or the file is no document


class AddError(Exception):
    """A file cannot be added; the subclass says why."""


class WrongKindError(AddError):
    """The file's name has none of the endings of documents."""


class WrongNameError(AddError):
    """The file's name cannot be the name of a document."""


def safe_name(name: str) -> str:
    """Return a file's name that stays in its folder, as close to the one given as can be.

    Raises:
        WrongKindError: It has none of the endings of documents.
        WrongNameError: Nothing of it can be used.
    """
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    base = _UNSAFE.sub("", base.encode("utf-8", "ignore").decode()).strip()
    stem, dot, suffix = base.rpartition(".")
    if f"{dot}{suffix.lower()}" not in SUFFIXES:
        raise WrongKindError(name)
    stem = _HIDING.sub("", stem, count=1)
    while len(stem.encode()) > _LONGEST_NAME_BYTES:
        stem = stem[:-1]
    stem = stem.rstrip()
    if not stem:
        raise WrongNameError(name)
    return f"{stem}.{suffix}"


def safe_folder(name: str) -> str:
    """Return a name for a folder of documents, as close to the one given as can be."""
    return safe_name(f"{name}.txt").removesuffix(".txt")


def part_of(folder: Path, content: bytes) -> Path:
    """Return where a file is written until it is whole.

    What begins with a dot is no document, and what a crash left is written over the next time.

    Args:
        folder: The folder that it will be in.
        content: What it will hold, or what else tells it from other files.
    """
    return folder / f".{hashlib.sha256(content).hexdigest()[:12]}.part"


def settle(part: Path, folder: Path, name: str) -> Path:
    """Give a file that is whole a name that is free; nobody sees half of it."""
    stem, _, suffix = name.rpartition(".")
    path = folder / name
    number = 1
    while not _reserve(path):
        number += 1
        path = folder / f"{stem}-{number}.{suffix}"
    try:
        part.replace(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _reserve(path: Path) -> bool:
    """Make an empty file of this name; return false where there is one already."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def move_out(path: Path, folder: Path) -> Path | None:
    """Move a file to another folder, where it gets a free name; return None where it is gone."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / path.name
    number = 1
    while kept.exists():
        number += 1
        kept = folder / f"{path.stem}-{number}{path.suffix}"
    try:
        shutil.move(path, kept)  # also to another file system
    except FileNotFoundError:
        return None
    except OSError:
        kept.unlink(missing_ok=True)
        raise
    return kept
