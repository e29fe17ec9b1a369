"""How Jawab grows with its documents: ``uv run python -m benchmarks.scale arcd-train.json``.

Collections that look like ARCD's text (``benchmarks.collection``) are indexed by Jawab and by the
engines it is measured beside (``benchmarks.scale_peers``), which get the same terms. Every system
answers in a process of its own, one thread, and they are asked in turns, question by question, so
that the machine's moods fall on all of them; each question is asked once. Times are medians, and
ratios are medians of each question's ratio.

``--crossing`` compares Jawab's two engines on small collections instead: where their times cross is
where ``auto`` should change from one to the other.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import scale_jawab, scale_peers
from benchmarks.collection import Model, make_questions, read_model, write_archive
from benchmarks.scale_plot import scale_svg
from benchmarks.scale_processes import Memory, Ran, Server, run
from benchmarks.scale_terms import Asked, read_asked, write_terms
from index.lexicon import Lexicon

SIZES = 1_000, 10_000, 100_000, 1_000_000
CROSSING_SIZES = 1_000, 2_000, 5_000, 10_000, 20_000, 50_000
LARGEST = 100_000
"""Sentences that bm25s and rank-bm25 are given at the most, for the memory that they take."""

WARMING = 20  # questions before those that are measured
SLOW = 2_000_000  # sentences that rank-bm25 may look through, for all its questions together

ANSWERED, RANKED = "jawab: answer", "jawab: ranked sentences"
SEARCHED, FOUND = "jawab: both searches, exact scores", "jawab: both searches, candidates"
BARE, BM25S, PLAIN = "tantivy", "bm25s", "rank-bm25"


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found at a size.

    Attributes:
        built: What building each took.
        opened: Seconds that each took to open and give its first answer.
        times: Milliseconds that each took for each question.
        serving: The memory of each at the end.
        rates: Sentences a second that one core makes into terms, and analyses.
        disk: Bytes of Jawab's index.
        terms: How many terms a question has on average.
    """

    built: dict[str, Ran] = field(default_factory=dict)
    opened: dict[str, float] = field(default_factory=dict)
    times: dict[str, list[float]] = field(default_factory=dict)
    serving: dict[str, Memory] = field(default_factory=dict)
    rates: tuple[float, float] = (0.0, 0.0)
    disk: int = 0
    terms: float = 0.0

    def median(self, system: str) -> float:
        """Return the median of a system's times."""
        return statistics.median(self.times[system])

    def ratio(self, system: str, peer: str) -> float:
        """Return the median of the questions' ratios; both were asked in the same order."""
        pairs = zip(self.times[system], self.times[peer], strict=False)
        return statistics.median(one / other for one, other in pairs)


@dataclass(frozen=True, slots=True)
class Goal:
    """What is wanted at a size: a value below (or, of a rate, above) a bound."""

    what: str
    value: Callable[[Measured], float]
    bounds: Mapping[int, float]
    unit: str = ""
    rising: bool = False


GOALS = (
    Goal("question to ranked sentences, p50", lambda one: one.median(RANKED),
         {100_000: 6, 1_000_000: 20}, "ms"),
    Goal("candidates / bm25s", lambda one: one.ratio(FOUND, BM25S), {100_000: 0.5}),
    Goal("candidates / bare tantivy", lambda one: one.ratio(FOUND, BARE),
         {100_000: 1.5, 1_000_000: 1.5}),
    Goal("candidates / plain rank-bm25", lambda one: one.ratio(FOUND, PLAIN), {100_000: 0.01}),
    Goal("text to terms, one core", lambda one: one.rates[0],
         {100_000: 15_000, 1_000_000: 15_000}, "sentences/s", rising=True),
    Goal("building", lambda one: one.built[RANKED].seconds, {100_000: 30, 1_000_000: 300}, "s"),
    Goal("memory, building", lambda one: one.built[RANKED].peak.resident / 1e6,
         {100_000: 1000, 1_000_000: 2000}, "MB"),
    Goal("memory, serving", lambda one: one.serving[ANSWERED].resident / 1e6,
         {100_000: 250, 1_000_000: 600}, "MB"),
    Goal("opening, first answer included", lambda one: one.opened[ANSWERED],
         {100_000: 1, 1_000_000: 2}, "s"),
)  # fmt: skip


