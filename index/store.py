"""The index on disk: open, build, bring up to date, swap.

Under the home folder every documents folder has a folder of its own, named after its path::

    <home>/<documents>/current.json  which index is in force
    <home>/<documents>/<key>/        an index: index.db, tantivy's folders, seal.json
    <home>/<documents>/building/     one that is being built, or was when it was interrupted
    <home>/<documents>/lock.db       held by who writes

A small index is never written to: a change makes a new one of it in ``building/``, which is sealed,
renamed and put in force by replacing ``current.json``. A small change of a large one is a single
transaction in its database. So a crash at any moment leaves the index as it was, or as it is after.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from index.building import Changes, Outcome, Progress, Writer
from index.copying import copy_index
from index.database import (
    FILE_NAME,
    checkpoint,
    complete,
    connect,
    connect_writing,
    is_whole,
    read_facts,
    read_files,
    read_skipped,
    write_facts,
)
from index.depends import depends_on
from index.documents import SUFFIXES, Fields
from index.engines.pair import (
    AUTO,
    RANK_BM25,
    engine_for,
)
from index.errors import DamagedIndexError, NoDocumentsError, StoreError
from index.lexicon import Lexicon
from index.listing import Change, Listed, compare, list_documents
from index.locking import locked
from index.morphology import Morphology
from index.opened import Index, open_folder, state_of
from index.reading import Reader
from index.sealing import seal
from index.stored_collection import StoredCollection

CHANGED = "The documents have changed; their index is brought up to date."
"""What is told of an index that is made anew from the one before."""

_CURRENT = "current.json"
_LOCK = "lock.db"
_BUILDING = "building"
_DOOMED = "doomed-"
_SEALED_BYTES = 64 << 20  # of the database; a larger one is changed in place, unsealed
_SMALL_CHANGE_BYTES = 16 << 20  # to read, for a change that is made in place
_MOST_NAMED = 3  # files that an error about all of them names
_TRIES = 5
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

Notify = Callable[[str], None]


def default_home() -> Path:
    """Return where indexes are kept unless JAWAB_HOME says otherwise: the user's cache folder."""
    from platformdirs import user_cache_path  # noqa: PLC0415 - 50 ms that a set home saves

    return user_cache_path("jawab", appauthor=False)


def open_index(
    documents: Path,
    home: Path | None = None,
    *,
    engine: str = AUTO,
    fields: Fields | None = None,
    lexicon: Path | None = None,
    morphology: str | None = None,
    notify: Notify = lambda _: None,
    progress: Progress = lambda *_: None,
    as_it_is: bool = False,
) -> Index:
    """Open the index of a documents folder, building it where it is missing or out of date.

    Args:
        documents: A folder of documents or a single one.
        home: The folder that indexes are kept in; ``default_home()`` if none is given.
        engine: The BM25 engine, one of ``index.building.ENGINES``.
        fields: The names of the fields of archives.
        lexicon: The user's own lexicon, beside the built-in one.
        morphology: A camel-tools database, by name or path, for lemmas and roots beside stems.
        notify: Told in one line of each file that was left out and of an index built anew.
        progress: Told how the building goes.
        as_it_is: Whether the index in force will do, where there is one, whatever the documents
            look like now.

    Raises:
        DocumentsError: There is nothing to read at ``documents``.
        LexiconError: The user's lexicon cannot be used.
        MorphologyError: The database cannot be used.
        StoreError: The index cannot be written.
    """
    home = default_home() if home is None else home
    opened = Morphology.open(morphology) if morphology else None
    store = _Store(
        home=home,
        documents=documents,
        engine=engine,
        reader=Reader(fields or Fields(), morphology),
        lexicon=Lexicon.load(lexicon),
        morphology=opened,
        notify=notify,
        progress=progress,
    )
    return store.open(as_it_is=as_it_is)


@dataclass(frozen=True, slots=True)
class _Current:
    """What ``current.json`` says: the index in force, and whether it is never written to."""

    key: str
    depends: list[Any]
    sealed: bool


