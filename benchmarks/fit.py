"""Fit the weights of the evidence: ``uv run python -m benchmarks.fit arcd-train.json``.

For each question the candidates' features go through a softmax, and the weights make it likely
that a right sentence is drawn (listwise; Cao and others 2007, «Learning to Rank: From Pairwise
Approach to Listwise Approach»), with an L2 penalty on the weights of the standardised features.
Prints cross-validated measures, whole articles held out, and then the table of
``index/evidence.py`` as it should stand.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.evaluation import Gold, make_ranker, read_gold
from index.evidence import FEATURES
from index.questions import read_question

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Booleans = npt.NDArray[np.bool_]

FOLDS = 5
PENALTY = 5.0
STEPS = 200


@dataclass(frozen=True)
class Asked:
    """One question's candidates: their features (rows), which are right, and its article."""

    features: Floats
    right: Booleans
    article: int


def read(gold: Gold) -> list[Asked]:
    """Return the candidates of every answerable question that has a right one."""
    ranker = make_ranker(gold.collection)
    asked = []
    for question in gold.questions:
        ranked = ranker.rank(read_question(question.text))
        right = np.array([hit.number in question.sentences for hit in ranked], dtype=np.bool_)
        if right.any():
            rows = [[hit.features[feature.name] for feature in FEATURES] for hit in ranked]
            [first] = gold.collection.sentences([min(question.sentences)])
            asked.append(Asked(np.array(rows), right, first.document))
    return asked


def fit(asked: Sequence[Asked], scale: Floats) -> Floats:
    """Return the weights, one a feature, that make right sentences likely (by Adam)."""
    weights, mean, square = (np.zeros(len(FEATURES)) for _ in range(3))
    for step in range(1, STEPS + 1):
        gradient = PENALTY * weights
        for one in asked:
            rows = one.features / scale
            scores = rows @ weights
            likely = np.exp(scores - scores.max())
            likely /= likely.sum()
            wanted = likely * one.right
            gradient -= (wanted / wanted.sum() - likely) @ rows
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        rate = 0.1 / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
        weights = weights - rate * mean / (1 - 0.9**step)
    return weights / scale


def measure(asked: Sequence[Asked], weights: Floats) -> tuple[float, float]:
    """Return right sentence first and MRR, over the questions that have a right candidate."""
    first, reciprocal = [], []
    for one in asked:
        scores = one.features @ weights
        order = np.lexsort((np.arange(len(scores)), -scores))
        rank = int(np.flatnonzero(one.right[order])[0]) + 1
        first.append(rank == 1)
        reciprocal.append(1 / rank)
    return float(np.mean(first)), float(np.mean(reciprocal))


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description="Fit the weights of the evidence.")
    parser.add_argument("arcd", type=Path, help="ARCD, a SQuAD-format file")
    arcd = parser.parse_args().arcd
    gold = read_gold(arcd, lambda: sys.exit("give a SQuAD-format file"))
    asked = read(gold)
    scale = np.concatenate([one.features for one in asked]).std(axis=0) + 1e-9
    held_out: list[tuple[float, float, int]] = []
    for fold in range(FOLDS):
        tested = [one for one in asked if one.article % FOLDS == fold]
        weights = fit([one for one in asked if one.article % FOLDS != fold], scale)
        held_out.append((*measure(tested, weights), len(tested)))
    for name, column in (("right sentence first", 0), ("MRR", 1)):
        value = np.average([row[column] for row in held_out], weights=[row[2] for row in held_out])
        print(f"held out: {name} {value:.4f}")  # noqa: T201
    for feature, weight in zip(FEATURES, fit(asked, scale), strict=True):
        print(f'    Feature("{feature.name}", "{feature.meaning}", {weight:.3f}),')  # noqa: T201


if __name__ == "__main__":
    main()
