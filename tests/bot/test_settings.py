"""Settings from the environment and ``.env``."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, read_settings

ROOT = Path(__file__).parents[2]
TOKEN = "123456789:AAHtests-only-token-0123456789abcdefg"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.validation_alias), raising=False)
    monkeypatch.chdir(tmp_path)


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
