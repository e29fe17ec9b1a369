"""The index on disk: build, open, check, swap.

Under the home folder every documents folder has a folder of its own, named after its path::

    <home>/<documents>/current.json   which index is in force, and the files it was read from
    <home>/<documents>/<key>/         an index: collection.json, sentences/, passages/, seal.json
    <home>/<documents>/building-…/    an index that is being written

An index is written to a ``building-`` folder and renamed, and ``current.json`` is replaced last, so
a crash at any moment leaves the index as it was. The key is a digest of the documents' content and
of everything else that the index depends on.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from index.answering import Answerer
from index.documents import Reading, Skipped, display_path, find_files, read_documents
from index.engines.rank_bm25 import RankBM25Engine
from index.errors import DamagedIndexError, StoreError
from index.lexicon import Lexicon
from index.model import Answer, Collection, Document, Passage, Sentence, Span
from index.morphology import Morphology
from index.ranking import (
    PASSAGE_PARAMETERS,
    SENTENCE_PARAMETERS,
    Ranker,
    passage_terms,
    sentence_terms,
)
from index.segments import segment
from index.version import VERSION

FORMAT = 1
"""Raised whenever an index written before could not be read, or would not be the same."""

_ANALYSIS = tuple(
    f"{name}.py"
    for name in (
        "arabic dates documents furniture morphology places quantities ranking segments "
        "sentences signs"
    ).split()
)
_CURRENT = "current.json"
_COLLECTION = "collection.json"
_SEAL = "seal.json"
_BUILDING = "building-"
_ABANDONED_SECONDS = 3600
# A file that was written this shortly before it was read may be written again unnoticed, with the
# same size and time.
_RACY_NANOSECONDS = 2_000_000_000

Notify = Callable[[str], None]
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Index:
    """An open index.

    Attributes:
        collection: The documents with their passages and sentences.
        skipped: The files that were left out.
        terms: How many different terms the sentences hold.
        folder: Where it stands on disk.
        built: Whether it was built by this call.
    """

    collection: Collection
    skipped: tuple[Skipped, ...]
    terms: int
    folder: Path
    built: bool
    answerer: Answerer

    def ask(self, question: str, top: int = 3, marked: int | None = None) -> Answer:
        """Return what the documents say to a question, with at most ``top`` sentences.

        Args:
            question: The question.
            top: How many sentences to return at most.
            marked: In how many of them to look for a short answer, at least in the first five; in
                all if not given.

        Raises:
            QuestionError: The question holds no word.
        """
        return self.answerer.ask(question, top, marked)

    def sentence_counts(self) -> list[tuple[Document, int]]:
        """Return each document with how many sentences it has."""
        counts = Counter(sentence.document for sentence in self.collection.sentences)
        return [(document, counts[n]) for n, document in enumerate(self.collection.documents)]

    @property
    def disk_bytes(self) -> int:
        """How many bytes the index takes on disk."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())


def default_home() -> Path:
    """Return where indexes are kept unless JAWAB_HOME says otherwise: the user's cache folder."""
    from platformdirs import user_cache_path  # noqa: PLC0415 - 50 ms that a set home saves

    return user_cache_path("jawab", appauthor=False)


def open_index(
    documents: Path,
    home: Path | None = None,
    *,
    lexicon: Path | None = None,
    morphology: str | None = None,
    notify: Notify = lambda _: None,
    progress: Progress = lambda *_: None,
) -> Index:
    """Open the index of a documents folder, building it where it is missing or out of date.

    Args:
        documents: A folder of documents or a single one.
        home: The folder that indexes are kept in; ``default_home()`` if none is given.
        lexicon: The user's own lexicon, beside the built-in one.
        morphology: A camel-tools database, by name or path, for lemmas and roots beside stems.
        notify: Told in one line of each file that was left out and of an index built anew.
        progress: Told how the building goes.

    Raises:
        DocumentsError: There is nothing to read at ``documents``.
        LexiconError: The user's lexicon cannot be used.
        MorphologyError: The database cannot be used.
        StoreError: The index cannot be written.
    """
    home = default_home() if home is None else home
    opened = Morphology.open(morphology) if morphology else None
    store = _Store(home, documents, Lexicon.load(lexicon), opened)
    signature = _signature(documents)
    index = store.open_current(signature, notify)
    if index is not None:
        return index
    reading = read_documents(documents)
    for skipped in reading.skipped:
        notify(f"{skipped.path} is left out: {skipped.reason}.")
    return store.open_or_build(reading, signature, notify, progress)


