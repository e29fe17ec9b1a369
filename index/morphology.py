"""Lemmas and roots of words, looked up in a morphological database of camel-tools.

A stem is guessed from a word's letters; a lemma is known, so that a broken plural (رؤساء) meets
its singular (رئيس), and a root brings a verb (زار) to its noun (زيارة). The database is the user's
to install. Importing camel-tools' morphology costs over half a second, so that only
``Morphology.open`` imports it.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from index.arabic import normalise
from index.errors import JawabError

LEMMA_PREFIX = "="
ROOT_PREFIX = "√"
_MOST_LEMMAS = 3

# What camel-tools itself looks at: its data folder, and the places of its catalogue and databases
# in there.
_DATA_VARIABLE = "CAMELTOOLS_DATA"
_CATALOGUE = "catalogue.json"
_EMPTY_CATALOGUE = '{"version": "", "packages": {}, "components": {}}'
_DATABASES = "data/morphology_db"
_DATABASE_FILE = "morphology.db"
_DATABASE_SUFFIX = ".db"

_ARABIC = re.compile("[ء-غف-يپچڤگ]+")
# Radicals with dots between them, # for a weak one; the rest (NTWS, FOREIGN …) are no roots.
_ROOT = re.compile(r"[ء-ي#](?:\.[ء-ي#])+")
_LIKELIHOODS = ("pos_lex_logprob", "lex_logprob")  # the order of camel-tools' own disambiguator
_UNSEEN = -99.0

_importing = threading.Lock()


class MorphologyError(JawabError):
    """The morphological database cannot be used."""

    def __init__(
        self,
        database: str,
        reason: str,
        way_out: str = (
            "install one with `camel_data -i morphology-db-msa-r13` or give the path of a .db file"
        ),
    ) -> None:
        super().__init__(
            f"The morphological database {database} cannot be used ({reason}); {way_out}."
        )


class Morphology:
    """A morphological database, asked word by word.

    Attributes:
        name: The database's name and a digest of its file; terms of one name can be mixed.
    """

    def __init__(self, name: str, analyzer: Any) -> None:
        self.name = name
        self._analyzer = analyzer
        self._terms = lru_cache(maxsize=65_536)(self._look_up)

    @classmethod
    def open(cls, database: str) -> Morphology:
        """Open a database.

        Args:
            database: The name of an installed one (``calima-msa-r13``, or short ``msa-r13`` or
                ``r13``) or the path of a ``.db`` file.

        Raises:
            MorphologyError: The database is missing or is none, or camel-tools is incomplete.
        """
        name, path = _locate(database)
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except (OSError, ValueError) as error:
            raise MorphologyError(
                database, getattr(error, "strerror", None) or str(error)
            ) from None
        return cls(f"{name} {digest[:16]}", _open_analyzer(database, path))

    def terms(self, word: str) -> tuple[str, ...]:
        """Return the lemmas of a normalised word, prefixed with ``=``, and its roots, with ``√``.

        Only the most likely analyses count. Where the database does not know which those are, the
        first three lemmas do. A word that is not in the database has none.

        Raises:
            MorphologyError: The tables of the database contradict each other.
        """
        return self._terms(word)

    def _look_up(self, word: str) -> tuple[str, ...]:
        # camel-tools gives digits and Latin letters defaults that a database need not have.
        if not _ARABIC.fullmatch(word):
            return ()
        try:
            analyses = [
                (_likelihood(analysis), analysis) for analysis in self._analyzer.analyze(word)
            ]
        except (LookupError, TypeError, ValueError) as error:
            reason = f"its entries for {word} do not fit together: {error!r}"
            raise MorphologyError(self.name, reason) from None
        most = max((likelihood for likelihood, _ in analyses), default=())
        lemmas: dict[str, None] = {}
        roots: dict[str, None] = {}
        for likelihood, analysis in analyses:
            lemma = normalise(analysis["lex"])
            if likelihood < most or (lemma not in lemmas and len(lemmas) == _MOST_LEMMAS):
                continue
            lemmas[lemma] = None
            root = analysis.get("root", "")
            if _ROOT.fullmatch(root):
                roots[normalise(root.replace(".", ""))] = None
        return (
            *(LEMMA_PREFIX + lemma for lemma in lemmas),
            *(ROOT_PREFIX + root for root in roots),
        )


def installed() -> list[str]:
    """Return the names of the databases that ``camel_data`` has installed, without opening them."""
    try:
        files = list((_data_folder() / _DATABASES).glob(f"*/{_DATABASE_FILE}"))
        return sorted(file.parent.name for file in files if file.is_file())
    except (OSError, RuntimeError):  # a folder that may not be read, a user without a home
        return []


def _locate(database: str) -> tuple[str, Path]:
    """Return the name and the file of a database."""
    path = Path(database)
    if path.suffix == _DATABASE_SUFFIX or path.name != database:
        return path.name, path
    names = installed()
    for name in (database, f"calima-{database}", f"calima-msa-{database}"):
        if name in names:
            return name, _data_folder() / _DATABASES / name / _DATABASE_FILE
    raise MorphologyError(database, "it is not installed")


def _data_folder() -> Path:
    """Return camel-tools' data folder; camel-tools says where it is only once it is imported."""
    folder = os.environ.get(_DATA_VARIABLE)
    if folder is not None:
        return Path(folder).expanduser().absolute()
    if sys.platform == "win32":
        return Path.home() / "AppData/Roaming/camel_tools"
    return Path.home() / ".camel_tools"


