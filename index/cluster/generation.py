"""One generation of a collection in a cluster, as the machine that builds handles it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from index.cluster.connection import Call, Connection, wait_until
from index.cluster.layout import (
    DOCUMENTS,
    FACTS_POINT,
    ID,
    KINDS,
    PARAMETERS,
    PATHS,
    VECTOR,
    Facts,
    alias_of,
    base_of,
    collection_of,
    generations,
)

if TYPE_CHECKING:
    from qdrant_client import QdrantClient, models

_PAGE = 5_000
_GREEN_SECONDS, _GREEN_PAUSE = 12 * 3600.0, 1.0


def read_facts(client: QdrantClient, name: str) -> Facts | None:
    """Return the facts that stand among some documents, or None where there are none."""
    found = client.retrieve(name, [FACTS_POINT])
    return Facts(**(found[0].payload or {})) if found else None


def facts_in_force(connection: Connection) -> Facts | None:
    """Return the facts of the generation in force, or None where there is none.

    Raises:
        ClusterError: The cluster cannot be asked.
    """
    name = alias_of(connection.cluster.prefix, DOCUMENTS)

    def look(client: QdrantClient) -> Facts | None:
        aliases = client.get_aliases().aliases
        return read_facts(client, name) if name in {one.alias_name for one in aliases} else None

    found: Facts | None = connection.ask(look)[0]
    return found


def existing(connection: Connection) -> list[Generation]:
    """Return the generations that there are, or parts of them, rising."""

    def names(client: QdrantClient) -> list[str]:
        return [one.name for one in client.get_collections().collections]

    found = generations(connection.cluster.prefix, connection.send(names))
    return [Generation(connection, number) for number in found]


class Generation:
    """The collections of one generation.

    Attributes:
        number: Its number.
        base: What the numbers of its points are raised by.
    """

    def __init__(self, connection: Connection, number: int) -> None:
        self._connection = connection
        self.number = number
        self.base = base_of(number)

    def name(self, kind: str) -> str:
        """Return the name of one of its collections."""
        return collection_of(self._connection.cluster.prefix, self.number, kind)

    def create(self) -> None:
        """Make its collections."""
        for kind in KINDS:
            self._connection.send(self._creation(kind))
        if not self._connection.cluster.is_local:
            for field in (ID, PATHS):
                self._connection.send(self._payload_index(field))

    def _creation(self, kind: str) -> Call[None]:
        from qdrant_client import models  # noqa: PLC0415 - for those who use a cluster

        name, cluster = self.name(kind), self._connection.cluster
        vectors = {
            VECTOR: models.SparseVectorParams(
                # What is asked often is in memory all the same, as long as there is room.
                index=models.SparseIndexParams(on_disk=True),
                modifier=models.Modifier.IDF,
            )
        }

        def create(client: QdrantClient) -> None:
            if not client.collection_exists(name):
                client.create_collection(
                    name,
                    vectors_config={},
                    sparse_vectors_config=vectors if kind in PARAMETERS else None,
                    shard_number=cluster.shards,
                    replication_factor=cluster.replicas,
                    on_disk_payload=True,
                )

        return create

    def _payload_index(self, field: str) -> Call[object]:
        from qdrant_client import models  # noqa: PLC0415 - for those who use a cluster

        schema = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, on_disk=True)
        return lambda client: client.create_payload_index(self.name(DOCUMENTS), field, schema)

    def drop(self) -> None:
        """Remove its collections."""
        for kind in KINDS:
            self._connection.send(self._dropping(kind))

    def _dropping(self, kind: str) -> Call[bool]:
        return lambda client: client.delete_collection(self.name(kind))

    def facts(self) -> Facts | None:
        """Return its facts, or None where it has none."""
        name = self.name(DOCUMENTS)

        def read(client: QdrantClient) -> Facts | None:
            return read_facts(client, name) if client.collection_exists(name) else None

        found: Facts | None = self._connection.send(read)
        return found

    def write_facts(self, facts: Facts) -> None:
        """Note its facts."""
        from qdrant_client import models  # noqa: PLC0415 - for those who use a cluster

        point = models.PointStruct(id=FACTS_POINT, vector={}, payload=facts.payload())
        self._connection.send(self.upsert(DOCUMENTS, [point]))

    def scroll(self, kind: str, start: int, fields: list[str] | None = None) -> Iterator[Any]:
        """Yield the points from a number on, with some of what is kept of them or all of it."""
        following: Any = start
        while following is not None:
            records, following = self._connection.send(self._page(kind, following, fields))
            yield from records

    def _page(self, kind: str, start: Any, fields: list[str] | None) -> Call[tuple[list[Any], Any]]:
        name, wanted = self.name(kind), fields or True
        return lambda client: client.scroll(name, limit=_PAGE, offset=start, with_payload=wanted)

    def fetch(self, kind: str, numbers: Sequence[int]) -> list[Any]:
        """Return points by their numbers, those that there are."""
        name, asked = self.name(kind), list(numbers)
        found: list[Any] = self._connection.send(lambda client: client.retrieve(name, asked))
        return found

    def upsert(self, kind: str, points: Sequence[models.PointStruct]) -> Call[object]:
        """Return the request that puts points there."""
        name, batch = self.name(kind), list(points)
        # Waited for, so that a cluster that falls behind slows down who sends, and so that a full
        # disk is heard of.
        return lambda client: client.upsert(name, batch, wait=True)

    def delete(self, kind: str, numbers: Sequence[int]) -> Call[object]:
        """Return the request that removes points."""
        name = self.name(kind)
        ids: Any = list(numbers)
        return lambda client: client.delete(name, ids, wait=True)

    def wait_until_indexed(self) -> None:
        """Wait for the cluster's optimizers: what they have not seen yet is searched slowly."""
        for kind in KINDS:
            wait_until(self._is_green(self.name(kind)), _GREEN_PAUSE, _GREEN_SECONDS)

    def _is_green(self, name: str) -> Any:
        from qdrant_client import models  # noqa: PLC0415 - for those who use a cluster

        def is_green() -> bool:
            info = self._connection.send(lambda client: client.get_collection(name))
            return bool(info.status == models.CollectionStatus.GREEN)

        return is_green

    def put_in_force(self) -> None:
        """Have all aliases name it, at once."""
        from qdrant_client import models  # noqa: PLC0415 - for those who use a cluster

        prefix = self._connection.cluster.prefix
        names = {kind: alias_of(prefix, kind) for kind in KINDS}
        creations = [
            models.CreateAliasOperation(
                create_alias=models.CreateAlias(collection_name=self.name(kind), alias_name=name)
            )
            for kind, name in names.items()
        ]

        def switch(client: QdrantClient) -> bool:
            there = {one.alias_name for one in client.get_aliases().aliases}
            deletions = [
                models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=name))
                for name in names.values()
                if name in there
            ]
            return client.update_collection_aliases([*deletions, *creations])

        self._connection.send(switch)
