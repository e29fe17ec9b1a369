"""Tables and progress bars of the command line.

Tables have no lines: a box drawn through right-to-left text comes out broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bot.replies import format_date
from index import Index
from index.evaluation import Report

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
}
_UNLIMITED = 100_000
_BYTES_PER_KIB = 1024


def show(table: Table) -> None:
    """Print a table, as wide as it needs to be where the output is not a terminal."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=_UNLIMITED)
    console.print(table)


def index_table(index: Index, seconds: float) -> Table:
    """Return what an index holds."""
    collection = index.collection
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in (
        ("index", "built" if index.built else "up to date"),
        ("documents", f"{len(collection.documents)}"),
        ("passages", f"{len(collection.passages)}"),
        ("sentences", f"{len(collection.sentences)}"),
        ("terms", f"{index.terms}"),
        ("size", f"{index.disk_bytes / _BYTES_PER_KIB:.0f} KiB"),
        ("seconds", f"{seconds:.2f}"),
    ):
        table.add_row(name, value)
    return table


def sources_table(index: Index) -> Table:
    """Return the documents, the Arabic title last so that it cannot reorder its neighbours."""
    table = Table(box=None, pad_edge=False)
    for name in ("id", "date", "sentences", "file", "agency", "title"):
        table.add_column(name, justify="right" if name == "sentences" else "left")
    for document, sentences in index.sentence_counts():
        table.add_row(
            document.id,
            format_date(document.published) if document.published else "-",
            f"{sentences}",
            document.path,
            document.agency,
            document.title,
        )
    return table


def reports_table(reports: Mapping[str, Report]) -> Table:
    """Return the measures of each system side by side."""
    table = Table(box=None, pad_edge=False)
    table.add_column("measure")
    for name in reports:
        table.add_column(name, justify="right")
    rows = [asdict(report) for report in reports.values()]
    for key, label in _MEASURES.items():
        table.add_row(label, *(_number(row[key]) for row in rows))
    return table


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value}" if isinstance(value, int) else f"{value:.3f}"


@contextmanager
def building_progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show the building of an index on standard error, where that is a terminal."""
    with _bar() as bar:
        tasks = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done)

        yield report


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
