"""Text that does nothing on a terminal but be read.

What comes from a document, a file's name or another machine may hold escape sequences that recolour
a terminal, move its cursor, name its window or hide a link, and line ends that forge a line.
"""

from __future__ import annotations

import json
import re

_ACTING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_DIRECTING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")  # that JSON may hold as they are
_REPLACEMENT = "\ufffd"


def printable(text: str) -> str:
    """Return ``text`` on one line, with what would act on a terminal shown as �."""
    return _ACTING.sub(_shown, text)


def label(text: str) -> str:
    """Return a name, a title or a path that stands beside others on a line, as ``printable``.

    Its direction controls are dropped: they would reorder what follows.
    """
    return printable(_DIRECTING.sub("", text))


def json_line(value: object) -> str:
    """Return a value as JSON on one line that a terminal and every reader of lines may be given."""
    return _ESCAPED.sub(_as_json_escape, json.dumps(value, ensure_ascii=False))


def _shown(found: re.Match[str]) -> str:
    return " " if found.group().isspace() else _REPLACEMENT


def _as_json_escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"
