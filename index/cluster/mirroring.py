"""A local index brought into a cluster: all of it at first, and then only what has changed.

The local index is the truth. What the cluster holds is found out by asking it, and every request
can be repeated, so that a mirroring that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from index.cluster.connection import Connection, Sending, in_parts
from index.cluster.generation import Generation, existing, facts_in_force
from index.cluster.layout import DOCUMENTS, FACTS_POINT, ID, MARK, TERMS, VECTOR, Facts, Placed
from index.cluster.local import LocalIndex
from index.engines.pair import PASSAGES, SENTENCES

MOST_DRIFT = 0.1
"""How far, as a share, the mean length of sentences or passages may move before all is sent anew.

The vectors keep the mean length of the day when the generation was begun. At a tenth, a term that
stands once in a unit of average length weighs 2 % (sentences) or 4 % (passages) more or less than
it would, and much the same in all units, so that their order hardly moves.
"""

_SENDERS = 4
_BATCH_BYTES = 1_000_000  # of a request, about
_TERM_BYTES = 22  # of a dimension with its weight, as JSON
_POINT_BYTES = 200  # of the rest of a point
_DOCUMENTS_AT_ONCE = 250  # sent together; it is noted after each lot
_POINTS_AT_ONCE = 2_000  # without vectors

Progress = Callable[[int, int], None]
"""Called with the sentences that were sent, and those to send."""


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What a mirroring did.

    Attributes:
        generation: The generation that is in force now.
        rebuilt: Whether it is a new one.
        added: How many documents were sent; those that only moved do not count.
        removed: How many documents were removed.
    """

    generation: int
    rebuilt: bool
    added: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class _Target:
    """A generation with its facts, and the documents it has, each with its id and mark."""

    generation: Generation
    facts: Facts
    present: Mapping[int, tuple[str, str]]


def mirror(
    database: sqlite3.Connection, connection: Connection, progress: Progress = lambda *_: None
) -> Mirrored:
    """Bring a local index into a cluster. Readers go on meanwhile.

    One machine mirrors into a prefix, not two at a time.

    Args:
        database: The database of the index, as it stood when it was opened.
        connection: The cluster, with time enough for an answer (``MIRROR_SECONDS``).
        progress: Told how it goes.

    Raises:
        ClusterError: The cluster does not answer for minutes, or refuses.
    """
    local = LocalIndex(database)
    in_force = facts_in_force(connection)
    current = in_force.generation if in_force else 0
    target = _fitting(local, connection, current) or _begun(local, connection)
    generation = target.generation
    added = removed = 0
    if generation.number != current or _differs(local, target):
        sending = Sending(connection, _SENDERS)
        try:
            added, removed = _Change(local, target, sending, progress).make()
        finally:
            sending.close()
    if generation.number != current:
        generation.wait_until_indexed()
        generation.put_in_force()
    for other in existing(connection):
        if other.number != generation.number:
            other.drop()
    return Mirrored(generation.number, generation.number != current, added, removed)


def _fitting(local: LocalIndex, connection: Connection, current: int) -> _Target | None:
    """Return a generation that the local index can be made of by adding and removing.

    It is the one in force, or a later one whose building was interrupted.
    """
    documents = local.documents()
    for generation in reversed(existing(connection)):
        facts = generation.facts() if generation.number >= current else None
        if facts is None or facts.depends != local.depends or _drifted(local, facts):
            continue
        present = {
            int(record.id) - generation.base: (record.payload[ID], record.payload[MARK])
            for record in generation.scroll(DOCUMENTS, FACTS_POINT + 1, [ID, MARK])
        }
        # Numbers mean the same documents, unless the local index was made from nothing.
        if all(documents.get(number, name) == name for number, (name, _) in present.items()):
            return _Target(generation, facts, present)
    return None


def _drifted(local: LocalIndex, facts: Facts) -> bool:
    return any(
        abs(local.mean_length(kind) / facts.mean_length(kind) - 1) > MOST_DRIFT
        for kind in (SENTENCES, PASSAGES)
    )


def _begun(local: LocalIndex, connection: Connection) -> _Target:
    """Begin a new generation."""
    number = max((one.number for one in existing(connection)), default=0) + 1
    facts = Facts(number, local.depends, local.mean_length(SENTENCES), local.mean_length(PASSAGES))
    generation = Generation(connection, number)
    generation.create()
    generation.write_facts(facts)
    return _Target(generation, facts, {})


def _differs(local: LocalIndex, target: _Target) -> bool:
    """Tell whether the generation in force is not what the local index is."""
    facts = target.facts
    if facts.sizes != local.sizes or facts.next_document != local.next_document:
        return True
    numbers = list(local.documents())
    return list(target.present) != numbers or any(
        _moved(local, part, target.present) for part in in_parts(numbers, _DOCUMENTS_AT_ONCE)
    )


def _moved(
    local: LocalIndex, numbers: Sequence[int], present: Mapping[int, tuple[str, str]]
) -> dict[int, Placed]:
    """Return those of some documents of which something else is shown now, such as a path."""
    placed = local.placed(numbers)
    return {n: one for n, one in placed.items() if one.payload()[MARK] != present[n][1]}


