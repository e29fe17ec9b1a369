"""`jawab mirror --watch` as a service: a cluster that is away at its start is waited for."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bot.clusters import cluster_server, cluster_settings
from tests.bot.test_cli_index import PROGRAM, environment
from tests.documents import write_articles
from tests.index.qdrant_server import QdrantServer
from tests.telegram.modes import until

__all__ = ["cluster_server"]


class Watching:
    """A running `jawab mirror --watch`."""

    def __init__(self, folder: Path, home: Path, settings: dict[str, str]) -> None:
        self._log = home.with_name("watch.log")
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [*PROGRAM, "mirror", "--watch"],
                env=environment(folder, home) | settings,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        return self._log.read_text("utf-8")


@pytest.fixture
def watch(
    tmp_path: Path, home: Path, cluster_server: QdrantServer
) -> Iterator[Callable[..., Watching]]:
    """Returns a function that starts one."""
    started: list[Watching] = []
    folder = write_articles(tmp_path / "documents", الخليل="12 مارس 2026")

    def start(**more: str) -> Watching:
        started.append(Watching(folder, home, cluster_settings(cluster_server) | more))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()


def test_it_waits_for_a_cluster_that_is_away(
    watch: Callable[..., Watching], cluster_server: QdrantServer
) -> None:
    cluster_server.stop()
    watching = watch()
    until(lambda: "does not answer" in watching.output)
    assert watching.process.poll() is None
    cluster_server.start()
    until(lambda: "watching " in watching.output)
    assert watching.output.count("does not answer") == 1
    assert "generation" in watching.output
    assert "Traceback" not in watching.output


@pytest.mark.usefixtures("for_a_release")
def test_it_can_be_stopped_while_it_waits(
    watch: Callable[..., Watching], cluster_server: QdrantServer
) -> None:
    cluster_server.stop()
    watching = watch()
    until(lambda: "does not answer" in watching.output)
    watching.process.send_signal(signal.SIGINT)
    assert watching.process.wait(timeout=20) == 130
    assert "Traceback" not in watching.output


def test_a_key_that_is_refused_ends_it(watch: Callable[..., Watching]) -> None:
    watching = watch(JAWAB_QDRANT_API_KEY="other")
    assert watching.process.wait(timeout=30) == 2
    assert "refuses the API key" in watching.output.splitlines()[-1]
