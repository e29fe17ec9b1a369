"""Archives of many documents in one file: JSON Lines, a JSON list, and tables (CSV).

They are read row by row, so that their size does not matter; a row that cannot be used is left
out by itself.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Self, TextIO

from index.readers.base import (
    LONGEST_TEXT,
    NO_TEXT,
    TOO_LONG,
    Content,
    File,
    LeftOutError,
    Skipped,
    clean,
)
from index.readers.fields import Fields, read_date
from index.readers.markup import plain_text
from index.readers.text import NOT_TEXT, SNIFFED_BYTES, find_encoding

_CHUNK = 1 << 20
_DELIMITERS = ",;\t|"
_MOST_NAMED = 8
_LONGEST_NAMED = 40
_SEPARATORS = re.compile(r"[\s,]*")
_NO_JSON = "it is not valid JSON"
_NO_OBJECT = "it is not a JSON object"


def read_jsonl(file: File, fields: Fields) -> Iterator[Content | Skipped]:
    """Read JSON Lines, a document a line, or one JSON list of documents."""
    make = _Maker(fields)
    with _open_text(file, newline="\n") as stream:
        is_list = _opens_list(stream)
        stream.seek(0)
        rows = _list_elements(stream) if is_list else _json_lines(stream)
        for number, row in rows:
            yield make(f"{file.name}#{number}", row)


def read_csv(file: File, fields: Fields) -> Iterator[Content | Skipped]:
    """Read a table with a header row, a document a row; the delimiter is found out."""
    # The limit is one for the whole process, and the default of 131,072 cuts long articles off.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_TEXT))
    with _open_text(file, newline="") as stream:
        delimiter = _delimiter(stream, fields)
        stream.seek(0)
        rows = _csv_rows(stream, delimiter)
        header = next((row for _, row in rows), None)
        if header is None:
            raise LeftOutError(NO_TEXT)
        names = [clean(name).removeprefix("\ufeff").strip() for name in header]
        found = fields.find(names)
        if "text" not in found:
            raise LeftOutError(_no_text_field(names, fields))
        # Of two columns with the same name, the last. The others may be a million in every row.
        wanted = set(found.values())
        columns = {name: place for place, name in enumerate(names) if name in wanted}
        make = _Maker(fields)
        for number, row in rows:
            cells = ((name, row[at] if at < len(row) else "") for name, at in columns.items())
            yield make(f"{file.name}#{number}", dict(cells))


class _Maker:
    """Makes content of rows; the fields of rows with the same names are looked for once."""

    _MOST_SHAPES = 1000
    _LARGEST_SHAPE = 100  # names of a row that are remembered; a row may have a million

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._found: dict[tuple[str, ...], dict[str, str]] = {}

    def __call__(self, path: str, row: Mapping[str, Any] | str) -> Content | Skipped:
        """Return what a row says; a row that is given as text is why it was left out."""
        if isinstance(row, str):
            return Skipped(path, row)
        shape = tuple(row)
        found = self._found.get(shape)
        if found is None:
            if len(self._found) >= self._MOST_SHAPES:
                self._found.clear()
            found = self._fields.find(shape)
            if len(shape) <= self._LARGEST_SHAPE:
                self._found[shape] = found
        if "text" not in found:
            return Skipped(path, _no_text_field(shape, self._fields))
        text = _as_text(row[found["text"]])
        if len(text) > LONGEST_TEXT:
            return Skipped(path, TOO_LONG)
        value = {field: row[name] for field, name in found.items()}
        return Content(
            path,
            plain_text(clean(text)),
            title=_label(value.get("title")),
            published=read_date(value.get("date")),
            agency=_label(value.get("agency")),
            url=_label(value.get("url")),
        )


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):  # paragraphs
        return "\n".join(part for part in value if isinstance(part, str))
    return ""


def _label(value: Any) -> str | None:
    """Return a short field on one line, or None where there is nothing in it."""
    if isinstance(value, str):
        return " ".join(plain_text(clean(value)).split()) or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _no_text_field(present: Iterable[str], fields: Fields) -> str:
    if fields.text:
        return f"it has no field {fields.text}"
    names = list(islice(filter(None, map(_shown, present)), _MOST_NAMED))
    seen = f"it has {', '.join(names)}" if names else "it has none at all"
    return f"it has no field for the text ({seen}); name the one to read, as in text=body"


def _shown(name: str) -> str:
    """Return the beginning of a field's name, on one line."""
    plain = " ".join(name[: 2 * _LONGEST_NAMED].split())
    return "".join(filter(str.isprintable, plain))[:_LONGEST_NAMED]


