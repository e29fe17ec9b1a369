"""Files of every format, made for tests; PDFs as programs of all sorts draw them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLES = Path(__file__).parent / "samples"
"""Files that other programs made."""

PAGE_WIDTH, PAGE_HEIGHT = 400, 600
ADVANCE = 0.5  # of the size, from one character to the next


@dataclass(frozen=True, slots=True)
class Drawn:
    """Characters drawn one behind the other, from the left."""

    text: str
    x: float
    y: float
    size: float = 10


def right_aligned(lines: Iterable[str], *, top: float = 540, right: float = 360) -> list[Drawn]:
    """Return lines that end at a margin on the right, one below the other."""
    return [
        Drawn(line, right - ADVANCE * 10 * len(line), top - 16 * number)
        for number, line in enumerate(lines)
    ]


def pdf(pages: Sequence[Sequence[Drawn]], *, title: str = "", rotated: bool = False) -> bytes:
    """Return a PDF that draws these characters, in a font that tells what each one is."""
    characters = sorted({character for page in pages for drawn in page for character in drawn.text})
    codes = {character: number for number, character in enumerate(characters, start=1)}
    count = len(pages)
    kids = " ".join(f"{6 + 2 * number} 0 R" for number in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {count} /Kids [{kids}] >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Made /Encoding /Identity-H "
        b"/DescendantFonts [4 0 R] /ToUnicode 5 0 R >>",
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Made /DW {1000 * ADVANCE:.0f} "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        "/FontDescriptor << /Type /FontDescriptor /FontName /Made /Flags 4 /Ascent 800 "
        "/Descent -200 /CapHeight 700 /ItalicAngle 0 /StemV 80 /FontBBox [0 -200 1000 800] >> "
        ">>".encode(),
        _stream(_to_unicode(codes)),
    ]
    for number, page in enumerate(pages):
        turn = "0 1 -1 0 400 0 cm " if rotated else ""
        content = turn + "\n".join(
            f"BT /F {drawn.size} Tf {drawn.x} {drawn.y} Td "
            f"<{''.join(f'{codes[character]:04x}' for character in drawn.text)}> Tj ET"
            for drawn in page
        )
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE_WIDTH} {PAGE_HEIGHT}] "
            f"/Resources << /Font << /F 3 0 R >> >> /Contents {7 + 2 * number} 0 R >>".encode(),
            _stream(content.encode()),
        ]
    objects.append(b"<< /Title <feff" + title.encode("utf-16-be").hex().encode() + b"> >>")
    return pdf_of(objects, more=b"/Info %d 0 R " % len(objects))


def _to_unicode(codes: dict[str, int]) -> bytes:
    rows = [
        f"<{code:04x}> <{character.encode('utf-16-be').hex()}>" for character, code in codes.items()
    ]
    blocks = [rows[start : start + 100] for start in range(0, len(rows), 100)]
    ranges = "\n".join(
        f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Made def "
        "/CMapType 2 def 1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{ranges}\nendcmap end end"
    ).encode()


def _stream(data: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)


def pdf_of(objects: Sequence[bytes], *, root: int = 1, more: bytes = b"") -> bytes:
    """Return a PDF of objects, which are numbered from 1.

    Args:
        objects: The objects.
        root: The number of the catalogue.
        more: What else the trailer says.
    """
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(
        b"trailer << /Size %d /Root %d 0 R %s>>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, root, more, start)
    )
    return out.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    """Return a zip of files, their names in UTF-8 and said to be."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()
