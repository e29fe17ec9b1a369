"""Fit the confidence: ``uv run python -m benchmarks.calibrate arcd-train.json``.

Every question of ``tests/seeds-dev.jsonl`` and of ARCD is asked; those of ARCD once of all articles
and once of all but their own, where no sentence is right. A logistic model (Newton's method with an
L2 penalty) is fitted to whether the best sentence was right. The development questions count more,
since ARCD's lean on their paragraphs. Prints the table of ``index/confidence.py``, and for each
threshold what would be refused.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.confidence import WEIGHTS, reasons_for
from index.documents import read_documents
from index.evaluation import Gold, make_ranker, read_gold
from index.lexicon import Lexicon
from index.questions import read_question
from index.segments import segment
from index.short_answers import short_answer

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

ROOT = Path(__file__).parents[1]
PENALTY = 1.0
STEPS = 50
DEVELOPMENT_WEIGHT, OTHER_ARTICLES_WEIGHT = 8.0, 0.35


@dataclass(frozen=True)
class Asked:
    """One question asked: its signals, whether the best sentence was right, and what it counts."""

    signals: tuple[float, ...]
    right: bool
    answerable: bool
    development: bool
    weight: float


def read(gold: Gold, *, development: bool) -> list[Asked]:
    """Ask every question, those of ARCD once more without their own article."""
    ranker = make_ranker(gold.collection)
    lexicon = Lexicon.load()
    asked = []
    for gold_question in gold.questions:
        question = read_question(gold_question.text)
        ranked = ranker.rank(question)
        right = gold.collection.sentences(sorted(gold_question.sentences))
        own = {sentence.document for sentence in right}
        others = [hit for hit in ranked if hit.sentence.document not in own]
        for candidates, answerable in ((ranked, gold_question.answerable), (others, False)):
            if not candidates or (development and candidates is others):
                continue
            best = candidates[0].sentence
            signals = reasons_for(
                question,
                candidates,
                is_name=lexicon.is_name,
                has_short_answer=bool(best.label) or short_answer(question, best.text) is not None,
            )
            weight = DEVELOPMENT_WEIGHT if development else 1.0
            asked.append(
                Asked(
                    tuple(signals[name] for name in WEIGHTS),
                    answerable and candidates[0].number in gold_question.sentences,
                    answerable,
                    development,
                    OTHER_ARTICLES_WEIGHT if candidates is others else weight,
                )
            )
    return asked


def fit(asked: Sequence[Asked]) -> Floats:
    """Return the weights of the signals, and last the intercept."""
    rows = np.array([[*one.signals, 1.0] for one in asked])
    scale = np.array([*rows[:, :-1].std(axis=0), 1.0])
    rows = rows / scale
    right = np.array([float(one.right) for one in asked])
    counts = np.array([one.weight for one in asked])
    penalty = np.diag([PENALTY] * (rows.shape[1] - 1) + [0.0])
    weights = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-rows @ weights))
        gradient = rows.T @ (counts * (likely - right)) + penalty @ weights
        curvature = (rows * (counts * likely * (1 - likely))[:, None]).T @ rows + penalty
        weights = weights - np.linalg.solve(curvature, gradient)
    return np.array(weights / scale)


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description="Fit the confidence.")
    parser.add_argument("arcd", type=Path, help="ARCD, a SQuAD-format file")
    arcd = parser.parse_args().arcd
    seeds = segment(read_documents(ROOT / "seeds").documents)
    asked = [
        *read(read_gold(ROOT / "tests" / "seeds-dev.jsonl", lambda: seeds), development=True),
        *read(read_gold(arcd, lambda: seeds), development=False),
    ]
    *weights, intercept = fit(asked)
    print(f"INTERCEPT = {intercept:.3f}")  # noqa: T201
    for name, weight in zip(WEIGHTS, weights, strict=True):
        print(f'    "{name}": {weight:.3f},')  # noqa: T201
    rows = np.array([[*one.signals, 1.0] for one in asked])
    sure = 1 / (1 + np.exp(-rows @ np.array([*weights, intercept])))
    groups = {
        "development, answerable": [one.development and one.answerable for one in asked],
        "development, not": [one.development and not one.answerable for one in asked],
        "ARCD, all articles": [not one.development and one.answerable for one in asked],
        "ARCD, other articles": [not one.development and not one.answerable for one in asked],
    }
    for threshold in np.arange(0.1, 0.65, 0.05):
        refused = "   ".join(
            f"{name} {(sure[members] < threshold).mean():.3f}" for name, members in groups.items()
        )
        print(f"refused below {threshold:.2f}: {refused}")  # noqa: T201


if __name__ == "__main__":
    main()
