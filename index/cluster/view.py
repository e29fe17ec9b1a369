"""What a bot sees of a collection in a cluster: one generation, until the next is in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from index.cluster.connection import Call, Connection
from index.cluster.generation import facts_in_force, read_facts
from index.cluster.layout import DOCUMENTS, TERMS, Facts, Placed, alias_of, collection_of
from index.cluster.vectors import term_point
from index.engines.pair import PASSAGES, SENTENCES
from index.errors import ClusterError

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

_MOST_FREQUENCIES, _MOST_DOCUMENTS = 50_000, 20_000

V = TypeVar("V")


class NotMirroredError(ClusterError):
    """The cluster holds no collection of this name."""

    def __init__(self, prefix: str) -> None:
        super().__init__(
            f"The search cluster holds no documents under the name {prefix}; "
            "fill it with `jawab mirror`, or set JAWAB_QDRANT_PREFIX."
        )


class Kept(Generic[V]):
    """Remembers what was fetched, and forgets all of it when it is too much."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[Any, V] = {}

    def among(self, keys: Iterable[Any]) -> dict[Any, V]:
        """Return those of some that are remembered."""
        values = self._values
        return {key: values[key] for key in keys if key in values}

    def add(self, more: Mapping[Any, V]) -> None:
        """Remember more."""
        if len(self._values) + len(more) > self._most:
            self._values = {}  # not cleared: another thread may be reading it
        self._values.update(more)


@dataclass(frozen=True, slots=True)
class Opened:
    """A generation as it was last seen, with what is remembered until it changes.

    Attributes:
        facts: Its facts.
        frequencies: In how many sentences and passages terms stand.
        documents: Documents by number; they may be moved.
    """

    facts: Facts
    frequencies: Kept[tuple[int, int]] = field(default_factory=lambda: Kept(_MOST_FREQUENCIES))
    documents: Kept[Placed] = field(default_factory=lambda: Kept(_MOST_DOCUMENTS))


class View:
    """Follows the generation in force.

    Attributes:
        connection: The cluster.
        now: The generation as it was last seen.
    """

    def __init__(self, connection: Connection) -> None:
        """Look for the first time.

        Raises:
            ClusterError: The cluster does not answer, or holds nothing of this name.
        """
        self.connection = connection
        self.now = self._look()

    def _look(self) -> Opened:
        facts = facts_in_force(self.connection)
        if facts is None:
            raise NotMirroredError(self.connection.cluster.prefix)
        return Opened(facts)

    @property
    def generation(self) -> int:
        """The number of the generation."""
        return self.now.facts.generation

    def name(self, kind: str, generation: int | None = None) -> str:
        """Return the name of one of the collections of a generation, this one if none is given."""
        number = self.generation if generation is None else generation
        return collection_of(self.connection.cluster.prefix, number, kind)

    def refresh(self) -> None:
        """Look again.

        Raises:
            ClusterError: The cluster does not answer, or holds nothing of this name any more.
        """
        self.note(self._look().facts)

    def look(self) -> Call[Facts | None]:
        """Return the request for the facts of the generation in force."""
        name = alias_of(self.connection.cluster.prefix, DOCUMENTS)
        return lambda client: read_facts(client, name)

    def note(self, facts: Facts | None) -> bool:
        """Take in the facts that were seen; tell whether the generation is still the same."""
        if facts is None or facts == self.now.facts:
            return True
        same = facts.generation == self.now.facts.generation
        if facts.changes != self.now.facts.changes or not same:
            self.now = Opened(facts)
        return same

    def frequencies(self, terms: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Return in how many sentences and in how many passages terms stand."""
        opened = self.now
        missing = self.unknown(terms)
        if missing:
            [found] = self.connection.ask(self.look_up(missing))
            opened.frequencies.add(found)
        return opened.frequencies.among(terms) | (found if missing else {})

    def unknown(self, terms: Iterable[str]) -> list[str]:
        """Return those of some terms whose frequencies are not remembered."""
        wanted = list(dict.fromkeys(terms))
        known = self.now.frequencies.among(wanted)
        return [term for term in wanted if term not in known]

    def look_up(self, terms: Sequence[str]) -> Call[dict[str, tuple[int, int]]]:
        """Return the request for the frequencies of terms."""
        name = self.name(TERMS)
        points = {term_point(term): term for term in terms}

        def fetch(client: QdrantClient) -> dict[str, tuple[int, int]]:
            found = dict.fromkeys(terms, (0, 0))
            for record in client.retrieve(name, list(points)):
                payload = record.payload or {}
                found[points[int(record.id)]] = payload[SENTENCES], payload[PASSAGES]
            return found

        return fetch
