"""The worked example of docs/ranking.md is what the program does."""

from __future__ import annotations

from docs.ranking import PAGE, remade
from index import Index
from index.confidence import NOT_SURE_FROM
from index.engines.pair import (
    CROSSING,
    PASSAGE_CANDIDATES,
    PASSAGE_PARAMETERS,
    SENTENCE_CANDIDATES,
)
from index.ranking import EXPANSION_WEIGHT, GRAM_WEIGHT, STEM_WEIGHT


def test_the_numbers_of_the_page_are_those_of_today(seeds_index: Index) -> None:
    page = PAGE.read_text("utf-8")
    assert remade(page, seeds_index) == page, "run: uv run python -m docs.ranking"


def test_the_numbers_in_its_sentences_are_those_of_the_code() -> None:
    page = " ".join(PAGE.read_text("utf-8").split())
    k1, b = PASSAGE_PARAMETERS.k1, PASSAGE_PARAMETERS.b
    assert f"Passages have k1 = {k1} and b = {b}" in page
    assert f"{EXPANSION_WEIGHT} / √n for n phrases" in page
    assert (STEM_WEIGHT, GRAM_WEIGHT) == (1, 1 / 4)
    assert "A stem counts 1 in a question and a 4-gram ¼" in page
    assert f"the {SENTENCE_CANDIDATES} best sentences" in page
    assert f"the {PASSAGE_CANDIDATES} best passages" in page
    assert f"not sure (from {NOT_SURE_FROM} on)" in page
    assert f"Up to {CROSSING:,} sentences" in page
