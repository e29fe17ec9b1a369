"""``jawab mirror``."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import (
    INTERRUPTED,
    SEEDS,
    DocsOption,
    HomeOption,
    notify,
    open_index,
    opening_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.opening import Opening
    from bot.seen import Seen
    from index import ClusterError
    from index.cluster.connection import Cluster
    from index.cluster.mirroring import Mirrored
    from index.collection import Sizes

_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 60.0  # seconds, while what is watched cannot be sent


def mirror(
    *,
    docs: DocsOption = SEEDS,
    home: HomeOption = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and mirror again when the documents change.")
    ] = False,
) -> None:
    """Bring the documents into the search cluster, where bots with JAWAB_ENGINE=qdrant find them.

    The index on this machine is refreshed first. Only what is new or gone is sent; what Ctrl-C
    stops goes on the next time.
    """
    from bot.cli.watching import follow
    from bot.cluster import cluster_of

    opening, cluster = opening_of(docs, home, local=True), cluster_of()
    if not watch:
        _show(_mirror(opening, cluster, notify), cluster)
        return
    following = _Following(opening, cluster)
    done = following.begin()
    _show(done, cluster)
    follow(opening, done.seen, following.refresh)


@dataclass(frozen=True, slots=True)
class _Done:
    """What was mirrored: what became of it, what there is, and how the documents looked."""

    mirrored: Mirrored
    sizes: Sizes
    seen: Seen | None
    seconds: float


def _mirror(opening: Opening, cluster: Cluster, say: Callable[[str], None]) -> _Done:
    """Bring the index on this machine up to date, and the cluster with it."""
    from bot.cli.watching import seen_by
    from bot.progress import sending_progress
    from index.cluster.connection import MIRROR_SECONDS, Connection
    from index.cluster.mirroring import mirror

    started = time.perf_counter()
    with (
        # Before a long build: that qdrant-client is missing should be heard of now.
        closing(Connection(cluster, MIRROR_SECONDS)) as connection,
        closing(open_index(opening, say)) as index,
        sending_progress(notify) as progress,
    ):
        try:
            mirrored = mirror(index.connection, connection, progress)
        except KeyboardInterrupt:
            progress.close()
            notify("Stopped. What was sent is kept, and the same command goes on from there.")
            raise typer.Exit(INTERRUPTED) from None
        seen = seen_by(opening, index)
        sizes = index.collection.sizes
    return _Done(mirrored, sizes, seen, time.perf_counter() - started)


def _show(done: _Done, cluster: Cluster) -> None:
    from bot.cluster import shown_address
    from bot.tables import rows_table, show

    mirrored, sizes = done.mirrored, done.sizes
    changed = bool(mirrored.added or mirrored.removed)
    what = "built" if mirrored.rebuilt else "changed" if changed else "up to date"
    rows = {
        "mirror": what,
        "cluster": shown_address(cluster),
        "name": cluster.prefix,
        "generation": f"{mirrored.generation}",
        "documents": f"{sizes.documents}",
        "sentences": f"{sizes.sentences}",
        "added": f"{mirrored.added}",
        "removed": f"{mirrored.removed}",
        "seconds": f"{done.seconds:.2f}",
    }
    show(rows_table(rows))


class _Following:
    """Mirrors again after a change."""

    def __init__(self, opening: Opening, cluster: Cluster) -> None:
        from bot.cli.watching import Told

        self._opening = opening
        self._cluster = cluster
        self._told = Told()

    def begin(self) -> _Done:
        """Mirror for the first time; wait for a cluster that is away, as a service must.

        Raises:
            ClusterError: The cluster refuses the key, or its settings cannot be used.
        """
        from index.cluster.connection import ClusterAwayError

        try:
            return self._patiently(ClusterAwayError)
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None

    def refresh(self) -> None:
        """Mirror, and say in one line what that changed; wait for a cluster that is away."""
        from index import ClusterError, JawabError

        try:
            self._say(self._patiently(ClusterError))
        except (JawabError, OSError) as error:
            self._told.say(str(error))

    def _patiently(self, passing: type[ClusterError]) -> _Done:
        """Mirror, again after a pause for as long as there is an error that passes."""
        pause = _FIRST_PAUSE
        while True:
            self._told.begin()
            try:
                return _mirror(self._opening, self._cluster, self._told.say)
            except passing as error:
                self._told.say(str(error))
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _say(self, done: _Done) -> None:
        mirrored, sizes = done.mirrored, done.sizes
        if not (mirrored.added or mirrored.removed or mirrored.rebuilt):
            return
        generation = f"generation {mirrored.generation}"
        typer.echo(
            f"{time.strftime('%H:%M:%S')}  {mirrored.added} added, {mirrored.removed} removed: "
            f"{sizes.documents} documents, {sizes.sentences} sentences in {generation} "
            f"({done.seconds:.1f} s)"
        )
