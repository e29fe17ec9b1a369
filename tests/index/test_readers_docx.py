"""Word files."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from index.documents import Fields, Skipped, read_file
from index.model import Document
from tests.index.sample_files import zipped

docx = pytest.importorskip("docx")

pytestmark = pytest.mark.usefixtures("kept_readers")

LINES = ["افتتحت بلدية الجهراء مكتبة عامة في 27 نوفمبر 2025.", "تضم المكتبة كتبا للأطفال والكبار."]


def word(*, title: str = "", created: datetime | None = None) -> bytes:
    document = docx.Document()
    document.add_paragraph(LINES[0])
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "عدد الكتب"
    table.cell(1, 0).text = "للأطفال"
    table.cell(1, 1).text = "450"
    table.cell(1, 1).add_table(rows=1, cols=1).cell(0, 0).text = "ألف"
    document.add_paragraph(LINES[1])
    document.core_properties.title = title
    if created:
        document.core_properties.created = created
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def read(folder: Path, data: bytes) -> Document | Skipped:
    (folder / "تقرير.docx").write_bytes(data)
    (document,) = read_file(folder / "تقرير.docx", "تقرير.docx", Fields())
    return document


def test_paragraphs_and_cells_in_order(tmp_path: Path) -> None:
    document = read(tmp_path, word())

    assert isinstance(document, Document)
    lines = [line for line in document.text.splitlines() if line]
    assert lines == [LINES[0], "عدد الكتب", "للأطفال", "450", "ألف", LINES[1]]
    assert document.title == LINES[0].removesuffix(".")
    assert document.published is None
    assert document.agency == "تقرير"


def test_its_properties(tmp_path: Path) -> None:
    created = datetime(2025, 11, 27, 22, 0, tzinfo=UTC)

    document = read(tmp_path, word(title="تقرير المكتبات", created=created))

    assert isinstance(document, Document)
    assert document.title == "تقرير المكتبات"
    assert document.published == date(2025, 11, 27)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is damaged or no Word file"),
        (LINES[0].encode(), "it is damaged or no Word file"),
        (zipped({"a.txt": b"x"}), "it is damaged or no Word file"),
        (word()[:-300], "it is damaged or no Word file"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "it has a password, or is of Word before 2007"),
    ],
    ids=["empty", "text", "zip", "cut off", "old Word"],
)
def test_what_cannot_be_read(tmp_path: Path, data: bytes, reason: str) -> None:
    skipped = read(tmp_path, data)

    assert isinstance(skipped, Skipped)
    assert skipped.reason.startswith(reason)


def test_one_that_unpacks_to_too_much(tmp_path: Path) -> None:
    out = io.BytesIO(word())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/more.xml", bytes(210_000_000))

    skipped = read(tmp_path, out.getvalue())

    assert skipped == Skipped("تقرير.docx", "it holds more than 50 MB of text; split it")
