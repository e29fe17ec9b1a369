"""Text as somebody would write it who wishes the bot ill, and how a test tries very much of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ESCAPES = (
    "\x1b[31m",
    "\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\",
    "\x1b]0;title\x07",
    "\x9b2J",
    "\x9d8;;https://evil.example\x9c",
    "\x90q\x9c",
    "\r",
    "\x08\x08\x08",
    "\x7f",
)
LINKED = (
    *("evil.com", "www.evil.co.uk/a?b=c", "https://evil.example/x", "تجربة.السعودية", "notes.md"),
    *("tg://resolve?domain=evil", "ton://evil", "a@evil.com", "1.2.3.4", "localhost.zip"),
    *("@evil_bot", "/start", "/ask@evil_bot", "#evil", "#القمة", "$USD"),
    *("+971501234567", "+1 (212) 555-0123", "4111 1111 1111 1111", "4111111111111111"),
)
MARKUP = (
    *("<b>", "</b>", "<a href='https://evil.example'>", "</a>", "<", ">", "&", "&lt;", "&amp;amp;"),
    *('<a href="tg://user?id=1">', '"', "'", "<!--", "<tg-spoiler>", "&#60;", "&#x3c;b&#x3e;"),
    *("<blockquote>", "</blockquote>", "<code>", "{short}", "{0}", "%s", "[b]", "[/]", "\\", "`"),
)
ADDRESSES = (
    *("https://a.example/b?c=d&e=f#g", "http://a.example", "https://a.example/خبر"),
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<b>", "tg://user?id=1"),
    *("https://user:pass@evil.example", "https://a.example/\n<b>", "https://a.example/ b"),
    *(
        'https://a.example/"><a href="https://evil.example',
        "https://a.example/'>",
        "//evil.example",
    ),
    *(
        "https://a.example/\ud800",
        "https://a.example/\u202e",
        "https://\u2068a.example",
        "vbscript:",
    ),
    *(
        "https://a.example\\@evil.example",
        "https:evil.example",
        "ftp://a.example",
        "\x00https://a.b",
    ),
)
WORDS = (
    *"متى القمة المقبلة؟ أين من كم بوتين موسكو 11 نوفمبر 2026 ٢٧ المنظمة قال إن في Reuters".split(),
    *("مُعَاهَدَةٌ", "موســكو", "ﷺ", "😀", "👨‍👩‍👧‍👦", "🇵🇸", "e\u0301", "ا" + "\u064b" * 40, "9" * 400),
    *("؟؟؟", "…", "؛", "«", "»", "(", ")", ".", "،", "-", "\u0640"),
    *(" ", "\n", "\n\n", "\t", "\u2028", "\u2029", "\x85", "\x0b", "\x1c", "\u00a0", "\u200b"),
    *("\ud800", "\udfff", "\udc80", "\0", "\ufffe", "\U0010ffff", "\ufeff", "\u061c", "\u200f"),
)

PIECES = st.sampled_from((*WORDS, *DIRECTIONS, *ESCAPES, *LINKED, *MARKUP, *ADDRESSES))
TEXTS = (
    st.lists(PIECES, max_size=30).map("".join)
    | st.lists(PIECES, max_size=30).map(" ".join)
    | st.text(st.characters(), max_size=200)
)
"""Any text, lone surrogates and all, and what is made of dangerous pieces."""

ANY_ADDRESS = st.sampled_from(ADDRESSES) | TEXTS | TEXTS.map("https://a.example/{}".format)


def refusal(error: type[Exception], call: Callable[[], object]) -> str:
    """Return why something was refused; nothing where it was not. Any other error is raised."""
    try:
        call()
    except error as refused:
        return str(refused)
    return ""


def fuzz(count: int, check: Callable[..., None], *given_to_it: st.SearchStrategy[Any]) -> None:
    """Call ``check`` with many values, the same in every run.

    Args:
        count: How many.
        check: Fails where something is wrong.
        given_to_it: What its arguments are made of.
    """
    rule = settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    rule(given(*given_to_it)(check))()
