"""``jawab eval``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import (
    SEEDS,
    DocsOption,
    EngineOption,
    HomeOption,
    JsonOption,
    open_index,
    opening_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.opening import Opening
    from index.cluster.connection import Cluster
    from index.collection import Collection
    from index.evaluation import System


def evaluate(
    gold: Annotated[
        Path,
        typer.Argument(help="Gold questions: JSON Lines over the documents, or SQuAD-format JSON."),
    ],
    *,
    docs: DocsOption = SEEDS,
    home: HomeOption = None,
    engine: EngineOption = None,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="Show plain rank-bm25 beside Jawab.")
    ] = False,
    noise: Annotated[
        bool,
        typer.Option("--noise", help="Ask again in other spellings, and again with typos."),
    ] = False,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="The seed of the noise.")] = 7,
    errors: Annotated[bool, typer.Option("--errors", help="List what went wrong.")] = False,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FILE", help="Keep Jawab's run, to compare with later."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option("--compare", metavar="FILE", help="Show what changed since a kept run."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE.svg", help="Draw how far the confidence is right."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the answers to a file of gold questions.

    With the engine qdrant they are asked in the cluster that is set, under a name of their own that
    is removed afterwards, or without one in this process.
    """
    from bot import tables
    from bot.opening import checked_engine
    from bot.printable import json_line
    from index import evaluation

    opening = opening_of(docs, home, engine, local=True)
    engine = checked_engine(engine or os.environ.get("JAWAB_ENGINE", ""))
    read = evaluation.read_gold(gold, lambda: open_index(opening).collection)
    before = None if against is None else evaluation.read_run(against, read.questions)
    systems = {"jawab": _jawab_as_set(opening, engine)}
    if baseline:
        systems["rank-bm25"] = evaluation.baseline_system
    noises = evaluation.NOISES if noise else ()
    runs = evaluation.run_all(read, systems, tables.evaluating_progress, noises=noises, seed=seed)
    outcomes = runs["jawab"].outcomes
    if save is not None:
        evaluation.save_run(save, outcomes)
    if plot is not None:
        evaluation.save_plot(plot, outcomes)
    missed = {
        name: evaluation.misses(read.collection, run.outcomes)
        for name, run in runs.items()
        if run.system == "jawab"
    }
    shown = missed if errors else None
    comparison = None if before is None else evaluation.compare(before, outcomes)
    if as_json:
        printed = tables.evaluation_json(runs, shown, comparison)
        typer.echo(json_line(printed))
    else:
        tables.show(tables.runs_table(runs))
        for line in tables.evaluation_lines(shown, comparison):
            typer.echo(line)


def _jawab_as_set(opening: Opening, wanted: str) -> Callable[[Collection], System]:
    """Return what makes Jawab over a collection, with everything as it is set."""
    from index.engines.pair import QDRANT, RANK_BM25, engine_for
    from index.evaluation import jawab_system
    from index.lexicon import Lexicon
    from index.morphology import Morphology

    morphology = Morphology.open(opening.morphology) if opening.morphology else None
    lexicon = Lexicon.load(opening.lexicon)
    cluster = _for_this_time() if wanted == QDRANT else None

    def make(collection: Collection) -> System:
        engine = engine_for(wanted, RANK_BM25, collection.sizes.sentences)
        return jawab_system(collection, lexicon, morphology, engine, cluster)

    return make


def _for_this_time() -> Cluster | None:
    """Return the cluster that is set, under a name that nothing else has there; or None."""
    import secrets
    from dataclasses import replace

    from bot import cluster

    if not os.environ.get(cluster.URL):
        return None  # it is measured in this process
    found = cluster.cluster_of()
    return replace(found, prefix=f"{found.prefix[:80]}-eval{secrets.token_hex(4)}")
