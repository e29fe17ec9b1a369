"""How fast Jawab starts, builds and answers: ``uv run python -m benchmarks.speed``.

Answering is measured in process over the questions of ``tests/seeds-dev.jsonl``, beside plain
rank-bm25 over white-space words on the same sentences in the same run; starting is measured as the
wall time of whole commands over a ready index, beside Python doing nothing.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from index import Index
from index.evaluation import baseline_system

ROOT = Path(__file__).parents[1]
ROUNDS = 20
STARTS = 15


def milliseconds(call: Callable[[], object]) -> float:
    """Return how long a call takes."""
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def report(what: str, values: list[float]) -> None:
    """Print the median and the 95th percentile of some milliseconds."""
    p95 = statistics.quantiles(values, n=20)[-1]
    print(f"{what:44} p50 {statistics.median(values):8.2f} ms   p95 {p95:8.2f} ms")  # noqa: T201


def main() -> None:
    """Measure and print."""
    lines = (ROOT / "tests" / "seeds-dev.jsonl").read_text("utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    with tempfile.TemporaryDirectory() as home:
        built = [
            milliseconds(lambda new=new: Index.open(ROOT / "seeds", Path(home) / f"{new}"))  # type: ignore[misc]
            for new in range(STARTS)
        ]
        report("build the index of seeds/", built)
        index = Index.open(ROOT / "seeds", Path(home))
        baseline = baseline_system(index.collection)
        for name, ask in (("jawab", index.ask), ("plain rank-bm25", baseline)):
            asked = [
                milliseconds(lambda ask=ask, text=text: ask(text))  # type: ignore[misc]
                for _ in range(ROUNDS)
                for text in questions
            ]
            report(f"answer a question, {name}", asked)
        environment = {**os.environ, "JAWAB_HOME": home, "JAWAB_DOCS": str(ROOT / "seeds")}
        question = "متى القمة المقبلة؟"
        for name, command in (
            ("python -c pass", [sys.executable, "-c", "pass"]),
            (
                "jawab ask",
                [sys.executable, "-c", "from bot.cli import main; main()", "ask", question],
            ),
            ("uv run --no-sync jawab ask", ["uv", "run", "--no-sync", "jawab", "ask", question]),
        ):
            started = [
                milliseconds(
                    lambda command=command: subprocess.run(  # type: ignore[misc]  # noqa: S603
                        command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
                    )
                )
                for _ in range(STARTS)
            ]
            report(f"start: {name}", started)


if __name__ == "__main__":
    main()
