"""What an example is, and what of one can be sent."""

from __future__ import annotations

from dataclasses import dataclass

from index.model import Kind

LONGEST_EXAMPLE = 46
"""Bytes of an example at most, in ``ENCODING``, where a character is one byte.

An example travels in a button's payload and in a deep link, which hold 64 characters of URL-safe
base64: 46 bytes take 62 of them, and two are left to say what the payload is.
"""

ENCODING = "windows-1256"
"""What every example can be encoded in."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question that the documents answer.

    Attributes:
        question: The question, short enough for a button.
        kind: What kind of answer it wants.
        document: The id of the document that it was made of.
        sentence: The sentence that it was made of, exactly as in the document.
        expected: The normalised words of that sentence of which the short answer holds some.
    """

    question: str
    kind: Kind
    document: str
    sentence: str
    expected: frozenset[str]


def is_sendable(question: str) -> bool:
    """Tell whether a question fits into a button and a deep link."""
    try:
        return len(question.encode(ENCODING)) <= LONGEST_EXAMPLE
    except UnicodeEncodeError:
        return False
