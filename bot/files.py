"""Files of documents: names that stay in their folder, and files that come and go whole."""

from __future__ import annotations

import errno
import hashlib
import re
import shutil
import time
import unicodedata
from contextlib import suppress
from pathlib import Path

from index.documents import SUFFIXES
from index.durable import sync_file, sync_folder

_LONGEST_NAME_BYTES = 200
_PART = ".part"
_ABANDONED_SECONDS = 3600  # after which nobody is writing a part any more
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
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

    What begins with a dot is no document.

    Args:
        folder: The folder that it will be in.
        content: What it will hold, or what else tells it from other files.
    """
    return folder / f".{hashlib.sha256(content).hexdigest()[:12]}{_PART}"


def sweep_parts(folder: Path) -> None:
    """Remove what a crash left of files that were being written into a folder, or under it."""
    for part in folder.rglob(f".*{_PART}"):
        with suppress(OSError):
            if abs(time.time() - part.stat().st_mtime) > _ABANDONED_SECONDS:
                part.unlink()


def settle(part: Path, folder: Path, name: str) -> Path:
    """Give a file that is whole a name that is free; nobody sees half of it."""
    sync_file(part)
    stem, _, suffix = name.rpartition(".")
    path = folder / name
    number = 1
    while not _take_name(part, path):
        number += 1
        path = folder / f"{stem}-{number}.{suffix}"
    part.unlink(missing_ok=True)
    sync_folder(folder)
    return path


def _take_name(part: Path, path: Path) -> bool:
    """Give a file a name; return false where there is one of that name already."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # The name is taken first; whoever is killed between leaves an empty file.
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            return False
        try:
            part.replace(path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
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
