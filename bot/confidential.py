"""What must be shown nowhere: which settings are secret, and the passwords in addresses."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from bot import cluster

SECRETS = ("TELEGRAM_BOT_TOKEN", "JAWAB_WEBHOOK_SECRET", cluster.API_KEY)
"""The settings that are secret as a whole."""

ADDRESSES = (
    cluster.URL,
    "JAWAB_TELEGRAM_API_URL",
    "JAWAB_WEBHOOK_URL",
    *(
        form(f"{scheme}_proxy")
        for scheme in ("http", "https", "all", "ws", "wss")
        for form in (str.lower, str.upper)
    ),
)
"""The settings, and the variables of proxies, that may have a password in them."""

_SHORTEST = 4  # characters of a password; a shorter one is part of every other line


def secrets_in(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return every secret that an environment holds."""
    named = (environment.get(name, "").strip() for name in SECRETS)
    addresses = (environment.get(name, "") for name in ADDRESSES)
    found = [*filter(None, named), *(one for url in addresses for one in passwords_in(url))]
    return tuple(dict.fromkeys(found))


def passwords_in(address: str) -> Iterator[str]:
    """Yield the password of an address, as it stands there and as it is meant.

    A name without a password may be a key, and is taken for one.
    """
    # Not urlsplit, which refuses some addresses, and what it refuses would be shown.
    authority = address.strip().partition("://")[2] or address.strip()
    before, at, _ = authority.partition("/")[0].rpartition("@")
    if not at:
        before, at, _ = authority.rpartition("@")  # a password with a slash, unquoted
    name, colon, password = before.partition(":")
    secret = password if colon else name
    for form in (secret, unquote(secret)):
        if len(form) >= _SHORTEST:
            yield form


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the settings that are secret, or may hold a password."""
    left_out = {*SECRETS, cluster.URL, "JAWAB_TELEGRAM_API_URL", "JAWAB_WEBHOOK_URL"}
    return {name: value for name, value in environment.items() if name not in left_out}
