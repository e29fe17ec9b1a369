"""Word files, by python-docx: paragraphs and cells of tables in order, each a line."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING

from index.readers.base import (
    LONGEST_TEXT,
    TOO_LONG,
    Content,
    File,
    LeftOutError,
    Skipped,
    clean,
    damage_left_out,
)

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.table import Table, _Cell

_DAMAGED = "it is damaged or no Word file"
_OLE = b"\xd0\xcf\x11\xe0"  # what opens the files of old Word, and of any Word with a password
_LARGEST_PART = 4 * LONGEST_TEXT  # markup is a multiple of the text in it
_DEEPEST_TABLE = 20
# What the template and the defaults of python-docx leave in files made with it.
_TEMPLATE_DATE = date(2013, 12, 23)
_DEFAULT_TITLES = frozenset(("", "Word Document"))


def read_docx(file: File) -> Iterator[Content | Skipped]:
    """Read a Word file: one document, with the title and date of its properties."""
    data = file.read_binary()
    if data.startswith(_OLE):
        raise LeftOutError("it has a password, or is of Word before 2007; save it as a plain .docx")
    with damage_left_out(_DAMAGED):
        content = _extract(file.name, data)
    yield content


def _extract(name: str, data: bytes) -> Content:
    # Imported here: it takes a tenth of a second, and comes with the formats extra only.
    from docx import Document  # noqa: PLC0415

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [part for part in archive.infolist() if part.filename.endswith((".xml", ".rels"))]
        if sum(part.file_size for part in parts) > _LARGEST_PART:
            raise LeftOutError(TOO_LONG)
    word = Document(io.BytesIO(data))
    text = clean("\n".join(_lines(word, 0)))
    if len(text) > LONGEST_TEXT:
        raise LeftOutError(TOO_LONG)
    properties = word.core_properties
    return Content(
        name,
        text,
        title=_given(clean(properties.title).strip()),
        created=_written(properties.created),
    )


def _given(title: str) -> str | None:
    return None if title in _DEFAULT_TITLES else title


def _written(created: datetime | None) -> date | None:
    return None if created is None or created.date() == _TEMPLATE_DATE else created.date()


def _lines(block: WordDocument | _Cell, depth: int) -> Iterator[str]:
    from docx.table import Table  # noqa: PLC0415

    for item in block.iter_inner_content():
        if isinstance(item, Table):
            if depth < _DEEPEST_TABLE:
                yield from _cells(item, depth + 1)
        else:
            yield item.text


def _cells(table: Table, depth: int) -> Iterator[str]:
    from docx.table import _Cell  # noqa: PLC0415

    for row in table.rows:
        # Not ``row.cells``: that has a cell once for each column, and it may say it has a million.
        for cell in row._tr.tc_lst:  # noqa: SLF001
            if cell.vMerge != "continue":  # which shows the cell above it
                yield from _lines(_Cell(cell, table), depth)
