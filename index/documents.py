"""Files to documents: find them, decode them, and give each its title, date and agency."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from index.errors import DocumentsNotFoundError, DocumentsUnreadableError, NoDocumentsError
from index.furniture import strip_furniture
from index.model import Document, Span
from index.sentences import split_lines, split_sentences

SUFFIXES = (".txt", ".md")
TITLE_LENGTH = 80
"""Characters that a title has at the most, its ellipsis not counted."""

_ID_LENGTH = 12
_SNIFFED_BYTES = 65_536
_BROKEN_SHARE = 100
_MOST_NAMED = 3  # files that an error about all of them names
# What Arabic text files are written in besides UTF-8.
_ENCODINGS = ["cp1256", "utf_16_le", "utf_16_be", "iso8859_6"]

_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n.*?\n---[ \t]*(?=\r?\n|\Z)", re.DOTALL)
_MARKDOWN_MARKER = re.compile(r"(?:(?:#{1,6}|[-*+>]|\d{1,3}[.)])\s+)*")
_MARKDOWN_RULE = re.compile(r"[-*_=|:\s]{3,}|(?:```|~~~).*")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was left out, and why, in words that follow its name."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a folder gave: its documents in path order, and what was left out."""

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...]


def find_files(root: Path) -> list[Path]:
    """Return the files under ``root`` that can be documents, in path order.

    A folder is searched to any depth; what begins with a dot is passed over. A single file is
    returned whatever its ending.

    Raises:
        DocumentsNotFoundError: There is nothing at ``root``.
        DocumentsUnreadableError: The folder cannot be listed.
    """
    try:
        if root.is_file():
            return [root]
        if not root.exists():
            raise DocumentsNotFoundError(root)
        next(root.iterdir(), None)  # rglob passes over a folder that it may not list
        return sorted(
            path
            for path in root.rglob("*")
            if path.suffix.lower() in SUFFIXES
            and not any(part.startswith(".") for part in path.relative_to(root).parts)
            and path.is_file()
        )
    except OSError as error:
        raise DocumentsUnreadableError(root, error.strerror or "unknown reason") from error


def display_path(root: Path, path: Path) -> str:
    """Return ``path`` relative to the folder ``root``, with forward slashes."""
    return path.name if path == root else path.relative_to(root).as_posix()


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
    for path in find_files(root):
        name = display_path(root, path)
        document, reason = _read_document(path, name, paths)
        if document is None:
            skipped.append(Skipped(name, reason))
        else:
            paths[document.id] = name
            documents.append(document)
    if not documents:
        left_out = (f"{file.path} is left out: {file.reason}" for file in skipped[:_MOST_NAMED])
        raise NoDocumentsError(root, SUFFIXES, tuple(left_out))
    return Reading(tuple(documents), tuple(skipped))


def _read_document(path: Path, name: str, paths: Mapping[str, str]) -> tuple[Document | None, str]:
    try:
        text = decode(path.read_bytes())
    except OSError as error:
        return None, f"it cannot be read ({error.strerror})"
    if text is None:
        return None, "it is not a text file"
    document = make_document(name, text)
    if not document.title:  # it has no sentence
        return None, "it holds no text"
    if document.id in paths:
        return None, f"it has the same text as {paths[document.id]}"
    return document, ""


def decode(data: bytes) -> str | None:
    """Return the text of a file, or None where it is not text.

    UTF-8 and UTF-16 with a byte order mark, and UTF-8 without, are known for certain; anything
    else (Windows-1256, bare UTF-16) is detected by charset-normalizer.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    text = data.decode("utf-8", "replace")
    # A few broken bytes do not make a file something other than UTF-8.
    if "\0" not in text and text.count("\ufffd") * _BROKEN_SHARE <= len(text):
        return text
    return _detect(data)


def _detect(data: bytes) -> str | None:
    # Imported here: it takes 50 ms and most collections never need it.
    from charset_normalizer import from_bytes  # noqa: PLC0415

    best = from_bytes(data[:_SNIFFED_BYTES], cp_isolation=_ENCODINGS).best()
    if best is None:
        return None
    text = data.decode(best.encoding, "replace")
    return None if "\0" in text else text


def make_document(path: str, text: str) -> Document:
    """Make the document that a file's text is, its furniture told from its body.

    Args:
        path: The file's path as it is shown; ``.md`` files lose their Markdown markers.
        text: The decoded file.
    """
    lines = _markdown_lines(text) if path.lower().endswith(".md") else _lines(text)
    article = strip_furniture(text, lines)
    return Document(
        id=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_ID_LENGTH],
        path=path,
        text=text,
        title=_title(text, article.body),
        published=article.published,
        published_span=article.published_span,
        agency=article.agency or Path(path).stem,
        body=article.body,
    )


def _lines(text: str) -> list[Span]:
    return list(split_lines(text, Span(0, len(text))))


def _markdown_lines(text: str) -> list[Span]:
    front_matter = _FRONT_MATTER.match(text)
    start = front_matter.end() if front_matter else 0
    lines = []
    for line in split_lines(text, Span(start, len(text))):
        if not _MARKDOWN_RULE.fullmatch(line.of(text)):
            marker = _MARKDOWN_MARKER.match(text, line.start, line.end)
            lines.append(Span(marker.end() if marker else line.start, line.end))
    return lines


def _title(text: str, body: tuple[Span, ...]) -> str:
    first = next((span for line in body for span in split_sentences(text, line)), None)
    if first is None:
        return ""
    sentence = first.of(text)
    if len(sentence) <= TITLE_LENGTH:
        return sentence.rstrip(".")
    cut = sentence.rfind(" ", 0, TITLE_LENGTH + 1)
    return sentence[: cut if cut > 0 else TITLE_LENGTH].rstrip(" ،,:") + "…"
