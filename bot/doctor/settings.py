"""The settings: what is set and where, what is malformed, and what was probably meant."""

from __future__ import annotations

import os
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from bot.confidential import SECRETS
from bot.doctor.findings import Finding, ok, problem, warning
from bot.environment import ENV_FILE, EnvFileError, is_from_file, read_env_file
from bot.settings import Settings, every_problem, has_token, name_of

_OURS = "JAWAB_"
_TELEGRAMS = "TELEGRAM_"
_TOKEN = name_of("token")
_NAMES = frozenset(map(name_of, Settings.model_fields))
_LISTS = frozenset(map(name_of, ("allowed_users", "allowed_chats", "administrators")))
_ADDRESSES = frozenset(map(name_of, ("webhook_url", "telegram_api_url", "qdrant_url")))
_LONGEST = 200


def settings() -> tuple[Settings | None, list[Finding]]:
    """Return the settings, where all but the token can be used, and what is found of them."""
    read, problems = every_problem()
    return read, [*_file(), *_set(), *_unknown(), *(problem("settings", said) for said in problems)]


def _file() -> Iterator[Finding]:
    try:
        found = read_env_file()
    except EnvFileError as error:
        yield problem("settings", str(error))
        return
    if not ENV_FILE.is_file():
        yield ok(
            "settings", f"no {ENV_FILE} in {Path.cwd()}; those of the environment are in force"
        )
        return
    is_secret = any(found.get(name) for name in SECRETS)
    if is_secret and hasattr(os, "getuid") and ENV_FILE.stat().st_mode & 0o077:
        yield warning(
            "settings",
            f"others on this machine can read {ENV_FILE}, which holds secrets; `chmod 600` it",
        )
    for name in sorted(_NAMES & found.keys()):
        if found[name] and not is_from_file(name) and os.environ.get(name) != found[name]:
            yield warning(
                "settings",
                f"{name} of {ENV_FILE} is not in force: the environment has another, and goes "
                "first; unset one of the two",
            )


def _set() -> Iterator[Finding]:
    for name in sorted(_NAMES):
        value = os.environ.get(name, "")
        if value:
            where = f"{ENV_FILE}" if is_from_file(name) else "environment"
            yield ok("setting", f"{name} = {_shown(name, value)} ({where})")
    if not has_token():
        yield warning("token", f"none is set; `jawab bot` alone needs one, in {_TOKEN}")


def _shown(name: str, value: str) -> str:
    """Return the value of a setting without anything secret, and without who may use the bot."""
    if name in SECRETS:
        return "…"
    if name in _LISTS:
        count = len(value.replace(",", " ").split())
        return f"{count} number{'s' * (count != 1)}"
    if name in _ADDRESSES:
        return _shown_address(value)
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"


def _shown_address(address: str) -> str:
    """Return an address without a name and a password in it, and without its path."""
    try:
        parts = urlsplit(address.strip())
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "…"
    if not parts.hostname:
        return "…"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    rest = "/…" if parts.path.strip("/") or parts.query else ""
    return f"{parts.scheme}://{host}{port}{rest}"


def _unknown() -> Iterator[Finding]:
    """Tell of names that no setting has, and of the one that was probably meant."""
    try:
        in_file = {name for name in read_env_file() if name.upper().startswith((_OURS, _TELEGRAMS))}
    except EnvFileError:
        in_file = set()
    ours = {name for name in os.environ if name.upper().startswith(_OURS)}
    for name in sorted((in_file | ours) - _NAMES):
        meant = get_close_matches(name.upper(), sorted(_NAMES), 1)
        hint = f"; did you mean {meant[0]}?" if meant else ""
        yield warning("settings", f"{name} is no setting of Jawab{hint}")
