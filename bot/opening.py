"""Where the documents are and how they are indexed: what every door opens the index with."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cluster import cluster_of, settings_of
from index import Index, JawabError
from index.building import Progress
from index.current import default_home
from index.documents import Fields
from index.engines.pair import AUTO, CROSSING, ENGINES, QDRANT, RANK_BM25
from index.errors import FieldsError

if TYPE_CHECKING:
    from index.cluster.connection import Cluster

_REMOVED = "removed"
_HIDDEN = f".{_REMOVED}"


class OpeningError(JawabError):
    """A setting of how the index is opened cannot be used; ``str`` says which and what to do."""


@dataclass(frozen=True, slots=True)
class Opening:
    """How the index is opened.

    Attributes:
        documents: A folder of documents or a single one.
        home: The folder that indexes are kept in, or None for the user's cache folder.
        engine: The BM25 engine.
        fields: The names of the fields of archives, as the setting has them.
        lexicon: The user's own lexicon.
        morphology: A camel-tools database, by name or path.
        cluster: Where the engine is Qdrant, the cluster; the documents are not looked at then.
    """

    documents: Path
    home: Path | None = None
    engine: str = AUTO
    fields: str = ""
    lexicon: Path | None = None
    morphology: str | None = None
    cluster: Cluster | None = None

    @classmethod
    def from_environment(
        cls,
        documents: Path,
        home: Path | None,
        engine: str | None = None,
        *,
        local: bool = False,
    ) -> Opening:
        """Return how the environment says that the index of some documents is opened.

        Args:
            documents: A folder of documents or a single one.
            home: The folder that indexes are kept in.
            engine: The engine where the environment's is not wanted.
            local: Whether the index on this machine is meant, also where a cluster answers.

        Raises:
            OpeningError: There is no such engine, or the fields of archives are malformed.
            JawabError: The engine is Qdrant, and a setting of the cluster is missing or malformed.
        """
        named = checked_engine(engine or os.environ.get("JAWAB_ENGINE", ""))
        if local and named == QDRANT:
            named = AUTO
        lexicon = os.environ.get("JAWAB_LEXICON")
        return cls(
            documents,
            home,
            engine=named,
            fields=checked_fields(os.environ.get("JAWAB_FIELDS", "")),
            lexicon=Path(lexicon) if lexicon else None,
            morphology=os.environ.get("JAWAB_MORPHOLOGY") or None,
            cluster=cluster_of() if named == QDRANT else None,
        )

    def environment(self) -> dict[str, str]:
        """Return the environment in which another process opens the same index."""
        cluster = settings_of(self.cluster) if self.cluster else {}
        return cluster | {
            "JAWAB_DOCS": str(self.documents),
            "JAWAB_HOME": str(self.home or ""),
            "JAWAB_ENGINE": self.engine,
            "JAWAB_FIELDS": self.fields,
            "JAWAB_LEXICON": str(self.lexicon or ""),
            "JAWAB_MORPHOLOGY": self.morphology or "",
        }

    def open(
        self,
        notify: Callable[[str], None] = lambda _: None,
        progress: Progress = lambda *_: None,
        *,
        as_it_is: bool = False,
    ) -> Index:
        """Open the index, building it where that is needed; or open the cluster.

        Args:
            notify: Told in one line of each file that was left out and of an index built anew.
            progress: Told how the building goes.
            as_it_is: Whether the index in force will do, whatever the documents look like now.

        Raises:
            JawabError: It cannot be opened or built.
        """
        if self.cluster is not None:
            return _open_cluster(self.cluster, self.lexicon, self.morphology)
        return Index.open(
            self.documents,
            self.home,
            engine=self.engine,
            fields=self.archive_fields(),
            lexicon=self.lexicon,
            morphology=self.morphology,
            notify=notify,
            progress=progress,
            as_it_is=as_it_is,
        )

    def archive_fields(self) -> Fields:
        """Return the names of the fields of archives."""
        return Fields.parse(self.fields)

    def home_folder(self) -> Path:
        """Return the folder that indexes are kept in."""
        return default_home() if self.home is None else self.home

    def removed_folder(self) -> Path:
        """Return where the files of removed documents are kept, which is never indexed."""
        home, documents = self.home_folder().resolve(), self.documents.resolve()
        if not home.is_relative_to(documents):
            return self.home_folder() / _REMOVED
        return self.home_folder() / _HIDDEN


def _open_cluster(cluster: Cluster, lexicon: Path | None, morphology: str | None) -> Index:
    from index.cluster.reading import open_cluster  # noqa: PLC0415 - for those who use one
    from index.lexicon import Lexicon  # noqa: PLC0415
    from index.morphology import Morphology  # noqa: PLC0415

    database = Morphology.open(morphology) if morphology else None
    return open_cluster(cluster, Lexicon.load(lexicon), database)


def checked_engine(engine: str) -> str:
    """Return the engine that a setting names.

    Raises:
        OpeningError: There is none of that name.
    """
    named = engine.strip().lower().replace("-", "_") or AUTO
    if named not in {*ENGINES, QDRANT}:
        raise OpeningError(
            f"There is no engine {engine.strip()!r}; "
            f"JAWAB_ENGINE and --engine must be {', '.join(ENGINES)} or {QDRANT}."
        )
    return named


def described_engine(engine: str, wanted: str, sentences: int) -> str:
    """Return an engine with why it is that one.

    Args:
        engine: The engine in use.
        wanted: The setting.
        sentences: How many sentences there are.
    """
    if wanted != AUTO:
        return f"{engine} (as set)"
    if sentences >= CROSSING:
        why = f"{CROSSING:,} sentences or more"
    elif engine == RANK_BM25:
        why = f"fewer than {CROSSING:,} sentences"
    else:
        why = "what the index was built for"
    return f"{engine} (auto: {why})"


def checked_fields(fields: str) -> str:
    """Return the setting of the fields of archives as it is, where it can be read.

    Raises:
        OpeningError: It cannot.
    """
    try:
        Fields.parse(fields)
    except FieldsError as error:
        raise OpeningError(f"JAWAB_FIELDS cannot be used: {error}") from error
    return fields
