"""Files made to do harm, of every format: bombs, loops, lies, and what is too deep or too long.

Each generator gives bytes; the sizes are those that hurt a reader without bounds, or a fraction
of them where a test asks how the time grows.
"""

from __future__ import annotations

import io
import json
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

from tests.index.sample_files import pdf_of, zipped

SENTENCE = "افتتحت بلدية الجهراء مكتبة عامة في 27 نوفمبر 2025."
SECRET_FILE = "/etc/passwd"

# Texts.

TEXTS: dict[str, str] = {
    "a letter with a flood of marks": "ب\u064b",
    "a Latin letter with a flood of marks": "e\u0301\u0316",
    "zero-width spaces": "\u200b",
    "marks of direction": "\u202e\u2066",
    "one word": "ب",
    "digits": "7",
    "Arabic digits": "٧",
    "one-letter words": "ب ",
    "one-letter lines": "ب\n",
    "one-word sentences": "نعم. ",
    "white space": " \t",
    "empty lines": "\n",
    "dates out of range": "99/99/9999 ",
    "dates": "25/11/2025 ",
    "open brackets": "(«[",
    "closed brackets": ")»]",
    "quotation marks": '"',
    "end marks": ".!؟",
    "NULs": "\0",
    "titles of persons": "الرئيس ",
    "numbers in words": "ثلاثة و",
    "places": "مدينة موسكو ",
    "datelines": "موسكو - 27 - 11 - (كونا) -- ",
    "ligatures": "ﷺ",
    "tags": "<b>",
    "broken tags": "<a ",
    "broken comments": "<!--",
    "broken entities": "&#",
    "Markdown": "# - > * ",
    "front matter": "---\n",
}
"""Pieces of hostile texts, each to be repeated, by what they are."""


def repeated(piece: str, size: int) -> str:
    """Return a text of about ``size`` characters that repeats a piece."""
    return piece * max(size // len(piece), 1)


# Zips.


def zip_bomb(megabytes: int) -> bytes:
    """Return a zip of a text that is almost nothing when packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        with archive.open("bomb.txt", "w", force_zip64=True) as member:
            for _ in range(megabytes):
                member.write(b"a" * 1_000_000)
        archive.writestr("good.txt", SENTENCE)
    return out.getvalue()


def overlapping_zip(members: int, size: int) -> bytes:
    """Return a zip whose members are all the same bytes of it, as in the bombs of D. Fifield."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    text = b"a" * size
    data = packer.compress(text) + packer.flush()
    checksum = zlib.crc32(text)
    name = b"0.txt"
    local = _local(name, checksum, len(data), size) + data
    central = b"".join(
        _central(b"%d.txt" % number, checksum, len(data), size, 0) for number in range(members)
    )
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, members, members, len(central), len(local), 0)
    return local + central + end


def _local(name: bytes, checksum: int, packed: int, size: int) -> bytes:
    return (
        struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, checksum, packed, size, len(name), 0)
        + name
    )


def _central(name: bytes, checksum: int, packed: int, size: int, offset: int) -> bytes:
    fields = (20, 20, 0, 8, 0, 0, checksum, packed, size, len(name), 0, 0, 0, 0, 0, offset)
    return struct.pack("<4s6H3I5H2I", b"PK\1\2", *fields) + name


def lying_zip(real: int, said: int) -> bytes:
    """Return a zip of a text whose size is said to be another."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    text = (SENTENCE.encode() * (real // len(SENTENCE) + 1))[:real]
    data = packer.compress(text) + packer.flush()
    name = b"lie.txt"
    local = _local(name, zlib.crc32(text), len(data), said) + data
    central = _central(name, zlib.crc32(text), len(data), said, 0)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


def named_zip(*names: str) -> bytes:
    """Return a zip of members of these names, each with a text of its own."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, name in enumerate(names):
            info = zipfile.ZipInfo("x")
            info.filename = name  # as it is, whatever it holds
            archive.writestr(info, f"{SENTENCE} وهذا النص رقم {number}.")
    return out.getvalue()


