"""Web pages: the main text, without navigation and comments, by trafilatura."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

from index.readers.base import (
    Content,
    File,
    LeftOutError,
    Skipped,
    clean,
    damage_left_out,
)
from index.readers.fields import read_date
from index.readers.markup import without_tags
from index.readers.text import NOT_TEXT, decode, marked_encoding

_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE
)
_DECLARED_WITHIN = 4096
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_LARGEST_PAGE = 20_000_000  # bytes; the tree of a page takes many times that
_TOO_LARGE = f"it is larger than {_LARGEST_PAGE // 1_000_000} MB"
_TAG = re.compile(r"<[a-zA-Z!/?]")


def read_html(file: File) -> Iterator[Content | Skipped]:
    """Read a web page: one document, with the title, date and site of its metadata."""
    text = decode_html(file.read(_LARGEST_PAGE, _TOO_LARGE))
    if text is None:
        raise LeftOutError(NOT_TEXT)
    if not _TAG.search(text):  # plain text under another name
        yield Content(file.name, text)
        return
    with damage_left_out("it is damaged or no web page"):
        content = _extract(file.name, _XML_DECLARATION.sub("", clean(text)))
    yield content


def decode_html(data: bytes) -> str | None:
    """Return the text of a web page, or None where it is not text.

    UTF-8 is known for certain; the encoding that the page declares is believed only where the
    page is not UTF-8, because servers and editors often leave a wrong one behind.
    """
    if marked_encoding(data) is None:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = "\0"
        if "\0" not in text:
            return text
        if match := _DECLARED.search(data, 0, _DECLARED_WITHIN):
            declared = match[1].decode("ascii", "replace")
            try:
                text = data.decode(declared, "replace")
            except (LookupError, ValueError):  # no encoding, or none of text
                text = "\0"
            if "\0" not in text and declared.lower().replace("-", "") != "utf8":
                return text
    return decode(data)


def _extract(name: str, page: str) -> Content:
    # It calls every page without text an error, in the log.
    for library in ("trafilatura", "htmldate"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    # Imported here: it takes half a second, and comes with the formats extra only.
    from trafilatura import bare_extraction, baseline  # noqa: PLC0415
    from trafilatura.settings import Document  # noqa: PLC0415

    found = bare_extraction(
        page,
        include_comments=False,
        with_metadata=True,
        # Without it, any year in the page's margins may be taken for the date.
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if not isinstance(found, Document) or not found.text:
        return Content(name, baseline(page)[1] or without_tags(page))  # a page of a line or two
    return Content(
        name,
        _without_layout(clean(found.text)),
        title=found.title or None,
        published=read_date(found.date),
        site=found.sitename or found.hostname or None,
        url=found.url or None,
    )


def _without_layout(text: str) -> str:
    """Return ``text`` without what trafilatura puts around items of lists and cells of tables."""
    return "\n".join(map(_bare, text.split("\n")))


def _bare(line: str) -> str:
    content = line[2:] if line.startswith(("- ", "| ")) else line
    return content.rstrip(" ").removesuffix(" |")
