"""What the bot replies: answers, their context, and lists of documents, as Telegram HTML."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from html import escape

from bot.links import deep_link, web_link
from bot.markup import (
    LONGEST_MESSAGE,
    clip,
    escaped,
    isolated,
    isolated_ltr,
    kept_in_order,
    line,
    unlinked,
    utf16_length,
)
from bot.splitting import SHORTEST, clip_html
from bot.texts import Texts
from index.confidence import NOT_SURE_FROM
from index.model import Answer, Hit, Relation, Source

NEAREST = 2
"""Sentences that are shown where the documents do not answer."""

OTHERS_A_PAGE = 3
"""Further sentences that are shown at once."""

DOCUMENTS_A_PAGE = 5
_LONGEST_NAME = 150  # UTF-16 code units of a title, an agency or a path; titles of ours are shorter
_PATHS_SHOWN = 3  # of a document that stands in several files
_ROOM = LONGEST_MESSAGE - 200  # a question may be quoted above
_LONGEST_BEFORE = 1000  # UTF-16 code units of a passage that are shown before its sentence


def format_date(day: date) -> str:
    """Return a date as Arabic newspapers write it, 27/11/2025; its slashes survive bidi."""
    return f"{day.day}/{day.month}/{day.year}"


def answer_html(answer: Answer, texts: Texts) -> str:
    """Return the reply to a question: the answer and its source, or that there is none."""
    if not answer.hits:
        return texts.said(texts.not_found)
    best = answer.hits[0]
    if not answer.answered:
        nearest = answer.hits[:NEAREST]
        head = texts.not_sure if len(nearest) == 1 else texts.not_sure_several
        return "\n\n".join(
            (
                texts.said(unanswered(answer, texts)),
                texts.said(head),
                *(
                    f"{line(f'<i>{kept_in_order(hit.sentence, escaped(hit.sentence))}</i>')}\n"
                    f"{line(source_html(hit.document, texts))}"
                    for hit in nearest
                ),
            )
        )
    sources = [source_html(document, texts) for document in (best.document, *answer.agreeing)]
    parts = [*_hit_html(best, texts), line("\n".join(sources))]
    for hit in answer.differing:
        sentence, *resolved = _hit_html(hit, texts)
        parts += [f"{texts.said(texts.elsewhere)}\n{sentence}", *resolved]
        parts.append(line(source_html(hit.document, texts)))
    return "\n\n".join(parts)


def unanswered(answer: Answer, texts: Texts) -> str:
    """Return how it is said that a question has no answer: not sure, or not found."""
    return texts.unsure if answer.confidence >= NOT_SURE_FROM else texts.not_found


def _hit_html(hit: Hit, texts: Texts) -> list[str]:
    """Return a sentence with its short answer in bold, and what a relative date in it means."""
    resolved = [texts.said(escaped(resolved_text(hit, texts)))] if hit.resolved else []
    return [line(sentence_html(hit)), *resolved]


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


def sentence_html(hit: Hit) -> str:
    """Return a sentence with its short answer, if any, in bold."""
    short = hit.short_answer
    if short is None:
        return kept_in_order(hit.sentence, escaped(hit.sentence))
    before, after = hit.sentence[: short.start], hit.sentence[short.end :]
    html = f"{escaped(before)}<b>{escaped(short.of(hit.sentence))}</b>{escaped(after)}"
    return kept_in_order(hit.sentence, html)


def source_html(document: Source, texts: Texts) -> str:
    """Return the source line of a document: agency, date, title, which links to where it stands."""
    title = _title(document)
    link = web_link(document.url)
    if link:
        title = f'<a href="{escape(link)}">{title}</a>'
    return f"{origin_html(document, texts)} · {title}"


def origin_html(document: Source, texts: Texts) -> str:
    """Return who published a document and when."""
    published = document.published
    day = isolated_ltr(format_date(published)) if published else isolated(texts.undated)
    return f"{isolated(clip(document.agency, _LONGEST_NAME))} · {day}"


def _title(document: Source) -> str:
    return isolated(clip(document.title, _LONGEST_NAME))


def context_html(hit: Hit, texts: Texts) -> str:
    """Return the passage that a sentence stands in, the sentence in bold, and the source."""
    before, sentence, after = hit.passage.partition(hit.sentence)
    # A long passage must push neither the sentence nor the source out.
    before = _clip_start(before, _LONGEST_BEFORE)
    marked = f"<b>{escaped(sentence)}</b>" if sentence else ""
    head, source = texts.said(texts.context), line(source_html(hit.document, texts))
    room = _ROOM - utf16_length(head) - utf16_length(source)
    passage = clip_html(line(f"{escaped(before)}{marked}{escaped(after)}"), max(room, SHORTEST))
    return f"{head}\n\n{passage}\n\n{source}"


def _clip_start(text: str, units: int) -> str:
    """Return the end of ``text`` in about so many UTF-16 code units, with an ellipsis where cut."""
    if utf16_length(text) <= units:
        return text
    while utf16_length(text) > units:
        text = text[max(1, (utf16_length(text) - units) // 2) :]
    return f"…{text}"


def others_html(hits: Sequence[Hit], page: int, pages: int, texts: Texts) -> str:
    """Return a page of further sentences, each with its source.

    Args:
        hits: The sentences of the page.
        page: Its number, from 0.
        pages: How many pages there are.
        texts: The language.
    """
    parts = [texts.said(texts.others.format(page=page + 1, pages=pages))]
    room = (_ROOM - utf16_length(parts[0])) // OTHERS_A_PAGE
    for hit in hits:
        source = line(source_html(hit.document, texts))
        numbered = line(f"{hit.rank}. {sentence_html(hit)}")
        clipped = clip_html(numbered, max(room - utf16_length(source), SHORTEST))
        parts.append(f"{clipped}\n{source}")
    return "\n\n".join(parts)


def quoted_html(question: str) -> str:
    """Return a question that was pressed instead of written, quoted."""
    # A mark before the quotation would be a line of its own.
    return f"<blockquote>{line(escaped(unlinked(question)))}</blockquote>"


def group_help_html(username: str, examples: Sequence[str], texts: Texts) -> str:
    """Return how to ask in a group, and examples as links that ask them in private."""
    parts = [texts.said(texts.help_in_groups.format(username=username))]
    links = [(deep_link(username, question), question) for question in examples]
    lines = [f'<a href="{link}">{escaped(question)}</a>' for link, question in links if link]
    if lines:
        parts.append(texts.said("\n".join((texts.ask_alone, *lines))))
    return "\n\n".join(parts)


def sources_html(
    documents: Sequence[tuple[Source, int]], page: int, pages: int, total: int, texts: Texts
) -> str:
    """Return a page of the list of documents, each with its number of sentences.

    Args:
        documents: The documents of the page.
        page: Its number, from 0.
        pages: How many pages there are.
        total: How many documents there are.
        texts: The language.
    """
    parts = [texts.said(texts.sources.format(documents=texts.documents.counted(total)))]
    for number, (document, sentences) in enumerate(documents, page * DOCUMENTS_A_PAGE + 1):
        entry = _entry_html(document, sentences, texts)
        parts.append(texts.said(f"{number}. {_title(document)}\n{entry}"))
    if pages > 1:
        parts.append(texts.said(texts.page.format(page=page + 1, pages=pages)))
    return "\n\n".join(parts)


def document_html(document: Source, sentences: Sequence[str], texts: Texts) -> str:
    """Return a document with all its sentences, each on a line of its own."""
    entry = _entry_html(document, len(sentences), texts)
    heading = f"<b>{_title(document)}</b>\n{entry}"
    return "\n\n".join(
        (
            texts.said(heading),
            *(line(f"• {kept_in_order(text, escaped(text))}") for text in sentences),
        )
    )


def _entry_html(document: Source, sentences: int, texts: Texts) -> str:
    entry = f"{origin_html(document, texts)} · {texts.sentences.counted(sentences)}"
    if not document.also:
        return entry
    paths = [
        isolated(clip(path, _LONGEST_NAME))
        for path in (document.path, *document.also)[:_PATHS_SHOWN]
    ]
    further = len(document.also) + 1 - len(paths)
    paths += [f"(+{further})"] if further else []
    return f"{entry}\n{texts.also.format(paths=', '.join(paths))}"
