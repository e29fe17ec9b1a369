"""PDF files with a text layer, by pdfium: its glyphs, from which the text is made anew.

pdfium's own text, like that of other libraries, has Arabic words turned round or out of their
places; where each glyph stands on the page is certain.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
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
from index.readers.layout import Glyph, Line, in_order, page_lines, paragraphs, without_margins
from index.readers.visual import (
    is_backward,
    is_garbled,
    is_rtl,
    letters,
    mended_pairs,
    reading_order,
)

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

_DAMAGED = "it is damaged or no PDF file"
_ENCRYPTED = "it is encrypted; save it without a password first"
_SCANNED = "it holds no text layer (a scan?); run OCR over it first"
_UNREADABLE = "its fonts do not say which letters they draw; run OCR over it first"
_PASSWORD_ERROR = 4  # FPDF_ERR_PASSWORD
_MOST_UNKNOWN = 0.3
_FIRST_PRINTED, _HYPHEN = 0x20, 0x02  # pdfium says so of a hyphen at the end of a line
_PRIVATE = range(0xE000, 0xF900)  # for private use
_REPLACEMENT = 0xFFFD
_FLAT = 0.001
# Names that programs put where the title belongs.
_NO_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint)|untitled|document\d*$|about:blank|بدون عنوان)"
    r"|.*\.(?:docx?|html?|indd|pdf|qxp|rtf|odt|pptx?|txt)$|\S+://|[^\w]*$",
    re.IGNORECASE,
)
# One character for a ligature's letters, whichever way round they come.
_LIGATURES = {"لا": "\ufefb", "لأ": "\ufef7", "لإ": "\ufef9", "لآ": "\ufef5"}
_LIGATURES |= {letters[::-1]: ligature for letters, ligature in _LIGATURES.items()}
_GOD = "لله"  # ﷲ without its alef, which has one reading only


def read_pdf(file: File) -> Iterator[Content | Skipped]:
    """Read the text layer of a PDF: one document, with the title of its properties."""
    data = file.read_binary()
    with damage_left_out(_DAMAGED):
        content = _extract(file.name, data)
    yield content


def _extract(name: str, data: bytes) -> Content:
    # Imported here: it takes a tenth of a second, and comes with the formats extra only.
    import bidi  # noqa: F401, PLC0415  before a page is read in vain
    from pypdfium2 import PdfDocument, PdfiumError  # noqa: PLC0415

    try:
        pdf = PdfDocument(data)
    except PdfiumError as error:
        encrypted = getattr(error, "err_code", None) == _PASSWORD_ERROR
        raise LeftOutError(_ENCRYPTED if encrypted else _DAMAGED) from error
    try:
        text = clean(_text(pdf))
        title = clean(pdf.get_metadata_value("Title")).strip()
    finally:
        pdf.close()
    return Content(name, text, title=None if _NO_TITLE.match(title) else title)


def _text(pdf: PdfDocument) -> str:
    pages: list[list[Line]] = []
    length = drawn = unknown = 0
    for page in pdf:
        try:
            glyphs, missing = _page_glyphs(page)
        finally:
            page.close()
        drawn, unknown = drawn + len(glyphs) + missing, unknown + missing
        lines = page_lines(glyphs) if glyphs else []
        length += sum(len(line.text) for line in lines)
        if length > LONGEST_TEXT:
            raise LeftOutError(TOO_LONG)
        pages.append(lines)
    if drawn == 0:
        raise LeftOutError(_SCANNED)
    if unknown > _MOST_UNKNOWN * drawn:
        raise LeftOutError(_UNREADABLE)
    blocks = paragraphs(without_margins(_read(pages)))
    text = "\n".join(mended_pairs(block) if is_rtl(block) else block for block in blocks)
    if is_garbled(text):
        raise LeftOutError(_UNREADABLE)
    return text


def _read(pages: list[list[Line]]) -> list[list[Line]]:
    """Put every page's lines in order, and every line's characters."""
    drawn = "\n".join(line.text[::-1] for page in pages for line in page)
    # Seen from its right end, a line is read; where programs drew it letter by letter from the
    # left, it already stands in reading order.
    turned = is_rtl(drawn) and is_backward(letters(drawn))
    ordered = []
    for page in pages:
        rtl = is_rtl("".join(line.text for line in page))
        for line in page:
            line.text = letters(line.text if turned else reading_order(line.text, rtl=rtl))
        ordered.append(in_order([line for line in page if line.text], rtl=rtl))
    return ordered


def _page_glyphs(page: PdfPage) -> tuple[list[Glyph], int]:
    """Return the characters of a page where they stand, and how many nobody knows."""
    from pypdfium2 import raw  # noqa: PLC0415

    text_page = page.get_textpage()
    x, y, matrix = ctypes.c_double(), ctypes.c_double(), raw.FS_MATRIX()
    found: list[tuple[int, Glyph]] = []
    missing = 0
    try:
        for index in range(text_page.count_chars()):
            code = raw.FPDFText_GetUnicode(text_page, index)
            character = chr(code)
            if character.isspace() or raw.FPDFText_IsGenerated(text_page, index) == 1:
                continue
            if _is_unknown(code):
                missing += 1
                continue
            raw.FPDFText_GetCharOrigin(text_page, index, x, y)
            raw.FPDFText_GetMatrix(text_page, index, matrix)
            scale = math.hypot(matrix.c, matrix.d) or 1.0
            size = raw.FPDFText_GetFontSize(text_page, index) * scale
            box = text_page.get_charbox(index, loose=True)
            turn = round(math.atan2(matrix.b, matrix.a) / (math.pi / 2)) % 4
            found.append((turn, _glyph(character, (x.value, y.value), box, size, turn)))
    finally:
        text_page.close()
    if not found:
        return [], missing
    usual = Counter(turn for turn, _ in found).most_common(1)[0][0]
    return _unfolded([glyph for turn, glyph in found if turn == usual]), missing


def _is_unknown(code: int) -> bool:
    if code < _FIRST_PRINTED:
        return code != _HYPHEN
    return code == _REPLACEMENT or code in _PRIVATE


def _glyph(
    character: str,
    origin: tuple[float, float],
    box: tuple[float, float, float, float],
    size: float,
    turn: int,
) -> Glyph:
    """Make a glyph, its page turned so that its line runs from left to right."""
    (x, y), (left, bottom, right, top) = origin, box
    begin, first, last, height = (
        (x, left, right, y),
        (y, bottom, top, -x),
        (-x, -right, -left, -y),
        (-y, -top, -bottom, x),
    )[turn]
    # A mark has no width, so that it begins where it is seen; a letter may be wider than its place.
    return Glyph(
        character, first if unicodedata.combining(character) else begin, last, height, size
    )


def _unfolded(glyphs: list[Glyph]) -> list[Glyph]:
    """Make one glyph of the characters of a ligature, which all stand in the same place."""
    merged: list[Glyph] = []
    for glyph in glyphs:
        if merged and _same_place(merged[-1], glyph):
            merged[-1].text += glyph.text
        else:
            merged.append(glyph)
    for before, glyph in zip([None, *merged], merged, strict=False):
        if len(glyph.text) > 1 and is_rtl(glyph.text):
            glyph.text = _as_drawn(glyph, before)
    return merged


def _same_place(one: Glyph, other: Glyph) -> bool:
    return (
        abs(one.left - other.left) < _FLAT
        and abs(one.right - other.right) < _FLAT
        and abs(one.y - other.y) < _FLAT
        and one.right - one.left > _FLAT
    )


def _as_drawn(glyph: Glyph, before: Glyph | None) -> str:
    """Return a ligature's letters from left to right.

    pdfium gives them as they are read, and turned round in the words that it turns round.
    """
    given = glyph.text
    if given in _LIGATURES:
        return _LIGATURES[given]
    if given in {_GOD, _GOD[::-1]}:
        return _GOD[::-1]
    turned = before is not None and before.y == glyph.y and before.centre > glyph.centre
    return given if turned else given[::-1]