def linking_zip() -> bytes:
    """Return a zip with a symbolic link to a file of the system."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("link.txt")
        info.create_system = 3
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, SECRET_FILE)
        archive.writestr("good.txt", SENTENCE)
    return out.getvalue()


def nested_zip(depth: int) -> bytes:
    """Return a zip in a zip in a zip."""
    data = zipped({"a.txt": SENTENCE.encode()})
    for _ in range(depth):
        data = zipped({"inner.zip": data})
    return data


# Entities.


def billion_laughs(root: str, use: str) -> str:
    """Return an XML document whose entities stand for a billion letters.

    Args:
        root: The name of its root element.
        use: What stands in the document; ``&lol9;`` there is the bomb.
    """
    entities = '<!ENTITY lol0 "lol">' + "".join(
        f'<!ENTITY lol{number} "{f"&lol{number - 1};" * 10}">' for number in range(1, 10)
    )
    return f'<?xml version="1.0"?><!DOCTYPE {root} [{entities}]>{use}'


def external_entity(root: str, use: str) -> str:
    """Return an XML document with an entity ``&secret;`` that names a file of the system."""
    entity = f'<!ENTITY secret SYSTEM "file://{SECRET_FILE}">'
    return f'<?xml version="1.0"?><!DOCTYPE {root} [{entity}]>{use}'


# Web pages.


def page(body: str) -> bytes:
    """Return a web page with this body."""
    return f"<html><head><title>خبر</title></head><body>{body}</body></html>".encode(
        "utf-8", "surrogatepass"
    )


def nested_page(depth: int, tag: str = "div") -> bytes:
    """Return a page of tags in tags."""
    return page(f"<{tag}>" * depth + SENTENCE + f"</{tag}>" * depth)


PAGES: dict[str, Callable[[], bytes]] = {
    "nested": lambda: nested_page(100_000),
    "nested and never closed": lambda: page("<div>" * 100_000 + SENTENCE),
    "nested inline": lambda: nested_page(50_000, "b"),
    "nested tables": lambda: nested_page(20_000, "table><tr><td"),
    "attributes": lambda: page("<p " + "a=1 " * 200_000 + f">{SENTENCE}"),
    "an attribute": lambda: page(f'<p class="{"a " * 500_000}">{SENTENCE}'),
    "entities": lambda: page("&amp;" * 200_000 + SENTENCE),
    "laughs": lambda: billion_laughs("html", page("&lol9;").decode()).encode(),
    "a secret": lambda: external_entity("html", page(f"&secret; {SENTENCE}").decode()).encode(),
    "comments": lambda: page("<!-- " * 100_000 + SENTENCE),
    "open tags": lambda: page("<" * 300_000 + SENTENCE),
    "scripts": lambda: page("<script>" * 50_000 + SENTENCE),
    "paragraphs": lambda: page(f"<p>{SENTENCE}</p>" * 10_000),
    "links": lambda: page(f'<a href="#">{SENTENCE}</a>' * 10_000),
    "meta tags": lambda: (
        b"<meta charset=x" * 100_000 + page(SENTENCE).decode().encode("windows-1256")
    ),
    "a link to a file": lambda: page(
        f'<iframe src="file://{SECRET_FILE}"></iframe><p>{SENTENCE}</p>'
    ),
}
"""Hostile web pages."""


# Word files.

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
    '<Override PartName="/core.xml" '
    'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
)
_RELATIONS = (
    "<Relationships "
    'xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="word/document.xml"/>'
    '<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/'
    'metadata/core-properties" Target="core.xml"/></Relationships>'
)
_CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
    'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title>'
    "</cp:coreProperties>"
)
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def paragraph(text: str = SENTENCE) -> str:
    """Return a paragraph of a Word file."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def body(content: str) -> str:
    """Return the main part of a Word file."""
    return f'<w:document xmlns:w="{_WORD}"><w:body>{content}</w:body></w:document>'


def word_file(
    document: str, *, relations: str = _RELATIONS, core: str = _CORE.format("عنوان")
) -> bytes:
    """Return a Word file of these parts."""
    return zipped(
        {
            "[Content_Types].xml": _TYPES.encode(),
            "_rels/.rels": relations.encode(),
            "word/document.xml": document.encode(),
            "core.xml": core.encode(),
        }
    )


def nested_tables(depth: int) -> str:
    """Return tables in tables."""
    return (
        "<w:tbl><w:tr><w:tc>" * depth + paragraph() + f"{paragraph()}</w:tc></w:tr></w:tbl>" * depth
    )


