"""Checksums of an index that is changed in place: whether its files hold what was written.

Who opens it compares the sizes and times of its files with those that were noted, and reads only
what differs; once a day, all of it. While it is being changed there is nothing noted. What a change
wrote is known from the write-ahead log, so that a small one does not read the whole database.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.database import FILE_NAME, PAGE_BYTES
from index.durable import HALF, sync_folder, write_durably
from index.errors import DamagedIndexError

if TYPE_CHECKING:  # 10 ms that only the type checker needs
    import numpy.typing as npt

_SUMS = "sums.json"
_PAGES = "pages.sums"
_LOG = f"{FILE_NAME}-wal"
_CHECKED_SECONDS = 24 * 3600
_READ_BYTES = 1 << 20
_TRIES = 5
_LOG_HEADER_BYTES, _FRAME_HEADER_BYTES = 32, 24


@dataclass(frozen=True, slots=True)
class _File:
    """How a file looked, and its checksum."""

    size: int
    modified: int
    changed: int
    sum: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What is noted of an index: when all of it was read last, and each file by its path."""

    checked: float
    files: dict[str, _File]


@dataclass(frozen=True, slots=True)
class Checked:
    """What was noted, and what may be in place of it, the files having been read."""

    noted: Sums
    now: Sums


def check_sums(folder: Path, *, whole: bool = False) -> Checked | None:
    """Check that the files of an index hold what was noted.

    Args:
        folder: The index's folder.
        whole: Whether to read those that look as they did, too.

    Returns:
        What can be noted anew (``renew``), None where what was noted still holds or there is none.

    Raises:
        DamagedIndexError: A file does not hold what it should.
    """
    for _ in range(_TRIES):
        noted = _read(folder)
        if noted is None:
            return None
        now = time.time()
        is_due = whole or abs(now - noted.checked) > _CHECKED_SECONDS
        try:
            found = _look(folder)
            suspect = [
                name
                for name in (*noted.files, *({_LOG} & found.keys() - noted.files.keys()))
                if is_due or not _is_alike(noted.files.get(name), found.get(name))
            ]
            wrong = next((name for name in suspect if not _holds(folder, name, noted)), None)
        except OSError as error:
            wrong = str(error)
        if wrong is None:
            if not suspect:
                return None
            files = {
                name: replace(file, sum=noted.files[name].sum)
                for name, file in found.items()
                if name in noted.files
            }
            return Checked(noted, Sums(now if is_due else noted.checked, files))
        if _read(folder) == noted:  # and nobody has changed the index meanwhile
            raise DamagedIndexError(f"{folder.name} does not match its checksums: {wrong}")
    return None


def has_sums(folder: Path) -> bool:
    """Tell whether anything is noted: not amid a change, or where one was broken off."""
    return (folder / _SUMS).exists()


def renew(folder: Path, checked: Checked) -> None:
    """Note what was found, unless the index was changed meanwhile; the lock is held."""
    if _read(folder) == checked.noted:
        _write(folder, checked.now)


@contextmanager
def changing(folder: Path) -> Iterator[set[int]]:
    """Change the files of an index that has been opened and so checked.

    Where it cannot be noted what they hold then, as on a full disk, that is done another time.

    Yields:
        A set for the pages of the database that are changed.
    """
    pages: set[int] = set()
    before = _read(folder)
    sums = _read_pages(folder, before)
    (folder / _SUMS).unlink(missing_ok=True)
    sync_folder(folder)
    try:
        yield pages
    except BaseException:
        with suppress(OSError):
            note_sums(folder)
        raise
    with suppress(OSError):
        note_sums(folder, before, sums, pages)


