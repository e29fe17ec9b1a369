"""What the bot answers to a press of a button or to an inline query."""

from __future__ import annotations

import re
import time

from tests.telegram.markup import Json, formatted, keyboard, require, utf16_length
from tests.telegram.records import CallbackAnswer, InlineAnswer, InlineResult
from tests.telegram.state import TOKEN, Query, State


class QueryMethods(State):
    """A query may be answered once, and within ``query_lifetime`` seconds."""

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__(token)
        self.query_lifetime = 30.0

    def callback_answers(self, query_id: str) -> list[CallbackAnswer]:
        """The accepted answer to a press of a button, if there is one yet."""
        with self._lock:
            return list(self._queries[query_id].callback_answers)

    def wait_for_callback_answer(self, query_id: str, *, timeout: float = 10.0) -> CallbackAnswer:
        """Waits until a press of a button is answered."""
        answers = self._queries[query_id].callback_answers
        return self._wait(lambda: bool(answers), lambda: answers[0], timeout, "callback answer")

    def inline_answers(self, query_id: str) -> list[InlineAnswer]:
        """The accepted answer to an inline query, if there is one yet."""
        with self._lock:
            return list(self._queries[query_id].inline_answers)

    def wait_for_inline_answer(self, query_id: str, *, timeout: float = 10.0) -> InlineAnswer:
        """Waits until an inline query is answered."""
        answers = self._queries[query_id].inline_answers
        return self._wait(lambda: bool(answers), lambda: answers[0], timeout, "inline answer")

    def _query(self, query_id: str, kind: str) -> Query:
        query = self._queries.get(query_id)
        fresh = (
            query
            and query.kind == kind
            and not query.callback_answers
            and not query.inline_answers
            and time.monotonic() - query.asked <= self.query_lifetime
        )
        words = "query is too old and response timeout expired or query ID is invalid"
        require(fresh, words)
        return self._queries[query_id]

    def _api_answer_callback_query(self, params: Json) -> bool:
        query = self._query(params.get("callback_query_id", ""), "callback_query")
        text = params.get("text") or ""
        require(utf16_length(text) <= 200, "MESSAGE_TOO_LONG")
        alert, seconds = bool(params.get("show_alert")), params.get("cache_time", 0)
        query.callback_answers.append(CallbackAnswer(text, alert, params.get("url"), seconds))
        return True

    def _api_answer_inline_query(self, params: Json) -> bool:
        query = self._query(params.get("inline_query_id", ""), "inline_query")
        results, next_offset = params.get("results") or [], params.get("next_offset") or ""
        names = [str(result.get("id", "")) for result in results]
        require(len(results) <= 50, "RESULTS_TOO_MUCH")
        require(all(1 <= len(name.encode()) <= 64 for name in names), "RESULT_ID_INVALID")
        require(len(set(names)) == len(names), "RESULT_ID_DUPLICATE")
        require(len(next_offset.encode()) <= 64, "NEXT_OFFSET_INVALID")
        answer = InlineAnswer(
            results=[_result(result) for result in results],
            cache_time=params.get("cache_time", 300),
            is_personal=bool(params.get("is_personal")),
            next_offset=next_offset,
            button=_button(params.get("button")),
        )
        query.inline_answers.append(answer)
        return True


def _result(result: Json) -> InlineResult:
    markup = keyboard(result)
    article = result.get("type") == "article"
    require(not article or result.get("title"), "ARTICLE_TITLE_EMPTY")
    message = result.get("input_message_content") or {}
    # Telegram's own words for this refusal are not published.
    require(not article or message, "can't parse inline query result: no input message content")
    content: Json = {}
    shown = ""
    if "message_text" in message:
        content, shown = formatted(message, "message_text")
    elif "caption" in result:
        content, shown = formatted(result, "caption")
    return InlineResult(
        id=str(result["id"]),
        type=result.get("type", ""),
        title=result.get("title", ""),
        description=result.get("description", ""),
        text=content.get("text") or content.get("caption") or "",
        html=shown,
        entities=content.get("entities") or content.get("caption_entities") or [],
        reply_markup=markup,
        raw=result,
    )


def _button(button: Json | None) -> Json | None:
    if not button:
        return None
    wrong = "can't parse inline query results button: "
    require(button.get("text"), wrong + 'Field "text" must be of type String')
    if "web_app" not in button:
        parameter = button.get("start_parameter", "")
        require(parameter, "can't use empty start_parameter")
        require(len(parameter.encode()) <= 64, "too long start_parameter specified")
        fit = re.fullmatch(r"[A-Za-z0-9_-]+", parameter)
        require(fit, "unallowed characters in start_parameter are used")
    return button
