"""Answers to what people read: Telegram HTML and terminal text.

Both are right-to-left safe. In Telegram each line begins with a right-to-left mark, so that one
that starts with a number or a Latin name still reads from the right, and each part of a source line
is isolated, so that none reorders its neighbours. A terminal gets the plain text: it has its own
idea of direction, and marks would show in some.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from html import escape

from bot.texts import ARABIC, Texts
from index.confidence import NOT_SURE_FROM
from index.model import Answer, Document, Hit, Relation

LONGEST_MESSAGE = 4096
"""UTF-16 code units that Telegram takes in one message, after its entities are parsed."""

_RIGHT_TO_LEFT_MARK = "\u200f"
_FIRST_STRONG_ISOLATE = "\u2068"
_LEFT_TO_RIGHT_ISOLATE = "\u2066"
_POP_ISOLATE = "\u2069"
# Direction controls of a document would reach beyond the part that they stand in.
_WITHOUT_CONTROLS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))

Style = Callable[[str], str]


def format_date(day: date) -> str:
    """Return a date as Arabic newspapers write it, 27/11/2025; its slashes survive bidi."""
    return f"{day.day}/{day.month}/{day.year}"


def utf16_length(text: str) -> int:
    """Return the length of ``text`` in UTF-16 code units, as Telegram counts."""
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)  # noqa: PLR2004


def clip(text: str, units: int) -> str:
    """Return ``text`` cut to at most ``units`` UTF-16 code units, with an ellipsis where cut."""
    if utf16_length(text) <= units:
        return text
    while utf16_length(text) >= units:
        text = text[: len(text) - max(1, (utf16_length(text) - units) // 2)]
    return text + "…"


def line(html: str) -> str:
    """Return Telegram HTML as lines that read from the right."""
    return "\n".join(_RIGHT_TO_LEFT_MARK + part if part else part for part in html.split("\n"))


def answer_html(answer: Answer, texts: Texts) -> str:
    """Return the reply to a question: the answer and its source, or that there is none."""
    if not answer.hits:
        return line(texts.not_found)
    best = answer.hits[0]
    if answer.answered:
        sources = [source_html(document, texts) for document in (best.document, *answer.agreeing)]
        parts = [line(_sentence_html(best)), *_resolved_html(best, texts), line("\n".join(sources))]
        for hit in answer.differing:
            parts += [
                f"{line(texts.elsewhere)}\n{line(_sentence_html(hit))}",
                *_resolved_html(hit, texts),
                line(source_html(hit.document, texts)),
            ]
        return "\n\n".join(parts)
    nearest = f"<i>{_html(best.sentence)}</i>"
    return (
        f"{line(_unanswered(answer, texts))}\n\n{line(texts.not_sure)}\n{line(nearest)}\n\n"
        f"{line(source_html(best.document, texts))}"
    )


def _unanswered(answer: Answer, texts: Texts) -> str:
    return texts.unsure if answer.confidence >= NOT_SURE_FROM else texts.not_found


def _resolved_html(hit: Hit, texts: Texts) -> list[str]:
    return [line(_html(resolved_text(hit, texts)))] if hit.resolved else []


def resolved_text(hit: Hit, texts: Texts) -> str:
    """Return what a relative date means: «الأسبوع المقبل، أي بعد 27/11/2025»."""
    resolved = hit.resolved
    if resolved is None:
        return ""
    start, end = resolved.start, resolved.end
    when = format_date(start)
    if resolved.relation is Relation.ON and start != end:
        whole_year = (start.month, start.day, end.month, end.day) == (1, 1, 12, 31)
        whole_month = start.day == 1 and (end + timedelta(days=1)).day == 1
        if whole_year:
            when = f"{start.year}"
        elif whole_month:
            when = f"{start.month}/{start.year}"
        else:
            when = f"{format_date(start)} – {format_date(end)}"
    template = {
        Relation.ON: texts.resolved_on,
        Relation.AFTER: texts.resolved_after,
        Relation.BEFORE: texts.resolved_before,
    }[resolved.relation]
    return template.format(short=hit.short_text, when=when)


def _sentence_html(hit: Hit) -> str:
    short = hit.short_answer
    if short is None:
        return _html(hit.sentence)
    before, after = hit.sentence[: short.start], hit.sentence[short.end :]
    return f"{_html(before)}<b>{_html(short.of(hit.sentence))}</b>{_html(after)}"


def source_html(document: Document, texts: Texts) -> str:
    """Return the source line of a document: agency, date, title."""
    published = format_date(document.published) if document.published else texts.undated
    return " · ".join(
        f"{mark}{_html(part)}{_POP_ISOLATE}"
        for mark, part in (
            (_FIRST_STRONG_ISOLATE, document.agency),
            (_LEFT_TO_RIGHT_ISOLATE if document.published else _FIRST_STRONG_ISOLATE, published),
            (_FIRST_STRONG_ISOLATE, document.title),
        )
    )


def sources_html(documents: list[tuple[Document, int]], texts: Texts) -> str:
    """Return the list of documents, each with its number of sentences, within one message."""
    parts = [line(texts.sources.format(count=len(documents)))]
    for number, (document, sentences) in enumerate(documents):
        entry = line(
            texts.document.format(
                title=f"{_FIRST_STRONG_ISOLATE}{_html(document.title)}{_POP_ISOLATE}",
                source=source_html(document, texts).rsplit(" · ", 1)[0],
                sentences=sentences,
            )
        )
        more = line(texts.more_sources.format(count=len(documents) - number))
        if utf16_length("\n\n".join([*parts, entry, more])) > LONGEST_MESSAGE:
            parts.append(more)
            break
        parts.append(entry)
    return "\n\n".join(parts)


def _html(text: str) -> str:
    cleaned = text.translate(_WITHOUT_CONTROLS).replace("\0", "")
    return escape(cleaned.encode("utf-8", "replace").decode(), quote=False)


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
        lines.append(_unanswered(answer, ARABIC))
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
        lines += [dim(best.sentence), dim(source_line(best.document))]
    for hit in others[:further]:
        lines.extend(("", dim(hit.sentence), dim(source_line(hit.document))))
    return lines


def _resolved_lines(hit: Hit) -> list[str]:
    return [resolved_text(hit, ARABIC)] if hit.resolved else []


def _styled(hit: Hit, bold: Style) -> str:
    short = hit.short_answer
    if short is None:
        return hit.sentence
    marked = bold(short.of(hit.sentence))
    return hit.sentence[: short.start] + marked + hit.sentence[short.end :]


def source_line(document: Document) -> str:
    """Return the source of a document in plain text: agency, date if known, title."""
    published = [format_date(document.published)] if document.published else []
    return " · ".join((document.agency, *published, document.title))


def answer_json(answer: Answer) -> dict[str, object]:
    """Return an answer as the JSON object that ``jawab ask --json`` prints."""
    return {
        "question": answer.question,
        "answered": answer.answered,
        "confidence": round(answer.confidence, 3),
        "kind": str(answer.kind),
        "answers": [_hit_json(hit) for hit in answer.hits],
    }


def _hit_json(hit: Hit) -> dict[str, object]:
    short = hit.short_answer
    document = hit.document
    return {
        "rank": hit.rank,
        "sentence": hit.sentence,
        "short_answer": None
        if short is None
        else {"text": short.of(hit.sentence), "start": short.start, "end": short.end},
        "score": round(hit.score, 4),
        "passage": hit.passage,
        "document": {
            "id": document.id,
            "title": document.title,
            "published": document.published.isoformat() if document.published else None,
            "agency": document.agency,
            "path": document.path,
        },
        "start": hit.span.start,
        "end": hit.span.end,
    }
