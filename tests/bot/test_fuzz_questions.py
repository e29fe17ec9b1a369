"""Questions of any text: each is answered or has no word, in time and memory that are bounded."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import strategies as st

from bot.printing import answer_lines
from bot.recall import Recaller, pack
from bot.replies import answer_html, quoted_html
from bot.splitting import split_html
from bot.texts import ARABIC, ENGLISH
from index import Answer, Index, QuestionError
from index.answering import LONGEST_QUESTION
from tests.conftest import Endurance
from tests.hostile import TEXTS, fuzz
from tests.telegram.markup import parse_html, utf16_length

ORDINARY = "متى القمة المقبلة؟"
LONG = st.tuples(TEXTS, st.sampled_from([1, 10, 1000])).map(lambda it: (it[0] * it[1])[:10_000])
FLOODS = {
    "ordinary": ORDINARY + " ",
    "letters": "ا ب ت ث ",
    "one word": "ا",
    "prefixes": "وال",
    "digits": "9",
    "a number": "9 999 999,",
    "punctuation": "؟",
    "combining": "ا" + "\u064b" * 60,
    "spaces": " ",
    "lines": "\n",
    "directions": "\u202e\u2066",
    "emoji": "👨‍👩‍👧‍👦",
    "question words": "ما في أي من ",
    "what is": "ما ال",
    "dates": "11 نوفمبر 2026 ",
    "halves": "\ud800",
    "both ways": "متى abc ",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Index:
    return Index.open(seeds, tmp_path_factory.mktemp("home"))


def ask(index: Index, question: str) -> Answer | None:
    try:
        return index.ask(question, 10)
    except QuestionError:
        return None


def test_every_question_is_answered_or_has_no_word(index: Index, endurance: Endurance) -> None:
    recaller = Recaller(index.collection)

    def check(question: str) -> None:
        answer = ask(index, question)
        if answer is None:
            return
        assert answer.question == question
        assert 0 <= answer.confidence <= 1
        json.dumps(answer.as_json())
        for texts in (ARABIC, ENGLISH):
            html = f"{quoted_html(question[:400])}\n{answer_html(answer, texts)}"
            html.encode()
            assert all(utf16_length(parse_html(one)[0]) <= 4096 for one in split_html(html))
        again = recaller.answer(pack(answer))
        assert (again is None) == (not answer.hits)
        assert again is None or answer_html(again, ARABIC) == answer_html(answer, ARABIC)
        assert not any("\x1b" in line for line in answer_lines(answer))

    fuzz(endurance(150, 30_000), check, TEXTS | LONG)


def test_what_lies_beyond_the_limit_changes_nothing(index: Index) -> None:
    read = (ORDINARY + " ") * 60
    assert len(read) > LONGEST_QUESTION
    first, second = ask(index, read), ask(index, read + "موسكو " * 100_000 + "9" * 1_000_000)
    assert first is not None
    assert second is not None
    assert first.hits == second.hits


def cost(measure: Callable[[], object]) -> float:
    """CPU seconds of a call, the least of some: what else the machine does must not count."""
    times = []
    for _ in range(5):
        started = time.process_time()
        measure()
        times.append(time.process_time() - started)
    return min(times)


@pytest.mark.parametrize("name", FLOODS)
def test_time_grows_with_the_question_and_not_with_its_square(index: Index, name: str) -> None:
    quarter, whole = ((FLOODS[name] * LONGEST_QUESTION)[:n] for n in (250, LONGEST_QUESTION))
    ask(index, whole)  # what is remembered from now on would make the second time faster
    ordinary = cost(lambda: ask(index, ORDINARY))
    short = max(cost(lambda: ask(index, quarter)), ordinary)
    assert cost(lambda: ask(index, whole)) < 12 * short


def test_the_worst_question_costs_a_few_ordinary_ones(index: Index, seeds: Path) -> None:
    everything = " ".join(file.read_text("utf-8") for file in sorted(seeds.iterdir()))
    questions = [(flood * LONGEST_QUESTION)[:LONGEST_QUESTION] for flood in FLOODS.values()]
    # Words that the documents hold are compared with theirs: the longest ones, each once.
    words = sorted(set(everything.split()), key=len)
    questions += [" ".join(words)[:LONGEST_QUESTION], " ".join(words[::-1])[:LONGEST_QUESTION]]
    for question in questions:
        ask(index, question)
    ordinary = cost(lambda: ask(index, ORDINARY))
    assert max(cost(partial(ask, index, one)) for one in questions) < 60 * ordinary


def test_memory_is_bounded_by_the_limit(index: Index) -> None:
    def peak(question: str) -> int:
        ask(index, question)
        tracemalloc.start()
        try:
            ask(index, question)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    ordinary = peak(ORDINARY)
    for flood in FLOODS.values():
        whole = peak((flood * LONGEST_QUESTION)[:LONGEST_QUESTION])
        beyond = peak((flood * 100_000)[:100_000])
        assert whole < 30 * ordinary
        assert beyond < 2 * whole + ordinary