class _Change:
    """Makes a generation what the local index is."""

    def __init__(
        self, local: LocalIndex, target: _Target, sending: Sending, progress: Progress
    ) -> None:
        self._local = local
        self._generation = target.generation
        self._facts = target.facts
        self._present = target.present
        self._sending = sending
        self._progress = progress

    def make(self) -> tuple[int, int]:
        """Add and remove; return how many documents.

        The facts speak of what was there before until all is done, so that an interruption is
        noticed.
        """
        local, facts = self._local, self._facts
        numbers = list(local.documents())
        new = [n for n in numbers if n >= facts.next_document or n not in self._present]
        self._add(new)
        for part in in_parts(sorted(set(numbers).difference(new)), _DOCUMENTS_AT_ONCE):
            self._send_documents(_moved(local, part, self._present))
        self._count_terms()
        gone = sorted(self._present.keys() - set(numbers))
        self._remove(gone)
        self._generation.write_facts(
            replace(
                facts,
                **local.sizes._asdict(),
                sentence_terms=local.vocabulary_size(SENTENCES),
                passage_terms=local.vocabulary_size(PASSAGES),
                next_document=local.next_document,
                changes=facts.changes + 1,
            ),
        )
        return len(new), len(gone)

    def _add(self, new: Sequence[int]) -> None:
        done, total = 0, self._local.sentence_count(new)
        facts = self._facts
        for part in in_parts(new, _DOCUMENTS_AT_ONCE):
            placed = self._local.placed(part)
            # What a sentence speaks of is there before it.
            self._send_documents(placed)
            self._send_units(PASSAGES, placed.values())
            self._sending.wait()
            self._send_units(SENTENCES, placed.values())
            self._sending.wait()
            facts = replace(facts, next_document=max(facts.next_document, part[-1] + 1))
            self._generation.write_facts(facts)
            done += sum(len(one.sentences) for one in placed.values())
            self._progress(done, total)

    def _send_documents(self, placed: Mapping[int, Placed]) -> None:
        base = self._generation.base
        self._send_payloads(DOCUMENTS, [(base + n, one.payload()) for n, one in placed.items()])

    def _send_payloads(self, kind: str, points: Sequence[tuple[int, dict[str, Any]]]) -> None:
        from qdrant_client import models  # noqa: PLC0415 - for those who use a cluster

        for part in in_parts(points, _POINTS_AT_ONCE):
            batch = [models.PointStruct(id=n, vector={}, payload=kept) for n, kept in part]
            self._sending.put(self._generation.upsert(kind, batch))

    def _send_units(self, kind: str, documents: Iterable[Placed]) -> None:
        """Send the passages or the sentences of some documents."""
        from qdrant_client import models  # noqa: PLC0415 - for those who use a cluster

        base, mean = self._generation.base, self._facts.mean_length(kind)
        batch: list[models.PointStruct] = []
        size = 0
        for document in documents:
            for unit in self._local.units(kind, document, mean):
                vector = models.SparseVector(indices=unit.dimensions, values=unit.weights)
                batch.append(
                    models.PointStruct(
                        id=base + unit.number, vector={VECTOR: vector}, payload=unit.payload
                    )
                )
                size += _POINT_BYTES + _TERM_BYTES * len(unit.weights) + 4 * len(unit.payload["t"])
                if size >= _BATCH_BYTES:
                    self._sending.put(self._generation.upsert(kind, batch))
                    batch, size = [], 0
        if batch:
            self._sending.put(self._generation.upsert(kind, batch))

    def _count_terms(self) -> None:
        """Bring the document frequencies up to date, by comparing all of them."""
        points, counts = self._local.frequencies()
        stale = np.ones(len(points), np.bool_)
        gone: list[int] = []
        for record in self._generation.scroll(TERMS, 0):
            place = int(np.searchsorted(points, np.uint64(record.id)))
            if place < len(points) and int(points[place]) == record.id:
                has = [record.payload[SENTENCES], record.payload[PASSAGES]]
                stale[place] = has != counts[place].tolist()
            else:
                gone.append(int(record.id))
        changed = np.flatnonzero(stale).tolist()
        for places in in_parts(changed, _POINTS_AT_ONCE):
            pairs = zip(points[places].tolist(), counts[places].tolist(), strict=True)
            self._send_payloads(
                TERMS, [(point, {SENTENCES: one, PASSAGES: two}) for point, (one, two) in pairs]
            )
        self._delete(TERMS, gone)
        self._sending.wait()

    def _remove(self, gone: Sequence[int]) -> None:
        """Remove documents, themselves last, so that an interrupted removal goes on."""
        base = self._generation.base
        for part in in_parts([base + number for number in gone], _DOCUMENTS_AT_ONCE):
            records = self._generation.fetch(DOCUMENTS, part)
            placed = [Placed.of(int(record.id), record.payload) for record in records]
            self._delete(SENTENCES, [n for one in placed for n in one.sentences])
            self._sending.wait()
            self._delete(PASSAGES, [n for one in placed for n in one.passages])
            self._sending.wait()
            self._delete(DOCUMENTS, part)
            self._sending.wait()

    def _delete(self, kind: str, numbers: Sequence[int]) -> None:
        for part in in_parts(numbers, _POINTS_AT_ONCE):
            self._sending.put(self._generation.delete(kind, part))
