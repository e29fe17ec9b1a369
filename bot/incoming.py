"""Files and folders that are to become documents, looked at before anything is changed."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.files import (
    AddError,
    WrongKindError,
    WrongNameError,
    part_of,
    safe_folder,
    safe_name,
    settle,
    sweep_parts,
)
from bot.folder import UnreadableError, examine, holds_many
from index.apart import kept
from index.documents import LONGEST_TEXT, SUFFIXES, Fields, decode, find_files, make_document
from index.model import Document

_ENDING = ".txt"
_LONGEST_STEM = 60  # characters of a title that a file is named after


class RefusedError(AddError):
    """A file cannot be added; ``str`` is a sentence that says which and why."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that is to be added.

    Attributes:
        shown: What it is called before it is added.
        source: Where it is, or what is in it.
        folder: The folder within the documents that it goes to, "" for themselves.
        name: Its name there, unless that is taken.
        document: Its document, or the first of an archive.
    """

    shown: str
    source: Path | bytes
    folder: str
    name: str
    document: Document

    @property
    def is_archive(self) -> bool:
        """Whether it can hold many documents."""
        return holds_many(self.name)


def gather(paths: Iterable[Path], documents: Path, fields: Fields) -> Iterator[Incoming | str]:
    """Yield what there is to add at some paths.

    Of a link that is named itself, what it leads to is taken; in a folder, only where that is in
    the folder, too.

    Args:
        paths: Files, and folders of which every document is taken.
        documents: The documents folder.
        fields: The names of the fields of archives.

    Yields:
        Each file; and for one of a folder that cannot be used, a sentence that says why.

    Raises:
        RefusedError: A file that was named itself cannot be added, or nothing is there.
    """
    with kept():
        for path in paths:
            if not path.exists():
                raise RefusedError(f"There is no file or folder at {path}.")
            if path.resolve().is_relative_to(documents.resolve()):
                raise RefusedError(f"{path} is in the documents folder {documents} already.")
            if documents.resolve().is_relative_to(path.resolve()):
                raise RefusedError(f"{path} holds the documents folder {documents} itself.")
            if path.is_dir():
                yield from _gather_folder(path, documents, fields)
            else:
                yield _examined(path, "", fields)


def _gather_folder(path: Path, documents: Path, fields: Fields) -> Iterator[Incoming | str]:
    found = find_files(path)
    if not found:
        raise RefusedError(f"{path} holds no file that can be read ({' '.join(SUFFIXES)}).")
    for file in found:
        folder = _folder_for(path, file)
        if not (documents / folder).resolve().is_relative_to(documents.resolve()):
            yield f"{file} is not added: {documents / folder} leads out of the documents folder."
            continue
        try:
            yield _examined(file, folder, fields, path.resolve())
        except RefusedError as error:
            yield str(error)


def _examined(path: Path, folder: str, fields: Fields, root: Path | None = None) -> Incoming:
    try:
        name = safe_name(path.name)
        return Incoming(str(path), path, folder, name, examine(path, name, fields, root))
    except WrongKindError:
        raise RefusedError(
            f"{path} is not added: Jawab reads {' '.join(SUFFIXES)} files."
        ) from None
    except WrongNameError:
        raise RefusedError(f"{path} is not added: its name cannot be used; change it.") from None
    except UnreadableError as error:
        raise RefusedError(f"{path} is not added: {error}.") from None


def _folder_for(root: Path, file: Path) -> str:
    """Return the folder that a file of a folder goes to: of the same names, as far as they do."""
    safe = []
    for part in (root.resolve().name, *file.relative_to(root).parent.parts):
        try:
            safe.append(safe_folder(part))
        except AddError:
            continue
    return "/".join(safe)


def typed(content: bytes, name: str | None) -> Incoming:
    """Return text that was typed or piped as something to add.

    Args:
        content: The text.
        name: What its file is called, else it is named after its title, or the time.

    Raises:
        RefusedError: It holds no text, or the name cannot be used.
    """
    if len(content) > LONGEST_TEXT:
        most = LONGEST_TEXT // 1_000_000
        raise RefusedError(f"What came on standard input is longer than {most} MB; split it.")
    text = decode(content)
    document = make_document("", text) if text is not None else None
    if document is None or not document.title:
        said = "is not text" if text is None else "holds no text"
        raise RefusedError(f"What came on standard input {said}, so nothing is added.")
    try:
        safe = safe_name(_with_ending(name)) if name else _named_after(document.title)
    except AddError:
        raise RefusedError(f"{name!r} cannot be the name of a file; give another --name.") from None
    if holds_many(safe) or not safe.lower().endswith((".txt", ".md")):
        raise RefusedError(
            f"Standard input is read as text, so that its --name must end in .txt or .md, not "
            f"{safe.rpartition('.')[2]}."
        )
    return Incoming("standard input", content, "", safe, document)


def _with_ending(name: str) -> str:
    return name if name.lower().endswith(SUFFIXES) else f"{name}{_ENDING}"


def _named_after(title: str) -> str:
    stem = title.rstrip("….")[:_LONGEST_STEM]
    if len(title) > _LONGEST_STEM:
        stem = stem.rpartition(" ")[0] or stem
    try:
        return safe_name(f"{stem.strip()}{_ENDING}")
    except AddError:
        return f"{datetime.now().astimezone():%Y-%m-%d-%H%M%S}{_ENDING}"


def put(documents: Path, incoming: Sequence[Incoming]) -> list[Path]:
    """Copy files into the documents folder, each whole and under a name that is free.

    Returns:
        Where they are now, in the same order.

    Raises:
        OSError: One cannot be written; none is there then.
    """
    documents.mkdir(exist_ok=True)
    sweep_parts(documents)
    written: list[Path] = []
    try:
        for one in incoming:
            folder = documents / one.folder
            folder.mkdir(parents=True, exist_ok=True)
            part = part_of(folder, one.shown.encode("utf-8", "surrogatepass"))
            part.unlink(missing_ok=True)  # a link there would lead the text elsewhere
            try:
                if isinstance(one.source, bytes):
                    part.write_bytes(one.source)
                else:
                    shutil.copyfile(one.source, part)
                written.append(settle(part, folder, one.name))
            finally:
                part.unlink(missing_ok=True)
    except BaseException:
        take_back(documents, written)
        raise
    return written


def take_back(documents: Path, files: Iterable[Path]) -> None:
    """Remove files that were put into the documents folder, and folders that are empty then."""
    for file in files:
        file.unlink(missing_ok=True)
        folder = file.parent
        while folder != documents and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent
