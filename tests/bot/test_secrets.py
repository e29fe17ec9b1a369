"""No secret is in what a command writes, whatever goes wrong; nor in what it leaves on disk."""

from __future__ import annotations

import io
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock
from urllib.parse import quote

import pytest
from hypothesis import strategies as st

from bot.cli import main
from bot.cluster import cluster_of
from bot.confidential import SECRETS, passwords_in, secrets_in, without_secrets
from bot.settings import Settings, SettingsError, read_settings
from index import JawabError
from tests.bot.secrets import (
    ALL,
    API_KEY,
    PASSWORD,
    PROXY_PASSWORD,
    TOKEN,
    WEBHOOK_SECRET,
    assert_no_secret,
)
from tests.conftest import ROOT, Endurance
from tests.hostile import TEXTS, fuzz, refusal

CLOSED = "127.0.0.1:9"
USER_AND_PASSWORD = f"user:{quote(PASSWORD, safe='')}"
EVERY_SECRET = {
    "TELEGRAM_BOT_TOKEN": TOKEN,
    "JAWAB_WEBHOOK_SECRET": WEBHOOK_SECRET,
    "JAWAB_QDRANT_API_KEY": API_KEY,
    "JAWAB_QDRANT_URL": f"http://{USER_AND_PASSWORD}@{CLOSED}",
    "JAWAB_TELEGRAM_API_URL": f"http://{USER_AND_PASSWORD}@{CLOSED}",
}


@dataclass(frozen=True)
class Done:
    """What a command has written, and how it ended."""

    status: int | str | None
    stdout: str
    stderr: str


