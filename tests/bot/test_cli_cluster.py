"""`jawab mirror`, and the other commands where a search cluster answers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index.cluster.connection import Cluster, Connection
from index.cluster.generation import existing
from tests.bot.clusters import KEY, bring, cluster_server, cluster_settings
from tests.bot.conftest import ROOT, Jawab, Result
from tests.bot.test_cli_index import PROGRAM, environment, rows
from tests.documents import question_about, write_articles
from tests.index.qdrant_server import QdrantServer

__all__ = ["cluster_server"]

HEBRON, GAZA = "12 مارس 2026", "20 مايو 2024"

Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_articles(tmp_path / "documents", الخليل=HEBRON, نابلس=HEBRON)


@pytest.fixture
def here(jawab: Jawab, folder: Path, home: Path, cluster_server: QdrantServer) -> Run:
    """Return a function that runs `jawab` on the machine that builds."""
    settings = cluster_settings(cluster_server) | {"JAWAB_DOCS": str(folder)}
    return lambda *arguments, **more: jawab(*arguments, home=home, **(settings | more))


@pytest.fixture
def there(jawab: Jawab, tmp_path: Path, cluster_server: QdrantServer) -> Run:
    """Return a function that runs `jawab` on a machine without documents and index."""
    empty = tmp_path / "empty"
    empty.mkdir()
    settings = cluster_settings(cluster_server)
    home = tmp_path / "no-home"
    return lambda *arguments, **more: jawab(*arguments, home=home, cwd=empty, **(settings | more))


def one_line(result: Result) -> str:
    """Return the error that a command ended with."""
    assert (result.returncode, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert KEY not in line
    return line


class TestMirror:
    def test_it_says_what_it_did(
        self, here: Run, folder: Path, cluster_server: QdrantServer
    ) -> None:
        first, second = here("mirror", JAWAB_ENGINE="auto"), here("mirror")
        write_articles(folder, غزة=GAZA)
        (folder / "الخليل.txt").unlink()
        third = here("mirror")
        built, same, changed = (rows(one.stdout) for one in (first, second, third))
        assert list(built) == [
            *("mirror", "cluster", "name", "generation", "documents", "sentences"),
            *("added", "removed", "seconds"),
        ]
        assert (built["mirror"], built["cluster"]) == ("built", cluster_server.url)
        assert (built["generation"], built["added"], built["sentences"]) == ("1", "2", "4")
        assert (same["mirror"], same["added"]) == ("up to date", "0")
        assert [changed[name] for name in ("mirror", "added", "removed")] == ["changed", "1", "1"]
        assert [one.returncode for one in (first, second, third)] == [0, 0, 0]
        assert KEY not in first.stdout + first.stderr

    def test_what_is_wrong_is_one_clear_sentence(
        self, here: Run, cluster_server: QdrantServer
    ) -> None:
        assert "set JAWAB_QDRANT_URL" in one_line(here("mirror", JAWAB_QDRANT_URL=""))
        assert "as in http://" in one_line(here("mirror", JAWAB_QDRANT_URL="http://h:123456"))
        assert "JAWAB_QDRANT_SHARDS" in one_line(here("mirror", JAWAB_QDRANT_SHARDS="many"))
        assert "JAWAB_QDRANT_PREFIX" in one_line(here("mirror", JAWAB_QDRANT_PREFIX="a/b"))
        assert "JAWAB_QDRANT_API_KEY" in one_line(here("mirror", JAWAB_QDRANT_API_KEY="other"))
        assert "no file or folder" in one_line(here("mirror", JAWAB_DOCS="nowhere"))
        cluster_server.stop()
        assert "does not answer" in one_line(here("mirror"))

    def test_after_ctrl_c_it_goes_on(
        self, here: Run, folder: Path, home: Path, cluster_server: QdrantServer
    ) -> None:
        here("index")
        cluster_server.fail(*[503] * 1000, after=20)  # so that it tries for a while
        process = subprocess.Popen(
            [*PROGRAM, "mirror"],
            env=environment(folder, home) | cluster_settings(cluster_server),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        deadline = time.monotonic() + 20
        while len(cluster_server.requests) < 22:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
        assert (process.returncode, output) == (130, "")
        assert "What was sent is kept, and the same command goes on" in errors
        assert "Traceback" not in errors
        cluster_server.fail()
        assert rows(here("mirror").stdout)["documents"] == "2"
        assert here("ask", question_about("نابلس")).returncode == 0


class TestWatching:
    @pytest.fixture
    def output(
        self, folder: Path, home: Path, cluster_server: QdrantServer
    ) -> Iterator[Callable[[str], str]]:
        """Return a function that waits for what `jawab mirror --watch` says."""
        path = home.with_name("watch.log")
        with path.open("wb") as log:
            process = subprocess.Popen(
                [*PROGRAM, "mirror", "--watch"],
                env=environment(folder, home) | cluster_settings(cluster_server),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

        def wait_for(words: str) -> str:
            deadline = time.monotonic() + 30
            while words not in (said := path.read_text("utf-8")):
                assert time.monotonic() < deadline, said
                assert process.poll() is None, said
                time.sleep(0.02)
            return said

        wait_for("watching ")
        time.sleep(1.5)  # until it does
        yield wait_for
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0

    def test_every_change_reaches_the_cluster_also_one_made_while_it_is_away(
        self,
        output: Callable[[str], str],
        folder: Path,
        there: Run,
        cluster_server: QdrantServer,
    ) -> None:
        write_articles(folder, غزة=GAZA)
        assert ": 3 documents, 6 sentences in generation 1 (" in output("1 added, 0 removed")
        assert GAZA in there("ask", question_about("غزة")).stdout
        cluster_server.stop()
        (folder / "غزة.txt").unlink()
        output("does not answer")
        cluster_server.start()
        said = output("0 added, 1 removed")
        assert said.count("does not answer") == 1
        assert "Traceback" not in said


class TestAsking:
    def test_no_documents_and_no_index_are_needed(
        self, there: Run, folder: Path, home: Path, tmp_path: Path, cluster_server: QdrantServer
    ) -> None:
        bring(folder, home, cluster_server)
        assert HEBRON in there("ask", question_about("نابلس")).stdout
        answer = json.loads(there("ask", "--json", question_about("الخليل")).stdout)
        assert answer["answers"][0]["document"]["path"] == "الخليل.txt"
        assert HEBRON in there("chat", stdin=question_about("نابلس")).stdout
        assert "نابلس.txt" in there("sources").stdout
        seen = there("doctor")
        assert seen.returncode == 0
        assert f"{cluster_server.url}, name jawab, generation 1" in seen.stdout
        assert "qdrant (as set)" in seen.stdout
        assert KEY not in seen.stdout
        assert not list((tmp_path / "no-home").rglob("index.db"))

    def test_an_option_goes_before_the_setting(
        self, here: Run, folder: Path, home: Path, cluster_server: QdrantServer
    ) -> None:
        bring(folder, home, cluster_server)
        write_articles(folder, غزة=GAZA)
        question = question_about("غزة")
        assert GAZA in here("ask", "--engine", "auto", question).stdout
        assert GAZA not in here("ask", question).stdout
        asked = here("ask", "--engine", "Qdrant", question, JAWAB_ENGINE="auto")
        assert GAZA not in asked.stdout

    def test_what_is_wrong_is_one_clear_sentence(
        self, there: Run, cluster_server: QdrantServer
    ) -> None:
        for command in (("ask", "متى؟"), ("sources",), ("bot",)):
            settings = {"TELEGRAM_BOT_TOKEN": "1:abc"}
            said = one_line(there(*command, JAWAB_QDRANT_URL="", **settings))
            assert "set JAWAB_QDRANT_URL" in said
            assert "jawab mirror" in one_line(there(*command, **settings))
            said = one_line(there(*command, JAWAB_QDRANT_API_KEY="other", **settings))
            assert "refuses the API key" in said
        cluster_server.stop()
        assert "does not answer" in one_line(there("ask", "متى؟"))
        seen = there("doctor")
        assert seen.returncode == 1
        assert "problem  cluster" in seen.stdout

    def test_a_chat_goes_on_when_the_cluster_fails_once(
        self, there: Run, folder: Path, home: Path, cluster_server: QdrantServer
    ) -> None:
        bring(folder, home, cluster_server)
        # Opening takes two requests; then the first question fails.
        cluster_server.fail(500, 500, 500, after=2)
        typed = f"{question_about('نابلس')}\n{question_about('الخليل')}\n"
        found = there("chat", stdin=typed)
        assert "does not answer" in found.stderr
        assert HEBRON in found.stdout


class TestBuilding:
    """On the machine that builds, with the engine qdrant set there too."""

    def test_the_local_index_is_built_and_the_way_into_the_cluster_told(
        self, here: Run, tmp_path: Path, cluster_server: QdrantServer
    ) -> None:
        for command in (("index",), ("index", "--engine", "qdrant")):
            found = here(*command)
            assert rows(found.stdout)["engine"].startswith("rank_bm25 (auto")
            assert "`jawab mirror`" in found.stderr
        assert "mirror" not in here("index", "--engine", "auto").stderr
        write_articles(tmp_path / "more", غزة=GAZA)
        added = here("add", str(tmp_path / "more" / "غزة.txt"))
        assert "غزة.txt" in added.stdout
        assert "`jawab mirror`" in added.stderr
        removed = here("remove", "غزة.txt")
        assert "`jawab mirror`" in removed.stderr
        assert cluster_server.requests == []


class TestMeasuring:
    def test_qdrant_gives_the_table_of_the_others(
        self, jawab: Jawab, cluster_server: QdrantServer, seeds_gold: Path
    ) -> None:
        command = ("eval", str(seeds_gold))
        local = jawab(*command, "--engine", "rank_bm25").stdout
        assert "right sentence first" in local
        assert jawab(*command, "--engine", "qdrant").stdout == local
        settings = cluster_settings(cluster_server)
        assert jawab(*command, **settings).stdout == local
        assert any("-eval" in request for request in cluster_server.requests)
        cluster = Cluster(cluster_server.url, KEY)
        with closing(Connection(cluster)) as connection:
            assert existing(connection) == []
            [names] = connection.ask(lambda client: client.get_collections().collections)
            assert names == []


def test_local_commands_import_nothing_of_it(home: Path) -> None:
    program = f"""
import sys
from bot.cli import main
try:
    main(["ask", "متى القمة المقبلة؟", "--home", {str(home)!r}, "--docs", "seeds"])
except SystemExit:
    print(sorted(name for name in sys.modules if "qdrant" in name or "cluster" in name))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment(ROOT / "seeds", home),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "['bot.cluster']"
