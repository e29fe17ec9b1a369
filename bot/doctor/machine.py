"""The machine: versions, disks, and what the bot keeps on them."""

from __future__ import annotations

import locale
import os
import platform
import shutil
import socket
import sqlite3
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from bot.doctor.findings import Finding, ok, problem, warning
from bot.tables import size_text
from index import JawabError
from index.documents import SUFFIXES
from index.morphology import Morphology, installed
from index.version import VERSION

_NEEDED = (
    "python-telegram-bot",
    "aiohttp",
    "tortoise-orm",
    "pydantic-settings",
    "rank-bm25",
    "camel-tools",
    "tantivy",
    "numpy",
    "watchfiles",
)
_HELPFUL = ("uvloop", "qdrant-client", "trafilatura", "pypdfium2", "python-docx")
_NEEDS = {
    ".html": ("trafilatura",),
    ".htm": ("trafilatura",),
    ".pdf": ("pypdfium2", "bidi"),
    ".docx": ("docx",),
}
_LEAST_FREE = 10**9
_CONNECT_SECONDS = 1.0
_GIGABYTE = 10**9


def versions() -> Iterator[Finding]:
    """Tell of Jawab and of Python."""
    yield ok("jawab", f"{VERSION}, in {Path(__file__).parents[2]}")
    yield ok("python", f"{platform.python_version()}, {platform.platform(terse=True)}")


def libraries() -> Iterator[Finding]:
    """Tell which libraries there are, and of one that is missing."""
    found = {name: _version(name) for name in (*_NEEDED, *_HELPFUL)}
    said = ", ".join(f"{name} {number}" for name, number in found.items() if number)
    missing = [name for name in _NEEDED if found[name] is None]
    if missing:
        yield problem("libraries", f"not installed: {', '.join(missing)}; `uv sync` brings them")
    yield ok("libraries", said)


def _version(name: str) -> str | None:
    with suppress(PackageNotFoundError):
        return version(name)
    return None


def terminal() -> Iterator[Finding]:
    """Tell whether names of files can be Arabic here, and what the terminal is said to read."""
    files, output = sys.getfilesystemencoding(), locale.getencoding()
    if files.lower().replace("-", "") != "utf8":
        yield warning(
            "encoding",
            f"names of files are read as {files}; set PYTHONUTF8=1 for Arabic ones",
        )
    elif output.lower().replace("-", "") != "utf8":
        yield warning(
            "encoding",
            f"the locale's is {output}, and Jawab writes UTF-8; set LANG=C.UTF-8 or the like",
        )
    else:
        yield ok("encoding", "UTF-8")


def formats() -> Iterator[Finding]:
    """Tell which formats can be read; libraries that are not installed are no problem."""
    missing = {suffix for suffix, modules in _NEEDS.items() if not all(map(_is_there, modules))}
    found = " ".join(suffix for suffix in SUFFIXES if suffix not in missing)
    if not missing:
        yield ok("formats", found)
        return
    lacking = " ".join(suffix for suffix in SUFFIXES if suffix in missing)
    yield ok("formats", f"{found}; `uv sync --extra formats` brings {lacking}")


def _is_there(module: str) -> bool:
    return find_spec(module) is not None


def morphology(database: str | None) -> Iterator[Finding]:
    """Tell whether the morphological database that is set, if any, can be used."""
    if database:
        try:
            yield ok("morphology", Morphology.open(database).name)
        except JawabError as error:
            yield problem("morphology", str(error))
        return
    names = ", ".join(installed())
    if names:
        yield ok("morphology", f"camel-tools data, installed, not in use: {names}")
        return
    way = "`camel_data -i morphology-db-msa-r13` brings lemmas and roots"
    yield ok("morphology", f"no camel-tools data installed, and none needed; {way}")


def disks(folders: Mapping[str, Path], least: int) -> Iterator[Finding]:
    """Tell how much space there is, on each disk once.

    Args:
        folders: What is written, by what it is.
        least: Bytes that should be free.
    """
    on: dict[int, tuple[list[str], Path]] = {}
    for name, folder in folders.items():
        there = existing(folder)
        on.setdefault(there.stat().st_dev, ([], there))[0].append(name)
    for names, there in on.values():
        free, of = shutil.disk_usage(there).free, ", ".join(names)
        wanted = max(_LEAST_FREE, least)
        said = f"{size_text(free)} free for {of}"
        if free < wanted:
            yield warning("disk", f"{said}; make it {size_text(wanted)} at least")
        elif _is_without_files(there):
            yield warning("disk", f"{said}, but no more files can be made there; remove some")
        else:
            yield ok("disk", said)


def _is_without_files(folder: Path) -> bool:
    if not hasattr(os, "statvfs"):
        return False
    found = os.statvfs(folder)
    return bool(found.f_files) and not found.f_favail


def existing(path: Path) -> Path:
    """Return a path, or the nearest folder above it that there is."""
    path = path.absolute()
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def can_write(path: Path) -> bool:
    """Tell whether a file or folder can be written, or made where there is none."""
    return os.access(existing(path), os.W_OK)


def home(folder: Path, *, has_index: bool) -> Iterator[Finding]:
    """Tell where indexes are kept, and whether they can be.

    Args:
        folder: The home.
        has_index: Whether the index is there already.
    """
    if can_write(folder):
        there = "" if folder.exists() else ", which is made when it is needed"
        yield ok("home", f"{folder}{there}")
        return
    way = "set JAWAB_HOME to a folder that can be written"
    if has_index:
        yield warning("home", f"{folder} cannot be written, so nothing new is indexed; {way}")
    else:
        yield problem("home", f"{folder} cannot be written; {way}")


def state(file: Path) -> Iterator[Finding]:
    """Tell whether what the bot remembers can be read and written, and by whom."""
    if not file.exists():
        if can_write(file):
            yield ok("state", f"{file}, which the bot makes")
        else:
            yield problem("state", f"{file} cannot be made; set JAWAB_STATE to a file that can be")
        return
    status, size = file.stat(), size_text(file.stat().st_size)
    if not os.access(file, os.R_OK | os.W_OK) or not os.access(file.parent, os.W_OK):
        yield problem(
            "state",
            f"{file} cannot be written by this user; its owner may, or set JAWAB_STATE to another",
        )
        return
    damage = _damage(file)
    if damage:
        yield problem(
            "state",
            f"{file} is damaged ({damage}); put a backup in its place, or move it away: the bot "
            "begins a new one",
        )
    elif stat.S_IMODE(status.st_mode) & 0o077:
        yield warning(
            "state", f"{file}, {size}: others on this machine can read it; `chmod 600` it"
        )
    else:
        yield ok("state", f"{file}, {size}, sound")


def _damage(file: Path) -> str:
    """Return what is wrong with a database, without writing anything beside it."""
    has_log = file.with_name(f"{file.name}-wal").exists()
    mode = "mode=ro" if has_log else "immutable=1"
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?{mode}", uri=True)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            return "" if found == "ok" else str(found)
    except sqlite3.Error as error:
        return str(error)


def listening(what: str, address: str) -> Iterator[Finding]:
    """Tell whether something listens where the bot does while it runs."""
    host, _, port = address.rpartition(":")
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host.strip("[]"), host.strip("[]"))  # noqa: S104 - what the bot listens on, asked from here
    try:
        with socket.create_connection((reached or "127.0.0.1", int(port)), _CONNECT_SECONDS):
            yield ok(what, f"{address}, where something listens: the bot, if it runs")
    except OSError:
        yield ok(what, f"{address}, where the bot listens when it runs")
