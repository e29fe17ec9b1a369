"""What the readers of all formats share: the file that comes in, and what goes out."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import IO

LONGEST_TEXT = 50_000_000
"""Bytes of text that one document may hold."""
LARGEST_FILE = 200_000_000
"""Bytes of a file in a format that is not plain text, which may hold pictures too."""

NO_TEXT = "it holds no text"
TOO_LONG = f"it holds more than {LONGEST_TEXT // 1_000_000} MB of text; split it"
MISSING_EXTRA = (
    "it needs the formats extra; install it with `uv sync --extra formats` "
    "(or `pip install '.[formats]'`)"
)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or a part of one that was left out, and why, in words that follow its name."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Content:
    """What a file says for one document, before furniture is told from its body.

    Attributes:
        path: Where it was read from, as it is shown.
        text: Its text.
        title: The title that the format gives, or None.
        published: The date that the format gives, or None.
        agency: The agency that the format gives, or None.
        created: When the file was made, which stands in where nothing else gives a date.
        site: The site that published it, which stands in where nothing names an agency.
        url: Where it was published, or None.
    """

    path: str
    text: str
    title: str | None = None
    published: date | None = None
    agency: str | None = None
    created: date | None = None
    site: str | None = None
    url: str | None = None


class LeftOutError(Exception):
    """Nothing more of a file can be used; its text is the reason, in words that follow a name."""


@dataclass(frozen=True, slots=True)
class File:
    """A file on disk or in an archive.

    Attributes:
        name: Its path as it is shown.
        open: Opens it from its beginning, as often as it is called.
    """

    name: str
    open: Callable[[], IO[bytes]]

    @property
    def suffix(self) -> str:
        """The ending of its name, in lower case."""
        return PurePosixPath(self.name).suffix.lower()

    def read(self, most: int, reason: str) -> bytes:
        """Return its bytes.

        Args:
            most: How many there may be.
            reason: Why it is left out where there are more.

        Raises:
            LeftOutError: There are more.
        """
        with self.open() as stream:
            data = stream.read(most + 1)
        if len(data) > most:
            raise LeftOutError(reason)
        return data

    def read_binary(self) -> bytes:
        """Return the bytes of a file in a format that is not plain text."""
        return self.read(LARGEST_FILE, f"it is larger than {LARGEST_FILE // 1_000_000} MB")


@contextmanager
def damage_left_out(reason: str) -> Iterator[None]:
    """Leave a file out, with ``reason``, where a library cannot make sense of it."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EINVAL:  # it says that it goes on before its own beginning
            raise LeftOutError(reason) from error
        raise
    except (LeftOutError, ImportError, MemoryError):
        raise
    except Exception as error:  # a damaged file makes libraries raise anything
        raise LeftOutError(reason) from error


def clean(text: str) -> str:
    """Return ``text`` without what no text should hold: NULs and halves of characters."""
    text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
