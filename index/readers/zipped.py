"""Zip archives: every file in them that can be a document, read in place.

Nothing is ever unpacked to disk, so the names of members are labels only, whatever they say.
"""

from __future__ import annotations

import io
import lzma
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import IO

from index.readers.base import Content, File, LeftOutError, Skipped, damage_left_out

MOST_UNPACKED = 20_000_000_000
"""Bytes that all members of a zip may have together."""
MOST_MEMBERS = 2_000_000
MOST_PACKED = 100
"""How many times its size a zip may unpack to, where that is more than ``FREELY_UNPACKED``.

Texts are packed to a third or a tenth; only what repeats itself without end is packed further.
"""
FREELY_UNPACKED = 200_000_000
LONGEST_NAME = 1000
"""Characters of the name of a member."""

_DAMAGED = "it is damaged or no zip file"
# What reading a damaged member raises, at any time.
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError)
_PACKED = f"it unpacks to more than {MOST_PACKED} times its size; unpack it first"
_LONG_NAME = f"its name is longer than {LONGEST_NAME:,} characters"
_SHOWN_NAME = 60
_LINK = "it is a link"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
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
            # A name may be empty, of which ``is_dir`` does not think.
            infos = [info for info in archive.infolist() if info.filename and not info.is_dir()]
            _check_sizes(infos, stream)
            named = sorted((member_name(info), number) for number, info in enumerate(infos))
            for name, number in named:
                if _is_hidden(name):
                    continue
                if len(name) > LONGEST_NAME:
                    yield Skipped(f"{file.name}/{name[:_SHOWN_NAME]}…", _LONG_NAME)
                    continue
                member = File(f"{file.name}/{name}", partial(_open, archive, infos[number]))
                if member.suffix == ".zip":
                    yield Skipped(member.name, _NESTED)
                elif member.suffix in suffixes:
                    try:
                        yield from read(member)
                    except _DAMAGE:
                        yield Skipped(member.name, "it is damaged")


def _check_sizes(infos: Sequence[zipfile.ZipInfo], stream: IO[bytes]) -> None:
    """Leave a zip out that would never be read to its end."""
    unpacked = sum(info.file_size for info in infos)
    if unpacked > MOST_UNPACKED:
        raise LeftOutError(f"it unpacks to more than {MOST_UNPACKED // 10**9} GB")
    if unpacked > max(FREELY_UNPACKED, MOST_PACKED * stream.seek(0, io.SEEK_END)):
        raise LeftOutError(_PACKED)
    if len(infos) > MOST_MEMBERS:
        raise LeftOutError(f"it holds more than {MOST_MEMBERS:,} files")


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
    parts = _CONTROLS.sub("", name).replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in {"", ".", ".."})


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _open(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    if stat.S_ISLNK(info.external_attr >> 16):
        raise LeftOutError(_LINK)
    if info.flag_bits & _ENCRYPTED:
        raise LeftOutError("it is encrypted; unpack it first")
    with damage_left_out("it is packed in a way that cannot be read; unpack it first"):
        return archive.open(info)
