"""Every setting, read from the environment, which ``bot.environment`` puts ``.env`` into."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot import cluster
from bot.confidential import passwords_in, secrets_in
from bot.default_documents import default_documents
from bot.opening import Opening, OpeningError, checked_engine, checked_fields
from index.engines.pair import AUTO, QDRANT
from index.errors import JawabError

if TYPE_CHECKING:
    from index.cluster.connection import Cluster

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]{3,}")
_SEPARATOR = re.compile(r"[\s,;،]+")
_PATH = re.compile(r"/[A-Za-z0-9._~/-]*")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # what Telegram takes
_PORTS = 65_536
_HERE = "127.0.0.1"
_URL = re.compile(r"https?://[^\s/?#]+(?:/[^\s?#]*)?")


class SettingsError(Exception):
    """A setting is missing or malformed; ``str`` says which and what to do."""


class Settings(BaseSettings):
    """What the bot is run with; ``.env.example`` describes each."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    token: Annotated[SecretStr, Field(validation_alias="TELEGRAM_BOT_TOKEN")]
    docs: Annotated[Path, Field(validation_alias="JAWAB_DOCS", default_factory=default_documents)]
    home: Annotated[Path | None, Field(validation_alias="JAWAB_HOME")] = None
    lexicon: Annotated[Path | None, Field(validation_alias="JAWAB_LEXICON")] = None
    morphology: Annotated[str | None, Field(validation_alias="JAWAB_MORPHOLOGY")] = None
    engine: Annotated[str, Field(validation_alias="JAWAB_ENGINE")] = AUTO
    qdrant_url: Annotated[str, Field(validation_alias=cluster.URL)] = ""
    qdrant_api_key: Annotated[SecretStr, Field(validation_alias=cluster.API_KEY)] = SecretStr("")
    qdrant_prefix: Annotated[str, Field(validation_alias=cluster.PREFIX)] = cluster.DEFAULT_PREFIX
    qdrant_shards: Annotated[str, Field(validation_alias=cluster.SHARDS)] = "1"
    qdrant_replicas: Annotated[str, Field(validation_alias=cluster.REPLICAS)] = "1"
    archive_fields: Annotated[str, Field(validation_alias="JAWAB_FIELDS")] = ""
    watch: Annotated[bool, Field(validation_alias="JAWAB_WATCH")] = True
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], Field(validation_alias="JAWAB_LOG_LEVEL")
    ] = "INFO"
    log_format: Annotated[Literal["text", "json"], Field(validation_alias="JAWAB_LOG_FORMAT")] = (
        "text"
    )
    log_questions: Annotated[bool, Field(validation_alias="JAWAB_LOG_QUESTIONS")] = False
    metrics_port: Annotated[str | None, Field(validation_alias="JAWAB_METRICS_PORT")] = None
    state: Annotated[Path | None, Field(validation_alias="JAWAB_STATE")] = None
    allowed_users: Annotated[
        frozenset[int], NoDecode, Field(validation_alias="JAWAB_ALLOWED_USERS")
    ] = frozenset()
    allowed_chats: Annotated[
        frozenset[int], NoDecode, Field(validation_alias="JAWAB_ALLOWED_CHATS")
    ] = frozenset()
    administrators: Annotated[frozenset[int], NoDecode, Field(validation_alias="JAWAB_ADMINS")] = (
        frozenset()
    )
    questions_per_minute: Annotated[
        int, Field(validation_alias="JAWAB_QUESTIONS_PER_MINUTE", ge=0)
    ] = 20
    messages_per_second: Annotated[
        int, Field(validation_alias="JAWAB_MESSAGES_PER_SECOND", ge=0)
    ] = 30
    keep_questions: Annotated[bool, Field(validation_alias="JAWAB_KEEP_QUESTIONS")] = True
    upload_megabytes: Annotated[int, Field(validation_alias="JAWAB_UPLOAD_MB", ge=1)] = 20
    drop_pending_updates: Annotated[bool, Field(validation_alias="JAWAB_DROP_PENDING_UPDATES")] = (
        False
    )
    webhook_url: Annotated[str | None, Field(validation_alias="JAWAB_WEBHOOK_URL")] = None
    webhook_listen: Annotated[str, Field(validation_alias="JAWAB_WEBHOOK_LISTEN")] = (
        "127.0.0.1:8080"
    )
    webhook_path: Annotated[str | None, Field(validation_alias="JAWAB_WEBHOOK_PATH")] = None
    webhook_secret: Annotated[SecretStr | None, Field(validation_alias="JAWAB_WEBHOOK_SECRET")] = (
        None
    )
    telegram_api_url: Annotated[str, Field(validation_alias="JAWAB_TELEGRAM_API_URL")] = (
        "https://api.telegram.org"
    )

    def opening(self) -> Opening:
        """Return how the index is opened."""
        return Opening(
            self.docs,
            self.home,
            engine=self.engine,
            fields=self.archive_fields,
            lexicon=self.lexicon,
            morphology=self.morphology,
            cluster=self._cluster() if self.engine == QDRANT else None,
        )

    def _cluster(self) -> Cluster:
        return cluster.cluster_of(
            {
                cluster.URL: self.qdrant_url,
                cluster.API_KEY: self.qdrant_api_key.get_secret_value(),
                cluster.PREFIX: self.qdrant_prefix,
                cluster.SHARDS: self.qdrant_shards,
                cluster.REPLICAS: self.qdrant_replicas,
            }
        )

    def state_file(self) -> Path:
        """Return where the state of this bot is kept.

        That is not the cache, which may be emptied; but who gives a home has everything there.
        """
        if self.state is not None:
            return self.state
        from platformdirs import user_data_path  # noqa: PLC0415 - 50 ms that a set home saves

        folder = self.home or user_data_path("jawab", appauthor=False)
        bot = self.token.get_secret_value().partition(":")[0]
        return folder / f"bot-{bot}.sqlite"

    def secrets(self) -> tuple[str, ...]:
        """Return what must appear in no log."""
        key = self.qdrant_api_key.get_secret_value().strip()
        secrets = self.token.get_secret_value(), self.secret_of_webhook(), *([key] if key else ())
        addresses = self.qdrant_url, self.telegram_api_url, self.webhook_url or ""
        passwords = (one for address in addresses for one in passwords_in(address))
        return tuple(dict.fromkeys((*secrets, *passwords, *secrets_in())))

    def secret_of_webhook(self) -> str:
        """Return what Telegram must send along.

        Unless it is set, it is made from the token, so that it is the same after a restart and for
        every process of the same bot.
        """
        if self.webhook_secret:
            return self.webhook_secret.get_secret_value()
        token = self.token.get_secret_value().encode()
        return hmac.new(token, b"jawab webhook", hashlib.sha256).hexdigest()

    @field_validator("token")
    @classmethod
    def _token_is_well_formed(cls, token: SecretStr) -> SecretStr:
        stripped = token.get_secret_value().strip()
        if not _TOKEN.fullmatch(stripped):
            raise ValueError
        return SecretStr(stripped)

    @field_validator("allowed_users", "allowed_chats", "administrators", mode="before")
    @classmethod
    def _is_a_list(cls, numbers: object) -> object:
        if not isinstance(numbers, str):
            return numbers
        found = [number for number in _SEPARATOR.split(numbers) if number]
        # Without a number it would be a list that lets in everybody.
        return found or [numbers]

    @field_validator("webhook_url")
    @classmethod
    def _is_secure(cls, url: str | None) -> str | None:
        if url is None:
            return None
        url = url.strip()
        if not (_URL.fullmatch(url) and url.startswith("https://")):
            raise ValueError
        return url

    @field_validator("webhook_listen")
    @classmethod
    def _is_an_address(cls, address: str) -> str:
        host, colon, port = address.strip().rpartition(":")
        if not (host and colon and port.isdecimal() and 0 < int(port) < _PORTS):
            raise ValueError
        return address.strip()

    @field_validator("webhook_path")
    @classmethod
    def _is_a_path(cls, path: str | None) -> str | None:
        if path is not None and not _PATH.fullmatch(path.strip()):
            raise ValueError
        return path.strip() if path else None

    @field_validator("webhook_secret")
    @classmethod
    def _is_a_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not _SECRET.fullmatch(secret.get_secret_value()):
            raise ValueError
        return secret

    @field_validator("engine")
    @classmethod
    def _is_an_engine(cls, engine: str) -> str:
        return _or_malformed(checked_engine, engine)

    @field_validator("archive_fields")
    @classmethod
    def _are_fields(cls, fields: str) -> str:
        return _or_malformed(checked_fields, fields)

    @model_validator(mode="after")
    def _has_a_cluster(self) -> Self:
        try:
            self.opening()
        except JawabError as error:
            raise PydanticCustomError(_SAID, "{said}", {"said": str(error)}) from error
        return self

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, level: object) -> object:
        return level.strip().upper() if isinstance(level, str) else level

    @field_validator("log_format", mode="before")
    @classmethod
    def _any_case_too(cls, form: object) -> object:
        return form.strip().lower() if isinstance(form, str) else form

    @field_validator("metrics_port")
    @classmethod
    def _is_a_port(cls, port: str | None) -> str | None:
        """Return where the metrics are served: on this machine alone, unless an address is said."""
        if port is None:
            return None
        port = port.strip()
        return cls._is_an_address(port if ":" in port else f"{_HERE}:{port}")

    @field_validator("telegram_api_url")
    @classmethod
    def _is_a_root(cls, url: str) -> str:
        if not _URL.fullmatch(url.strip()):
            raise ValueError
        return url.strip().rstrip("/")