def _signature(documents: Path) -> list[list[Any]]:
    """Return name, size and time of each file: what tells cheaply that nothing has changed."""
    signature: list[list[Any]] = []
    now = time.time_ns()
    for path in find_files(documents):
        try:
            status = path.stat()
        except OSError:
            signature.append([display_path(documents, path), -1, -1])
            continue
        racy = now - status.st_mtime_ns < _RACY_NANOSECONDS
        signature.append(
            [display_path(documents, path), status.st_size, -1 if racy else status.st_mtime_ns]
        )
    return signature


class _Store:
    """The folder of one documents folder under the home."""

    def __init__(
        self, home: Path, documents: Path, lexicon: Lexicon, morphology: Morphology | None
    ) -> None:
        self._home = home
        self._lexicon = lexicon
        self._morphology = morphology
        name = str(documents.resolve()).encode("utf-8", "surrogatepass")
        self._folder = home / hashlib.sha256(name).hexdigest()[:16]

    def open_current(self, signature: list[list[Any]], notify: Notify) -> Index | None:
        """Open the index in force where it was read from files with this signature."""
        try:
            current = json.loads((self._folder / _CURRENT).read_text("ascii"))
            if current["depends"] != _depends(self._morphology):
                notify("The index was built by another version of Jawab; it is built anew.")
            elif current["files"] == signature and all(row[2] >= 0 for row in signature):
                return self._open(str(current["key"]), notify)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return None

    def open_or_build(
        self, reading: Reading, signature: list[list[Any]], notify: Notify, progress: Progress
    ) -> Index:
        """Open the index of what was read, or build it, and put it in force."""
        key = _key(reading, _depends(self._morphology))
        with self._writing():
            self._folder.mkdir(parents=True, exist_ok=True)
            index = self._open(key, notify)
            if index is None:
                if self._changed(key):
                    notify("The documents have changed; their index is brought up to date.")
                index = self._build(key, reading, progress)
            self._put_in_force(key, signature)
        return index

    def _changed(self, key: str) -> bool:
        """Tell whether an index of other documents is in force."""
        try:
            current = json.loads((self._folder / _CURRENT).read_text("ascii"))
            return bool(current["depends"] == _depends(self._morphology) and current["key"] != key)
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def _open(self, key: str, notify: Notify) -> Index | None:
        if not (self._folder / key).is_dir():
            return None
        try:
            return _open(self._folder / key, self._lexicon, self._morphology)
        except DamagedIndexError:
            notify("The index is damaged; it is built anew.")
            shutil.rmtree(self._folder / key, ignore_errors=True)
            return None

    def _build(self, key: str, reading: Reading, progress: Progress) -> Index:
        building = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=self._folder))
        try:
            collection = segment(reading.documents)
            sentences, passages = _engines(collection, self._morphology, progress)
            _write(building, collection, reading.skipped, sentences, passages)
            try:
                building.rename(self._folder / key)
            except OSError:
                # Another process built the same index meanwhile, or the rename itself failed.
                if not (self._folder / key / _SEAL).exists():
                    raise
        finally:
            shutil.rmtree(building, ignore_errors=True)
        return Index(
            collection=collection,
            skipped=reading.skipped,
            terms=sentences.vocabulary_size,
            folder=self._folder / key,
            built=True,
            answerer=Answerer(
                Ranker(collection, sentences, passages, self._lexicon, self._morphology)
            ),
        )

    def _put_in_force(self, key: str, signature: list[list[Any]]) -> None:
        current = {"key": key, "depends": _depends(self._morphology), "files": signature}
        handle, name = tempfile.mkstemp(prefix=_BUILDING, dir=self._folder)
        written = Path(name)
        try:
            with open(handle, "w", encoding="ascii") as file:  # noqa: PTH123 - a handle, not a path
                json.dump(current, file)
            written.replace(self._folder / _CURRENT)
        finally:
            written.unlink(missing_ok=True)
        self._sweep(key)

    def _sweep(self, key: str) -> None:
        """Remove the indexes that are no longer in force, and what a crash left behind."""
        now = time.time()
        for path in self._folder.iterdir():
            if path.name in {key, _CURRENT}:
                continue
            try:
                fresh = now - path.stat().st_mtime < _ABANDONED_SECONDS
            except FileNotFoundError:
                continue
            if path.is_dir() and not (fresh and path.name.startswith(_BUILDING)):
                _remove(path)
            elif path.is_file() and not fresh:
                path.unlink(missing_ok=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(self._home, error.strerror or str(error)) from error


def _remove(folder: Path) -> None:
    """Remove an index's folder so that a crash amid it leaves nothing that looks like an index."""
    doomed = folder
    if not folder.name.startswith(_BUILDING):
        doomed = folder.with_name(_BUILDING + folder.name)
        shutil.rmtree(doomed, ignore_errors=True)
        with suppress(OSError):
            folder.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def _depends(morphology: Morphology | None) -> list[Any]:
    """Return what an index depends on besides the documents.

    The code that cuts texts into sentences and terms is part of it: whoever changes that need not
    remember to raise a number.
    """
    parameters = [asdict(SENTENCE_PARAMETERS), asdict(PASSAGE_PARAMETERS)]
    analysis = hashlib.sha256()
    for module in _ANALYSIS:
        analysis.update(Path(__file__).with_name(module).read_bytes())
    forms = morphology.name if morphology else None
    code = analysis.hexdigest()[:16]
    return [FORMAT, VERSION, code, RankBM25Engine.__name__, parameters, forms]


def _key(reading: Reading, depends: list[Any]) -> str:
    digest = hashlib.sha256(json.dumps(depends).encode())
    for document in reading.documents:
        digest.update(json.dumps([document.path, document.id]).encode())
    for skipped in reading.skipped:
        digest.update(json.dumps([skipped.path, skipped.reason]).encode())
    return digest.hexdigest()[:24]


def _engines(
    collection: Collection, morphology: Morphology | None, progress: Progress
) -> tuple[RankBM25Engine, RankBM25Engine]:
    of_sentences = []
    total = len(collection.sentences)
    for done, bag in enumerate(sentence_terms(collection, morphology), start=1):
        of_sentences.append(bag)
        progress("sentences", done, total)
    of_passages = passage_terms(collection, of_sentences)
    return (
        RankBM25Engine.build(of_sentences, SENTENCE_PARAMETERS),
        RankBM25Engine.build(of_passages, PASSAGE_PARAMETERS),
    )


def _write(
    folder: Path,
    collection: Collection,
    skipped: tuple[Skipped, ...],
    sentences: RankBM25Engine,
    passages: RankBM25Engine,
) -> None:
    data = {
        "documents": [asdict(document) for document in collection.documents],
        "passages": [[p.document, p.span.start, p.span.end] for p in collection.passages],
        "sentences": [
            [s.document, s.passage, s.span.start, s.span.end, s.label, s.signs]
            for s in collection.sentences
        ],
        "skipped": [asdict(file) for file in skipped],
    }
    (folder / _COLLECTION).write_text(
        json.dumps(data, default=date.isoformat, separators=(",", ":")), "ascii"
    )
    for name, engine in (("sentences", sentences), ("passages", passages)):
        (folder / name).mkdir()
        engine.save(folder / name)
    seal = json.dumps(_digests(folder), indent=1)
    (folder / _SEAL).write_text(seal, "utf-8")


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != _SEAL
    }


