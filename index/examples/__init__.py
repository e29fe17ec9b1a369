"""Example questions that the documents answer, made of their sentences and checked by asking.

A sentence is read as a string of tags, one a word, and a question is a slice of it behind an asking
word: «متى» before the clause that a date ends, «من هو» before the title that a name follows, «ماذا
قال» before who said it. What comes out is asked, and kept only where the answer is that sentence.
"""

from index.examples.example import ENCODING, LONGEST_EXAMPLE, Example, is_sendable
from index.examples.pool import (
    MOST_ASKED,
    MOST_EXAMPLES,
    MOST_SENTENCES,
    choose_examples,
    find_candidates,
    make_examples,
)

__all__ = [
    "ENCODING",
    "LONGEST_EXAMPLE",
    "MOST_ASKED",
    "MOST_EXAMPLES",
    "MOST_SENTENCES",
    "Example",
    "choose_examples",
    "find_candidates",
    "is_sendable",
    "make_examples",
]
