"""Answers as a terminal shows them.

A terminal gets the plain text: it has its own idea of direction, and marks would show in some. What
would act on it is replaced by �.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.printable import label, printable
from bot.replies import format_date, resolved_text, unanswered
from bot.texts import ARABIC
from index.model import Answer, Hit, Source

Style = Callable[[str], str]


def answer_lines(
    answer: Answer,
    *,
    bold: Style = str,
    dim: Style = str,
    further: int = 2,
) -> list[str]:
    """Return an answer as lines for a terminal: sentence, source, then further sentences.

    Args:
        answer: What to show.
        bold: Marks the short answer.
        dim: Sets off what is not the answer itself.
        further: How many sentences to show after the first.
    """
    lines = []
    if not answer.answered:
        lines.append(unanswered(answer, ARABIC))
        if not answer.hits:
            return lines
        lines.append(dim(ARABIC.not_sure))
    best, *others = answer.hits
    if answer.answered:
        lines += [_styled(best, bold), *_resolved_lines(best)]
        lines += [dim(source_line(document)) for document in (best.document, *answer.agreeing)]
        for hit in answer.differing:
            lines += ["", dim(ARABIC.elsewhere), _styled(hit, bold), *_resolved_lines(hit)]
            lines.append(dim(source_line(hit.document)))
        others = [hit for hit in others if hit not in answer.differing]
    else:
        lines += [dim(printable(best.sentence)), dim(source_line(best.document))]
    for hit in others[:further]:
        lines.extend(("", dim(printable(hit.sentence)), dim(source_line(hit.document))))
    return lines


def _resolved_lines(hit: Hit) -> list[str]:
    return [printable(resolved_text(hit, ARABIC))] if hit.resolved else []


def _styled(hit: Hit, bold: Style) -> str:
    short = hit.short_answer
    if short is None:
        return printable(hit.sentence)
    before, after = hit.sentence[: short.start], hit.sentence[short.end :]
    return printable(before) + bold(printable(short.of(hit.sentence))) + printable(after)


def source_line(document: Source) -> str:
    """Return the source of a document in plain text: agency, date if known, title."""
    published = [format_date(document.published)] if document.published else []
    return " · ".join((label(document.agency), *published, label(document.title)))