def _or_malformed(check: Callable[[str], str], value: str) -> str:
    try:
        return check(value)
    except OpeningError as error:
        raise PydanticCustomError(_SAID, "{said}", {"said": str(error)}) from error


_SAID = "said"  # the type of an error that says itself what to do
_WAYS_OUT = {
    "TELEGRAM_BOT_TOKEN": (
        "The Telegram bot token is malformed; copy it from @BotFather into TELEGRAM_BOT_TOKEN, "
        "like 123456789:AA…"
    ),
    "JAWAB_LOG_LEVEL": "JAWAB_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.",
    "JAWAB_LOG_FORMAT": "JAWAB_LOG_FORMAT must be text or json.",
    "JAWAB_LOG_QUESTIONS": "JAWAB_LOG_QUESTIONS must be 1 or 0.",
    "JAWAB_METRICS_PORT": (
        "JAWAB_METRICS_PORT must be a port of this machine, like 9464, or an address and a port, "
        "like 0.0.0.0:9464"
    ),
    "JAWAB_TELEGRAM_API_URL": (
        "JAWAB_TELEGRAM_API_URL must be the root of a Bot API server, like http://localhost:8081"
    ),
    "JAWAB_QUESTIONS_PER_MINUTE": (
        "JAWAB_QUESTIONS_PER_MINUTE must be a whole number, 0 for no limit."
    ),
    "JAWAB_MESSAGES_PER_SECOND": (
        "JAWAB_MESSAGES_PER_SECOND must be a whole number, 0 for no limit."
    ),
    "JAWAB_WATCH": "JAWAB_WATCH must be 1 or 0.",
    "JAWAB_KEEP_QUESTIONS": "JAWAB_KEEP_QUESTIONS must be 1 or 0.",
    "JAWAB_DROP_PENDING_UPDATES": "JAWAB_DROP_PENDING_UPDATES must be 1 or 0.",
    "JAWAB_UPLOAD_MB": "JAWAB_UPLOAD_MB must be a whole number of megabytes, 1 or more.",
    "JAWAB_WEBHOOK_URL": (
        "JAWAB_WEBHOOK_URL must be the address that Telegram is to call, like "
        "https://bot.example.org/jawab"
    ),
    "JAWAB_WEBHOOK_LISTEN": (
        "JAWAB_WEBHOOK_LISTEN must be an address and a port of this machine, like 127.0.0.1:8080"
    ),
    "JAWAB_WEBHOOK_PATH": "JAWAB_WEBHOOK_PATH must be a path such as /jawab",
    "JAWAB_WEBHOOK_SECRET": (
        "JAWAB_WEBHOOK_SECRET must be 1 to 256 of the characters A-Z, a-z, 0-9, _ and -"
    ),
}
_LISTS = ("JAWAB_ALLOWED_USERS", "JAWAB_ALLOWED_CHATS", "JAWAB_ADMINS")
_WAYS_OUT |= {
    name: f"{name} must be numbers of Telegram with commas between them, like 1234567,7654321"
    for name in _LISTS
}
_NOTHING_SET = (
    "There is no Telegram bot token; get one from @BotFather and set TELEGRAM_BOT_TOKEN, in the "
    "environment or in .env."
)
_NOBODYS = "0:none"  # well formed, and of no bot