@pytest.fixture
def run(
    tmp_path: Path, shared_home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Done]]:
    """Return what runs a command with every secret set, and looks that it tells none.

    It runs in this process: what it writes is the same, and most of these end in a moment.
    """
    logger = logging.getLogger()
    handlers, level = logger.handlers[:], logger.level

    def run_it(*arguments: str, **settings: str) -> Done:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("JAWAB_", "TELEGRAM_"))
        }
        own = {"JAWAB_HOME": str(shared_home), "JAWAB_DOCS": str(ROOT / "seeds")}
        written = [io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2)]
        out, err = written
        monkeypatch.chdir(tmp_path)
        status: int | str | None = 0
        environment = kept | own | EVERY_SECRET | settings
        with (
            mock.patch.dict(os.environ, environment, clear=True),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                main([*arguments])
            except SystemExit as ended:
                status = ended.code
        logging.captureWarnings(capture=False)
        for stream in written:
            stream.seek(0)
        done = Done(status, *(stream.read() for stream in written))
        assert_no_secret(done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done

    yield run_it
    logger.handlers[:] = handlers
    logger.setLevel(level)
    assert_no_secret(shared_home)


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """A server that gives the same answer to everything, with what it was sent in its body."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            said = body.replace(b"ECHO", f"{self.path} {self.headers}".encode())
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_PUT = _answer  # noqa: N815 - the names that the library calls

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class TestSettings:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("TELEGRAM_BOT_TOKEN", f"{TOKEN} and more"),
            ("TELEGRAM_BOT_TOKEN", f"bot{TOKEN}"),
            ("JAWAB_WEBHOOK_SECRET", f"{WEBHOOK_SECRET} with spaces"),
            ("JAWAB_QDRANT_URL", f"qdrant://{USER_AND_PASSWORD}@{CLOSED}"),
            ("JAWAB_QDRANT_URL", f"{USER_AND_PASSWORD}@{CLOSED}"),
            ("JAWAB_QDRANT_URL", f"http://user:{PASSWORD}@{CLOSED}"),
            ("JAWAB_QDRANT_URL", f"http://{USER_AND_PASSWORD}@[{CLOSED}"),
            ("JAWAB_QDRANT_URL", f"http://{API_KEY}@{CLOSED}:x"),
            ("JAWAB_TELEGRAM_API_URL", f"ftp://{USER_AND_PASSWORD}@{CLOSED}"),
            ("JAWAB_WEBHOOK_URL", f"http://{USER_AND_PASSWORD}@bot.example"),
            ("JAWAB_ENGINE", TOKEN),
            ("JAWAB_QDRANT_PREFIX", TOKEN),
            ("JAWAB_FIELDS", TOKEN),
            ("JAWAB_ADMINS", TOKEN),
        ],
    )
    def test_a_malformed_one_is_told_without_its_value(
        self, run: Callable[..., Done], name: str, value: str
    ) -> None:
        commands = [["bot"]]
        if name in {"JAWAB_QDRANT_URL", "JAWAB_ENGINE"}:  # which the others read too
            commands += [["ask", "متى القمة؟"], ["doctor"]]
        for command in commands:
            assert run(*command, **{"JAWAB_ENGINE": "qdrant", name: value}).status in {1, 2}

    def test_no_error_of_any_values_tells_a_secret(
        self, monkeypatch: pytest.MonkeyPatch, endurance: Endurance
    ) -> None:
        names = [str(field.validation_alias) for field in Settings.model_fields.values()]
        long = TEXTS.map(lambda text: text.replace("\0", "").encode("utf-8", "replace").decode())
        odd = st.sampled_from(
            [
                *("9" * 5000, "-1", "1e9", "٣", "²", "[::1]:8080", "http://[::1", "https://a:b@["),
                *("path:[", ":memory:", "path:\x01", "qdrant", "1,2,3", "true", "DEBUG", "json"),
            ]
        )

        def check(values: dict[str, str], hidden: str) -> None:
            with pytest.MonkeyPatch.context() as patched:
                for name, value in {"TELEGRAM_BOT_TOKEN": TOKEN, **values}.items():
                    patched.setenv(name, value)
                for name in SECRETS[1:]:
                    patched.setenv(name, f"{API_KEY}{hidden}")
                said = refusal(SettingsError, read_settings)
                assert "\n" not in said
                assert_no_secret(said)
                if not said:
                    settings = read_settings()
                    assert f"{API_KEY}{hidden}".strip() in settings.secrets()
                    assert_no_secret(repr(settings), repr(settings.opening()))

        for name in [*os.environ]:
            if name.startswith(("JAWAB_", "TELEGRAM_")):
                monkeypatch.delenv(name)
        values = st.dictionaries(st.sampled_from(names), odd | long, max_size=4)
        fuzz(endurance(150, 20_000), check, values, st.sampled_from(["", " x", "\n", "é"]))


class TestCommands:
    @pytest.mark.parametrize("command", [["ask", "متى القمة؟"], ["doctor"], ["sources"]])
    def test_a_cluster_that_is_away(self, run: Callable[..., Done], command: list[str]) -> None:
        assert run(*command, JAWAB_ENGINE="qdrant").status in {1, 2}

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (401, b"ECHO"),
            (403, b'{"status":{"error":"ECHO"}}'),
            (500, b"ECHO"),
            (400, b'{"status":{"error":"no key"}}'),
            (200, b"nonsense ECHO"),
            (200, b"{}"),
        ],
    )
    def test_a_cluster_that_refuses_or_is_none(
        self, run: Callable[..., Done], status: int, body: bytes
    ) -> None:
        with answering(status, body) as address:
            url = f"http://{USER_AND_PASSWORD}@{address}"
            for command in (["ask", "متى القمة؟"], ["doctor"]):
                done = run(*command, JAWAB_ENGINE="qdrant", JAWAB_QDRANT_URL=url)
                assert done.status in {1, 2}

    @pytest.mark.parametrize("command", ["doctor", "index", "sources", "--help", "--version"])
    def test_all_is_well(self, run: Callable[..., Done], command: str) -> None:
        run(command)

    @pytest.mark.parametrize(
        "content",
        [
            f"TELEGRAM_BOT_TOKEN={TOKEN}\xff".encode("latin-1"),
            f"TELEGRAM_BOT_TOKEN={TOKEN}\0".encode(),
            f"TELEGRAM_BOT_TOKEN='{TOKEN}\n= {API_KEY} \"\n'".encode(),
            f"= {TOKEN}\n{API_KEY}\n".encode(),
        ],
    )
    def test_a_file_of_settings_that_cannot_be_read(
        self, run: Callable[..., Done], tmp_path: Path, content: bytes
    ) -> None:
        (tmp_path / ".env").write_bytes(content)
        for command in ("bot", "doctor"):
            run(command, TELEGRAM_BOT_TOKEN="")


class TestConfidential:
    def test_passwords_are_found_wherever_an_address_has_one(self) -> None:
        environment = {
            "JAWAB_QDRANT_URL": f"https://{USER_AND_PASSWORD}@qdrant",
            "HTTPS_PROXY": f"http://me:{PROXY_PASSWORD}@proxy:3128",
            "http_proxy": "http://a-key-and-no-name@proxy",
            "TELEGRAM_BOT_TOKEN": f" {TOKEN} ",
        }
        found = secrets_in(environment)
        quoted = quote(PASSWORD, safe="")
        assert {quoted, PASSWORD, PROXY_PASSWORD, "a-key-and-no-name", TOKEN} <= set(found)
        assert secrets_in({"HTTPS_PROXY": "http://proxy:3128", "JAWAB_QDRANT_URL": ""}) == ()

    def test_any_address_is_looked_at_without_failing(self, endurance: Endurance) -> None:
        def check(before: str, after: str) -> None:
            assert PROXY_PASSWORD in tuple(passwords_in(f"{before}://u:{PROXY_PASSWORD}@{after}"))
            tuple(passwords_in(before))

        scheme = TEXTS.filter(lambda text: "://" not in text and "@" not in text)
        host = TEXTS.filter(lambda text: "@" not in text)
        fuzz(endurance(100, 10_000), check, scheme, host)

    def test_the_process_that_builds_gets_no_secret(self) -> None:
        environment = {**EVERY_SECRET, "JAWAB_DOCS": "seeds", "PATH": "/bin"}
        assert without_secrets(environment) == {"JAWAB_DOCS": "seeds", "PATH": "/bin"}

    def test_an_address_of_a_cluster_is_never_in_its_error(self, endurance: Endurance) -> None:
        def check(scheme: str, host: str) -> None:
            url = f"{scheme}://u:{PROXY_PASSWORD}@{host}"
            assert_no_secret(refusal(JawabError, lambda: cluster_of({"JAWAB_QDRANT_URL": url})))

        fuzz(endurance(100, 10_000), check, TEXTS | st.just("http"), TEXTS)


def test_what_looks_for_secrets_finds_them(tmp_path: Path) -> None:
    for secret in ALL:
        for form in (secret, quote(secret, safe=""), f"x{secret}y"):
            with pytest.raises(AssertionError):
                assert_no_secret(f"before {form} behind")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.sqlite").write_bytes(b"\0\xff" + API_KEY.encode())
    with pytest.raises(AssertionError, match=r"b\.sqlite"):
        assert_no_secret(tmp_path)