class Bench:
    """Makes collections, builds the systems and asks them."""

    def __init__(self, model: Model, folder: Path, questions: int, console: Console) -> None:
        self._model = model
        self._folder = folder
        self._count = questions
        self._console = console
        self._lexicon = Lexicon.load()

    def collection(self, size: int) -> tuple[Path, list[Asked]]:
        """Make the collection of a size, and the questions for it."""
        archive = self._folder / f"{size}.jsonl"
        write_archive(archive, self._model, size)
        texts = make_questions(archive, self._model, size, self._count + WARMING)
        return archive, [read_asked(text, self._lexicon) for text in texts]

    def measure(self, size: int) -> Measured:
        """Measure all systems at a size."""
        archive, asked = self.collection(size)
        terms, home = self._folder / f"{size}-terms", self._folder / f"{size}-home"
        self._run("writing the terms down", write_terms, archive, terms)
        built: dict[str, Ran] = {}
        openers: dict[str, Callable[[], Server]] = {}
        jawab = (archive, home, scale_jawab.TANTIVY)
        built[RANKED] = self._run("building jawab", scale_jawab.build, *jawab)
        openers[ANSWERED] = lambda: Server(scale_jawab.open_answers, *jawab, first=asked[0])
        openers[RANKED] = lambda: Server(scale_jawab.open_ranking, *jawab, first=asked[0])
        openers[SEARCHED] = lambda: Server(scale_jawab.open_searches, *jawab, first=asked[0])
        openers[FOUND] = lambda: Server(scale_jawab.open_candidates, archive, home, first=asked[0])
        peers = {BARE: (scale_peers.build_tantivy, scale_peers.open_tantivy)}
        if size <= LARGEST:
            peers[BM25S] = (scale_peers.build_bm25s, scale_peers.open_bm25s)
        for name, (build, opener) in peers.items():
            place = self._folder / f"{size}-{name}"
            built[name] = self._run(f"building {name}", build, terms, place)
            openers[name] = lambda opener=opener, place=place: Server(  # type: ignore[misc]
                opener, place, first=asked[0]
            )
        if size <= LARGEST:
            openers[PLAIN] = lambda: Server(scale_peers.open_rank_bm25, terms, first=asked[0])
        rates = scale_jawab.analysis_rates(archive, min(size, 20_000))
        opened, times, serving = self.ask(openers, asked, {PLAIN: SLOW // size})
        disk = scale_jawab.disk_bytes(home)
        mean = statistics.mean(len(one.terms) for one in asked)
        return Measured(built, opened, times, serving, rates, disk, mean)

    def ask(
        self,
        openers: Mapping[str, Callable[[], Server]],
        asked: Sequence[Asked],
        most: Mapping[str, int],
    ) -> tuple[dict[str, float], dict[str, list[float]], dict[str, Memory]]:
        """Ask systems in turns.

        Args:
            openers: What opens each.
            asked: The questions, those first that only warm up.
            most: How many questions a slow system is asked.

        Returns:
            The seconds that each took to open, its milliseconds, and its memory at the end.
        """
        times: dict[str, list[float]] = {name: [] for name in openers}
        with contextlib.ExitStack() as stack:
            servers: dict[str, Server] = {}
            for name, opener in openers.items():
                servers[name] = server = opener()
                stack.callback(server.close)
            for number, question in enumerate(asked):
                for name in sorted(servers, reverse=bool(number % 2)):
                    place = number - WARMING
                    if place < most.get(name, self._count) and (place >= 0 or name not in most):
                        taken = servers[name].ask(question)
                        if place >= 0:
                            times[name].append(taken)
            opened = {name: server.opened for name, server in servers.items()}
            return opened, times, {name: server.memory() for name, server in servers.items()}

    def crossing(self, size: int) -> dict[str, float]:
        """Return the median time of a question with each of Jawab's engines."""
        archive, asked = self.collection(size)
        openers: dict[str, Callable[[], Server]] = {}
        for engine in (scale_jawab.RANK_BM25, scale_jawab.TANTIVY):
            place = (archive, self._folder / f"{size}-{engine}", engine)
            self._run(f"building with {engine}", scale_jawab.build, *place)
            openers[engine] = lambda place=place: Server(  # type: ignore[misc]
                scale_jawab.open_ranking, *place, first=asked[0]
            )
        _, times, _ = self.ask(openers, asked, {})
        return {engine: statistics.median(taken) for engine, taken in times.items()}

    def _run(self, what: str, function: Callable[..., object], *arguments: object) -> Ran:
        with self._console.status(what):
            return run(function, *arguments)


def measured_table(size: int, measured: Measured) -> Table:
    """Return what was measured at a size."""
    table = Table(
        title=f"{size:,} sentences",
        caption=f"{measured.terms:.0f} terms a question; memory: resident / the process's own",
    )
    table.add_column("system")
    for name in ("p50 ms", "p95 ms", "opened s", "serving MB", "built s", "building MB"):
        table.add_column(name, justify="right")
    for system, taken in measured.times.items():
        built = measured.built.get(system)
        table.add_row(
            system,
            f"{statistics.median(taken):.2f}",
            f"{statistics.quantiles(taken, n=20)[-1]:.2f}",
            f"{measured.opened[system]:.2f}",
            measured.serving[system].shown,
            f"{built.seconds:.1f}" if built else "",
            built.peak.shown if built else "",
        )
    return table


def verdicts(results: Mapping[int, Measured]) -> Iterator[tuple[str, ...]]:
    """Yield how what was measured compares with the goals."""
    for goal in GOALS:
        for size, bound in goal.bounds.items():
            if size in results:
                found = goal.value(results[size])
                met = found >= bound if goal.rising else found <= bound
                sign = "≥" if goal.rising else "≤"
                yield (
                    goal.what,
                    f"{size:,}",
                    f"{found:,.3g} {goal.unit}" if found < 1000 else f"{found:,.0f} {goal.unit}",  # noqa: PLR2004 - as people write it
                    f"{sign} {bound:,g} {goal.unit}",
                    "met" if met else "not met",
                )


def parse() -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("arcd", type=Path, help="ARCD, a SQuAD-format file")
    parser.add_argument("--size", type=int, action="append", help="sentences; repeat for more")
    parser.add_argument("--questions", type=int, default=200, help="that are measured")
    parser.add_argument("--folder", type=Path, help="where all is built and left, else a new one")
    parser.add_argument("--plot", type=Path, help="where to write the plot, an SVG")
    parser.add_argument("--crossing", action="store_true", help="compare Jawab's two engines")
    return parser.parse_args()


def compare_sizes(bench: Bench, sizes: Sequence[int], plot: Path | None, console: Console) -> None:
    """Measure all systems at all sizes, and print."""
    results: dict[int, Measured] = {}
    for size in sizes:
        results[size] = measured = bench.measure(size)
        console.print(measured_table(size, measured))
        terms, analysed = measured.rates
        console.print(
            f"one core: {terms:,.0f} sentences/s to terms, {analysed:,.0f} analysed; "
            f"jawab's index takes {measured.disk / 1e6:,.0f} MB on disk"
        )
    goals = Table("what", "sentences", "found", "goal", "", title="goals")
    for row in verdicts(results):
        goals.add_row(*row)
    console.print(goals)
    if plot:
        series = {
            system: [
                (size, found.median(system))
                for size, found in results.items()
                if system in found.times
            ]
            for system in (RANKED, FOUND, BARE, BM25S, PLAIN)
        }
        plot.write_text(scale_svg(series), "utf-8")


def compare_engines(bench: Bench, sizes: Sequence[int], console: Console) -> None:
    """Compare Jawab's two engines at all sizes, and print."""
    table = Table("sentences", "rank_bm25 ms", "tantivy ms", "tantivy / rank_bm25")
    for size in sizes:
        found = bench.crossing(size)
        plain, quick = found[scale_jawab.RANK_BM25], found[scale_jawab.TANTIVY]
        table.add_row(f"{size:,}", f"{plain:.2f}", f"{quick:.2f}", f"{quick / plain:.2f}")
    console.print(table)


def main() -> int:
    """Measure and print."""
    options = parse()
    console = Console(width=120)
    with contextlib.ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(read_model(options.arcd), folder, options.questions, console)
        if options.crossing:
            compare_engines(bench, options.size or CROSSING_SIZES, console)
        else:
            compare_sizes(bench, options.size or SIZES, options.plot, console)
    return 0


if __name__ == "__main__":
    sys.exit(main())
