"""Every setting, read once from the environment and ``.env``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_DOCUMENTS = Path("seeds")
ENV_FILE = Path(".env")

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]{3,}")
_URL = re.compile(r"https?://[^\s/?#]+(?:/[^\s?#]*)?")


class SettingsError(Exception):
    """A setting is missing or malformed; ``str`` says which and what to do."""


class Settings(BaseSettings):
    """What the bot is run with; ``.env.example`` describes each."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    token: Annotated[SecretStr, Field(validation_alias="TELEGRAM_BOT_TOKEN")]
    docs: Annotated[Path, Field(validation_alias="JAWAB_DOCS")] = DEFAULT_DOCUMENTS
    home: Annotated[Path | None, Field(validation_alias="JAWAB_HOME")] = None
    lexicon: Annotated[Path | None, Field(validation_alias="JAWAB_LEXICON")] = None
    morphology: Annotated[str | None, Field(validation_alias="JAWAB_MORPHOLOGY")] = None
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], Field(validation_alias="JAWAB_LOG_LEVEL")
    ] = "INFO"
    telegram_api_url: Annotated[str, Field(validation_alias="JAWAB_TELEGRAM_API_URL")] = (
        "https://api.telegram.org"
    )

    @field_validator("token")
    @classmethod
    def _token_is_well_formed(cls, token: SecretStr) -> SecretStr:
        stripped = token.get_secret_value().strip()
        if not _TOKEN.fullmatch(stripped):
            raise ValueError
        return SecretStr(stripped)

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, level: object) -> object:
        return level.strip().upper() if isinstance(level, str) else level

    @field_validator("telegram_api_url")
    @classmethod
    def _is_a_root(cls, url: str) -> str:
        if not _URL.fullmatch(url.strip()):
            raise ValueError
        return url.strip().rstrip("/")


_WAYS_OUT = {
    "TELEGRAM_BOT_TOKEN": (
        "The Telegram bot token is malformed; copy it from @BotFather into TELEGRAM_BOT_TOKEN, "
        "like 123456789:AA…"
    ),
    "JAWAB_LOG_LEVEL": "JAWAB_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.",
    "JAWAB_TELEGRAM_API_URL": (
        "JAWAB_TELEGRAM_API_URL must be the root of a Bot API server, like http://localhost:8081"
    ),
}
_NOTHING_SET = (
    "There is no Telegram bot token; get one from @BotFather and set TELEGRAM_BOT_TOKEN, in the "
    "environment or in .env."
)


def read_settings() -> Settings:
    """Read the settings.

    Raises:
        SettingsError: One is missing or malformed; its value is never in the message.
    """
    try:
        return Settings()  # type: ignore[call-arg]  # its fields come from the environment
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        if first["type"] == "missing":
            raise SettingsError(_NOTHING_SET) from None
        raise SettingsError(_WAYS_OUT.get(name, f"{name} cannot be used as it is.")) from None
