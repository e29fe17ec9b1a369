"""The index on disk: open, build, bring up to date, swap.

Under the home folder every documents folder has a folder of its own, named after its path::

    <home>/<documents>/current.json  which index is in force
    <home>/<documents>/<key>/        an index: index.db, tantivy's folders, seal.json or sums.json
    <home>/<documents>/building/     one that is being built, or was when it was interrupted
    <home>/<documents>/lock.db       held by who writes

A small index is never written to: a change makes a new one of it in ``building/``, which is sealed,
renamed and put in force by replacing ``current.json``. A small change of a large one is a single
transaction in its database. So a crash at any moment leaves the index as it was, or as it is after;
what else it leaves is swept by the next who opens the index and need not wait for that.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from index.building import Changes, Outcome, Progress, Writer
from index.checksums import changing, check_sums, has_sums, note_sums, pages_in_log, renew
from index.copying import copy_index
from index.current import (
    BUILDING,
    CURRENT,
    LOCK,
    Current,
    default_home,
    index_folder,
    leftovers,
    put_in_force,
    read_current,
    remove,
    sweep,
)
from index.database import (
    FILE_NAME,
    checkpoint,
    complete,
    connect,
    connect_writing,
    is_damage,
    is_in_use,
    is_whole,
    read_facts,
    read_files,
    read_skipped,
    write_facts,
)
from index.depends import depends_on
from index.documents import SUFFIXES, Fields
from index.durable import sync_tree
from index.engines.pair import AUTO, RANK_BM25, engine_for
from index.errors import DamagedIndexError, NoDocumentsError, StoreError
from index.lexicon import Lexicon
from index.listing import Change, Listed, compare, list_documents
from index.locking import locked, locked_at_once
from index.morphology import Morphology
from index.opened import OpenIndex, open_folder, state_of
from index.reading import Reader
from index.sealing import seal
from index.stored_collection import StoredCollection

CHANGED = "The documents have changed; their index is brought up to date."
"""What is told of an index that is made anew from the one before."""

_SEALED_BYTES = 64 << 20  # of the database; a larger one is changed in place, unsealed
_SMALL_CHANGE_BYTES = 16 << 20  # to read, for a change that is made in place
_MOST_NAMED = 3  # files that an error about all of them names
_TRIES = 5

Notify = Callable[[str], None]


def open_stored(
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
) -> OpenIndex:
    """Open the index of a documents folder, building it where it is missing or out of date.

    Args:
        documents: A folder of documents or a single one.
        home: The folder that indexes are kept in; ``default_home()`` if none is given.
        engine: The BM25 engine, one of ``index.engines.pair.ENGINES``.
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
        WorkerError: A process that was reading documents was ended.
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
        self._folder = index_folder(documents, home)

    def open(self, *, as_it_is: bool) -> OpenIndex:
        """Open the index, bringing it up to date first where that is needed."""
        with self._reported():
            index = self._open_current(None) if as_it_is else None
            return index or self._open_up_to_date()

    def _open_up_to_date(self) -> OpenIndex:
        listed = list_documents(self._documents)
        if not listed:
            raise NoDocumentsError(self._documents, SUFFIXES, ())
        index = self._open_current(listed)
        if index is not None:
            return index
        self._folder.mkdir(parents=True, exist_ok=True)
        with locked(self._folder / LOCK, self._notify):
            if self._seen is None or self._state() != self._seen[:2]:
                # Another process may have brought it up to date meanwhile.
                index = self._open_current(listed)
                if index is not None:
                    return index
            outcome = self._update(listed)
            for one in outcome.skipped:
                self._notify(f"{one.path} is left out: {one.reason}.")
            current = read_current(self._folder)
            if current is None:
                raise StoreError(self._home, "what was written is gone")
            return self._open(current, outcome.changes)

    def _open_current(self, listed: Sequence[Listed] | None) -> OpenIndex | None:
        """Open the index in force where it fits the settings, and the documents if they matter."""
        for _ in range(_TRIES):
            current = read_current(self._folder)
            if current is None or current.depends != self._depends:
                return None
            try:
                index = self._open(current)
            except DamagedIndexError:
                if read_current(self._folder) != current:
                    continue  # it was replaced meanwhile
                return None
            if listed is None or self._fits(index, listed):
                self._tidy(current, building=listed is not None)
                return index
            index.close()
            return None
        return None

    def _tidy(self, current: Current, *, building: bool) -> None:
        """Remove what a crash left behind, where there is anything and nobody is writing."""
        folder = self._folder / current.key
        with suppress(OSError):  # the next one will
            is_noted = current.sealed or has_sums(folder)
            if is_noted and not leftovers(self._folder, current.key, building=building):
                return
            with locked_at_once(self._folder / LOCK) as held:
                if held and read_current(self._folder) == current:
                    sweep(self._folder, current.key, building=building)
                    if not current.sealed and not has_sums(folder):
                        note_sums(folder)

    def _fits(self, index: OpenIndex, listed: Sequence[Listed]) -> bool:
        try:
            change = compare(listed, read_files(index.connection))
        except sqlite3.DatabaseError:  # damage; who writes sees to it
            return False
        self._seen = (index.folder.name, read_facts(index.connection)["changes"], change)
        has_documents = bool(index.collection.sizes.documents)
        return has_documents and not change and not self._engine_changes(index.connection)

    def _state(self) -> tuple[str, str] | None:
        """Return which index is in force and how often it was written to, or None."""
        current = read_current(self._folder)
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

    def _open(self, current: Current, changes: Changes | None = None) -> OpenIndex:
        folder = self._folder / current.key
        checked = None if current.sealed else check_sums(folder)
        index = open_folder(
            folder,
            sealed=current.sealed,
            wanted=self._engine,
            lexicon=self._lexicon,
            morphology=self._morphology,
            changes=changes,
        )
        if checked is not None:
            with suppress(OSError), locked_at_once(self._folder / LOCK) as held:
                if held:
                    renew(folder, checked)
        return index

    # Changes; the lock is held.

    def _update(self, listed: Sequence[Listed]) -> Outcome:
        """Bring the index up to date, or build it."""
        base = self._base()
        try:
            return self._update_from(base, listed)
        except (sqlite3.DatabaseError, DamagedIndexError) as error:
            if isinstance(error, sqlite3.Error) and not is_damage(error):
                raise
            self._tell_of_damage()
            return self._build(None, listed)

    def _update_from(self, base: Current | None, listed: Sequence[Listed]) -> Outcome:
        if base is not None and not base.sealed:
            change = self._small_change(base, listed)
            if change is not None:
                return self._change_in_place(base, change)
        return self._build(base, listed)

    def _small_change(self, base: Current, listed: Sequence[Listed]) -> Change | None:
        """Return what has changed, where an index is changed in place for that."""
        with closing(connect(self._folder / base.key / FILE_NAME, sealed=False)) as connection:
            state = base.key, read_facts(connection)["changes"]
            if self._seen is not None and self._seen[:2] == state:
                change = self._seen[2]
            else:
                change = compare(listed, read_files(connection))
            is_small = change.size <= _SMALL_CHANGE_BYTES
            return change if is_small and not self._engine_changes(connection) else None

    def _change_in_place(self, base: Current, change: Change) -> Outcome:
        folder = self._folder / base.key
        with changing(folder) as pages, closing(connect_writing(folder / FILE_NAME)) as connection:
            since = state_of(folder, connection)
            outcome = self._write(folder, connection, change, since, in_parts=False)
            pages.update(pages_in_log(folder))
            checkpoint(connection)
        sweep(self._folder, base.key)
        return outcome

    def _base(self) -> Current | None:
        """Return the index in force where a new one can be made from it."""
        current = read_current(self._folder)
        if current is None:
            if (self._folder / CURRENT).exists():
                self._tell_of_damage()
            return None
        if current.depends != self._depends:
            self._notify("The index was built by another version of Jawab; it is built anew.")
            return None
        try:
            self._open(current).close()
        except DamagedIndexError:
            self._tell_of_damage()
            return None
        return current

    def _tell_of_damage(self) -> None:
        """Say that an index is damaged; it stays until there is another in its place."""
        self._notify("The index is damaged; it is built anew.")
        remove(self._folder / BUILDING)  # which may have been made from it

    def _build(self, base: Current | None, listed: Sequence[Listed]) -> Outcome:
        """Make a new index, from the one in force where there is one, and put it in force."""
        building = self._folder / BUILDING
        since = ""
        if base is not None:
            folder = self._folder / base.key
            with closing(connect(folder / FILE_NAME, sealed=base.sealed)) as connection:
                since = state_of(folder, connection)
        if not self._goes_on(building):
            remove(building)
            if base is None:
                building.mkdir()
            else:
                copy_index(self._folder / base.key, building)
        with closing(connect_writing(building / FILE_NAME, in_parts=True)) as connection:
            write_facts(connection, {"depends": json.dumps(self._depends)})
            change = compare(listed, read_files(connection))
            outcome = self._write(building, connection, change, since, in_parts=True)
            sealed = (building / FILE_NAME).stat().st_size <= _SEALED_BYTES
            complete(connection, sealed=sealed)
        if sealed:
            seal(building)
        sync_tree(building)
        key = secrets.token_hex(12)
        building.rename(self._folder / key)
        put_in_force(self._folder, Current(key, self._depends, sealed))
        if not sealed:
            with suppress(OSError):  # a disk that is full by now: the next who opens it does so
                note_sums(self._folder / key)
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
        outcome = writer.update(
            change, self._reader, self._progress, lambda: self._check_documents(connection)
        )
        return replace(outcome, changes=replace(outcome.changes, since=since))

    def _check_documents(self, connection: sqlite3.Connection) -> None:
        if not StoredCollection(connection).sizes.documents:
            skipped = read_skipped(connection)[:_MOST_NAMED]
            left_out = tuple(f"{path} is left out: {reason}" for path, reason in skipped)
            raise NoDocumentsError(self._documents, SUFFIXES, left_out)

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(self._home, error.strerror or str(error)) from error
        except sqlite3.Error as error:
            raise StoreError(self._home, str(error), is_in_use=is_in_use(error)) from error
