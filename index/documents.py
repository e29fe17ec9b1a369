"""Files to documents: find them, read them, and give each its title, date and agency."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO

from index.apart import kept, read_apart
from index.arabic import words
from index.errors import DocumentsNotFoundError, DocumentsUnreadableError, NoDocumentsError
from index.furniture import strip_furniture
from index.model import Document, Span
from index.readers import (
    ARCHIVE_SUFFIXES,
    LONGEST_TEXT,
    NO_TEXT,
    SUFFIXES,
    Content,
    Fields,
    File,
    LeftOutError,
    Skipped,
    decode,
    markdown_lines,
    read,
    text_lines,
)
from index.sentences import split_sentences

__all__ = [
    "LONGEST_TEXT",
    "SUFFIXES",
    "TITLE_LENGTH",
    "Fields",
    "Reading",
    "Skipped",
    "decode",
    "display_path",
    "find_files",
    "is_archive",
    "leads_out",
    "make_document",
    "open_regular",
    "read_documents",
    "read_file",
    "real_root",
    "scan",
    "status_of",
]

TITLE_LENGTH = 80
"""Characters that a title has at the most, its ellipsis not counted."""

MOST_SENTENCES = 1_000_000
"""Sentences that one document may hold; each takes about a kilobyte while it is analysed."""
LEADS_OUT = "it is a link that leads out of the documents folder"

_NOT_REGULAR = "it is no ordinary file"
_TOO_MANY = f"it holds more than {MOST_SENTENCES:,} sentences or lines; split it"
_MAY_END = re.compile(r"[.؟?!؛…۔]+|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_LONGEST_ADDRESS = 2000  # characters; what is longer is no address
_ID_LENGTH = 12
_MOST_NAMED = 3  # files that an error about all of them names
_ENCLOSING = re.compile(r"[\"“”„‟«»()\[\]{}﴾﴿]")
# How much of a line says how its first sentence begins: the title and what may follow a mark that
# ends it. Quoted and bracketed text holds no end; there it takes all that may be enclosed, too.
_PLAIN_WINDOW = TITLE_LENGTH + 40
_ENCLOSED_WINDOW = TITLE_LENGTH + 700
_MOST_BEFORE = 20  # characters of a line before its first sentence
_LOOK_AHEAD = 3  # characters behind a mark that tell whether it ends a sentence
_WORD = re.compile(r"[^\W_ـ]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a folder gave: its documents in path order, and what was left out."""

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...]


def find_files(root: Path) -> list[Path]:
    """Return the files under ``root`` that can be documents, in path order.

    A folder is searched to any depth; what begins with a dot is passed over. Of links, those to
    files are found, and those to folders only where they lead out, so that they can be named. A
    single file is returned whatever its ending.

    Raises:
        DocumentsNotFoundError: There is nothing at ``root``.
        DocumentsUnreadableError: The folder cannot be listed.
    """
    return [Path(entry) for _, entry in scan(root)]


def scan(root: Path) -> list[tuple[str, os.PathLike[str]]]:
    """Return what ``find_files`` does, each with its path as it is shown.

    What is returned knows mostly by itself how large a file is and when it was changed.
    """
    try:
        if root.is_file():
            return [(display_path(root, root), root)]
        if not root.exists():
            raise DocumentsNotFoundError(root)
        found = list(_entries(os.fspath(root), "", Path(os.path.realpath(root))))
    except OSError as error:
        raise DocumentsUnreadableError(root, error.strerror or "unknown reason") from error
    found.sort(key=lambda pair: pair[0].split("/"))
    return [(_shown(name), entry) for name, entry in found]