def pages_in_log(folder: Path) -> set[int]:
    """Return the pages of the database that stand in its write-ahead log, counted from 0."""
    try:
        log = np.fromfile(folder / _LOG, np.uint8)[_LOG_HEADER_BYTES:]
    except FileNotFoundError:
        return set()
    frame = _FRAME_HEADER_BYTES + PAGE_BYTES
    frames = log[: len(log) // frame * frame].reshape(-1, frame)
    numbers = np.ascontiguousarray(frames[:, :4]).view(">u4")
    return set((numbers.ravel().astype(np.int64) - 1).tolist())


def note_sums(
    folder: Path,
    before: Sums | None = None,
    sums: npt.NDArray[np.uint32] | None = None,
    pages: Iterable[int] = (),
) -> None:
    """Note what the files of an index hold.

    Args:
        folder: The index's folder.
        before: What was noted before they were changed.
        sums: The checksums of the pages of the database before.
        pages: The pages that are another now.

    Raises:
        OSError: It cannot be noted.
    """
    database = folder / FILE_NAME
    sums = _pages(database) if sums is None else _pages_again(database, sums, pages)
    write_durably(folder / _PAGES, sums.tobytes())
    files = {}
    for name, file in _look(folder).items():
        old = before.files.get(name) if before else None
        if name == FILE_NAME:
            files[name] = replace(file, sum=zlib.crc32(sums.tobytes()))
        elif old is not None and _is_alike(old, file):
            files[name] = old
        else:
            files[name] = replace(file, sum=_sum_of(folder / name))
    _write(folder, Sums(before.checked if before else time.time(), files))


def _look(folder: Path) -> dict[str, _File]:
    """Return the files that are noted, without their checksums."""
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if name == _SUMS or name.endswith((".lock", "-shm", HALF)) or not path.is_file():
            continue
        with suppress(FileNotFoundError):  # the log goes with the last who has it open
            status = path.stat()
            if name == _LOG and not status.st_size:
                continue
            found[name] = _File(status.st_size, status.st_mtime_ns, status.st_ctime_ns, 0)
    return found


def _is_alike(one: _File | None, other: _File | None) -> bool:
    return one is not None and other is not None and replace(one, sum=other.sum) == other


def _holds(folder: Path, name: str, noted: Sums) -> bool:
    file = noted.files.get(name)
    path = folder / name
    if file is None or not path.is_file() or path.stat().st_size != file.size:
        return False
    found = zlib.crc32(_pages(path).tobytes()) if name == FILE_NAME else _sum_of(path)
    return found == file.sum


def _sum_of(path: Path) -> int:
    found = 0
    with path.open("rb") as file:
        while part := file.read(_READ_BYTES):
            found = zlib.crc32(part, found)
    return found


def _pages(path: Path) -> npt.NDArray[np.uint32]:
    found = []
    with path.open("rb") as file:
        while part := memoryview(file.read(_READ_BYTES)):
            found += [zlib.crc32(part[n : n + PAGE_BYTES]) for n in range(0, len(part), PAGE_BYTES)]
    return np.array(found, np.uint32)


def _pages_again(
    path: Path, sums: npt.NDArray[np.uint32], pages: Iterable[int]
) -> npt.NDArray[np.uint32]:
    count = -(-path.stat().st_size // PAGE_BYTES)
    found = np.zeros(count, np.uint32)
    kept = min(count, len(sums))
    found[:kept] = sums[:kept]
    with path.open("rb") as file:
        for page in sorted({page for page in pages if page < count} | set(range(kept, count))):
            file.seek(page * PAGE_BYTES)
            found[page] = zlib.crc32(file.read(PAGE_BYTES))
    return found


def _read(folder: Path) -> Sums | None:
    try:
        kept = (folder / _SUMS).read_bytes()
    except FileNotFoundError:
        return None
    own, _, content = kept.partition(b"\n")
    try:
        if int(own, 16) != zlib.crc32(content):
            raise ValueError("its own checksum")  # noqa: TRY301 - said as of any other damage
        read = json.loads(content)
        files = {name: _File(*file) for name, file in read["files"].items()}
        return Sums(float(read["checked"]), files)
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedIndexError(f"{_SUMS} of {folder.name} is damaged: {error}") from error


def _read_pages(folder: Path, noted: Sums | None) -> npt.NDArray[np.uint32] | None:
    """Return the checksums of the pages of the database where they are what was noted."""
    if noted is None or FILE_NAME not in noted.files:
        return None
    try:
        kept = (folder / _PAGES).read_bytes()
    except OSError:
        return None
    if zlib.crc32(kept) != noted.files[FILE_NAME].sum:
        return None
    return np.frombuffer(kept, np.uint32)


def _write(folder: Path, sums: Sums) -> None:
    files = {
        name: [file.size, file.modified, file.changed, file.sum]
        for name, file in sums.files.items()
    }
    content = json.dumps({"checked": sums.checked, "files": files}).encode("ascii")
    write_durably(folder / _SUMS, b"%08x\n%b" % (zlib.crc32(content), content))
