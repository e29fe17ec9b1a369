"""What tantivy does besides the contract: it finds by the terms that matter, in large indexes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from index import DamagedIndexError, Index
from index.engines.base import Bags
from index.engines.pair import SENTENCE_PARAMETERS
from index.questions import read_question
from index.ranking import make_query, sentence_terms
from tests.index.engine_indexes import TantivyIndex
from tests.index.helpers import sentences_of


def test_the_terms_that_matter_find_the_same_best_ten(
    tmp_path: Path, seeds_index: Index, seeds_gold: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = TantivyIndex(tmp_path / "index", SENTENCE_PARAMETERS)
    index.change(dict(enumerate(map(sentence_terms, sentences_of(seeds_index.collection)))))
    whole = index.open()
    monkeypatch.setattr("index.engines.tantivy.PRUNED_FROM", 0)
    pruned = index.open()
    same = 0
    rows = seeds_gold.read_text("utf-8").splitlines()
    for row in rows:
        query = make_query(read_question(json.loads(row)["question"]), ()).terms
        monkeypatch.undo()
        expected = whole.top_k(query, 10)
        monkeypatch.setattr("index.engines.tantivy.PRUNED_FROM", 0)
        found = pruned.top_k(query, 10)
        same += found == expected
        assert found[:3] == expected[:3]
    assert same >= 0.95 * len(rows)


@pytest.mark.parametrize("missing", ["*", "meta.json", "*.idx", "*.term"])
def test_what_is_missing_is_damage(tmp_path: Path, missing: str) -> None:
    index = TantivyIndex(tmp_path / "index", SENTENCE_PARAMETERS)
    index.change({0: ["قمه"], 1: ["موسكو"]})
    for path in list((tmp_path / "index" / "tantivy").glob(missing)):
        path.unlink()

    with pytest.raises(DamagedIndexError):
        index.open()


def test_parts_of_a_batch_are_indexed_as_the_whole_is() -> None:
    units = {number: ["قمه"] * (number % 3) + [f"كلمه{number}"] for number in range(8)}
    bags = Bags.of(units.items())
    kept = [1, 4, 5]

    part = bags.part(np.array(kept), 100)

    assert [unit for unit, _ in part] == [100, 101, 102]
    for (_, terms), number in zip(part, kept, strict=True):
        assert [part.vocabulary[place] for place in terms.tolist()] == units[number]
    held = [sum(term in units[number] for number in kept) for term in part.vocabulary]
    assert part.frequencies.tolist() == held
