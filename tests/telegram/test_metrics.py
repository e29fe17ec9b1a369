"""The metrics and the health of a running bot, and the dashboard and the alerts made of them."""

from __future__ import annotations

import json
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from bot.metrics import DOORS, OUTCOMES
from bot.reach import ERRORS
from index import Index
from tests.bot.clusters import bring, cluster_server, cluster_settings
from tests.documents import article, question_about, write_articles
from tests.index.qdrant_server import QdrantServer
from tests.telegram.chat import Chat, labels
from tests.telegram.conftest import ROOT, RunningBot, StartBot
from tests.telegram.groups import Group
from tests.telegram.modes import SUMMIT, User, replies, until
from tests.telegram.monitoring import Monitored
from tests.telegram.server import BotApiServer

__all__ = ["cluster_server"]

AWAY = ["telegram: fails"]
NOT_ANSWERED = "متى تأسست مدينة طوكيو الكبرى؟"


@pytest.fixture(scope="class")
def monitored() -> Monitored:
    """Where it is monitored."""
    return Monitored()


@pytest.fixture(scope="class")
def asked_bot(
    start_shared_bot: StartBot, shared_server: BotApiServer, monitored: Monitored
) -> RunningBot:
    """A bot that was asked in every way."""
    bot = start_shared_bot(
        **monitored.setting, JAWAB_LOG_FORMAT="json", JAWAB_QUESTIONS_PER_MINUTE="5"
    )
    chat, group = Chat(shared_server), Group(shared_server)
    chat.asks(SUMMIT)
    chat.asks("؟!")
    unknown = chat.asks(NOT_ANSWERED)
    chat.presses(unknown, next(label for label in labels(unknown) if label.endswith("؟")))
    chat.until(lambda messages: len(messages) == 4)
    chat.asks(SUMMIT)
    chat.asks(SUMMIT)  # one too many, and it is told
    chat.says(SUMMIT)  # and that, not again
    group.says(f"/ask {SUMMIT}")
    group.reply()
    for query in (SUMMIT, "", NOT_ANSWERED):
        shared_server.wait_for_inline_answer(shared_server.send_inline(query))
    shared_server.wait_until_delivered()
    until(lambda: not monitored.value("jawab_updates_in_hand"))
    return bot


