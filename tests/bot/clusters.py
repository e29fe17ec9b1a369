"""What tests of the cluster share: a server, and documents that are brought into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index import Index
from index.cluster.connection import MIRROR_SECONDS, Cluster, Connection
from index.cluster.mirroring import mirror
from tests.index.qdrant_server import QdrantServer

KEY = "a-key-of-the-cluster"


@pytest.fixture
def cluster_server() -> Iterator[QdrantServer]:
    """A Qdrant server that asks for ``KEY``."""
    running = QdrantServer()
    running.api_key = KEY
    yield running
    running.close()


def cluster_settings(server: QdrantServer) -> dict[str, str]:
    """Return the settings of whoever asks a server."""
    return {
        "JAWAB_ENGINE": "qdrant",
        "JAWAB_QDRANT_URL": server.url,
        "JAWAB_QDRANT_API_KEY": KEY,
    }


def bring(documents: Path, home: Path, server: QdrantServer) -> None:
    """Bring a folder into a server, as the machine does that builds."""
    with (
        closing(Index.open(documents, home)) as index,
        closing(Connection(Cluster(server.url, KEY), MIRROR_SECONDS)) as connection,
    ):
        mirror(index.connection, connection)
