"""The buttons under the bot's messages, and what each carries back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import ceil

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.links import ASK_PREFIX, encode_question
from bot.markup import clip, plain
from bot.replies import DOCUMENTS_A_PAGE, NEAREST, OTHERS_A_PAGE
from bot.texts import LANGUAGES, Texts
from index.model import Answer, Hit, Source

UP, DOWN = 1, -1

CONTEXT = r"context:([0-9a-f]{16}):(\d{1,2})"
OTHERS = r"others:([0-9a-f]{16}):(\d{1,2})"
ANSWER = r"answer:([0-9a-f]{16})"
RATE = r"rate:([0-9a-f]{16}):(-?1)"
ASK = r"q:([A-Za-z0-9_-]{1,62})"
SOURCES = r"sources:(\d{1,6})"
DOCUMENT = r"document:([0-9a-f]{12}):(\d{1,6}):(\d{1,6})"
LANGUAGE = r"language:([a-z]{2})"
REMOVE_PAGE = r"remove:(\d{1,6})"
REMOVE = r"remove:([0-9a-f]{12}):(ask|yes|no)"

_LONGEST_LABEL = 64
_CHOSEN = "✓"

Rows = list[list[InlineKeyboardButton]]


def answer_buttons(
    answer: Answer | None,
    name: str,
    texts: Texts,
    *,
    examples: Sequence[str] = (),
    ratings: tuple[str, str] = ("", ""),
) -> InlineKeyboardMarkup | None:
    """Return the buttons under an answer: examples, context, others, ratings.

    Args:
        answer: The answer, or None for a reply that is none.
        name: The id that it is remembered by.
        texts: The language.
        examples: Questions to offer.
        ratings: What stands behind 👍 and 👎.
    """
    rows = example_rows(examples)
    if answer is not None and answer.hits:
        row = [_button(texts.context_button, f"context:{name}:0")]
        if other_hits(answer):
            row.append(_button(texts.others_button, f"others:{name}:0"))
        rows.append(row)
        marks = zip("👍👎", (UP, DOWN), ratings, strict=True)
        rows.append(
            [_button(f"{mark} {rated}".strip(), f"rate:{name}:{n}") for mark, n, rated in marks]
        )
    return InlineKeyboardMarkup(rows) if rows else None


def rating_labels(counts: dict[int, int], *, private: bool) -> tuple[str, str]:
    """Return what stands behind 👍 and 👎: how many pressed it, in private a tick for the one."""

    def label(count: int) -> str:
        if not count:
            return ""
        return _CHOSEN if private else str(count)

    return label(counts.get(UP, 0)), label(counts.get(DOWN, 0))


def example_rows(questions: Sequence[str]) -> Rows:
    """Return a row for each question; one too long for a button is left out."""
    return [
        [_button(question, ASK_PREFIX + payload)]
        for question in questions
        if (payload := encode_question(question))
    ]


def other_hits(answer: Answer) -> list[Hit]:
    """Return the sentences of an answer that its reply does not show."""
    shown = 1 if answer.answered else NEAREST
    differing = {(hit.document.id, hit.span) for hit in answer.differing}
    return [hit for hit in answer.hits[shown:] if (hit.document.id, hit.span) not in differing]


def other_pages(answer: Answer) -> int:
    """Return how many pages of further sentences there are."""
    return ceil(len(other_hits(answer)) / OTHERS_A_PAGE)


def others_buttons(
    name: str, hits: Sequence[Hit], page: int, pages: int, texts: Texts
) -> InlineKeyboardMarkup:
    """Return the buttons under a page of further sentences: their contexts, pages, back."""
    rows: Rows = [
        [
            _button(f"{texts.context_button} {hit.rank}", f"context:{name}:{hit.rank}")
            for hit in hits
        ]
    ]
    rows += _pages("others:" + name, page, pages, texts)
    rows.append([_button(texts.back_button, f"answer:{name}")])
    return InlineKeyboardMarkup(rows)


def context_buttons(name: str, rank: int, page: int, texts: Texts) -> InlineKeyboardMarkup:
    """Return the button that leads from a context back: to the answer, or to a page of others."""
    back = f"others:{name}:{page}" if rank else f"answer:{name}"
    return InlineKeyboardMarkup([[_button(texts.back_button, back)]])


def document_pages(total: int) -> int:
    """Return how many pages a list of documents takes."""
    return max(1, ceil(total / DOCUMENTS_A_PAGE))


def sources_buttons(
    documents: Sequence[Source], page: int, pages: int, texts: Texts
) -> InlineKeyboardMarkup:
    """Return the buttons under a page of documents: one for each, and the pages."""
    first = page * DOCUMENTS_A_PAGE + 1
    rows: Rows = [
        [
            _button(str(number), f"document:{document.id}:0:{page}")
            for number, document in enumerate(documents, start=first)
        ]
    ]
    return InlineKeyboardMarkup(rows + _pages("sources", page, pages, texts))


def document_buttons(
    document: str, page: int, pages: int, list_page: int, texts: Texts
) -> InlineKeyboardMarkup:
    """Return the buttons under a page of a document's sentences."""
    rows = _pages(f"document:{document}", page, pages, texts, behind=f":{list_page}")
    rows.append([_button(texts.back_button, f"sources:{list_page}")])
    return InlineKeyboardMarkup(rows)


def language_buttons(chosen: Texts) -> InlineKeyboardMarkup:
    """Return a button for each language, the one in use ticked."""
    row = [
        _button(
            f"{texts.language} {_CHOSEN if texts is chosen else ''}".strip(), f"language:{code}"
        )
        for code, texts in LANGUAGES.items()
    ]
    return InlineKeyboardMarkup([row])


def remove_buttons(
    documents: Sequence[Source], page: int, pages: int, texts: Texts
) -> InlineKeyboardMarkup:
    """Return a row for each document of a page that can be removed, and the pages."""
    rows: Rows = [
        [_button(f"{document.path} · {document.title}", f"remove:{document.id}:ask")]
        for document in documents
    ]
    return InlineKeyboardMarkup(rows + _pages("remove", page, pages, texts))


def confirm_buttons(document: str, texts: Texts) -> InlineKeyboardMarkup:
    """Return the buttons that ask whether a document is really to be removed."""
    yes = _button(texts.remove_button, f"remove:{document}:yes")
    no = _button(texts.keep_button, f"remove:{document}:no")
    return InlineKeyboardMarkup([[yes, no]])


def _pages(what: str, page: int, pages: int, texts: Texts, *, behind: str = "") -> Rows:
    row = []
    if page > 0:
        row.append(_button(texts.previous_button, f"{what}:{page - 1}{behind}"))
    if page + 1 < pages:
        row.append(_button(texts.next_button, f"{what}:{page + 1}{behind}"))
    return [row] if row else []


def _button(label: str, data: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(_label(label), callback_data=data)


@lru_cache(maxsize=1024)
def _label(text: str) -> str:
    return clip(plain(text), _LONGEST_LABEL)
