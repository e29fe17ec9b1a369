"""Tables of the command line, and the progress bar of `jawab eval`.

Tables have no lines: a box drawn through right-to-left text comes out broken.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from bot.folder import Came, holds_many
from bot.opening import described_engine
from bot.printable import label as shown
from bot.replies import format_date
from index import Index
from index.evaluation import Comparison, Fault, Miss, Run
from index.model import Source

_MEASURES = {
    "questions": "questions",
    "answerable": "answerable",
    "first": "right sentence first",
    "first_3": "right sentence in the first 3",
    "first_5": "right sentence in the first 5",
    "mrr_10": "MRR@10",
    "passage_recall_10": "passage recall@10",
    "passage_ndcg_10": "passage nDCG@10",
    "not_found_precision": "not found: precision",
    "not_found_recall": "not found: recall",
    "answerable_refused": "answerable refused",
    "short_answer": "short answer right",
    "kind_accuracy": "kind of question right",
    "expected_calibration_error": "expected calibration error",
}
_SAME_RANKING = "same ranking"
_FAULTS = {
    Fault.NOT_FIRST: "جاءت غير الصحيحة أولًا",
    Fault.REFUSED: "رُفض وفي الوثائق جوابه",
    Fault.ANSWERED: "أُجيب وليس في الوثائق جوابه",
}
_UNLIMITED = 100_000
_THOUSAND = 1000
_ALIGNED = 1000  # documents up to which columns are as wide as they need to be
_SOURCES = ("id", "date", "sentences", "file", "agency", "title")


def show(table: Table) -> None:
    """Print a table, as wide as it needs to be where the output is not a terminal."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=_UNLIMITED)
    console.print(table)


def index_table(index: Index, engine: str, seconds: float) -> Table:
    """Return what an index holds.

    Args:
        index: The index.
        engine: The setting of the engine.
        seconds: How long it took to open.
    """
    sizes = index.collection.sizes
    return rows_table(
        {
            "index": _what_was_done(index),
            "documents": f"{sizes.documents}",
            "passages": f"{sizes.passages}",
            "sentences": f"{sizes.sentences}",
            "terms": f"{index.terms}",
            "engine": described_engine(index.engine, engine, sizes.sentences),
            "size": size_text(index.disk_bytes),
            "seconds": f"{seconds:.2f}",
        }
    )