def _entries(folder: str, prefix: str, root: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    folders: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            elif _may_be_document(entry, root):
                yield prefix + entry.name, entry
    for name in folders:
        with suppress(PermissionError):  # the others can be read
            yield from _entries(os.path.join(folder, name), f"{prefix}{name}/", root)  # noqa: PTH118 - far faster for a hundred thousand files


def _may_be_document(entry: os.DirEntry[str], root: Path) -> bool:
    has_ending = entry.name.lower().endswith(SUFFIXES)
    if not entry.is_symlink():
        return has_ending and entry.is_file()
    try:
        return entry.is_file() if has_ending else entry.is_dir() and leads_out(entry, root)
    except OSError:  # it leads to itself, or to where nobody may look; reading it says so
        return has_ending


def leads_out(path: os.PathLike[str], root: Path) -> bool:
    """Tell whether a link leads out of a folder, of which ``root`` is the real path."""
    return not Path(os.path.realpath(path)).is_relative_to(root)


def status_of(path: os.PathLike[str], root: Path | None) -> os.stat_result:
    """Return the size and times of a file; of a link that leads out or nowhere, its own.

    Args:
        path: The file, best as ``scan`` gives it.
        root: The real path of the folder that a link must not lead out of, if any.

    Raises:
        OSError: It cannot be looked at.
    """
    entry = path if isinstance(path, os.DirEntry) else Path(path)
    if root is None or not entry.is_symlink():
        return entry.stat()
    if not leads_out(entry, root):
        with suppress(OSError):
            return entry.stat()
    return os.lstat(entry)


def real_root(documents: Path) -> Path | None:
    """Return the real path of a documents folder, None where it is a single file.

    Who names a single file may name a link to it.
    """
    return Path(os.path.realpath(documents)) if documents.is_dir() else None


def open_regular(path: Path, root: Path | None = None) -> IO[bytes]:
    """Open an ordinary file; a device or a pipe would take what is read, or never end.

    Args:
        path: The file.
        root: The real path of the folder that a link must not lead out of, if any.

    Raises:
        LeftOutError: It is something else, or leads out of the folder.
        OSError: It cannot be opened.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    if root is not None:
        if path.is_symlink():
            if leads_out(path, root):
                raise LeftOutError(LEADS_OUT)
            path = Path(os.path.realpath(path))
        flags |= getattr(os, "O_NOFOLLOW", 0)  # it may become a link at this moment
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise LeftOutError(_NOT_REGULAR)
    return os.fdopen(descriptor, "rb")


def display_path(root: Path, path: Path) -> str:
    """Return ``path`` relative to the folder ``root``, with forward slashes."""
    return _shown(path.name if path == root else path.relative_to(root).as_posix())


def _shown(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()  # some names are not Unicode


def is_archive(path: Path) -> bool:
    """Return whether a file can hold many documents."""
    return path.suffix.lower() in ARCHIVE_SUFFIXES


def read_file(
    path: Path, name: str, fields: Fields, root: Path | None = None
) -> Iterator[Document | Skipped]:
    """Read the documents of a file, one after the other, however many it holds.

    Args:
        path: The file.
        name: Its path as it is shown; the place of a document in an archive is put behind it.
        fields: The names of the fields of archives.
        root: The real path of the folder that it must not lead out of as a link, if any.

    Yields:
        Each document, and in place of one that cannot be used its name and the reason.
    """
    with kept():
        for content in read(File(name, partial(open_regular, path, root)), fields, read_apart):
            yield content if isinstance(content, Skipped) else _make(content)


def _make(content: Content) -> Document | Skipped:
    if _may_hold_too_many(content.text):
        return Skipped(content.path, _TOO_MANY)
    document = make_document(
        content.path,
        content.text,
        title=content.title,
        published=content.published,
        agency=_label(content.agency),
        url=content.url if content.url and len(content.url) <= _LONGEST_ADDRESS else None,
        created=content.created,
        site=_label(content.site),
    )
    return document if _holds_words(document) else Skipped(content.path, NO_TEXT)


def read_documents(root: Path) -> Reading:
    """Read every document under ``root``, a folder or a single file.

    A file that cannot be read, is not text, holds no text or repeats another is left out and
    named in ``Reading.skipped``.

    Raises:
        DocumentsError: There is nothing at ``root``, or nothing in it that can be indexed.
    """
    documents: list[Document] = []
    skipped: list[Skipped] = []
    paths: dict[str, str] = {}
    with kept():
        for document in _read_all(root):
            if isinstance(document, Skipped):
                skipped.append(document)
            elif known := paths.get(document.id):
                skipped.append(Skipped(document.path, f"it has the same text as {known}"))
            else:
                paths[document.id] = document.path
                documents.append(document)
    if not documents:
        left_out = (f"{file.path} is left out: {file.reason}" for file in skipped[:_MOST_NAMED])
        raise NoDocumentsError(root, SUFFIXES, tuple(left_out))
    return Reading(tuple(documents), tuple(skipped))


def _read_all(root: Path) -> Iterator[Document | Skipped]:
    real = real_root(root)
    for path in find_files(root):
        yield from read_file(path, display_path(root, path), Fields(), real)


def make_document(
    path: str,
    text: str,
    *,
    title: str | None = None,
    published: date | None = None,
    agency: str | None = None,
    url: str | None = None,
    created: date | None = None,
    site: str | None = None,
) -> Document:
    """Make a document of a text, its furniture told from its body.

    Args:
        path: Its path as it is shown; ``.md`` files lose their Markdown markers.
        text: The text.
        title: Its title, else it is taken from the first sentence.
        published: Its date, else it is taken from the text.
        agency: Its agency, else it is taken from the text.
        url: Where it was published.
        created: Its date where neither ``published`` nor the text gives one.
        site: Its agency where neither ``agency`` nor the text names one; else the file's name.
    """
    lines = markdown_lines(text) if path.lower().endswith(".md") else text_lines(text)
    title = " ".join(title.split()) if title else None
    heading = lines[:1] if lines and lines[0].of(text) == title else []  # above the header line
    article = strip_furniture(text, lines[len(heading) :])
    return Document(
        id=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_ID_LENGTH],
        path=path,
        text=text,
        title=_shortened(title) if title else _title(text, article.body),
        published=published or article.published or created,
        published_span=article.published_span,
        agency=agency or article.agency or site or Path(path).stem,
        body=(*heading, *article.body),
        url=url,
    )


def _label(name: str | None) -> str | None:
    return _shortened(name) if name and len(name) > TITLE_LENGTH else name


def _may_hold_too_many(text: str) -> bool:
    return len(text) > MOST_SENTENCES and any(islice(_MAY_END.finditer(text), MOST_SENTENCES, None))


def _holds_words(document: Document) -> bool:
    return any(
        words(match.group())
        for line in document.body
        for match in _WORD.finditer(document.text, line.start, line.end)
    )


def _title(text: str, body: tuple[Span, ...]) -> str:
    for line in body:
        if sentence := _first_sentence(text, line):
            return _shortened(sentence)
    return ""


def _first_sentence(text: str, line: Span) -> str | None:
    """Return the first sentence of a line, its beginning if it is too long for a title."""
    plain = _ENCLOSING.search(text, line.start, line.start + _PLAIN_WINDOW) is None
    end = line.start + (_PLAIN_WINDOW if plain else _ENCLOSED_WINDOW)
    if end < line.end:
        first = next(iter(split_sentences(text, Span(line.start, end))), None)
        # What ends near the window's own end may not end there in the line.
        if (
            first is not None
            and first.start - line.start <= _MOST_BEFORE
            and (len(first) > TITLE_LENGTH or first.end < end - _LOOK_AHEAD)
        ):
            return first.of(text)
    first = next(iter(split_sentences(text, line)), None)
    return first.of(text) if first else None


def _shortened(sentence: str) -> str:
    if len(sentence) <= TITLE_LENGTH:
        return sentence.rstrip(".")
    cut = sentence.rfind(" ", 0, TITLE_LENGTH + 1)
    return sentence[: cut if cut > 0 else TITLE_LENGTH].rstrip(" ،,:") + "…"
