"""Inline queries: ``@bot question`` in any chat."""

from __future__ import annotations

import asyncio

from telegram import (
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.ext import ContextTypes

from bot.bookkeeping import Note
from bot.handlers.questions import LONGEST_QUESTION, outcome_of
from bot.links import START_PREFIX, encode_question
from bot.markup import LONGEST_MESSAGE, clip, line, plain
from bot.metrics import FAILED, INLINE, NO_WORDS
from bot.printing import source_line
from bot.replies import quoted_html, sentence_html, source_html
from bot.services import Services
from bot.splitting import clip_html
from bot.texts import Texts
from index import ClusterError, QuestionError
from index.model import Hit

RESULTS = 10
_DEBOUNCE_SECONDS = 0.3
_CACHED_SECONDS = 300
_LONGEST_TITLE = 100
_LONGEST_DESCRIPTION = 200

Context = ContextTypes.DEFAULT_TYPE


class Inline:
    """Answers inline queries. Nothing of what is typed is stored."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._latest: dict[int, str] = {}

    async def query(self, update: Update, _: Context) -> None:
        """Answer the query, unless the user goes on typing."""
        query = update.inline_query
        if query is None:
            return
        user = query.from_user.id
        self._latest[user] = query.id
        await asyncio.sleep(_DEBOUNCE_SECONDS)
        if self._latest.get(user) != query.id:
            return
        del self._latest[user]
        question, engine = query.query[:LONGEST_QUESTION], self._services.library.index.engine
        with self._services.bookkeeping.noted(INLINE, question, engine) as note:
            await self._find(query, question, note)

    async def _find(self, query: InlineQuery, question: str, note: Note) -> None:
        texts = self._services.texts(query.from_user)
        answer, label, cached = None, texts.inline_ask, _CACHED_SECONDS
        if question.strip():
            try:
                answer = await self._services.library.ask(question, RESULTS)
                label, note.outcome = texts.inline_not_found, outcome_of(answer)
            except QuestionError:
                note.outcome = NO_WORDS
            except ClusterError:
                label, cached, note.outcome = texts.inline_away, 0, FAILED
        results = []
        if answer is not None and answer.answered:
            results = [_result(query.query, hit, texts) for hit in answer.hits[:RESULTS]]
        await self._answer(query, results, label, cached)

    async def _answer(
        self, query: InlineQuery, results: list[InlineQueryResultArticle], label: str, cached: int
    ) -> None:
        payload = encode_question(query.query.strip())
        try:
            await query.answer(
                results,
                cache_time=cached,
                is_personal=self._services.access.is_restricted,
                button=None
                if results
                else InlineQueryResultsButton(
                    label, start_parameter=START_PREFIX + payload if payload else "inline"
                ),
            )
        except BadRequest as error:
            # Whoever types on has no use for the answer to what they typed before.
            if "query is too old" not in str(error).lower():
                raise


def _result(question: str, hit: Hit, texts: Texts) -> InlineQueryResultArticle:
    html = "\n".join(
        (
            quoted_html(clip(question, LONGEST_QUESTION)),
            line(sentence_html(hit)),
            line(source_html(hit.document, texts)),
        )
    )
    short = plain(hit.short_text) if hit.short_text else ""
    sentence, source = plain(hit.sentence), plain(source_line(hit.document))
    return InlineQueryResultArticle(
        id=str(hit.rank),
        title=clip(short or sentence, _LONGEST_TITLE),
        description=clip(sentence if short else source, _LONGEST_DESCRIPTION),
        input_message_content=InputTextMessageContent(
            clip_html(html, LONGEST_MESSAGE),
            parse_mode=ParseMode.HTML,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        ),
    )