def rows_table(rows: Mapping[str, str]) -> Table:
    """Return a table of two columns: names and values."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in rows.items():
        table.add_row(name, Text(value))
    return table


def _what_was_done(index: Index) -> str:
    changes = index.changes
    if changes is None:
        return "up to date"
    if not changes.since:
        return "built"
    counts = ((changes.came, "came"), (changes.changed, "changed"), (changes.went, "went"))
    said = ", ".join(f"{count} {what}" for count, what in counts if count)
    return f"changed: {said}" if said else "up to date"


def size_text(size: int) -> str:
    """Return a number of bytes in a unit that makes it short: 400 KB, 12.3 MB, 1.2 GB."""
    number, units = size / 1000, ["KB", "MB", "GB", "TB"]
    while number >= _THOUSAND and len(units) > 1:
        number /= _THOUSAND
        units.pop(0)
    return f"{number:.0f} {units[0]}" if units[0] == "KB" else f"{number:.1f} {units[0]}"


def show_sources(index: Index, limit: int) -> None:
    """Print the documents; of many, a line each as they come."""
    if min(limit, index.collection.sizes.documents) <= _ALIGNED:
        show(_sources_table(index.collection.listing(0, limit)))
        return
    sys.stdout.write("  ".join(_SOURCES) + "\n")
    for source, sentences in index.collection.listing(0, limit):
        name, day, count, *rest = _source_cells(source, sentences)
        sys.stdout.write(f"{name:12}  {day:>10}  {count:>6}  {'  '.join(rest)}\n")


def _sources_table(listed: Sequence[tuple[Source, int]]) -> Table:
    """Return the documents, the Arabic title last so that it cannot reorder its neighbours."""
    table = Table(box=None, pad_edge=False)
    for name in _SOURCES:
        table.add_column(name, justify="right" if name == "sentences" else "left")
    for source, sentences in listed:
        table.add_row(*map(Text, _source_cells(source, sentences)))
    return table


def _source_cells(source: Source, sentences: int) -> tuple[str, ...]:
    further = f" (+{len(source.also)})" if source.also else ""
    return (
        source.id,
        format_date(source.published) if source.published else "-",
        f"{sentences}",
        f"{shown(source.path)}{further}",
        shown(source.agency),
        shown(source.title),
    )


def came_table(came: Sequence[Came]) -> Table:
    """Return what has come in, with how many documents an archive holds in place of their ids."""
    table = Table(box=None, pad_edge=False)
    for name in ("id", "sentences", "file", "title"):
        table.add_column(name, justify="right" if name == "sentences" else "left")
    for one in came:
        many = holds_many(one.file)
        table.add_row(
            f"{one.documents} documents" if many else one.source.id,
            f"{one.sentences}",
            Text(shown(one.file)),
            Text("-" if many else shown(one.source.title)),
        )
    return table


def runs_table(runs: Mapping[str, Run]) -> Table:
    """Return the measures of each run side by side."""
    table = Table(box=None, pad_edge=False)
    table.add_column("measure")
    for name in runs:
        table.add_column(name, justify="right")
    rows = [asdict(run.report) for run in runs.values()]
    for key, label in _MEASURES.items():
        table.add_row(label, *(_number(row[key]) for row in rows))
    alike = [run.same_ranking for run in runs.values()]
    if any(share is not None for share in alike):
        table.add_row(_SAME_RANKING, *map(_number, alike))
    return table


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value}" if isinstance(value, int) else f"{value:.3f}"


def evaluation_json(
    runs: Mapping[str, Run],
    missed: Mapping[str, Sequence[Miss]] | None,
    comparison: Comparison | None,
) -> dict[str, object]:
    """Return what ``jawab eval --json`` prints: the measures by run, or of the only one."""
    measures = {name: _run_json(run) for name, run in runs.items()}
    printed: dict[str, object] = {}
    printed.update(measures if len(measures) > 1 else measures.popitem()[1])
    if missed is not None:
        printed["errors"] = [
            {"run": name, **asdict(miss)} for name, found in missed.items() for miss in found
        ]
    if comparison is not None:
        printed["comparison"] = asdict(comparison)
    return printed


def _run_json(run: Run) -> dict[str, object]:
    same_ranking = {} if run.same_ranking is None else {"same_ranking": run.same_ranking}
    return {**asdict(run.report), **same_ranking}


def evaluation_lines(
    missed: Mapping[str, Sequence[Miss]] | None, comparison: Comparison | None
) -> Iterator[str]:
    """Yield what went wrong and what changed; lines of Arabic begin with it, to read from right."""
    for name, found in (missed or {}).items():
        yield from ("", f"{name}: {len(found)} {'miss' if len(found) == 1 else 'misses'}")
        for miss in found:
            yield from ("", *_miss_lines(miss))
    if comparison is not None:
        yield from ("", *_comparison_lines(comparison))


def _miss_lines(miss: Miss) -> Iterator[str]:
    sure = "-" if miss.confidence is None else f"{miss.confidence:.2f}"
    yield f"السؤال: {_one_line(miss.question)} ({shown(miss.id)})"
    yield "الخطأ: " + "، ".join(_FAULTS[fault] for fault in miss.faults)
    yield f"رتبة الجملة الصحيحة: {miss.rank or '-'}، والثقة: {sure}"
    if miss.first != miss.right:
        yield f"الأولى: {_one_line(miss.first)}"
    if miss.right is not None:
        yield f"الصحيحة: {_one_line(miss.right)}"


def _comparison_lines(comparison: Comparison) -> Iterator[str]:
    won, lost = len(comparison.won), len(comparison.lost)
    unknown = f", {comparison.unknown} not in the saved run" if comparison.unknown else ""
    yield f"right sentence first: {won} won, {lost} lost, {comparison.same} same{unknown}"
    for word, changes in (("كسب", comparison.won), ("خسارة", comparison.lost)):
        for change in changes:
            ranks = f"الرتبة {change.after or '-'} وكانت {change.before or '-'}"
            yield f"{word}: {_one_line(change.question)} ({shown(change.id)})، {ranks}"


def _one_line(text: str | None) -> str:
    return "-" if text is None else " ".join(shown(text).split())


@contextmanager
def evaluating_progress(name: str) -> Iterator[Callable[[int, int], None]]:
    """Show the asking of gold questions on standard error, where that is a terminal."""
    with _bar() as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _bar() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