class TestCounts:
    """Each test looks at another part of what one bot has counted."""

    @pytest.fixture(autouse=True)
    def running(self, asked_bot: RunningBot) -> None:
        assert asked_bot.process.poll() is None

    def test_every_question_is_counted_once(self, monitored: Monitored) -> None:
        counted = monitored.counted("jawab_questions_total", "outcome", "door")
        assert counted == {
            ("answered", "private"): 2,
            ("no_words", "private"): 1,
            ("not_found", "private"): 1,
            ("answered", "button"): 1,
            ("limited", "private"): 2,
            ("answered", "group"): 1,
            ("answered", "inline"): 1,
            ("not_found", "inline"): 1,
        }
        taken = monitored.counted("jawab_answer_seconds_count", "door")
        assert taken == {("private",): 4, ("button",): 1, ("group",): 1, ("inline",): 2}
        buckets = [
            sample.value
            for sample in monitored.samples()
            if sample.name == "jawab_answer_seconds_bucket" and sample.labels["door"] == "private"
        ]
        assert buckets == sorted(buckets)
        assert buckets[-1] == 4
        assert monitored.value("jawab_answer_seconds_sum", door="private") > 0

    def test_what_has_not_happened_is_zero(self, monitored: Monitored) -> None:
        samples = monitored.samples()
        pairs = [
            (one.labels["outcome"], one.labels["door"])
            for one in samples
            if one.name == "jawab_questions_total"
        ]
        assert sorted(pairs) == sorted((outcome, door) for outcome in OUTCOMES for door in DOORS)
        kinds = [one.labels["kind"] for one in samples if one.name == "jawab_telegram_errors_total"]
        assert sorted(kinds) == sorted(ERRORS)

    def test_the_index_is_measured(
        self, monitored: Monitored, seeds: Path, shared_folder: Path
    ) -> None:
        index = Index.open(seeds, shared_folder / "home")
        try:
            sizes, size, folder = index.collection.sizes, index.disk_bytes, index.folder
        finally:
            index.close()
        names = ("documents", "passages", "sentences")
        assert tuple(monitored.value(f"jawab_index_{name}") for name in names) == sizes
        assert monitored.value("jawab_index_bytes") == size
        changed = monitored.value("jawab_index_changed_timestamp_seconds")
        assert changed == (folder / "index.db").stat().st_mtime
        assert monitored.value("jawab_index_info", engine="rank_bm25") == 1

    def test_the_process_and_the_queue_are_measured(self, monitored: Monitored) -> None:
        assert monitored.value("process_resident_memory_bytes") > 10 << 20
        assert monitored.value("process_open_fds") > 3
        assert monitored.value("process_cpu_seconds_total") > 0
        assert monitored.value("jawab_updates_waiting") == 0
        assert monitored.value("jawab_state_rows_postponed") == 0
        assert monitored.value("jawab_ready") == 1

    @pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
    def test_it_is_read_and_nothing_else(self, monitored: Monitored, path: str) -> None:
        page, head = monitored.get(path), monitored.get(path, "HEAD")
        assert (page.status, head.status, head.text) == (200, 200, "")
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["content-type"].startswith("text/plain")
        assert "aiohttp" not in page.headers["server"].lower()
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert monitored.get(path, method).status == 405

    def test_there_is_nothing_else(self, monitored: Monitored) -> None:
        for path in ("/", "/metrics/", "/.env", "/../.env", "//healthz"):
            page = monitored.get(path)
            assert page.status == 404
            assert "aiohttp" not in page.headers["server"].lower()

    def test_every_line_of_the_log_is_json_and_every_question_has_one(
        self, asked_bot: RunningBot
    ) -> None:
        lines = [json.loads(line) for line in asked_bot.output.splitlines()]
        assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
        told = [line for line in lines if "outcome" in line]
        assert [line["outcome"] for line in told].count("limited") == 1  # that it is told of
        assert len(told) == 9
        assert len({line["update"] for line in told}) == len(told)
        for line in told:
            assert line["milliseconds"] > 0
            assert line["engine"] == "rank_bm25"
            assert line["door"] in DOORS
            assert f"update {line['update']}: {line['outcome']} in " in line["message"]
        assert "القمة" not in asked_bot.output
        assert "طوكيو" not in asked_bot.output

    # What is made of them.

    @pytest.mark.parametrize("name", ["grafana.json", "alerts.yml"])
    def test_dashboards_and_alerts_ask_for_what_there_is(
        self, monitored: Monitored, name: str
    ) -> None:
        samples = monitored.samples()
        there = {sample.name: sample.labels.keys() for sample in samples}
        values = {
            (sample.name, label, value)
            for sample in samples
            for label, value in sample.labels.items()
        }
        there["up"] = {"job": "", "instance": ""}.keys()
        for query in queries(name):
            for selector in selectors(query):
                assert selector.name in there, query
                for matcher in selector.matchers.matchers:
                    if matcher.name in {"job", "instance"}:
                        continue
                    assert matcher.name in there[selector.name], query
                    for value in matcher.value.split("|"):
                        assert (selector.name, matcher.name, value) in values, query
            grouped = re.findall(r"(?:by|on|group_left) \((.*?)\)", query)
            known = {label for one in selectors(query) for label in there[one.name]}
            for label in ", ".join(grouped).split(", "):
                assert label in {"", "job", "instance"} | known, query

    def test_the_page_about_them_names_each_metric(self, monitored: Monitored) -> None:
        page = (ROOT / "docs" / "monitoring.md").read_text("utf-8")
        families = re.findall(r"^# TYPE (jawab_\w+)", monitored.get("/metrics").text, re.MULTILINE)
        assert len(families) > 10
        named = set(re.findall(r"`(jawab_\w+)", page))
        assert set(families) == named


def queries(name: str) -> Iterator[str]:
    """The queries of a dashboard or of rules, as Prometheus gets them."""
    text = (ROOT / "docs" / name).read_text("utf-8")
    if name.endswith(".yml"):
        for group in yaml.safe_load(text)["groups"]:
            for rule in group["rules"]:
                assert rule.keys() >= {"alert", "expr", "labels", "annotations"}
                assert rule["labels"]["severity"] in {"warning", "critical"}
                yield rule["expr"]
        return
    dashboard = json.loads(text)
    assert dashboard["schemaVersion"] >= 39
    [source, *_] = dashboard["templating"]["list"]
    assert (source["name"], source["type"]) == ("DS_PROMETHEUS", "datasource")
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    for panel in panels:
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == "${DS_PROMETHEUS}"
            yield target["expr"].replace("$__rate_interval", "1m")


