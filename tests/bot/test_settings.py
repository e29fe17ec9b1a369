"""Settings from the environment and ``.env``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cluster import cluster_of, shown_address
from bot.environment import load_env_file
from bot.opening import Opening
from bot.settings import Settings, SettingsError, read_settings
from bot.webhook import Webhook
from index import JawabError
from index.cluster.connection import Cluster

ROOT = Path(__file__).parents[2]
TOKEN = "123456789:AAHtests-only-token-0123456789abcdefg"
LISTS = ("JAWAB_ALLOWED_USERS", "JAWAB_ALLOWED_CHATS", "JAWAB_ADMINS")
NUMBERS = ("JAWAB_QUESTIONS_PER_MINUTE", "JAWAB_MESSAGES_PER_SECOND", "JAWAB_UPLOAD_MB")
SWITCHES = (
    *("JAWAB_KEEP_QUESTIONS", "JAWAB_DROP_PENDING_UPDATES", "JAWAB_WATCH"),
    "JAWAB_LOG_QUESTIONS",
)


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.validation_alias), raising=False)
    monkeypatch.chdir(tmp_path)
    yield
    Path(".env").unlink(missing_ok=True)
    load_env_file()


def test_only_the_token_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", f" {TOKEN}\n")
    monkeypatch.setenv("JAWAB_DOCS", "")
    settings = read_settings()
    assert settings.token.get_secret_value() == TOKEN
    assert settings.docs == Path("seeds")
    assert settings.home is None
    assert settings.log_level == "INFO"
    assert settings.telegram_api_url == "https://api.telegram.org"


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text(
        f"TELEGRAM_BOT_TOKEN={TOKEN}\nJAWAB_DOCS=from-file\nJAWAB_LOG_LEVEL=debug\n", "utf-8"
    )
    monkeypatch.setenv("JAWAB_DOCS", "from-environment")
    load_env_file()
    settings = read_settings()
    assert settings.docs == Path("from-environment")
    assert settings.log_level == "DEBUG"


def test_a_trailing_slash_of_the_server_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("JAWAB_TELEGRAM_API_URL", "http://127.0.0.1:8081/")
    assert read_settings().telegram_api_url == "http://127.0.0.1:8081"


def test_the_token_is_not_in_what_is_printed_of_the_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    settings = read_settings()
    assert TOKEN not in f"{settings} {settings!r} {settings.model_dump()}"


@pytest.mark.parametrize("token", ["secret", "12:", ":abc", "1234 : secret", "١٢٣:secret"])
def test_a_malformed_token_is_refused_without_being_shown(
    monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", token)
    with pytest.raises(SettingsError, match="malformed") as caught:
        read_settings()
    assert token not in str(caught.value)
    assert caught.value.__cause__ is None


def test_every_setting_is_in_the_example_file_with_a_comment() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    for field in Settings.model_fields.values():
        (place,) = [
            number
            for number, line in enumerate(lines)
            if line.lstrip("#").startswith(f"{field.validation_alias}=")
        ]
        assert lines[place - 1].startswith("# ")


class TestValues:
    @pytest.fixture(autouse=True)
    def token(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)

    def test_nothing_set_is_open_polling_and_within_telegrams_limits(self) -> None:
        settings = read_settings()
        lists = (settings.allowed_users, settings.allowed_chats, settings.administrators)
        assert lists == (frozenset(), frozenset(), frozenset())
        assert (settings.questions_per_minute, settings.messages_per_second) == (20, 30)
        assert (settings.keep_questions, settings.drop_pending_updates) == (True, False)
        assert (settings.upload_megabytes, settings.state) == (20, None)
        assert settings.opening() == Opening(Path("seeds"))
        assert settings.watch
        assert Webhook.of(settings) is None
        assert settings.webhook_listen == "127.0.0.1:8080"

    @pytest.mark.parametrize("name", ["ALLOWED_USERS", "ALLOWED_CHATS", "ADMINS"])
    @pytest.mark.parametrize(
        ("value", "numbers"),
        [
            ("7", {7}),
            (" 1, 2 ,-100300,", {1, 2, -100300}),
            ("1;2\n3،4", {1, 2, 3, 4}),
            ("", set()),
        ],
    )
    def test_a_list_is_numbers_with_something_between_them(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str, numbers: set[int]
    ) -> None:
        monkeypatch.setenv(f"JAWAB_{name}", value)
        settings = read_settings()
        found = {
            "ALLOWED_USERS": settings.allowed_users,
            "ALLOWED_CHATS": settings.allowed_chats,
            "ADMINS": settings.administrators,
        }
        assert found.pop(name) == numbers
        assert set(found.values()) == {frozenset()}

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            *((name, value) for name in LISTS for value in ("me", "1,@you", "1.5", ",", " ; ")),
            *((name, value) for name in NUMBERS for value in ("-1", "many", "2.5", "1 2", "0x1")),
            ("JAWAB_UPLOAD_MB", "0"),
            *((name, value) for name in SWITCHES for value in ("maybe", "2", "-1")),
            ("JAWAB_LOG_LEVEL", "LOUD"),
            ("JAWAB_LOG_FORMAT", "xml"),
            *(("JAWAB_METRICS_PORT", value) for value in ("0", "65536", "http", "-1", ":9464")),
            *(("JAWAB_METRICS_PORT", value) for value in ("127.0.0.1:", "127.0.0.1", "1:2:x")),
            *(("JAWAB_TELEGRAM_API_URL", value) for value in ("ftp://x", "x", "http://a b")),
            ("JAWAB_WEBHOOK_URL", "http://bot.example.org/hook"),
            ("JAWAB_WEBHOOK_URL", "bot.example.org"),
            ("JAWAB_WEBHOOK_URL", "https://"),
            ("JAWAB_WEBHOOK_URL", "https://bot.example.org/a b"),
            ("JAWAB_WEBHOOK_LISTEN", "8080"),
            ("JAWAB_WEBHOOK_LISTEN", ":8080"),
            ("JAWAB_WEBHOOK_LISTEN", "127.0.0.1"),
            ("JAWAB_WEBHOOK_LISTEN", "127.0.0.1:"),
            ("JAWAB_WEBHOOK_LISTEN", "127.0.0.1:0"),
            ("JAWAB_WEBHOOK_LISTEN", "127.0.0.1:65536"),
            ("JAWAB_WEBHOOK_LISTEN", "127.0.0.1:http"),
            ("JAWAB_WEBHOOK_PATH", "hook"),
            ("JAWAB_WEBHOOK_PATH", "/a hook"),
            ("JAWAB_WEBHOOK_PATH", "/hook?a=b"),
            ("JAWAB_WEBHOOK_SECRET", "with space"),
            ("JAWAB_WEBHOOK_SECRET", "سر"),
            ("JAWAB_WEBHOOK_SECRET", "x" * 257),
        ],
    )
    def test_a_malformed_one_is_named_in_a_line_with_what_to_do(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv(name, value)
        with pytest.raises(SettingsError) as caught:
            read_settings()
        said = str(caught.value)
        assert said.startswith(f"{name} must be ")
        assert "\n" not in said
        assert caught.value.__cause__ is None
        assert "SECRET" not in name or value not in said

    def test_the_log_is_for_people_and_tells_no_question_unless_that_is_set(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings = read_settings()
        assert (settings.log_format, settings.log_questions) == ("text", False)
        monkeypatch.setenv("JAWAB_LOG_FORMAT", " JSON ")
        monkeypatch.setenv("JAWAB_LOG_QUESTIONS", "1")
        settings = read_settings()
        assert (settings.log_format, settings.log_questions) == ("json", True)

    @pytest.mark.parametrize(
        ("value", "address"),
        [
            ("", None),
            (" 9464 ", "127.0.0.1:9464"),
            ("0.0.0.0:9464", "0.0.0.0:9464"),
            ("[::1]:9464", "[::1]:9464"),
        ],
    )
    def test_the_metrics_are_for_this_machine_unless_an_address_is_said(
        self, monkeypatch: pytest.MonkeyPatch, value: str, address: str | None
    ) -> None:
        monkeypatch.setenv("JAWAB_METRICS_PORT", value)
        assert read_settings().metrics_port == address

    def test_a_list_that_lets_in_nobody_is_not_taken_for_one_that_lets_in_everybody(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("JAWAB_ALLOWED_USERS", " , ")
        with pytest.raises(SettingsError, match="JAWAB_ALLOWED_USERS"):
            read_settings()

    @pytest.mark.parametrize(
        ("listen", "host", "port"),
        [
            ("0.0.0.0:80", "0.0.0.0", 80),  # noqa: S104
            ("[::1]:8443", "::1", 8443),
            (" localhost:1 ", "localhost", 1),
        ],
    )
    def test_a_webhook_has_an_address_of_this_machine(
        self, monkeypatch: pytest.MonkeyPatch, listen: str, host: str, port: int
    ) -> None:
        monkeypatch.setenv("JAWAB_WEBHOOK_URL", " https://bot.example.org/hook ")
        monkeypatch.setenv("JAWAB_WEBHOOK_LISTEN", listen)
        webhook = Webhook.of(read_settings())
        assert webhook is not None
        assert (webhook.url, webhook.host, webhook.port, webhook.path) == (
            "https://bot.example.org/hook",
            host,
            port,
            "hook",
        )

    def test_a_webhook_has_a_path_and_a_secret_of_its_own(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("JAWAB_WEBHOOK_URL", "https://bot.example.org/hook")
        monkeypatch.setenv("JAWAB_WEBHOOK_PATH", "/inside/~me")
        monkeypatch.setenv("JAWAB_WEBHOOK_SECRET", "a-secret_1")
        settings = read_settings()
        webhook = Webhook.of(settings)
        assert webhook is not None
        assert (webhook.path, webhook.secret) == ("inside/~me", "a-secret_1")
        assert "a-secret_1" in settings.secrets()
        assert "a-secret_1" not in f"{settings} {settings!r} {settings.model_dump()}"

    def test_a_secret_is_made_of_the_token_without_telling_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = [read_settings().secret_of_webhook() for _ in range(2)]
        monkeypatch.setenv("TELEGRAM_BOT_TOKEN", f"{TOKEN}x")
        other = read_settings().secret_of_webhook()
        assert made[0] == made[1] != other
        assert re.fullmatch("[A-Za-z0-9_-]{32,256}", other)
        assert other in read_settings().secrets()


class TestCluster:
    @pytest.fixture(autouse=True)
    def cluster(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
        monkeypatch.setenv("JAWAB_ENGINE", "qdrant")
        monkeypatch.setenv("JAWAB_QDRANT_URL", " http://qdrant:6333/ ")
        monkeypatch.setenv("JAWAB_QDRANT_API_KEY", "a-key_1")

    def test_what_is_not_set_has_a_default(self) -> None:
        cluster = read_settings().opening().cluster
        assert cluster == Cluster("http://qdrant:6333", "a-key_1", "jawab", 1, 1)

    def test_the_command_line_reads_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("JAWAB_QDRANT_PREFIX", "news")
        monkeypatch.setenv("JAWAB_QDRANT_SHARDS", "6")
        monkeypatch.setenv("JAWAB_QDRANT_REPLICAS", "2")
        opening = Opening.from_environment(Path("seeds"), None)
        assert opening == read_settings().opening()
        assert opening.cluster == Cluster("http://qdrant:6333", "a-key_1", "news", 6, 2)

    def test_the_key_is_shown_nowhere(self) -> None:
        settings = read_settings()
        assert "a-key_1" in settings.secrets()
        shown = f"{settings!r} {settings.model_dump()} {settings.opening()!r}"
        assert "a-key_1" not in shown

    def test_nor_is_a_password_in_the_address(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("JAWAB_QDRANT_URL", "https://me:hidden@qdrant")
        assert "hidden" in read_settings().secrets()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("JAWAB_QDRANT_URL", ""),
            ("JAWAB_QDRANT_URL", "qdrant:6333"),
            ("JAWAB_QDRANT_URL", "http://"),
            ("JAWAB_QDRANT_URL", "http://qdrant:x"),
            ("JAWAB_QDRANT_URL", "http://qdrant:99999"),
            ("JAWAB_QDRANT_PREFIX", "a b"),
            ("JAWAB_QDRANT_PREFIX", "news-2"),
            ("JAWAB_QDRANT_SHARDS", "0"),
            ("JAWAB_QDRANT_REPLICAS", "two"),
        ],
    )
    def test_what_is_missing_or_malformed_is_one_clear_sentence(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv(name, value)
        with pytest.raises(SettingsError, match=name) as caught:
            read_settings()
        assert "\n" not in str(caught.value)
        with pytest.raises(JawabError, match=name):
            Opening.from_environment(Path("seeds"), None)
        # Who answers from documents of their own does not need it.
        monkeypatch.setenv("JAWAB_ENGINE", "auto")
        assert read_settings().opening().cluster is None
        assert Opening.from_environment(Path("seeds"), None).cluster is None

    def test_the_index_on_this_machine_can_be_meant_all_the_same(self) -> None:
        opening = Opening.from_environment(Path("seeds"), None, local=True)
        assert (opening.engine, opening.cluster) == ("auto", None)

    def test_an_address_is_shown_without_a_password(self) -> None:
        cluster = cluster_of({"JAWAB_QDRANT_URL": "https://me:secret@[::1]:6333"})
        assert shown_address(cluster) == "https://[::1]:6333"


class TestOpening:
    def test_another_process_opens_the_same_index(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        every = Opening(
            tmp_path / "documents",
            tmp_path / "home",
            engine="tantivy",
            fields="text=body",
            lexicon=tmp_path / "own.tsv",
            morphology="msa-r13",
        )
        cluster = Cluster("http://qdrant:6333", "a-key", "news", 6, 2)
        remote = replace(every, engine="qdrant", cluster=cluster)
        for opening in (remote, every, Opening(tmp_path)):
            for name, value in opening.environment().items():
                monkeypatch.setenv(name, value)
            again = Opening.from_environment(opening.documents, opening.home)
            assert again == opening

    @pytest.mark.parametrize(
        ("home", "kept"),
        [("home", "home/removed"), ("docs/home", "docs/home/.removed"), ("docs", "docs/.removed")],
    )
    def test_removed_files_are_kept_where_nothing_is_indexed(
        self, tmp_path: Path, home: str, kept: str
    ) -> None:
        assert Opening(tmp_path / "docs", tmp_path / home).removed_folder() == tmp_path / kept
