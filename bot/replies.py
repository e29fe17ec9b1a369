"""What the bot replies: answers, their context, and lists of documents, as Telegram HTML."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from bot.links import deep_link
from bot.markup import escaped, isolated, isolated_ltr, line
from bot.texts import Texts
from index.confidence import NOT_SURE_FROM
from index.model import Answer, Document, Hit, Relation

NEAREST = 2
"""Sentences that are shown where the documents do not answer."""

OTHERS_A_PAGE = 3
"""Further sentences that are shown at once."""

DOCUMENTS_A_PAGE = 5
_LONGEST_BEFORE = 1000  # characters of a passage that are shown before its sentence


def format_date(day: date) -> str:
    """Return a date as Arabic newspapers write it, 27/11/2025; its slashes survive bidi."""
    return f"{day.day}/{day.month}/{day.year}"


def answer_html(answer: Answer, texts: Texts) -> str:
    """Return the reply to a question: the answer and its source, or that there is none."""
    if not answer.hits:
        return line(texts.not_found)
    best = answer.hits[0]
    if not answer.answered:
        nearest = answer.hits[:NEAREST]
        head = texts.not_sure if len(nearest) == 1 else texts.not_sure_several
        return "\n\n".join(
            (
                line(unanswered(answer, texts)),
                line(head),
                *(
                    f"{line(f'<i>{escaped(hit.sentence)}</i>')}\n"
                    f"{line(source_html(hit.document, texts))}"
                    for hit in nearest
                ),
            )
        )
    sources = [source_html(document, texts) for document in (best.document, *answer.agreeing)]
    parts = [*_hit_html(best, texts), line("\n".join(sources))]
    for hit in answer.differing:
        sentence, *resolved = _hit_html(hit, texts)
        parts += [f"{line(texts.elsewhere)}\n{sentence}", *resolved]
        parts.append(line(source_html(hit.document, texts)))
    return "\n\n".join(parts)


def unanswered(answer: Answer, texts: Texts) -> str:
    """Return how it is said that a question has no answer: not sure, or not found."""
    return texts.unsure if answer.confidence >= NOT_SURE_FROM else texts.not_found


def _hit_html(hit: Hit, texts: Texts) -> list[str]:
    """Return a sentence with its short answer in bold, and what a relative date in it means."""
    resolved = [line(escaped(resolved_text(hit, texts)))] if hit.resolved else []
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
        return escaped(hit.sentence)
    before, after = hit.sentence[: short.start], hit.sentence[short.end :]
    return f"{escaped(before)}<b>{escaped(short.of(hit.sentence))}</b>{escaped(after)}"


def source_html(document: Document, texts: Texts) -> str:
    """Return the source line of a document: agency, date, title."""
    return f"{origin_html(document, texts)} · {isolated(document.title)}"


def origin_html(document: Document, texts: Texts) -> str:
    """Return who published a document and when."""
    published = document.published
    day = isolated_ltr(format_date(published)) if published else isolated(texts.undated)
    return f"{isolated(document.agency)} · {day}"


def context_html(hit: Hit, texts: Texts) -> str:
    """Return the passage that a sentence stands in, the sentence in bold, and the source."""
    before, sentence, after = hit.passage.partition(hit.sentence)
    if len(before) > _LONGEST_BEFORE:
        before = f"…{before[-_LONGEST_BEFORE:]}"  # or a long passage would push the sentence out
    marked = f"<b>{escaped(sentence)}</b>" if sentence else ""
    passage = f"{escaped(before)}{marked}{escaped(after)}"
    return "\n\n".join((line(texts.context), line(passage), line(source_html(hit.document, texts))))


def others_html(hits: Sequence[Hit], page: int, pages: int, texts: Texts) -> str:
    """Return a page of further sentences, each with its source.

    Args:
        hits: The sentences of the page.
        page: Its number, from 0.
        pages: How many pages there are.
        texts: The language.
    """
    parts = [line(texts.others.format(page=page + 1, pages=pages))]
    for hit in hits:
        numbered = f"{hit.rank}. {sentence_html(hit)}"
        parts.append(f"{line(numbered)}\n{line(source_html(hit.document, texts))}")
    return "\n\n".join(parts)


def quoted_html(question: str) -> str:
    """Return a question that was pressed instead of written, quoted."""
    # A mark before the quotation would be a line of its own.
    return f"<blockquote>{line(escaped(question))}</blockquote>"


def group_help_html(username: str, examples: Sequence[str], texts: Texts) -> str:
    """Return how to ask in a group, and examples as links that ask them in private."""
    parts = [line(texts.help_in_groups.format(username=username))]
    links = [(deep_link(username, question), question) for question in examples]
    lines = [f'<a href="{link}">{escaped(question)}</a>' for link, question in links if link]
    if lines:
        parts.append(line("\n".join((texts.ask_alone, *lines))))
    return "\n\n".join(parts)


def sources_html(
    documents: Sequence[tuple[Document, int]], page: int, pages: int, total: int, texts: Texts
) -> str:
    """Return a page of the list of documents, each with its number of sentences.

    Args:
        documents: The documents of the page.
        page: Its number, from 0.
        pages: How many pages there are.
        total: How many documents there are.
        texts: The language.
    """
    parts = [line(texts.sources.format(documents=texts.documents.counted(total)))]
    for number, (document, sentences) in enumerate(documents, page * DOCUMENTS_A_PAGE + 1):
        entry = _entry_html(document, sentences, texts)
        parts.append(line(f"{number}. {isolated(document.title)}\n{entry}"))
    if pages > 1:
        parts.append(line(texts.page.format(page=page + 1, pages=pages)))
    return "\n\n".join(parts)


def document_html(document: Document, sentences: Sequence[str], texts: Texts) -> str:
    """Return a document with all its sentences, each on a line of its own."""
    entry = _entry_html(document, len(sentences), texts)
    heading = f"<b>{isolated(document.title)}</b>\n{entry}"
    return "\n\n".join((line(heading), *(line(f"• {escaped(text)}") for text in sentences)))


def _entry_html(document: Document, sentences: int, texts: Texts) -> str:
    return f"{origin_html(document, texts)} · {texts.sentences.counted(sentences)}"
