"""Zip archives: every file in them that can be a document, read in place.

Nothing is ever unpacked to disk, so the names of members are labels only, whatever they say.
"""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO

from index.readers.base import Content, File, LeftOutError, Skipped, damage_left_out

MOST_UNPACKED = 20_000_000_000
"""Bytes that all members of a zip may have together."""
MOST_MEMBERS = 2_000_000

_DAMAGED = "it is damaged or no zip file"
# What reading a damaged member raises, at any time.
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError)
_NESTED = "it is a zip inside a zip; unpack it first"
_ENCRYPTED = 0x1
_UTF_8 = 0x800
_OLD_ENCODINGS = ("cp1256", "cp720", "cp437")  # Windows, DOS in Arabic, and what zip itself says
_FREQUENT = frozenset("اليمنوترةبدعسف")


def read_zip(
    file: File, suffixes: tuple[str, ...], read: Callable[[File], Iterator[Content | Skipped]]
) -> Iterator[Content | Skipped]:
    """Read the members of a zip, in the order of their names.

    Args:
        file: The zip.
        suffixes: The endings of members that can be documents.
        read: Reads one of them.
    """
    with file.open() as stream:
        with damage_left_out(_DAMAGED):
            archive = zipfile.ZipFile(stream)
        with archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if sum(info.file_size for info in infos) > MOST_UNPACKED:
                raise LeftOutError(f"it unpacks to more than {MOST_UNPACKED // 10**9} GB")
            if len(infos) > MOST_MEMBERS:
                raise LeftOutError(f"it holds more than {MOST_MEMBERS:,} files")
            named = sorted((member_name(info), number) for number, info in enumerate(infos))
            for name, number in named:
                if _is_hidden(name):
                    continue
                member = File(f"{file.name}/{name}", partial(_open, archive, infos[number]))
                if member.suffix == ".zip":
                    yield Skipped(member.name, _NESTED)
                elif member.suffix in suffixes:
                    try:
                        yield from read(member)
                    except _DAMAGE:
                        yield Skipped(member.name, "it is damaged")


def member_name(info: zipfile.ZipInfo) -> str:
    """Return what a member is called, also where the zip does not say in which encoding."""
    name = info.filename
    if not info.flag_bits & _UTF_8 and not name.isascii():
        try:
            data = name.encode("cp437")
        except UnicodeEncodeError:  # another field of the zip gave it in Unicode
            return name
        try:
            name = data.decode("utf-8")
        except UnicodeDecodeError:
            readings = [data.decode(encoding, "replace") for encoding in _OLD_ENCODINGS]
            name = max(readings, key=lambda reading: sum(letter in _FREQUENT for letter in reading))
    return name.replace("\\", "/").lstrip("/")


def _is_hidden(name: str) -> bool:
    return any(
        (part.startswith(".") and part not in {".", ".."}) or part == "__MACOSX"
        for part in name.split("/")
    )


def _open(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    if info.flag_bits & _ENCRYPTED:
        raise LeftOutError("it is encrypted; unpack it first")
    with damage_left_out("it is packed in a way that cannot be read; unpack it first"):
        return archive.open(info)