class _Store:
    """The folder of one documents folder under the home."""

    def __init__(
        self,
        *,
        home: Path,
        documents: Path,
        engine: str,
        reader: Reader,
        lexicon: Lexicon,
        morphology: Morphology | None,
        notify: Notify,
        progress: Progress,
    ) -> None:
        self._home = home
        self._documents = documents
        self._engine = engine
        self._reader = reader
        self._lexicon = lexicon
        self._morphology = morphology
        self._notify = notify
        self._progress = progress
        self._depends = depends_on(reader, morphology)
        # The index that was last looked at, how often it was written to, and what it lacks.
        self._seen: tuple[str, str, Change] | None = None
        name = str(documents.resolve()).encode("utf-8", "surrogatepass")
        self._folder = home / hashlib.sha256(name).hexdigest()[:16]

    def open(self, *, as_it_is: bool) -> Index:
        """Open the index, bringing it up to date first where that is needed."""
        index = self._open_current(None) if as_it_is else None
        if index is not None:
            return index
        listed = list_documents(self._documents)
        if not listed:
            raise NoDocumentsError(self._documents, SUFFIXES, ())
        index = self._open_current(listed)
        if index is not None:
            return index
        with self._writing(), locked(self._folder / _LOCK, self._notify):
            if self._seen is None or self._state() != self._seen[:2]:
                # Another process may have brought it up to date meanwhile.
                index = self._open_current(listed)
                if index is not None:
                    return index
            outcome = self._update(listed)
            for one in outcome.skipped:
                self._notify(f"{one.path} is left out: {one.reason}.")
            current = self._current()
            if current is None:
                raise StoreError(self._home, "what was written is gone")
            return self._open(current, outcome.changes)

    def _current(self) -> _Current | None:
        """Return what is in force, or None where that cannot be used."""
        try:
            read = json.loads((self._folder / _CURRENT).read_text("ascii"))
            return _Current(str(read["key"]), list(read["depends"]), bool(read["sealed"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _open_current(self, listed: Sequence[Listed] | None) -> Index | None:
        """Open the index in force where it fits the settings, and the documents if they matter."""
        for _ in range(_TRIES):
            current = self._current()
            if current is None or current.depends != self._depends:
                return None
            try:
                index = self._open(current)
            except DamagedIndexError:
                if self._current() != current:
                    continue  # it was replaced meanwhile
                return None
            if listed is None or self._fits(index, listed):
                return index
            index.close()
            return None
        return None

    def _fits(self, index: Index, listed: Sequence[Listed]) -> bool:
        try:
            change = compare(listed, read_files(index.connection))
        except sqlite3.DatabaseError:  # damage; who writes sees to it
            return False
        self._seen = (index.folder.name, read_facts(index.connection)["changes"], change)
        has_documents = bool(index.collection.sizes.documents)
        return has_documents and not change and not self._engine_changes(index.connection)

    def _state(self) -> tuple[str, str] | None:
        """Return which index is in force and how often it was written to, or None."""
        current = self._current()
        if current is None:
            return None
        try:
            file = self._folder / current.key / FILE_NAME
            with closing(connect(file, sealed=current.sealed)) as connection:
                return current.key, read_facts(connection)["changes"]
        except (DamagedIndexError, sqlite3.Error, KeyError):
            return None

    def _engine_changes(self, connection: sqlite3.Connection) -> bool:
        facts = read_facts(connection)
        has = facts["engine"]
        wanted = engine_for(self._engine, has, int(facts["sentences"]))
        # rank-bm25 can be had of every index.
        return wanted not in {has, RANK_BM25}

    def _open(self, current: _Current, changes: Changes | None = None) -> Index:
        return open_folder(
            self._folder / current.key,
            sealed=current.sealed,
            wanted=self._engine,
            lexicon=self._lexicon,
            morphology=self._morphology,
            changes=changes,
        )

    # Changes; the lock is held.

    def _update(self, listed: Sequence[Listed]) -> Outcome:
        """Bring the index up to date, or build it."""
        base = self._base()
        try:
            return self._update_from(base, listed)
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGE:
                raise
            self._drop(base)
            return self._build(None, listed)

    def _update_from(self, base: _Current | None, listed: Sequence[Listed]) -> Outcome:
        if base is not None and not base.sealed:
            folder = self._folder / base.key
            with closing(connect_writing(folder / FILE_NAME)) as connection:
                state = base.key, read_facts(connection)["changes"]
                if self._seen is not None and self._seen[:2] == state:
                    change = self._seen[2]
                else:
                    change = compare(listed, read_files(connection))
                if change.size <= _SMALL_CHANGE_BYTES and not self._engine_changes(connection):
                    since = state_of(folder, connection)
                    outcome = self._write(folder, connection, change, since, in_parts=False)
                    self._check_documents(connection)
                    checkpoint(connection)
                    self._sweep(base.key)
                    return outcome
        return self._build(base, listed)

    def _base(self) -> _Current | None:
        """Return the index in force where a new one can be made from it."""
        current = self._current()
        if current is None:
            return None
        if current.depends != self._depends:
            self._notify("The index was built by another version of Jawab; it is built anew.")
            return None
        try:
            self._open(current).close()
        except DamagedIndexError:
            self._drop(current)
            return None
        return current

    def _drop(self, damaged: _Current | None) -> None:
        """Remove a damaged index, with what may have been made from it."""
        self._notify("The index is damaged; it is built anew.")
        _remove(self._folder / _BUILDING)
        if damaged is not None:
            _remove(self._folder / damaged.key)

    def _build(self, base: _Current | None, listed: Sequence[Listed]) -> Outcome:
        """Make a new index, from the one in force where there is one, and put it in force."""
        building = self._folder / _BUILDING
        since = ""
        if base is not None:
            folder = self._folder / base.key
            with closing(connect(folder / FILE_NAME, sealed=base.sealed)) as connection:
                since = state_of(folder, connection)
        if not self._goes_on(building):
            _remove(building)
            if base is None:
                building.mkdir()
            else:
                copy_index(self._folder / base.key, building)
        with closing(connect_writing(building / FILE_NAME, in_parts=True)) as connection:
            write_facts(connection, {"depends": json.dumps(self._depends)})
            change = compare(listed, read_files(connection))
            outcome = self._write(building, connection, change, since, in_parts=True)
            self._check_documents(connection)
            sealed = (building / FILE_NAME).stat().st_size <= _SEALED_BYTES
            complete(connection, sealed=sealed)
        if sealed:
            seal(building)
        key = secrets.token_hex(12)
        building.rename(self._folder / key)
        self._put_in_force(_Current(key, self._depends, sealed))
        if base is not None and outcome.changes:
            self._notify(CHANGED)
        return outcome

    def _goes_on(self, building: Path) -> bool:
        """Tell whether an interrupted building can be gone on with."""
        if not (building / FILE_NAME).is_file():
            return False
        try:
            with closing(connect_writing(building / FILE_NAME, in_parts=True)) as connection:
                depends = json.loads(read_facts(connection)["depends"])
                return bool(depends == self._depends) and is_whole(connection)
        except (sqlite3.Error, KeyError, ValueError):
            return False

    def _write(
        self,
        folder: Path,
        connection: sqlite3.Connection,
        change: Change,
        since: str,
        *,
        in_parts: bool,
    ) -> Outcome:
        writer = Writer(folder, connection, self._engine, in_parts=in_parts)
        outcome = writer.update(change, self._reader, self._progress)
        return replace(outcome, changes=replace(outcome.changes, since=since))

    def _check_documents(self, connection: sqlite3.Connection) -> None:
        if not StoredCollection(connection).sizes.documents:
            skipped = read_skipped(connection)[:_MOST_NAMED]
            left_out = tuple(f"{path} is left out: {reason}" for path, reason in skipped)
            raise NoDocumentsError(self._documents, SUFFIXES, left_out)

    def _put_in_force(self, current: _Current) -> None:
        written = self._folder / f"{_CURRENT}-{secrets.token_hex(4)}"
        try:
            written.write_text(json.dumps(asdict(current)), "ascii")
            written.replace(self._folder / _CURRENT)
        finally:
            written.unlink(missing_ok=True)
        self._sweep(current.key)

    def _sweep(self, key: str) -> None:
        """Remove the indexes that are no longer in force, and what a crash left behind."""
        for path in self._folder.iterdir():
            if path.name in {key, _CURRENT} or path.name.startswith(_LOCK):
                continue
            if path.is_dir():
                _remove(path)
            else:
                path.unlink(missing_ok=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            yield
        except OSError as error:
            raise StoreError(self._home, error.strerror or str(error)) from error
        except sqlite3.Error as error:
            raise StoreError(self._home, str(error)) from error


def _remove(folder: Path) -> None:
    """Remove an index's folder so that a crash amid it leaves nothing that looks like an index."""
    doomed = folder.with_name(f"{_DOOMED}{secrets.token_hex(4)}")
    with suppress(OSError):
        folder.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