WORD_FILES: dict[str, Callable[[], bytes]] = {
    "laughs": lambda: word_file(billion_laughs("w:document", body(paragraph("&lol9;")))),
    "laughs in the relations": lambda: word_file(
        body(paragraph()), relations=billion_laughs("Relationships", _RELATIONS + "&lol9;")
    ),
    "laughs in the properties": lambda: word_file(
        body(paragraph()), core=billion_laughs("cp:coreProperties", _CORE.format("&lol9;"))
    ),
    "a secret": lambda: word_file(
        external_entity("w:document", body(paragraph("&secret;") + paragraph()))
    ),
    "a secret in the properties": lambda: word_file(
        body(paragraph()), core=external_entity("cp:coreProperties", _CORE.format("&secret;"))
    ),
    "nested tables": lambda: word_file(body(nested_tables(80))),
    "very nested tables": lambda: word_file(body(nested_tables(20_000))),
    "a wide span": lambda: word_file(
        body(
            "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='100000000'/></w:tcPr>"
            f"{paragraph()}</w:tc></w:tr></w:tbl>"
        )
    ),
    "a tall merge": lambda: word_file(
        body(
            "<w:tbl>"
            + "<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc></w:tr>" * 3000
            + "</w:tbl>"
        )
    ),
    "many runs": lambda: word_file(
        body("<w:p>" + "<w:r><w:t>كلمة </w:t></w:r>" * 100_000 + "</w:p>")
    ),
    "unknown relations": lambda: word_file(
        body(paragraph()), relations=_RELATIONS.replace("core.xml", "../../../etc/passwd")
    ),
    "a part that is a bomb": lambda: zipped({"word/document.xml": b"a" * 300_000_000}),
    "no part": lambda: zipped({"a.txt": b"a"}),
}
"""Hostile Word files."""


# PDF.


