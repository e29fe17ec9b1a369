"""Measures over gold questions: how often the right sentence comes first, and what went wrong."""

from index.evaluation.comparison import (
    Change,
    Comparison,
    SavedRunError,
    compare,
    read_run,
    save_run,
)
from index.evaluation.files import OutputError
from index.evaluation.gold import Gold, GoldQuestion, read_gold
from index.evaluation.measures import Report, evaluate, measure, same_ranking, token_f1
from index.evaluation.misses import Fault, Miss, misses
from index.evaluation.noise import NOISES, SEED, noisy
from index.evaluation.outcomes import Outcome, ask_all
from index.evaluation.reliability import (
    Bin,
    expected_calibration_error,
    reliability_bins,
    reliability_svg,
    save_plot,
)
from index.evaluation.runs import Run, run_all
from index.evaluation.systems import (
    DEPTH,
    Response,
    System,
    baseline_system,
    jawab_system,
    make_ranker,
)

__all__ = [
    "DEPTH",
    "NOISES",
    "SEED",
    "Bin",
    "Change",
    "Comparison",
    "Fault",
    "Gold",
    "GoldQuestion",
    "Miss",
    "Outcome",
    "OutputError",
    "Report",
    "Response",
    "Run",
    "SavedRunError",
    "System",
    "ask_all",
    "baseline_system",
    "compare",
    "evaluate",
    "expected_calibration_error",
    "jawab_system",
    "make_ranker",
    "measure",
    "misses",
    "noisy",
    "read_gold",
    "read_run",
    "reliability_bins",
    "reliability_svg",
    "run_all",
    "same_ranking",
    "save_plot",
    "save_run",
    "token_f1",
]
