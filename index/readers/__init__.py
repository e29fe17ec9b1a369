"""Files of every format to the text of documents, one module a family of formats.

Libraries that come with the formats extra are imported where a file needs them; where one is
missing, the file is left out with the command that installs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from index.readers.base import (
    LONGEST_TEXT,
    MISSING_EXTRA,
    NO_TEXT,
    Content,
    File,
    LeftOutError,
    Skipped,
)
from index.readers.fields import Fields
from index.readers.text import decode, markdown_lines, read_text, text_lines

ARCHIVE_SUFFIXES = (".jsonl", ".csv", ".zip")
"""The endings of files that can hold many documents."""
SUFFIXES = (".txt", ".md", ".html", ".htm", ".pdf", ".docx", *ARCHIVE_SUFFIXES)
"""The endings of all files that can be read."""
_LIBRARY_SUFFIXES = (".html", ".htm", ".pdf", ".docx")  # of formats that libraries in C read

__all__ = [
    "ARCHIVE_SUFFIXES",
    "LONGEST_TEXT",
    "NO_TEXT",
    "SUFFIXES",
    "Content",
    "Fields",
    "File",
    "LeftOutError",
    "Skipped",
    "decode",
    "markdown_lines",
    "read",
    "text_lines",
]


Read = Callable[[File], Iterator[Content | Skipped]]


def read(file: File, fields: Fields, apart: Read | None = None) -> Iterator[Content | Skipped]:
    """Read what a file holds, by its ending; a file without a known one is read as text.

    Args:
        file: The file.
        fields: The names of the fields of archives.
        apart: Reads a file of a format that libraries in C read, else that is done here.

    Yields:
        Its documents in order, and what of it was left out.
    """
    try:
        elsewhere = apart if file.suffix in _LIBRARY_SUFFIXES else None
        yield from (elsewhere or _reader(file.suffix, fields, apart))(file)
    except LeftOutError as error:
        yield Skipped(file.name, str(error))
    except ImportError:
        yield Skipped(file.name, MISSING_EXTRA)
    except OSError as error:
        yield Skipped(file.name, f"it cannot be read ({error.strerror or error})")


def _reader(suffix: str, fields: Fields, apart: Read | None) -> Read:
    # Each is imported where a file needs it: together they take as long as an answer.
    match suffix:
        case ".html" | ".htm":
            from index.readers.html import read_html  # noqa: PLC0415

            return read_html
        case ".pdf":
            from index.readers.pdf import read_pdf  # noqa: PLC0415

            return read_pdf
        case ".docx":
            from index.readers.docx import read_docx  # noqa: PLC0415

            return read_docx
        case ".jsonl" | ".csv":
            from index.readers.archives import read_csv, read_jsonl  # noqa: PLC0415

            return partial(read_csv if suffix == ".csv" else read_jsonl, fields=fields)
        case ".zip":
            from index.readers.zipped import read_zip  # noqa: PLC0415

            return partial(
                read_zip, suffixes=SUFFIXES, read=partial(read, fields=fields, apart=apart)
            )
        case _:
            return read_text