def stream(data: bytes, more: bytes = b"") -> bytes:
    """Return a stream object."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), more, data)


_FONT = b"<< /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"


def drawing(content: bytes, *, box: bytes = b"0 0 400 600", more: bytes = b"") -> bytes:
    """Return a PDF of one page that draws this."""
    return pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Resources %s /Contents 4 0 R %s >>"
            % (box, _FONT, more),
            stream(content),
        ]
    )


def _forms(calls: Callable[[int], bytes], count: int) -> bytes:
    """Return a PDF whose forms draw other forms."""
    resources = b"<< /XObject << %s >> /Font << /F << /Type /Font /Subtype /Type1 >> >> >>" % (
        b" ".join(b"/X%d %d 0 R" % (number, number + 5) for number in range(count))
    )
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 400 600] /Resources 4 0 R"
    return pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 600] /Resources 4 0 R "
            b"/Contents %d 0 R >>" % (count + 5),
            resources,
            *(stream(calls(number), form) for number in range(count)),
            stream(b"/X0 Do BT /F 10 Tf 50 500 Td (hello) Tj ET"),
        ]
    )


def glyph_flood(glyphs: int) -> bytes:
    """Return a PDF that draws very many letters on one page, in the same place."""
    return drawing(b"BT /F 10 Tf 10 10 Td " + b"(aaaaaaaaab) Tj " * (glyphs // 10) + b"ET")


def spread_glyphs(glyphs: int) -> bytes:
    """Return a PDF that draws each letter at a height of its own."""
    return drawing(
        b"BT /F 10 Tf "
        + b"".join(
            b"1 0 0 1 %d %d Tm (a) Tj " % (number * 7919 % 100_000, number * 104_729 % 1_000_000)
            for number in range(glyphs)
        )
        + b"ET",
        box=b"0 0 100000 1000000",
    )


def _self_referring() -> bytes:
    return (
        b"%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer << /Size 1 /Root 1 0 R /Prev 9 >>\n"
        b"startxref\n9\n%%EOF"
    )


PDFS: dict[str, Callable[[], bytes]] = {
    "pages that hold themselves": lambda: pdf_of(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 9 /Kids [2 0 R] >>"]
    ),
    "pages in a circle": lambda: pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 9 /Kids [3 0 R] /Parent 3 0 R >>",
            b"<< /Type /Pages /Count 9 /Kids [2 0 R] /Parent 2 0 R >>",
        ]
    ),
    "a billion pages": lambda: pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1000000000 /Kids [3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 600] >>",
        ]
    ),
    "a million pages of one": lambda: pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 300000 /Kids [%s] >>" % (b"3 0 R " * 300_000),
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 600] >>",
        ]
    ),
    "a form that draws itself": lambda: _forms(lambda _: b"/X0 Do", 1),
    "forms that draw ten forms each": lambda: _forms(
        lambda number: b"/X%d Do " % (number + 1) * 10 if number < 9 else b"BT /F 9 Tf (a) Tj ET",
        10,
    ),
    "a huge page": lambda: drawing(
        b"BT /F 10 Tf 10 10 Td (hello) Tj ET", box=b"0 0 99999999999999 99999999999999"
    ),
    "a page of no numbers": lambda: drawing(
        b"BT /F 10 Tf nan inf Td (hello) Tj ET", box=b"nan inf -1e999 1e999"
    ),
    "a huge font": lambda: drawing(b"BT /F 1e38 Tf 1e38 0 0 1e38 1e38 1e38 Tm (hello you) Tj ET"),
    "a tiny font": lambda: drawing(b"BT /F 0 Tf 0 0 0 0 0 0 Tm (hello you) Tj ET"),
    "a stream that is its own length": lambda: pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
            b"<< /Length 4 0 R >>\nstream\nBT ET\nendstream",
        ]
    ),
    "an object stream in itself": lambda: pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /ObjStm /N 2 /First 8 /Extends 2 0 R /Length 20 >>\nstream\n"
            b"2 0 1 4  2 0 R 1 0 R\nendstream",
        ]
    ),
    "deep arrays": lambda: pdf_of(
        [b"<< /Type /Catalog /Pages " + b"[" * 200_000 + b"]" * 200_000 + b" >>"]
    ),
    "deep dictionaries": lambda: pdf_of([b"<< /A " * 100_000 + b">>" * 100_000]),
    "packed a thousandfold": lambda: pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 600] /Resources %s "
            b"/Contents 4 0 R >>" % _FONT,
            stream(zlib.compress(b" " * 500_000_000, 9), b"/Filter /FlateDecode"),
        ]
    ),
    "packed twice": lambda: pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 600] /Resources %s "
            b"/Contents 4 0 R >>" % _FONT,
            stream(
                zlib.compress(zlib.compress(b" " * 900_000_000, 9), 9),
                b"/Filter [/FlateDecode /FlateDecode]",
            ),
        ]
    ),
    "many glyphs": lambda: glyph_flood(100_000),
    "spread glyphs": lambda: spread_glyphs(20_000),
    "marks on a letter": lambda: drawing(
        b"BT /F 10 Tf 10 10 Td (a" + b"\\264" * 20_000 + b") Tj ET"
    ),
    "a cross-reference to itself": _self_referring,
}
"""Hostile PDFs."""


# Archives.


def deep_json(depth: int) -> str:
    """Return lists in lists."""
    return "[" * depth + "]" * depth


def _rows() -> Iterator[tuple[str, bytes]]:
    good = json.dumps({"text": SENTENCE}, ensure_ascii=False)
    lines = {
        "deep lists": f'{{"text": {deep_json(100_000)}}}',
        "deep objects": '{"text":' * 100_000 + '"a"' + "}" * 100_000,
        "a huge number": f'{{"text": "{SENTENCE} 1", "date": {"9" * 1_000}}}',
        "a number of a million digits": f'{{"text": "{SENTENCE} 2", "date": {"9" * 1_000_000}}}',
        "a number beyond all": f'{{"text": "{SENTENCE} 3", "date": 1e999, "url": -1e999}}',
        "no number": f'{{"text": "{SENTENCE} 4", "date": NaN, "title": Infinity}}',
        "the same key twice": f'{{"text": 1, "text": "{SENTENCE} 5"}}',
        "half a character": f'{{"text": "{SENTENCE} \\ud800", "title": "\\udc00"}}',
        "half a character in a key": '{"\\ud800": 1}',
        "NULs": f'{{"text": "{SENTENCE} 6\\u0000", "agency": "\\u0000"}}',
        "many keys": "{" + ",".join(f'"{n}": 1' for n in range(200_000)) + "}",
        "a long agency": f'{{"text": "{SENTENCE} 7", "agency": "{"و" * 1_000_000}"}}',
        "a long title": f'{{"text": "{SENTENCE} 8", "title": "{"و" * 1_000_000}"}}',
        "a long address": f'{{"text": "{SENTENCE} 9", "url": "https://{"و" * 1_000_000}"}}',
        "a date of a million": f'{{"text": "{SENTENCE} 10", "date": "{"9/" * 500_000}"}}',
    }
    for name, line in lines.items():
        yield name, f"{line}\n{good}\n".encode()


JSON_LINES: dict[str, bytes] = dict(_rows())
"""Hostile JSON Lines; the last row of each is good."""

CSVS: dict[str, Callable[[], bytes]] = {
    "a quotation mark that is not closed": lambda: f'text\n"{SENTENCE}\n'.encode() * 40_000,
    "a hundred megabytes of it": lambda: b'text\n"' + b"a,\n" * 40_000_000,
    "a wide header": lambda: ",".join(["text"] * 300_000).encode() + b"\n" + b"a\n" * 300_000,
    "a wide row": lambda: b"text\n" + b"," * 1_000_000 + f"\n{SENTENCE}\n".encode(),
    "no delimiter": lambda: b"text" * 1_000_000,
    "NULs": lambda: b"text\0,date\n" + f"{SENTENCE}\0,\0\n".encode(),
    "only quotation marks": lambda: b"text\n" + b'"' * 1_000_001,
}
"""Hostile tables."""