def _open(folder: Path, lexicon: Lexicon, morphology: Morphology | None) -> Index:
    try:
        if json.loads((folder / _SEAL).read_text("utf-8")) != _digests(folder):
            raise DamagedIndexError(f"{folder.name} does not match its seal")
        data = json.loads((folder / _COLLECTION).read_text("ascii"))
        collection = Collection(
            tuple(_document(row) for row in data["documents"]),
            tuple(Passage(d, Span(start, end)) for d, start, end in data["passages"]),
            tuple(
                Sentence(d, p, Span(start, end), label, signs)
                for d, p, start, end, label, signs in data["sentences"]
            ),
        )
        skipped = tuple(Skipped(**row) for row in data["skipped"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedIndexError(f"{folder.name} cannot be read: {error}") from error
    sentences = RankBM25Engine.open(folder / "sentences", SENTENCE_PARAMETERS)
    passages = RankBM25Engine.open(folder / "passages", PASSAGE_PARAMETERS)
    return Index(
        collection=collection,
        skipped=skipped,
        terms=sentences.vocabulary_size,
        folder=folder,
        built=False,
        answerer=Answerer(Ranker(collection, sentences, passages, lexicon, morphology)),
    )


def _document(row: dict[str, Any]) -> Document:
    return Document(
        **row
        | {
            "published": date.fromisoformat(row["published"]) if row["published"] else None,
            "published_span": Span(**row["published_span"]) if row["published_span"] else None,
            "body": tuple(Span(**span) for span in row["body"]),
        }
    )