def name_of(field: str) -> str:
    """Return the name in the environment of a field of the settings."""
    return str(Settings.model_fields[field].validation_alias)


def read_settings() -> Settings:
    """Read the settings.

    Raises:
        SettingsError: One is missing or malformed; its value is never in the message.
    """
    try:
        return Settings()  # type: ignore[call-arg]  # its fields come from the environment
    except ValidationError as error:
        raise SettingsError(_said(error)[0]) from None


def _said(error: ValidationError) -> list[str]:
    """Return what to do about each setting that is missing or malformed."""
    return [
        _NOTHING_SET
        if one["type"] == "missing"
        else one["msg"]
        if one["type"] == _SAID
        else _WAYS_OUT.get(name, f"{name} cannot be used as it is.")
        for one in error.errors()
        for name in [str((*one["loc"], "")[0])]
    ]


def every_problem() -> tuple[Settings | None, list[str]]:
    """Return the settings, where all but the token can be used, and what is wrong with each.

    That there is no token is no problem: only the bot itself needs one.
    """
    given = {} if has_token() else {name_of("token"): _NOBODYS}
    try:
        return Settings(**given), []  # type: ignore[arg-type]  # named as in the environment
    except ValidationError as error:
        return None, _said(error)


def has_token() -> bool:
    """Tell whether the token of a bot is set."""
    return bool(os.environ.get(name_of("token"), "").strip())
