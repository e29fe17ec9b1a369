"""An index as it is open: what answers from it, and what it was opened from.

``index.api`` makes of it what users of the package see.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from index.answering import Answerer
from index.building import Changes
from index.checksums import check_sums
from index.collection import Collection
from index.database import FILE_NAME, connect, is_damage, read_facts, read_skipped
from index.documents import Skipped
from index.engines.pair import RANK_BM25, open_engines
from index.errors import DamagedIndexError
from index.in_use import InUse
from index.lexicon import Lexicon
from index.model import Answer
from index.morphology import Morphology
from index.ranking import Ranker
from index.sealing import check_seal, is_sealed
from index.stored_collection import StoredCollection

_DAMAGED = "damaged"
_TRIES = 5


@dataclass(frozen=True, slots=True)
class OpenIndex:
    """An open index, as it stood when it was opened.

    Attributes:
        collection: The documents with their passages and sentences.
        skipped: The files that were left out.
        engine: The name of the BM25 engine.
        folder: Where it stands on disk.
        built: Whether it was built or changed by this call.
        changes: What this call changed, or None where nothing had to be done.
        answerer: What answers from it.
        connection: Its database.
        in_use: Who is asking it.
    """

    collection: Collection
    skipped: tuple[Skipped, ...]
    engine: str
    folder: Path
    built: bool
    answerer: Answerer
    connection: sqlite3.Connection
    changes: Changes | None = None
    in_use: InUse = field(default_factory=InUse)

    @property
    def state(self) -> str:
        """What tells this state of the index from every earlier and later one."""
        return state_of(self.folder, self.connection)

    def ask(self, question: str, top: int = 3, marked: int | None = None) -> Answer:
        """Return what the documents say to a question, with at most ``top`` sentences.

        Args:
            question: The question.
            top: How many sentences to return at most.
            marked: In how many of them to look for a short answer, at least in the first five; in
                all if not given.

        Raises:
            QuestionError: The question holds no word.
            ClosedIndexError: The index was closed.
            DamagedIndexError: A file of the index is damaged; the next opening builds it anew.
        """
        with self.reading():
            return self.answerer.ask(question, top, marked)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read from the index; what is found damaged is marked, so that it is not opened again.

        Raises:
            ClosedIndexError: The index was closed.
            DamagedIndexError: A file of the index is damaged.
        """
        try:
            with self.in_use.using():
                yield
        except (sqlite3.Error, DamagedIndexError, LookupError, ValueError, TypeError) as error:
            if _tells_of_damage(error, self.folder):
                with suppress(OSError):
                    (self.folder / _DAMAGED).touch()
            elif not isinstance(error, sqlite3.Error):
                raise
            raise DamagedIndexError(
                f"The index is damaged ({error}); ask again, and it is built anew."
            ) from error

    @property
    def closed(self) -> bool:
        """Whether it was closed, so that nothing can be asked any more."""
        return self.in_use.closed

    @property
    def terms(self) -> int:
        """How many different terms the sentences hold."""
        return self.answerer.ranker.engines.sentences.vocabulary_size

    @property
    def disk_bytes(self) -> int:
        """How many bytes the index takes on disk."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    def close(self) -> None:
        """Let go of the files, when those who are asking have their answers."""
        self.in_use.close()
        self.answerer.ranker.engines.close()
        self.connection.close()


def open_folder(
    folder: Path,
    *,
    sealed: bool,
    wanted: str,
    lexicon: Lexicon,
    morphology: Morphology | None,
    changes: Changes | None = None,
) -> OpenIndex:
    """Open the index in a folder.

    Args:
        folder: The folder.
        sealed: Whether nobody writes to it.
        wanted: The BM25 engine, one of ``index.engines.pair.ENGINES``.
        lexicon: What may stand for the words of a question.
        morphology: What gives lemmas and roots, as when the index was built.
        changes: What has just been changed in it, if anything was.

    Raises:
        DamagedIndexError: A file is missing or does not hold what it should.
    """
    if (folder / _DAMAGED).exists():
        raise DamagedIndexError(f"{folder.name} was found damaged")
    if sealed:
        check_seal(folder)
    for _ in range(_TRIES):
        connection = connect(folder / FILE_NAME, sealed=sealed)
        try:
            # rank-bm25 can be had of every index.
            engine = RANK_BM25 if wanted == RANK_BM25 else read_facts(connection)["engine"]
            engines = open_engines(folder, connection, engine)
            if sealed or _is_current(folder, connection):
                collection = StoredCollection(connection)
                ranker = Ranker(collection, engines, lexicon, morphology)
                return OpenIndex(
                    collection=collection,
                    skipped=tuple(Skipped(*row) for row in read_skipped(connection)),
                    engine=engine,
                    folder=folder,
                    built=changes is not None and (bool(changes) or not changes.since),
                    answerer=Answerer(ranker),
                    connection=connection,
                    changes=changes,
                )
            engines.close()
        except (sqlite3.Error, ValueError, LookupError, TypeError) as error:
            connection.close()
            raise DamagedIndexError(f"{folder.name} cannot be read: {error}") from error
        except BaseException:
            connection.close()
            raise
        connection.close()
    raise DamagedIndexError(f"{folder.name} changes without end")


def state_of(folder: Path, connection: sqlite3.Connection) -> str:
    """Return what tells this state of an index from every earlier and later one."""
    return f"{folder.name}:{read_facts(connection)['changes']}"


def _tells_of_damage(error: Exception, folder: Path) -> bool:
    """Tell whether an error of a question comes of what the files of an index hold."""
    if isinstance(error, sqlite3.Error):
        return is_damage(error)
    if isinstance(error, DamagedIndexError | KeyError):
        return True
    try:  # damage may look like any mistake of the code
        if is_sealed(folder):
            check_seal(folder)
        else:
            check_sums(folder, whole=True)
    except DamagedIndexError:
        return True
    return False


def _is_current(folder: Path, connection: sqlite3.Connection) -> bool:
    """Tell whether nothing was written since a database was opened.

    What else was opened after it then belongs to what it holds.
    """
    with closing(connect(folder / FILE_NAME, sealed=False)) as now:
        return read_facts(now)["changes"] == read_facts(connection)["changes"]
