"""Several runs over one gold file: each system, as asked and with each kind of noise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from index.collection import Collection
from index.evaluation.gold import Gold
from index.evaluation.measures import Report, measure, same_ranking
from index.evaluation.noise import ORTHOGRAPHIC, SEED, noisy
from index.evaluation.outcomes import Outcome, Progress, ask_all
from index.evaluation.systems import System


@dataclass(frozen=True, slots=True)
class Run:
    """All questions asked of a system, once.

    Attributes:
        system: The system's name.
        outcomes: What it said to each question.
        report: The measures of that.
        same_ranking: The share of the questions that are ranked as in the run without noise; None
            where nobody would expect that of all of them.
    """

    system: str
    outcomes: tuple[Outcome, ...]
    report: Report
    same_ranking: float | None = None


def run_all(
    gold: Gold,
    systems: Mapping[str, Callable[[Collection], System]],
    watch: Callable[[str], AbstractContextManager[Progress]],
    *,
    noises: Iterable[str] = (),
    seed: int = SEED,
) -> dict[str, Run]:
    """Ask each system the questions as they are, and then with each kind of noise.

    Args:
        gold: The questions.
        systems: What to ask, by name, each built over the collection.
        watch: Opens a progress bar for a run of this name.
        noises: The kinds of noise.
        seed: The seed of the noise.

    Returns:
        The runs by name: the system's, followed by the noise's if there is any.
    """
    asked = {"": gold, **{noise: noisy(gold, noise, seed) for noise in noises}}
    runs: dict[str, Run] = {}
    for name, make in systems.items():
        system = make(gold.collection)
        for noise, questions in asked.items():
            run = f"{name} {noise}".strip()
            with watch(run) as progress:
                outcomes = ask_all(questions, system, progress)
            report = measure(gold.collection, outcomes)
            alike = same_ranking(outcomes, runs[name].outcomes) if noise == ORTHOGRAPHIC else None
            runs[run] = Run(name, outcomes, report, alike)
    return runs
