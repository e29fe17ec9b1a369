"""How an index stands on disk, seen without changing anything."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.collection import Sizes
from index.current import BUILDING, CURRENT, index_folder, read_current
from index.database import read_files
from index.depends import depends_on
from index.documents import Fields, Skipped
from index.engines.pair import RANK_BM25, engine_for
from index.errors import DamagedIndexError
from index.lexicon import Lexicon
from index.listing import Listed, compare
from index.morphology import Morphology
from index.opened import open_folder
from index.reading import Reader


@dataclass(frozen=True, slots=True)
class Contents:
    """What an index in force holds.

    Attributes:
        sizes: How much.
        engine: The BM25 engine it answers with.
        next_engine: The one that it has once it is opened.
        skipped: The files that were left out.
        stale: How many files have come, changed or gone since.
        disk_bytes: What it takes on disk.
    """

    sizes: Sizes
    engine: str
    next_engine: str
    skipped: tuple[Skipped, ...]
    stale: int
    disk_bytes: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How the index of a documents folder stands.

    Attributes:
        exists: Whether one is in force.
        fits: Whether it was built by this version of Jawab, with these settings.
        damage: Why it cannot be opened; empty where it can be.
        age: Seconds since it was put in force.
        is_begun: Whether the building of one has been begun and not ended.
        contents: What it holds, where it can be opened.
    """

    exists: bool
    fits: bool = False
    damage: str = ""
    age: float = 0.0
    is_begun: bool = False
    contents: Contents | None = None


def look_at(
    documents: Path,
    home: Path,
    listed: Sequence[Listed],
    *,
    engine: str,
    fields: Fields,
    morphology: str | None,
) -> Standing:
    """Return how the index of some documents stands.

    Args:
        documents: A folder of documents or a single one.
        home: The folder that indexes are kept in.
        listed: The files that there are.
        engine: The BM25 engine, one of ``index.engines.pair.ENGINES``.
        fields: The names of the fields of archives.
        morphology: A camel-tools database, by name or path.

    Raises:
        MorphologyError: The database cannot be used.
    """
    folder = index_folder(documents, home)
    is_begun = (folder / BUILDING).is_dir()
    current = read_current(folder)
    if current is None:
        return Standing(exists=False, is_begun=is_begun)
    opened = Morphology.open(morphology) if morphology else None
    fits = current.depends == depends_on(Reader(fields, morphology), opened)
    age = max(0.0, time.time() - (folder / CURRENT).stat().st_mtime)
    standing = Standing(exists=True, fits=fits, age=age, is_begun=is_begun)
    if not fits:
        return standing
    try:
        contents = _contents(folder / current.key, listed, sealed=current.sealed, engine=engine)
    except DamagedIndexError as error:
        return replace(standing, damage=str(error))
    return replace(standing, contents=contents)


def _contents(folder: Path, listed: Sequence[Listed], *, sealed: bool, engine: str) -> Contents:
    index = open_folder(
        folder, sealed=sealed, wanted=engine, lexicon=Lexicon.load(None), morphology=None
    )
    try:
        with index.reading():
            known = read_files(index.connection)
            change = compare(listed, known)
            # Files of the last two seconds are read again, though they may well be the same.
            new = [one for one in change.read if one.size != known.get(one.name, (-1, 0))[0]]
            stale = [one for one in change.read if one.modified >= 0 or one in new]
            sizes = index.collection.sizes
            wanted = engine_for(engine, index.engine, sizes.sentences)
            return Contents(
                sizes=sizes,
                engine=index.engine,
                next_engine=index.engine if wanted == RANK_BM25 else wanted,
                skipped=index.skipped,
                stale=len(stale) + len(change.gone),
                disk_bytes=index.disk_bytes,
            )
    finally:
        index.close()