def _open_analyzer(database: str, path: Path) -> Any:
    try:
        with _importing, _without_download():
            from camel_tools.morphology.analyzer import Analyzer  # noqa: PLC0415
            from camel_tools.morphology.database import MorphologyDB  # noqa: PLC0415
    except ImportError as error:
        reason = f"camel-tools cannot be imported: {error}"
        raise MorphologyError(database, reason, "run `uv sync`") from None
    except Exception as error:  # noqa: BLE001 - a catalogue that is broken, no home to write to …
        reason = f"camel-tools cannot be imported: {type(error).__name__}: {error}"
        raise MorphologyError(database, reason, "see what `camel_data --list` says") from None

    try:
        entries = MorphologyDB(str(path))
    except Exception:  # noqa: BLE001 - each wrong line fails the parser in a way of its own
        raise MorphologyError(database, "it is not in camel-tools' format") from None
    if not (entries.stem_hash and entries.prefix_suffix_compat):  # empty or cut off
        raise MorphologyError(database, "it is not a whole database of camel-tools")

    # The analyzer brings words to the spelling of the database's keys, where ا, ي and ه already
    # stand for أ, ى and ة. Normalised words also have no hamza on و and ي (رييس, روساء), which no
    # map from words to keys can put back: so the keys lose theirs.
    for forms in (entries.prefix_hash, entries.stem_hash, entries.suffix_hash):
        folded: dict[str, list[Any]] = {}
        for form, analyses in forms.items():
            folded.setdefault(normalise(form), []).extend(analyses)
        forms.clear()
        forms.update(folded)
    return Analyzer(entries)


@contextmanager
def _without_download() -> Iterator[None]:
    """Keep camel-tools off the network while it is imported.

    ``camel_tools.morphology.database`` imports ``camel_tools.data``, which loads the catalogue of
    all data packages as it is imported, and downloads it where the data folder has none. Only
    databases asked for by name need a catalogue, and those are found without one here. So where
    there is none, camel-tools gets a data folder with an empty one for as long as it is imported.
    """
    if (_data_folder() / _CATALOGUE).is_file():
        yield
        return
    before = os.environ.get(_DATA_VARIABLE)
    with TemporaryDirectory() as folder:
        Path(folder, _CATALOGUE).write_text(_EMPTY_CATALOGUE, encoding="utf-8")
        os.environ[_DATA_VARIABLE] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ[_DATA_VARIABLE]
            else:
                os.environ[_DATA_VARIABLE] = before


def _likelihood(analysis: Mapping[str, Any]) -> tuple[float, ...]:
    return tuple(float(analysis.get(field, _UNSEEN)) for field in _LIKELIHOODS)