def selectors(query: str) -> list[Any]:
    """What a query selects."""
    found: list[Any] = []

    def visit(node: object) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)
        elif isinstance(node, promql_parser.MatrixSelector):
            found.append(node.vector_selector)

    promql_parser.walk(promql_parser.parse(query), visit)
    assert found
    return found


def test_it_is_ready_when_telegram_is_there_and_not_while_it_is_stopped(
    server: BotApiServer, start_bot: StartBot
) -> None:
    monitored = Monitored()
    server.fail_next("getMe", status=500, description="Internal Server Error", times=1000)
    bot = start_bot(wait=False, **monitored.setting)
    until(lambda: monitored.troubles() == ["telegram: has not been reached yet"])
    assert monitored.get("/healthz").status == 200
    assert monitored.value("jawab_ready") == 0
    server.stop_failing()
    until(lambda: not monitored.troubles())

    user = User(server)
    server.fail_next("getUpdates", status=502, description="Bad Gateway", times=1000)
    first = user.asks()  # it ends the poll that is under way
    until(lambda: monitored.troubles() == AWAY)
    assert monitored.get("/healthz").text == "ok\n"
    assert monitored.value("jawab_ready") == 0
    errors = monitored.counted("jawab_telegram_errors_total", "kind")
    assert errors.keys() == {("server",)}
    assert errors["server",] == sum((call.status or 0) >= 500 for call in server.calls())
    server.stop_failing()
    missed = user.asks()
    until(lambda: not monitored.troubles())
    assert monitored.value("jawab_ready") == 1
    user.has_one_reply_to(first, missed)

    server.delay_next("sendMessage", 2)
    sent = user.asks()
    until(lambda: monitored.value("jawab_updates_in_hand") == 1)
    bot.process.send_signal(signal.SIGTERM)
    until(lambda: monitored.troubles() == ["bot: is being stopped"])
    assert monitored.get("/healthz").status == 200
    assert bot.process.wait(timeout=20) == 0
    assert replies(server, [sent]) == {sent: 1}
    assert "Traceback" not in bot.output


def test_a_refresh_is_counted_and_the_index_measured_anew(
    server: BotApiServer, start_bot: StartBot, tmp_path: Path
) -> None:
    folder = write_articles(tmp_path / "documents", الخليل="12 مارس 2026")
    monitored = Monitored()
    bot = start_bot(JAWAB_DOCS=str(folder), **monitored.setting)
    until(lambda: not monitored.troubles())
    before = monitored.value("jawab_index_changed_timestamp_seconds")
    assert monitored.value("jawab_index_documents") == 1
    (folder / "نابلس.txt").write_text(article("نابلس", "3 أبريل 2025"), "utf-8")
    until(lambda: monitored.value("jawab_index_documents") == 2)
    assert before < monitored.value("jawab_index_changed_timestamp_seconds") <= time.time()
    assert monitored.value("jawab_refresh_seconds_count", outcome="changed") == 1
    assert monitored.value("jawab_refresh_seconds_sum", outcome="changed") > 0
    assert Chat(server).asks(question_about("نابلس")).bold == ["3 أبريل 2025"]
    assert bot.stop() == 0


def test_it_is_not_ready_while_the_search_cluster_is_away(
    start_bot: StartBot, tmp_path: Path, cluster_server: QdrantServer
) -> None:
    folder = write_articles(tmp_path / "elsewhere", الخليل="12 مارس 2026")
    bring(folder, tmp_path / "building", cluster_server)
    monitored = Monitored()
    start_bot(JAWAB_DOCS="nowhere", **monitored.setting, **cluster_settings(cluster_server))
    until(lambda: not monitored.troubles())
    assert monitored.value("jawab_index_info", engine="qdrant") == 1
    assert monitored.value("jawab_index_documents") == 1
    cluster_server.stop()
    until(lambda: any(trouble.startswith("index: ") for trouble in monitored.troubles()))
    assert monitored.get("/healthz").status == 200
    assert monitored.value("jawab_index_documents") == 1
    cluster_server.start()
    until(lambda: not monitored.troubles())  # though nobody has asked a question


def test_a_taken_port_is_one_clear_sentence(start_bot: StartBot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        bot = start_bot(wait=False, JAWAB_METRICS_PORT=str(port))
        assert bot.process.wait(timeout=30) == 2
    [line] = [line for line in bot.output.splitlines() if "JAWAB_METRICS_PORT" in line]
    assert line.startswith(f"jawab: The metrics cannot be served on 127.0.0.1:{port} (")
    assert "Traceback" not in bot.output
