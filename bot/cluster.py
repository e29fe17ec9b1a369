"""The search cluster, as the settings name it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from index import JawabError

if TYPE_CHECKING:
    from index.cluster.connection import Cluster

URL, API_KEY, PREFIX = "JAWAB_QDRANT_URL", "JAWAB_QDRANT_API_KEY", "JAWAB_QDRANT_PREFIX"
SHARDS, REPLICAS = "JAWAB_QDRANT_SHARDS", "JAWAB_QDRANT_REPLICAS"
DEFAULT_PREFIX = "jawab"

_MOST_DIGITS = 6
_PORTS = 65_536
_ADDRESS = re.compile(
    r"https?://(?:[^\s/?#@]*@)?(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(?::(?P<port>[0-9]{1,5}))?/?"
)


class ClusterSettingError(JawabError):
    """A setting of the search cluster cannot be used; ``str`` says which and what to do."""


def cluster_of(settings: Mapping[str, str] = os.environ) -> Cluster:
    """Return the search cluster that settings name.

    Args:
        settings: The environment, or what stands for it.

    Raises:
        ClusterSettingError: One is missing or malformed.
        ClusterError: The same.
    """
    from index.cluster.connection import Cluster  # noqa: PLC0415 - for those who use one

    url = settings.get(URL, "").strip()
    if not url:
        raise ClusterSettingError(
            f"The address of the search cluster is not set; set {URL}, "
            "in the environment or in .env, as in http://qdrant:6333."
        )
    cluster = Cluster(
        url.rstrip("/"),
        settings.get(API_KEY, "").strip() or None,
        settings.get(PREFIX, "").strip() or DEFAULT_PREFIX,
        _count(settings, SHARDS),
        _count(settings, REPLICAS),
    )
    found = _ADDRESS.fullmatch(url)
    if not cluster.is_local and (found is None or int(found["port"] or 1) >= _PORTS):
        raise ClusterSettingError(f"{URL} must be the address of Qdrant, as in http://qdrant:6333.")
    return cluster


def _count(settings: Mapping[str, str], name: str) -> int:
    given = settings.get(name, "").strip() or "1"
    if not (given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS and int(given)):
        raise ClusterSettingError(f"{name} must be a whole number, 1 or more.")
    return int(given)


def settings_of(cluster: Cluster) -> dict[str, str]:
    """Return the settings that name a cluster."""
    return {
        URL: cluster.url,
        API_KEY: cluster.api_key or "",
        PREFIX: cluster.prefix,
        SHARDS: f"{cluster.shards}",
        REPLICAS: f"{cluster.replicas}",
    }


def shown_address(cluster: Cluster) -> str:
    """Return the address of a cluster as it may be shown: without a name or password in it."""
    if cluster.is_local:
        return cluster.url
    parts = urlsplit(cluster.url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