def _open_text(file: File, *, newline: str) -> TextIO:
    with file.open() as stream:
        encoding = find_encoding(stream.read(SNIFFED_BYTES))
    if encoding is None:
        raise LeftOutError(NOT_TEXT)
    return io.TextIOWrapper(file.open(), encoding, "replace", newline=newline)


def _json_lines(stream: TextIO) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    number = 0
    while line := stream.readline(LONGEST_TEXT):
        number += 1
        if len(line) == LONGEST_TEXT and not line.endswith("\n"):
            yield number, TOO_LONG
            while rest := stream.readline(_CHUNK):
                if rest.endswith("\n"):
                    break
        elif not line.isspace():
            yield number, _json_row(json.loads, line)


def _json_row(load: Callable[[str], Any], line: str) -> Mapping[str, Any] | str:
    try:
        row = load(line)
    except (ValueError, RecursionError):
        return _NO_JSON
    return row if isinstance(row, dict) else _NO_OBJECT


def _opens_list(stream: TextIO) -> bool:
    while piece := stream.read(_CHUNK):
        if begun := piece.lstrip():
            return begun[0] == "["
    return False


def _list_elements(stream: TextIO) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    """Yield the elements of one JSON list, without holding more than one and a chunk."""
    decoder = json.JSONDecoder()
    buffer = ""
    while not (buffer := buffer.lstrip()):
        buffer = stream.read(_CHUNK)
    position, number, chunk = 1, 1, _CHUNK
    while True:
        position = _end_of_separators(buffer, position)
        if buffer.startswith("]", position):
            if buffer[position + 1 :].strip() or stream.read(_CHUNK).strip():
                yield number, "what follows the end of the list is not read"
            return
        try:
            row, position = decoder.raw_decode(buffer, position)
        except (ValueError, RecursionError) as error:
            more = "" if isinstance(error, RecursionError) else stream.read(chunk)
            if not more or len(buffer) - position > LONGEST_TEXT:
                yield number, f"{_NO_JSON} from here on"
                return
            buffer, position, chunk = buffer[position:] + more, 0, chunk * 2
            continue
        yield number, row if isinstance(row, dict) else _NO_OBJECT
        number, chunk = number + 1, _CHUNK


def _end_of_separators(buffer: str, position: int) -> int:
    match = _SEPARATORS.match(buffer, position)
    return match.end() if match else position


def _delimiter(stream: TextIO, fields: Fields) -> str:
    """Return the delimiter by which the header has the most of the fields, then most columns."""

    def score(delimiter: str) -> tuple[bool, int, int]:
        stream.seek(0)
        try:
            rows = csv.reader(_Lines(stream), delimiter=delimiter)
            header = next((row for row in rows if row), [])
        except csv.Error:
            header = []
        found = fields.find(name.removeprefix("\ufeff") for name in header)
        return "text" in found, len(found), len(header)

    return max(_DELIMITERS, key=score)


class _Lines:
    """The lines of a table, until a row takes more of them than a document may be long."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.taken = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(LONGEST_TEXT)
        self.taken += len(line)
        if self.taken > 2 * LONGEST_TEXT:
            raise LeftOutError(
                "a row of it has no end; look for a quotation mark that is not closed"
            )
        if not line:
            raise StopIteration
        return line


def _csv_rows(stream: TextIO, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that hold anything, the header as number 0."""
    lines = _Lines(stream)
    reader = csv.reader(lines, delimiter=delimiter)
    number = 0
    while True:
        lines.taken = 0
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise LeftOutError(
                f"it cannot be read from row {number} on ({error}); "
                "look for a quotation mark that is not closed"
            ) from error
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield number, row
            number += 1
